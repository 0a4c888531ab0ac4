//! What people know better than rules: values that mean the same or nothing, and rows that always or never match.

mod forms;
mod listed;
mod pairs;

pub(crate) use forms::{Forms, Prepared};
pub(crate) use pairs::{Decisions, Listed, NamedRow, check};
