//! Holds a tree against the table: unknown and missing keys, wrong types and words, texts that break their rule.

use lang::diagnose::{Span, did_you_mean};

use super::super::node::{Entry, Node, NodeValue};
use super::super::problem::{Place, Problems};
use super::{Case, Field, NumberRule, Object, Shape, TextRule, Word};

/// Notes everything about `node` that does not have this shape. `name` is what messages call it.
pub(in super::super) fn check(shape: &Shape, node: &Node, name: &str, problems: &mut Problems) {
    match (shape, &node.value) {
        (Shape::Text(rule), NodeValue::Text(text)) => check_text(rule, text, node.place, problems),
        (Shape::Number(rule), NodeValue::Number(number)) => {
            check_number(rule, number, node.place, name, problems);
        }
        (Shape::Bool, NodeValue::Bool(_)) => {}
        (Shape::Word(words), NodeValue::Text(text)) => check_word(words, text, node.place, name, problems),
        (Shape::List { of, least }, NodeValue::List(items)) => {
            if items.len() < *least {
                problems.error(node.place, "emptyList", format!("`{name}` needs at least {least} value(s)"));
            }
            items.iter().for_each(|item| check(of, item, name, problems));
        }
        (Shape::Pair(of), NodeValue::List(items)) => {
            if items.len() != 2 {
                let message = format!("here `{name}` must have two values, not {}", items.len());
                problems.error(node.place, "wrongType", message);
            }
            items.iter().for_each(|item| check(of, item, name, problems));
        }
        (Shape::Object(object), NodeValue::Map(entries)) => {
            check_object(object, node, entries, None, problems);
        }
        (Shape::Named { rule, of }, NodeValue::Map(entries)) => {
            for entry in entries {
                check_text(rule, &entry.key, entry.key_place, problems);
                check(of, &entry.node, &entry.key, problems);
            }
        }
        (Shape::Kinds { tag, cases, .. }, NodeValue::Map(entries)) => {
            check_kinds(tag, cases, node, entries, problems);
        }
        (Shape::OneKey(fields), NodeValue::Map(entries)) => {
            check_one_key(fields, node, entries, problems);
        }
        (Shape::Either(shapes), _) if shapes.iter().any(|shape| fits(shape, node)) => {
            let shape = shapes.iter().find(|shape| fits(shape, node));
            shape.into_iter().for_each(|shape| check(shape, node, name, problems));
        }
        _ => wrong_type(shape, node, name, problems),
    }
}

/// Whether the value has the type that this shape is about.
fn fits(shape: &Shape, node: &Node) -> bool {
    match (shape, &node.value) {
        (Shape::Text(_) | Shape::Word(_), NodeValue::Text(_))
        | (Shape::Number(_), NodeValue::Number(_))
        | (Shape::Bool, NodeValue::Bool(_))
        | (Shape::List { .. } | Shape::Pair(_), NodeValue::List(_)) => true,
        (Shape::Either(shapes), _) => shapes.iter().any(|shape| fits(shape, node)),
        (
            Shape::Object(_) | Shape::Named { .. } | Shape::Kinds { .. } | Shape::OneKey(_),
            NodeValue::Map(_),
        ) => true,
        _ => false,
    }
}

fn wrong_type(shape: &Shape, node: &Node, name: &str, problems: &mut Problems) {
    let wants_text = fits(shape, &Node { value: NodeValue::Text(String::new()), place: node.place });
    let wants_bool = matches!(shape, Shape::Bool);
    let suggestion = match &node.value {
        NodeValue::Number(number) if wants_text => Some(format!("in quotes it is a text: `\"{number}\"`")),
        NodeValue::Bool(it) if wants_text => Some(format!("in quotes it is a text: `\"{it}\"`")),
        NodeValue::Text(text) if wants_bool => match text.to_ascii_lowercase().as_str() {
            "yes" | "on" | "y" => Some("write `true`".to_owned()),
            "no" | "off" | "n" => Some("write `false`".to_owned()),
            _ => None,
        },
        NodeValue::Text(text) if text.parse::<f64>().is_ok() => {
            Some(format!("without quotes it is a number: `{text}`"))
        }
        NodeValue::Map(_) if matches!(shape, Shape::List { .. }) => {
            Some("put `- ` before it to make it the first of the list".to_owned())
        }
        _ => None,
    };
    let message = format!("`{name}` must be {}, but here is {}", shape.what(), node.what());
    problems.suggest(pointed(node), "wrongType", message, suggestion);
}

/// Scalars are shown whole, lists and mappings by where they start.
fn pointed(node: &Node) -> Place {
    if matches!(node.value, NodeValue::Map(_)) { node.head() } else { node.place }
}

fn check_text(rule: &TextRule, text: &str, place: Place, problems: &mut Problems) {
    for fault in (rule.check)(text) {
        let at = fault.span.map_or(place, |span| inside(place, text, span, problems));
        problems.add(at, fault.severity, fault.code, fault.message, fault.suggestion);
    }
}

/// Where a part of a text stands in the file: known when the text stands there letter by letter, quoted or not.
pub(in super::super) fn inside(place: Place, text: &str, part: Span, problems: &Problems) -> Place {
    let written = place.span.of(problems.text(place.file));
    let quote = usize::from(written.starts_with(['"', '\'']));
    let letters = written.get(quote..).and_then(|rest| rest.get(..text.len()));
    if letters != Some(text) {
        return place;
    }
    let span = part.shifted(place.span.start.saturating_add(quote));
    // A mistake at the end ("something is missing") has no letters: show the last one.
    let span = if span.start == span.end { Span::new(span.start.saturating_sub(1), span.end) } else { span };
    let fits = problems.text(place.file).get(span.start..span.end).is_some();
    if fits { Place { file: place.file, span } } else { place }
}

