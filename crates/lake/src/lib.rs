//! Entity tables: a DuckLake 1.0 catalog in the state database, Parquet files beside it, snapshots, and query
//! sessions (DataFusion).
//!
//! New content is first *staged*: Parquet files that no catalog knows. *Publishing* adds one snapshot for any
//! number of staged entities, inside a transaction of the state store. A [`View`] is pinned to a snapshot.

mod catalog;
mod error;
mod keep;
mod lake;
pub mod limits;
pub mod output;
mod publish;
pub mod query;
mod stage;
mod suggest;
mod types;
mod view;

pub use error::LakeError;
pub use keep::{ExpireReport, Keep, SweepReport};
pub use lake::{At, Lake, SnapshotInfo};
pub use publish::{Change, CommitInfo};
pub use stage::{StagedTable, Stager, StagingLimits};
pub use types::entity_schema;
pub use view::{EntityInfo, SessionOptions, View};

/// The result of everything in this crate.
pub type Result<T, E = LakeError> = std::result::Result<T, E>;
