//! Running a job: each task once what it needs is done, retries, skips, cancel. Nothing is visible yet.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use lake::View;
use serde_json::Value;
use store::{JobId, Store};
use tokio::task::JoinSet;

use super::graph::{Graph, Node};
use super::indexed;
use super::jobs::{self, Task};
use super::shared::Ready;
use super::tasks::{self, Failure, Made, TaskContext, TaskOutput};
use super::{Operation, RefreshError, Result, SelectionReason, TaskStatus};
use crate::insights::Named;

/// How long a task that failed in a way that may pass waits before each new try; then it has failed for good.
const RETRY_AFTER: [Duration; 3] = [Duration::from_secs(1), Duration::from_secs(5), Duration::from_secs(20)];
/// How many tasks run at the same time, at most.
const CONCURRENT_TASKS: usize = 4;

/// What became of one task.
pub(super) struct TaskResult {
    /// The row.
    pub task: Task,
    /// The hash of everything that it read, if that can be told.
    pub input_key: Option<String>,
    /// What it made; nothing if it failed or was skipped. For an unchanged task, its last output, nothing staged.
    pub made: Option<Made>,
}

/// What became of all tasks, in the order of the graph.
pub(super) struct Ran {
    pub results: Vec<TaskResult>,
    pub canceled: bool,
    /// The insight indexes of what is to be published.
    pub indexes: Named,
}

/// A job while it runs.
pub(super) struct Run {
    pub store: Store,
    pub job: JobId,
    pub graph: Graph,
    /// The context that every task's own is made from.
    pub context: TaskContext,
    /// The last good output of each task, with its key.
    pub last: BTreeMap<String, (String, TaskOutput)>,
}

impl Run {
    /// Runs the tasks until all are final, or the job is cancelled.
    pub(super) async fn finish(self) -> Result<Ran> {
        let run = Arc::new(self);
        let view = Arc::new(Mutex::new(run.context.view.clone()));
        let mut results: Vec<Option<TaskResult>> = run.graph.nodes.iter().map(|_| None).collect();
        let mut started = vec![false; results.len()];
        let mut running = JoinSet::new();
        loop {
            run.skip_what_cannot_run(&mut results, &mut started).await?;
            run.start_what_can(&results, &mut started, &view, &mut running);
            let Some(ended) = running.join_next().await else { break };
            let (position, result) = ended.map_err(|error| RefreshError::Broken(error.to_string()))?;
            let result: TaskResult = result?;
            if let Some(made) = &result.made {
                lay_over(&view, made);
            }
            if let Some(slot) = results.get_mut(position) {
                *slot = Some(result);
            }
        }
        let view = view.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let context = TaskContext { view, rows_are_final: true, ..run.context.clone() };
        let indexes = indexed::of_job(&context).await;
        let canceled = run.context.cancel.is_cancelled();
        Ok(Ran { results: results.into_iter().flatten().collect(), canceled, indexes })
    }

    async fn skip_what_cannot_run(
        &self,
        results: &mut [Option<TaskResult>],
        started: &mut [bool],
    ) -> Result<()> {
        for (position, node) in self.graph.nodes.iter().enumerate() {
            if started.get(position).copied().unwrap_or(true) {
                continue;
            }
            let bad = node.needs.iter().find_map(|need| match results.get(*need) {
                Some(Some(result)) if !result.task.status.is_good() => Some(&result.task),
                _ => None,
            });
            let Some(bad) = bad else { continue };
            let message = format!("{} is {}", bad.id, words(bad.status));
            let mut task = new_task(node);
            task.status = TaskStatus::Skipped;
            task.message = Some(message);
            task.ended_at = Some(self.store.clock().now());
            self.show(position, &task).await?;
            if let (Some(slot), Some(started)) = (results.get_mut(position), started.get_mut(position)) {
                *slot = Some(TaskResult { task, input_key: None, made: None });
                *started = true;
            }
        }
        Ok(())
    }

