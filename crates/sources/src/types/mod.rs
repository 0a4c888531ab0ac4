//! From text to typed values: what a column is, and what a cell of it says.

pub(super) mod build;
pub(super) mod convert;
pub(super) mod dates;
pub(super) mod infer;
pub(super) mod plan;
