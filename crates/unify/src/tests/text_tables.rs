//! Entities and tables as small texts: a header of `Name` or `Name:type`, cells between commas, empty for null.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, RecordBatch, StringArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, Schema, TimeUnit};
use arrow::util::display::array_value_to_string;

use super::Input;

/// The header and the cells.
pub(super) fn read(text: &str) -> (Vec<String>, Vec<Vec<String>>) {
    let mut lines = text.lines().map(|line| line.split(',').map(str::to_owned).collect::<Vec<_>>());
    let header = lines.next().expect("a header");
    (header, lines.collect())
}

/// An entity; its first column is the primary key, its name `<DataSource>_<Entity>`.
pub(crate) fn input(entity: &str, text: &str) -> Input {
    let (header, rows) = read(text);
    let mut fields = Vec::new();
    let mut columns = Vec::new();
    for (at, title) in header.iter().enumerate() {
        let (name, data_type) = title.split_once(':').unwrap_or((title, "string"));
        let cells = rows.iter().map(|row| row.get(at).filter(|cell| !cell.is_empty()).map(String::as_str));
        let texts: ArrayRef = Arc::new(cells.collect::<StringArray>());
        let data_type = type_of(data_type);
        columns.push(cast(&texts, &data_type).expect("values of their type"));
        fields.push(Field::new(name, data_type, true));
    }
    let schema = Arc::new(Schema::new(fields));
    let batch = RecordBatch::try_new(schema.clone(), columns).expect("a batch");
    Input {
        data_source: entity.split('_').next().expect("a data source").to_owned(),
        entity: entity.to_owned(),
        primary_key: vec![schema.field(0).name().clone()],
        schema,
        batches: vec![batch],
    }
}

fn type_of(name: &str) -> DataType {
    match name {
        "string" => DataType::Utf8,
        "int64" => DataType::Int64,
        "double" => DataType::Float64,
        "boolean" => DataType::Boolean,
        "date" => DataType::Date32,
        "dateTime" => DataType::Timestamp(TimeUnit::Microsecond, None),
        "dateTimeOffset" => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
        "decimal" => DataType::Decimal128(18, 2),
        other => panic!("no type {other}"),
    }
}

/// One value as text; empty for null. Moments are microseconds since 1970.
pub(crate) fn cell(column: &ArrayRef, row: usize) -> String {
    if let DataType::Timestamp(_, Some(_)) = column.data_type() {
        return cell(&cast(column, &DataType::Int64).expect("a moment"), row);
    }
    if column.is_null(row) { String::new() } else { array_value_to_string(column, row).expect("a value") }
}
