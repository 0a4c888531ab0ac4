//! Flows: durable runs of workflow definitions.
//!
//! [`definitions`] keeps documents, [`start`] makes a run when a trigger fires, the [`Runner`] drives runs with
//! the pure [`machine`], [`history`] tells what they did.

mod admission;
pub mod approvals;
mod children;
pub mod connections;
pub mod connectors;
pub mod definitions;
pub mod diff;
pub mod dry_run;
mod error;
pub mod failing;
pub mod history;
mod inbox;
mod journal;
pub mod limits;
pub mod machine;
pub mod mailer;
pub mod packages;
mod recurrence;
pub mod requests;
mod restart;
mod runner;
mod runs;
pub mod triggers;
pub mod versions;

pub use error::FlowError;
pub use inbox::call_back;
pub use journal::{Accepted, Journal};
pub use restart::{Follow, restart};
pub use runner::{Runner, RunnerOptions};
pub use runs::{TriggerFired, cancel, id_of, response, resubmit, start, start_called};

/// The result of everything in this crate.
pub type Result<T> = std::result::Result<T, FlowError>;
