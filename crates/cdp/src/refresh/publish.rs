//! Publishing: ONE transaction adds the snapshot and records histories, thresholds, events, and the job's end.
//!
//! This is the first checkpoint of the walk from a changed file to an e-mail. Before it nothing of the job can be
//! seen; after it everything can, and the events that follow from it cannot be lost.

use std::collections::{BTreeMap, BTreeSet};

use events::thresholds::{self, Crossing, Observation, Watched};
use events::{EventType, NewEvent, record};
use jiff::Timestamp;
use lake::{Change, CommitInfo, Lake};
use serde_json::{Value, json};
use sources::ColumnProfile;
use store::{JobId, Lease, SnapshotId, Store, Tx};

use super::history::{self, Point, Series};
use super::jobs::{self, Job, Submission, Task};
use super::run::{Ran, TaskResult};
use super::tasks::TaskOutput;
use super::{JobStatus, Operation, RefreshError, Result, Scope, SubmissionKind, Target, TaskStatus};
use crate::definitions::{Definitions, ExportSchedule};

/// A job that ran, about to be published.
pub(super) struct Ended<'a> {
    pub job: &'a Job,
    pub definitions: &'a Definitions,
    pub ran: Ran,
    pub lease: &'a Lease,
}

/// What publishing did.
#[derive(Debug)]
pub(super) struct Published {
    pub status: JobStatus,
    pub snapshot: Option<SnapshotId>,
    pub crossings: Vec<Crossing>,
}

/// Publishes what a job made, or records that it was cancelled, and ends it.
pub(super) async fn publish(store: &Store, lake: &Lake, mut ended: Ended<'_>) -> Result<Published> {
    let status = job_status(&ended.ran);
    let changes =
        if status == JobStatus::Canceled { Vec::new() } else { take_changes(&mut ended.ran.results) };
    let changed: BTreeSet<String> = changes.iter().map(|change| change.entity().to_owned()).collect();
    let points = points(&ended.ran, status);
    let mut tx = store.write().await?;
    let at = tx.now();
    let (mut snapshot, mut crossings) = (None, Vec::new());
    if !changes.is_empty() || !points.is_empty() {
        let commit = CommitInfo {
            message: format!("refresh of {}", ended.job.scope),
            extra: json!({"job": ended.job.id, "submissionKind": ended.job.submission_kind}),
        };
        let published = lake.publish(&mut tx, changes, commit).await?;
        history::add(&mut tx, published, at, &points).await?;
        let observations: Vec<Observation> = points.iter().map(observation).collect();
        crossings =
            thresholds::evaluate(&mut tx, &ended.definitions.thresholds, published, at, &observations)
                .await?;
        snapshot = Some(published);
    }
    record_events(&mut tx, &ended, status, snapshot, at).await?;
    if snapshot.is_some() {
        submit_exports(&mut tx, &ended, &changed).await?;
    }
    save_outputs(&mut tx, &ended).await?;
    if status != JobStatus::Canceled {
        ended.ran.indexes.publish(&mut tx).await?;
    }
    let message = message(&ended.ran, status);
    jobs::end(&mut tx, &ended.job.id, status, snapshot, &message).await?;
    tx.finish(ended.lease).await?;
    tx.commit().await?;
    Ok(Published { status, snapshot, crossings })
}

/// Submits the exports that follow a refresh: all after a full one, those of changed entities after any other. They
/// are named by the job, so that the same refresh exports once.
async fn submit_exports(tx: &mut Tx, ended: &Ended<'_>, changed: &BTreeSet<String>) -> Result<()> {
    for export in &ended.definitions.exports {
        let mut exported = export.segments.iter().chain(&export.entities);
        let concerned = ended.job.scope == Scope::Full || exported.any(|entity| changed.contains(entity));
        if export.schedule != ExportSchedule::AfterRefresh || !concerned {
            continue;
        }
        let name = format!("export\n{}\n{}", ended.job.id, export.name);
        let id = JobId::of_hash(blake3::hash(name.as_bytes()).to_hex().get(..32).unwrap_or("0"));
        let scope = Scope::only(Target::Export(export.name.clone()));
        let by = format!("refresh {}", ended.job.id);
        jobs::submit(tx, Submission { id, scope, kind: SubmissionKind::Scheduled, by }).await?;
    }
    Ok(())
}

