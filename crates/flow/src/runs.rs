//! Starting and cancelling runs: rows that the runner picks up.

use jiff::Timestamp;
use lang::expr::Context;
use serde_json::{Value, json};
use store::{Queue, RunId, Store, Tx, to_micros};

use crate::definitions::{self, Compiled};
use crate::limits::Limits;
use crate::machine::{Caller, Fact, Inputs, Message, RunStatus, State, Trigger, decide};
use crate::{FlowError, Result};

/// A trigger that fired.
#[derive(Debug, Clone)]
pub struct TriggerFired {
    /// The trigger's name in the definition; empty for the flow's own.
    pub name: String,
    /// What it brought, as `triggerOutputs()` will show it: `{headers, body}`.
    pub outputs: Value,
    /// The firing's identity: the same key never starts a second run of the flow.
    pub key: String,
    /// Whom to thank for it: an event's id, `schedule`, a user.
    pub origin: String,
}

/// Starts a run, in the caller's transaction. The same key gives the same run, which is started once.
///
/// Nothing is started when the flow is turned off. When the trigger's conditions are not met, or the flow wants
/// a single instance and one is running, the firing is recorded as a run with the status Skipped.
///
/// # Errors
/// [`FlowError::UnknownFlow`] when there is no such flow.
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
    let Some((version, active, compiled)) = definitions::present(tx, flow).await? else {
        return Err(FlowError::UnknownFlow(flow.to_owned()));
    };
    if !active {
        return Ok(None);
    }
    let id = id_of(flow, &fired.key);
    let declared = compiled.definition.triggers.first();
    let name = match declared {
        Some(declared) if fired.name.is_empty() => declared.name.clone(),
        _ => fired.name,
    };
    let trigger = Trigger { name, outputs: fired.outputs.into(), origin: fired.origin, caller };
    let skipped = match unmet(&compiled, &id, flow, &trigger, tx.now()) {
        Some(why) => Some(why),
        None if declared.is_some_and(|declared| declared.single_instance) => busy(tx, flow, &id).await?,
        None => None,
    };
    let now = tx.now();
    let status = if skipped.is_some() { RunStatus::Skipped } else { RunStatus::Waiting };
    let made = sqlx::query(
        "INSERT INTO run (id, flow, version, status, trigger_fired, started_at, ended_at, error_code, error_message) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (id) DO NOTHING",
    )
    .bind(id.as_str())
    .bind(flow)
    .bind(&version)
    .bind(status.name())
    .bind(json!(trigger).to_string())
    .bind(to_micros(now))
    .bind(skipped.as_ref().map(|_| to_micros(now)))
    .bind(skipped.as_ref().map(|_| "TriggerSkipped"))
    .bind(skipped.clone())
    .execute(tx.conn())
    .await?;
    if skipped.is_some() {
        return Ok(None);
    }
    if made.rows_affected() > 0 {
        tx.enqueue(Queue::Run, id.as_str(), now).await?;
    }
    Ok(Some(id))
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

/// Why the trigger's conditions are not met, if they are not. One that has no value is not met.
fn unmet(compiled: &Compiled, id: &RunId, flow: &str, trigger: &Trigger, now: Timestamp) -> Option<String> {
    let conditions = &compiled.definition.triggers.first()?.conditions;
    if conditions.is_empty() {
        return None;
    }
    let mut state = State::new(compiled.plan.clone(), id.clone(), flow);
    let limits = Limits::default();
    let inputs = Inputs { now, seed: 0, limits: &limits, journal_bytes: 0, address: None };
    let begun: Vec<Fact> = decide(&state, Message::Start(trigger.clone()), &inputs).facts;
    begun.iter().for_each(|fact| state.apply(fact));
    let place = state.place(now);
    let place: &dyn Context = &place;
    for (index, condition) in conditions.iter().enumerate() {
        let number = index.saturating_add(1);
        match condition.evaluate(place) {
            Ok(Value::Bool(true)) => {}
            Ok(_) => return Some(format!("Condition {number} of the trigger was not met.")),
            Err(error) => return Some(format!("Condition {number} of the trigger: {error}")),
        }
    }
    None
}

async fn busy(tx: &mut Tx, flow: &str, id: &RunId) -> Result<Option<String>> {
    let other: Option<String> = sqlx::query_scalar(
        "SELECT id FROM run WHERE flow = $1 AND id <> $2 AND status IN ('Waiting', 'Running') LIMIT 1",
    )
    .bind(flow)
    .bind(id.as_str())
    .fetch_optional(tx.conn())
    .await?;
    Ok(other.map(|other| format!("The flow wants a single instance, and {other} was under way.")))
}

/// What a run answered to its caller, if it has: `{statusCode, headers, body}`.
pub async fn response(store: &Store, run: &RunId) -> Result<Option<Value>> {
    let text: Option<String> = sqlx::query_scalar(
        "SELECT fact FROM run_fact WHERE run_id = $1 AND fact LIKE '{\"fact\":\"responded\"%' ORDER BY seq LIMIT 1",
    )
    .bind(run.as_str())
    .fetch_optional(store.pool())
    .await?;
    let Some(text) = text else { return Ok(None) };
    match serde_json::from_str(&text) {
        Ok(Fact::Responded { response, .. }) => Ok(Some(response.value().clone())),
        _ => Err(FlowError::Corrupt {
            what: "journal",
            of: run.to_string(),
            detail: "its response cannot be read".to_owned(),
        }),
    }
}

/// Asks for a run to be cancelled, whatever it is doing. One that has ended stays as it is; says whether it
/// was still under way. Calls that were sent are not undone.
pub async fn cancel(tx: &mut Tx, run: &RunId) -> Result<bool> {
    let asked = sqlx::query("UPDATE run SET cancel = 1 WHERE id = $1 AND status IN ('Waiting', 'Running')")
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
    let row: Option<(String, String)> = sqlx::query_as("SELECT flow, trigger_fired FROM run WHERE id = $1")
        .bind(run.as_str())
        .fetch_optional(tx.conn())
        .await?;
    let Some((flow, trigger)) = row else { return Err(FlowError::UnknownRun(run.to_string())) };
    let trigger = read_trigger(run.as_str(), &trigger)?;
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
