//! What matching by probability learned, as an entity: one row, so that each snapshot has the model that made it.

use std::sync::Arc;

use datafusion::arrow::array::{RecordBatch, StringArray};
use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion::arrow::error::ArrowError;
use unify::definition::UNIFICATION_MODEL;
use unify::probabilistic::Learned;

use super::reader::Published;
use super::source::{at, text};
use super::{Result, UnificationError};

/// The only attribute: the model as JSON.
const MODEL: &str = "Model";

/// The entity that holds a model.
///
/// # Errors
/// When the model cannot be written as text, or is too large for one value.
pub(crate) fn table(learned: &Learned) -> lake::Result<(SchemaRef, RecordBatch)> {
    let schema = Arc::new(Schema::new(vec![Field::new(MODEL, DataType::Utf8, false)]));
    let wrong = |error: ArrowError| lake::LakeError::Query(error.into());
    let text = serde_json::to_string(learned);
    let text = text.map_err(|error| wrong(ArrowError::JsonError(error.to_string())))?;
    let batch = RecordBatch::try_new(Arc::clone(&schema), vec![Arc::new(StringArray::from(vec![text]))]);
    Ok((schema, batch.map_err(wrong)?))
}

/// The model of a published unification; none without matching by probability.
pub(super) async fn read(published: &Published) -> Result<Option<Learned>> {
    let asked = published.made_by.unification.match_.probabilistic.is_some();
    if !asked || published.view.schema(UNIFICATION_MODEL).is_none() {
        return Ok(None);
    }
    let batches = published.view.collect(UNIFICATION_MODEL, None).await?;
    let Some(batch) = batches.iter().find(|batch| batch.num_rows() > 0) else { return Ok(None) };
    let text = at(&text(batch, MODEL)?, 0).unwrap_or_default();
    Ok(Some(serde_json::from_str(&text).map_err(|_| UnificationError::Outdated)?))
}
