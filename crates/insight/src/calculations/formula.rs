//! Arithmetic over aggregates and measures: one column of a measure.

use super::aggregate::Aggregate;
use super::expression::Expression;
use crate::conditions::{Attribute, Kind};

/// Arithmetic over aggregates and measures.
pub type Formula = Expression<Term>;

/// A value that a formula is made of.
#[derive(Debug, Clone, PartialEq)]
pub enum Term {
    /// The aggregate at this place of the measure's list.
    Aggregate(usize),
    /// A measure's value. An attribute of `Customer_Measure` is that of the row's customer; an attribute of another
    /// entity is the only value of a business measure without dimensions, the same in every row.
    Measure(Attribute),
}

impl Formula {
    /// The kind of the result, over this list of aggregates; nothing where it cannot be calculated.
    pub fn result_kind(&self, aggregates: &[Aggregate]) -> Option<Kind> {
        self.kind(&|term: &Term| match term {
            Term::Aggregate(at) => aggregates.get(*at).map_or(Kind::Other, |aggregate| aggregate.kind),
            Term::Measure(attribute) => attribute.kind,
        })
    }
}
