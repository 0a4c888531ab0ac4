//! Flows and their versions: the document byte for byte, and the compiled form once per version.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, OnceLock, PoisonError};

use jiff::Timestamp;
use lang::diagnose::Severity;
use lang::wdl::{Definition, Finding};
use serde::Serialize;
use store::{Store, Tx, from_micros, to_micros};

use crate::journal::Codec;
use crate::machine::Plan;
use crate::triggers::{FlowTrigger, trigger_of};
use crate::{FlowError, Result, admission, recurrence};

/// Characters of a flow's name. Ours: Power Automate allows 80 for actions and is silent about flows.
pub const NAME_CHARACTERS: usize = 128;

/// Compiled versions that are kept in memory. Ours.
const COMPILED_KEPT: usize = 256;

/// One version of a flow, ready to run.
#[derive(Debug)]
pub struct Compiled {
    /// The checked definition.
    pub definition: Definition,
    /// The same, laid out for the machine.
    pub plan: Arc<Plan>,
    /// What fires it.
    pub trigger: FlowTrigger,
    document: String,
    codec: OnceLock<Codec>,
}

impl Compiled {
    /// Packs and unpacks the records of its runs.
    pub(crate) fn codec(&self) -> &Codec {
        self.codec.get_or_init(|| Codec::new(&self.document))
    }
}

/// What became of a document.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Version {
    /// The hash of the document.
    pub version: String,
    /// Whether it is another version than before.
    pub changed: bool,
    /// Warnings and hints about the document; never errors.
    pub diagnostics: Vec<Finding>,
}

/// A flow, without its document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Flow {
    /// Its name.
    pub name: String,
    /// The version that new runs follow.
    pub version: String,
    /// Whether its trigger starts runs, as far as people decide it.
    pub active: bool,
    /// Connections that it needs and that are not there; while there are any, its trigger starts no runs.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub waits_for: Vec<String>,
    /// When its clock fires next, if it has one.
    pub next_tick: Option<Timestamp>,
    /// When it was changed last.
    pub changed: Timestamp,
    /// When and why it was turned off because it kept failing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub paused: Option<Pause>,
}

/// Why a flow is paused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Pause {
    /// Since when.
    pub at: Timestamp,
    /// The last failure.
    pub reason: String,
}

/// The version of a document: its hash.
pub fn version_of(document: &str) -> String {
    blake3::hash(document.as_bytes()).to_hex().chars().take(16).collect()
}

/// Reads a document: the compiled form if it can be run, and all there is to say about it.
pub fn check(document: &str) -> (Option<Compiled>, Vec<Finding>) {
    let (compiled, mut findings) = parse(document);
    let Some(compiled) = compiled else { return (None, findings) };
    findings.extend(crate::connectors::check(&compiled.definition, document));
    let good = !findings.iter().any(|finding| finding.severity == Severity::Error);
    (good.then_some(compiled), findings)
}

/// The compiled form of a document. What connectors say does not count: a version that was taken stays usable when
/// a connector changes.
fn parse(document: &str) -> (Option<Compiled>, Vec<Finding>) {
    let checked = Definition::parse(document);
    let compiled = checked.definition.map(|definition| {
        let trigger = trigger_of(&definition);
        let plan = Arc::new(Plan::new(definition.clone()));
        Compiled { plan, definition, trigger, document: document.to_owned(), codec: OnceLock::new() }
    });
    (compiled, checked.diagnostics)
}

/// Whether a flow can have this name.
pub(crate) fn check_name(name: &str) -> Result<()> {
    let bad = name.is_empty() || name.chars().count() > NAME_CHARACTERS || name.chars().any(char::is_control);
    if bad { Err(FlowError::BadName(name.to_owned())) } else { Ok(()) }
}

