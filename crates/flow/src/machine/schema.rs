//! The schema check of Parse JSON.
//!
//! Deliberately a part of JSON Schema: `type` (one or several), `required`, `properties`, `items`, `enum` and
//! `additionalProperties: false`. Other keywords are kept and not looked at. Schemas that people generate from
//! a sample use no others.

use serde_json::Value;

/// Says where `value` does not fit `schema`, first mistake first; nothing when it fits.
pub(super) fn mismatch(value: &Value, schema: &Value) -> Option<String> {
    // A stack, not recursion: both value and schema come from outside.
    let mut pending = vec![(String::new(), value, schema)];
    while let Some((place, value, schema)) = pending.pop() {
        let Some(schema) = schema.as_object() else { continue };
        if let Some(problem) = own_mismatch(value, schema) {
            let place = if place.is_empty() { "the value".to_owned() } else { format!("'{place}'") };
            return Some(format!("{place} {problem}"));
        }
        match value {
            Value::Object(fields) => {
                let properties = schema.get("properties").and_then(Value::as_object);
                let known = properties.into_iter().flatten().rev();
                pending.extend(
                    known.filter_map(|(name, schema)| Some((join(&place, name), fields.get(name)?, schema))),
                );
            }
            Value::Array(items) => {
                if let Some(schema @ Value::Object(_)) = schema.get("items") {
                    let items = items.iter().enumerate().rev();
                    pending.extend(items.map(|(index, item)| (format!("{place}[{index}]"), item, schema)));
                }
            }
            _ => {}
        }
    }
    None
}

fn join(place: &str, name: &str) -> String {
    if place.is_empty() { name.to_owned() } else { format!("{place}.{name}") }
}

fn own_mismatch(value: &Value, schema: &serde_json::Map<String, Value>) -> Option<String> {
    let types: Vec<&str> = match schema.get("type") {
        Some(Value::String(one)) => vec![one],
        Some(Value::Array(many)) => many.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    if !types.is_empty() && !types.iter().any(|name| is_of_type(value, name)) {
        let found = type_name(value);
        return Some(format!("is of type {found}, but the schema expects {}", types.join(" or ")));
    }
    if let Some(Value::Array(allowed)) = schema.get("enum")
        && !allowed.contains(value)
    {
        return Some("is none of the values in the schema's enum".to_owned());
    }
    let fields = value.as_object()?;
    let required = schema.get("required").and_then(Value::as_array).into_iter().flatten();
    if let Some(name) = required.filter_map(Value::as_str).find(|name| !fields.contains_key(*name)) {
        return Some(format!("lacks the required property '{name}'"));
    }
    if schema.get("additionalProperties") == Some(&Value::Bool(false)) {
        let known = schema.get("properties").and_then(Value::as_object);
        let unknown = fields.keys().find(|name| !known.is_some_and(|known| known.contains_key(*name)));
        return unknown.map(|name| format!("has the property '{name}', which the schema does not allow"));
    }
    None
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
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_first_mistake_is_named_with_its_place() {
        let schema = json!({"type": "object", "required": ["rows"], "properties": {
            "rows": {"type": "array", "items": {
                "type": "object", "required": ["n"],
                "properties": {"n": {"type": "integer"}, "k": {"enum": ["a", "b"]}}}},
            "note": {"type": ["string", "null"]}}});
        let check = |value: Value| mismatch(&value, &schema);
        assert_eq!(check(json!({"rows": [{"n": 1}, {"n": 2.0, "k": "a"}], "note": null})), None);
        assert_eq!(
            check(json!({"rows": [{"n": 1}, {"n": "x"}]})).unwrap(),
            "'rows[1].n' is of type string, but the schema expects integer"
        );
        assert_eq!(check(json!({})).unwrap(), "the value lacks the required property 'rows'");
        assert_eq!(
            check(json!({"rows": [{"n": 1, "k": "c"}]})).unwrap(),
            "'rows[0].k' is none of the values in the schema's enum"
        );
        assert_eq!(
            check(json!({"rows": [], "note": 1})).unwrap(),
            "'note' is of type integer, but the schema expects string or null"
        );
        assert_eq!(check(json!(7)).unwrap(), "the value is of type integer, but the schema expects object");
    }

    #[test]
    fn properties_beyond_the_schema_are_refused_only_when_it_says_so() {
        let open = json!({"properties": {"a": {}}});
        let closed = json!({"properties": {"a": {}}, "additionalProperties": false});
        assert_eq!(mismatch(&json!({"b": 1}), &open), None);
        assert_eq!(
            mismatch(&json!({"b": 1}), &closed).unwrap(),
            "the value has the property 'b', which the schema does not allow"
        );
    }
}
