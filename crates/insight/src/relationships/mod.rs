//! Relationships between entities, and the paths from an entity to the customer.
//!
//! A path is the shortest way; where several are equally short, the user must say which one is meant, so they are
//! listed.

mod error;
mod graph;
mod join;

pub use error::PathError;
pub use graph::{Direction, Edge, EdgeKind, Graph, MAX_HOPS, MAX_VIA, Path, Step};
pub use join::JoinTree;

/// The entity with one row per profile.
pub const CUSTOMER: &str = "Customer";

/// The entity that tells each source row's customer: `DataSourceName`, `EntityName` (the full name), `AlternateValue`
/// (the primary key as text), `CustomerId`.
pub const ALTERNATE_KEY: &str = "AlternateKey";

/// The entity with one column per customer attribute measure.
pub const CUSTOMER_MEASURE: &str = "Customer_Measure";

/// The key of Customer, and of every entity with one row per customer.
pub const CUSTOMER_ID: &str = "CustomerId";