/// Makes `document` the present version of the flow `name`. Runs that are under way keep theirs.
///
/// # Errors
/// [`FlowError::Refused`] with all diagnostics when the document has errors; nothing is changed then.
pub async fn put(tx: &mut Tx, name: &str, document: &str) -> Result<Version> {
    check_name(name)?;
    let (compiled, diagnostics) = check(document);
    let Some(compiled) = compiled else {
        return Err(FlowError::Refused { name: name.to_owned(), diagnostics });
    };
    let version = version_of(document);
    let before: Option<String> = sqlx::query_scalar("SELECT version FROM flow WHERE name = $1")
        .bind(name)
        .fetch_optional(tx.conn())
        .await?;
    if before.as_ref() == Some(&version) {
        return Ok(Version { version, changed: false, diagnostics });
    }
    let now = to_micros(tx.now());
    sqlx::query(
        "INSERT INTO flow_version (flow, version, document, made_at) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (flow, version) DO NOTHING",
    )
    .bind(name)
    .bind(&version)
    .bind(document)
    .bind(now)
    .execute(tx.conn())
    .await?;
    sqlx::query(
        "INSERT INTO flow (name, version, active, changed_at) VALUES ($1, $2, 1, $3) \
         ON CONFLICT (name) DO UPDATE SET version = excluded.version, changed_at = excluded.changed_at, \
           watched_since = excluded.changed_at",
    )
    .bind(name)
    .bind(&version)
    .bind(now)
    .execute(tx.conn())
    .await?;
    recurrence::schedule(tx, name, &compiled.trigger).await?;
    admission::let_in(tx).await?;
    Ok(Version { version, changed: true, diagnostics })
}

/// Turns a flow on or off. Off: its trigger starts no more runs; those under way go on. Failures so far are
/// forgotten: a flow that was paused for them gets another chance.
pub async fn set_active(tx: &mut Tx, name: &str, active: bool) -> Result<()> {
    let changed = sqlx::query(
        "UPDATE flow SET active = $2, watched_since = $3, paused_at = NULL, paused_reason = NULL WHERE name = $1",
    )
        .bind(name)
        .bind(i64::from(active))
        .bind(to_micros(tx.now()))
        .execute(tx.conn())
        .await?;
    if changed.rows_affected() == 0 {
        return Err(FlowError::UnknownFlow(name.to_owned()));
    }
    Ok(())
}

