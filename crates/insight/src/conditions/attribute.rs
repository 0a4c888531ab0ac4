//! Attributes and the kinds of their values.

use arrow::datatypes::{DataType, TimeUnit};
use std::fmt;

/// An attribute of an entity, with the kind of its values.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Attribute {
    /// The entity's full name.
    pub entity: String,
    /// The attribute's name.
    pub name: String,
    /// What its values are.
    pub kind: Kind,
}

impl Attribute {
    /// The column that carries this attribute in joined rows: `Entity.Attribute`.
    pub fn column(&self) -> String {
        column_name(&self.entity, &self.name)
    }
}

/// The column that carries an attribute in joined rows.
pub fn column_name(entity: &str, attribute: &str) -> String {
    format!("{entity}.{attribute}")
}

/// What the values of an attribute are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Text.
    Text,
    /// Whole numbers of 64 bits.
    Integer,
    /// Decimal numbers with fixed digits.
    Decimal {
        /// All digits.
        precision: u8,
        /// Digits behind the point.
        scale: u8,
    },
    /// Binary floating-point numbers.
    Double,
    /// True or false.
    Bool,
    /// Calendar days.
    Date,
    /// Points in time.
    Time {
        /// Instants (UTC), not wall-clock times.
        instant: bool,
    },
    /// Something that conditions and calculations do not read.
    Other,
}

impl Kind {
    /// The kind of a column of this type.
    pub fn of(data_type: &DataType) -> Self {
        match data_type {
            DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => Self::Text,
            DataType::Int8 | DataType::Int16 | DataType::Int32 | DataType::Int64 => Self::Integer,
            DataType::UInt8 | DataType::UInt16 | DataType::UInt32 => Self::Integer,
            DataType::Float32 | DataType::Float64 => Self::Double,
            DataType::Decimal128(precision, scale) => match u8::try_from(*scale) {
                Ok(scale) => Self::Decimal { precision: *precision, scale },
                Err(_) => Self::Other,
            },
            DataType::Boolean => Self::Bool,
            DataType::Date32 => Self::Date,
            DataType::Timestamp(_, zone) => Self::Time { instant: zone.is_some() },
            DataType::Dictionary(_, values) => Self::of(values),
            _ => Self::Other,
        }
    }

    /// The type of the columns that Weir writes values of this kind to.
    pub fn data_type(self) -> DataType {
        match self {
            Self::Text | Self::Other => DataType::Utf8,
            Self::Integer => DataType::Int64,
            Self::Decimal { precision, scale } => {
                DataType::Decimal128(precision, i8::try_from(scale).unwrap_or(0))
            }
            Self::Double => DataType::Float64,
            Self::Bool => DataType::Boolean,
            Self::Date => DataType::Date32,
            Self::Time { instant } => {
                DataType::Timestamp(TimeUnit::Microsecond, instant.then(|| "UTC".into()))
            }
        }
    }

    /// Whether values can be added.
    pub fn is_number(self) -> bool {
        matches!(self, Self::Integer | Self::Decimal { .. } | Self::Double)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text => f.write_str("text"),
            Self::Integer => f.write_str("whole number"),
            Self::Decimal { precision, scale } => write!(f, "decimal({precision},{scale})"),
            Self::Double => f.write_str("number"),
            Self::Bool => f.write_str("true/false"),
            Self::Date => f.write_str("date"),
            Self::Time { .. } => f.write_str("date and time"),
            Self::Other => f.write_str("unsupported"),
        }
    }
}
