//! The rows of an entity that belong to one customer, as JSON objects.

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::json::writer::{JsonArray, WriterBuilder};
use datafusion::common::{Column, TableReference};
use datafusion::logical_expr::{Expr, lit};
use datafusion::prelude::{DataFrame, SessionContext};
use serde_json::{Map, Value};

use super::{CustomerError, Result};
use crate::relationships::CUSTOMER_ID;

/// The rows of an entity with this customer.
pub(super) async fn of_customer(session: &SessionContext, entity: &str, id: &str) -> Result<DataFrame> {
    let table = session.table(TableReference::bare(entity)).await?;
    Ok(table.filter(column(CUSTOMER_ID).eq(lit(id)))?)
}

/// All rows as JSON objects, missing values written as null.
pub(super) async fn collected(rows: DataFrame) -> Result<Vec<Map<String, Value>>> {
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
    serde_json::from_slice(&written).map_err(|error| CustomerError::Unreadable(error.to_string()))
}

pub(super) fn column(name: &str) -> Expr {
    Expr::Column(Column::new_unqualified(name))
}
