//! A validator for the part of JSON Schema that our schema uses. It refuses keywords that it does not know, so the
//! schema cannot outgrow it unseen. (The crates that validate all of JSON Schema switch on features of shared
//! dependencies that make every test build compile the query engine a second time.)

use std::cell::RefCell;
use std::collections::HashMap;

use regex::Regex;
use serde_json::{Map, Value};

pub(super) struct Validator {
    root: Value,
    patterns: RefCell<HashMap<String, Regex>>,
}

impl Validator {
    pub(super) fn new(root: Value) -> Self {
        Self { root, patterns: RefCell::default() }
    }

    pub(super) fn is_valid(&self, value: &Value) -> bool {
        self.valid(&self.root, value)
    }

    fn valid(&self, schema: &Value, value: &Value) -> bool {
        match schema {
            Value::Bool(it) => *it,
            Value::Object(keywords) => {
                keywords.iter().all(|(key, rule)| self.keyword(key, rule, keywords, value))
            }
            other => panic!("no schema: {other}"),
        }
    }

    fn matches(&self, pattern: &str, text: &str) -> bool {
        let mut patterns = self.patterns.borrow_mut();
        patterns.entry(pattern.to_owned()).or_insert_with(|| Regex::new(pattern).unwrap()).is_match(text)
    }

    fn keyword(&self, key: &str, rule: &Value, schema: &Map<String, Value>, value: &Value) -> bool {
        let entries = || value.as_object().into_iter().flatten();
        let count = |rule: &Value| usize::try_from(rule.as_u64().unwrap()).unwrap();
        match key {
            "$schema" | "$defs" | "title" | "description" => true,
            "$ref" => {
                let pointer = rule.as_str().unwrap().strip_prefix('#').unwrap();
                self.valid(self.root.pointer(pointer).unwrap(), value)
            }
            "type" => has_type(rule.as_str().unwrap(), value),
            "const" => rule == value,
            "pattern" => value.as_str().is_none_or(|text| self.matches(rule.as_str().unwrap(), text)),
            "minimum" => value.as_f64().is_none_or(|it| it >= rule.as_f64().unwrap()),
            "maximum" => value.as_f64().is_none_or(|it| it <= rule.as_f64().unwrap()),
            "exclusiveMinimum" => value.as_f64().is_none_or(|it| it > rule.as_f64().unwrap()),
            "items" => value.as_array().is_none_or(|items| items.iter().all(|item| self.valid(rule, item))),
            "minItems" => value.as_array().is_none_or(|items| items.len() >= count(rule)),
            "maxItems" => value.as_array().is_none_or(|items| items.len() <= count(rule)),
            "minProperties" => value.as_object().is_none_or(|it| it.len() >= count(rule)),
            "maxProperties" => value.as_object().is_none_or(|it| it.len() <= count(rule)),
            "required" => {
                let has = |key: &Value| value.get(key.as_str().unwrap()).is_some();
                !value.is_object() || rule.as_array().unwrap().iter().all(has)
            }
            "properties" => entries().all(|(key, it)| rule.get(key).is_none_or(|rule| self.valid(rule, it))),
            "additionalProperties" => {
                let is_listed =
                    |key: &String| schema.get("properties").is_some_and(|it| it.get(key).is_some());
                entries().filter(|(key, _)| !is_listed(key)).all(|(_, it)| self.valid(rule, it))
            }
            "propertyNames" => entries().all(|(key, _)| self.valid(rule, &Value::from(key.as_str()))),
            "allOf" => rule.as_array().unwrap().iter().all(|rule| self.valid(rule, value)),
            "anyOf" => rule.as_array().unwrap().iter().any(|rule| self.valid(rule, value)),
            "oneOf" => rule.as_array().unwrap().iter().filter(|rule| self.valid(rule, value)).count() == 1,
            other => panic!("the test does not know the keyword `{other}`"),
        }
    }
}

fn has_type(name: &str, value: &Value) -> bool {
    match name {
        "string" => value.is_string(),
        "number" => value.is_number(),
        "integer" => value.as_f64().is_some_and(|it| it.fract() == 0.0),
        "boolean" => value.is_boolean(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        "null" => value.is_null(),
        other => panic!("no type: {other}"),
    }
}
