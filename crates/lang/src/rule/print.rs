//! Trees back to text. What is printed parses to the same tree.

use super::ast::{Argument, Calculation, Condition, Literal, Operator, Path, Test};
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
        Condition::Not(_) | Condition::Test(_) => condition.fmt(f),
    }
}

impl Display for Test {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.path, self.operator)?;
        if self.ignore_case { f.write_str(" ignore case") } else { Ok(()) }
    }
}

impl Display for Operator {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let not = |negated: &bool| if *negated { "not " } else { "" };
        match self {
            Self::Compare { comparison, value } => write!(f, "{} {}", comparison.symbol(), value.value),
            Self::In { values, negated } => {
                write!(f, "{}in (", not(negated))?;
                for (at, value) in values.iter().enumerate() {
                    write!(f, "{}{}", if at > 0 { ", " } else { "" }, value.value)?;
                }
                f.write_str(")")
            }
            Self::Match { kind, text, negated } => {
                write!(f, "{}{} ", not(negated), kind.words())?;
                quoted(f, &text.value)
            }
            Self::Between { low, high, negated } => {
                write!(f, "{}between {} and {}", not(negated), low.value, high.value)
            }
            Self::IsNull { negated } => write!(f, "is {}null", not(negated)),
        }
    }
}

impl Display for Literal {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => number.fmt(f),
            Self::Text(text) => quoted(f, text),
            Self::Bool(value) => value.fmt(f),
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

impl Display for Calculation {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let distinct = if self.distinct { "distinct " } else { "" };
        match &self.argument {
            Argument::Rows(_) => write!(f, "{}(*)", self.function.name()),
            Argument::Path(path) => write!(f, "{}({distinct}{path})", self.function.name()),
        }
    }
}
