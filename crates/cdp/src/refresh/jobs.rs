//! Jobs and their tasks as rows: submitting, listing, cancelling, and what the runner writes.

use std::time::Duration;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use store::{JobId, Queue, SnapshotId, Store, Tx, from_micros, to_micros};

use super::graph::Graph;
use super::unused::asked_for;
use super::{JobStatus, Operation, RefreshError, Result, Scope, SelectionReason, SubmissionKind, TaskStatus};

/// The most finished jobs that are kept.
pub const KEPT_JOBS: i64 = 500;

/// A wish for a refresh.
#[derive(Debug, Clone)]
pub struct Submission {
    /// The job's id. The same id twice is one job.
    pub id: JobId,
    /// What to refresh.
    pub scope: Scope,
    /// Who starts it.
    pub kind: SubmissionKind,
    /// Who starts it, in words: `weir refresh`, `schedule 0 6 * * *`.
    pub by: String,
}

/// A job.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Job {
    /// Its id.
    pub id: JobId,
    /// What it refreshes.
    pub scope: Scope,
    /// Who started it.
    pub submission_kind: SubmissionKind,
    /// Who started it, in words.
    pub submitted_by: String,
    /// How it stands.
    pub status: JobStatus,
    /// When it was submitted.
    pub created_at: Timestamp,
    /// When it started to run.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// The snapshot that it published.
    pub snapshot: Option<SnapshotId>,
    /// Whether it was asked to stop.
    pub cancel_requested: bool,
    /// What it came to, in words.
    pub message: Option<String>,
}

/// A task of a job.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Task {
    /// The name of the task over all jobs: `ingestion:Shop`.
    pub id: String,
    /// What it does.
    pub operation: Operation,
    /// What it does it to.
    pub name: String,
    /// Why it ran.
    pub reason: SelectionReason,
    /// How it stands.
    pub status: TaskStatus,
    /// How often it was tried.
    pub attempts: u32,
    /// When it started.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// What it came to, in words.
    pub message: Option<String>,
    /// Counts and findings.
    pub report: Option<Value>,
}

/// Submits a job. A full refresh that waits already is not doubled: its id is returned.
pub async fn submit(tx: &mut Tx, submission: Submission) -> Result<JobId> {
    if let Scope::Part(part) = &submission.scope {
        asked_for(tx, &part.target).await?;
    }
    if submission.kind == SubmissionKind::OnDemand
        && let Some(waiting) = waiting(tx, &submission.scope).await?
    {
        return Ok(waiting);
    }
    let now = tx.now();
    let inserted = sqlx::query(
        "INSERT INTO job (job_id, scope, submission_kind, submitted_by, status, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (job_id) DO NOTHING",
    )
    .bind(submission.id.as_str())
    .bind(submission.scope.text())
    .bind(submission.kind.as_str())
    .bind(&submission.by)
    .bind(JobStatus::Queued.as_str())
    .bind(to_micros(now))
    .execute(tx.conn())
    .await?;
    if inserted.rows_affected() == 1 {
        tx.enqueue(Queue::Job, submission.id.as_str(), now).await?;
    }
    Ok(submission.id)
}

async fn waiting(tx: &mut Tx, scope: &Scope) -> Result<Option<JobId>> {
    let id: Option<String> = sqlx::query_scalar(
        "SELECT job_id FROM job WHERE status = $1 AND scope = $2 AND cancel_requested_at IS NULL LIMIT 1",
    )
    .bind(JobStatus::Queued.as_str())
    .bind(scope.text())
    .fetch_optional(tx.conn())
    .await?;
    Ok(id.map(|id| id.parse()).transpose()?)
}

/// Asks a job to stop. One that waits never starts; one that runs stops at its next safe point and publishes
/// nothing. Returns false if it has ended already.
pub async fn cancel(tx: &mut Tx, id: &JobId) -> Result<bool> {
    let now = tx.now();
    let updated = sqlx::query(
        "UPDATE job SET cancel_requested_at = $2 WHERE job_id = $1 AND status IN ('queued', 'running')",
    )
    .bind(id.as_str())
    .bind(to_micros(now))
    .execute(tx.conn())
    .await?;
    if updated.rows_affected() == 0 {
        let known: Option<i64> = sqlx::query_scalar("SELECT 1 FROM job WHERE job_id = $1")
            .bind(id.as_str())
            .fetch_optional(tx.conn())
            .await?;
        return match known {
            Some(_) => Ok(false),
            None => Err(RefreshError::UnknownJob(id.to_string())),
        };
    }
    tx.enqueue(Queue::Job, id.as_str(), now).await?;
    Ok(true)
}

