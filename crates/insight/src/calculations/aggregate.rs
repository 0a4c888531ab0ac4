//! One aggregate: a function over the rows of an entity.

use super::expression::Scalar;
use crate::conditions::{Attribute, Kind, Now, Predicate};
use crate::relationships::JoinTree;
use lang::rule::Function;

/// A function over the rows of an entity. Two aggregates that are equal have equal results for equal groups.
///
/// For a group of rows (a customer's, or those with the same dimension values): the joined rows of `tree` that fulfil
/// `filter`; of them those whose `argument` (and `by`) is not missing. With no such row the result is 0 for
/// [`Function::Count`] and missing for every other function.
#[derive(Debug, Clone, PartialEq)]
pub struct Aggregate {
    /// What is calculated.
    pub function: Function,
    /// Each value counts once. Only with [`Function::Count`].
    pub distinct: bool,
    /// The entities that are read. The root is the home: each of its rows counts once, and every step leads forward
    /// (to one row at most). It reaches Customer where the result is per customer.
    pub tree: JoinTree,
    /// Of what; of the rows themselves when nothing (only with [`Function::Count`]).
    pub argument: Option<Scalar>,
    /// What the rows are ordered by. Always and only with [`Function::is_ordered`]: the result is the argument of
    /// the row with the smallest (first, argMin) or greatest (last, argMax) value; among equals the smallest or
    /// greatest argument.
    pub by: Option<Attribute>,
    /// Which rows count: the aggregate's own `where`, and the measure's.
    pub filter: Option<Predicate>,
    /// What the result is.
    pub kind: Kind,
}

impl Aggregate {
    /// The entity whose rows are counted.
    pub fn home(&self) -> &str {
        self.tree.root()
    }

    /// Whether the result depends on when it is asked for.
    pub fn is_relative(&self) -> bool {
        self.argument.as_ref().is_some_and(Scalar::is_relative)
            || self.filter.as_ref().is_some_and(Predicate::is_relative)
    }

    /// The aggregate with every relative moment as a constant.
    #[must_use]
    pub fn at(&self, now: &Now) -> Self {
        Self {
            argument: self.argument.as_ref().map(|argument| argument.at(now)),
            filter: self.filter.as_ref().map(|filter| filter.at(now)),
            ..self.clone()
        }
    }
}

/// What a function gives for values of this kind; nothing when it cannot be calculated.
///
/// Sums of decimals get ten more digits, room for ten thousand million rows. `avg` and `median` are floating-point.
pub fn result_kind(function: Function, kind: Kind) -> Option<Kind> {
    match (function, kind) {
        (_, Kind::Other) if function != Function::Count => None,
        (Function::Count, _) => Some(Kind::Integer),
        (Function::Sum, Kind::Decimal { precision, scale }) => {
            Some(Kind::Decimal { precision: precision.saturating_add(10).min(38), scale })
        }
        (Function::Sum, Kind::Integer | Kind::Double) => Some(kind),
        (Function::Avg | Function::Median, kind) if kind.is_number() => Some(Kind::Double),
        (Function::Min | Function::Max, Kind::Bool) => None,
        (Function::Min | Function::Max, kind) => Some(kind),
        (Function::First | Function::Last | Function::ArgMin | Function::ArgMax, kind) => Some(kind),
        _ => None,
    }
}
