//! What values are to expressions: kinds, text forms, numbers, equality, order.

use super::decimal::{Decimal, json_text};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Number, Value};
use std::cmp::Ordering;

/// The kind of a value as error messages name it.
#[must_use]
pub fn kind_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "Null",
        Value::Bool(_) => "Boolean",
        Value::Number(number) if number.is_f64() => "Float",
        Value::Number(_) => "Integer",
        Value::String(_) => "String",
        Value::Array(_) => "Array",
        value if Decimal::of(value).is_some() => "Decimal",
        Value::Object(_) => "Object",
    }
}

/// The text that a value becomes in an interpolation, in `concat`, `join` and `string`.
#[must_use]
pub fn text_of(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        Value::Number(number) => match number.as_f64() {
            Some(float) if number.is_f64() => float_text(float),
            _ => number.to_string(),
        },
        Value::String(text) => text.clone(),
        Value::Object(map) => match (envelope(map), Decimal::of(value)) {
            (Some((_, bytes)), _) => String::from_utf8_lossy(&bytes).into_owned(),
            (None, Some(decimal)) => decimal.to_string(),
            (None, None) => json_text(value),
        },
        Value::Array(_) => json_text(value),
    }
}

/// The content type and the bytes of a binary value, which is written as
/// `{"$content-type": "…", "$content": "base64"}`; of a form or a message with parts, also with `$formdata` or
/// `$multipart`.
pub(crate) fn envelope(map: &Map<String, Value>) -> Option<(&str, Vec<u8>)> {
    if map.len() < 2 || !map.keys().all(|key| key.starts_with('$')) {
        return None;
    }
    let kind = map.get("$content-type")?.as_str()?;
    let bytes = STANDARD.decode(map.get("$content")?.as_str()?).ok()?;
    Some((kind, bytes))
}

/// A binary value.
pub(crate) fn envelope_of(kind: &str, bytes: &[u8]) -> Value {
    let mut map = Map::new();
    map.insert("$content-type".to_owned(), Value::String(kind.to_owned()));
    map.insert("$content".to_owned(), Value::String(STANDARD.encode(bytes)));
    Value::Object(map)
}

/// A float as .NET prints it: the fewest digits that read back the same; with an exponent when the number has
/// more than 15 (or its own count of) digits before the point, or 4 or more zeros behind it.
pub(crate) fn float_text(value: f64) -> String {
    let scientific = format!("{value:e}");
    let Some((mantissa, exponent)) = scientific.split_once('e') else {
        return scientific;
    };
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let digits = mantissa.chars().filter(char::is_ascii_digit).count();
    let before_point = exponent.saturating_add(1);
    let most = i32::try_from(digits.max(15)).unwrap_or(i32::MAX);
    if value != 0.0 && (before_point > most || before_point < -3) {
        let sign = if exponent < 0 { '-' } else { '+' };
        return format!("{mantissa}E{sign}{:02}", exponent.unsigned_abs());
    }
    format!("{value}")
}

/// A number of one of the three kinds.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Num {
    Int(i64),
    Float(f64),
    Decimal(Decimal),
}

impl Num {
    /// The number in a value, if it is one. Whole numbers above the 64-bit range become floats.
    pub(crate) fn of(value: &Value) -> Option<Self> {
        let Value::Number(number) = value else { return Decimal::of(value).map(Self::Decimal) };
        number.as_i64().map(Self::Int).or_else(|| number.as_f64().map(Self::Float))
    }

    pub(crate) fn float(self) -> f64 {
        match self {
            #[allow(clippy::cast_precision_loss)] // widening as documented: float wins over integer
            Self::Int(value) => value as f64,
            Self::Float(value) => value,
            Self::Decimal(value) => value.float(),
        }
    }

    /// The number as a decimal; none when it is a float outside the range of decimals.
    pub(crate) fn decimal(self) -> Option<Decimal> {
        match self {
            Self::Int(value) => Some(Decimal::from_int(value)),
            Self::Float(value) => Decimal::parse(&format!("{value:e}")),
            Self::Decimal(value) => Some(value),
        }
    }

    /// The value; none when a float is not finite.
    pub(crate) fn value(self) -> Option<Value> {
        match self {
            Self::Int(value) => Some(Value::from(value)),
            Self::Float(value) => Number::from_f64(value).map(Value::Number),
            Self::Decimal(value) => Some(value.carried()),
        }
    }

