//! What runs did: for people, and for as long as it is worth keeping.

use std::collections::HashMap;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use serde_json::{Value, json};
use store::{RunId, Store, from_micros, to_micros};

use crate::definitions::{self, Compiled};
use crate::limits::{HISTORY_AGE, HISTORY_BYTES, HISTORY_RUNS, VERSIONS_KEPT};
use crate::machine::{
    ActionError, ActionPath, ActionStatus, Attempt, Fact, Outline, Record, RunStatus, State, Trigger,
};
use crate::{FlowError, Result, journal, runs};

/// Runs that one list shows at most.
pub const LISTED: u32 = 1_000;
/// Runs that one transaction of [`prune`] removes.
const PRUNED_AT_ONCE: i64 = 200;
/// Pages of the database that one [`prune`] gives back to the operating system: 256 MiB.
const PAGES_GIVEN_BACK: u32 = 65_536;

/// Which runs to list.
#[derive(Debug, Clone, Default)]
pub struct RunFilter {
    /// Only those of this flow.
    pub flow: Option<String>,
    /// Only those with this status.
    pub status: Option<RunStatus>,
    /// Only those that started before this moment: for the next page.
    pub before: Option<Timestamp>,
    /// How many; 0 for [`LISTED`].
    pub limit: u32,
}

/// One run, in a line.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RunSummary {
    /// Its id.
    pub id: RunId,
    /// The flow.
    pub flow: String,
    /// The version that it follows.
    pub version: String,
    /// How it is doing.
    pub status: RunStatus,
    /// Whom to thank for it.
    pub origin: String,
    /// When its trigger fired.
    pub started: Timestamp,
    /// When it ended.
    pub ended: Option<Timestamp>,
    /// Why it did not end well, or was skipped.
    pub error: Option<ActionError>,
}

/// One run, with all that it did.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RunDetail {
    /// The line.
    #[serde(flatten)]
    pub summary: RunSummary,
    /// What started it.
    pub trigger: TriggerDetail,
    /// Its actions, in the order of the document, iteration by iteration.
    pub actions: Vec<ActionDetail>,
    /// Its variables as they are now, or were at its end.
    pub variables: Value,
}

/// What started a run.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TriggerDetail {
    /// The trigger's name.
    pub name: String,
    /// What it brought; hidden when the flow says so.
    pub outputs: Value,
}

/// One execution of one action.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ActionDetail {
    /// Its name.
    pub name: String,
    /// Where it is: `Scope/Loop[3]/Send`.
    pub path: String,
    /// Its type, as written.
    #[serde(rename = "type")]
    pub type_name: String,
    /// How it is doing.
    pub status: ActionStatus,
    /// The code.
    pub code: String,
    /// When it began.
    pub started: Timestamp,
    /// When it ended.
    pub ended: Option<Timestamp>,
    /// Its evaluated inputs; hidden when the flow says so.
    pub inputs: Option<Value>,
    /// What it gave; hidden when the flow says so.
    pub outputs: Option<Value>,
    /// Why it did not end well.
    pub error: Option<ActionError>,
    /// Attempts that failed and were followed by another.
    pub retries: Vec<Attempt>,
    /// Iterations that a loop began.
    pub iterations: Option<u32>,
}

const COLUMNS: &str = "SELECT id, flow, version, status, trigger_fired, started_at, ended_at, error_code, error_message FROM run";

type Row = (String, String, String, String, String, i64, Option<i64>, Option<String>, Option<String>);

fn summary(row: Row) -> Result<(RunSummary, Trigger)> {
    let (id, flow, version, status, trigger, started, ended, code, message) = row;
    let trigger = runs::read_trigger(&id, &trigger)?;
    let status = RunStatus::of_name(&status).ok_or_else(|| FlowError::Corrupt {
        what: "run status",
        of: id.clone(),
        detail: status.clone(),
    })?;
    let error = code.map(|code| ActionError { code, message: message.unwrap_or_default() });
    let summary = RunSummary {
        id: id.parse()?,
        flow,
        version,
        status,
        origin: trigger.origin.clone(),
        started: from_micros(started),
        ended: ended.map(from_micros),
        error,
    };
    Ok((summary, trigger))
}

/// Runs, the newest first.
pub async fn runs(store: &Store, filter: &RunFilter) -> Result<Vec<RunSummary>> {
    let limit = if filter.limit == 0 { LISTED } else { filter.limit.min(LISTED) };
    let sql = sqlx::AssertSqlSafe(format!(
        "{COLUMNS} WHERE ($1 = '' OR flow = $1) AND ($2 = '' OR status = $2) AND started_at < $3 \
         ORDER BY started_at DESC, id LIMIT $4"
    ));
    let rows: Vec<Row> = sqlx::query_as(sql)
        .bind(filter.flow.clone().unwrap_or_default())
        .bind(filter.status.map_or("", RunStatus::name))
        .bind(filter.before.map_or(i64::MAX, to_micros))
        .bind(i64::from(limit))
        .fetch_all(store.pool())
        .await?;
    rows.into_iter().map(|row| Ok(summary(row)?.0)).collect()
}