/// Says which connections a flow needs and has not; while there are any, its trigger starts no runs.
pub async fn wait_for(tx: &mut Tx, name: &str, connections: &[String]) -> Result<()> {
    sqlx::query("UPDATE flow SET waits_for = $2 WHERE name = $1")
        .bind(name)
        .bind(connections.join("\n"))
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Removes a flow and cancels its runs; what they did stays in the history. Says whether there was one.
pub async fn remove(tx: &mut Tx, name: &str) -> Result<bool> {
    let done = sqlx::query("DELETE FROM flow WHERE name = $1").bind(name).execute(tx.conn()).await?;
    recurrence::unschedule(tx, name).await?;
    let open: Vec<(String,)> =
        sqlx::query_as("SELECT id FROM run WHERE flow = $1 AND status IN ('Waiting', 'Running')")
            .bind(name)
            .fetch_all(tx.conn())
            .await?;
    for (id,) in open {
        crate::runs::cancel(tx, &id.parse()?).await?;
    }
    Ok(done.rows_affected() > 0)
}

type FlowRow = (String, String, i64, Option<i64>, i64, String, Option<i64>, Option<String>);

const FLOW: &str =
    "SELECT name, version, active, next_tick, changed_at, waits_for, paused_at, paused_reason FROM flow";

fn flow_of((name, version, active, next_tick, changed, waits_for, paused, reason): FlowRow) -> Flow {
    Flow {
        paused: paused.map(|at| Pause { at: from_micros(at), reason: reason.unwrap_or_default() }),
        name,
        version,
        active: active != 0,
        next_tick: next_tick.map(from_micros),
        changed: from_micros(changed),
        waits_for: waits_for.lines().map(str::to_owned).collect(),
    }
}

/// Every flow, by name.
pub async fn list(store: &Store) -> Result<Vec<Flow>> {
    let rows: Vec<FlowRow> =
        sqlx::query_as(sqlx::AssertSqlSafe(format!("{FLOW} ORDER BY name"))).fetch_all(store.pool()).await?;
    Ok(rows.into_iter().map(flow_of).collect())
}

/// The paused flows, and since when.
pub(crate) async fn paused(store: &Store) -> Result<std::collections::BTreeMap<String, i64>> {
    let rows: Vec<(String, i64)> =
        sqlx::query_as("SELECT name, paused_at FROM flow WHERE paused_at IS NOT NULL")
            .fetch_all(store.pool())
            .await?;
    Ok(rows.into_iter().collect())
}

/// A flow and its document as it was written.
pub async fn get(store: &Store, name: &str) -> Result<Option<(Flow, String)>> {
    let row: Option<FlowRow> = sqlx::query_as(sqlx::AssertSqlSafe(format!("{FLOW} WHERE name = $1")))
        .bind(name)
        .fetch_optional(store.pool())
        .await?;
    let Some(flow) = row.map(flow_of) else { return Ok(None) };
    let document: String =
        sqlx::query_scalar("SELECT document FROM flow_version WHERE flow = $1 AND version = $2")
            .bind(name)
            .bind(&flow.version)
            .fetch_one(store.pool())
            .await?;
    Ok(Some((flow, document)))
}

/// A flow's present version.
pub(crate) struct Present {
    /// The hash of its document.
    pub(crate) version: String,
    /// Whether its trigger starts runs.
    pub(crate) active: bool,
    /// Its compiled form.
    pub(crate) compiled: Arc<Compiled>,
}

/// A flow's present version as a transaction sees it.
pub(crate) async fn present(tx: &mut Tx, name: &str) -> Result<Option<Present>> {
    let row: Option<(String, i64, String)> =
        sqlx::query_as("SELECT version, active, waits_for FROM flow WHERE name = $1")
            .bind(name)
            .fetch_optional(tx.conn())
            .await?;
    let Some((version, active, waits_for)) = row else { return Ok(None) };
    let compiled = match cached(&version) {
        Some(compiled) => compiled,
        None => {
            let document: String =
                sqlx::query_scalar("SELECT document FROM flow_version WHERE flow = $1 AND version = $2")
                    .bind(name)
                    .bind(&version)
                    .fetch_one(tx.conn())
                    .await?;
            compile(name, &version, &document)?
        }
    };
    Ok(Some(Present { version, active: active != 0 && waits_for.is_empty(), compiled }))
}

/// One version, compiled.
pub async fn load(store: &Store, name: &str, version: &str) -> Result<Arc<Compiled>> {
    if let Some(compiled) = cached(version) {
        return Ok(compiled);
    }
    let document: Option<String> =
        sqlx::query_scalar("SELECT document FROM flow_version WHERE flow = $1 AND version = $2")
            .bind(name)
            .bind(version)
            .fetch_optional(store.pool())
            .await?;
    let document = document.ok_or_else(|| FlowError::Corrupt {
        what: "flow version",
        of: format!("{name}@{version}"),
        detail: "it is not there".to_owned(),
    })?;
    compile(name, version, &document)
}

/// Versions are hashes of documents, so one cache serves all flows and all stores of the process.
static CACHE: LazyLock<Mutex<HashMap<String, Arc<Compiled>>>> = LazyLock::new(Mutex::default);

fn cached(version: &str) -> Option<Arc<Compiled>> {
    CACHE.lock().unwrap_or_else(PoisonError::into_inner).get(version).cloned()
}

fn compile(name: &str, version: &str, document: &str) -> Result<Arc<Compiled>> {
    let (compiled, diagnostics) = parse(document);
    let compiled = Arc::new(compiled.ok_or_else(|| {
        FlowError::Corrupt {
            what: "flow version",
            of: format!("{name}@{version}"),
            detail: diagnostics
                .iter()
                .find(|one| one.severity == Severity::Error)
                .map(ToString::to_string)
                .unwrap_or_default(),
        }
    })?);
    let mut cache = CACHE.lock().unwrap_or_else(PoisonError::into_inner);
    if cache.len() >= COMPILED_KEPT {
        cache.clear(); // rare, and cheaper to understand than an order of use
    }
    cache.insert(version.to_owned(), Arc::clone(&compiled));
    Ok(compiled)
}
