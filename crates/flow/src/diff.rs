//! What is different between two documents of a flow: by action and trigger, and line by line.

use std::collections::BTreeMap;

use lang::wdl::json::{self, Node};
use serde::Serialize;
use serde_json::Value;

/// Cells of the table that finds common lines; more lines than that count as all different. Ours.
const CELLS: usize = 4_000_000;
/// Lines of text that stay the same, shown around each change.
const AROUND: usize = 3;

/// What happened to a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Change {
    /// It is only in the second document.
    Added,
    /// It is only in the first.
    Removed,
    /// It is in both, and something in it is different.
    Changed,
    /// It is in both, in another container.
    Moved,
}

/// A value that is different.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Difference {
    /// JSON pointer from the part.
    pub pointer: String,
    /// What it was; none when it was not there.
    pub before: Option<Value>,
    /// What it is; none when it is not there.
    pub after: Option<Value>,
}

/// A part of a flow that is different.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PartChange {
    /// `action`, `trigger`, `parameter`, or `other` for what stands around them.
    pub part: &'static str,
    /// Its name; letter case does not count.
    pub name: String,
    /// The containers around an action: `Outer/else`.
    pub container: String,
    /// What happened.
    pub change: Change,
    /// The values that are different; none for parts that were added or removed.
    pub differences: Vec<Difference>,
}

/// What is different between two documents.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Diff {
    /// Part by part: as in the second document, then what is gone.
    pub parts: Vec<PartChange>,
    /// Line by line, as `diff -u` prints it; empty when the texts are the same.
    pub text: String,
}

/// A part of a document.
struct Part {
    kind: &'static str,
    name: String,
    container: String,
    value: Value,
}

/// Compares two documents. One that is no flow has no parts; its lines are compared all the same.
pub fn diff(before: &str, after: &str) -> Diff {
    let (old, new) = (parts(before), parts(after));
    let key = |part: &Part| (part.kind, part.name.to_lowercase());
    let olds: BTreeMap<_, &Part> = old.iter().map(|part| (key(part), part)).collect();
    let news: BTreeMap<_, &Part> = new.iter().map(|part| (key(part), part)).collect();
    let told = |part: &Part, change, differences| PartChange {
        part: part.kind,
        name: part.name.clone(),
        container: part.container.clone(),
        change,
        differences,
    };
    let mut changes = Vec::new();
    for part in &new {
        let Some(was) = olds.get(&key(part)) else {
            changes.push(told(part, Change::Added, Vec::new()));
            continue;
        };
        let mut differences = Vec::new();
        compare(&was.value, &part.value, String::new(), &mut differences);
        if was.container != part.container {
            changes.push(told(part, Change::Moved, differences));
        } else if !differences.is_empty() {
            changes.push(told(part, Change::Changed, differences));
        }
    }
    let gone = old.iter().filter(|part| !news.contains_key(&key(part)));
    changes.extend(gone.map(|part| told(part, Change::Removed, Vec::new())));
    Diff { parts: changes, text: lines(before, after) }
}

/// The parts of a document; containers without what is in them.
fn parts(document: &str) -> Vec<Part> {
    let Some(root) = json::read(document).0 else { return Vec::new() };
    let Some(definition) = lang::wdl::locate(&root) else { return Vec::new() };
    let mut found = Vec::new();
    for (kind, key) in [("trigger", "triggers"), ("parameter", "parameters")] {
        for member in definition.get(key).map(Node::members).unwrap_or_default() {
            let name = member.key.clone();
            found.push(Part { kind, name, container: String::new(), value: member.value.to_value() });
        }
    }
    actions(definition, "", &mut found);
    for member in definition.members() {
        if !["triggers", "actions", "parameters"].iter().any(|key| member.key.eq_ignore_ascii_case(key)) {
            let name = member.key.clone();
            found.push(Part {
                kind: "other",
                name,
                container: String::new(),
                value: member.value.to_value(),
            });
        }
    }
    found
}

/// Recursion ends: the reader bounds how deep a JSON value may be.
fn actions(node: &Node, container: &str, found: &mut Vec<Part>) {
    for member in node.get("actions").map(Node::members).unwrap_or_default() {
        let action = &member.value;
        found.push(Part {
            kind: "action",
            name: member.key.clone(),
            container: container.to_owned(),
            value: own(action),
        });
        let inside =
            if container.is_empty() { member.key.clone() } else { format!("{container}/{}", member.key) };
        actions(action, &inside, found);
        for key in ["else", "default"] {
            if let Some(branch) = action.get(key) {
                actions(branch, &format!("{inside}/{key}"), found);
            }
        }
        for case in action.get("cases").map(Node::members).unwrap_or_default() {
            actions(&case.value, &format!("{inside}/{}", case.key), found);
        }
    }
}

