//! `Customer_Measure`: one row per customer, one column per customer attribute measure.

use super::error::MeasureError;
use crate::conditions::Kind;
use crate::definitions::CUSTOMER;
use crate::relationships::{CUSTOMER_ID, Tables};
use datafusion::arrow::array::{Array, ArrayRef, AsArray, Int64Array, RecordBatch, StringArray};
use datafusion::arrow::compute::{cast, concat_batches};
use datafusion::arrow::datatypes::{DataType, Field, Schema};
use datafusion::common::Column;
use datafusion::logical_expr::{self, Expr};
use std::sync::Arc;

/// The rows of all customers while their columns are being calculated.
pub(super) struct CustomerMeasures {
    customers: StringArray,
    columns: Vec<(String, ArrayRef)>,
}

impl CustomerMeasures {
    /// Every customer, in the order of the ids.
    pub(super) async fn of(tables: &Tables<'_>) -> Result<Self, MeasureError> {
        let id = Expr::Column(Column::new_unqualified(CUSTOMER_ID));
        let id = logical_expr::cast(id, DataType::Utf8).alias(CUSTOMER_ID);
        let ids = tables.table(CUSTOMER).await?.select(vec![id])?;
        let ids = ids.sort(vec![Expr::Column(Column::new_unqualified(CUSTOMER_ID)).sort(true, false)])?;
        let schema = Arc::new(ids.schema().as_arrow().clone());
        let ids = concat_batches(&schema, &ids.collect().await?)?;
        let customers = cast(ids.column(0), &DataType::Utf8)?.as_string::<i32>().clone();
        Ok(Self { customers, columns: Vec::new() })
    }

    /// All customers, in order.
    pub(super) fn customers(&self) -> &StringArray {
        &self.customers
    }

    /// Adds a column, with a value (or none) per customer in their order.
    pub(super) fn add(&mut self, name: &str, column: &ArrayRef) {
        self.columns.push((name.to_owned(), Arc::clone(column)));
    }

    /// The rows with the columns so far.
    pub(super) fn rows(&self) -> Result<RecordBatch, MeasureError> {
        let mut fields = vec![Field::new(CUSTOMER_ID, DataType::Utf8, false)];
        let mut columns: Vec<ArrayRef> = vec![Arc::new(self.customers.clone())];
        for (name, column) in &self.columns {
            fields.push(Field::new(name, column.data_type().clone(), true));
            columns.push(Arc::clone(column));
        }
        Ok(RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)?)
    }
}

/// Counts in which nothing is 0.
pub(super) fn zero_for_none(counts: &ArrayRef, kind: Kind) -> Result<ArrayRef, MeasureError> {
    let counts = cast(counts, &kind.data_type())?;
    match counts.as_primitive_opt::<datafusion::arrow::datatypes::Int64Type>() {
        Some(counts) => Ok(Arc::new(counts.iter().map(|count| count.unwrap_or(0)).collect::<Int64Array>())),
        None => Ok(counts),
    }
}
