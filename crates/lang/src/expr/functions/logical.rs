//! Conditions and comparisons. `if`, `and` and `or` evaluate only what they need.

use super::super::ast::Expr;
use super::super::error::EvalError;
use super::super::eval::{Machine, Val};
use super::super::value::{equal, kind_name, order};
use super::{Body, Call, Family, Function};
use serde_json::Value;
use std::borrow::Cow;
use std::cmp::Ordering;

const fn entry(
    name: &'static str,
    arity: (usize, Option<usize>),
    doc: &'static str,
    example: &'static str,
    body: Body,
) -> Function {
    Function::new(Family::Logical, name, arity, doc, example, body)
}

pub(super) const FUNCTIONS: &[Function] = &[
    entry(
        "if",
        (3, Some(3)),
        "The second argument if the first is true, else the third; the other one is not evaluated.",
        "if(equals(1, 1), 'yes', 'no') → 'yes'",
        Body::Lazy(choose),
    ),
    entry(
        "equals",
        (2, Some(2)),
        "Whether both are equal; numbers across kinds, arrays and objects deeply.",
        "equals('a', 'a') → true",
        Body::Strict(equals),
    ),
    entry(
        "and",
        (1, None),
        "Whether all are true; stops at the first that is not.",
        "and(true, false) → false",
        Body::Lazy(and),
    ),
    entry(
        "or",
        (1, None),
        "Whether one is true; stops at the first that is.",
        "or(true, false) → true",
        Body::Lazy(or),
    ),
    entry("not", (1, Some(1)), "The opposite of a boolean.", "not(false) → true", Body::Lazy(not)),
    entry(
        "less",
        (2, Some(2)),
        "Whether the first number or text is below the second.",
        "less(5, 10) → true",
        Body::Strict(less),
    ),
    entry(
        "lessOrEquals",
        (2, Some(2)),
        "Whether the first number or text is not above the second.",
        "lessOrEquals(10, 10) → true",
        Body::Strict(less_or_equals),
    ),
    entry(
        "greater",
        (2, Some(2)),
        "Whether the first number or text is above the second.",
        "greater(10, 5) → true",
        Body::Strict(greater),
    ),
    entry(
        "greaterOrEquals",
        (2, Some(2)),
        "Whether the first number or text is not below the second.",
        "greaterOrEquals(5, 5) → true",
        Body::Strict(greater_or_equals),
    ),
];

fn boolean<'a>(value: bool) -> Result<Val<'a>, EvalError> {
    Ok(Cow::Owned(Value::Bool(value)))
}

fn choose<'a>(machine: &Machine<'a>, name: &'static str, args: &[Expr]) -> Result<Val<'a>, EvalError> {
    let [condition, yes, no] = args else { return Ok(Cow::default()) };
    let chosen = if machine.boolean(name, condition)? { yes } else { no };
    machine.eval(chosen)
}

fn and<'a>(machine: &Machine<'a>, name: &'static str, args: &[Expr]) -> Result<Val<'a>, EvalError> {
    for arg in args {
        if !machine.boolean(name, arg)? {
            return boolean(false);
        }
    }
    boolean(true)
}

fn or<'a>(machine: &Machine<'a>, name: &'static str, args: &[Expr]) -> Result<Val<'a>, EvalError> {
    for arg in args {
        if machine.boolean(name, arg)? {
            return boolean(true);
        }
    }
    boolean(false)
}

fn not<'a>(machine: &Machine<'a>, name: &'static str, args: &[Expr]) -> Result<Val<'a>, EvalError> {
    let [arg] = args else { return Ok(Cow::default()) };
    boolean(!machine.boolean(name, arg)?)
}

fn equals<'a>(call: &Call<'_, 'a>) -> Result<Val<'a>, EvalError> {
    boolean(equal(call.arg(0), call.arg(1)))
}

fn compare(call: &Call<'_, '_>) -> Result<Ordering, EvalError> {
    order(call.arg(0), call.arg(1)).ok_or_else(|| {
        call.error(format_args!(
            "expects two parameters of the same kind that are strictly comparable, numbers or strings. The \
             provided values are of type '{}' and '{}'",
            kind_name(call.arg(0)),
            kind_name(call.arg(1))
        ))
    })
}

fn less<'a>(call: &Call<'_, 'a>) -> Result<Val<'a>, EvalError> {
    boolean(compare(call)?.is_lt())
}

fn less_or_equals<'a>(call: &Call<'_, 'a>) -> Result<Val<'a>, EvalError> {
    boolean(compare(call)?.is_le())
}

fn greater<'a>(call: &Call<'_, 'a>) -> Result<Val<'a>, EvalError> {
    boolean(compare(call)?.is_gt())
}

fn greater_or_equals<'a>(call: &Call<'_, 'a>) -> Result<Val<'a>, EvalError> {
    boolean(compare(call)?.is_ge())
}
