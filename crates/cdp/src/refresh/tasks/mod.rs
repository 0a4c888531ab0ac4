//! The tasks of a refresh: one module per kind, each from a view of the entities to what it made.

mod activities;
mod drift;
mod exports;
mod ingestion;
mod measures;
mod membership;
mod search;
mod segments;
mod stage;
mod unification;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use jiff::Timestamp;
use lake::{Lake, StagedTable, View};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::JobId;
use tokio_util::sync::CancellationToken;
use unify::Pin;

use super::graph::Node;
use super::history::Point;
use super::kept::Kept;
use super::outside::Outside;
use super::shared::{Ready, Shared};
use super::{Operation, ProgressBoard, Result, TaskStatus};
use crate::definitions::Definitions;
use crate::insights::Named;
use sources::{EntityState, KnownColumns};

/// What a task needs.
#[derive(Clone)]
pub(super) struct TaskContext {
    pub lake: Lake,
    pub definitions: Arc<Definitions>,
    /// The folder that relative paths of data sources start from.
    pub base_dir: PathBuf,
    /// The entities as this task sees them: the published ones, under what earlier tasks of the job made.
    pub view: View,
    /// The entities as they were before the job.
    pub before: View,
    /// What this task's last good run left, if there was one.
    pub last: Option<TaskOutput>,
    pub board: ProgressBoard,
    /// The position of the task in the graph, for the board.
    pub position: usize,
    pub cancel: CancellationToken,
    /// The job.
    pub job: JobId,
    /// When it started.
    pub at: Timestamp,
    /// Rows whose customer people have decided.
    pub pins: Arc<Vec<Pin>>,
    /// What is kept of unifications between jobs, if anything.
    pub kept: Option<Kept>,
    /// What data sources may use of the world outside.
    pub outside: Outside,
    /// Whether all customer attributes were measured in this job.
    pub measures_are_current: bool,
    /// The indexes that are published.
    pub indexes: Arc<Named>,
    /// Whether what the index is about no longer changes in this job: source entities, customers and activities.
    pub rows_are_final: bool,
    /// What tasks of this job have in common.
    pub shared: Shared,
    /// The measures and segments that can run now, this one among them, by the ids of their tasks.
    pub ready: Ready,
}

impl TaskContext {
    /// What `today` and `now` are in conditions: when the job started, in the time zone of the schedule.
    pub(super) fn now(&self) -> crate::conditions::Now {
        let zone = self.definitions.time_zone();
        crate::conditions::Now::new(self.at, zone)
    }

    /// Tells how far the task is.
    pub(super) fn progress(&self, doing: &str, done: u64, total: Option<u64>) {
        self.board.change(self.position, |task| {
            task.done = done;
            task.total = total;
            if task.doing != doing {
                doing.clone_into(&mut task.doing);
            }
        });
    }
}

/// What stays of a task's last good run: enough to stand in for it when its inputs have not changed.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct TaskOutput {
    /// The entities that it made.
    pub entities: Vec<String>,
    /// The numbers that it calculated.
    #[serde(default)]
    pub points: Vec<Point>,
    /// What is known of the columns of source entities.
    #[serde(default)]
    pub known: BTreeMap<String, KnownColumns>,
    /// What is remembered of the input of source entities.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub states: BTreeMap<String, EntityState>,
    /// It ended with warnings.
    #[serde(default)]
    pub warnings: bool,
    /// Its counts.
    #[serde(default)]
    pub report: Value,
    /// Its counts, in words.
    #[serde(default)]
    pub message: String,
    /// What it was made by, where that must be known to explain it.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub made_by: Value,
}

/// What a task made in this job.
#[derive(Debug)]
pub(super) struct Made {
    /// `Successful`, `CompletedWithWarnings` or `CompletedWithErrors`.
    pub status: TaskStatus,
    /// New content of entities.
    pub staged: Vec<(String, StagedTable)>,
    /// Entities that are no more.
    pub dropped: Vec<String>,
    /// What stays of this run.
    pub output: TaskOutput,
    /// What is new in this run beside its counts: who entered and who left. Never stored.
    pub news: String,
    /// The key of what it read, where that is known only once it was read.
    pub key: Option<String>,
}

impl Made {
    /// What a task made whose inputs have not changed: what it made the last time.
    pub(super) fn unchanged(operation: Operation, mut output: TaskOutput) -> Self {
        if operation == Operation::Segmentation {
            segments::nobody_moved(&mut output.report);
        }
        let status = if output.warnings { TaskStatus::CompletedWithWarnings } else { TaskStatus::Successful };
        Self { status, staged: Vec::new(), dropped: Vec::new(), output, news: String::new(), key: None }
    }
}

/// Why a task failed.
#[derive(Debug)]
pub(super) struct Failure {
    /// It may pass by itself.
    pub transient: bool,
    /// A stable code.
    pub code: &'static str,
    /// What happened, where, and what to do.
    pub message: String,
    /// Counts and findings, as far as it got.
    pub report: Option<Value>,
}

impl Failure {
    pub(super) fn permanent(code: &'static str, message: impl ToString) -> Self {
        Self { transient: false, code, message: message.to_string(), report: None }
    }
}

impl From<lake::LakeError> for Failure {
    fn from(error: lake::LakeError) -> Self {
        let transient = matches!(error, lake::LakeError::Io { .. } | lake::LakeError::Store(_));
        Self { transient, code: error.code(), message: error.to_string(), report: None }
    }
}

/// The key of what the task reads besides the results of other tasks: its definition, and for a data source
/// the content of its files. None where that cannot be told; then the task runs and says why.
pub(super) async fn input_key(context: &TaskContext, node: &Node) -> Result<Option<String>> {
    Ok(match node.operation {
        Operation::Ingestion => ingestion::input_key(context, &node.name).await?,
        Operation::Unification => Some(unification::input_key(context)),
        Operation::Activities => Some(activities::input_key(context)),
        Operation::AttributeMeasures | Operation::EntityMeasures => Some(measures::input_key(context, node)),
        Operation::Segmentation => Some(segments::input_key(context, &node.name)),
        Operation::SegmentMembership => Some(membership::input_key(context)),
        Operation::Search => Some(search::input_key(context)),
        // What is exported once more is written once more.
        Operation::Export => None,
    })
}

/// Runs a task once.
pub(super) async fn run(context: &TaskContext, node: &Node) -> std::result::Result<Made, Failure> {
    match node.operation {
        Operation::Ingestion => ingestion::run(context, &node.name).await,
        Operation::Unification => unification::run(context).await,
        Operation::Activities => activities::run(context).await,
        Operation::AttributeMeasures | Operation::EntityMeasures => measures::run(context, node).await,
        Operation::Segmentation => segments::run(context, &node.name).await,
        Operation::SegmentMembership => membership::run(context).await,
        Operation::Search => search::run(context).await,
        Operation::Export => exports::run(context, &node.name).await,
    }
}

/// A definition as text to hash. Every definition can be serialised; if one could not, the task would run.
fn definition_text<T: Serialize>(definition: &T) -> String {
    serde_json::to_string(definition).unwrap_or_default()
}
