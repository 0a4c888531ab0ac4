//! Conditions as typed plans of the query engine. What they mean stands in [`insight::conditions`].

mod expression;
#[cfg(test)]
pub(crate) mod naive;
#[cfg(test)]
pub(crate) mod sample;
mod tables;

pub use expression::expression;
pub use insight::conditions::{
    Attribute, Attributes, Catalog, Checked, Kind, Place, Predicate, Problem, Resolved, Scope, Unknown,
    Value, check, column_name,
};
pub use tables::catalog;