/// An action without the actions inside it.
fn own(action: &Node) -> Value {
    let without = |value: &mut Value| {
        if let Value::Object(map) = value {
            map.remove("actions");
        }
    };
    let mut value = action.to_value();
    without(&mut value);
    if let Value::Object(map) = &mut value {
        for key in ["else", "default"] {
            map.get_mut(key).into_iter().for_each(without);
        }
        if let Some(Value::Object(cases)) = map.get_mut("cases") {
            cases.values_mut().for_each(without);
        }
    }
    value
}

/// Recursion ends: the reader bounds how deep a JSON value may be.
fn compare(before: &Value, after: &Value, pointer: String, found: &mut Vec<Difference>) {
    if before == after {
        return;
    }
    let told = |pointer, before: Option<&Value>, after: Option<&Value>| Difference {
        pointer,
        before: before.cloned(),
        after: after.cloned(),
    };
    match (before, after) {
        (Value::Object(old), Value::Object(new)) => {
            let escaped = |key: &str| format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1"));
            for (key, after) in new {
                match old.get(key) {
                    Some(before) => compare(before, after, escaped(key), found),
                    None => found.push(told(escaped(key), None, Some(after))),
                }
            }
            let gone = old.iter().filter(|(key, _)| !new.contains_key(*key));
            found.extend(gone.map(|(key, before)| told(escaped(key), Some(before), None)));
        }
        (Value::Array(old), Value::Array(new)) if old.len() == new.len() => {
            for (at, (before, after)) in old.iter().zip(new).enumerate() {
                compare(before, after, format!("{pointer}/{at}"), found);
            }
        }
        _ => found.push(told(pointer, Some(before), Some(after))),
    }
}

