//! The statements: every name quoted, every type mapped exactly.

use std::fmt;

use arrow::datatypes::{DataType, Schema};

use crate::limits::POSTGRES_NAME_BYTES;
use crate::{ExportError, Result};

/// The columns of a table, `$1` being its quoted name; none when there is no such table.
pub(super) const KNOWN_COLUMNS: &str = "SELECT attname::text FROM pg_attribute \
     WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped ORDER BY attnum";
/// The temporary table.
const STAGING: &str = "pg_temp.weir_rows";

/// A column.
pub(super) struct Column {
    pub(super) name: String,
    data_type: String,
    nullable: bool,
}

/// A table's name.
pub(super) struct Table {
    parts: Vec<String>,
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.parts.join("."))
    }
}

/// The columns of the exported rows.
pub(super) fn columns(schema: &Schema) -> Result<Vec<Column>> {
    let column = |field: &std::sync::Arc<arrow::datatypes::Field>| {
        let (name, nullable) = (field.name().clone(), field.is_nullable());
        check_name(&name)?;
        let data_type = data_type(field.data_type()).ok_or_else(|| ExportError::Format {
            format: "PostgreSQL",
            detail: format!("{name} is of the type {}, which has no column type there", field.data_type()),
        })?;
        Ok(Column { name, data_type, nullable })
    };
    schema.fields().iter().map(column).collect()
}

/// The column type that holds all values of an Arrow type, and no others where there is such a type.
fn data_type(data_type: &DataType) -> Option<String> {
    Some(match data_type {
        DataType::Boolean => "boolean".to_owned(),
        DataType::Int8 | DataType::Int16 | DataType::UInt8 => "smallint".to_owned(),
        DataType::Int32 | DataType::UInt16 => "integer".to_owned(),
        DataType::Int64 | DataType::UInt32 => "bigint".to_owned(),
        DataType::UInt64 => "numeric(20,0)".to_owned(),
        DataType::Float16 | DataType::Float32 => "real".to_owned(),
        DataType::Float64 => "double precision".to_owned(),
        DataType::Decimal32(precision, scale)
        | DataType::Decimal64(precision, scale)
        | DataType::Decimal128(precision, scale)
        | DataType::Decimal256(precision, scale) => match scale {
            0.. => format!("numeric({precision},{scale})"),
            // A scale below zero: so many more digits before the point.
            _ => format!("numeric({},0)", i16::from(*precision) - i16::from(*scale)),
        },
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => "text".to_owned(),
        DataType::Binary | DataType::LargeBinary | DataType::BinaryView | DataType::FixedSizeBinary(_) => {
            "bytea".to_owned()
        }
        DataType::Date32 | DataType::Date64 => "date".to_owned(),
        DataType::Timestamp(_, None) => "timestamp".to_owned(),
        DataType::Timestamp(_, Some(_)) => "timestamptz".to_owned(),
        DataType::Time32(_) | DataType::Time64(_) => "time".to_owned(),
        DataType::Dictionary(_, values) => return self::data_type(values),
        _ => return None,
    })
}

fn check_name(name: &str) -> Result<()> {
    if name.is_empty() || name.len() > POSTGRES_NAME_BYTES || name.contains('\0') {
        let detail = format!("a name has 1 to {POSTGRES_NAME_BYTES} bytes in PostgreSQL: rename it");
        return Err(ExportError::definition(format!("the name {name:?}"), detail));
    }
    Ok(())
}

fn quote(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn list<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    names.into_iter().map(quote).collect::<Vec<_>>().join(", ")
}

fn names(columns: &[Column]) -> String {
    list(columns.iter().map(|column| column.name.as_str()))
}

fn definitions(columns: &[Column]) -> Vec<String> {
    columns.iter().map(|column| format!("{} {}", quote(&column.name), column.data_type)).collect()
}

/// Makes the temporary table, which goes with the transaction.
pub(super) fn staging(columns: &[Column]) -> String {
    format!("CREATE TEMPORARY TABLE weir_rows ({}) ON COMMIT DROP", definitions(columns).join(", "))
}

/// Copies into the temporary table.
pub(super) fn copy(columns: &[Column]) -> String {
    format!("COPY {STAGING} ({}) FROM STDIN", names(columns))
}

impl Table {
    /// Reads `table` or `schema.table`.
    pub(super) fn parse(text: &str) -> Result<Self> {
        let parts: Vec<String> = text.split('.').map(|part| part.trim().to_owned()).collect();
        if parts.len() > 2 {
            let detail = "it is a table, or schema.table";
            return Err(ExportError::definition(format!("table {text:?}"), detail));
        }
        parts.iter().try_for_each(|part| check_name(part))?;
        Ok(Self { parts })
    }

