//! What the last good run of a task came to: of the unification what it was made by too.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::Value;
use store::{JobId, Store, from_micros};

use super::history::Point;

use super::tasks::TaskOutput;
use super::{Operation, RefreshError, Result};
use crate::definitions::CUSTOMER;

/// The last good unification. What it made is in every snapshot since then.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct LastUnification {
    /// The job that ran it, or found that nothing had changed.
    pub job: JobId,
    /// Its counts.
    pub report: Value,
    /// What it was made by; null in outputs of older versions.
    pub made_by: Value,
}

/// The last good unification, if there was one.
pub(crate) async fn unification(store: &Store) -> Result<Option<LastUnification>> {
    let task = format!("{}:{CUSTOMER}", Operation::Unification);
    let row: Option<(String, String)> =
        sqlx::query_as("SELECT job_id, output FROM task_output WHERE task_id = $1")
            .bind(task)
            .fetch_optional(store.pool())
            .await?;
    let Some((job, output)) = row else { return Ok(None) };
    let corrupt = |error: serde_json::Error| RefreshError::Corrupt {
        what: "output of the unification",
        detail: error.to_string(),
    };
    let output: TaskOutput = serde_json::from_str(&output).map_err(corrupt)?;
    Ok(Some(LastUnification { job: job.parse()?, report: output.report, made_by: output.made_by }))
}

/// What the last good run of a task came to.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct LastGood {
    /// When it ended; nothing when its job is no longer kept.
    pub at: Option<Timestamp>,
    /// Its counts.
    pub report: Value,
    /// The numbers that it calculated.
    pub points: Vec<Point>,
}

/// The last good run of every task, by the task's id.
pub(crate) async fn good(store: &Store) -> Result<BTreeMap<String, LastGood>> {
    let rows: Vec<(String, String, Option<i64>)> = sqlx::query_as(
        "SELECT made.task_id, made.output, task.ended_at FROM task_output AS made \
         LEFT JOIN task ON task.job_id = made.job_id AND task.task_id = made.task_id",
    )
    .fetch_all(store.pool())
    .await?;
    let good = |(task, output, at): (String, String, Option<i64>)| {
        let corrupt = |error: serde_json::Error| RefreshError::Corrupt {
            what: "task output",
            detail: error.to_string(),
        };
        let output: TaskOutput = serde_json::from_str(&output).map_err(corrupt)?;
        Ok((task, LastGood { at: at.map(from_micros), report: output.report, points: output.points }))
    };
    rows.into_iter().map(good).collect()
}

/// The folder of the search index of the last published profiles, by its name; none when there is none yet.
pub(crate) async fn search_folder(store: &Store) -> Result<Option<String>> {
    let task = format!("{}:{CUSTOMER}", Operation::Search);
    let output: Option<String> = sqlx::query_scalar("SELECT output FROM task_output WHERE task_id = $1")
        .bind(task)
        .fetch_optional(store.pool())
        .await?;
    let Some(output) = output else { return Ok(None) };
    let corrupt = |error: serde_json::Error| RefreshError::Corrupt {
        what: "output of the search index",
        detail: error.to_string(),
    };
    let output: TaskOutput = serde_json::from_str(&output).map_err(corrupt)?;
    Ok(output.report.get("folder").and_then(Value::as_str).map(str::to_owned))
}
