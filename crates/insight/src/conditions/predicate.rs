//! A condition whose attributes exist and whose values have the types of what they are compared with.

use super::moment::{Now, RelativeTest, absolute};
use super::{Attribute, Kind};
use crate::calculations::Aggregate;
use lang::rule::{Comparison, DatePart, TextMatch};

/// What a test reads.
#[derive(Debug, Clone, PartialEq)]
pub enum Operand {
    /// An attribute of the joined row.
    Attribute(Attribute),
    /// A part of a date or time, a whole number. Parts of instants are those in UTC.
    Part {
        /// Which part.
        part: DatePart,
        /// The date or time.
        attribute: Attribute,
    },
    /// An aggregate over the customer's own rows. Its tree reaches Customer. Never inside another aggregate.
    Aggregate(Box<Aggregate>),
}

impl Operand {
    /// The kind of the values.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Attribute(attribute) => attribute.kind,
            Self::Part { .. } => Kind::Integer,
            Self::Aggregate(aggregate) => aggregate.kind,
        }
    }

    /// The attribute of the joined row that is read; nothing for an aggregate.
    pub fn attribute(&self) -> Option<&Attribute> {
        match self {
            Self::Attribute(attribute) | Self::Part { attribute, .. } => Some(attribute),
            Self::Aggregate(_) => None,
        }
    }

    fn at(&self, now: &Now) -> Self {
        match self {
            Self::Aggregate(aggregate) => Self::Aggregate(Box::new(aggregate.at(now))),
            other => other.clone(),
        }
    }
}

/// A checked condition. Truth has three values, see the [module](super).
///
/// Engines see it after [`Predicate::at`], when no [`Predicate::Relative`] is left in it.
#[derive(Debug, Clone, PartialEq)]
pub enum Predicate {
    /// All hold.
    And(Vec<Predicate>),
    /// At least one holds.
    Or(Vec<Predicate>),
    /// The inner one is false.
    Not(Box<Predicate>),
    /// The value is missing. Never unknown.
    IsNull(Operand),
    /// The value compares so with a constant of the operand's kind.
    Compare {
        /// The left side.
        operand: Operand,
        /// How.
        comparison: Comparison,
        /// The right side.
        value: Value,
        /// Both as lower case; `value` is already.
        ignore_case: bool,
    },
    /// The value is one of these constants of the operand's kind.
    In {
        /// The left side.
        operand: Operand,
        /// The constants; none means never.
        values: Vec<Value>,
        /// All as lower case; `values` are already.
        ignore_case: bool,
    },
    /// The text has this text at that place.
    Match {
        /// The left side, a text.
        operand: Operand,
        /// Where.
        kind: TextMatch,
        /// What.
        text: String,
        /// Both as lower case; `text` is already.
        ignore_case: bool,
    },
    /// The same answer for every value; unknown where it is missing. What is left of `Whole = 2.5`.
    Constant {
        /// The left side.
        operand: Operand,
        /// The answer.
        holds: bool,
    },
    /// The customer is a member of this segment. Never unknown, never inside an aggregate.
    InSegment(String),
    /// A test whose constants depend on when it is asked. [`Predicate::at`] replaces it by comparisons.
    Relative {
        /// The left side, a date or a time.
        operand: Operand,
        /// What is asked of it.
        test: RelativeTest,
    },
}

impl Predicate {
    /// The same condition at this moment: without [`Predicate::Relative`], also inside aggregates.
    #[must_use]
    pub fn at(&self, now: &Now) -> Self {
        let all = |parts: &[Self]| parts.iter().map(|part| part.at(now)).collect();
        match self {
            Self::And(parts) => Self::And(all(parts)),
            Self::Or(parts) => Self::Or(all(parts)),
            Self::Not(inner) => Self::Not(Box::new(inner.at(now))),
            Self::Relative { operand, test } => absolute(&operand.at(now), *test, now),
            Self::InSegment(name) => Self::InSegment(name.clone()),
            Self::IsNull(operand) => Self::IsNull(operand.at(now)),
            Self::Compare { operand, comparison, value, ignore_case } => {
                let (comparison, ignore_case) = (*comparison, *ignore_case);
                Self::Compare { operand: operand.at(now), comparison, value: value.clone(), ignore_case }
            }
            Self::In { operand, values, ignore_case } => {
                Self::In { operand: operand.at(now), values: values.clone(), ignore_case: *ignore_case }
            }
            Self::Match { operand, kind, text, ignore_case } => {
                let (kind, ignore_case) = (*kind, *ignore_case);
                Self::Match { operand: operand.at(now), kind, text: text.clone(), ignore_case }
            }
            Self::Constant { operand, holds } => Self::Constant { operand: operand.at(now), holds: *holds },
        }
    }

    /// What every test reads, from left to right.
    pub fn operands(&self) -> Vec<&Operand> {
        let mut found = Vec::new();
        self.walk(&mut |part| match part {
            Self::IsNull(operand)
            | Self::Compare { operand, .. }
            | Self::In { operand, .. }
            | Self::Match { operand, .. }
            | Self::Constant { operand, .. }
            | Self::Relative { operand, .. } => found.push(operand),
            Self::And(_) | Self::Or(_) | Self::Not(_) | Self::InSegment(_) => {}
        });
        found
    }

    /// Every attribute of the joined row that is read, with repetitions. What aggregates read is in their own trees.
    pub fn attributes(&self) -> Vec<&Attribute> {
        self.operands().into_iter().filter_map(Operand::attribute).collect()
    }

    /// Every aggregate, with repetitions.
    pub fn aggregates(&self) -> Vec<&Aggregate> {
        let mut found = Vec::new();
        for operand in self.operands() {
            if let Operand::Aggregate(aggregate) = operand {
                found.push(aggregate.as_ref());
            }
        }
        found
    }

    /// Every segment that is asked for, with repetitions.
    pub fn segments(&self) -> Vec<&str> {
        let mut found = Vec::new();
        self.walk(&mut |part| {
            if let Self::InSegment(name) = part {
                found.push(name.as_str());
            }
        });
        found
    }

    /// Whether the answer depends on when it is asked, so on something else than the rows.
    pub fn is_relative(&self) -> bool {
        let mut found = false;
        self.walk(&mut |part| found |= matches!(part, Self::Relative { .. }));
        found || self.aggregates().into_iter().any(Aggregate::is_relative)
    }

    fn walk<'a>(&'a self, visit: &mut impl FnMut(&'a Self)) {
        visit(self);
        match self {
            Self::And(parts) | Self::Or(parts) => parts.iter().for_each(|part| part.walk(visit)),
            Self::Not(inner) => inner.walk(visit),
            _ => {}
        }
    }
}

/// A constant in the form that its operand stores.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Text.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// The digits of a decimal number; the operand's kind says where the point is.
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
