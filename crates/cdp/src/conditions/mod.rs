//! Conditions as typed plans of the query engine. What they mean stands in [`insight::conditions`].

mod expression;
#[cfg(test)]
pub(crate) mod naive;
#[cfg(test)]
pub(crate) mod sample;
mod tables;

pub use expression::{Columns, OnlyAttributes, expression, operand_value};
pub use insight::conditions::{
    Attribute, Attributes, Catalog, Checked, Kind, Now, Operand, Place, Predicate, Problem, RelativeTest,
    Resolved, Scope, Unknown, Value, check, column_name,
};
pub use tables::catalog;