/// A line of both texts, of the first, or of the second.
#[derive(Clone, Copy, PartialEq)]
enum Line<'t> {
    Same(&'t str),
    Old(&'t str),
    New(&'t str),
}

fn lines(before: &str, after: &str) -> String {
    if before == after {
        return String::new();
    }
    // A document in one long line tells nothing line by line.
    let (before, after) = if is_long(before) || is_long(after) {
        (pretty(before), pretty(after))
    } else {
        (before.to_owned(), after.to_owned())
    };
    let (old, new): (Vec<&str>, Vec<&str>) = (before.lines().collect(), after.lines().collect());
    hunks(&merged(&old, &new))
}

fn is_long(text: &str) -> bool {
    text.lines().any(|line| line.len() > 1000)
}

fn pretty(text: &str) -> String {
    let value = serde_json::from_str::<Value>(text.trim_start_matches('\u{feff}')).ok();
    value.and_then(|value| serde_json::to_string_pretty(&value).ok()).unwrap_or_else(|| text.to_owned())
}

/// The lines of both texts in one order: the longest common ones are kept (Wagner and Fischer 1974).
fn merged<'t>(old: &[&'t str], new: &[&'t str]) -> Vec<Line<'t>> {
    let head = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    let rest = |all: &[&'t str]| all.iter().skip(head).copied().collect::<Vec<_>>();
    let (mut a, mut b) = (rest(old), rest(new));
    let tail = a.iter().rev().zip(b.iter().rev()).take_while(|(a, b)| a == b).count();
    a.truncate(a.len().saturating_sub(tail));
    b.truncate(b.len().saturating_sub(tail));
    let mut all: Vec<Line<'t>> = old.iter().take(head).map(|line| Line::Same(line)).collect();
    all.extend(between(&a, &b));
    all.extend(old.iter().skip(old.len().saturating_sub(tail)).map(|line| Line::Same(line)));
    all
}

fn between<'t>(a: &[&'t str], b: &[&'t str]) -> Vec<Line<'t>> {
    let width = b.len().saturating_add(1);
    if a.len().saturating_add(1).saturating_mul(width) > CELLS {
        let old = a.iter().map(|line| Line::Old(line));
        return old.chain(b.iter().map(|line| Line::New(line))).collect();
    }
    // common[i][j]: how many lines a[i..] and b[j..] have in common, in order.
    let mut common = vec![vec![0u32; width]; a.len() + 1];
    let at = |common: &[Vec<u32>], i: usize, j: usize| {
        common.get(i).and_then(|row| row.get(j)).copied().unwrap_or(0)
    };
    for (i, x) in a.iter().enumerate().rev() {
        for (j, y) in b.iter().enumerate().rev() {
            let best = if x == y {
                at(&common, i + 1, j + 1) + 1
            } else {
                at(&common, i + 1, j).max(at(&common, i, j + 1))
            };
            if let Some(cell) = common.get_mut(i).and_then(|row| row.get_mut(j)) {
                *cell = best;
            }
        }
    }
    let (mut i, mut j) = (0, 0);
    let mut all = Vec::new();
    loop {
        match (a.get(i), b.get(j)) {
            (Some(x), Some(y)) if x == y => {
                all.push(Line::Same(x));
                (i, j) = (i + 1, j + 1);
            }
            (Some(x), other) if other.is_none() || at(&common, i + 1, j) >= at(&common, i, j + 1) => {
                all.push(Line::Old(x));
                i += 1;
            }
            (_, Some(y)) => {
                all.push(Line::New(y));
                j += 1;
            }
            _ => return all,
        }
    }
}

/// The changes with a few lines around them.
fn hunks(all: &[Line<'_>]) -> String {
    let changed: Vec<usize> =
        all.iter().enumerate().filter(|(_, line)| !matches!(line, Line::Same(_))).map(|(at, _)| at).collect();
    let is_near = |at: usize| {
        let next = changed.partition_point(|other| *other < at);
        let near = |index: usize| changed.get(index).is_some_and(|other| other.abs_diff(at) <= AROUND);
        near(next) || next.checked_sub(1).is_some_and(near)
    };
    let (mut old, mut new) = (1, 1);
    let mut text = String::new();
    let mut inside = false;
    for (at, line) in all.iter().enumerate() {
        let shown = is_near(at);
        if shown && !inside {
            text.push_str(&format!("@@ -{old} +{new} @@\n"));
        }
        inside = shown;
        let (sign, words) = match line {
            Line::Same(words) => (' ', words),
            Line::Old(words) => ('-', words),
            Line::New(words) => ('+', words),
        };
        if shown {
            text.push_str(&format!("{sign}{words}\n"));
        }
        old += usize::from(sign != '+');
        new += usize::from(sign != '-');
    }
    text
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn flow(actions: Value) -> String {
        let document = json!({"triggers": {"manual": {"type": "Request"}}, "actions": actions});
        serde_json::to_string_pretty(&document).unwrap()
    }

    #[test]
    fn actions_are_compared_by_name_wherever_they_stand() {
        let before = flow(json!({
            "A": {"type": "Compose", "inputs": 1},
            "If": {"type": "If", "expression": "@true", "actions": {"B": {"type": "Compose", "inputs": 1}}, "else": {"actions": {}}},
            "Gone": {"type": "Wait"}
        }));
        let after = flow(json!({
            "New": {"type": "Wait"},
            "a": {"type": "Compose", "inputs": {"x/y": 2}},
            "If": {"type": "If", "expression": "@true", "actions": {}, "else": {"actions": {"B": {"type": "Compose", "inputs": 2}}}}
        }));
        let found = diff(&before, &after);
        let told: Vec<_> =
            found.parts.iter().map(|it| (it.name.as_str(), it.container.as_str(), it.change)).collect();
        assert_eq!(
            told,
            [
                ("New", "", Change::Added),
                ("a", "", Change::Changed),
                ("B", "If/else", Change::Moved),
                ("Gone", "", Change::Removed)
            ]
        );
        let change = &found.parts[2].differences[0];
        assert_eq!(
            (change.pointer.as_str(), &change.before, &change.after),
            ("/inputs", &Some(json!(1)), &Some(json!(2)))
        );
        assert!(found.text.contains("-    \"Gone\": {\n"), "{}", found.text);
        assert_eq!(diff(&before, &before), Diff::default());
    }

    #[test]
    fn one_long_line_is_compared_as_if_it_were_many() {
        let long = |n: u32| flow(json!({"A": {"type": "Compose", "inputs": ["x".repeat(2000), n]}}));
        let one_line = |text: String| serde_json::from_str::<Value>(&text).unwrap().to_string();
        let text = diff(&one_line(long(1)), &one_line(long(2))).text;
        assert!(
            text.contains("\n-          1\n+          2\n") || text.contains("-        1\n+        2\n"),
            "{text}"
        );
    }

    proptest! {
        #[test]
        fn both_texts_can_be_read_from_the_merged_lines(old in "[ab\n]{0,40}", new in "[ab\n]{0,40}") {
            let (a, b): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
            let all = merged(&a, &b);
            let of = |skip: fn(&Line<'_>) -> bool| -> Vec<&str> {
                all.iter().filter(|line| !skip(line)).map(|line| match line {
                    Line::Same(words) | Line::Old(words) | Line::New(words) => *words,
                }).collect()
            };
            prop_assert_eq!(of(|line| matches!(line, Line::New(_))), a);
            prop_assert_eq!(of(|line| matches!(line, Line::Old(_))), b);
        }
    }
}
