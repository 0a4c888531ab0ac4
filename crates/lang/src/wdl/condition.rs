//! Conditions of If, Until and Query: an expression, or an object of `and`, `or`, `not` and comparisons.

use crate::expr::{
    Context, EvalError, Template, Tree, contains, ends_with, equal, kind_name, order, starts_with,
};
use serde_json::Value;
use std::cmp::Ordering;

/// A compiled condition.
#[derive(Debug, Clone)]
pub enum Condition {
    /// `"@expression"`, or a plain `true` or `false`.
    Value(Tree),
    /// `{"and": […]}`: all of them; the rest is not evaluated after the first that is false.
    And(Vec<Condition>),
    /// `{"or": […]}`: one of them; the rest is not evaluated after the first that is true.
    Or(Vec<Condition>),
    /// `{"not": {…}}`
    Not(Box<Condition>),
    /// `{"equals": [left, right]}` and its like.
    Compare {
        /// Which comparison.
        test: Test,
        /// The left operand.
        left: Tree,
        /// The right operand; null for `empty`.
        right: Tree,
    },
}

/// The comparisons of a condition object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Test {
    /// `equals`
    Equals,
    /// `greater`
    Greater,
    /// `greaterOrEquals`
    GreaterOrEquals,
    /// `less`
    Less,
    /// `lessOrEquals`
    LessOrEquals,
    /// `contains`
    Contains,
    /// `startsWith`
    StartsWith,
    /// `endsWith`
    EndsWith,
    /// `empty`
    Empty,
}

impl Test {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Equals,
        Self::Greater,
        Self::GreaterOrEquals,
        Self::Less,
        Self::LessOrEquals,
        Self::Contains,
        Self::StartsWith,
        Self::EndsWith,
        Self::Empty,
    ];

    /// The word of the language.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Equals => "equals",
            Self::Greater => "greater",
            Self::GreaterOrEquals => "greaterOrEquals",
            Self::Less => "less",
            Self::LessOrEquals => "lessOrEquals",
            Self::Contains => "contains",
            Self::StartsWith => "startsWith",
            Self::EndsWith => "endsWith",
            Self::Empty => "empty",
        }
    }
}

impl Condition {
    /// Whether the condition holds.
    ///
    /// # Errors
    /// [`EvalError`] when an operand has no value, or the values cannot be compared.
    pub fn evaluate(&self, context: &dyn Context) -> Result<bool, EvalError> {
        match self {
            Self::Value(tree) => match tree.evaluate(context)? {
                Value::Bool(value) => Ok(value),
                other => Err(EvalError::new(format!(
                    "The condition must be a boolean value; it is of type '{}'",
                    kind_name(&other)
                ))),
            },
            Self::And(all) => {
                for condition in all {
                    if !condition.evaluate(context)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            Self::Or(all) => {
                for condition in all {
                    if condition.evaluate(context)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            Self::Not(inner) => Ok(!inner.evaluate(context)?),
            Self::Compare { test, left, right } => {
                compare(*test, &left.evaluate(context)?, &right.evaluate(context)?)
            }
        }
    }

    /// Calls `look` on every template in the condition.
    pub fn templates<'c>(&'c self, look: &mut dyn FnMut(&'c Template)) {
        match self {
            Self::Value(tree) => tree.templates(look),
            Self::And(all) | Self::Or(all) => all.iter().for_each(|condition| condition.templates(look)),
            Self::Not(inner) => inner.templates(look),
            Self::Compare { left, right, .. } => {
                left.templates(look);
                right.templates(look);
            }
        }
    }
}

/// Null counts as an empty text, as documented for condition objects (not for functions).
fn lenient<'v>(value: &'v Value, other: &Value, empty: &'v Value) -> &'v Value {
    if value.is_null() && other.is_string() { empty } else { value }
}

fn unfit(test: Test, left: &Value, right: &Value) -> EvalError {
    EvalError::new(format!(
        "The condition '{}' cannot compare a value of type '{}' with one of type '{}'",
        test.as_str(),
        kind_name(left),
        kind_name(right)
    ))
}

fn compare(test: Test, left: &Value, right: &Value) -> Result<bool, EvalError> {
    let empty = Value::String(String::new());
    let (left, right) = (lenient(left, right, &empty), lenient(right, left, &empty));
    let order = || order(left, right).ok_or_else(|| unfit(test, left, right));
    match test {
        Test::Equals => Ok(equal(left, right)),
        Test::Greater => Ok(order()? == Ordering::Greater),
        Test::GreaterOrEquals => Ok(order()? != Ordering::Less),
        Test::Less => Ok(order()? == Ordering::Less),
        Test::LessOrEquals => Ok(order()? != Ordering::Greater),
        Test::Contains if left.is_null() => Ok(false),
        Test::Contains => contains(left, right).ok_or_else(|| unfit(test, left, right)),
        Test::StartsWith => starts_with(left, right).ok_or_else(|| unfit(test, left, right)),
        Test::EndsWith => ends_with(left, right).ok_or_else(|| unfit(test, left, right)),
        Test::Empty => Ok(match left {
            Value::Null => true,
            Value::String(text) => text.is_empty(),
            Value::Array(items) => items.is_empty(),
            Value::Object(map) => map.is_empty(),
            _ => false,
        }),
    }
}
