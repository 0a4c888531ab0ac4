//! Flows that keep failing: told in a digest, paused when they have failed for long, never silently.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use store::{RunId, Store, Tx, from_micros, to_micros};

use crate::Result;
use crate::machine::{ActionError, ActionPath, ActionStatus, RunStatus};
use crate::{definitions, history};

/// Runs that a flow must have failed in a row before it is paused, however long ago the first was. Ours: one
/// failure a fortnight ago is no habit.
const LEAST_FAILURES: i64 = 3;

/// A flow that was paused.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Paused {
    /// The flow.
    pub flow: String,
    /// When its last good run ended, or it was changed or turned on.
    pub failing_since: Timestamp,
    /// How many runs failed since then.
    pub failures: u64,
    /// The last of them.
    pub last_run: RunId,
    /// The first action of it that failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub action: Option<String>,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<ActionError>,
    /// When it was paused.
    pub at: Timestamp,
}

/// One flow of a digest.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Failing {
    /// The flow.
    pub flow: String,
    /// Runs that failed or timed out in the time of the digest.
    pub failures: u64,
    /// Runs that ended in that time, whatever came of them.
    pub runs: u64,
    /// The last run that failed.
    pub last_run: RunId,
    /// When that ended.
    pub last: Timestamp,
    /// The first action of it that failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub action: Option<String>,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<ActionError>,
    /// What usually helps.
    pub hint: Hint,
    /// Since when the flow is paused, if it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub paused: Option<Timestamp>,
}

/// What usually helps against a failure (the documented fixes of Power Automate).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Hint {
    /// The credentials are refused: mend the connection, then resubmit.
    Connection,
    /// The action asks for something wrong: mend the action.
    Action,
    /// The other side failed: resubmit later.
    Later,
    /// An expression has no value: try the flow with the run that failed.
    Expression,
    /// Nothing in particular.
    Look,
}

impl Hint {
    fn of(error: Option<&ActionError>) -> Self {
        match error.map(|error| error.code.as_str()).unwrap_or_default() {
            "Unauthorized" | "Forbidden" | "ConnectionMissing" | "SecretMissing" => Self::Connection,
            "NotFound" | "BadRequest" | "NotSupported" => Self::Action,
            "InvalidTemplate" | "ExpressionEvaluationFailed" => Self::Expression,
            "BadGateway"
            | "NoResponse"
            | "ActionTimedOut"
            | "TooManyRequests"
            | "InternalServerError"
            | "ServiceUnavailable"
            | "GatewayTimeout" => Self::Later,
            _ => Self::Look,
        }
    }

    /// Its name in catalogues of words.
    pub fn name(self) -> &'static str {
        match self {
            Self::Connection => "connection",
            Self::Action => "action",
            Self::Later => "later",
            Self::Expression => "expression",
            Self::Look => "look",
        }
    }
}

/// Flows that are on and whose runs have all failed for `patience` or longer; none of them is paused yet.
pub async fn hopeless(store: &Store, patience: SignedDuration) -> Result<Vec<String>> {
    let cutoff = store.clock().now().checked_sub(patience).unwrap_or(Timestamp::MIN);
    // The first failure after the last good run must be old enough.
    let rows: Vec<(String,)> = sqlx::query_as(
        "SELECT f.name FROM flow f WHERE f.active = 1 AND (SELECT COUNT(*) FROM run r WHERE r.flow = f.name \
           AND r.status IN ('Failed', 'TimedOut') AND r.started_at >= f.watched_since AND r.ended_at > \
           COALESCE((SELECT MAX(g.ended_at) FROM run g WHERE g.flow = f.name AND g.status = 'Succeeded'), 0)) >= $1 \
         AND (SELECT MIN(r.ended_at) FROM run r WHERE r.flow = f.name AND r.status IN ('Failed', 'TimedOut') \
           AND r.started_at >= f.watched_since AND r.ended_at > \
           COALESCE((SELECT MAX(g.ended_at) FROM run g WHERE g.flow = f.name AND g.status = 'Succeeded'), 0)) <= $2 \
         ORDER BY f.name",
    )
    .bind(LEAST_FAILURES)
    .bind(to_micros(cutoff))
    .fetch_all(store.pool())
    .await?;
    Ok(rows.into_iter().map(|(name,)| name).collect())
}

