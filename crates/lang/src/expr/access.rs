//! One step into a value: property, composite property (`body/value`), element.

use super::context::same_name;
use super::error::EvalError;
use super::eval::Val;
use super::value::kind_name;
use serde_json::{Map, Value};
use std::borrow::Cow;

/// Why a step found nothing.
pub(crate) enum Miss {
    /// Nothing there; `?` forgives this.
    Absent(String),
    /// The step does not fit the value; `?` does not forgive this.
    Wrong(String),
}

impl Miss {
    /// The error for the expression (as printed) in which the step stands.
    pub(crate) fn in_expression(self, expression: &dyn std::fmt::Display) -> EvalError {
        let (Self::Absent(why) | Self::Wrong(why)) = self;
        EvalError::new(format!(
            "The template language expression '{expression}' cannot be evaluated because {why}. Please see \
             https://aka.ms/logicexpressions for usage details."
        ))
    }
}

/// The property of this name.
pub(crate) fn named<'a>(parent: Val<'a>, name: &str) -> Result<Val<'a>, Miss> {
    match parent.as_ref() {
        Value::Object(_) => property(parent, name),
        Value::Null => Err(Miss::Absent(format!("property '{name}' cannot be selected; its parent is null"))),
        Value::Array(_) => Err(Miss::Wrong(format!(
            "property '{name}' cannot be selected. Array elements can only be selected using an integer index"
        ))),
        other => Err(Miss::Wrong(format!(
            "property '{name}' cannot be selected. Property selection is not supported on values of type '{}'",
            kind_name(other)
        ))),
    }
}

/// The part of `parent` that a computed key names: a text a property, an integer an element.
pub(crate) fn step<'a>(parent: Val<'a>, key: &Value) -> Result<Val<'a>, Miss> {
    let index = match key {
        Value::String(name) => return named(parent, name),
        Value::Number(index) => index,
        key => {
            return Err(Miss::Wrong(format!(
                "a property name must be a string and an array index an integer, not a value of type '{}'",
                kind_name(key)
            )));
        }
    };
    match parent.as_ref() {
        Value::Array(_) => match index.as_i64() {
            Some(index) => element(parent, index),
            None => Err(Miss::Wrong("array elements can only be selected using an integer index".to_owned())),
        },
        Value::Null => Err(Miss::Absent(format!(
            "array element at index '{index}' cannot be selected; the array is null"
        ))),
        Value::Object(_) => Err(Miss::Wrong(format!(
            "array index '{index}' cannot be selected from an object; its properties are selected by name"
        ))),
        other => Err(Miss::Wrong(format!(
            "array index '{index}' cannot be selected from a value of type '{}'",
            kind_name(other)
        ))),
    }
}

fn property<'a>(parent: Val<'a>, name: &str) -> Result<Val<'a>, Miss> {
    let absent = |parent: &Value| {
        let names = parent.as_object().map(available).unwrap_or_default();
        Miss::Absent(format!("property '{name}' doesn't exist, available properties are '{names}'"))
    };
    match parent {
        Cow::Borrowed(Value::Object(map)) => {
            let literal = key_of(map, name).and_then(|key| map.get(key)).map(Cow::Borrowed);
            match literal.or_else(|| nested(map, name).map(Cow::Borrowed)) {
                Some(found) => Ok(found),
                None => Err(absent(parent.as_ref())),
            }
        }
        Cow::Owned(Value::Object(mut map)) => {
            if let Some(key) = key_of(&map, name).map(str::to_owned) {
                // Taken out rather than copied: the rest of the object is not needed any more.
                return Ok(Cow::Owned(map.get_mut(&key).map(Value::take).unwrap_or_default()));
            }
            match nested(&map, name) {
                Some(found) => Ok(Cow::Owned(found.clone())),
                None => Err(absent(&Value::Object(map))),
            }
        }
        other => Err(absent(other.as_ref())),
    }
}

/// The key as it is spelled in the map: the exact one, or the first that differs in letter case only.
pub(crate) fn key_of<'m>(map: &'m Map<String, Value>, name: &str) -> Option<&'m str> {
    if let Some((key, _)) = map.get_key_value(name) {
        return Some(key);
    }
    map.keys().find(|key| same_name(key, name)).map(String::as_str)
}

/// Composite names walk nested objects, `body/value` like `['body']['value']`. A missing last part is absent
/// like any property; a part on the way may be null.
fn nested<'m>(map: &'m Map<String, Value>, name: &str) -> Option<&'m Value> {
    let mut parts = name.split('/');
    let first = parts.next()?;
    let mut value = map.get(key_of(map, first)?)?;
    let mut walked = false;
    for part in parts {
        walked = true;
        let inner = value.as_object()?;
        value = inner.get(key_of(inner, part)?)?;
    }
    walked.then_some(value)
}

fn element<'a>(parent: Val<'a>, index: i64) -> Result<Val<'a>, Miss> {
    if index < 0 {
        return Err(Miss::Wrong(format!("array index '{index}' is negative; the first element has index 0")));
    }
    let position = usize::try_from(index).unwrap_or(usize::MAX);
    let length = parent.as_array().map_or(0, Vec::len);
    let found = match parent {
        Cow::Borrowed(value) => value.get(position).map(Cow::Borrowed),
        Cow::Owned(mut value) => value.get_mut(position).map(|element| Cow::Owned(element.take())),
    };
    found.ok_or_else(|| {
        Miss::Absent(format!(
            "array index '{index}' is outside bounds (0, {}) of array",
            length.saturating_sub(1)
        ))
    })
}

fn available(map: &Map<String, Value>) -> String {
    const MOST: usize = 50; // keeps the message readable
    let mut names: Vec<&str> = map.keys().map(String::as_str).take(MOST).collect();
    if map.len() > MOST {
        names.push("…");
    }
    names.join(", ")
}
