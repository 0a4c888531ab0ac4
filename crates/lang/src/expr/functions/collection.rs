//! Arrays and objects as collections, and texts as sequences of characters.

use super::super::decimal::Decimal;
use super::super::error::EvalError;
use super::super::eval::Val;
use super::super::value::{Num, contains as holds, equal, kind_name, order, text_of};
use super::{Body, Call, Family, Function};
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::{BTreeSet, HashSet};

const fn entry(
    name: &'static str,
    arity: (usize, Option<usize>),
    doc: &'static str,
    example: &'static str,
    body: Body,
) -> Function {
    Function::new(Family::Collection, name, arity, doc, example, body)
}

const ONE: (usize, Option<usize>) = (1, Some(1));
const TWO: (usize, Option<usize>) = (2, Some(2));

pub(super) const FUNCTIONS: &[Function] = &[
    entry(
        "contains",
        TWO,
        "Whether a text has this part, an array this element, an object a property of this name.",
        "contains('hello world', 'world') → true",
        Body::Strict(contains),
    ),
    entry(
        "empty",
        ONE,
        "Whether a text, array or object has nothing in it; null is empty.",
        "empty('') → true",
        Body::Strict(empty),
    ),
    entry("first", ONE, "The first character or element.", "first('hello') → 'h'", Body::Strict(first)),
    entry("last", ONE, "The last character or element.", "last('abcd') → 'd'", Body::Strict(last)),
    entry("take", TWO, "The first n characters or elements.", "take('abcde', 3) → 'abc'", Body::Strict(take)),
    entry("skip", TWO, "All but the first n elements.", "skip(range(0, 4), 1) → [1,2,3]", Body::Strict(skip)),
    entry(
        "join",
        TWO,
        "The elements as one text, with a separator.",
        "join(createArray('a', 'b'), '.') → 'a.b'",
        Body::Strict(join),
    ),
    entry(
        "union",
        (2, None),
        "All elements of all arrays once, or all properties of all objects, the last value winning.",
        "union(range(1, 2), range(2, 2)) → [1,2,3]",
        Body::Strict(union),
    ),
    entry(
        "intersection",
        (2, None),
        "What is in all of the arrays or objects.",
        "intersection(range(1, 3), range(2, 3)) → [2,3]",
        Body::Strict(intersection),
    ),
    entry(
        "reverse",
        ONE,
        "The elements from the last to the first.",
        "reverse(range(0, 3)) → [2,1,0]",
        Body::Strict(reverse),
    ),
    entry(
        "sort",
        (1, Some(2)),
        "The elements in ascending order, of objects by a property.",
        "sort(createArray(2, 1)) → [1,2]",
        Body::Strict(sort),
    ),
    entry(
        "length",
        ONE,
        "The number of elements, or of UTF-16 characters of a text.",
        "length('abcd') → 4",
        Body::Strict(length),
    ),
    entry(
        "chunk",
        TWO,
        "A text or array in pieces of this length; the last one may be shorter.",
        "chunk('abcde', 2) → ['ab','cd','e']",
        Body::Strict(chunk),
    ),
];

fn owned<'a>(value: impl Into<Value>) -> Result<Val<'a>, EvalError> {
    Ok(Cow::Owned(value.into()))
}

fn contains<'a>(call: &Call<'_, 'a>) -> Result<Val<'a>, EvalError> {
    if let Value::Array(items) = call.arg(0) {
        call.machine.spend(items.len())?;
    }
    match holds(call.arg(0), call.arg(1)) {
        Some(found) => owned(found),
        None => Err(call.error(format_args!(
            "expects its first parameter to be an object, an array or a string, and the second to be what can \
             be in it. The provided values are of type '{}' and '{}'",
            kind_name(call.arg(0)),
            kind_name(call.arg(1))
        ))),
    }
}

fn empty<'a>(call: &Call<'_, 'a>) -> Result<Val<'a>, EvalError> {
    owned(match call.arg(0) {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(map) => map.is_empty(),
        _ => return Err(call.wrong(0, "an object, an array or a string")),
    })
}