fn job_status(ran: &Ran) -> JobStatus {
    let any = |wanted: &[TaskStatus]| ran.results.iter().any(|result| wanted.contains(&result.task.status));
    if ran.canceled {
        JobStatus::Canceled
    } else if any(&[TaskStatus::FailedPermanent, TaskStatus::CompletedWithErrors]) {
        JobStatus::Failed
    } else if any(&[TaskStatus::CompletedWithWarnings]) {
        JobStatus::CompletedWithWarnings
    } else {
        JobStatus::Successful
    }
}

fn take_changes(results: &mut [TaskResult]) -> Vec<Change> {
    let mut changes = Vec::new();
    for made in results.iter_mut().filter_map(|result| result.made.as_mut()) {
        let staged = std::mem::take(&mut made.staged);
        changes.extend(staged.into_iter().map(|(entity, table)| Change::Replace { entity, table }));
        let dropped = std::mem::take(&mut made.dropped);
        changes.extend(dropped.into_iter().map(|entity| Change::Drop { entity }));
    }
    changes
}

fn points(ran: &Ran, status: JobStatus) -> Vec<Point> {
    if status == JobStatus::Canceled {
        return Vec::new();
    }
    let good = ran.results.iter().filter(|result| result.task.status.is_good());
    good.filter_map(|result| result.made.as_ref()).flat_map(|made| made.output.points.clone()).collect()
}

fn observation(point: &Point) -> Observation {
    let value = point.value;
    match &point.series {
        Series::Segment { name } => {
            Observation { watched: Watched::Segment { name: name.clone() }, dimension: None, value }
        }
        Series::Measure { name, calculation, dimension } => Observation {
            watched: Watched::Measure { name: name.clone(), calculation: calculation.clone() },
            dimension: dimension.clone(),
            value,
        },
    }
}

async fn record_events(
    tx: &mut Tx,
    ended: &Ended<'_>,
    status: JobStatus,
    snapshot: Option<SnapshotId>,
    at: Timestamp,
) -> Result<()> {
    for result in &ended.ran.results {
        if let Some(event) = task_event(ended.job, result, snapshot, at) {
            record(tx, event).await?;
        }
    }
    if ended.job.scope == Scope::Full {
        record(tx, refresh_completed(ended, status, snapshot, at)).await?;
    }
    Ok(())
}

fn task_event(
    job: &Job,
    result: &TaskResult,
    snapshot: Option<SnapshotId>,
    at: Timestamp,
) -> Option<NewEvent> {
    let task = &result.task;
    let (key, kind) = match (task.operation, task.status) {
        (Operation::Ingestion, status) if status.is_good() => {
            ("dataSource", EventType::DataSourceRefreshSucceeded)
        }
        (Operation::Ingestion, TaskStatus::FailedPermanent | TaskStatus::CompletedWithErrors) => {
            ("dataSource", EventType::DataSourceRefreshFailed)
        }
        (Operation::Unification, status) if status.is_good() => ("entity", EventType::UnificationCompleted),
        _ => return None,
    };
    let data = json!({
        key: task.name,
        "job": job.id,
        "submissionKind": job.submission_kind,
        "status": task.status,
        "message": task.message,
        "code": code(task),
        "reason": task.reason,
        "startedAt": task.started_at,
        "endedAt": task.ended_at,
        "snapshot": snapshot,
        "counts": counts(task.operation, task.report.as_ref()),
    });
    let cause = format!("task\n{}\n{}\n{}", job.id, task.id, task.status);
    Some(NewEvent { kind, cause, subject: task.name.clone(), data, at })
}

/// The stable code of what went wrong.
fn code(task: &Task) -> Option<&str> {
    match task.status {
        TaskStatus::CompletedWithErrors => Some("corruptRecordsThresholdExceeded"),
        _ => task.report.as_ref()?.get("code")?.as_str(),
    }
}

/// The counts of a task that people ask for first.
fn counts(operation: Operation, report: Option<&Value>) -> Value {
    let Some(report) = report else { return Value::Null };
    match operation {
        Operation::Ingestion => {
            let entities = report.as_object().into_iter().flatten().filter_map(|(entity, report)| {
                let rows = report.get("rowsKept")?;
                Some(json!({"entity": entity, "rows": rows, "quarantined": report.get("quarantined")}))
            });
            Value::Array(entities.collect())
        }
        _ => json!({"profiles": report.get("profiles")}),
    }
}