/// One run with all that it did, if it is there.
pub async fn run(store: &Store, id: &RunId) -> Result<Option<RunDetail>> {
    let Some((summary, trigger, state)) = whole(store, id).await? else { return Ok(None) };
    let plan = state.plan();
    let outputs = if plan.hidden_trigger().outputs { hidden() } else { trigger.outputs.value().clone() };
    let variables: serde_json::Map<String, Value> = state
        .variables()
        .map(|variable| {
            let secret = plan.hides_variable(&variable.name);
            (variable.name.clone(), if secret { hidden() } else { variable.value.clone() })
        })
        .collect();
    Ok(Some(RunDetail {
        trigger: TriggerDetail { name: trigger.name, outputs },
        actions: actions(&state),
        variables: Value::Object(variables),
        summary,
    }))
}

/// What started a run and all that it did, secrets included: to be tried again, never to be shown.
pub async fn recorded(store: &Store, id: &RunId) -> Result<Option<(Trigger, State)>> {
    Ok(whole(store, id).await?.map(|(_, trigger, state)| (trigger, state)))
}

async fn whole(store: &Store, id: &RunId) -> Result<Option<(RunSummary, Trigger, State)>> {
    let row: Option<Row> = sqlx::query_as(sqlx::AssertSqlSafe(format!("{COLUMNS} WHERE id = $1")))
        .bind(id.as_str())
        .fetch_optional(store.pool())
        .await?;
    let Some(row) = row else { return Ok(None) };
    let (summary, trigger) = summary(row)?;
    let compiled = definitions::load(store, &summary.flow, &summary.version).await?;
    let mut state = State::new(compiled.plan.clone(), id.clone(), &summary.flow);
    journal::apply(id, &text(store, &compiled, id).await?, &mut state)?;
    let trigger = state.begin().map_or(trigger, |begin| begin.trigger.clone());
    Ok(Some((summary, trigger, state)))
}

/// The facts of a run, ended or not; none when it has not begun, or is not there.
pub async fn facts(store: &Store, id: &RunId) -> Result<Vec<Fact>> {
    let row: Option<(String, String)> = sqlx::query_as("SELECT flow, version FROM run WHERE id = $1")
        .bind(id.as_str())
        .fetch_optional(store.pool())
        .await?;
    let Some((flow, version)) = row else { return Ok(Vec::new()) };
    let compiled = definitions::load(store, &flow, &version).await?;
    journal::read(id, &text(store, &compiled, id).await?).collect()
}

/// Whether nothing more will happen in a run. One that is gone has ended, too.
pub(crate) async fn has_ended(store: &Store, id: &RunId) -> Result<bool> {
    let status: Option<String> = sqlx::query_scalar("SELECT status FROM run WHERE id = $1")
        .bind(id.as_str())
        .fetch_optional(store.pool())
        .await?;
    let open = status.and_then(|status| RunStatus::of_name(&status)).is_some_and(|one| !one.is_terminal());
    Ok(!open)
}

/// The facts of a run, one a line.
async fn text(store: &Store, compiled: &Compiled, id: &RunId) -> Result<String> {
    let mut tx = store.read().await?; // facts may move into the record while this looks
    let record: Option<Option<Vec<u8>>> = sqlx::query_scalar("SELECT record FROM run WHERE id = $1")
        .bind(id.as_str())
        .fetch_optional(tx.conn())
        .await?;
    journal::facts_of(tx.conn(), compiled, id, record.flatten().as_deref()).await
}

/// What stands in the place of what a flow hides.
pub(crate) fn hidden() -> Value {
    json!("Content not shown due to security configuration.")
}

/// Whether the inputs of an execution are secret.
pub(crate) fn hides_inputs(state: &State, path: &ActionPath) -> bool {
    state.plan().outline().iter().any(|one| one.name == path.name && one.hidden.inputs)
}