fn first<'a>(call: &Call<'_, 'a>) -> Result<Val<'a>, EvalError> {
    match call.arg(0) {
        Value::String(text) => call.give_text(text.chars().take(1).collect::<String>()),
        Value::Array(_) => Ok(call.pick(0, |value| value.get(0))),
        _ => Err(call.wrong(0, "an array or a string")),
    }
}

fn last<'a>(call: &Call<'_, 'a>) -> Result<Val<'a>, EvalError> {
    match call.arg(0) {
        Value::String(text) => call.give_text(text.chars().next_back().map(String::from).unwrap_or_default()),
        Value::Array(_) => Ok(call.pick(0, |value| value.as_array().and_then(|items| items.last()))),
        _ => Err(call.wrong(0, "an array or a string")),
    }
}

fn count(call: &Call<'_, '_>) -> Result<usize, EvalError> {
    let count = call.integer(1)?;
    usize::try_from(count).map_err(|_| {
        call.error(format_args!("expects its second parameter, the count, not to be negative; it is {count}"))
    })
}

fn take<'a>(call: &Call<'_, 'a>) -> Result<Val<'a>, EvalError> {
    match call.arg(0) {
        Value::String(text) => call.give_text(utf16_slice(text, 0, count(call)?)),
        Value::Array(items) => {
            let items = items.get(..count(call)?.min(items.len())).unwrap_or_default();
            copy(call, items)
        }
        _ => Err(call.wrong(0, "an array or a string")),
    }
}

fn skip<'a>(call: &Call<'_, 'a>) -> Result<Val<'a>, EvalError> {
    match call.arg(0) {
        Value::String(text) => {
            let count = count(call)?;
            call.give_text(utf16_slice(text, count, usize::MAX))
        }
        Value::Array(items) => {
            let items = items.get(count(call)?.min(items.len())..).unwrap_or_default();
            copy(call, items)
        }
        _ => Err(call.wrong(0, "an array or a string")),
    }
}

/// Part of a text by UTF-16 positions, as the compatible host counts; a cut inside a character outside the
/// basic plane takes the replacement character.
pub(super) fn utf16_slice(text: &str, start: usize, length: usize) -> String {
    if text.is_ascii() {
        let start = start.min(text.len());
        let end = start.saturating_add(length).min(text.len());
        return text.get(start..end).unwrap_or_default().to_owned();
    }
    let units: Vec<u16> = text.encode_utf16().skip(start).take(length).collect();
    String::from_utf16_lossy(&units)
}

fn copy<'a>(call: &Call<'_, 'a>, items: &[Value]) -> Result<Val<'a>, EvalError> {
    let copied: Result<Vec<Value>, _> =
        items.iter().map(|item| call.machine.own(Cow::Borrowed(item))).collect();
    owned(copied?)
}

fn join<'a>(call: &Call<'_, 'a>) -> Result<Val<'a>, EvalError> {
    let (items, separator) = (call.array(0)?, call.text(1)?);
    let mut text = String::new();
    for (index, item) in items.iter().enumerate() {
        call.machine.spend(1)?;
        let piece = text_of(item);
        call.machine.made(piece.len() + separator.len())?;
        if index > 0 {
            text.push_str(separator);
        }
        text.push_str(&piece);
    }
    owned(text)
}

/// Elements seen so far, by a text that is the same for equal values and for no others.
#[derive(Default)]
struct Seen {
    keys: HashSet<String>,
}

impl Seen {
    fn has(&self, value: &Value) -> bool {
        self.keys.contains(&identity(value))
    }

    /// Whether the value is new.
    fn add(&mut self, value: &Value) -> bool {
        self.keys.insert(identity(value))
    }
}