    fn start_what_can(
        self: &Arc<Self>,
        results: &[Option<TaskResult>],
        started: &mut [bool],
        view: &Arc<Mutex<View>>,
        running: &mut JoinSet<(usize, Result<TaskResult>)>,
    ) {
        for (position, node) in self.graph.nodes.iter().enumerate() {
            let waits =
                node.needs.iter().chain(&node.after).any(|need| !matches!(results.get(*need), Some(Some(_))));
            let Some(begun) = started.get_mut(position) else { continue };
            if *begun || waits || running.len() >= CONCURRENT_TASKS {
                continue;
            }
            *begun = true;
            let keys = self.keys_of_needs(node, results);
            let context = TaskContext {
                view: view.lock().unwrap_or_else(PoisonError::into_inner).clone(),
                last: self.last.get(&node.id()).map(|(_, output)| output.clone()),
                position,
                measures_are_current: self.measured(results),
                ready: self.ready(results),
                rows_are_final: self.rows_are_final(results),
                ..self.context.clone()
            };
            let run = Arc::clone(self);
            let node = node.clone();
            running.spawn(async move { (position, run.task(context, node, keys).await) });
        }
    }

    /// The measures and segments whose needs are met and that have not ended.
    fn ready(&self, results: &[Option<TaskResult>]) -> Ready {
        let ended = |at: &usize| matches!(results.get(*at), Some(Some(_)));
        let nodes = self.graph.nodes.iter().enumerate();
        let ready = nodes.filter(|(at, node)| {
            let is_insight = matches!(
                node.operation,
                Operation::AttributeMeasures | Operation::EntityMeasures | Operation::Segmentation
            );
            is_insight && !ended(at) && node.needs.iter().chain(&node.after).all(ended)
        });
        Arc::new(ready.map(|(_, node)| node.id()).collect())
    }

    /// Whether the tasks that make source entities, customers and activities have ended.
    fn rows_are_final(&self, results: &[Option<TaskResult>]) -> bool {
        let mut tasks = self.graph.nodes.iter().zip(results);
        tasks.all(|(node, result)| result.is_some() || !node.operation.makes_rows())
    }

    /// Whether the customer attributes are those of this job.
    fn measured(&self, results: &[Option<TaskResult>]) -> bool {
        let is_measured = |result: &TaskResult| {
            result.task.operation == Operation::AttributeMeasures
                && result.task.status == TaskStatus::Successful
        };
        results.iter().flatten().any(is_measured)
    }

    /// The keys of everything that a task reads, by the names of the tasks that made it: in this job, or before it
    /// where the task is not part of the job. Nothing when one of them cannot be told.
    fn keys_of_needs(&self, node: &Node, results: &[Option<TaskResult>]) -> Option<BTreeMap<String, String>> {
        let inside = node.needs.iter().map(|need| {
            let result = results.get(*need)?.as_ref()?;
            Some((result.task.id.clone(), result.input_key.clone()?))
        });
        let last = |id: &String| Some((id.clone(), self.last.get(id)?.0.clone()));
        let after = node.after.iter().map(|need| {
            let result = results.get(*need)?.as_ref()?;
            let key = result.input_key.clone().filter(|_| result.task.status.is_good());
            key.map(|key| (result.task.id.clone(), key)).or_else(|| last(&result.task.id))
        });
        let outside = node.outside.iter().map(last);
        inside.chain(after).chain(outside).collect()
    }

    async fn task(
        self: Arc<Self>,
        context: TaskContext,
        node: Node,
        keys: Option<BTreeMap<String, String>>,
    ) -> Result<TaskResult> {
        let mut task = new_task(&node);
        task.status = TaskStatus::Processing;
        task.started_at = Some(self.store.clock().now());
        let own = tasks::input_key(&context, &node).await?;
        let keys = keys.map(|keys| keys.into_values().collect::<Vec<String>>().join("\n"));
        let key_of = |own: String| {
            let keys = keys.as_ref()?;
            Some(blake3::hash(format!("{own}\n{keys}").as_bytes()).to_hex().to_string())
        };
        let input_key = own.and_then(key_of);
        let (reason, unchanged) = self.reason(&context, &node, input_key.as_deref());
        task.reason = reason;
        self.show(context.position, &task).await?;
        let made = match unchanged {
            Some(made) => Ok(made),
            None => self.attempts(&context, &node, &mut task).await?,
        };
        task.ended_at = Some(self.store.clock().now());
        let made = match made {
            Ok(made) => {
                task.status = made.status;
                task.message = Some(format!("{}{}", made.output.message, made.news));
                task.report = Some(made.output.report.clone()).filter(|report| !report.is_null());
                Some(made)
            }
            Err(failure) => {
                let canceled = context.cancel.is_cancelled();
                task.status = if canceled { TaskStatus::Canceled } else { TaskStatus::FailedPermanent };
                task.message = Some(failure.message);
                task.report = failure.report.or_else(|| Some(serde_json::json!({"code": failure.code})));
                None
            }
        };
        self.show(context.position, &task).await?;
        let later = made.as_ref().and_then(|made| made.key.clone());
        let input_key = input_key.or_else(|| later.and_then(key_of));
        Ok(TaskResult { task, input_key, made })
    }

