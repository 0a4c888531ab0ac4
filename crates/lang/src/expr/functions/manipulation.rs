//! Objects: properties added, changed, removed; the first value that is not null.

use super::super::access::key_of;
use super::super::ast::Expr;
use super::super::error::EvalError;
use super::super::eval::{Machine, Val};
use super::{Body, Call, Family, Function};
use serde_json::{Map, Value};
use std::borrow::Cow;

const fn entry(
    name: &'static str,
    arity: (usize, Option<usize>),
    doc: &'static str,
    example: &'static str,
    body: Body,
) -> Function {
    Function::new(Family::Manipulation, name, arity, doc, example, body)
}

pub(super) const FUNCTIONS: &[Function] = &[
    entry(
        "coalesce",
        (1, None),
        "The first argument that is not null; the rest is not evaluated.",
        "coalesce(null, 'a') → 'a'",
        Body::Lazy(coalesce),
    ),
    entry(
        "addProperty",
        (3, Some(3)),
        "The object with one property more; it must be new.",
        "addProperty(json('{}'), 'a', 1) → {\"a\":1}",
        Body::Strict(add_property),
    ),
    entry(
        "setProperty",
        (3, Some(3)),
        "The object with a property set, new or not.",
        "setProperty(json('{\"a\":1}'), 'a', 2) → {\"a\":2}",
        Body::Strict(set_property),
    ),
    entry(
        "removeProperty",
        (2, Some(2)),
        "The object without a property.",
        "removeProperty(json('{\"a\":1}'), 'a') → {}",
        Body::Strict(remove_property),
    ),
    entry(
        "mergeObjects",
        (2, Some(2)),
        "The properties of both objects; where both have one, objects are merged and else the second wins.",
        "mergeObjects(json('{\"a\":1}'), json('{\"b\":2}')) → {\"a\":1,\"b\":2}",
        Body::Strict(merge_objects),
    ),
    entry(
        "xpath",
        (2, Some(2)),
        "What an XPath expression finds in XML.",
        "xpath(xml('<a>1</a>'), 'number(/a)') → 1.0",
        Body::Strict(super::xml::xpath),
    ),
];

fn coalesce<'a>(machine: &Machine<'a>, _: &'static str, args: &[Expr]) -> Result<Val<'a>, EvalError> {
    for arg in args {
        let value = machine.eval(arg)?;
        if !value.is_null() {
            return Ok(value);
        }
    }
    Ok(Cow::default())
}

fn copy(call: &Call<'_, '_>) -> Result<Map<String, Value>, EvalError> {
    call.object(0)?;
    match call.machine.own(Cow::Borrowed(call.arg(0)))? {
        Value::Object(map) => Ok(map),
        _ => Ok(Map::new()),
    }
}

fn add_property<'a>(call: &Call<'_, 'a>) -> Result<Val<'a>, EvalError> {
    let mut map = copy(call)?;
    let name = call.text(1)?;
    if let Some(existing) = key_of(&map, name) {
        return Err(call.error(format_args!(
            "cannot add the property '{name}': the object already has '{existing}'. Use setProperty to change it"
        )));
    }
    map.insert(name.to_owned(), call.machine.own(Cow::Borrowed(call.arg(2)))?);
    Ok(Cow::Owned(Value::Object(map)))
}

fn set_property<'a>(call: &Call<'_, 'a>) -> Result<Val<'a>, EvalError> {
    let mut map = copy(call)?;
    let name = call.text(1)?;
    let key = key_of(&map, name).unwrap_or(name).to_owned();
    map.insert(key, call.machine.own(Cow::Borrowed(call.arg(2)))?);
    Ok(Cow::Owned(Value::Object(map)))
}

fn remove_property<'a>(call: &Call<'_, 'a>) -> Result<Val<'a>, EvalError> {
    let mut map = copy(call)?;
    if let Some(key) = key_of(&map, call.text(1)?).map(str::to_owned) {
        map.shift_remove(&key);
    }
    Ok(Cow::Owned(Value::Object(map)))
}

fn merge_objects<'a>(call: &Call<'_, 'a>) -> Result<Val<'a>, EvalError> {
    let mut merged = copy(call)?;
    call.object(1)?;
    if let Value::Object(other) = call.machine.own(Cow::Borrowed(call.arg(1)))? {
        merge(&mut merged, other);
    }
    Ok(Cow::Owned(Value::Object(merged)))
}

/// Bounded by the depth of the values, which [`Machine::own`] has checked.
fn merge(target: &mut Map<String, Value>, other: Map<String, Value>) {
    for (name, value) in other {
        let key = key_of(target, &name).map(str::to_owned).unwrap_or(name);
        match (target.get_mut(&key), value) {
            (Some(Value::Object(inner)), Value::Object(more)) => merge(inner, more),
            (_, value) => {
                target.insert(key, value);
            }
        }
    }
}
