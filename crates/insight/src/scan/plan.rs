//! What a scan computes: a list of vectors, each made of earlier ones, and what is kept of them.

use std::sync::Arc;

/// A vector's place in the list.
pub(crate) type Id = usize;

/// The truth of a row: the order makes `and` the least and `or` the greatest of two.
pub(crate) const FALSE: u8 = 0;
/// Neither: a value is missing.
pub(crate) const UNKNOWN: u8 = 1;
/// See [`FALSE`].
pub(crate) const TRUE: u8 = 2;

/// What a vector has one element for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Space {
    /// Every customer of the block.
    Customers,
    /// Every row that these customers have in a table.
    Rows(usize),
}

/// How a vector is made.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Node {
    /// A column of the table itself, or through foreign keys: each the table and the link in it.
    Column { home: usize, links: Vec<(usize, usize)>, column: usize },
    /// Whether foreign keys lead to a row.
    Linked { home: usize, links: Vec<(usize, usize)> },
    /// A vector of the customers, seen from their rows.
    OfCustomer { table: usize, of: Id },
    /// The same number everywhere.
    Constant { space: Space, value: Number },
    /// Numbers in place of others.
    Translated { of: Id, to: Arc<Translation> },
    /// Codes that say between which of these numbers a value lies: 1 up to the first, 2 up to the second, ….
    Ranked { of: Id, cuts: Arc<[i64]> },
    /// Whether the value is in one of the ranges, ends included.
    InRanges { of: Id, ranges: Arc<[(i64, i64)]> },
    /// The answer for each code.
    Answer { of: Id, by_code: Arc<[u8]> },
    /// Doubles of which the keys are there.
    FromKeys { of: Id },
    /// Other numbers in place of some, and of missing ones.
    Replaced { of: Id, missing: Option<i64>, values: Arc<[(i64, i64)]> },
    /// Whether there is a value.
    Known { of: Id },
    /// Whether the condition is true; never unknown.
    Taken { of: Id },
    /// The least truth.
    All { space: Space, of: Vec<Id> },
    /// The greatest truth.
    Any { space: Space, of: Vec<Id> },
    /// The opposite.
    Not { of: Id },
    /// Over the rows of each customer.
    Aggregate { table: usize, function: Function, of: Option<Id>, by: Option<Id>, when: Option<Id> },
    /// Whether a [`Function::Set`] has one of these.
    Meets { of: Id, set: u64 },
    /// How many a [`Function::Set`] has, the missing value not counted.
    SizeOf { of: Id },
    /// A sum divided by a count, as the doubles nearest to them; the sum has so many digits behind the point.
    Average { sum: Id, count: Id, scale: u8 },
    /// Arithmetic.
    Arithmetic { left: Id, operation: Operation, right: Id },
    /// A whole number of so many digits behind the point, as a double.
    AsDouble { of: Id, scale: u8 },
    /// A whole number times a power of ten.
    Scaled { of: Id, digits: u8 },
}

/// A constant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Number {
    Missing,
    Whole(i64),
}

/// Numbers in place of others: `base` + the code at the place of value / `divisor` - `first`.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(crate) struct Translation {
    pub(crate) divisor: i64,
    pub(crate) first: i64,
    /// 0 for none.
    pub(crate) codes: Vec<u16>,
    /// Added to a code to make the number.
    pub(crate) base: i64,
}

/// What is computed over the rows of a customer for which `when` is true.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Function {
    /// Whether there is one.
    Exists,
    /// How many there are, or how many have a value.
    Count,
    /// The exact sum.
    Sum,
    Min,
    Max,
    /// The codes that occur, as bits; codes below 64 only.
    Set,
    /// How many different values.
    Distinct,
    /// The value where `by` is least; of equal ones the least.
    First,
    /// The value where `by` is greatest; of equal ones the greatest.
    Last,
    /// The middle of the values; of an even number the mean of the two in the middle.
    Median {
        scale: u8,
    },
}

/// Arithmetic over two numbers. Whole numbers stay whole but for division and powers, which are of doubles.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Operation {
    Add,
    Subtract,
    Multiply,
    /// Missing when divided by zero.
    Divide,
    /// What is left of a division, with the sign of the left side; missing when divided by zero.
    Remainder,
    Power,
}

/// Rows grouped, over all customers or for each one.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Grouping {
    pub(crate) space: Space,
    pub(crate) when: Option<Id>,
    /// Codes, and the largest one.
    pub(crate) keys: Vec<(Id, u64)>,
    pub(crate) totals: Vec<Total>,
    /// A group per customer, too.
    pub(crate) per_customer: bool,
    /// Whether rows without customer count.
    pub(crate) ownerless: bool,
    /// Arithmetic over the totals: the first ids are those of the totals.
    pub(crate) formulas: Vec<Node>,
    /// Which of the formulas' vectors are kept.
    pub(crate) columns: Vec<Id>,
}

/// What is computed over a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Total {
    pub(crate) function: Function,
    pub(crate) of: Option<Id>,
    pub(crate) by: Option<Id>,
    /// Of the rows of the group, those that count.
    pub(crate) when: Option<Id>,
    /// `of` is the customer: with [`Function::Distinct`].
    pub(crate) customers: bool,
}

/// What a scan computes, and what is kept of it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Plan {
    pub(crate) nodes: Vec<Node>,
    /// Truths of customers, kept as bits.
    pub(crate) bits: Vec<Id>,
    /// Truths of customers of which the number of true ones is kept.
    pub(crate) counts: Vec<Id>,
    /// Numbers of customers.
    pub(crate) columns: Vec<Id>,
    pub(crate) groupings: Vec<Grouping>,
}

impl Node {
    /// The vectors that it is made of.
    pub(crate) fn inputs(&self) -> Vec<Id> {
        match self {
            Self::Column { .. } | Self::Linked { .. } | Self::Constant { .. } => Vec::new(),
            Self::OfCustomer { of, .. }
            | Self::Translated { of, .. }
            | Self::Ranked { of, .. }
            | Self::InRanges { of, .. }
            | Self::Answer { of, .. }
            | Self::FromKeys { of }
            | Self::Replaced { of, .. }
            | Self::Known { of }
            | Self::Taken { of }
            | Self::Not { of }
            | Self::Meets { of, .. }
            | Self::SizeOf { of }
            | Self::AsDouble { of, .. }
            | Self::Scaled { of, .. } => vec![*of],
            Self::All { of, .. } | Self::Any { of, .. } => of.clone(),
            Self::Aggregate { of, by, when, .. } => [of, by, when].into_iter().flatten().copied().collect(),
            Self::Average { sum: left, count: right, .. } | Self::Arithmetic { left, right, .. } => {
                vec![*left, *right]
            }
        }
    }
}
