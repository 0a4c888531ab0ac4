//! The tree of a condition, with the place of each part in the text.

use super::Number;
use super::ast_calculation::Aggregate;
use super::ast_time::{DatePart, Moment, Period};
use crate::diagnose::Span;

/// A value with its place in the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spanned<T> {
    /// The value.
    pub value: T,
    /// Where it stands, in bytes.
    pub span: Span,
}

/// A condition: what a row must fulfil.
///
/// The truth of a condition has three values, as in SQL: a test on a missing value is unknown (but for `is null`),
/// `not unknown` is unknown, and a row is taken only where the whole is true.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// All hold. At least two.
    And(Vec<Condition>),
    /// At least one holds. At least two.
    Or(Vec<Condition>),
    /// The inner one is false.
    Not(Box<Condition>),
    /// One test of one value.
    Test(Box<Test>),
    /// `in segment Name`: the customer is a member of that segment. Never unknown.
    InSegment {
        /// The segment.
        name: Spanned<String>,
        /// The whole test.
        span: Span,
    },
}

/// One test of one value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Test {
    /// The value.
    pub operand: Operand,
    /// What is asked of it, and the values it is compared with.
    pub operator: Operator,
    /// Texts are compared without regard to case.
    pub ignore_case: bool,
    /// The whole test.
    pub span: Span,
}

/// The left side of a test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Operand {
    /// An attribute.
    Attribute(Path),
    /// A part of a date or time: `year(Born)`, a whole number.
    Part {
        /// Which part.
        part: DatePart,
        /// The attribute.
        path: Path,
        /// The whole operand.
        span: Span,
    },
    /// A calculation over the customer's rows of an entity: `sum(Orders.Price)`.
    Aggregate(Box<Aggregate>),
}

impl Operand {
    /// The operand's place.
    pub fn span(&self) -> Span {
        match self {
            Self::Attribute(path) => path.span(),
            Self::Part { span, .. } => *span,
            Self::Aggregate(aggregate) => aggregate.span,
        }
    }
}

/// What a test asks, with its values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Operator {
    /// `path < value` and its kin.
    Compare {
        /// Which comparison.
        comparison: Comparison,
        /// The right side.
        value: Spanned<Literal>,
    },
    /// `path in (…)`.
    In {
        /// The list, at least one.
        values: Vec<Spanned<Literal>>,
        /// `not in`.
        negated: bool,
    },
    /// `path contains 'text'` and its kin.
    Match {
        /// Where in the attribute the text must be.
        kind: TextMatch,
        /// The text.
        text: Spanned<String>,
        /// `not contains`.
        negated: bool,
    },
    /// `path < any (…)` and its kin.
    CompareList {
        /// Which comparison.
        comparison: Comparison,
        /// Whether one of the values is enough.
        quantifier: Quantifier,
        /// The list, at least one.
        values: Vec<Spanned<Literal>>,
    },
    /// `path contains any (…)` and its kin.
    MatchList {
        /// Where in the attribute the texts must be.
        kind: TextMatch,
        /// Whether one of the texts is enough.
        quantifier: Quantifier,
        /// The list, at least one.
        texts: Vec<Spanned<String>>,
        /// `not contains any`: the whole is false.
        negated: bool,
    },
    /// `path between low and high`, both ends included.
    Between {
        /// The lower end.
        low: Spanned<Literal>,
        /// The upper end.
        high: Spanned<Literal>,
        /// `not between`.
        negated: bool,
    },
    /// `path is null`.
    IsNull {
        /// `is not null`.
        negated: bool,
    },
    /// `path within last 30 days`: from that long ago until now.
    WithinLast {
        /// How long.
        period: Period,
        /// `not within last`.
        negated: bool,
    },
    /// `path year to date`: from 1 January of this year until now.
    YearToDate {
        /// `not year to date`.
        negated: bool,
    },
}

impl Operator {
    /// The operator as a person writes it, for messages.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Compare { comparison, .. } | Self::CompareList { comparison, .. } => comparison.symbol(),
            Self::In { .. } => "in",
            Self::Match { kind, .. } | Self::MatchList { kind, .. } => kind.words(),
            Self::Between { .. } => "between",
            Self::IsNull { .. } => "is null",
            Self::WithinLast { .. } => "within last",
            Self::YearToDate { .. } => "year to date",
        }
    }
}

/// A comparison of two values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Comparison {
    /// `=`
    Equal,
    /// `!=`, also written `<>`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
}

impl Comparison {
    /// The symbol, as printed.
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
        }
    }
}

/// How a list of values is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quantifier {
    /// One of them is enough.
    Any,
    /// Each of them.
    All,
}

impl Quantifier {
    /// The word, as printed.
    pub fn word(self) -> &'static str {
        match self {
            Self::Any => "any",
            Self::All => "all",
        }
    }
}

/// Where in an attribute a text must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TextMatch {
    /// Anywhere.
    Contains,
    /// At the start.
    StartsWith,
    /// At the end.
    EndsWith,
}

impl TextMatch {
    /// The words, as printed.
    pub fn words(self) -> &'static str {
        match self {
            Self::Contains => "contains",
            Self::StartsWith => "starts with",
            Self::EndsWith => "ends with",
        }
    }
}

/// A value written in a condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Literal {
    /// A number, exact.
    Number(Number),
    /// A text; also how a date or a time is written (`'2018-01-31'`).
    Text(String),
    /// `true` or `false`.
    Bool(bool),
    /// `today` or `now`, perhaps moved: `today - 30 days`.
    Moment(Moment),
}

/// The way to an attribute: `Attribute`, or `Entity.Attribute`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Path {
    /// The entity, where one is named.
    pub entity: Option<Spanned<String>>,
    /// The attribute; in `count(Entity)`, the entity.
    pub name: Spanned<String>,
}

impl Path {
    /// The whole path's place.
    pub fn span(&self) -> Span {
        let start = self.entity.as_ref().map_or(self.name.span.start, |entity| entity.span.start);
        Span { start, end: self.name.span.end }
    }
}
