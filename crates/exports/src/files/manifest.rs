//! `model.json`: which files and columns an export has (the shape of a Common Data Model folder).

use arrow::datatypes::{DataType, Schema};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::run::Written;

pub(super) struct Manifest {
    export: String,
    entities: Vec<Value>,
}

impl Manifest {
    pub(super) fn new(export: &str) -> Self {
        Self { export: export.to_owned(), entities: Vec::new() }
    }

    pub(super) fn add(&mut self, schema: &Schema, written: &Written) {
        let attributes: Vec<Value> = schema
            .fields()
            .iter()
            .map(|field| json!({"name": field.name(), "dataType": data_type(field.data_type())}))
            .collect();
        let inside = format!("{}/", self.export);
        let partitions: Vec<Value> = written
            .files
            .iter()
            .map(|path| {
                let name = path.rsplit('/').next().unwrap_or(path);
                json!({"name": name, "location": path.strip_prefix(&inside).unwrap_or(path)})
            })
            .collect();
        self.entities.push(json!({
            "$type": "LocalEntity",
            "name": written.entity,
            "annotations": [{"name": "rowCount", "value": written.rows.to_string()}],
            "attributes": attributes,
            "partitions": partitions,
        }));
    }

    pub(super) fn text(&self, modified: Timestamp) -> String {
        let model = json!({
            "name": self.export,
            "version": "1.0",
            "modifiedTime": modified.to_string(),
            "entities": self.entities,
        });
        format!("{model:#}\n")
    }
}

/// The type's name in the Common Data Model.
fn data_type(data_type: &DataType) -> &'static str {
    match data_type {
        DataType::Boolean => "boolean",
        DataType::Decimal128(..)
        | DataType::Decimal256(..)
        | DataType::Decimal64(..)
        | DataType::Decimal32(..) => "decimal",
        other if other.is_integer() => "int64",
        other if other.is_floating() => "double",
        DataType::Date32 | DataType::Date64 => "date",
        DataType::Timestamp(_, Some(_)) => "dateTimeOffset",
        DataType::Timestamp(_, None) => "dateTime",
        DataType::Dictionary(_, values) => self::data_type(values),
        _ => "string",
    }
}