    pub(crate) fn order(self, other: Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Int(a), Self::Int(b)) => Some(a.cmp(&b)),
            (Self::Int(a), Self::Float(b)) => order_exactly(a, b),
            (Self::Float(a), Self::Int(b)) => order_exactly(b, a).map(Ordering::reverse),
            (Self::Float(a), Self::Float(b)) => a.partial_cmp(&b),
            (a, b) => match a.decimal().zip(b.decimal()) {
                Some((a, b)) => Some(a.order(b)),
                None => a.float().partial_cmp(&b.float()),
            },
        }
    }
}

/// The order of an integer and a float without rounding the integer: rounding would make the order
/// inconsistent above 2^53, and sorting needs a consistent one.
fn order_exactly(whole: i64, float: f64) -> Option<Ordering> {
    const BOUND: f64 = 9_223_372_036_854_775_808.0; // 2^63
    if float.is_nan() {
        return None;
    }
    if float >= BOUND {
        return Some(Ordering::Less);
    }
    if float < -BOUND {
        return Some(Ordering::Greater);
    }
    #[allow(clippy::cast_possible_truncation)] // inside the range, as just checked
    let truncated = float.trunc() as i64;
    Some(whole.cmp(&truncated).then_with(|| 0.0_f64.total_cmp(&(float.fract() + 0.0))))
}

/// Equality of expressions: texts by code units, numbers across kinds, a boolean also with its text, arrays
/// and objects deeply (the order of an object's properties does not count), null only with null.
#[must_use]
pub fn equal(a: &Value, b: &Value) -> bool {
    if let Some((a, b)) = Num::of(a).zip(Num::of(b)) {
        return a.order(b) == Some(Ordering::Equal);
    }
    match (a, b) {
        (Value::Bool(flag), Value::String(text)) | (Value::String(text), Value::Bool(flag)) => {
            text.eq_ignore_ascii_case(if *flag { "true" } else { "false" })
        }
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| equal(a, b)),
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len()
                && a.iter().all(|(key, value)| b.get(key).is_some_and(|other| equal(value, other)))
        }
        (a, b) => a == b,
    }
}

/// The order of two numbers or of two texts (by UTF-16 code units); none for anything else.
pub(crate) fn order(a: &Value, b: &Value) -> Option<Ordering> {
    match (a, b) {
        (Value::String(a), Value::String(b)) => Some(a.encode_utf16().cmp(b.encode_utf16())),
        (a, b) => Num::of(a)?.order(Num::of(b)?),
    }
}

/// Whether an array has an equal element, an object a property of this name, a text this part (letter case
/// counts); none when the values do not fit.
pub(crate) fn contains(container: &Value, item: &Value) -> Option<bool> {
    match (container, item) {
        (Value::String(text), item) if !item.is_array() && !item.is_object() => {
            Some(text.contains(text_of(item).as_str()))
        }
        (Value::Array(items), item) => Some(items.iter().any(|element| equal(element, item))),
        (Value::Object(map), Value::String(name)) => Some(super::access::key_of(map, name).is_some()),
        _ => None,
    }
}

/// Whether a text starts with another, letter case not counting; none when they are no texts.
pub(crate) fn starts_with(text: &Value, start: &Value) -> Option<bool> {
    Some(text.as_str()?.to_lowercase().starts_with(&start.as_str()?.to_lowercase()))
}

/// Whether a text ends with another, letter case not counting; none when they are no texts.
pub(crate) fn ends_with(text: &Value, end: &Value) -> Option<bool> {
    Some(text.as_str()?.to_lowercase().ends_with(&end.as_str()?.to_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_print_like_dot_net() {
        for (value, text) in [
            (5.0, "5"),
            (2.5, "2.5"),
            (0.1 + 0.2, "0.30000000000000004"),
            (1e14, "100000000000000"),
            (1e15, "1E+15"),
            (1_234_567_890_123_456.0, "1234567890123456"),
            (1e21, "1E+21"),
            (0.0001, "0.0001"),
            (0.00001, "1E-05"),
            (-1.5e-10, "-1.5E-10"),
            (0.0, "0"),
        ] {
            assert_eq!(float_text(value), text, "{value:?}");
        }
    }
}
