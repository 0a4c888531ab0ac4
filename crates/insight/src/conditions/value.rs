//! Literals as constants of an attribute's kind.

use super::attribute::Kind;
use super::predicate::Value;
use jiff::civil;
use lang::rule::{Comparison, Number};

const MICROS_PER_DAY: i64 = 86_400_000_000;

/// What a comparison with a number comes to, once the number has the attribute's form.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Bound {
    /// Compare so with this.
    Compare(Comparison, Value),
    /// The same answer for every value.
    Constant(bool),
}

/// `attribute comparison number`, exactly, for an attribute that stores numbers of this kind. Nothing when the kind
/// is no number.
pub(super) fn number_bound(kind: Kind, comparison: Comparison, number: Number) -> Option<Bound> {
    match kind {
        Kind::Double => Some(Bound::Compare(comparison, Value::Double(number.as_f64()))),
        Kind::Integer => {
            let limits = (i128::from(i64::MIN), i128::from(i64::MAX));
            let bound = scaled_bound(comparison, number, 0, limits);
            bound.map(|bound| with_value(bound, |value| i64::try_from(value).map(Value::Integer).ok()))
        }
        Kind::Decimal { precision, scale } => {
            let most = 10i128.checked_pow(u32::from(precision))?.checked_sub(1)?;
            let bound = scaled_bound(comparison, number, scale, (-most, most));
            bound.map(|bound| with_value(bound, |value| Some(Value::Decimal(value))))
        }
        _ => None,
    }
}

enum Scaled {
    Compare(Comparison, i128),
    Constant(bool),
}

fn with_value(scaled: Scaled, value: impl Fn(i128) -> Option<Value>) -> Bound {
    match scaled {
        Scaled::Constant(holds) => Bound::Constant(holds),
        // The value is inside the kind's limits, so it always has a form.
        Scaled::Compare(comparison, found) => match value(found) {
            Some(value) => Bound::Compare(comparison, value),
            None => Bound::Constant(false),
        },
    }
}

/// The comparison against whole multiples of 10^-`scale` between the limits.
fn scaled_bound(
    comparison: Comparison,
    number: Number,
    scale: u8,
    (low, high): (i128, i128),
) -> Option<Scaled> {
    use Comparison::{Equal, Greater, GreaterOrEqual, Less, LessOrEqual, NotEqual};
    let (floor, exact) = match number.scale().checked_sub(scale) {
        Some(0) => (Some(number.unscaled()), true),
        Some(extra) => {
            let divisor = 10i128.checked_pow(u32::from(extra))?;
            (Some(number.unscaled().div_euclid(divisor)), number.unscaled().rem_euclid(divisor) == 0)
        }
        None => {
            let missing = u32::from(scale - number.scale());
            (10i128.checked_pow(missing).and_then(|factor| number.unscaled().checked_mul(factor)), true)
        }
    };
    // Too large for 128 bits is outside every kind's limits.
    let floor = floor.unwrap_or(if number.unscaled() < 0 { i128::MIN } else { i128::MAX });
    let outside = |above: bool| match comparison {
        Equal => false,
        NotEqual => true,
        Less | LessOrEqual => above,
        Greater | GreaterOrEqual => !above,
    };
    if floor > high {
        return Some(Scaled::Constant(outside(true)));
    }
    if floor < low {
        return Some(Scaled::Constant(outside(false)));
    }
    Some(match (comparison, exact) {
        (comparison, true) => Scaled::Compare(comparison, floor),
        (Equal, false) => Scaled::Constant(false),
        (NotEqual, false) => Scaled::Constant(true),
        // Between two neighbours: below it is up to `floor`, above it is more than `floor`.
        (Less | LessOrEqual, false) => Scaled::Compare(LessOrEqual, floor),
        (Greater | GreaterOrEqual, false) => Scaled::Compare(Greater, floor),
    })
}

/// A date or a time as it was written.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Written {
    /// A whole day: days since 1970-01-01.
    Day(i32),
    /// Microseconds since 1970-01-01 00:00:00.
    Time(i64),
}

/// Why a text is no date or time of an attribute.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum NoMoment {
    /// Not in ISO form, or no such day.
    Form,
    /// It has an offset, but the attribute's times have none.
    Offset,
}

