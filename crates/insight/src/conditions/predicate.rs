//! A condition whose attributes exist and whose values have the attributes' types.

use super::Attribute;
use lang::rule::{Comparison, TextMatch};

/// A checked condition. Truth has three values, see the [module](super).
#[derive(Debug, Clone, PartialEq)]
pub enum Predicate {
    /// All hold.
    And(Vec<Predicate>),
    /// At least one holds.
    Or(Vec<Predicate>),
    /// The inner one is false.
    Not(Box<Predicate>),
    /// The value is missing. Never unknown.
    IsNull(Attribute),
    /// The value compares so with a constant of the attribute's kind.
    Compare {
        /// The left side.
        attribute: Attribute,
        /// How.
        comparison: Comparison,
        /// The right side.
        value: Value,
        /// Both as lower case; `value` is already.
        ignore_case: bool,
    },
    /// The value is one of these constants of the attribute's kind.
    In {
        /// The attribute.
        attribute: Attribute,
        /// The constants; none means never.
        values: Vec<Value>,
        /// All as lower case; `values` are already.
        ignore_case: bool,
    },
    /// The text has this text at that place.
    Match {
        /// The attribute, a text.
        attribute: Attribute,
        /// Where.
        kind: TextMatch,
        /// What.
        text: String,
        /// Both as lower case; `text` is already.
        ignore_case: bool,
    },
    /// The same answer for every value; unknown where it is missing. What is left of `Whole = 2.5`.
    Constant {
        /// The attribute.
        attribute: Attribute,
        /// The answer.
        holds: bool,
    },
}

impl Predicate {
    /// Every attribute that is read, with repetitions.
    pub fn attributes(&self) -> Vec<&Attribute> {
        let mut found = Vec::new();
        self.collect(&mut found);
        found
    }

    fn collect<'a>(&'a self, found: &mut Vec<&'a Attribute>) {
        match self {
            Self::And(parts) | Self::Or(parts) => parts.iter().for_each(|part| part.collect(found)),
            Self::Not(inner) => inner.collect(found),
            Self::IsNull(attribute)
            | Self::Compare { attribute, .. }
            | Self::In { attribute, .. }
            | Self::Match { attribute, .. }
            | Self::Constant { attribute, .. } => found.push(attribute),
        }
    }
}

/// A constant in the form that its attribute stores.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Text.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// The digits of a decimal number; the attribute's kind says where the point is.
    Decimal(i128),
    /// A floating-point number.
    Double(f64),
    /// True or false.
    Bool(bool),
    /// Days since 1970-01-01.
    Date(i32),
    /// Microseconds since 1970-01-01 00:00:00, UTC for instants.
    Time(i64),
}