/// The text of a value under the equality of the language: 1 is 1.0, true is 'True', and the order of an
/// object's properties does not count. Depth is bounded by that of values.
fn identity(value: &Value) -> String {
    match value {
        value if Decimal::of(value).is_some() => {
            Decimal::of(value).map(|decimal| decimal.trimmed().to_string()).unwrap_or_default()
        }
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(identity).collect();
            format!("[{}]", items.join(","))
        }
        Value::Object(map) => {
            let mut members: Vec<String> = map
                .iter()
                .map(|(key, item)| format!("{}:{}", Value::from(key.as_str()), identity(item)))
                .collect();
            members.sort_unstable();
            format!("{{{}}}", members.join(","))
        }
        Value::Bool(flag) => format!("\"{flag}\""),
        Value::String(text) if text.eq_ignore_ascii_case("true") => "\"true\"".to_owned(),
        Value::String(text) if text.eq_ignore_ascii_case("false") => "\"false\"".to_owned(),
        Value::Number(_) => match Num::of(value) {
            Some(Num::Int(whole)) => whole.to_string(),
            // A whole float prints all its digits, as the equal integer does.
            Some(Num::Decimal(_)) | None => value.to_string(),
            Some(Num::Float(float)) => format!("{}", float + 0.0),
        },
        other => other.to_string(),
    }
}

fn same_type(call: &Call<'_, '_>) -> EvalError {
    let kinds: Vec<&str> = call.args.iter().map(|arg| kind_name(arg)).collect();
    call.error(format_args!(
        "expects parameters of same type, all arrays or all objects. The provided values are of type '{}'",
        kinds.join("', '")
    ))
}

fn arrays<'c>(call: &'c Call<'_, '_>) -> Option<Vec<&'c Vec<Value>>> {
    call.args.iter().map(|arg| arg.as_array()).collect()
}

fn objects<'c>(call: &'c Call<'_, '_>) -> Option<Vec<&'c Map<String, Value>>> {
    call.args.iter().map(|arg| arg.as_object()).collect()
}

fn union<'a>(call: &Call<'_, 'a>) -> Result<Val<'a>, EvalError> {
    if let Some(arrays) = arrays(call) {
        let mut seen = Seen::default();
        let mut result = Vec::new();
        for item in arrays.into_iter().flatten() {
            let item_copy = call.machine.own(Cow::Borrowed(item))?;
            if seen.add(item) {
                result.push(item_copy);
            }
        }
        return owned(result);
    }
    let objects = objects(call).ok_or_else(|| same_type(call))?;
    let mut merged = Map::new();
    for (key, value) in objects.into_iter().flatten() {
        merged.insert(key.clone(), call.machine.own(Cow::Borrowed(value))?);
    }
    owned(merged)
}

fn intersection<'a>(call: &Call<'_, 'a>) -> Result<Val<'a>, EvalError> {
    if let Some(arrays) = arrays(call) {
        let (first, others) = arrays.split_first().ok_or_else(|| same_type(call))?;
        let mut sets = Vec::new();
        for other in others {
            call.machine.spend(other.len())?;
            let mut seen = Seen::default();
            other.iter().for_each(|item| {
                seen.add(item);
            });
            sets.push(seen);
        }
        let mut given = Seen::default();
        let mut result = Vec::new();
        for item in *first {
            call.machine.spend(sets.len())?;
            if sets.iter().all(|set| set.has(item)) && given.add(item) {
                result.push(call.machine.own(Cow::Borrowed(item))?);
            }
        }
        return owned(result);
    }
    let objects = objects(call).ok_or_else(|| same_type(call))?;
    let (first, others) = objects.split_first().ok_or_else(|| same_type(call))?;
    let mut result = Map::new();
    for (key, value) in *first {
        if others.iter().all(|other| other.get(key).is_some_and(|found| equal(found, value))) {
            result.insert(key.clone(), call.machine.own(Cow::Borrowed(value))?);
        }
    }
    owned(result)
}

fn reverse<'a>(call: &Call<'_, 'a>) -> Result<Val<'a>, EvalError> {
    call.array(0)?;
    let Value::Array(mut items) = call.machine.own(Cow::Borrowed(call.arg(0)))? else {
        return Err(call.wrong(0, "an array"));
    };
    items.reverse();
    owned(items)
}

