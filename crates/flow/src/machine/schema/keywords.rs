//! Keywords that look into a value, or at other schemas.

use std::collections::HashSet;

use regex::Regex;
use serde_json::{Map, Value};

use super::{Checker, Mismatch, Path, Place};

fn count(schema: &Map<String, Value>, name: &str) -> Option<usize> {
    usize::try_from(schema.get(name)?.as_u64()?).ok()
}

/// `minX` and `maxX`, in the words that the host has for them.
fn bounds(
    place: &Place<'_>,
    schema: &Map<String, Value>,
    (least, most): (&'static str, &'static str),
    found: usize,
    (what, unit): (&str, &str),
) -> Option<Mismatch> {
    if let Some(least_count) = count(schema, least).filter(|least| found < *least) {
        let message = format!("{what} is less than minimum {unit} of {least_count}.");
        return Some(place.mismatch(least, message));
    }
    let most_count = count(schema, most).filter(|most| found > *most)?;
    Some(place.mismatch(most, format!("{what} exceeds maximum {unit} of {most_count}.")))
}

impl Checker<'_> {
    pub(super) fn check_text(
        &mut self,
        place: &Place<'_>,
        schema: &Map<String, Value>,
        text: &str,
        found: &mut Vec<Mismatch>,
    ) {
        let what = format!("String '{text}'");
        let length = text.chars().count();
        found.extend(bounds(place, schema, ("minLength", "maxLength"), length, (&what, "length")));
        if let Some(pattern) = schema.get("pattern").and_then(Value::as_str)
            && !self.matches(pattern, text)
        {
            let message = format!("{what} does not match regex pattern '{pattern}'.");
            found.push(place.mismatch("pattern", message));
        }
        if let Some(format) = schema.get("format").and_then(Value::as_str)
            && !has_format(text, format)
        {
            found.push(
                place.mismatch("format", format!("{what} does not validate against format '{format}'.")),
            );
        }
    }

    fn matches(&mut self, pattern: &str, text: &str) -> bool {
        if !self.patterns.contains_key(pattern) {
            self.patterns.insert(pattern.to_owned(), compile(pattern));
        }
        self.patterns.get(pattern).is_none_or(|regex| regex.as_ref().is_none_or(|regex| regex.is_match(text)))
    }

    pub(super) fn check_items(
        &mut self,
        place: &Place<'_>,
        schema: &Map<String, Value>,
        items: &[Value],
        found: &mut Vec<Mismatch>,
    ) {
        let what = format!("Array item count {}", items.len());
        found.extend(bounds(place, schema, ("minItems", "maxItems"), items.len(), (&what, "count")));
        if schema.get("uniqueItems") == Some(&Value::Bool(true)) {
            let mut seen = HashSet::new();
            if let Some(index) = items.iter().position(|item| !seen.insert(item.to_string())) {
                found.push(place.mismatch("uniqueItems", format!("Non-unique array item at index {index}.")));
            }
        }
        let fixed = schema.get("items").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let (rest, rest_name) = match schema.get("items") {
            Some(Value::Array(_)) => (schema.get("additionalItems"), "additionalItems"),
            other => (other, "items"),
        };
        for (index, item) in items.iter().enumerate() {
            let path = Path::Item(place.path, index);
            let (inner, at) = match fixed.get(index) {
                Some(inner) => (inner, format!("{}/items/{index}", place.at)),
                None => match rest {
                    Some(Value::Bool(false)) => {
                        let message = format!(
                            "Index {} has not been defined and the schema does not allow additional items.",
                            index.saturating_add(1)
                        );
                        found.push(place.mismatch("additionalItems", message));
                        return;
                    }
                    Some(inner) => (inner, format!("{}/{rest_name}", place.at)),
                    None => return,
                },
            };
            let depth = place.depth.saturating_add(1);
            self.check(&Place { value: item, path: &path, schema: inner, at: &at, depth }, found);
        }
    }

    pub(super) fn check_fields(
        &mut self,
        place: &Place<'_>,
        schema: &Map<String, Value>,
        fields: &Map<String, Value>,
        found: &mut Vec<Mismatch>,
    ) {
        let what = format!("Object property count {}", fields.len());
        let names = ("minProperties", "maxProperties");
        found.extend(bounds(place, schema, names, fields.len(), (&what, "count")));
        let required = schema.get("required").and_then(Value::as_array).into_iter().flatten();
        let missing: Vec<&str> =
            required.filter_map(Value::as_str).filter(|name| !fields.contains_key(*name)).collect();
        if !missing.is_empty() {
            let message = format!("Required properties are missing from object: {}.", missing.join(", "));
            found.push(place.mismatch("required", message));
        }
        for (name, value) in fields {
            self.check_field(place, schema, name, value, found);
        }
        for (name, needed) in schema.get("dependencies").and_then(Value::as_object).into_iter().flatten() {
            if !fields.contains_key(name) {
                continue;
            }
            let Value::Array(keys) = needed else {
                self.check(&place.with(needed, &format!("{}/dependencies/{name}", place.at)), found);
                continue;
            };
            let keys = keys.iter().filter_map(Value::as_str);
            let missing: Vec<&str> = keys.filter(|key| !fields.contains_key(*key)).collect();
            if !missing.is_empty() {
                let message = format!(
                    "Dependencies for property '{name}' failed. Missing required keys: {}.",
                    missing.join(", ")
                );
                found.push(place.mismatch("dependencies", message));
            }
        }
    }

    fn check_field(
        &mut self,
        place: &Place<'_>,
        schema: &Map<String, Value>,
        name: &str,
        value: &Value,
        found: &mut Vec<Mismatch>,
    ) {
        let path = Path::Property(place.path, name);
        let depth = place.depth.saturating_add(1);
        let mut known = false;
        if let Some(inner) = schema.get("properties").and_then(|properties| properties.get(name)) {
            known = true;
            let at = format!("{}/properties/{name}", place.at);
            self.check(&Place { value, path: &path, schema: inner, at: &at, depth }, found);
        }
        let patterns = schema.get("patternProperties").and_then(Value::as_object);
        for (pattern, inner) in patterns.into_iter().flatten() {
            if self.matches(pattern, name) {
                known = true;
                let at = format!("{}/patternProperties/{pattern}", place.at);
                self.check(&Place { value, path: &path, schema: inner, at: &at, depth }, found);
            }
        }
        match schema.get("additionalProperties") {
            Some(Value::Bool(false)) if !known => {
                let message = format!(
                    "Property '{name}' has not been defined and the schema does not allow additional properties."
                );
                found.push(place.mismatch("additionalProperties", message));
            }
            Some(inner @ Value::Object(_)) if !known => {
                let at = format!("{}/additionalProperties", place.at);
                self.check(&Place { value, path: &path, schema: inner, at: &at, depth }, found);
            }
            _ => {}
        }
    }

    pub(super) fn check_alternatives(
        &mut self,
        place: &Place<'_>,
        schema: &Map<String, Value>,
        found: &mut Vec<Mismatch>,
    ) {
        for (index, inner) in list(schema, "allOf").iter().enumerate() {
            self.check(&place.with(inner, &format!("{}/allOf/{index}", place.at)), found);
        }
        let any = list(schema, "anyOf");
        if !any.is_empty() && !any.iter().any(|inner| self.fits(&place.with(inner, place.at))) {
            let message = "JSON does not match any schemas from 'anyOf'.".to_owned();
            found.push(place.mismatch("anyOf", message));
        }
        let one = list(schema, "oneOf");
        let fitting: Vec<String> = one
            .iter()
            .enumerate()
            .filter(|(_, inner)| self.fits(&place.with(inner, place.at)))
            .map(|(index, _)| index.to_string())
            .collect();
        if !one.is_empty() && fitting.len() != 1 {
            let message = match fitting.as_slice() {
                [] => "JSON is valid against no schemas from 'oneOf'.".to_owned(),
                _ => format!(
                    "JSON is valid against more than one schema from 'oneOf'. Valid schema indexes: {}.",
                    fitting.join(", ")
                ),
            };
            found.push(place.mismatch("oneOf", message));
        }
        if let Some(inner @ Value::Object(_)) = schema.get("not")
            && self.fits(&place.with(inner, place.at))
        {
            found.push(place.mismatch("not", "JSON is valid against schema from 'not'.".to_owned()));
        }
    }
}

