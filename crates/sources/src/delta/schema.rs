//! The columns of a Delta table, as the log writes them.

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use serde_json::Value;

/// The columns by the log's text. Lists, structs and maps become text.
pub(super) fn arrow_schema(text: &str) -> Result<SchemaRef, String> {
    let schema: Value = serde_json::from_str(text).map_err(|error| format!("its columns: {error}"))?;
    let fields = schema["fields"].as_array().ok_or("its columns are not listed")?;
    let field = |field: &Value| {
        let name = field["name"].as_str().ok_or("a column has no name")?;
        Ok(Field::new(name, field["type"].as_str().map_or(DataType::Utf8, data_type), true))
    };
    Ok(Arc::new(Schema::new(fields.iter().map(field).collect::<Result<Vec<_>, String>>()?)))
}

fn data_type(name: &str) -> DataType {
    match name {
        "byte" | "short" | "integer" | "long" => DataType::Int64,
        "float" | "double" => DataType::Float64,
        "boolean" => DataType::Boolean,
        "date" => DataType::Date32,
        "timestamp" => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
        "timestamp_ntz" => DataType::Timestamp(TimeUnit::Microsecond, None),
        name => decimal(name).unwrap_or(DataType::Utf8),
    }
}

fn decimal(name: &str) -> Option<DataType> {
    let (precision, scale) = name.strip_prefix("decimal(")?.strip_suffix(')')?.split_once(',')?;
    Some(DataType::Decimal128(precision.trim().parse().ok()?, scale.trim().parse().ok()?))
}
