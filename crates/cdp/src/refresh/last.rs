//! What the last good unification was made by and what it came to.

use serde_json::Value;
use store::{JobId, Store};

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
