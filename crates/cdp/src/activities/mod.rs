//! Activities: the rows of all mapped entities as one entity, `UnifiedActivity`, ordered by customer and time.
//!
//! A row leads to its customer along the shortest path of relationships; rows that lead to nobody, and rows without
//! a time, are left out and counted. An activity's id is made from its name and the row's primary key: it stays the
//! same as long as the key does.

mod error;
mod plan;
mod rows;

pub use error::ActivityError;
pub use plan::unified;
pub use rows::{ActivityCount, Rows};

#[cfg(test)]
mod tests;