    /// Why the task runs; and its last output, if nothing that it reads changed.
    fn reason(
        &self,
        context: &TaskContext,
        node: &Node,
        key: Option<&str>,
    ) -> (SelectionReason, Option<Made>) {
        let Some((last_key, output)) = self.last.get(&node.id()) else {
            return (SelectionReason::FirstRun, None);
        };
        let there = output.entities.iter().all(|entity| context.before.schema(entity).is_some());
        if key != Some(last_key.as_str()) || !there {
            return (SelectionReason::ModifiedInputs, None);
        }
        (SelectionReason::Unchanged, Some(Made::unchanged(node.operation, output.clone())))
    }

    async fn attempts(
        &self,
        context: &TaskContext,
        node: &Node,
        task: &mut Task,
    ) -> Result<std::result::Result<Made, Failure>> {
        let mut waits = RETRY_AFTER.iter();
        loop {
            task.attempts += 1;
            let failure = match tasks::run(context, node).await {
                Ok(made) => return Ok(Ok(made)),
                Err(failure) => failure,
            };
            tracing::warn!(job = %self.job, task = task.id, attempt = task.attempts, code = failure.code,
                "a task failed: {}", failure.message);
            let Some(wait) = waits.next().filter(|_| failure.transient && !context.cancel.is_cancelled())
            else {
                return Ok(Err(failure));
            };
            task.status = TaskStatus::FailedRetrying;
            task.message = Some(format!("{}; trying again in {} s", failure.message, wait.as_secs()));
            self.show(context.position, task).await?;
            tokio::select! {
                () = context.cancel.cancelled() => return Ok(Err(failure)),
                () = tokio::time::sleep(*wait) => {}
            }
            task.status = TaskStatus::Processing;
            self.show(context.position, task).await?;
        }
    }

    /// Writes how a task stands, and shows it to whoever watches.
    async fn show(&self, position: usize, task: &Task) -> Result<()> {
        self.context.board.change(position, |shown| {
            shown.status = task.status;
            shown.reason = task.reason;
            shown.started_at = task.started_at;
            shown.ended_at = task.ended_at;
            shown.message.clone_from(&task.message);
        });
        let mut tx = self.store.write().await?;
        jobs::write_task(&mut tx, &self.job, task).await?;
        tx.commit().await?;
        Ok(())
    }
}

fn lay_over(view: &Mutex<View>, made: &Made) {
    let mut view = view.lock().unwrap_or_else(PoisonError::into_inner);
    for (entity, table) in &made.staged {
        *view = view.with_staged(entity, table);
    }
    for entity in &made.dropped {
        *view = view.without(entity);
    }
}

fn new_task(node: &Node) -> Task {
    Task {
        id: node.id(),
        operation: node.operation,
        name: node.name.clone(),
        reason: SelectionReason::Requested,
        status: TaskStatus::Queued,
        attempts: 0,
        started_at: None,
        ended_at: None,
        message: None,
        report: None::<Value>,
    }
}

/// A status in words, for messages.
fn words(status: TaskStatus) -> &'static str {
    match status {
        TaskStatus::Queued => "waiting",
        TaskStatus::Processing => "running",
        TaskStatus::FailedRetrying => "being tried again",
        TaskStatus::Successful => "done",
        TaskStatus::CompletedWithWarnings => "completed with warnings",
        TaskStatus::CompletedWithErrors => "completed with errors",
        TaskStatus::FailedPermanent => "failed",
        TaskStatus::Skipped => "skipped",
        TaskStatus::Canceled => "cancelled",
    }
}
