//! The search index: full text and filters over profiles.
//!
//! An index is a folder, built once from the rows of a snapshot and never changed. It answers with the keys of
//! the rows that were found, the best first: those that have more of the words that were searched for, then
//! those whose words are rarer, then by key. The answer never depends on the order of the rows or on threads.

mod build;
mod collect;
mod condition;
pub mod definition;
mod error;
mod facet;
mod fields;
mod filter;
mod index;
pub mod limits;
mod query;
mod text;

pub use build::Builder;
pub use condition::{Condition, Value};
pub use error::SearchError;
pub use facet::{Facet, FacetCount};
pub use index::{Found, Search, SearchIndex};

/// The result of everything in this crate.
pub type Result<T> = std::result::Result<T, SearchError>;

#[cfg(test)]
mod tests;
