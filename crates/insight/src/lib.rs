//! Segments and measures over profiles: what they mean, and how they are answered.
//!
//! A kernel over Arrow batches that knows no query engine, no clock and no randomness. `definition` is what people
//! write, `conditions` and `relationships` give the words their meaning, `measures` and `segments` check whole
//! definitions against the entities. `index` keeps a snapshot's rows by customer, `compile` makes definitions a program that
//! computes all of them in one `scan`.

pub mod calculations;
pub mod compile;
pub mod conditions;
pub mod definition;
pub mod index;
pub mod measures;
pub mod relationships;
pub(crate) mod scan;
pub mod segments;
