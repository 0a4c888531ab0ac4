//! Typed values to columns of a record batch.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanBuilder, Date32Builder, Decimal128Builder, Float64Builder, Int64Builder, RecordBatch,
    StringBuilder, TimestampMicrosecondBuilder,
};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use arrow::error::ArrowError;

use super::convert::Value;
use super::plan::Plan;
use crate::definition::AttributeType;
use crate::files::cells::Cells;

/// Rows for which a batch that is made row by row has room at first.
const ROWS: usize = 1_024;

/// The Arrow type of an attribute.
pub fn arrow_type(attribute_type: AttributeType) -> DataType {
    use AttributeType as T;
    match attribute_type {
        T::String => DataType::Utf8,
        T::Int64 => DataType::Int64,
        T::Double => DataType::Float64,
        // Scale is at most 38 by the type's own rule.
        T::Decimal { precision, scale } => DataType::Decimal128(precision, scale.min(38).cast_signed()),
        T::Boolean => DataType::Boolean,
        T::Date => DataType::Date32,
        T::DateTime => DataType::Timestamp(TimeUnit::Microsecond, None),
        T::DateTimeOffset => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
    }
}

/// The schema of an entity: all columns may be null.
pub(crate) fn schema(plans: &[Plan]) -> SchemaRef {
    let field = |plan: &Plan| Field::new(&plan.name, arrow_type(plan.attribute_type), true);
    Arc::new(Schema::new(plans.iter().map(field).collect::<Vec<_>>()))
}

/// A column being built.
pub(crate) enum Column {
    Text(StringBuilder),
    Int(Int64Builder),
    Float(Float64Builder),
    Bool(BooleanBuilder),
    Date(Date32Builder),
    Micros(TimestampMicrosecondBuilder),
    Decimal(Decimal128Builder),
}

impl Column {
    /// An empty column with room for so many rows.
    pub(crate) fn new(data_type: &DataType, rows: usize) -> Self {
        match data_type {
            DataType::Int64 => Self::Int(Int64Builder::with_capacity(rows)),
            DataType::Float64 => Self::Float(Float64Builder::with_capacity(rows)),
            DataType::Boolean => Self::Bool(BooleanBuilder::with_capacity(rows)),
            DataType::Date32 => Self::Date(Date32Builder::with_capacity(rows)),
            DataType::Timestamp(..) => {
                let column = TimestampMicrosecondBuilder::with_capacity(rows);
                Self::Micros(column.with_data_type(data_type.clone()))
            }
            DataType::Decimal128(..) => {
                let column = Decimal128Builder::with_capacity(rows);
                Self::Decimal(column.with_data_type(data_type.clone()))
            }
            _ => Self::Text(StringBuilder::with_capacity(rows, rows * 8)),
        }
    }

    /// A value of another type than the column's can not come here; it would be no value.
    pub(crate) fn push(&mut self, value: Value, text: &str) {
        match (self, value) {
            (Self::Text(column), Value::Text) => column.append_value(text),
            (Self::Text(column), _) => column.append_null(),
            (Self::Int(column), Value::Int(value)) => column.append_value(value),
            (Self::Int(column), _) => column.append_null(),
            (Self::Float(column), Value::Float(value)) => column.append_value(value),
            (Self::Float(column), _) => column.append_null(),
            (Self::Bool(column), Value::Bool(value)) => column.append_value(value),
            (Self::Bool(column), _) => column.append_null(),
            (Self::Date(column), Value::Date(value)) => column.append_value(value),
            (Self::Date(column), _) => column.append_null(),
            (Self::Micros(column), Value::Micros(value)) => column.append_value(value),
            (Self::Micros(column), _) => column.append_null(),
            (Self::Decimal(column), Value::Decimal(value)) => column.append_value(value),
            (Self::Decimal(column), _) => column.append_null(),
        }
    }

    pub(crate) fn finish(&mut self) -> ArrayRef {
        match self {
            Self::Text(column) => Arc::new(column.finish()),
            Self::Int(column) => Arc::new(column.finish()),
            Self::Float(column) => Arc::new(column.finish()),
            Self::Bool(column) => Arc::new(column.finish()),
            Self::Date(column) => Arc::new(column.finish()),
            Self::Micros(column) => Arc::new(column.finish()),
            Self::Decimal(column) => Arc::new(column.finish()),
        }
    }
}

/// The batch being built.
pub(crate) struct Batch {
    schema: SchemaRef,
    columns: Vec<Column>,
    rows: usize,
    bytes: usize,
}

impl Batch {
    pub(crate) fn new(schema: SchemaRef) -> Self {
        let columns = schema.fields().iter().map(|field| Column::new(field.data_type(), ROWS)).collect();
        Self { schema, columns, rows: 0, bytes: 0 }
    }

    /// Adds a row: the values, and the cells in which its texts are. `places`: the cell of each column.
    pub(crate) fn push(&mut self, values: &[Value], cells: &Cells, places: &[usize]) {
        for ((column, value), place) in self.columns.iter_mut().zip(values).zip(places) {
            column.push(*value, cells.get(*place).text);
        }
        self.rows += 1;
        self.bytes += cells.bytes();
    }

    pub(crate) fn rows(&self) -> usize {
        self.rows
    }

    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    /// The rows so far; the batch is empty afterwards.
    pub(crate) fn take(&mut self) -> Result<RecordBatch, ArrowError> {
        self.rows = 0;
        self.bytes = 0;
        let columns = self.columns.iter_mut().map(Column::finish).collect();
        RecordBatch::try_new(self.schema.clone(), columns)
    }
}
