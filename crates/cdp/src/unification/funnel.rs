//! What the last unification did, in numbers: per entity and per rule.

use serde::Serialize;
use store::{JobId, SnapshotId};
use unify::UnifyReport;

use super::{Reader, Result, UnificationError};

/// The counts of the last unification.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Funnel {
    /// The snapshot whose profiles it made.
    pub snapshot: SnapshotId,
    /// The job that ran it, or found that nothing had changed.
    pub job: JobId,
    /// The counts.
    #[serde(flatten)]
    pub report: UnifyReport,
    /// The warnings among the counts, in words.
    pub messages: Vec<String>,
}

impl Reader {
    /// The counts of the last unification.
    ///
    /// # Errors
    /// When nothing was unified yet, or the state cannot be read.
    pub async fn funnel(&self) -> Result<Funnel> {
        let published = self.published().await?;
        let report: UnifyReport =
            serde_json::from_value(published.report).map_err(|_| UnificationError::Outdated)?;
        let messages = report.warnings.iter().map(ToString::to_string).collect();
        Ok(Funnel { snapshot: published.view.snapshot(), job: published.job, report, messages })
    }
}
