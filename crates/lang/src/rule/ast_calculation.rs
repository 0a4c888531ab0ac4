//! The tree of a calculation: arithmetic over aggregates and measures, and inside an aggregate over attributes.

use super::Number;
use super::ast::{Condition, Literal, Operand, Operator, Path, Spanned};
use super::ast_read::{Read, Take};
use crate::diagnose::Span;

/// Arithmetic over leaves of one sort.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Arithmetic<L> {
    /// A leaf.
    Leaf(L),
    /// A number, never negative: `-5` is the negation of 5.
    Number(Spanned<Number>),
    /// `-x`
    Negate(Box<Arithmetic<L>>),
    /// `x + y` and its kin.
    Binary {
        /// Which operation.
        operation: Operation,
        /// The left side.
        left: Box<Arithmetic<L>>,
        /// The right side.
        right: Box<Arithmetic<L>>,
    },
}

impl<L> Arithmetic<L> {
    /// Every leaf, from left to right.
    pub fn leaves(&self) -> Vec<&L> {
        let mut found = Vec::new();
        self.collect(&mut found);
        found
    }

    fn collect<'a>(&'a self, found: &mut Vec<&'a L>) {
        match self {
            Self::Leaf(leaf) => found.push(leaf),
            Self::Number(_) => {}
            Self::Negate(inner) => inner.collect(found),
            Self::Binary { left, right, .. } => {
                left.collect(found);
                right.collect(found);
            }
        }
    }
}