#[derive(sqlx::FromRow)]
struct JobRow {
    job_id: String,
    scope: String,
    submission_kind: String,
    submitted_by: String,
    status: String,
    created_at: i64,
    started_at: Option<i64>,
    ended_at: Option<i64>,
    snapshot_id: Option<i64>,
    cancel_requested_at: Option<i64>,
    message: Option<String>,
}

impl TryFrom<JobRow> for Job {
    type Error = RefreshError;
    fn try_from(row: JobRow) -> Result<Self> {
        Ok(Self {
            id: row.job_id.parse()?,
            scope: row.scope.parse()?,
            submission_kind: row.submission_kind.parse()?,
            submitted_by: row.submitted_by,
            status: row.status.parse()?,
            created_at: from_micros(row.created_at),
            started_at: row.started_at.map(from_micros),
            ended_at: row.ended_at.map(from_micros),
            snapshot: row.snapshot_id.map(SnapshotId::new),
            cancel_requested: row.cancel_requested_at.is_some(),
            message: row.message,
        })
    }
}

/// The newest `limit` jobs, newest first.
pub async fn list(store: &Store, limit: u32) -> Result<Vec<Job>> {
    let rows: Vec<JobRow> =
        sqlx::query_as("SELECT * FROM job ORDER BY created_at DESC, job_id DESC LIMIT $1")
            .bind(i64::from(limit))
            .fetch_all(store.pool())
            .await?;
    rows.into_iter().map(Job::try_from).collect()
}

/// One job.
pub async fn get(store: &Store, id: &JobId) -> Result<Job> {
    let row: Option<JobRow> = sqlx::query_as("SELECT * FROM job WHERE job_id = $1")
        .bind(id.as_str())
        .fetch_optional(store.pool())
        .await?;
    row.ok_or_else(|| RefreshError::UnknownJob(id.to_string()))?.try_into()
}

#[derive(sqlx::FromRow)]
struct TaskRow {
    task_id: String,
    operation: String,
    name: String,
    reason: String,
    status: String,
    attempts: i64,
    started_at: Option<i64>,
    ended_at: Option<i64>,
    message: Option<String>,
    report: Option<String>,
}

impl TryFrom<TaskRow> for Task {
    type Error = RefreshError;
    fn try_from(row: TaskRow) -> Result<Self> {
        let report = row.report.as_deref().map(serde_json::from_str).transpose();
        Ok(Self {
            id: row.task_id,
            operation: row.operation.parse()?,
            name: row.name,
            reason: row.reason.parse()?,
            status: row.status.parse()?,
            attempts: u32::try_from(row.attempts).unwrap_or(u32::MAX),
            started_at: row.started_at.map(from_micros),
            ended_at: row.ended_at.map(from_micros),
            message: row.message,
            report: report
                .map_err(|e| RefreshError::Corrupt { what: "task report", detail: e.to_string() })?,
        })
    }
}

/// The tasks of a job, in the order of the graph.
pub async fn tasks(store: &Store, id: &JobId) -> Result<Vec<Task>> {
    let rows: Vec<TaskRow> = sqlx::query_as("SELECT * FROM task WHERE job_id = $1 ORDER BY position")
        .bind(id.as_str())
        .fetch_all(store.pool())
        .await?;
    rows.into_iter().map(Task::try_from).collect()
}

/// The last task of each name that was run or skipped, whatever its job: what `status` shows.
pub async fn latest_tasks(store: &Store) -> Result<Vec<Task>> {
    let rows: Vec<TaskRow> = sqlx::query_as(
        "SELECT task.* FROM task JOIN job ON job.job_id = task.job_id WHERE NOT EXISTS \
         (SELECT 1 FROM task AS later JOIN job AS later_job ON later_job.job_id = later.job_id \
          WHERE later.task_id = task.task_id AND (later_job.created_at > job.created_at \
            OR (later_job.created_at = job.created_at AND later_job.job_id > job.job_id))) \
         ORDER BY task.position, task.task_id",
    )
    .fetch_all(store.pool())
    .await?;
    rows.into_iter().map(Task::try_from).collect()
}

