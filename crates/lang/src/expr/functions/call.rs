//! The arguments of a call, and the errors about them in the wording of the compatible host.

use super::super::error::EvalError;
use super::super::eval::{Machine, Val};
use super::super::value::{Num, kind_name};
use serde_json::{Map, Value};
use std::borrow::Cow;

/// One call with its arguments evaluated. Arity has been checked.
pub(crate) struct Call<'m, 'a> {
    pub(crate) machine: &'m Machine<'a>,
    pub(crate) name: &'static str,
    pub(crate) args: Vec<Val<'a>>,
}

const ORDINALS: [&str; 5] = ["first", "second", "third", "fourth", "fifth"];

impl<'a> Call<'_, 'a> {
    pub(crate) fn count(&self) -> usize {
        self.args.len()
    }

    /// The argument; null when it was not given.
    pub(crate) fn arg(&self, index: usize) -> &Value {
        self.args.get(index).map_or(&Value::Null, Cow::as_ref)
    }

    /// A part of an argument; it stays borrowed from the context when the argument is.
    pub(crate) fn pick(
        &self,
        index: usize,
        part: impl for<'v> Fn(&'v Value) -> Option<&'v Value>,
    ) -> Val<'a> {
        self.args.get(index).map_or_else(Cow::default, |value| pick(value, part))
    }

    /// An error about this call. `why` continues "The template language function 'x' …".
    pub(crate) fn error(&self, why: impl std::fmt::Display) -> EvalError {
        function_error(self.name, why)
    }

    /// The error for an argument of the wrong kind.
    pub(crate) fn wrong(&self, index: usize, expected: &str) -> EvalError {
        let which = match (self.count(), ORDINALS.get(index)) {
            (0 | 1, _) | (_, None) => String::new(),
            (_, Some(ordinal)) => format!("{ordinal} "),
        };
        self.error(format_args!(
            "expects its {which}parameter to be {expected}. The provided value is of type '{}'",
            kind_name(self.arg(index))
        ))
    }

    pub(crate) fn text(&self, index: usize) -> Result<&str, EvalError> {
        self.arg(index).as_str().ok_or_else(|| self.wrong(index, "a string"))
    }

    /// The text of an optional argument; none when it is not given or null.
    pub(crate) fn optional_text(&self, index: usize) -> Result<Option<&str>, EvalError> {
        match self.arg(index) {
            Value::Null => Ok(None),
            _ => self.text(index).map(Some),
        }
    }

    /// A whole number; a float without a fraction counts.
    pub(crate) fn integer(&self, index: usize) -> Result<i64, EvalError> {
        match Num::of(self.arg(index)) {
            Some(Num::Int(value)) => Ok(value),
            #[allow(clippy::cast_possible_truncation)] // checked: whole and well inside the range
            Some(Num::Float(value)) if value.fract() == 0.0 && value.abs() < 9e15 => Ok(value as i64),
            _ => Err(self.wrong(index, "an integer")),
        }
    }

    pub(crate) fn number(&self, index: usize) -> Result<Num, EvalError> {
        Num::of(self.arg(index)).ok_or_else(|| self.wrong(index, "an integer or a decimal number"))
    }

    pub(crate) fn array(&self, index: usize) -> Result<&Vec<Value>, EvalError> {
        self.arg(index).as_array().ok_or_else(|| self.wrong(index, "an array"))
    }

    pub(crate) fn object(&self, index: usize) -> Result<&Map<String, Value>, EvalError> {
        self.arg(index).as_object().ok_or_else(|| self.wrong(index, "an object"))
    }

    /// The result of a call that gives a text, counted against the budget.
    pub(crate) fn give_text(&self, text: impl Into<String>) -> Result<Val<'a>, EvalError> {
        let text = text.into();
        self.machine.made(text.len())?;
        Ok(Cow::Owned(Value::String(text)))
    }
}

/// An error about a function, in the wording of the compatible host.
pub(crate) fn function_error(name: &str, why: impl std::fmt::Display) -> EvalError {
    EvalError::new(format!(
        "The template language function '{name}' {why}. Please see https://aka.ms/logicexpressions#{name} for \
         usage details."
    ))
}

/// A part of a value that may be borrowed, as a value that stays borrowed if it can.
pub(crate) fn pick<'a>(value: &Val<'a>, part: impl for<'v> Fn(&'v Value) -> Option<&'v Value>) -> Val<'a> {
    match value {
        Cow::Borrowed(value) => part(value).map_or(Cow::Owned(Value::Null), Cow::Borrowed),
        Cow::Owned(value) => Cow::Owned(part(value).cloned().unwrap_or_default()),
    }
}

/// The `body` of an outputs object; null when there is none.
pub(crate) fn unwrap_body<'a>(outputs: &Val<'a>) -> Val<'a> {
    pick(outputs, |value| {
        value.as_object().and_then(|map| super::super::context::find_ignoring_case(map, "body"))
    })
}
