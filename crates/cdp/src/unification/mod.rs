//! Explaining a unification: what it did in numbers, the rows behind each number, and why rows are one customer or
//! are not.
//!
//! A [`Reader`] answers from one published snapshot and from the definition that made it. Nothing here changes
//! anything.

mod error;
mod funnel;
mod made_by;
mod reader;

pub use error::UnificationError;
pub use funnel::Funnel;
pub use made_by::{MadeBy, SourceKey};
pub use reader::Reader;

/// The result of everything in this module.
pub type Result<T> = std::result::Result<T, UnificationError>;
