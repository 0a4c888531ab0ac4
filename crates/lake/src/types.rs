//! The types that entities have: between Arrow, DuckLake's names for them, and what a stager takes.

use std::sync::Arc;

use datafusion::arrow::compute::{CastOptions, cast_with_options};
use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use datafusion::arrow::record_batch::RecordBatch;

use crate::limits::{MAX_COLUMNS, MAX_NAME_BYTES};
use crate::{LakeError, Result};

/// The time zone of all date-times that have one.
const UTC: &str = "UTC";

/// The entity type that holds every value of `found`, if there is one: narrower numbers widen, all texts become
/// `Utf8`, date-times get microseconds (finer ones are cut) and, if they have a time zone, UTC.
fn entity_type(found: &DataType) -> Option<DataType> {
    Some(match found {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View | DataType::Null => DataType::Utf8,
        DataType::Dictionary(_, values) => entity_type(values)?,
        DataType::Boolean => DataType::Boolean,
        found if found.is_integer() => DataType::Int64,
        DataType::Float16 | DataType::Float32 | DataType::Float64 => DataType::Float64,
        DataType::Date32 | DataType::Date64 => DataType::Date32,
        DataType::Timestamp(_, None) => DataType::Timestamp(TimeUnit::Microsecond, None),
        DataType::Timestamp(_, Some(_)) => DataType::Timestamp(TimeUnit::Microsecond, Some(UTC.into())),
        DataType::Decimal32(p, s)
        | DataType::Decimal64(p, s)
        | DataType::Decimal128(p, s)
        | DataType::Decimal256(p, s)
            if (1..=38).contains(p) && u8::try_from(*s).is_ok_and(|s| s <= *p) =>
        {
            DataType::Decimal128(*p, *s)
        }
        _ => return None,
    })
}

/// The schema under which rows of schema `found` are kept: entity types, all columns nullable, no metadata.
/// Checks the names: DuckLake readers do not tell letter case apart.
pub fn entity_schema(entity: &str, found: &Schema) -> Result<SchemaRef> {
    check_name(entity)?;
    let count = found.fields().len();
    if count == 0 || count > MAX_COLUMNS {
        return Err(LakeError::ColumnCount { entity: entity.to_owned(), found: count, most: MAX_COLUMNS });
    }
    let mut seen = std::collections::BTreeMap::new();
    let mut fields = Vec::with_capacity(count);
    for field in found.fields() {
        check_name(field.name())?;
        if let Some(first) = seen.insert(field.name().to_ascii_lowercase(), field.name()) {
            let detail =
                format!("{entity} already has a column {first}, and letter case does not tell columns apart");
            return Err(LakeError::Name { name: field.name().clone(), detail });
        }
        let kept = entity_type(field.data_type()).ok_or_else(|| LakeError::UnsupportedType {
            entity: entity.to_owned(),
            column: field.name().clone(),
            found: field.data_type().to_string(),
        })?;
        fields.push(Field::new(field.name(), kept, true));
    }
    Ok(Arc::new(Schema::new(fields)))
}

fn check_name(name: &str) -> Result<()> {
    let detail = if name.is_empty() {
        "it is empty".to_owned()
    } else if name.len() > MAX_NAME_BYTES {
        format!("it has {} bytes; at most {MAX_NAME_BYTES} are allowed", name.len())
    } else if name.chars().any(char::is_control) {
        "it contains a control character".to_owned()
    } else {
        return Ok(());
    };
    Err(LakeError::Name { name: name.to_owned(), detail })
}

/// `batch` with the types of `schema`; columns go by position, and their names must agree.
pub(crate) fn conform(entity: &str, batch: &RecordBatch, schema: &SchemaRef) -> Result<RecordBatch> {
    let wrong = |detail: String| LakeError::Rows { entity: entity.to_owned(), detail };
    let found = batch.schema_ref().fields();
    let same_names = found.len() == schema.fields().len()
        && found.iter().zip(schema.fields()).all(|(found, kept)| found.name() == kept.name());
    if !same_names {
        let names: Vec<&str> = found.iter().map(|f| f.name().as_str()).collect();
        return Err(wrong(format!("the columns are {}, which is not what was announced", names.join(", "))));
    }
    let options = CastOptions { safe: false, ..CastOptions::default() };
    let mut columns = Vec::with_capacity(found.len());
    for (column, kept) in batch.columns().iter().zip(schema.fields()) {
        columns.push(if column.data_type() == kept.data_type() {
            Arc::clone(column)
        } else {
            cast_with_options(column, kept.data_type(), &options)
                .map_err(|source| wrong(format!("column {}: {source}", kept.name())))?
        });
    }
    RecordBatch::try_new(Arc::clone(schema), columns).map_err(|source| wrong(source.to_string()))
}

