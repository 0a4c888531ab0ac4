//! JSON Schema, as far as flows use it: Parse JSON, and the body of a Request trigger.
//!
//! Draft 4 with the later spellings of `exclusiveMinimum`, `const` and `$defs`. References go to places of the same
//! schema; others are taken as fitting. The wording of a mismatch is that of the compatible host, because flows
//! look at it. Keywords that are not known are not looked at.

mod keywords;
mod types;

use std::collections::HashMap;

use regex::Regex;
use serde_json::{Map, Value, json};

/// Mismatches that are told about one value. Ours.
const TOLD: usize = 50;
/// Schemas inside each other that are followed; a schema that refers to itself ends there. Ours.
const DEPTH: usize = 128;
/// Pairs of value and schema that are looked at. Ours: alternatives inside alternatives multiply.
const LOOKS: usize = 20_000_000;

/// One place where a value does not fit a schema.
#[derive(Debug, Clone, PartialEq)]
pub struct Mismatch {
    /// Where in the value: `rows[1].name`; empty for the value itself.
    pub path: String,
    /// What is wrong.
    pub message: String,
    /// The keyword of the schema that says so.
    pub keyword: &'static str,
    /// Where in the schema: `#/properties/rows`.
    pub schema: String,
    /// The value there.
    pub value: Value,
}

impl Mismatch {
    /// As records show it.
    pub fn to_json(&self) -> Value {
        json!({
            "message": self.message,
            "path": self.path,
            "value": self.value,
            "schemaId": self.schema,
            "errorType": self.keyword,
        })
    }
}

impl std::fmt::Display for Mismatch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.path.is_empty() {
            f.write_str(&self.message)
        } else {
            write!(f, "{}: {}", self.path, self.message)
        }
    }
}

/// Says where `value` does not fit `schema`; nothing when it fits. At most fifty places are told.
pub fn mismatches(value: &Value, schema: &Value) -> Vec<Mismatch> {
    let mut checker = Checker { root: schema, looks: 0, patterns: HashMap::new() };
    let mut found = Vec::new();
    checker.check(&Place { value, path: &Path::Root, schema, at: "#", depth: 0 }, &mut found);
    found.truncate(TOLD);
    found
}

/// A place in a value, as a chain to its root: written out only when there is something to tell.
enum Path<'p> {
    Root,
    Property(&'p Path<'p>, &'p str),
    Item(&'p Path<'p>, usize),
}

impl Path<'_> {
    fn written(&self) -> String {
        match self {
            Self::Root => String::new(),
            Self::Property(Self::Root, name) => (*name).to_owned(),
            Self::Property(outer, name) => format!("{}.{name}", outer.written()),
            Self::Item(outer, index) => format!("{}[{index}]", outer.written()),
        }
    }
}

/// A value and a schema that it is to fit.
struct Place<'a> {
    value: &'a Value,
    path: &'a Path<'a>,
    schema: &'a Value,
    /// The place of the schema.
    at: &'a str,
    depth: usize,
}

impl<'a> Place<'a> {
    fn mismatch(&self, keyword: &'static str, message: String) -> Mismatch {
        let value = match self.value {
            // What is large is found by its path.
            Value::Array(_) | Value::Object(_) => Value::Null,
            other => other.clone(),
        };
        Mismatch { path: self.path.written(), message, keyword, schema: self.at.to_owned(), value }
    }

    /// The same value and another schema.
    fn with<'b>(&self, schema: &'b Value, at: &'b str) -> Place<'b>
    where
        'a: 'b,
    {
        Place { value: self.value, path: self.path, schema, at, depth: self.depth.saturating_add(1) }
    }
}

struct Checker<'s> {
    root: &'s Value,
    looks: usize,
    /// Patterns of the schema; those that cannot be read fit everything.
    patterns: HashMap<String, Option<Regex>>,
}

impl<'s> Checker<'s> {
    fn fits(&mut self, place: &Place<'_>) -> bool {
        let mut found = Vec::new();
        self.check(place, &mut found);
        found.is_empty()
    }

