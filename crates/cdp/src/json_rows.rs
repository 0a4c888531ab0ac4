//! Rows as JSON objects, for people and programs that look at some of them.

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::json::writer::{JsonArray, WriterBuilder};
use datafusion::common::Column;
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::Expr;
use datafusion::prelude::DataFrame;
use serde_json::{Map, Value};

/// All rows as JSON objects, missing values written as null.
///
/// # Errors
/// The query fails, or has values that JSON cannot hold.
pub(crate) async fn collected(rows: DataFrame) -> Result<Vec<Map<String, Value>>> {
    json(&rows.collect().await?)
}

fn json(batches: &[RecordBatch]) -> Result<Vec<Map<String, Value>>> {
    let mut written = Vec::new();
    let mut writer = WriterBuilder::new().with_explicit_nulls(true).build::<_, JsonArray>(&mut written);
    for batch in batches {
        writer.write(batch)?;
    }
    writer.finish()?;
    if written.is_empty() {
        return Ok(Vec::new());
    }
    serde_json::from_slice(&written).map_err(|error| DataFusionError::External(Box::new(error)))
}

/// A column by exactly this name.
pub(crate) fn column(name: &str) -> Expr {
    Expr::Column(Column::new_unqualified(name))
}