/// Marks a job as running and writes its tasks as queued, whatever an earlier try left.
pub(super) async fn begin(tx: &mut Tx, id: &JobId, graph: &Graph) -> Result<()> {
    let now = to_micros(tx.now());
    sqlx::query("UPDATE job SET status = $2, started_at = COALESCE(started_at, $3) WHERE job_id = $1")
        .bind(id.as_str())
        .bind(JobStatus::Running.as_str())
        .bind(now)
        .execute(tx.conn())
        .await?;
    sqlx::query("DELETE FROM task WHERE job_id = $1").bind(id.as_str()).execute(tx.conn()).await?;
    for (position, node) in graph.nodes.iter().enumerate() {
        sqlx::query(
            "INSERT INTO task (job_id, task_id, position, operation, name, reason, status, attempts) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, 0)",
        )
        .bind(id.as_str())
        .bind(node.id())
        .bind(i64::try_from(position).unwrap_or(i64::MAX))
        .bind(node.operation.as_str())
        .bind(&node.name)
        .bind(SelectionReason::Requested.as_str())
        .bind(TaskStatus::Queued.as_str())
        .execute(tx.conn())
        .await?;
    }
    write_left_out(tx, id, graph).await
}

/// Writes what a job leaves out as skipped, after its tasks.
async fn write_left_out(tx: &mut Tx, id: &JobId, graph: &Graph) -> Result<()> {
    let now = to_micros(tx.now());
    for (position, left_out) in (graph.nodes.len()..).zip(&graph.left_out) {
        sqlx::query(
            "INSERT INTO task (job_id, task_id, position, operation, name, reason, status, attempts, ended_at, \
             message) VALUES ($1, $2, $3, $4, $5, $6, $7, 0, $8, $9)",
        )
        .bind(id.as_str())
        .bind(left_out.id())
        .bind(i64::try_from(position).unwrap_or(i64::MAX))
        .bind(left_out.operation.as_str())
        .bind(&left_out.name)
        .bind(SelectionReason::Unused.as_str())
        .bind(TaskStatus::Skipped.as_str())
        .bind(now)
        .bind(&left_out.message)
        .execute(tx.conn())
        .await?;
    }
    Ok(())
}

/// Writes how a task stands.
pub(super) async fn write_task(tx: &mut Tx, job: &JobId, task: &Task) -> Result<()> {
    sqlx::query(
        "UPDATE task SET reason = $3, status = $4, attempts = $5, started_at = $6, ended_at = $7, message = $8, \
         report = $9 WHERE job_id = $1 AND task_id = $2",
    )
    .bind(job.as_str())
    .bind(&task.id)
    .bind(task.reason.as_str())
    .bind(task.status.as_str())
    .bind(i64::from(task.attempts))
    .bind(task.started_at.map(to_micros))
    .bind(task.ended_at.map(to_micros))
    .bind(task.message.as_deref())
    .bind(task.report.as_ref().map(Value::to_string))
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Writes how a job ended, and drops jobs beyond [`KEPT_JOBS`].
pub(super) async fn end(
    tx: &mut Tx,
    id: &JobId,
    status: JobStatus,
    snapshot: Option<SnapshotId>,
    message: &str,
) -> Result<()> {
    let now = to_micros(tx.now());
    sqlx::query(
        "UPDATE job SET status = $2, ended_at = $3, snapshot_id = $4, message = $5 WHERE job_id = $1",
    )
    .bind(id.as_str())
    .bind(status.as_str())
    .bind(now)
    .bind(snapshot.map(SnapshotId::number))
    .bind(message)
    .execute(tx.conn())
    .await?;
    for sql in [
        "DELETE FROM task WHERE job_id IN (SELECT job_id FROM job WHERE ended_at IS NOT NULL \
         ORDER BY created_at DESC, job_id DESC LIMIT 1000 OFFSET $1)",
        "DELETE FROM job WHERE job_id IN (SELECT job_id FROM job WHERE ended_at IS NOT NULL \
         ORDER BY created_at DESC, job_id DESC LIMIT 1000 OFFSET $1)",
    ] {
        sqlx::query(sql).bind(KEPT_JOBS).execute(tx.conn()).await?;
    }
    Ok(())
}

/// Waits until a job has ended; looks every `every`.
pub async fn wait_until_ended(store: &Store, id: &JobId, every: Duration) -> Result<Job> {
    loop {
        let job = get(store, id).await?;
        if job.status.is_final() {
            return Ok(job);
        }
        tokio::time::sleep(every).await;
    }
}
