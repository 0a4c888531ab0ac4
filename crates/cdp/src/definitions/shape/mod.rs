//! The shape of the definitions, said once: the keys, what stands under them and what they mean.
//!
//! [`table`] (with [`unification`] and [`merging`]) is the one place that lists them. [`check`] holds files against it and [`schema`] writes it as JSON
//! Schema, so that what is checked, what editors complete and what is documented cannot differ.

pub(super) mod check;
mod connections;
mod exports;
mod merging;
pub(super) mod schema;
mod search;
mod sources;
pub(super) mod table;
mod template;
pub(super) mod text;
mod unification;

use text::TextRule;

/// What may stand in one place.
pub(super) enum Shape {
    /// A text that follows a rule.
    Text(&'static TextRule),
    /// A number.
    Number(&'static NumberRule),
    /// `true` or `false`.
    Bool,
    /// One of some words.
    Word(&'static [Word]),
    /// A list of at least `least` values of one shape.
    List { of: &'static Shape, least: usize },
    /// A list of exactly two values of one shape.
    Pair(&'static Shape),
    /// A mapping with keys that are fixed.
    Object(&'static Object),
    /// A mapping whose keys the user chooses.
    Named { rule: &'static TextRule, of: &'static Shape },
    /// A mapping whose other keys depend on the word under one key.
    Kinds { tag: &'static str, doc: &'static str, cases: &'static [Case] },
    /// A mapping with exactly one of these keys.
    OneKey(&'static [Field]),
    /// Any of these; which one is told by the type of the value.
    Either(&'static [Shape]),
}

/// A word, and what it means.
pub(super) struct Word {
    pub(super) word: &'static str,
    pub(super) doc: &'static str,
}

/// The keys that belong to one word of a [`Shape::Kinds`].
pub(super) struct Case {
    pub(super) word: &'static str,
    pub(super) object: &'static Object,
}

/// A mapping with fixed keys.
pub(super) struct Object {
    /// Its name among the definitions of the JSON Schema.
    pub(super) name: &'static str,
    pub(super) doc: &'static str,
    pub(super) fields: &'static [Field],
    /// Of each of these groups of keys exactly one must be there.
    pub(super) one_of: &'static [&'static [&'static str]],
}

/// A key of an [`Object`].
pub(super) struct Field {
    pub(super) key: &'static str,
    pub(super) shape: Shape,
    pub(super) required: bool,
    /// What it means, as one sentence; the default too.
    pub(super) doc: &'static str,
}

/// The bounds of a number.
pub(super) struct NumberRule {
    pub(super) what: &'static str,
    pub(super) whole: bool,
    pub(super) least: Option<f64>,
    /// Whether `least` itself is outside.
    pub(super) above_least: bool,
    pub(super) most: Option<f64>,
}

impl Shape {
    /// What may stand here, in words.
    fn what(&self) -> String {
        match self {
            Self::Text(rule) => rule.what.to_owned(),
            Self::Number(rule) => rule.what.to_owned(),
            Self::Bool => "`true` or `false`".to_owned(),
            Self::Word(words) => {
                let words: Vec<_> = words.iter().map(|word| format!("`{}`", word.word)).collect();
                words.join(", ")
            }
            Self::List { .. } => "a list".to_owned(),
            Self::Pair(_) => "a list of two values".to_owned(),
            Self::Object(object) => {
                let needed: Vec<_> = object.fields.iter().filter(|field| field.required).collect();
                let keys: Vec<_> = needed.iter().map(|field| format!("`{}`", field.key)).collect();
                if keys.is_empty() {
                    "a mapping".to_owned()
                } else {
                    format!("a mapping with {}", keys.join(", "))
                }
            }
            Self::Named { .. } => "a mapping of names".to_owned(),
            Self::Kinds { tag, .. } => format!("a mapping with `{tag}`"),
            Self::OneKey(fields) => {
                let keys: Vec<_> = fields.iter().map(|field| format!("`{}`", field.key)).collect();
                format!("a mapping with one of {}", keys.join(", "))
            }
            Self::Either(shapes) => {
                let all: Vec<_> = shapes.iter().map(Shape::what).collect();
                all.join(", or ")
            }
        }
    }

    /// Whether a key without a value means that the key is not given.
    fn may_be_empty(&self) -> bool {
        matches!(self, Self::List { .. } | Self::Object(_) | Self::Named { .. })
    }
}
