//! What matching by probability learned, as an entity: one row, so that each snapshot has the model that made it.

use std::sync::Arc;

use datafusion::arrow::array::{AsArray, RecordBatch, StringArray};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion::arrow::error::ArrowError;
use lake::View;
use unify::definition::UNIFICATION_MODEL;
use unify::probabilistic::Learned;

use super::reader::Published;
use super::source::at;
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
    if published.made_by.unification.match_.probabilistic.is_none() {
        return Ok(None);
    }
    let Some(text) = written(&published.view).await? else { return Ok(None) };
    Ok(Some(serde_json::from_str(&text).map_err(|_| UnificationError::Outdated)?))
}

/// The model of a snapshot, for the next run; none where there is none that this version reads.
pub(crate) async fn last(view: &View) -> lake::Result<Option<Learned>> {
    Ok(written(view).await?.and_then(|text| serde_json::from_str(&text).ok()))
}

async fn written(view: &View) -> lake::Result<Option<String>> {
    let there = view.schema(UNIFICATION_MODEL).is_some_and(|schema| schema.column_with_name(MODEL).is_some());
    if !there {
        return Ok(None);
    }
    let batches = view.collect(UNIFICATION_MODEL, Some(&[MODEL])).await?;
    let Some(batch) = batches.iter().find(|batch| batch.num_rows() > 0) else { return Ok(None) };
    let Some(array) = batch.column_by_name(MODEL) else { return Ok(None) };
    let text = cast(array, &DataType::Utf8).map_err(|error| lake::LakeError::Query(error.into()))?;
    Ok(at(text.as_string::<i32>(), 0))
}
