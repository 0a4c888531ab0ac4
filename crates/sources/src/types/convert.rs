//! One cell to one typed value, or why it does not fit.

use super::dates::{self, Moment};
use super::plan::Plan;
use crate::definition::AttributeType;
use crate::files::cells::{Cell, CellKind};

/// A value of a row. Text stays where it is, in the cells.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Value {
    Null,
    Text,
    Int(i64),
    Float(f64),
    Bool(bool),
    /// Days since 1970-01-01.
    Date(i32),
    /// Microseconds since 1970-01-01T00:00:00.
    Micros(i64),
    /// Units of the column's scale.
    Decimal(i128),
}

/// Reads a cell as its column wants it. Empty text, and white space in columns that are not text, is no value.
pub(crate) fn convert(cell: Cell<'_>, plan: &Plan) -> Result<Value, String> {
    use AttributeType as T;
    if cell.kind == CellKind::Null {
        return Ok(Value::Null);
    }
    if plan.attribute_type == T::String {
        return Ok(Value::Text);
    }
    let text = cell.text.trim_ascii();
    if text.is_empty() {
        return Ok(Value::Null);
    }
    let found = match plan.attribute_type {
        T::String => Some(Value::Text),
        T::Int64 => whole_number(text).map(Value::Int),
        T::Double => float(text).map(Value::Float),
        T::Boolean => boolean(text).map(Value::Bool),
        T::Decimal { precision, scale } => decimal(text, precision, scale).map(Value::Decimal),
        T::Date => read_date(text, plan)
            .filter(|moment| moment.time.is_none_or(|time| time == 0))
            .map(|moment| Value::Date(moment.days)),
        T::DateTime | T::DateTimeOffset => read_date(text, plan).map(|moment| Value::Micros(moment.micros())),
    };
    found.ok_or_else(|| mismatch(text, plan))
}

fn mismatch(text: &str, plan: &Plan) -> String {
    match &plan.format {
        None if dates::numeric(text).is_some() => {
            format!("is not of type {}: its `dateFormat` is not declared", plan.attribute_type)
        }
        Some(format) => format!("is not a {} written {}", plan.attribute_type, format.text()),
        None => format!("is not of type {}", plan.attribute_type),
    }
}

/// The declared format goes first; ISO dates are always understood.
fn read_date(text: &str, plan: &Plan) -> Option<Moment> {
    plan.format.as_ref().and_then(|format| format.read(text)).or_else(|| dates::iso(text))
}

/// A whole number, also when it is written with a fraction of zero (`5.0`).
fn whole_number(text: &str) -> Option<i64> {
    if let Ok(value) = text.parse() {
        return Some(value);
    }
    let (whole, fraction) = text.split_once('.')?;
    (!fraction.is_empty() && fraction.bytes().all(|digit| digit == b'0')).then(|| whole.parse().ok())?
}

fn float(text: &str) -> Option<f64> {
    let plain = text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'.' | b'e' | b'E' | b'+' | b'-'));
    text.parse().ok().filter(|value: &f64| plain && value.is_finite())
}

fn boolean(text: &str) -> Option<bool> {
    let is = |words: &[&str]| words.iter().any(|word| text.eq_ignore_ascii_case(word));
    if is(&["true", "yes", "1", "y", "t"]) {
        return Some(true);
    }
    is(&["false", "no", "0", "n", "f"]).then_some(false)
}

