//! Trees back to text. What is printed parses to the same tree.

use super::ast::{Condition, Literal, Operand, Operator, Path, Spanned, Test};
use super::ast_calculation::{Aggregate, Argument, Arithmetic, Operation, Term};
use super::ast_read::Read;
use super::ast_time::{Moment, Offset, Period};
use super::token::{is_keyword, is_name_continue, is_name_start};
use std::fmt::{self, Display, Formatter, Write};

impl Display for Condition {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::And(parts) => join(f, parts, " and "),
            Self::Or(parts) => join(f, parts, " or "),
            Self::Not(inner) => {
                f.write_str("not ")?;
                part(f, inner)
            }
            Self::Test(test) => test.fmt(f),
            Self::InSegment { name: segment, .. } => {
                f.write_str("in segment ")?;
                name(f, &segment.value)
            }
        }
    }
}

fn join(f: &mut Formatter<'_>, parts: &[Condition], word: &str) -> fmt::Result {
    for (at, item) in parts.iter().enumerate() {
        if at > 0 {
            f.write_str(word)?;
        }
        part(f, item)?;
    }
    Ok(())
}

/// A part of a larger condition: in parentheses wherever two readings would be possible.
fn part(f: &mut Formatter<'_>, condition: &Condition) -> fmt::Result {
    match condition {
        Condition::And(_) | Condition::Or(_) => write!(f, "({condition})"),
        Condition::Not(_) | Condition::Test(_) | Condition::InSegment { .. } => condition.fmt(f),
    }
}

impl Display for Test {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.operand, self.operator)?;
        if self.ignore_case { f.write_str(" ignore case") } else { Ok(()) }
    }
}

impl Display for Operator {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let not = |negated: &bool| if *negated { "not " } else { "" };
        match self {
            Self::Compare { comparison, value } => write!(f, "{} {}", comparison.symbol(), value.value),
            Self::In { values, negated } => {
                write!(f, "{}in ", not(negated))?;
                list(f, values, |f, value| value.fmt(f))
            }
            Self::CompareList { comparison, quantifier, values } => {
                write!(f, "{} {} ", comparison.symbol(), quantifier.word())?;
                list(f, values, |f, value| value.fmt(f))
            }
            Self::MatchList { kind, quantifier, texts, negated } => {
                write!(f, "{}{} {} ", not(negated), kind.words(), quantifier.word())?;
                list(f, texts, |f, text| quoted(f, text))
            }
            Self::Match { kind, text, negated } => {
                write!(f, "{}{} ", not(negated), kind.words())?;
                quoted(f, &text.value)
            }
            Self::Between { low, high, negated } => {
                write!(f, "{}between {} and {}", not(negated), low.value, high.value)
            }
            Self::IsNull { negated } => write!(f, "is {}null", not(negated)),
            Self::WithinLast { period, negated } => write!(f, "{}within last {period}", not(negated)),
            Self::YearToDate { negated } => write!(f, "{}year to date", not(negated)),
        }
    }
}

fn list<T>(
    f: &mut Formatter<'_>,
    values: &[Spanned<T>],
    one: impl Fn(&mut Formatter<'_>, &T) -> fmt::Result,
) -> fmt::Result {
    f.write_char('(')?;
    for (at, value) in values.iter().enumerate() {
        f.write_str(if at > 0 { ", " } else { "" })?;
        one(f, &value.value)?;
    }
    f.write_char(')')
}

impl Display for Literal {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => number.fmt(f),
            Self::Text(text) => quoted(f, text),
            Self::Bool(value) => value.fmt(f),
            Self::Moment(moment) => moment.fmt(f),
        }
    }
}

fn quoted(f: &mut Formatter<'_>, text: &str) -> fmt::Result {
    write!(f, "'{}'", text.replace('\'', "''"))
}

impl Display for Path {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if let Some(entity) = &self.entity {
            name(f, &entity.value)?;
            f.write_char('.')?;
        }
        name(f, &self.name.value)
    }
}

fn name(f: &mut Formatter<'_>, text: &str) -> fmt::Result {
    let mut letters = text.chars();
    let plain =
        letters.next().is_some_and(is_name_start) && letters.all(is_name_continue) && !is_keyword(text);
    if plain { f.write_str(text) } else { write!(f, "[{}]", text.replace(']', "]]")) }
}

/// A leaf of arithmetic, and numbers: nothing binds tighter.
const LEAF: u8 = 5;
/// Between multiplication and `^`.
const NEGATION: u8 = 3;

fn precedence<L>(of: &Arithmetic<L>) -> u8 {
    match of {
        Arithmetic::Leaf(_) | Arithmetic::Number(_) => LEAF,
        Arithmetic::Negate(_) => NEGATION,
        Arithmetic::Binary { operation, .. } => operation.precedence(),
    }
}

impl<L: Display> Display for Arithmetic<L> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let operand = |f: &mut Formatter<'_>, operand: &Self, least: u8| match precedence(operand) >= least {
            true => operand.fmt(f),
            false => write!(f, "({operand})"),
        };
        match self {
            Self::Leaf(leaf) => leaf.fmt(f),
            Self::Number(number) => number.value.fmt(f),
            Self::Negate(inner) => {
                f.write_char('-')?;
                operand(f, inner, NEGATION)
            }
            Self::Binary { operation, left, right } => {
                // All go from left to right but `^`, whose right side may be a negation or another `^`.
                let own = operation.precedence();
                let is_power = *operation == Operation::Power;
                operand(f, left, if is_power { LEAF } else { own })?;
                write!(f, " {} ", operation.sign())?;
                operand(f, right, if is_power { NEGATION } else { own + 1 })
            }
        }
    }
}

impl Display for Read {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.take.name() {
            None => self.path.fmt(f),
            Some(function) => write!(f, "{function}({})", self.path),
        }
    }
}

impl Display for Term {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Aggregate(aggregate) => aggregate.fmt(f),
            Self::Measure(path) => path.fmt(f),
        }
    }
}

impl Display for Aggregate {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let distinct = if self.distinct { "distinct " } else { "" };
        match &self.argument {
            Argument::Rows(_) => write!(f, "{}(*", self.function.name())?,
            Argument::Scalar(scalar) => write!(f, "{}({distinct}{scalar}", self.function.name())?,
        }
        if let Some(by) = &self.by {
            write!(f, " by {by}")?;
        }
        if let Some(filter) = &self.filter {
            write!(f, " where {filter}")?;
        }
        f.write_char(')')
    }
}

impl Display for Operand {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Attribute(path) => path.fmt(f),
            Self::Part { part, path, .. } => write!(f, "{}({path})", part.name()),
            Self::Aggregate(aggregate) => aggregate.fmt(f),
        }
    }
}

impl Display for Moment {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(self.base.word())?;
        match self.offset {
            Some(Offset { back, period }) => write!(f, " {} {period}", if back { '-' } else { '+' }),
            None => Ok(()),
        }
    }
}

impl Display for Period {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let plural = if self.amount == 1 { "" } else { "s" };
        write!(f, "{} {}{plural}", self.amount, self.unit.name())
    }
}
