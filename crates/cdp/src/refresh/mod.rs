//! Refresh: the task graph, its jobs, the publishing of a snapshot, schedule and history.
//!
//! A [job](jobs) is a row and a piece of work; the [`Worker`] runs one at a time. It [plans](graph) the tasks
//! from the applied definitions, runs them in the order of what they need (`tasks/`), and at the end
//! [publishes](publish): one transaction adds the snapshot and records histories, thresholds and events.
//! Until then nothing is visible. A job that was cut off is run again from its start under the same id, and
//! events are named by their cause, so nothing is lost and nothing happens twice.

mod error;
pub mod graph;
pub mod history;
mod indexed;
pub mod jobs;
mod kept;
pub(crate) mod last;
mod outside;
mod progress;
mod publish;
mod queries;
mod reads;
mod run;
pub mod schedule;
mod scope;
mod shared;
mod status;
mod tasks;
mod unused;
mod worker;

pub use crate::definitions::Target;
pub use error::RefreshError;
pub use outside::{Outside, Secrets};
pub use progress::{JobProgress, ProgressBoard, TaskProgress};
pub use publish::column_profiles;
pub use scope::{Part, Scope};
pub use status::{JobStatus, Operation, SelectionReason, SubmissionKind, TaskStatus};
pub use unused::{Unused, unused};
pub use worker::Worker;

/// The result of everything in this module.
pub type Result<T> = std::result::Result<T, RefreshError>;
