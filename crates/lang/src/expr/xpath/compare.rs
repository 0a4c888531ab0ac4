//! Conversions between the four kinds of values, and comparisons (sections 3.4 and 4 of the recommendation).

use super::{Comparison, Value};

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

/// One side of a comparison: a node-set is the texts of its nodes.
pub(super) enum Operand {
    Texts(Vec<String>),
    Number(f64),
    Text(String),
    Bool(bool),
}

impl Operand {
    fn boolean(&self) -> bool {
        match self {
            Self::Texts(texts) => !texts.is_empty(),
            Self::Number(number) => *number != 0.0 && !number.is_nan(),
            Self::Text(text) => !text.is_empty(),
            Self::Bool(flag) => *flag,
        }
    }

    fn number(&self) -> f64 {
        match self {
            Self::Texts(texts) => texts.first().map_or(f64::NAN, |text| text_number(text)),
            Self::Number(number) => *number,
            Self::Text(text) => text_number(text),
            Self::Bool(flag) => f64::from(*flag),
        }
    }
}

impl Value {
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
pub(super) fn compare(comparison: Comparison, a: &Operand, b: &Operand) -> bool {
    let equality = matches!(comparison, Comparison::Equal | Comparison::NotEqual);
    let booleans = || numbers(comparison, f64::from(a.boolean()), f64::from(b.boolean()));
    match (a, b) {
        (Operand::Texts(some), Operand::Texts(others)) => {
            some.iter().any(|text| others.iter().any(|other| texts(comparison, text, other)))
        }
        (Operand::Texts(_), Operand::Bool(_)) | (Operand::Bool(_), Operand::Texts(_)) => booleans(),
        (Operand::Texts(some), Operand::Text(other)) => {
            some.iter().any(|text| texts(comparison, text, other))
        }
        (Operand::Text(other), Operand::Texts(some)) => {
            some.iter().any(|text| texts(comparison, other, text))
        }
        (Operand::Texts(some), Operand::Number(other)) => {
            some.iter().any(|text| numbers(comparison, text_number(text), *other))
        }
        (Operand::Number(other), Operand::Texts(some)) => {
            some.iter().any(|text| numbers(comparison, *other, text_number(text)))
        }
        (Operand::Bool(_), _) | (_, Operand::Bool(_)) if equality => booleans(),
        (Operand::Text(a), Operand::Text(b)) => texts(comparison, a, b),
        _ => numbers(comparison, a.number(), b.number()),
    }
}
