//! Starting and cancelling runs: rows that the runner picks up.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::Value;
use store::{Queue, RunId, Store, Tx, to_micros};

use crate::admission::judge;
use crate::definitions::{self, Compiled};
use crate::machine::{Caller, Fact, Trigger};
use crate::triggers::Load;
use crate::{FlowError, Result, history, journal};

/// A trigger that fired.
#[derive(Debug, Clone)]
pub struct TriggerFired {
    /// The trigger's name in the definition; empty for the flow's own.
    pub name: String,
    /// What it brought, as `triggerOutputs()` will show it: `{headers, body}`.
    pub outputs: Value,
    /// The firing's identity: the same key never starts a second run of the flow. Empty: it is like no other.
    pub key: String,
    /// Whom to thank for it: an event's id, `schedule`, a user.
    pub origin: String,
}

/// Starts a run, in the caller's transaction. The same key gives the same run, which is started once; an empty
/// key is a firing of its own.
///
/// Nothing is started when the flow is turned off. When the trigger's conditions are not met, or the flow wants
/// a single instance and one is running, the firing is recorded as a run with the status Skipped. A trigger that
/// splits an array starts a run for each element; the first is given.
///
/// # Errors
/// [`FlowError::UnknownFlow`] when there is no such flow, [`FlowError::Throttled`] when as many of its runs wait as
/// may.
pub async fn start(tx: &mut Tx, flow: &str, fired: TriggerFired) -> Result<Option<RunId>> {
    start_called(tx, flow, fired, Caller::default()).await
}

/// As [`start`], for a caller who may wait for the Response.
///
/// # Errors
/// As of [`start`].
pub async fn start_called(
    tx: &mut Tx,
    flow: &str,
    fired: TriggerFired,
    caller: Caller,
) -> Result<Option<RunId>> {
    let Some(present) = definitions::present(tx, flow).await? else {
        return Err(FlowError::UnknownFlow(flow.to_owned()));
    };
    if !present.active {
        return Ok(None);
    }
    let runs = judge(tx, &present, flow, fired, caller, &mut Load::default()).await?;
    let all: Vec<(&NewRun, bool)> = runs.iter().map(|run| (run, false)).collect();
    let fresh = journal::insert_all(tx, &all).await?;
    for run in runs.iter().filter(|run| run.begins() && fresh.contains(run.id.as_str())) {
        tx.enqueue_in(Queue::Run, flow, run.id.as_str(), run.at).await?;
    }
    Ok(runs.into_iter().find(|run| run.skipped.is_none()).map(|run| run.id))
}

/// A run that is about to be written.
pub(crate) struct NewRun {
    pub(crate) id: RunId,
    pub(crate) flow: String,
    pub(crate) version: String,
    pub(crate) compiled: Arc<Compiled>,
    pub(crate) trigger: Trigger,
    /// Its start, as precise as it is stored.
    pub(crate) at: Timestamp,
    pub(crate) seed: i64,
    /// Why nothing is to be done, if so.
    pub(crate) skipped: Option<String>,
    /// Its place in the line of those that wait until others end; 0 when it may begin.
    pub(crate) place: i64,
}

impl NewRun {
    /// Whether it is to be worked on now.
    pub(crate) fn begins(&self) -> bool {
        self.skipped.is_none() && self.place == 0
    }
}

/// Randomness for one run. Never 0, which stands for runs that have none.
pub(crate) fn seed(id: &RunId, now: Timestamp) -> i64 {
    // Without randomness from the system, runs still differ from each other and from time to time.
    let hash = || {
        let mut first = [0; 8];
        blake3::Hasher::new().update(format!("{id} {now}").as_bytes()).finalize_xof().fill(&mut first);
        u64::from_le_bytes(first)
    };
    getrandom::u64().unwrap_or_else(|_| hash()).max(1).cast_signed()
}

/// The run that this firing of this flow starts.
pub fn id_of(flow: &str, key: &str) -> RunId {
    let mut hasher = blake3::Hasher::new();
    hasher.update(flow.as_bytes());
    hasher.update(&[0]);
    hasher.update(key.as_bytes());
    let hash: String = hasher.finalize().to_hex().chars().take(32).collect();
    RunId::of_hash(&hash)
}

/// What a run answered to its caller, if it has: `{statusCode, headers, body}`.
pub async fn response(store: &Store, run: &RunId) -> Result<Option<Value>> {
    let facts = history::facts(store, run).await?;
    Ok(facts.into_iter().find_map(|fact| match fact {
        Fact::Responded { response, .. } => Some(response.value().clone()),
        _ => None,
    }))
}

/// Asks for a run to be cancelled, whatever it is doing. One that has ended stays as it is; says whether it
/// was still under way. Calls that were sent are not undone.
pub async fn cancel(tx: &mut Tx, run: &RunId) -> Result<bool> {
    let asked = sqlx::query(
        "UPDATE run SET cancel = 1, place = 0 WHERE id = $1 AND status IN ('Waiting', 'Running')",
    )
    .bind(run.as_str())
    .execute(tx.conn())
    .await?;
    if asked.rows_affected() == 0 {
        let known: Option<i64> = sqlx::query_scalar("SELECT 1 FROM run WHERE id = $1")
            .bind(run.as_str())
            .fetch_optional(tx.conn())
            .await?;
        return if known.is_some() { Ok(false) } else { Err(FlowError::UnknownRun(run.to_string())) };
    }
    let now = tx.now();
    tx.enqueue(Queue::Run, run.as_str(), now).await?;
    Ok(true)
}

/// Starts a new run with the trigger outputs of an old one, and the flow's present version.
pub async fn resubmit(store: &Store, tx: &mut Tx, run: &RunId) -> Result<Option<RunId>> {
    let row: Option<(String, String, String, Option<Vec<u8>>)> =
        sqlx::query_as("SELECT flow, version, trigger_fired, record FROM run WHERE id = $1")
            .bind(run.as_str())
            .fetch_optional(tx.conn())
            .await?;
    let Some((flow, version, trigger, record)) = row else {
        return Err(FlowError::UnknownRun(run.to_string()));
    };
    let trigger = match record {
        Some(record) => {
            let compiled = definitions::load(store, &flow, &version).await?;
            journal::trigger_of_record(&compiled, run, &record)?
        }
        None => read_trigger(run.as_str(), &trigger)?,
    };
    let key = format!("resubmit {run} {}", to_micros(store.clock().now()));
    let outputs = trigger.outputs.value().clone();
    start(tx, &flow, TriggerFired { name: trigger.name, outputs, key, origin: format!("resubmit {run}") })
        .await
}

pub(crate) fn read_trigger(run: &str, text: &str) -> Result<Trigger> {
    serde_json::from_str(text).map_err(|error| FlowError::Corrupt {
        what: "trigger",
        of: run.to_owned(),
        detail: error.to_string(),
    })
}