fn list<'s>(schema: &'s Map<String, Value>, name: &str) -> &'s [Value] {
    schema.get(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

/// A pattern of a schema. Its classes of characters are ASCII, as in the language that they come from.
fn compile(pattern: &str) -> Option<Regex> {
    let mut ascii = String::with_capacity(pattern.len());
    let mut letters = pattern.chars();
    while let Some(letter) = letters.next() {
        if letter != '\\' {
            ascii.push(letter);
            continue;
        }
        match letters.next() {
            Some('d') => ascii.push_str("[0-9]"),
            Some('D') => ascii.push_str("[^0-9]"),
            Some('w') => ascii.push_str("[A-Za-z0-9_]"),
            Some('W') => ascii.push_str("[^A-Za-z0-9_]"),
            Some('s') => ascii.push_str("[ \\t\\r\\n\\x0B\\x0C]"),
            Some('S') => ascii.push_str("[^ \\t\\r\\n\\x0B\\x0C]"),
            Some('/') => ascii.push('/'),
            Some(other) => ascii.extend(['\\', other]),
            None => ascii.push('\\'),
        }
    }
    Regex::new(&ascii).ok()
}

/// Whether a text has a format; one that is not known fits.
fn has_format(text: &str, format: &str) -> bool {
    match format {
        "date-time" => text.parse::<jiff::Timestamp>().is_ok(),
        "date" => text.len() == 10 && text.parse::<jiff::civil::Date>().is_ok(),
        "time" => text.trim_end_matches('Z').parse::<jiff::civil::Time>().is_ok(),
        "email" => {
            let parts = text.rsplit_once('@');
            parts.is_some_and(|(name, host)| !name.is_empty() && !host.is_empty() && !host.contains(' '))
        }
        "uri" => url::Url::parse(text).is_ok(),
        "ipv4" => text.split('.').count() == 4 && text.split('.').all(|part| part.parse::<u8>().is_ok()),
        "ipv6" => url::Host::parse(&format!("[{text}]")).is_ok(),
        "guid" | "uuid" => {
            let plain = text.trim_start_matches('{').trim_end_matches('}');
            let lengths: Vec<usize> = plain.split('-').map(str::len).collect();
            lengths == [8, 4, 4, 4, 12] && plain.bytes().all(|byte| byte == b'-' || byte.is_ascii_hexdigit())
        }
        _ => true,
    }
}