/// An operation of arithmetic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Operation {
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`; a double. Division by zero gives no value.
    Divide,
    /// `%`; the remainder, with the sign of the left side. By zero it gives no value.
    Remainder,
    /// `^`; a double.
    Power,
}

impl Operation {
    /// The sign, as printed.
    pub fn sign(self) -> &'static str {
        match self {
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Multiply => "*",
            Self::Divide => "/",
            Self::Remainder => "%",
            Self::Power => "^",
        }
    }

    /// How tightly it binds.
    pub(super) fn precedence(self) -> u8 {
        match self {
            Self::Add | Self::Subtract => 1,
            Self::Multiply | Self::Divide | Self::Remainder => 2,
            Self::Power => 4,
        }
    }
}

/// A calculation of a measure: `sum(Orders.Price) / count(Orders)`.
pub type Calculation = Arithmetic<Term>;

/// Arithmetic over what is read of one row: `Price * Quantity`.
pub type Scalar = Arithmetic<Read>;

/// A value that a calculation is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Term {
    /// A calculation over rows.
    Aggregate(Box<Aggregate>),
    /// A measure, by its name.
    Measure(Path),
}

impl Calculation {
    /// Every aggregate, from left to right.
    pub fn aggregates(&self) -> Vec<&Aggregate> {
        let mut found = Vec::new();
        for term in self.leaves() {
            if let Term::Aggregate(aggregate) = term {
                found.push(aggregate.as_ref());
            }
        }
        found
    }

    /// Every path that is named: the attributes inside the aggregates, and the measures outside of them.
    pub fn paths(&self) -> Vec<&Path> {
        let mut found = Vec::new();
        for term in self.leaves() {
            match term {
                Term::Aggregate(aggregate) => aggregate.collect_paths(&mut found),
                Term::Measure(path) => found.push(path),
            }
        }
        found
    }
}

/// A calculation over the rows of an entity: `sum(Orders.Price where Channel = 'Web')`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Aggregate {
    /// What is calculated.
    pub function: Function,
    /// Each value counts once.
    pub distinct: bool,
    /// Of what.
    pub argument: Argument,
    /// What the rows are ordered by. Only with [`Function::is_ordered`].
    pub by: Option<Path>,
    /// Which rows count.
    pub filter: Option<Condition>,
    /// The whole aggregate.
    pub span: Span,
}

impl Aggregate {
    /// Every path that is named, with those of the filter.
    pub fn paths(&self) -> Vec<&Path> {
        let mut found = Vec::new();
        self.collect_paths(&mut found);
        found
    }

    /// Whether the result depends on when it is asked for.
    pub fn is_relative(&self) -> bool {
        let counts_days = match &self.argument {
            Argument::Scalar(scalar) => scalar.leaves().iter().any(|read| read.take == Take::DaysSince),
            Argument::Rows(_) => false,
        };
        counts_days || self.filter.as_ref().is_some_and(Condition::is_relative)
    }

    pub(super) fn collect_paths<'a>(&'a self, found: &mut Vec<&'a Path>) {
        if let Argument::Scalar(scalar) = &self.argument {
            found.extend(scalar.leaves().into_iter().map(|read| &read.path));
        }
        found.extend(&self.by);
        if let Some(filter) = &self.filter {
            filter.collect_paths(found);
        }
    }
}

/// What is calculated. `countDistinct(x)` is `Count` with `distinct`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Function {
    /// The sum.
    Sum,
    /// The arithmetic mean.
    Avg,
    /// The smallest value.
    Min,
    /// The greatest value.
    Max,
    /// How many.
    Count,
    /// The value in the middle; of an even number of values the mean of the two.
    Median,
    /// `first(x by t)`: x of the row with the smallest t.
    First,
    /// `last(x by t)`: x of the row with the greatest t.
    Last,
    /// `argMin(x by y)`: x of the row with the smallest y.
    ArgMin,
    /// `argMax(x by y)`: x of the row with the greatest y.
    ArgMax,
}

impl Function {
    /// The name, as printed.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sum => "sum",
            Self::Avg => "avg",
            Self::Min => "min",
            Self::Max => "max",
            Self::Count => "count",
            Self::Median => "median",
            Self::First => "first",
            Self::Last => "last",
            Self::ArgMin => "argMin",
            Self::ArgMax => "argMax",
        }
    }

    /// Whether it takes a value from the row at an end of an order.
    pub fn is_ordered(self) -> bool {
        matches!(self, Self::First | Self::Last | Self::ArgMin | Self::ArgMax)
    }

    /// Whether an ordered function takes the row with the greatest value.
    pub fn takes_greatest(self) -> bool {
        matches!(self, Self::Last | Self::ArgMax)
    }
}

/// Of what something is calculated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Argument {
    /// `*`: the rows. Only with `count`.
    Rows(Span),
    /// Arithmetic over attributes; alone and only with `count`, a name may be an entity, whose rows are counted.
    Scalar(Scalar),
}

impl Argument {
    /// The path, when the argument is nothing but one.
    pub fn path(&self) -> Option<&Path> {
        match self {
            Self::Scalar(Arithmetic::Leaf(read)) => read.attribute(),
            _ => None,
        }
    }
}

impl Condition {
    /// Every path that is named, with those inside aggregates.
    pub fn paths(&self) -> Vec<&Path> {
        let mut found = Vec::new();
        self.collect_paths(&mut found);
        found
    }

    /// Every segment that is named.
    pub fn segments(&self) -> Vec<&Spanned<String>> {
        match self {
            Self::And(parts) | Self::Or(parts) => parts.iter().flat_map(Self::segments).collect(),
            Self::Not(inner) => inner.segments(),
            Self::Test(_) => Vec::new(),
            Self::InSegment { name, .. } => vec![name],
        }
    }

    /// Whether the answer depends on when it is asked: `today`, `within last` and their kin.
    pub fn is_relative(&self) -> bool {
        let moment = |value: &Spanned<Literal>| matches!(value.value, Literal::Moment(_));
        match self {
            Self::And(parts) | Self::Or(parts) => parts.iter().any(Self::is_relative),
            Self::Not(inner) => inner.is_relative(),
            Self::InSegment { .. } => false,
            Self::Test(test) => {
                let inside = match &test.operand {
                    Operand::Aggregate(aggregate) => aggregate.is_relative(),
                    _ => false,
                };
                inside
                    || match &test.operator {
                        Operator::WithinLast { .. } | Operator::YearToDate { .. } => true,
                        Operator::Compare { value, .. } => moment(value),
                        Operator::CompareList { values, .. } | Operator::In { values, .. } => {
                            values.iter().any(moment)
                        }
                        Operator::Between { low, high, .. } => moment(low) || moment(high),
                        _ => false,
                    }
            }
        }
    }

    fn collect_paths<'a>(&'a self, found: &mut Vec<&'a Path>) {
        match self {
            Self::And(parts) | Self::Or(parts) => parts.iter().for_each(|part| part.collect_paths(found)),
            Self::Not(inner) => inner.collect_paths(found),
            Self::InSegment { .. } => {}
            Self::Test(test) => match &test.operand {
                Operand::Attribute(path) | Operand::Part { path, .. } => found.push(path),
                Operand::Aggregate(aggregate) => aggregate.collect_paths(found),
            },
        }
    }
}
