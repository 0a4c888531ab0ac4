//! Measures: numbers over profiles and their related entities.
//!
//! A measure counts the rows of one entity, the one that its calculations name: each row once, joined to what the
//! dimensions and the filter read. Joins are inner, so a row whose foreign key leads nowhere does not count once a
//! dimension or the filter needs that key. A dimension's missing value is a group of its own.

mod check;

pub(crate) use check::via_problems;
pub use check::{
    CheckedCalculation, CheckedMeasure, Dimension, MeasureProblems, Outcome, check, check_one, known_measures,
};
