//! Keywords that look at one value: its type, its constants, the bounds of a number.

use serde_json::{Map, Number, Value};

use super::{Mismatch, Place};

pub(super) fn of_type(place: &Place<'_>, schema: &Map<String, Value>) -> Option<Mismatch> {
    let types: Vec<&str> = match schema.get("type") {
        Some(Value::String(one)) => vec![one],
        Some(Value::Array(many)) => many.iter().filter_map(Value::as_str).collect(),
        _ => return None,
    };
    if types.is_empty() || types.iter().any(|name| is_of_type(place.value, name)) {
        return None;
    }
    let expected: Vec<String> = types.iter().map(|name| capital(name)).collect();
    let message =
        format!("Invalid type. Expected {} but got {}.", expected.join(", "), type_name(place.value));
    Some(place.mismatch("type", message))
}

fn capital(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

fn is_of_type(value: &Value, name: &str) -> bool {
    match name.to_ascii_lowercase().as_str() {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => {
            value.is_i64() || value.is_u64() || value.as_f64().is_some_and(|number| number.fract() == 0.0)
        }
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        _ => true,
    }
}

fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "Null",
        Value::Bool(_) => "Boolean",
        Value::Number(number) if number.is_f64() => "Number",
        Value::Number(_) => "Integer",
        Value::String(_) => "String",
        Value::Array(_) => "Array",
        Value::Object(_) => "Object",
    }
}

pub(super) fn of_values(place: &Place<'_>, schema: &Map<String, Value>) -> Option<Mismatch> {
    // 1 and 1.0 are the same value in JSON Schema.
    let same = |other: &Value| match (other.as_f64(), place.value.as_f64()) {
        (Some(a), Some(b)) => a.total_cmp(&b).is_eq(),
        _ => other == place.value,
    };
    if let Some(Value::Array(allowed)) = schema.get("enum")
        && !allowed.iter().any(same)
    {
        return Some(place.mismatch("enum", format!("Value {} is not defined in enum.", place.value)));
    }
    let other = schema.get("const").filter(|wanted| !same(wanted));
    other.map(|_| place.mismatch("const", format!("Value {} does not match const.", place.value)))
}

pub(super) fn of_number(place: &Place<'_>, schema: &Map<String, Value>, number: &Number) -> Option<Mismatch> {
    let value = number.as_f64()?;
    let kind = if number.is_f64() { "Float" } else { "Integer" };
    let bound = |name: &str| schema.get(name).and_then(Value::as_number);
    let strict = |name: &str| schema.get(name) == Some(&Value::Bool(true));
    for (bound_name, strict_name, word, verb) in [
        ("minimum", "exclusiveMinimum", "minimum", "is less than"),
        ("maximum", "exclusiveMaximum", "maximum", "exceeds"),
    ] {
        let beyond = |limit: f64| if word == "minimum" { value < limit } else { value > limit };
        for (limit, exclusive) in [(bound(bound_name), strict(strict_name)), (bound(strict_name), true)] {
            let Some((limit, at)) = limit.and_then(|limit| Some((limit, limit.as_f64()?))) else { continue };
            if beyond(at) {
                let message = format!("{kind} {number} {verb} {word} value of {limit}.");
                return Some(place.mismatch(bound_name, message));
            }
            if exclusive && value.total_cmp(&at).is_eq() {
                let message =
                    format!("{kind} {number} equals {word} value of {limit} and exclusive {word} is true.");
                return Some(place.mismatch(bound_name, message));
            }
        }
    }
    let step = bound("multipleOf")?;
    let parts = value / step.as_f64().filter(|step| *step > 0.0)?;
    let whole = (parts - parts.round()).abs() < 1e-9;
    let message = || format!("{kind} {number} is not a multiple of {step}.");
    (!whole).then(|| place.mismatch("multipleOf", message()))
}
