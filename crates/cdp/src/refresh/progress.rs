//! How far a running job is: kept in memory for whoever watches.

use std::sync::Arc;

use jiff::Timestamp;
use serde::Serialize;
use store::JobId;
use tokio::sync::watch;

use super::graph::Graph;
use super::{JobStatus, Operation, SelectionReason, TaskStatus};

/// How far a job is.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct JobProgress {
    /// The job.
    pub job: JobId,
    /// How it stands.
    pub status: JobStatus,
    /// Its tasks, in the order of the graph.
    pub tasks: Vec<TaskProgress>,
}

/// How far a task is.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TaskProgress {
    /// What it does.
    pub operation: Operation,
    /// What it does it to.
    pub name: String,
    /// How it stands.
    pub status: TaskStatus,
    /// Why it is part of the job, and whether it had to compute.
    pub reason: SelectionReason,
    /// What is done, of `total`.
    pub done: u64,
    /// How much there is to do, where that is known.
    pub total: Option<u64>,
    /// What is counted and what is going on: `rows of Contact.csv`.
    pub doing: String,
    /// When it started.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// What it has to say: counts, or what went wrong.
    pub message: Option<String>,
}

/// The progress of the job that runs now, or ran last.
#[derive(Clone)]
pub struct ProgressBoard(Arc<watch::Sender<Option<JobProgress>>>);

impl Default for ProgressBoard {
    fn default() -> Self {
        Self(Arc::new(watch::Sender::new(None)))
    }
}

impl ProgressBoard {
    /// Follows the progress.
    pub fn watch(&self) -> watch::Receiver<Option<JobProgress>> {
        self.0.subscribe()
    }

    pub(super) fn start(&self, job: &JobId, graph: &Graph) {
        let tasks = graph.nodes.iter().map(|node| TaskProgress {
            operation: node.operation,
            name: node.name.clone(),
            status: TaskStatus::Queued,
            reason: SelectionReason::Requested,
            done: 0,
            total: None,
            doing: String::new(),
            started_at: None,
            ended_at: None,
            message: None,
        });
        let left_out = graph.left_out.iter().map(|left_out| TaskProgress {
            operation: left_out.operation,
            name: left_out.name.clone(),
            status: TaskStatus::Skipped,
            reason: SelectionReason::Unused,
            done: 0,
            total: None,
            doing: String::new(),
            started_at: None,
            ended_at: None,
            message: Some(left_out.message.clone()),
        });
        let tasks = tasks.chain(left_out).collect();
        let progress = JobProgress { job: job.clone(), status: JobStatus::Running, tasks };
        self.0.send_replace(Some(progress));
    }

    pub(super) fn end(&self, status: JobStatus) {
        self.0.send_modify(|progress| {
            if let Some(progress) = progress {
                progress.status = status;
            }
        });
    }

    pub(super) fn change(&self, task: usize, change: impl FnOnce(&mut TaskProgress)) {
        self.0.send_modify(|progress| {
            if let Some(task) = progress.as_mut().and_then(|progress| progress.tasks.get_mut(task)) {
                change(task);
            }
        });
    }
}
