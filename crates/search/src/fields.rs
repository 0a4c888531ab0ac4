//! The fields of an index: what a filtered attribute becomes, and its values.

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::compute::cast;
use arrow::datatypes::{
    DataType, Date32Type, Decimal128Type, Float64Type, Int64Type, TimeUnit, TimestampMicrosecondType,
};
use serde::{Deserialize, Serialize};
use tantivy::TantivyDocument;
use tantivy::schema::{Field, NumericOptions, SchemaBuilder, TextOptions};

use crate::definition::{FilterOptions, is_text};
use crate::{Result, SearchError};

/// What is compared with an attribute's values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Kind {
    Text,
    Boolean,
    Int,
    /// A decimal as a whole number of its last digits.
    Decimal {
        scale: u8,
    },
    Float,
    /// Days since 1970.
    Date,
    /// Microseconds since 1970.
    Moment,
}

/// Most digits of a decimal that is kept exactly.
const DECIMAL_DIGITS: u8 = 18;

/// An attribute with a filter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct FilterField {
    /// The attribute's name.
    pub(crate) attribute: String,
    /// The field's name in the index.
    pub(crate) field: String,
    pub(crate) kind: Kind,
    pub(crate) options: FilterOptions,
}

impl Kind {
    /// The kind of a column, when its values can be compared.
    pub(crate) fn of(data_type: &DataType) -> Option<Self> {
        Some(match data_type {
            other if is_text(other) => Self::Text,
            DataType::Boolean => Self::Boolean,
            DataType::UInt64 => return None,
            other if other.is_integer() => Self::Int,
            other if other.is_floating() => Self::Float,
            DataType::Decimal32(precision, scale)
            | DataType::Decimal64(precision, scale)
            | DataType::Decimal128(precision, scale)
            | DataType::Decimal256(precision, scale) => match u8::try_from(*scale) {
                Ok(scale) if *precision <= DECIMAL_DIGITS => Self::Decimal { scale },
                _ => Self::Float,
            },
            DataType::Date32 | DataType::Date64 => Self::Date,
            DataType::Timestamp(..) => Self::Moment,
            _ => return None,
        })
    }

    /// The field of a column of this kind.
    pub(crate) fn add_to(self, schema: &mut SchemaBuilder, name: &str) -> Field {
        let number = NumericOptions::default().set_fast();
        match self {
            Self::Text => schema.add_text_field(name, TextOptions::default().set_fast("raw")),
            Self::Float => schema.add_f64_field(name, number),
            // Ranges of booleans are not searched for by the library, those of 0 and 1 are.
            Self::Boolean | Self::Int | Self::Decimal { .. } | Self::Date | Self::Moment => {
                schema.add_i64_field(name, number)
            }
        }
    }

    /// A column as this kind keeps it.
    fn column(self, column: &ArrayRef) -> Result<ArrayRef> {
        let to = match (self, column.data_type()) {
            (Self::Text, _) => DataType::Utf8,
            (Self::Boolean, _) => DataType::Boolean,
            (Self::Int, _) => DataType::Int64,
            (Self::Decimal { scale }, _) => {
                DataType::Decimal128(DECIMAL_DIGITS, i8::try_from(scale).unwrap_or(0))
            }
            (Self::Float, _) => DataType::Float64,
            (Self::Date, _) => DataType::Date32,
            (Self::Moment, DataType::Timestamp(_, zone)) => {
                DataType::Timestamp(TimeUnit::Microsecond, zone.clone())
            }
            (Self::Moment, _) => DataType::Timestamp(TimeUnit::Microsecond, None),
        };
        cast(column, &to).map_err(|error| SearchError::Rows(error.to_string()))
    }
}

/// Texts of a column; null where there is none.
pub(crate) fn texts(column: &ArrayRef) -> Result<ArrayRef> {
    Kind::Text.column(column)
}

/// A column of a batch on its way into the index.
pub(crate) struct FilterColumn {
    field: Field,
    kind: Kind,
    values: ArrayRef,
}

impl FilterColumn {
    pub(crate) fn new(field: Field, kind: Kind, column: &ArrayRef) -> Result<Self> {
        Ok(Self { field, kind, values: kind.column(column)? })
    }

    /// Adds the value of a row.
    pub(crate) fn add_to(&self, document: &mut TantivyDocument, row: usize) {
        if self.values.is_null(row) {
            return;
        }
        let field = self.field;
        match self.kind {
            Kind::Text => document.add_text(field, self.values.as_string::<i32>().value(row)),
            Kind::Boolean => document.add_i64(field, i64::from(self.values.as_boolean().value(row))),
            Kind::Float => document.add_f64(field, self.values.as_primitive::<Float64Type>().value(row)),
            Kind::Int => document.add_i64(field, self.values.as_primitive::<Int64Type>().value(row)),
            Kind::Date => {
                document.add_i64(field, i64::from(self.values.as_primitive::<Date32Type>().value(row)));
            }
            Kind::Moment => {
                document.add_i64(field, self.values.as_primitive::<TimestampMicrosecondType>().value(row));
            }
            Kind::Decimal { .. } => {
                let value = self.values.as_primitive::<Decimal128Type>().value(row);
                // Eighteen digits always fit.
                document.add_i64(field, i64::try_from(value).unwrap_or(i64::MAX));
            }
        }
    }
}
