//! The relationships of an instance's entities, and joined rows as plans of the query engine.
//!
//! What a path is stands in [`insight::relationships`]. Joins are inner and case-sensitive: rows that lead nowhere
//! are left out.

mod defined;
mod rows;

pub use defined::graph;
pub use insight::relationships::{
    ALTERNATE_KEY, CUSTOMER_ID, CUSTOMER_MEASURE, Direction, Edge, EdgeKind, Graph, JoinTree, MAX_HOPS, Path,
    PathError, Step,
};
pub use rows::{Tables, joined_rows};