/// Pauses one of the [`hopeless`]: its trigger starts no more runs until somebody turns it on. Nothing when it
/// was turned off meanwhile.
pub async fn pause(store: &Store, tx: &mut Tx, flow: &str) -> Result<Option<Paused>> {
    let now = tx.now();
    let row: Option<(i64, i64, Option<i64>)> = sqlx::query_as(
        "SELECT COUNT(*), f.watched_since, (SELECT MAX(g.ended_at) FROM run g WHERE g.flow = f.name AND \
           g.status = 'Succeeded') FROM flow f JOIN run r ON r.flow = f.name WHERE f.name = $1 AND f.active = 1 \
           AND r.status IN ('Failed', 'TimedOut') AND r.started_at >= f.watched_since AND r.ended_at > \
           COALESCE((SELECT MAX(g.ended_at) FROM run g WHERE g.flow = f.name AND g.status = 'Succeeded'), 0) \
         GROUP BY f.name, f.watched_since",
    )
    .bind(flow)
    .fetch_optional(tx.conn())
    .await?;
    let Some((failures, watched, good)) = row else { return Ok(None) };
    let Some((last_run, _)) = last_failure(store, flow, Timestamp::MIN).await? else { return Ok(None) };
    let (action, error) = what_failed(store, &last_run).await?;
    let why = error.as_ref().map_or_else(String::new, |error| format!("{}: {}", error.code, error.message));
    sqlx::query("UPDATE flow SET active = 0, paused_at = $2, paused_reason = $3 WHERE name = $1")
        .bind(flow)
        .bind(to_micros(now))
        .bind(&why)
        .execute(tx.conn())
        .await?;
    Ok(Some(Paused {
        flow: flow.to_owned(),
        failing_since: from_micros(good.unwrap_or(watched).max(watched)),
        failures: u64::try_from(failures).unwrap_or(0),
        last_run,
        action,
        error,
        at: now,
    }))
}

/// The flows with runs that failed between `since` and `until`, by name.
pub async fn digest(store: &Store, since: Timestamp, until: Timestamp) -> Result<Vec<Failing>> {
    let rows: Vec<(String, String, i64)> = sqlx::query_as(
        "SELECT flow, status, COUNT(*) FROM run WHERE ended_at >= $1 AND ended_at < $2 GROUP BY flow, status",
    )
    .bind(to_micros(since))
    .bind(to_micros(until))
    .fetch_all(store.pool())
    .await?;
    let mut counts: BTreeMap<String, (u64, u64)> = BTreeMap::new();
    for (flow, status, count) in rows {
        let count = u64::try_from(count).unwrap_or(0);
        let status = RunStatus::of_name(&status);
        let failed = matches!(status, Some(RunStatus::Failed | RunStatus::TimedOut));
        if status == Some(RunStatus::Skipped) {
            continue;
        }
        let entry = counts.entry(flow).or_default();
        entry.0 = entry.0.saturating_add(if failed { count } else { 0 });
        entry.1 = entry.1.saturating_add(count);
    }
    let paused: BTreeMap<String, i64> = definitions::paused(store).await?;
    let mut found = Vec::new();
    for (flow, (failures, runs)) in counts.into_iter().filter(|(_, (failures, _))| *failures > 0) {
        let Some((last_run, last)) = last_failure(store, &flow, since).await? else { continue };
        let (action, error) = what_failed(store, &last_run).await?;
        let hint = Hint::of(error.as_ref());
        let paused = paused.get(&flow).copied().map(from_micros);
        found.push(Failing { flow, failures, runs, last_run, last, action, error, hint, paused });
    }
    Ok(found)
}

async fn last_failure(store: &Store, flow: &str, since: Timestamp) -> Result<Option<(RunId, Timestamp)>> {
    let row: Option<(String, i64)> = sqlx::query_as(
        "SELECT id, ended_at FROM run WHERE flow = $1 AND status IN ('Failed', 'TimedOut') AND ended_at >= $2 \
         ORDER BY ended_at DESC, id LIMIT 1",
    )
    .bind(flow)
    .bind(to_micros(since))
    .fetch_optional(store.pool())
    .await?;
    row.map(|(id, at)| Ok((id.parse()?, from_micros(at)))).transpose()
}

/// The first action of a run that failed, and why; the run's own error when no action did.
async fn what_failed(store: &Store, run: &RunId) -> Result<(Option<String>, Option<ActionError>)> {
    let row: Option<(Option<String>, Option<String>)> =
        sqlx::query_as("SELECT error_code, error_message FROM run WHERE id = $1")
            .bind(run.as_str())
            .fetch_optional(store.pool())
            .await?;
    let Some((code, message)) = row else { return Ok((None, None)) };
    let own = code.map(|code| ActionError { code, message: message.unwrap_or_default() });
    // A run that cannot be read any more still counts as failed.
    let Ok(Some((_, state))) = history::recorded(store, run).await else { return Ok((None, own)) };
    let bad = |status| matches!(status, ActionStatus::Failed | ActionStatus::TimedOut);
    let inner: Vec<ActionPath> = crate::machine::failed(&state);
    let failed = state.records().filter(|(path, record)| bad(record.status) && inner.contains(path));
    let first = failed.min_by_key(|(_, record)| record.ended);
    Ok(first.map_or((None, own.clone()), |(path, record)| {
        (Some(path.to_string()), record.error.clone().or(own.clone()))
    }))
}