fn sort<'a>(call: &Call<'_, 'a>) -> Result<Val<'a>, EvalError> {
    let items = call.array(0)?;
    let by = call.optional_text(1)?;
    call.machine.spend(items.len())?;
    let mut keyed = Vec::with_capacity(items.len());
    for item in items {
        let key = match by {
            None => item,
            Some(name) => item
                .as_object()
                .and_then(|map| super::super::access::key_of(map, name).and_then(|key| map.get(key)))
                .ok_or_else(|| {
                    call.error(format_args!(
                        "expects every element to be an object with the property '{name}'"
                    ))
                })?,
        };
        if key.is_array() || key.is_object() {
            return Err(call.error(format_args!(
                "expects simple values to sort by. A value of type '{}' was found",
                kind_name(key)
            )));
        }
        keyed.push((key, item));
    }
    let kinds: BTreeSet<&str> = keyed.iter().filter_map(|(key, _)| sort_kind(key)).collect();
    if kinds.len() > 1 {
        let kinds: Vec<&str> = kinds.into_iter().collect();
        return Err(
            call.error(format_args!("cannot compare values of different kinds: {}", kinds.join(", ")))
        );
    }
    keyed.sort_by(|(a, _), (b, _)| sort_order(a, b));
    let sorted: Result<Vec<Value>, _> =
        keyed.into_iter().map(|(_, item)| call.machine.own(Cow::Borrowed(item))).collect();
    owned(sorted?)
}

/// What can be compared with one another; null goes with everything.
fn sort_kind(value: &Value) -> Option<&'static str> {
    match value {
        Value::Null => None,
        Value::Number(_) => Some("numbers"),
        Value::Bool(_) => Some("booleans"),
        _ => Some("strings"),
    }
}

fn sort_order(a: &Value, b: &Value) -> Ordering {
    match (a, b) {
        (Value::Null, Value::Null) => Ordering::Equal,
        (Value::Null, _) => Ordering::Less,
        (_, Value::Null) => Ordering::Greater,
        (Value::Bool(a), Value::Bool(b)) => a.cmp(b),
        (a, b) => order(a, b).unwrap_or(Ordering::Equal),
    }
}

fn length<'a>(call: &Call<'_, 'a>) -> Result<Val<'a>, EvalError> {
    owned(match call.arg(0) {
        Value::String(text) => text.encode_utf16().count(),
        Value::Array(items) => items.len(),
        _ => return Err(call.wrong(0, "an array or a string")),
    })
}

fn chunk<'a>(call: &Call<'_, 'a>) -> Result<Val<'a>, EvalError> {
    let size = call.integer(1)?;
    let Some(size) = usize::try_from(size).ok().filter(|size| *size > 0) else {
        return Err(
            call.error(format_args!("expects its second parameter, the length, to be above 0; it is {size}"))
        );
    };
    match call.arg(0) {
        Value::String(text) => {
            call.machine.made(text.len())?;
            let units: Vec<u16> = text.encode_utf16().collect();
            call.machine.spend(units.len() / size)?;
            let pieces = units.chunks(size).map(|piece| Value::String(String::from_utf16_lossy(piece)));
            owned(pieces.collect::<Vec<_>>())
        }
        Value::Array(items) => {
            let mut pieces = Vec::new();
            for piece in items.chunks(size) {
                pieces.push(copy(call, piece)?.into_owned());
            }
            owned(pieces)
        }
        _ => Err(call.wrong(0, "an array or a string")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn a_value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            prop::sample::select(vec!["true", "False", "a", "A", "1", "", "null"]).prop_map(Value::from),
            (-2..3_i64).prop_map(Value::from),
            prop::sample::select(vec![-1.0, -0.0, 0.0, 1.0, 1.5, 1e20, 9_007_199_254_740_992.0])
                .prop_map(Value::from),
            prop::sample::select(vec![9_007_199_254_740_992_i64, 9_007_199_254_740_993])
                .prop_map(Value::from),
        ];
        leaf.prop_recursive(2, 8, 3, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
                prop::collection::vec(("[ab]", inner), 0..3)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn two_values_have_one_identity_exactly_when_they_are_equal(a in a_value(), b in a_value()) {
            prop_assert_eq!(identity(&a) == identity(&b), equal(&a, &b), "{} {}", identity(&a), identity(&b));
        }
    }
}
