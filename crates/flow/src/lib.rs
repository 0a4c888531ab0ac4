//! Flows: durable runs of workflow definitions.
//!
//! [`definitions`] keeps documents, [`start`] makes a run when a trigger fires, the [`Runner`] drives runs with
//! the pure [`machine`], [`history`] tells what they did.

pub mod connections;
pub mod connectors;
pub mod definitions;
pub mod dry_run;
mod error;
pub mod history;
pub mod limits;
pub mod machine;
mod recurrence;
mod restart;
mod runner;
mod runs;
pub mod triggers;

pub use error::FlowError;
pub use restart::{Follow, restart};
pub use runner::{Runner, RunnerOptions};
pub use runs::{TriggerFired, cancel, id_of, resubmit, start};

/// The result of everything in this crate.
pub type Result<T> = std::result::Result<T, FlowError>;