/// Reads `2018-01-31`, `2018-01-31 08:30` or `2018-01-31T08:30:00+02:00`.
pub(super) fn written(text: &str, instant: bool) -> Result<Written, NoMoment> {
    let is_day =
        text.len() == "2018-01-31".len() && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    if is_day {
        let date: civil::Date = text.parse().map_err(|_| NoMoment::Form)?;
        let days = micros(date.into()).ok_or(NoMoment::Form)?.div_euclid(MICROS_PER_DAY);
        return i32::try_from(days).map(Written::Day).map_err(|_| NoMoment::Form);
    }
    if let Ok(at) = text.parse::<jiff::Timestamp>() {
        return if instant { Ok(Written::Time(at.as_microsecond())) } else { Err(NoMoment::Offset) };
    }
    // A date-time needs its time: jiff alone would take `2018-01-31` in other forms as midnight.
    let timed = text.contains(':').then(|| text.parse::<civil::DateTime>().ok()).flatten();
    timed.and_then(micros).map(Written::Time).ok_or(NoMoment::Form)
}

fn micros(at: civil::DateTime) -> Option<i64> {
    at.to_zoned(jiff::tz::TimeZone::UTC).ok().map(|zoned| zoned.timestamp().as_microsecond())
}

/// The first microsecond of a day, and of the day after it.
pub(super) fn day_limits(day: i32) -> (i64, i64) {
    let start = i64::from(day).saturating_mul(MICROS_PER_DAY);
    (start, start.saturating_add(MICROS_PER_DAY))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_day_is_a_day_and_a_time_is_a_time() {
        assert_eq!(written("1970-01-02", false), Ok(Written::Day(1)));
        assert_eq!(written("1969-12-31", true), Ok(Written::Day(-1)));
        assert_eq!(written("1970-01-01 00:00:01", false), Ok(Written::Time(1_000_000)));
        assert_eq!(written("1970-01-01T00:00", false), Ok(Written::Time(0)));
        assert_eq!(written("1970-01-01T02:00:00+02:00", true), Ok(Written::Time(0)));
        assert_eq!(written("1970-01-01T00:00:00Z", false), Err(NoMoment::Offset));
        for wrong in ["2018-02-30", "31.1.2018", "1/31/2018", "", "20180131", "2018-01-31T", "yesterday"] {
            assert_eq!(written(wrong, true), Err(NoMoment::Form), "{wrong}");
        }
    }

    fn holds(bound: &Bound, unscaled: i128) -> bool {
        let (comparison, right) = match bound {
            Bound::Constant(holds) => return *holds,
            Bound::Compare(comparison, Value::Decimal(value)) => (comparison, *value),
            Bound::Compare(comparison, Value::Integer(value)) => (comparison, i128::from(*value)),
            other => panic!("{other:?}"),
        };
        compare(*comparison, unscaled.cmp(&right))
    }

    fn compare(comparison: Comparison, order: std::cmp::Ordering) -> bool {
        match comparison {
            Comparison::Equal => order.is_eq(),
            Comparison::NotEqual => order.is_ne(),
            Comparison::Less => order.is_lt(),
            Comparison::LessOrEqual => order.is_le(),
            Comparison::Greater => order.is_gt(),
            Comparison::GreaterOrEqual => order.is_ge(),
        }
    }

    proptest! {
        #[test]
        fn a_bound_says_the_same_as_the_exact_comparison(
            value in -1200i128..1200, scale in 0u8..4, digits in -12000i128..12000, number_scale in 0u8..5,
            at in 0usize..6,
        ) {
            use Comparison::*;
            let comparison = [Equal, NotEqual, Less, LessOrEqual, Greater, GreaterOrEqual][at];
            let number = Number::new(digits, number_scale).unwrap();
            // Over the common denominator 10^4 (scale < 4, number_scale < 5) both are whole.
            let order = (value * 10i128.pow(4 - u32::from(scale))).cmp(&(digits * 10i128.pow(4 - u32::from(number_scale))));
            let kind = Kind::Decimal { precision: 4, scale };
            let bound = number_bound(kind, comparison, number).unwrap();
            prop_assert_eq!(holds(&bound, value), compare(comparison, order), "{:?}", bound);
            if scale == 0 {
                let bound = number_bound(Kind::Integer, comparison, number).unwrap();
                prop_assert_eq!(holds(&bound, value), compare(comparison, order), "{:?}", bound);
            }
        }
    }

    #[test]
    fn a_number_outside_the_kind_is_decided_at_once() {
        let huge = Number::parse("99999999999999999999999999999999999999").unwrap();
        assert_eq!(number_bound(Kind::Integer, Comparison::Less, huge), Some(Bound::Constant(true)));
        let kind = Kind::Decimal { precision: 38, scale: 10 };
        assert_eq!(number_bound(kind, Comparison::Greater, huge), Some(Bound::Constant(false)));
        let kind = Kind::Decimal { precision: 4, scale: 2 };
        let number = Number::parse("-100").unwrap();
        assert_eq!(number_bound(kind, Comparison::GreaterOrEqual, number), Some(Bound::Constant(true)));
    }
}
