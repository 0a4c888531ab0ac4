//! The type that holds the values of two types.

use arrow::datatypes::{DataType, TimeUnit};

use crate::plan::is_text;

/// Text is `Utf8` in everything that a unification writes.
pub(super) fn plain(data_type: &DataType) -> DataType {
    match data_type {
        text if is_text(text) => DataType::Utf8,
        other => other.clone(),
    }
}

/// The type that holds every value of two types without loss: of numbers the one with more room, of a date and a
/// time without zone the latter. Types that mean different things have none.
pub(super) fn common_type(one: &DataType, other: &DataType) -> Option<DataType> {
    use DataType::{Date32, Decimal128, Float64, Int64, Timestamp};
    let (one, other) = (plain(one), plain(other));
    if one == other {
        return Some(one);
    }
    match (&one, &other) {
        (Int64, Float64) | (Float64, Int64) => Some(Float64),
        (Int64, Decimal128(digits, scale)) | (Decimal128(digits, scale), Int64) => {
            // 19 digits before the point hold every whole number of 64 bits.
            let digits = (*digits).max(u8::try_from(*scale).ok()?.checked_add(19)?);
            (digits <= 38).then_some(Decimal128(digits, *scale))
        }
        (Decimal128(p, s), Decimal128(q, t)) => {
            let (scale, whole) =
                (*s.max(t), (i16::from(*p) - i16::from(*s)).max(i16::from(*q) - i16::from(*t)));
            let digits = u8::try_from(whole + i16::from(scale)).ok()?;
            (digits <= 38).then_some(Decimal128(digits, scale))
        }
        (Date32, Timestamp(TimeUnit::Microsecond, None))
        | (Timestamp(TimeUnit::Microsecond, None), Date32) => Some(Timestamp(TimeUnit::Microsecond, None)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_widen_without_loss_and_unlike_types_do_not_combine() {
        use DataType::*;
        assert_eq!(common_type(&Int64, &Decimal128(10, 2)), Some(Decimal128(21, 2)));
        assert_eq!(common_type(&Decimal128(10, 2), &Decimal128(9, 4)), Some(Decimal128(12, 4)));
        assert_eq!(common_type(&Decimal128(38, 0), &Decimal128(38, 10)), None);
        assert_eq!(common_type(&Utf8View, &Utf8), Some(Utf8));
        assert_eq!(common_type(&Utf8, &Int64), None);
        let moment = Timestamp(TimeUnit::Microsecond, Some("UTC".into()));
        assert_eq!(common_type(&Date32, &moment), None);
    }
}