fn refresh_completed(
    ended: &Ended<'_>,
    status: JobStatus,
    snapshot: Option<SnapshotId>,
    at: Timestamp,
) -> NewEvent {
    let mut statuses: BTreeMap<&'static str, u64> = BTreeMap::new();
    for result in &ended.ran.results {
        *statuses.entry(result.task.status.as_str()).or_default() += 1;
    }
    let job = ended.job;
    let data = json!({
        "job": job.id,
        "submissionKind": job.submission_kind,
        "submittedBy": job.submitted_by,
        "status": status,
        "startedAt": job.started_at,
        "endedAt": at,
        "snapshot": snapshot,
        "tasks": statuses,
        "message": message(&ended.ran, status),
    });
    let kind = EventType::RefreshCompleted;
    let subject = ended.definitions.instance.clone();
    NewEvent { kind, cause: format!("job\n{}\nfull refresh", job.id), subject, data, at }
}

async fn save_outputs(tx: &mut Tx, ended: &Ended<'_>) -> Result<()> {
    if ended.ran.canceled {
        return Ok(());
    }
    for result in &ended.ran.results {
        if result.task.status == TaskStatus::CompletedWithErrors {
            // Its quarantine was published: the next run must read again, even what it read before.
            sqlx::query("UPDATE task_output SET input_key = '' WHERE task_id = $1")
                .bind(&result.task.id)
                .execute(tx.conn())
                .await?;
            continue;
        }
        let (Some(made), Some(key)) = (&result.made, &result.input_key) else { continue };
        let output = serde_json::to_string(&made.output)
            .map_err(|error| RefreshError::Corrupt { what: "task output", detail: error.to_string() })?;
        sqlx::query(
            "INSERT INTO task_output (task_id, input_key, job_id, output) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (task_id) DO UPDATE SET input_key = excluded.input_key, job_id = excluded.job_id, \
             output = excluded.output",
        )
        .bind(&result.task.id)
        .bind(key)
        .bind(ended.job.id.as_str())
        .bind(output)
        .execute(tx.conn())
        .await?;
    }
    Ok(())
}

/// The last good output of every task, with its key.
pub(super) async fn last_outputs(store: &Store) -> Result<BTreeMap<String, (String, TaskOutput)>> {
    let rows: Vec<(String, String, String)> =
        sqlx::query_as("SELECT task_id, input_key, output FROM task_output").fetch_all(store.pool()).await?;
    rows.into_iter()
        .map(|(task, key, output)| {
            let corrupt =
                |e: serde_json::Error| RefreshError::Corrupt { what: "task output", detail: e.to_string() };
            Ok((task, (key, serde_json::from_str(&output).map_err(corrupt)?)))
        })
        .collect()
}

/// What the columns of a source entity hold, as the last good refresh saw them; nothing when it has not been read.
pub async fn column_profiles(store: &Store, entity: &str) -> Result<Option<Vec<ColumnProfile>>> {
    let outputs = last_outputs(store).await?;
    let report = outputs.values().find_map(|(_, output)| output.report.get(entity)?.get("profile").cloned());
    let corrupt = |e: serde_json::Error| RefreshError::Corrupt { what: "task output", detail: e.to_string() };
    report.map(serde_json::from_value).transpose().map_err(corrupt)
}

fn message(ran: &Ran, status: JobStatus) -> String {
    let failed: Vec<String> = ran
        .results
        .iter()
        .filter(|result| {
            matches!(result.task.status, TaskStatus::FailedPermanent | TaskStatus::CompletedWithErrors)
        })
        .map(|result| {
            let message = result.task.message.as_deref().unwrap_or_default();
            format!("{}: {message}", result.task.id)
        })
        .collect();
    match status {
        JobStatus::Canceled => "cancelled; the last snapshot stands".to_owned(),
        JobStatus::Failed => failed.join("; "),
        _ => format!("{} tasks", ran.results.len()),
    }
}

/// Ends a job that cannot run at all.
pub(super) async fn fail(store: &Store, job: &Job, lease: &Lease, error: &RefreshError) -> Result<()> {
    let mut tx = store.write().await?;
    let at = tx.now();
    if job.scope == Scope::Full {
        let data = json!({
            "job": job.id, "submissionKind": job.submission_kind, "submittedBy": job.submitted_by,
            "status": JobStatus::Failed, "startedAt": job.started_at, "endedAt": at, "snapshot": Value::Null,
            "tasks": {}, "message": error.to_string(),
        });
        let cause = format!("job\n{}\nfull refresh", job.id);
        let subject = job.submission_kind.to_string();
        record(&mut tx, NewEvent { kind: EventType::RefreshCompleted, cause, subject, data, at }).await?;
    }
    jobs::end(&mut tx, &job.id, JobStatus::Failed, None, &error.to_string()).await?;
    tx.finish(lease).await?;
    Ok(tx.commit().await?)
}