fn check_number(
    rule: &NumberRule,
    number: &serde_json::Number,
    place: Place,
    name: &str,
    problems: &mut Problems,
) {
    let value = number.as_f64().unwrap_or(f64::NAN);
    let whole_ok = !rule.whole || number.is_i64() || number.is_u64();
    let least_ok = rule.least.is_none_or(|least| value > least || (!rule.above_least && value >= least));
    let most_ok = rule.most.is_none_or(|most| value <= most);
    if !(whole_ok && least_ok && most_ok) {
        problems.error(place, "outOfRange", format!("`{name}` must be {}, not {number}", rule.what));
    }
}

fn check_word(words: &[Word], text: &str, place: Place, name: &str, problems: &mut Problems) {
    if words.iter().any(|word| word.word == text) {
        return;
    }
    let all: Vec<_> = words.iter().map(|word| format!("`{}`", word.word)).collect();
    let near = did_you_mean(text, words.iter().map(|word| word.word));
    let message = format!("`{text}` is not known here; `{name}` is one of {}", all.join(", "));
    problems.suggest(place, "unknownWord", message, near.map(|word| format!("did you mean `{word}`?")));
}

fn check_object(object: &Object, node: &Node, entries: &[Entry], tag: Option<&str>, problems: &mut Problems) {
    let given = |key: &str| entries.iter().any(|entry| entry.key == key);
    for entry in entries {
        match object.fields.iter().find(|field| field.key == entry.key) {
            Some(field) => check_field(field, entry, problems),
            None if tag == Some(entry.key.as_str()) => {}
            None => unknown_key(object.fields, entry, tag, &given, problems),
        }
    }
    for field in object.fields.iter().filter(|field| field.required && !given(field.key)) {
        let message = format!("`{}` is missing here: {}", field.key, as_clause(field.doc));
        problems.error(node.head(), "missingKey", message);
    }
    for group in object.one_of {
        let here: Vec<&Entry> = entries.iter().filter(|entry| group.contains(&entry.key.as_str())).collect();
        let keys: Vec<_> = group.iter().map(|key| format!("`{key}`")).collect();
        match here.as_slice() {
            [_] => {}
            [] => {
                let message = format!("one of {} is missing here", keys.join(", "));
                problems.error(node.head(), "missingKey", message);
            }
            [_, second, ..] => {
                let message = format!("only one of {} may stand here", keys.join(", "));
                problems.error(second.key_place, "keysExclude", message);
            }
        }
    }
}

/// A sentence of the table as the end of another one.
fn as_clause(doc: &str) -> String {
    let mut letters = doc.trim_end_matches('.').chars();
    letters.next().map(|first| first.to_lowercase().chain(letters).collect()).unwrap_or_default()
}

fn check_field(field: &Field, entry: &Entry, problems: &mut Problems) {
    let is_null = matches!(entry.node.value, NodeValue::Null);
    if is_null && field.shape.may_be_empty() && !field.required {
        return;
    }
    if is_null {
        let message = format!("`{}` has no value; it must be {}", field.key, field.shape.what());
        return problems.error(entry.key_place, "wrongType", message);
    }
    check(&field.shape, &entry.node, field.key, problems);
}

fn unknown_key(
    fields: &[Field],
    entry: &Entry,
    tag: Option<&str>,
    given: &dyn Fn(&str) -> bool,
    problems: &mut Problems,
) {
    let keys = || tag.into_iter().chain(fields.iter().map(|field| field.key));
    // A key that is already there is not what was meant.
    let near = did_you_mean(&entry.key, keys().filter(|key| !given(key)));
    let suggestion = match near {
        Some(key) => format!("did you mean `{key}`?"),
        None => format!("the keys here are {}", keys().collect::<Vec<_>>().join(", ")),
    };
    let message = match entry.key.as_str() {
        "<<" => "merge keys (`<<`) are not read; write the keys out".to_owned(),
        key => format!("the key `{key}` is not known here"),
    };
    problems.suggest(entry.key_place, "unknownKey", message, Some(suggestion));
}

fn check_kinds(tag: &str, cases: &[Case], node: &Node, entries: &[Entry], problems: &mut Problems) {
    let words: Vec<Word> = cases.iter().map(|case| Word { word: case.word, doc: case.object.doc }).collect();
    let Some(entry) = entries.iter().find(|entry| entry.key == tag) else {
        let all: Vec<_> = words.iter().map(|word| format!("`{}`", word.word)).collect();
        let message = format!("`{tag}` is missing here; it is one of {}", all.join(", "));
        return problems.error(node.head(), "missingKey", message);
    };
    let Some(word) = entry.node.text() else {
        return problems.error(entry.node.place, "wrongType", format!("`{tag}` must be a text"));
    };
    match cases.iter().find(|case| case.word == word) {
        Some(case) => check_object(case.object, node, entries, Some(tag), problems),
        None => check_word(&words, word, entry.node.place, tag, problems),
    }
}

fn check_one_key(fields: &[Field], node: &Node, entries: &[Entry], problems: &mut Problems) {
    for entry in entries {
        match fields.iter().find(|field| field.key == entry.key) {
            Some(field) => check_field(field, entry, problems),
            None => unknown_key(fields, entry, None, &|_| false, problems),
        }
    }
    let keys: Vec<_> = fields.iter().map(|field| format!("`{}`", field.key)).collect();
    match entries {
        [_] => {}
        [] => {
            let message = format!("one of {} is missing here", keys.join(", "));
            problems.error(node.head(), "missingKey", message);
        }
        [_, second, ..] => {
            let message = format!("only one of {} may stand here", keys.join(", "));
            problems.error(second.key_place, "keysExclude", message);
        }
    }
}
