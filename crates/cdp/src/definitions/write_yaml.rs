//! JSON values as YAML that people like to read: small things on one line, the rest in blocks.

use serde_json::{Map, Value};

/// The longest line that a list or mapping is written on.
const LINE_CHARS: usize = 100;
/// The most levels of lists and mappings on one line.
const LINE_LEVELS: usize = 2;

/// Writes a mapping as a YAML document. What is read from it is the same value.
pub(super) fn document(root: &Map<String, Value>) -> String {
    let mut out = String::new();
    mapping(root, 0, &mut out);
    out
}

/// Depth of the recursion: the model's, which is bounded by the depth of files.
fn mapping(entries: &Map<String, Value>, indent: usize, out: &mut String) {
    for (index, (key, value)) in entries.iter().enumerate() {
        if index > 0 {
            out.push_str(&" ".repeat(indent));
        }
        out.push_str(&key_text(key));
        out.push(':');
        below(value, indent, out);
    }
}

/// What stands after a key: on the same line, or in the lines below.
fn below(value: &Value, indent: usize, out: &mut String) {
    match value {
        // A section is a list with one item per line, however short.
        Value::Array(items) if !items.is_empty() && (indent == 0 || !fits(value, indent)) => {
            for item in items {
                out.push('\n');
                out.push_str(&" ".repeat(indent + 2));
                out.push_str("- ");
                self::item(item, indent + 4, out);
                trim_newline(out);
            }
            out.push('\n');
        }
        Value::Object(entries) if !entries.is_empty() && (indent == 0 || !fits(value, indent)) => {
            out.push('\n');
            out.push_str(&" ".repeat(indent + 2));
            mapping(entries, indent + 2, out);
        }
        value => {
            out.push(' ');
            flow(value, out);
            out.push('\n');
        }
    }
}

fn item(value: &Value, indent: usize, out: &mut String) {
    match value {
        Value::Object(entries) if !entries.is_empty() && !fits(value, indent) => {
            mapping(entries, indent, out)
        }
        value => {
            flow(value, out);
            out.push('\n');
        }
    }
}

fn trim_newline(out: &mut String) {
    if out.ends_with('\n') {
        out.pop();
    }
}

fn fits(value: &Value, indent: usize) -> bool {
    let mut line = String::new();
    flow(value, &mut line);
    levels(value) <= LINE_LEVELS && indent + line.chars().count() <= LINE_CHARS
}

fn levels(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(levels).max().unwrap_or(0),
        Value::Object(entries) => 1 + entries.values().map(levels).max().unwrap_or(0),
        _ => 0,
    }
}

/// A value on one line.
fn flow(value: &Value, out: &mut String) {
    match value {
        Value::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                out.push_str(if index > 0 { ", " } else { "" });
                flow(item, out);
            }
            out.push(']');
        }
        Value::Object(entries) => {
            out.push('{');
            for (index, (key, value)) in entries.iter().enumerate() {
                out.push_str(if index > 0 { ", " } else { "" });
                out.push_str(&key_text(key));
                out.push_str(": ");
                flow(value, out);
            }
            out.push('}');
        }
        Value::String(text) => out.push_str(&scalar_text(text)),
        Value::Number(number) => out.push_str(&number_text(number)),
        Value::Null | Value::Bool(_) => out.push_str(&value.to_string()),
    }
}

/// Whole numbers without a point, as people write them.
fn number_text(number: &serde_json::Number) -> String {
    let text = number.to_string();
    text.strip_suffix(".0").map(str::to_owned).unwrap_or(text)
}

/// A key: like a text, but `on` needs no quotes there, as we read it.
fn key_text(key: &str) -> String {
    if key == "on" { key.to_owned() } else { scalar_text(key) }
}

/// A text as a YAML scalar: plain where it cannot be mistaken for anything else, by any version of YAML.
fn scalar_text(text: &str) -> String {
    const WORDS: [&str; 11] = ["null", "true", "false", "yes", "no", "on", "off", "y", "n", "inf", "nan"];
    let safe = |c: char| c.is_ascii_alphanumeric() || "_-./()*".contains(c);
    let starts = text.starts_with(|c: char| c.is_ascii_alphabetic());
    let is_word = WORDS.iter().any(|word| word.eq_ignore_ascii_case(text));
    if starts && !is_word && text.chars().all(safe) {
        return text.to_owned();
    }
    let mut quoted = String::from('"');
    for c in text.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            // Control characters, and those that YAML takes for line ends or a byte order mark.
            c if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}') || c > '\u{ffff}' => {
                quoted.push_str(&format!("\\U{:08X}", u32::from(c)));
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}