/// An exact number in units of `scale`. Digits beyond the scale are rounded, half away from zero, as SQL's
/// CAST does. An exponent is understood (`1.5e3`).
fn decimal(text: &str, precision: u8, scale: u8) -> Option<i128> {
    let (digits, exponent) = match text.split_once(['e', 'E']) {
        Some((digits, exponent)) => (digits, exponent.parse::<i32>().ok()?),
        None => (text, 0),
    };
    let (negative, digits) = match digits.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, digits.strip_prefix('+').unwrap_or(digits)),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    // How many of the digits, from the left, stand before the last kept place.
    let kept = i64::try_from(whole.len()).ok()? + i64::from(exponent) + i64::from(scale);
    let (mut units, mut half, mut place) = (0_i128, false, 0_i64);
    for byte in whole.bytes().chain(fraction.bytes()) {
        let digit = byte.is_ascii_digit().then(|| i128::from(byte - b'0'))?;
        if place < kept {
            units = units.checked_mul(10)?.checked_add(digit)?;
        } else if place == kept {
            half = digit >= 5;
        }
        place += 1;
    }
    for _ in place..kept {
        if units == 0 {
            break;
        }
        units = units.checked_mul(10)?;
    }
    units = units.checked_add(i128::from(half))?;
    let limit = 10_i128.checked_pow(u32::from(precision))?;
    (units < limit).then_some(if negative { -units } else { units })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Decided;
    use crate::types::dates::DateFormat;

    fn read(kind: &str, format: Option<&str>, text: &str) -> Result<Value, String> {
        let plan = Plan {
            source: "c".into(),
            name: "c".into(),
            attribute_type: kind.parse().unwrap(),
            format: format.map(|text| DateFormat::parse(text).unwrap()),
            decided: Decided::Declared,
        };
        let kind = if text.is_empty() { CellKind::Null } else { CellKind::Text };
        convert(Cell { kind, text }, &plan)
    }

    #[test]
    fn exact_numbers_are_rounded_half_away_from_zero_and_bounded() {
        let cents = |text| read("decimal(6,2)", None, text).ok();
        assert_eq!(cents("12"), Some(Value::Decimal(1200)));
        assert_eq!(cents("-12.345"), Some(Value::Decimal(-1235)));
        assert_eq!(cents("0.004"), Some(Value::Decimal(0)));
        assert_eq!(cents(".5"), Some(Value::Decimal(50)));
        assert_eq!(cents("1.5e3"), Some(Value::Decimal(150_000)));
        assert_eq!(cents("1e-3"), Some(Value::Decimal(0)));
        assert_eq!(cents("5e-3"), Some(Value::Decimal(1)));
        assert_eq!(cents("9999.99"), Some(Value::Decimal(999_999)));
        assert_eq!(cents("9999.995"), None);
        assert_eq!(cents("0e2147483647"), Some(Value::Decimal(0)));
        assert_eq!(cents("1e2147483647"), None);
        for wrong in ["", "-", ".", "1.2.3", "1,5", "1e", "abc", "١"] {
            assert!(!matches!(cents(wrong), Some(Value::Decimal(_))), "{wrong}");
        }
        let widest = "9".repeat(38);
        assert_eq!(read("decimal(38,0)", None, &widest), Ok(Value::Decimal(10_i128.pow(38) - 1)));
        assert!(read("decimal(38,0)", None, &"9".repeat(60)).is_err());
    }

    #[test]
    fn a_value_fits_its_type_or_says_what_it_is_not() {
        assert_eq!(read("int64", None, " 5 "), Ok(Value::Int(5)));
        assert_eq!(read("int64", None, "5.0"), Ok(Value::Int(5)));
        assert_eq!(read("int64", None, "5.1"), Err("is not of type int64".into()));
        assert_eq!(read("int64", None, "  "), Ok(Value::Null));
        assert_eq!(read("string", None, "  "), Ok(Value::Text));
        assert_eq!(read("double", None, "inf"), Err("is not of type double".into()));
        assert_eq!(read("boolean", None, "Yes"), Ok(Value::Bool(true)));
        assert_eq!(read("date", None, "1970-01-02"), Ok(Value::Date(1)));
        assert_eq!(read("date", None, "1970-01-02T00:00:00Z"), Ok(Value::Date(1)));
        assert!(read("date", None, "1970-01-02T10:00:00").is_err());
        assert_eq!(read("dateTime", None, "1970-01-02"), Ok(Value::Micros(86_400_000_000)));
        assert_eq!(read("dateTimeOffset", None, "1970-01-01T01:00:00+01:00"), Ok(Value::Micros(0)));
        assert_eq!(read("date", Some("M/D/YYYY"), "13/1/1970"), Err("is not a date written M/D/YYYY".into()));
    }
}
