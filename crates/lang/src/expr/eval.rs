//! The walk over the tree. Bounded: every node costs fuel, every text counts against a budget, and the depth
//! is bounded by the parser.

use super::access::{self, Miss};
use super::ast::{Expr, Key, Node, Step};
use super::context::Context;
use super::decimal;
use super::error::EvalError;
use super::functions::{self, Body, Call};
use super::limits;
use super::value::kind_name;
use serde_json::Value;
use std::borrow::Cow;
use std::cell::Cell;

/// A value on the way: borrowed from the context as long as nothing changes it.
pub(crate) type Val<'a> = Cow<'a, Value>;

/// One evaluation: the context and what is left of the budgets.
pub(crate) struct Machine<'a> {
    pub(crate) context: &'a dyn Context,
    fuel: Cell<u64>,
    room: Cell<u64>,
    decimals: Cell<bool>,
}

impl<'a> Machine<'a> {
    pub(crate) fn new(context: &'a dyn Context) -> Self {
        Self {
            context,
            fuel: Cell::new(limits::FUEL),
            room: Cell::new(limits::MADE_BYTES),
            decimals: Cell::new(false),
        }
    }

    /// Takes `steps` of work from the fuel.
    pub(crate) fn spend(&self, steps: usize) -> Result<(), EvalError> {
        let left = self.fuel.get().checked_sub(u64::try_from(steps).unwrap_or(u64::MAX));
        let Some(left) = left else {
            return Err(EvalError::new(format!(
                "The expression needs more than the {} steps that one evaluation may take. Split the work over \
                 several actions or smaller arrays",
                limits::FUEL
            )));
        };
        self.fuel.set(left);
        Ok(())
    }

    /// Takes `bytes` of text from the room.
    pub(crate) fn made(&self, bytes: usize) -> Result<(), EvalError> {
        let left = self.room.get().checked_sub(u64::try_from(bytes).unwrap_or(u64::MAX));
        let Some(left) = left else {
            return Err(EvalError::new(format!(
                "The expression makes more than the {} characters of text that one evaluation may make. Work \
                 on smaller texts",
                limits::MADE_BYTES
            )));
        };
        self.room.set(left);
        Ok(())
    }

    /// Notes that there are decimals among the values.
    pub(crate) fn uses_decimals(&self) {
        self.decimals.set(true);
    }

    /// The result of an expression: an own copy, decimals as JSON numbers.
    pub(crate) fn finish(&self, value: Val<'_>) -> Result<Value, EvalError> {
        let value = self.own(value)?;
        Ok(if self.decimals.get() { decimal::released(value) } else { value })
    }

    /// The value as an own copy, counted against the budgets.
    pub(crate) fn own(&self, value: Val<'_>) -> Result<Value, EvalError> {
        self.weigh(&value, 0)?;
        Ok(value.into_owned())
    }

    fn weigh(&self, value: &Value, depth: usize) -> Result<(), EvalError> {
        if depth > limits::VALUE_DEPTH {
            return Err(EvalError::new(format!(
                "The value has more than the {} values inside one another that are allowed",
                limits::VALUE_DEPTH
            )));
        }
        self.spend(1)?;
        match value {
            Value::String(text) => self.made(text.len()),
            Value::Array(items) => items.iter().try_for_each(|item| self.weigh(item, depth + 1)),
            Value::Object(map) => map.iter().try_for_each(|(key, item)| {
                self.made(key.len())?;
                self.weigh(item, depth + 1)
            }),
            _ => Ok(()),
        }
    }

    /// The value of an expression.
    pub(crate) fn eval(&self, expr: &Expr) -> Result<Val<'a>, EvalError> {
        self.spend(1)?;
        match &expr.node {
            Node::Null => Ok(Cow::Owned(Value::Null)),
            Node::Bool(value) => Ok(Cow::Owned(Value::Bool(*value))),
            Node::Integer(value) => Ok(Cow::Owned(Value::from(*value))),
            Node::Float(value) => Ok(Cow::Owned(Value::from(*value))),
            Node::Text(text) => {
                self.made(text.len())?;
                Ok(Cow::Owned(Value::String(text.clone())))
            }
            Node::Call { name, function, args, .. } => self.call(name, *function, args),
            Node::Path { base, steps } => {
                let start = self.eval(base)?;
                self.walk(start, steps, expr)
            }
        }
    }

    fn call(
        &self,
        name: &str,
        function: Option<&'static functions::Function>,
        args: &[Expr],
    ) -> Result<Val<'a>, EvalError> {
        let Some(function) = function else {
            return Err(EvalError::new(functions::unknown_message(name)));
        };
        function.check_arity(args.len())?;
        match function.body {
            Body::Strict(run) => {
                let values = args.iter().map(|arg| self.eval(arg)).collect::<Result<Vec<_>, _>>()?;
                run(&Call { machine: self, name: function.name, args: values })
            }
            Body::Lazy(run) => run(self, function.name, args),
        }
    }

    fn walk(&self, start: Val<'a>, steps: &[Step], whole: &Expr) -> Result<Val<'a>, EvalError> {
        let mut value = start;
        for step in steps {
            self.spend(1)?;
            let found = match &step.key {
                Key::Name(name) => access::named(value, name),
                Key::Index(Expr { node: Node::Text(name), .. }) => access::named(value, name),
                Key::Index(index) => {
                    let key = self.eval(index)?;
                    access::step(value, &key)
                }
            };
            value = match found {
                Ok(found) => found,
                Err(Miss::Absent(_)) if step.forgiving => Cow::Owned(Value::Null),
                Err(miss) => return Err(miss.in_expression(whole)),
            };
        }
        Ok(value)
    }

    /// The boolean value of an argument of a logical function.
    pub(crate) fn boolean(&self, name: &str, arg: &Expr) -> Result<bool, EvalError> {
        match self.eval(arg)?.as_ref() {
            Value::Bool(value) => Ok(*value),
            other => Err(EvalError::new(format!(
                "The template language function '{name}' expects its parameters to be boolean values. The \
                 provided value is of type '{}'. Please see https://aka.ms/logicexpressions#{name} for usage \
                 details.",
                kind_name(other)
            ))),
        }
    }
}
