//! Two JSON values compared, value by value.

use serde_json::{Map, Value};

use super::FieldChange;

/// Every value that differs, the smallest that can be told. Items of lists are told apart by their names where
/// they have one. Flows are only said to differ: their documents are long.
pub(super) fn diff(old: &Value, new: &Value) -> Vec<FieldChange> {
    let mut changes = Vec::new();
    compare("", old, new, &mut changes);
    changes
}

/// Depth of the recursion: documents come from files whose depth is bounded.
fn compare(path: &str, old: &Value, new: &Value, changes: &mut Vec<FieldChange>) {
    match (old, new) {
        (old, new) if old == new => {}
        (Value::Object(old), Value::Object(new)) => compare_objects(path, old, new, changes),
        (Value::Array(old), Value::Array(new)) => match (named(old), named(new)) {
            (Some(old), Some(new)) => compare_named(path, &old, &new, changes),
            _ if old.len() == new.len() && old.iter().chain(new).all(Value::is_object) => {
                let pairs = old.iter().zip(new).enumerate();
                pairs.for_each(|(index, (old, new))| {
                    compare(&format!("{path}[#{}]", index + 1), old, new, changes);
                });
            }
            _ => change(path, Some(&Value::Array(old.clone())), Some(&Value::Array(new.clone())), changes),
        },
        (Value::String(_), Value::String(_)) if path == "document" => change(path, None, None, changes),
        (old, new) => change(path, Some(old), Some(new), changes),
    }
}

fn compare_objects(
    path: &str,
    old: &Map<String, Value>,
    new: &Map<String, Value>,
    changes: &mut Vec<FieldChange>,
) {
    let added = new.keys().filter(|key| !old.contains_key(*key));
    for key in old.keys().chain(added) {
        let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
        match (old.get(key), new.get(key)) {
            (Some(old), Some(new)) => compare(&path, old, new, changes),
            (old, new) => change(&path, old, new, changes),
        }
    }
}

/// The items with their names, when every item has a name and no two the same.
fn named(items: &[Value]) -> Option<Vec<(&str, &Value)>> {
    let name = |item| Value::get(item, "name").or_else(|| Value::get(item, "entity")).and_then(Value::as_str);
    let named: Option<Vec<_>> = items.iter().map(|item| Some((name(item)?, item))).collect();
    let named = named.filter(|named| !named.is_empty())?;
    let mut names: Vec<_> = named.iter().map(|(name, _)| *name).collect();
    names.sort_unstable();
    names.dedup();
    (names.len() == named.len()).then_some(named)
}

fn compare_named(path: &str, old: &[(&str, &Value)], new: &[(&str, &Value)], changes: &mut Vec<FieldChange>) {
    let find = |items: &[(&str, &Value)], name: &str| -> Option<Value> {
        items.iter().find(|(other, _)| *other == name).map(|(_, item)| (*item).clone())
    };
    for (name, before) in old {
        let path = format!("{path}[{name}]");
        match find(new, name) {
            Some(after) => compare(&path, before, &after, changes),
            None => change(&path, Some(before), None, changes),
        }
    }
    for (name, after) in new {
        if find(old, name).is_none() {
            change(&format!("{path}[{name}]"), None, Some(after), changes);
        }
    }
    let order = |items: &[(&str, &Value)], others: &[(&str, &Value)]| -> Vec<Value> {
        let kept = items.iter().filter(|(name, _)| others.iter().any(|(other, _)| other == name));
        kept.map(|(name, _)| Value::from(*name)).collect()
    };
    let (before, after) = (order(old, new), order(new, old));
    if before != after {
        change(&format!("{path} (order)"), Some(&before.into()), Some(&after.into()), changes);
    }
}

fn change(path: &str, old: Option<&Value>, new: Option<&Value>, changes: &mut Vec<FieldChange>) {
    changes.push(FieldChange { path: path.to_owned(), old: old.cloned(), new: new.cloned() });
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn told(old: Value, new: Value) -> Vec<String> {
        diff(&old, &new).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn the_smallest_difference_is_told() {
        let old = json!({"a": 1, "b": {"c": [1, 2]}, "gone": true});
        let new = json!({"a": 1, "b": {"c": [2]}, "new": "x"});
        assert_eq!(told(old, new), ["b.c: [1,2] → [2]", "gone: - true", "new: + \"x\""]);
    }

    #[test]
    fn items_without_names_are_compared_by_place_when_there_are_as_many() {
        let old = json!({"c": [{"x": 1}, {"x": 2}]});
        assert_eq!(told(old.clone(), json!({"c": [{"x": 1}, {"x": 3}]})), ["c[#2].x: 2 → 3"]);
        assert_eq!(told(old, json!({"c": [{"x": 1}]})), ["c: [{\"x\":1},{\"x\":2}] → [{\"x\":1}]"]);
    }

    #[test]
    fn items_with_names_are_compared_by_name_and_their_order_counts() {
        let old = json!({"e": [{"name": "a", "f": 1}, {"name": "b"}, {"name": "c"}]});
        let new = json!({"e": [{"name": "c"}, {"name": "a", "f": 2}, {"name": "d"}]});
        let expected = [
            "e[a].f: 1 → 2",
            "e[b]: - {\"name\":\"b\"}",
            "e[d]: + {\"name\":\"d\"}",
            "e (order): [\"a\",\"c\"] → [\"c\",\"a\"]",
        ];
        assert_eq!(told(old, new), expected);
    }
}
