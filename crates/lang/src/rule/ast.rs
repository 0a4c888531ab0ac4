//! The tree of a condition and of a calculation, with the place of each part in the text.

use super::Number;
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
    /// One test of one attribute.
    Test(Box<Test>),
}

/// One test of one attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Test {
    /// The attribute.
    pub path: Path,
    /// What is asked of it, and the values it is compared with.
    pub operator: Operator,
    /// Texts are compared without regard to case.
    pub ignore_case: bool,
    /// The whole test.
    pub span: Span,
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
}

impl Operator {
    /// The operator as a person writes it, for messages.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Compare { comparison, .. } => comparison.symbol(),
            Self::In { .. } => "in",
            Self::Match { kind, .. } => kind.words(),
            Self::Between { .. } => "between",
            Self::IsNull { .. } => "is null",
        }
    }
}

/// A comparison of two values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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

/// Where in an attribute a text must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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

/// A calculation over the rows of an entity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calculation {
    /// What is calculated.
    pub function: Function,
    /// Each value counts once.
    pub distinct: bool,
    /// Of what.
    pub argument: Argument,
    /// The whole calculation.
    pub span: Span,
}

/// What is calculated. `countDistinct(x)` is `Count` with `distinct`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
        }
    }
}

/// Of what something is calculated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Argument {
    /// `*`: the rows. Only with `count`.
    Rows(Span),
    /// An attribute, or (only with `count`) an entity, whose rows are counted.
    Path(Path),
}