    /// The name as it stands in a statement.
    pub(super) fn quoted(&self) -> String {
        self.parts.iter().map(|part| quote(part)).collect::<Vec<_>>().join(".")
    }

    /// Makes the table.
    pub(super) fn create(&self, columns: &[Column], key: Option<&Vec<String>>) -> String {
        let mut lines: Vec<String> = definitions(columns);
        for (line, column) in lines.iter_mut().zip(columns) {
            if !column.nullable {
                line.push_str(" NOT NULL");
            }
        }
        lines.extend(key.map(|key| format!("PRIMARY KEY ({})", list(key.iter().map(String::as_str)))));
        format!("CREATE TABLE {} ({})", self.quoted(), lines.join(", "))
    }

    /// Adds the columns that the table lacks.
    pub(super) fn add_missing(&self, columns: &[Column], known: &[String]) -> Vec<String> {
        columns
            .iter()
            .filter(|column| !known.contains(&column.name))
            .map(|column| {
                format!(
                    "ALTER TABLE {} ADD COLUMN {} {}",
                    self.quoted(),
                    quote(&column.name),
                    column.data_type
                )
            })
            .collect()
    }

    /// Takes all rows away.
    pub(super) fn delete(&self) -> String {
        format!("DELETE FROM {}", self.quoted())
    }

    /// Moves the rows in from the temporary table; with a key, over those that have it.
    pub(super) fn insert(&self, columns: &[Column], key: Option<&[String]>) -> String {
        let names = names(columns);
        let insert = format!("INSERT INTO {} ({names}) SELECT {names} FROM {STAGING}", self.quoted());
        let Some(key) = key else { return insert };
        let others = columns.iter().filter(|column| !key.contains(&column.name));
        let sets: Vec<String> = others
            .map(|column| quote(&column.name))
            .map(|name| format!("{name} = EXCLUDED.{name}"))
            .collect();
        let update = match sets.is_empty() {
            true => "NOTHING".to_owned(),
            false => format!("UPDATE SET {}", sets.join(", ")),
        };
        format!("{insert} ON CONFLICT ({}) DO {update}", list(key.iter().map(String::as_str)))
    }
}

#[cfg(test)]
mod checks {
    use arrow::datatypes::{Field, TimeUnit};

    use super::*;

    #[test]
    fn each_type_has_the_type_that_holds_just_its_values() {
        for (arrow, postgres) in [
            (DataType::UInt8, "smallint"),
            (DataType::UInt32, "bigint"),
            (DataType::UInt64, "numeric(20,0)"),
            (DataType::Decimal128(38, 9), "numeric(38,9)"),
            (DataType::Decimal128(5, -2), "numeric(7,0)"),
            (DataType::Timestamp(TimeUnit::Millisecond, None), "timestamp"),
            (DataType::Timestamp(TimeUnit::Nanosecond, Some("Europe/Paris".into())), "timestamptz"),
            (DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8)), "text"),
        ] {
            assert_eq!(data_type(&arrow).as_deref(), Some(postgres));
        }
        let list =
            Schema::new(vec![Field::new_list("Tags", Field::new_list_field(DataType::Utf8, true), true)]);
        assert_eq!(columns(&list).err().unwrap().code(), "exportValueNotWritable");
    }

    #[test]
    fn names_are_quoted_whatever_is_in_them() {
        let schema = Schema::new(vec![
            Field::new("a\"; DROP TABLE x; --", DataType::Utf8, false),
            Field::new("Größe", DataType::Int64, true),
        ]);
        let columns = columns(&schema).unwrap();
        let table = Table::parse("crm.Big \"x\"").unwrap();
        let key = ["Größe".to_owned()];
        assert_eq!(
            table.insert(&columns, Some(&key)),
            "INSERT INTO \"crm\".\"Big \"\"x\"\"\" (\"a\"\"; DROP TABLE x; --\", \"Größe\") SELECT \
             \"a\"\"; DROP TABLE x; --\", \"Größe\" FROM pg_temp.weir_rows ON CONFLICT (\"Größe\") DO UPDATE SET \
             \"a\"\"; DROP TABLE x; --\" = EXCLUDED.\"a\"\"; DROP TABLE x; --\""
        );
        for name in ["", "a.b.c", "a.", &"x".repeat(64)] {
            assert_eq!(Table::parse(name).err().unwrap().code(), "exportSettingWrong", "{name:?}");
        }
    }
}