/// DuckLake's name of an entity type.
pub(crate) fn to_ducklake(kept: &DataType) -> Option<String> {
    Some(match kept {
        DataType::Utf8 => "varchar".to_owned(),
        DataType::Int64 => "int64".to_owned(),
        DataType::Float64 => "float64".to_owned(),
        DataType::Boolean => "boolean".to_owned(),
        DataType::Date32 => "date".to_owned(),
        DataType::Timestamp(TimeUnit::Microsecond, None) => "timestamp".to_owned(),
        DataType::Timestamp(TimeUnit::Microsecond, Some(_)) => "timestamptz".to_owned(),
        DataType::Decimal128(precision, scale) => format!("decimal({precision},{scale})"),
        _ => return None,
    })
}

/// The entity type with this name in DuckLake.
pub(crate) fn from_ducklake(name: &str) -> Option<DataType> {
    Some(match name {
        "varchar" => DataType::Utf8,
        "int64" => DataType::Int64,
        "float64" => DataType::Float64,
        "boolean" => DataType::Boolean,
        "date" => DataType::Date32,
        "timestamp" => DataType::Timestamp(TimeUnit::Microsecond, None),
        "timestamptz" => DataType::Timestamp(TimeUnit::Microsecond, Some(UTC.into())),
        name => {
            let (precision, scale) = name.strip_prefix("decimal(")?.strip_suffix(')')?.split_once(',')?;
            let (precision, scale): (u8, i8) = (precision.trim().parse().ok()?, scale.trim().parse().ok()?);
            entity_type(&DataType::Decimal128(precision, scale))?
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_entity_type_has_a_ducklake_name_that_leads_back_to_it() {
        let micros = TimeUnit::Microsecond;
        for kept in [
            DataType::Utf8,
            DataType::Int64,
            DataType::Float64,
            DataType::Boolean,
            DataType::Date32,
            DataType::Timestamp(micros, None),
            DataType::Timestamp(micros, Some("UTC".into())),
            DataType::Decimal128(38, 0),
            DataType::Decimal128(18, 2),
        ] {
            assert_eq!(from_ducklake(&to_ducklake(&kept).unwrap()), Some(kept.clone()));
            assert_eq!(entity_type(&kept), Some(kept));
        }
        for foreign in
            ["list", "struct", "uint64", "decimal(0,0)", "decimal(39,1)", "decimal(4,5)", "decimal(x"]
        {
            assert_eq!(from_ducklake(foreign), None, "{foreign}");
        }
    }

    #[test]
    fn names_that_ducklake_readers_cannot_tell_apart_are_refused() {
        let schema = |names: &[&str]| {
            Schema::new(names.iter().map(|n| Field::new(*n, DataType::Utf8, true)).collect::<Vec<_>>())
        };
        assert!(entity_schema("Customer", &schema(&["Id", "EMail"])).is_ok());
        assert_eq!(entity_schema("Customer", &schema(&["Id", "ID"])).unwrap_err().code(), "lakeName");
        assert_eq!(entity_schema("", &schema(&["Id"])).unwrap_err().code(), "lakeName");
        assert_eq!(entity_schema("Customer", &schema(&["a\nb"])).unwrap_err().code(), "lakeName");
        assert_eq!(entity_schema("Customer", &schema(&[])).unwrap_err().code(), "lakeColumnCount");
    }

    #[test]
    fn a_name_and_a_schema_may_be_exactly_as_long_as_the_limit() {
        let columns = |n: usize| {
            Schema::new((0..n).map(|i| Field::new(format!("c{i}"), DataType::Utf8, true)).collect::<Vec<_>>())
        };
        assert!(entity_schema("E", &columns(MAX_COLUMNS)).is_ok());
        assert_eq!(entity_schema("E", &columns(MAX_COLUMNS + 1)).unwrap_err().code(), "lakeColumnCount");
        assert!(entity_schema(&"e".repeat(MAX_NAME_BYTES), &columns(1)).is_ok());
        assert_eq!(
            entity_schema(&"e".repeat(MAX_NAME_BYTES + 1), &columns(1)).unwrap_err().code(),
            "lakeName"
        );
    }
}
