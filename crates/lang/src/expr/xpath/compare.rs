//! Conversions between the four kinds of values, and comparisons (sections 3.4 and 4 of the recommendation).

use super::{Comparison, Value};
use crate::expr::xml::Document;

/// A number as XPath writes it: plain digits, without an exponent.
pub(super) fn number_text(number: f64) -> String {
    if number.is_nan() {
        "NaN".to_owned()
    } else if number.is_infinite() {
        if number > 0.0 { "Infinity" } else { "-Infinity" }.to_owned()
    } else {
        format!("{}", number + 0.0) // minus zero is written 0
    }
}

/// The number in a text: digits, perhaps with a minus and a point; NaN for anything else.
pub(super) fn text_number(text: &str) -> f64 {
    let text = text.trim_matches([' ', '\t', '\r', '\n']);
    let digits = text.strip_prefix('-').unwrap_or(text);
    let plain =
        digits.chars().all(|c| c.is_ascii_digit() || c == '.') && digits.chars().any(|c| c.is_ascii_digit());
    if plain { text.parse().unwrap_or(f64::NAN) } else { f64::NAN }
}

impl Value {
    pub(super) fn text(&self, document: &Document) -> String {
        match self {
            Self::Nodes(nodes) => nodes.first().map(|id| document.text(*id)).unwrap_or_default(),
            Self::Number(number) => number_text(*number),
            Self::Text(text) => text.clone(),
            Self::Bool(flag) => flag.to_string(),
        }
    }

    pub(super) fn number(&self, document: &Document) -> f64 {
        match self {
            Self::Number(number) => *number,
            Self::Bool(flag) => f64::from(*flag),
            other => text_number(&other.text(document)),
        }
    }

    pub(super) fn boolean(&self) -> bool {
        match self {
            Self::Nodes(nodes) => !nodes.is_empty(),
            Self::Number(number) => *number != 0.0 && !number.is_nan(),
            Self::Text(text) => !text.is_empty(),
            Self::Bool(flag) => *flag,
        }
    }
}

fn numbers(comparison: Comparison, a: f64, b: f64) -> bool {
    match comparison {
        #[expect(clippy::float_cmp, reason = "XPath compares numbers exactly")]
        Comparison::Equal => a == b,
        #[expect(clippy::float_cmp, reason = "XPath compares numbers exactly")]
        Comparison::NotEqual => a != b,
        Comparison::Less => a < b,
        Comparison::LessOrEqual => a <= b,
        Comparison::Greater => a > b,
        Comparison::GreaterOrEqual => a >= b,
    }
}

fn texts(comparison: Comparison, a: &str, b: &str) -> bool {
    match comparison {
        Comparison::Equal => a == b,
        Comparison::NotEqual => a != b,
        ordered => numbers(ordered, text_number(a), text_number(b)),
    }
}

/// Whether the comparison holds; of node-sets, whether it holds for one of their nodes.
pub(super) fn compare(comparison: Comparison, a: &Value, b: &Value, document: &Document) -> bool {
    let equality = matches!(comparison, Comparison::Equal | Comparison::NotEqual);
    match (a, b) {
        (Value::Nodes(a), Value::Nodes(b)) => {
            let others: Vec<String> = b.iter().map(|id| document.text(*id)).collect();
            a.iter().any(|id| {
                let text = document.text(*id);
                others.iter().any(|other| texts(comparison, &text, other))
            })
        }
        (Value::Nodes(_), Value::Bool(other)) => {
            numbers(comparison, f64::from(a.boolean()), f64::from(*other))
        }
        (Value::Bool(other), Value::Nodes(_)) => {
            numbers(comparison, f64::from(*other), f64::from(b.boolean()))
        }
        (Value::Nodes(nodes), other) => {
            nodes.iter().any(|id| single(comparison, &Value::Text(document.text(*id)), other, document))
        }
        (other, Value::Nodes(nodes)) => {
            nodes.iter().any(|id| single(comparison, other, &Value::Text(document.text(*id)), document))
        }
        (Value::Bool(_), _) | (_, Value::Bool(_)) if equality => {
            numbers(comparison, f64::from(a.boolean()), f64::from(b.boolean()))
        }
        _ => single(comparison, a, b, document),
    }
}

fn single(comparison: Comparison, a: &Value, b: &Value, document: &Document) -> bool {
    match (a, b) {
        (Value::Text(a), Value::Text(b)) => texts(comparison, a, b),
        _ => numbers(comparison, a.number(document), b.number(document)),
    }
}