    fn check(&mut self, place: &Place<'_>, found: &mut Vec<Mismatch>) {
        self.looks = self.looks.saturating_add(1);
        if place.depth > DEPTH || self.looks > LOOKS || found.len() >= TOLD {
            return;
        }
        match place.schema {
            Value::Bool(false) => {
                found.push(place.mismatch("valid", "Schema always fails validation.".to_owned()));
            }
            Value::Object(schema) => {
                if let Some(target) = schema.get("$ref").and_then(Value::as_str) {
                    if let Some(target_schema) = self.referred(target) {
                        self.check(&place.with(target_schema, target), found);
                    }
                    return;
                }
                self.check_keywords(place, schema, found);
            }
            _ => {}
        }
    }

    /// `#` and `#/definitions/x`: places of this schema.
    fn referred(&self, target: &str) -> Option<&'s Value> {
        self.root.pointer(target.strip_prefix('#')?)
    }

    fn check_keywords(&mut self, place: &Place<'_>, schema: &Map<String, Value>, found: &mut Vec<Mismatch>) {
        found.extend(types::of_type(place, schema));
        found.extend(types::of_values(place, schema));
        match place.value {
            Value::Number(number) => found.extend(types::of_number(place, schema, number)),
            Value::String(text) => self.check_text(place, schema, text, found),
            Value::Array(items) => self.check_items(place, schema, items, found),
            Value::Object(fields) => self.check_fields(place, schema, fields, found),
            _ => {}
        }
        self.check_alternatives(place, schema, found);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(value: Value, schema: &Value) -> Vec<String> {
        mismatches(&value, schema).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn every_mistake_is_named_with_its_place() {
        let schema = json!({"type": "object", "required": ["rows"], "properties": {
            "rows": {"type": "array", "items": {
                "type": "object", "required": ["n"],
                "properties": {"n": {"type": "integer"}, "k": {"enum": ["a", "b"]}}}},
            "note": {"type": ["string", "null"]}}});
        let check = |value: Value| told(value, &schema);
        assert_eq!(check(json!({"rows": [{"n": 1}, {"n": 2.0, "k": "a"}], "note": null})), [""; 0]);
        assert_eq!(
            check(json!({"rows": [{"n": 1, "k": "c"}, {"n": "x"}], "note": 1})),
            [
                "rows[0].k: Value \"c\" is not defined in enum.",
                "rows[1].n: Invalid type. Expected Integer but got String.",
                "note: Invalid type. Expected String, Null but got Integer.",
            ]
        );
        assert_eq!(check(json!({})), ["Required properties are missing from object: rows."]);
        assert_eq!(check(json!(7)), ["Invalid type. Expected Object but got Integer."]);
        let one = mismatches(&json!({"rows": [{"n": null}]}), &schema).remove(0);
        assert_eq!((one.schema.as_str(), one.keyword), ("#/properties/rows/items/properties/n", "type"));
    }

    #[test]
    fn properties_beyond_the_schema_are_refused_only_when_it_says_so() {
        let open = json!({"properties": {"a": {}}});
        assert_eq!(told(json!({"b": 1}), &open), [""; 0]);
        let closed = json!({"properties": {"a": {}}, "patternProperties": {"^x_": {"type": "string"}},
                            "additionalProperties": false});
        let no = "Property 'b' has not been defined and the schema does not allow additional properties.";
        assert_eq!(told(json!({"a": 1, "b": 1, "x_1": "s"}), &closed), [no]);
        assert_eq!(told(json!({"x_1": 1}), &closed), ["x_1: Invalid type. Expected String but got Integer."]);
        let typed = json!({"additionalProperties": {"type": "string"}});
        assert_eq!(told(json!({"z": 1}), &typed), ["z: Invalid type. Expected String but got Integer."]);
    }

    #[test]
    fn bounds_of_numbers_texts_lists_and_objects() {
        let cases = [
            (json!(3), json!({"minimum": 5}), "Integer 3 is less than minimum value of 5."),
            (json!(7.5), json!({"maximum": 5}), "Float 7.5 exceeds maximum value of 5."),
            (
                json!(5),
                json!({"minimum": 5, "exclusiveMinimum": true}),
                "Integer 5 equals minimum value of 5 and exclusive minimum is true.",
            ),
            (
                json!(5),
                json!({"exclusiveMaximum": 5}),
                "Integer 5 equals maximum value of 5 and exclusive maximum is true.",
            ),
            (json!(3), json!({"multipleOf": 2}), "Integer 3 is not a multiple of 2."),
            (json!("a"), json!({"minLength": 2}), "String 'a' is less than minimum length of 2."),
            (json!("äöü"), json!({"maxLength": 2}), "String 'äöü' exceeds maximum length of 2."),
            (json!("b1"), json!({"pattern": "^a\\d"}), "String 'b1' does not match regex pattern '^a\\d'."),
            (
                json!("soon"),
                json!({"format": "date-time"}),
                "String 'soon' does not validate against format 'date-time'.",
            ),
            (json!([1]), json!({"minItems": 2}), "Array item count 1 is less than minimum count of 2."),
            (json!([1, 2]), json!({"maxItems": 1}), "Array item count 2 exceeds maximum count of 1."),
            (json!([1, 2, 1]), json!({"uniqueItems": true}), "Non-unique array item at index 2."),
            (
                json!({}),
                json!({"minProperties": 1}),
                "Object property count 0 is less than minimum count of 1.",
            ),
            (
                json!({"a": 1}),
                json!({"dependencies": {"a": ["b"]}}),
                "Dependencies for property 'a' failed. Missing required keys: b.",
            ),
            (json!(2), json!({"const": 1}), "Value 2 does not match const."),
        ];
        for (value, schema, expected) in cases {
            assert_eq!(told(value, &schema), [expected], "{schema}");
        }
    }

    #[test]
    fn alternatives_references_and_lists_of_fixed_places() {
        let either = json!({"anyOf": [{"type": "string"}, {"type": "null"}]});
        assert_eq!(told(json!(1), &either), ["JSON does not match any schemas from 'anyOf'."]);
        assert_eq!(told(json!(null), &either), [""; 0]);
        let one = json!({"oneOf": [{"type": "integer"}, {"minimum": 3}]});
        let both = "JSON is valid against more than one schema from 'oneOf'. Valid schema indexes: 0, 1.";
        assert_eq!(told(json!(4), &one), [both]);
        assert_eq!(told(json!(1), &one), [""; 0]);
        assert_eq!(
            told(json!("x"), &json!({"not": {"type": "string"}})),
            ["JSON is valid against schema from 'not'."]
        );
        let list = json!({"definitions": {"node": {"type": "object", "required": ["v"],
            "properties": {"next": {"$ref": "#/definitions/node"}}}}, "$ref": "#/definitions/node"});
        let missing = "next: Required properties are missing from object: v.";
        assert_eq!(told(json!({"v": 1, "next": {}}), &list), [missing]);
        let pair = json!({"items": [{"type": "string"}, {"type": "integer"}], "additionalItems": false});
        let third = "Index 3 has not been defined and the schema does not allow additional items.";
        assert_eq!(told(json!(["a", 1, 2]), &pair), [third]);
        assert_eq!(told(json!([1]), &pair), ["[0]: Invalid type. Expected String but got Integer."]);
    }

    #[test]
    fn a_schema_that_is_only_itself_ends() {
        assert_eq!(told(json!(1), &json!({"$ref": "#"})), [""; 0]);
        assert_eq!(told(json!(1), &json!({"allOf": [{"$ref": "#"}]})), [""; 0]);
        let bomb = json!({"anyOf": [{"$ref": "#"}, {"$ref": "#"}, {"type": "string"}]});
        told(json!(1), &bomb);
    }
}