/// What a run did so far, in the order of the document.
pub(crate) fn actions(state: &State) -> Vec<ActionDetail> {
    let outline = state.plan().outline();
    let by_name: HashMap<&str, &Outline<'_>> = outline.iter().map(|one| (one.name, one)).collect();
    let mut found: Vec<(&Outline<'_>, &ActionPath, &Record)> = state
        .records()
        .filter_map(|(path, record)| Some((*by_name.get(path.name.as_str())?, path, record)))
        .collect();
    found.sort_by_key(|(outline, path, _)| sort_key(outline, path));
    found.into_iter().map(|(outline, path, record)| detail(outline, path, record)).collect()
}

/// Document order, but an iteration's actions stay together: the loops' places and indexes come first.
fn sort_key(outline: &Outline<'_>, path: &ActionPath) -> (Vec<(usize, u32)>, usize) {
    let loops = outline.loops.iter().zip(&path.at).map(|(position, index)| (*position, *index));
    (loops.chain([(outline.position, 0)]).collect(), outline.position)
}

fn detail(outline: &Outline<'_>, path: &ActionPath, record: &Record) -> ActionDetail {
    let shown = |value: Option<&Value>, secret: bool| match (value, secret) {
        (Some(_), true) => Some(hidden()),
        (value, _) => value.cloned(),
    };
    ActionDetail {
        name: path.name.clone(),
        path: full_path(outline, path),
        type_name: outline.type_name.to_owned(),
        status: record.status,
        code: record.code.clone(),
        started: record.started,
        ended: record.ended,
        inputs: shown(record.inputs(), outline.hidden.inputs),
        outputs: shown(record.outputs(), outline.hidden.outputs),
        error: record.error.clone(),
        retries: record.attempts.clone(),
        iterations: (record.iterations.opened > 0).then_some(record.iterations.opened),
    }
}

fn full_path(outline: &Outline<'_>, path: &ActionPath) -> String {
    let mut indexes = path.at.iter();
    let mut full = String::new();
    for (name, is_loop) in &outline.around {
        full.push_str(name);
        if let Some(index) = is_loop.then(|| indexes.next()).flatten() {
            full.push_str(&format!("[{index}]"));
        }
        full.push('/');
    }
    full + &path.name
}

/// How long the history reaches.
#[derive(Debug, Clone, Copy)]
pub struct Retention {
    /// Runs that ended longer ago are removed.
    pub age: Duration,
    /// Of those that are left, only the newest stay.
    pub runs: u32,
    /// Of those that are left, only the newest stay whose records have together at most so many bytes.
    pub bytes: u64,
}

impl Default for Retention {
    fn default() -> Self {
        Self { age: HISTORY_AGE, runs: HISTORY_RUNS, bytes: HISTORY_BYTES }
    }
}

/// Removes ended runs beyond the retention, and old versions that no run and no flow needs. Gives the number
/// of runs removed. Works in short transactions, so that others can go on.
pub async fn prune(store: &Store, retention: Retention) -> Result<u64> {
    let age = SignedDuration::try_from(retention.age).unwrap_or(SignedDuration::MAX);
    let oldest = store.clock().now().checked_sub(age).unwrap_or(Timestamp::MIN);
    // The end of the newest run that is one too many: it and all that ended before it go.
    let beyond: Option<i64> = sqlx::query_scalar(
        "SELECT ended_at FROM run WHERE ended_at IS NOT NULL ORDER BY ended_at DESC LIMIT 1 OFFSET $1",
    )
    .bind(i64::from(retention.runs))
    .fetch_optional(store.pool())
    .await?;
    let too_large: Option<i64> = sqlx::query_scalar(
        "SELECT ended_at FROM (SELECT ended_at, SUM(COALESCE(LENGTH(record), 0) + LENGTH(trigger_fired)) \
           OVER (ORDER BY ended_at DESC, id) AS bytes FROM run WHERE ended_at IS NOT NULL) AS sized \
         WHERE bytes > $1 ORDER BY ended_at DESC LIMIT 1",
    )
    .bind(i64::try_from(retention.bytes).unwrap_or(i64::MAX))
    .fetch_optional(store.pool())
    .await?;
    let after = |end: Option<i64>| end.map_or(i64::MIN, |end| end.saturating_add(1));
    let cutoff = to_micros(oldest).max(after(beyond)).max(after(too_large));
    let mut removed = 0u64;
    loop {
        let mut tx = store.write().await?;
        sqlx::query(
            "DELETE FROM run_fact WHERE run_id IN (SELECT id FROM run WHERE ended_at IS NOT NULL AND ended_at < $1 \
             ORDER BY ended_at, id LIMIT $2)",
        )
        .bind(cutoff)
        .bind(PRUNED_AT_ONCE)
        .execute(tx.conn())
        .await?;
        let gone = sqlx::query(
            "DELETE FROM run WHERE id IN (SELECT id FROM run WHERE ended_at IS NOT NULL AND ended_at < $1 \
             ORDER BY ended_at, id LIMIT $2)",
        )
        .bind(cutoff)
        .bind(PRUNED_AT_ONCE)
        .execute(tx.conn())
        .await?
        .rows_affected();
        tx.commit().await?;
        removed = removed.saturating_add(gone);
        if gone < u64::try_from(PRUNED_AT_ONCE).unwrap_or(0) {
            break;
        }
    }
    prune_versions(store).await?;
    store.give_back(PAGES_GIVEN_BACK).await?;
    Ok(removed)
}

async fn prune_versions(store: &Store) -> Result<()> {
    let mut tx = store.write().await?;
    sqlx::query(
        "DELETE FROM flow_version WHERE NOT EXISTS (SELECT 1 FROM run WHERE run.flow = flow_version.flow AND \
           run.version = flow_version.version) \
         AND NOT EXISTS (SELECT 1 FROM flow WHERE flow.name = flow_version.flow AND \
           flow.version = flow_version.version) \
         AND (SELECT COUNT(*) FROM flow_version AS newer WHERE newer.flow = flow_version.flow AND \
           newer.made_at > flow_version.made_at) >= $1",
    )
    .bind(i64::from(VERSIONS_KEPT))
    .execute(tx.conn())
    .await?;
    Ok(tx.commit().await?)
}
