//! Starting and cancelling runs: rows that the runner picks up.

use std::sync::Arc;

use jiff::Timestamp;
use lang::expr::Context;
use serde_json::Value;
use store::{Queue, RunId, Store, Tx, from_micros, to_micros};

use crate::definitions::{self, Compiled, Present};
use crate::limits::Limits;
use crate::machine::{Caller, Fact, Inputs, Message, State, Trigger, decide};
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
    let Some(present) = definitions::present(tx, flow).await? else {
        return Err(FlowError::UnknownFlow(flow.to_owned()));
    };
    if !present.active {
        return Ok(None);
    }
    let run = judge(tx, &present, flow, fired, caller).await?;
    let fresh = journal::insert_all(tx, &[(&run, false)]).await?;
    if run.skipped.is_some() {
        return Ok(None);
    }
    if !fresh.is_empty() {
        tx.enqueue_in(Queue::Run, flow, run.id.as_str(), run.at).await?;
    }
    Ok(Some(run.id))
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
    /// Whether the flow wants one run at a time.
    pub(crate) single: bool,
}

/// What a firing of an active flow starts, and whether it is skipped.
pub(crate) async fn judge(
    tx: &mut Tx,
    present: &Present,
    flow: &str,
    fired: TriggerFired,
    caller: Caller,
) -> Result<NewRun> {
    let id = if fired.key.is_empty() { RunId::fresh() } else { id_of(flow, &fired.key) };
    let compiled = Arc::clone(&present.compiled);
    let declared = compiled.definition.triggers.first();
    let single = declared.is_some_and(|declared| declared.single_instance);
    let name = match declared {
        Some(declared) if fired.name.is_empty() => declared.name.clone(),
        _ => fired.name,
    };
    let trigger = Trigger { name, outputs: fired.outputs.into(), origin: fired.origin, caller };
    let at = from_micros(to_micros(tx.now()));
    let skipped = match unmet(&compiled, &id, flow, &trigger, at) {
        Some(why) => Some(why),
        None if single => busy(tx, flow, &id).await?,
        None => None,
    };
    let (version, flow) = (present.version.clone(), flow.to_owned());
    let seed = seed(&id, at);
    Ok(NewRun { id, flow, version, compiled, trigger, at, seed, skipped, single })
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
    Ok(other.map(|other| busy_with(&other)))
}

pub(crate) fn busy_with(other: &str) -> String {
    format!("The flow wants a single instance, and {other} was under way.")
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
