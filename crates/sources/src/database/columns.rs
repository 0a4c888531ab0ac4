//! What the types of databases become here.

use crate::definition::AttributeType;

/// A column of a table or of a query's result.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Column {
    pub(crate) name: String,
    /// The name in the quotes of the database.
    pub(crate) quoted: String,
    pub(crate) natural: Natural,
}

/// What a type of a database becomes, and how its values are written as text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Natural {
    /// A type of ours; the database's own text is read as that.
    Plain(AttributeType),
    /// An exact number whose digits the database does not bound.
    UnmeasuredDecimal,
    /// Bytes: text in base64.
    Bytes,
    /// An array or a row: text in JSON.
    Nested,
    /// A moment that the database shows without saying that it is in UTC.
    UtcMoment,
    /// Bits: a whole number.
    Bits,
    /// A shape on a map: its well-known text.
    Shape,
    /// A floating-point number of 32 bits, which some databases show with too few digits.
    Single,
}

/// The most digits of an exact number here.
const MOST_DIGITS: u8 = 38;

impl Natural {
    /// The attribute's type.
    pub(crate) fn attribute_type(self) -> AttributeType {
        match self {
            Self::Plain(attribute_type) => attribute_type,
            Self::Bits => AttributeType::Int64,
            Self::Single => AttributeType::Double,
            Self::UtcMoment => AttributeType::DateTimeOffset,
            Self::UnmeasuredDecimal | Self::Bytes | Self::Nested | Self::Shape => AttributeType::String,
        }
    }

    /// Whether a value stands bare in a condition.
    pub(crate) fn is_number(self) -> bool {
        use AttributeType as T;
        matches!(self, Self::Bits | Self::Single | Self::Plain(T::Int64 | T::Double | T::Decimal { .. }))
    }
}

/// An exact number of so many digits before and after the point: text when it has more than fit.
pub(crate) fn measured(whole: u32, scale: u32) -> Natural {
    let fits = whole.saturating_add(scale) <= u32::from(MOST_DIGITS);
    match u8::try_from(scale) {
        // All the room that is there: the next refresh may see longer numbers.
        Ok(scale) if fits => Natural::Plain(AttributeType::Decimal { precision: MOST_DIGITS, scale }),
        _ => Natural::Plain(AttributeType::String),
    }
}

/// An exact number as declared in the database.
pub(crate) fn declared(precision: u32, scale: i32) -> Natural {
    let precision_fits =
        u8::try_from(precision).ok().filter(|precision| (1..=MOST_DIGITS).contains(precision));
    let scale = u8::try_from(scale.max(0)).ok();
    match (precision_fits, scale) {
        (Some(precision), Some(scale)) if scale <= precision => {
            Natural::Plain(AttributeType::Decimal { precision, scale })
        }
        _ => Natural::UnmeasuredDecimal,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exact_numbers_stay_exact_or_become_text() {
        let decimal = |precision, scale| Natural::Plain(AttributeType::Decimal { precision, scale });
        assert_eq!(declared(10, 2), decimal(10, 2));
        assert_eq!(declared(40, 2), Natural::UnmeasuredDecimal);
        assert_eq!(declared(5, -2), decimal(5, 0));
        assert_eq!(measured(3, 6), decimal(38, 6));
        assert_eq!(measured(30, 9), Natural::Plain(AttributeType::String));
    }
}
