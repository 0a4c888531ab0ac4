//! Numbers. Integers stay integers and are checked for overflow; a float makes the result a float.

use super::super::decimal::Decimal;
use super::super::error::EvalError;
use super::super::eval::Val;
use super::super::limits;
use super::super::value::{Num, text_of};
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
    Function::new(Family::Math, name, arity, doc, example, body)
}

const TWO: (usize, Option<usize>) = (2, Some(2));

pub(super) const FUNCTIONS: &[Function] = &[
    entry("add", TWO, "The sum of two numbers.", "add(1, 1.5) → 2.5", Body::Strict(add)),
    entry("sub", TWO, "The first number less the second.", "sub(10.3, .3) → 10.0", Body::Strict(sub)),
    entry("mul", TWO, "The product of two numbers.", "mul(1.5, 2) → 3.0", Body::Strict(mul)),
    entry(
        "div",
        TWO,
        "The quotient; of two integers without the fraction.",
        "div(11, 5) → 2",
        Body::Strict(div),
    ),
    entry(
        "mod",
        TWO,
        "The rest of a division, with the sign of the first number.",
        "mod(-5, 2) → -1",
        Body::Strict(rem),
    ),
    entry(
        "min",
        (1, None),
        "The smallest of an array or of the arguments.",
        "min(3, 1, 2) → 1",
        Body::Strict(min),
    ),
    entry(
        "max",
        (1, None),
        "The largest of an array or of the arguments.",
        "max(3, 1, 2) → 3",
        Body::Strict(max),
    ),
    entry(
        "rand",
        TWO,
        "A random integer from the first number to below the second.",
        "rand(1, 2) → 1",
        Body::Strict(rand),
    ),
    entry(
        "range",
        TWO,
        "An array of integers: from the first argument on, as many as the second says.",
        "range(1, 4) → [1,2,3,4]",
        Body::Strict(range),
    ),
];

fn arithmetic<'a>(
    call: &Call<'_, 'a>,
    whole: fn(i64, i64) -> Option<i64>,
    float: fn(f64, f64) -> f64,
    decimal: fn(Decimal, Decimal) -> Option<Decimal>,
) -> Result<Val<'a>, EvalError> {
    let result = match (call.number(0)?, call.number(1)?) {
        (Num::Int(a), Num::Int(b)) => whole(a, b).map(Num::Int),
        (a @ Num::Decimal(_), b) | (a, b @ Num::Decimal(_)) => {
            a.decimal().zip(b.decimal()).and_then(|(a, b)| decimal(a, b)).map(Num::Decimal)
        }
        (a, b) => Some(Num::Float(float(a.float(), b.float()))),
    };
    let value = result.and_then(Num::value);
    value.map(Cow::Owned).ok_or_else(|| {
        call.error(format_args!(
            "cannot compute with {} and {}: the result is outside the range of the number type",
            text_of(call.arg(0)),
            text_of(call.arg(1))
        ))
    })
}

fn add<'a>(call: &Call<'_, 'a>) -> Result<Val<'a>, EvalError> {
    arithmetic(call, i64::checked_add, |a, b| a + b, Decimal::add)
}

fn sub<'a>(call: &Call<'_, 'a>) -> Result<Val<'a>, EvalError> {
    arithmetic(call, i64::checked_sub, |a, b| a - b, |a, b| a.add(b.negated()))
}

fn mul<'a>(call: &Call<'_, 'a>) -> Result<Val<'a>, EvalError> {
    arithmetic(call, i64::checked_mul, |a, b| a * b, Decimal::mul)
}

fn check_divisor(call: &Call<'_, '_>) -> Result<(), EvalError> {
    let zero = match call.number(1)? {
        Num::Decimal(divisor) => divisor.is_zero(),
        divisor => divisor.float() == 0.0,
    };
    if zero {
        return Err(call.error(format_args!("cannot divide {} by zero", text_of(call.arg(0)))));
    }
    Ok(())
}

fn div<'a>(call: &Call<'_, 'a>) -> Result<Val<'a>, EvalError> {
    call.number(0)?;
    check_divisor(call)?;
    arithmetic(call, i64::checked_div, |a, b| a / b, Decimal::div)
}

fn rem<'a>(call: &Call<'_, 'a>) -> Result<Val<'a>, EvalError> {
    call.number(0)?;
    check_divisor(call)?;
    arithmetic(call, |a, b| Some(a.wrapping_rem(b)), |a, b| a % b, Decimal::rem)
}

fn extreme<'a>(call: &Call<'_, 'a>, wanted: Ordering) -> Result<Val<'a>, EvalError> {
    let numbers: Vec<&Value> = match call.arg(0) {
        Value::Array(items) if call.count() == 1 => items.iter().collect(),
        _ => call.args.iter().map(Cow::as_ref).collect(),
    };
    call.machine.spend(numbers.len())?;
    let mut best: Option<Num> = None;
    for value in numbers {
        let number = Num::of(value).ok_or_else(|| {
            call.error(format_args!(
                "expects its parameters to be an array of numbers or numbers. The provided value is of type \
                 '{}'",
                super::super::value::kind_name(value)
            ))
        })?;
        if best.is_none_or(|best| number.order(best) == Some(wanted)) {
            best = Some(number);
        }
    }
    let value = best.and_then(Num::value);
    value.map(Cow::Owned).ok_or_else(|| call.error("expects at least one number; the array is empty"))
}

fn min<'a>(call: &Call<'_, 'a>) -> Result<Val<'a>, EvalError> {
    extreme(call, Ordering::Less)
}

fn max<'a>(call: &Call<'_, 'a>) -> Result<Val<'a>, EvalError> {
    extreme(call, Ordering::Greater)
}

fn rand<'a>(call: &Call<'_, 'a>) -> Result<Val<'a>, EvalError> {
    let (from, to) = (call.integer(0)?, call.integer(1)?);
    let span = i128::from(to) - i128::from(from);
    let Some(span) = u128::try_from(span).ok().filter(|span| *span > 0) else {
        return Err(call.error(format_args!(
            "expects its second parameter to be above the first; {to} is not above {from}"
        )));
    };
    // The high half of a 128-bit product maps 64 random bits to 0..span without a bias that anyone could see.
    let offset = (u128::from(call.machine.context.random()) * span) >> 64;
    let value = i128::from(from) + i128::try_from(offset).unwrap_or(0);
    Ok(Cow::Owned(Value::from(i64::try_from(value).unwrap_or(from))))
}

fn range<'a>(call: &Call<'_, 'a>) -> Result<Val<'a>, EvalError> {
    let (start, count) = (call.integer(0)?, call.integer(1)?);
    if !(0..=limits::RANGE_COUNT).contains(&count) {
        return Err(call.error(format_args!(
            "expects its second parameter, the count, to be from 0 to {}; it is {count}",
            limits::RANGE_COUNT
        )));
    }
    let last = start.checked_add(count).filter(|end| *end <= i64::from(i32::MAX));
    let Some(end) = last else {
        return Err(call.error("expects start and count to add up to at most 2147483647"));
    };
    call.machine.spend(usize::try_from(count).unwrap_or(usize::MAX))?;
    Ok(Cow::Owned(Value::Array((start..end).map(Value::from).collect())))
}
