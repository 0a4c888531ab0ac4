//! Reading and writing a run: its row and its facts.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use store::{Lease, RunId, Store, Tx, to_micros};

use crate::limits::Limits;
use crate::machine::{Fact, RunStatus, State, Trigger};
use crate::{FlowError, Result, definitions, runs};

/// A run as it is loaded.
pub(super) struct Loaded {
    pub(super) state: State,
    pub(super) trigger: Trigger,
    pub(super) cancel: bool,
    /// Whether there is news for it.
    pub(super) news: bool,
    /// How many facts are journaled.
    pub(super) seq: i64,
    /// How many bytes they have.
    pub(super) bytes: usize,
}

type RunRow = (String, String, String, String, i64, i64);

/// Loads a run that has not ended; nothing when it has, or is not there.
pub(super) async fn load(store: &Store, id: &RunId) -> Result<Option<Loaded>> {
    let row: Option<RunRow> = sqlx::query_as(
        "SELECT flow, version, status, trigger_fired, cancel, \
             (SELECT COUNT(*) FROM run_news WHERE run_id = run.id) FROM run WHERE id = $1",
    )
    .bind(id.as_str())
    .fetch_optional(store.pool())
    .await?;
    let Some((flow, version, status, trigger, cancel, news)) = row else { return Ok(None) };
    if RunStatus::of_name(&status).is_none_or(RunStatus::is_terminal) {
        return Ok(None);
    }
    let compiled = definitions::load(store, &flow, &version).await?;
    let mut state = State::new(Arc::clone(&compiled.plan), id.clone(), &flow);
    let (seq, bytes) = replay(store, id, &mut state).await?;
    let trigger = runs::read_trigger(id.as_str(), &trigger)?;
    Ok(Some(Loaded { state, trigger, cancel: cancel != 0, news: news > 0, seq, bytes }))
}

/// A run's facts, in order.
pub(crate) async fn facts(store: &Store, id: &RunId) -> Result<Vec<Fact>> {
    Ok(read(store, id).await?.0)
}

/// Folds a run's facts into a state; gives their number and size.
pub(crate) async fn replay(store: &Store, id: &RunId, state: &mut State) -> Result<(i64, usize)> {
    let (facts, bytes) = read(store, id).await?;
    facts.iter().for_each(|fact| state.apply(fact));
    Ok((i64::try_from(facts.len()).unwrap_or(i64::MAX), bytes))
}

async fn read(store: &Store, id: &RunId) -> Result<(Vec<Fact>, usize)> {
    let rows: Vec<(String,)> = sqlx::query_as("SELECT fact FROM run_fact WHERE run_id = $1 ORDER BY seq")
        .bind(id.as_str())
        .fetch_all(store.pool())
        .await?;
    let mut bytes = 0usize;
    let mut facts = Vec::with_capacity(rows.len());
    for (text,) in &rows {
        bytes = bytes.saturating_add(text.len());
        facts.push(serde_json::from_str(text).map_err(|error| FlowError::Corrupt {
            what: "journal",
            of: id.to_string(),
            detail: error.to_string(),
        })?);
    }
    Ok((facts, bytes))
}

/// What to do with the run's row of work.
pub(super) enum Next {
    /// The run goes on in memory; the lease is renewed.
    Hold(Duration),
    /// It is to be looked at again then, or when there is news.
    Park(Timestamp),
    /// It has ended.
    End,
}

/// Writes facts, the run's status and the row of work, in one transaction. Says whether somebody wants the
/// run to be cancelled. Writes nothing when the lease was lost.
pub(super) async fn write(
    tx: &mut Tx,
    lease: &Lease,
    id: &RunId,
    first_seq: i64,
    facts: &[String],
    state: &State,
    next: &Next,
) -> Result<bool> {
    match next {
        Next::Hold(lease_time) => tx.keep(lease, *lease_time).await?,
        Next::Park(due) => tx.reschedule(lease, *due).await?,
        Next::End => tx.finish(lease).await?,
    }
    insert(tx, id, first_seq, facts).await?;
    let end = state.end();
    let status = end.map_or(RunStatus::Running, |end| end.status);
    let error = end.and_then(|end| end.error.as_ref());
    let cancel: i64 = sqlx::query_scalar(
        "UPDATE run SET status = $2, ended_at = $3, error_code = $4, error_message = $5 WHERE id = $1 RETURNING cancel",
    )
    .bind(id.as_str())
    .bind(status.name())
    .bind(end.map(|end| to_micros(end.at)))
    .bind(error.map(|error| error.code.clone()))
    .bind(error.map(|error| error.message.clone()))
    .fetch_one(tx.conn())
    .await?;
    Ok(cancel != 0)
}

/// Adds facts to a run's journal.
pub(crate) async fn append(tx: &mut Tx, id: &RunId, first_seq: i64, facts: &[Fact]) -> Result<()> {
    insert(tx, id, first_seq, &written(facts, id)?).await
}

async fn insert(tx: &mut Tx, id: &RunId, first_seq: i64, facts: &[String]) -> Result<()> {
    for (seq, fact) in (first_seq..).zip(facts) {
        sqlx::query("INSERT INTO run_fact (run_id, seq, fact) VALUES ($1, $2, $3)")
            .bind(id.as_str())
            .bind(seq)
            .bind(fact)
            .execute(tx.conn())
            .await?;
    }
    Ok(())
}

/// Whether somebody wants the run to be cancelled.
pub(super) async fn wants_cancel(store: &Store, id: &RunId) -> Result<bool> {
    let cancel: Option<i64> = sqlx::query_scalar("SELECT cancel FROM run WHERE id = $1")
        .bind(id.as_str())
        .fetch_optional(store.pool())
        .await?;
    Ok(cancel.is_some_and(|cancel| cancel != 0))
}

/// A run that cannot be read any more ends as failed, with the reason, instead of being tried for ever.
pub(super) async fn give_up(store: &Store, lease: &Lease, id: &RunId, error: &FlowError) -> Result<()> {
    let mut tx = store.write().await?;
    let now = to_micros(tx.now());
    tx.finish(lease).await?;
    sqlx::query(
        "UPDATE run SET status = 'Failed', ended_at = $2, error_code = $3, error_message = $4 WHERE id = $1",
    )
    .bind(id.as_str())
    .bind(now)
    .bind(error.code())
    .bind(error.to_string())
    .execute(tx.conn())
    .await?;
    Ok(tx.commit().await?)
}

/// Facts as they are stored.
pub(super) fn written(facts: &[Fact], id: &RunId) -> Result<Vec<String>> {
    let text = |fact: &Fact| {
        serde_json::to_string(fact).map_err(|error| FlowError::Corrupt {
            what: "fact",
            of: id.to_string(),
            detail: error.to_string(),
        })
    };
    facts.iter().map(text).collect()
}

/// The bounds of runs that a runner uses.
#[derive(Debug, Clone)]
pub struct RunnerOptions {
    /// Runs that are held in memory at the same time.
    pub runs: usize,
    /// How long a run is claimed for; renewed while it is held.
    pub lease_time: Duration,
    /// How long a stop waits for calls that are under way. Calls that take longer are made again, under the
    /// same key, after the next start.
    pub stop_grace: Duration,
    /// The bounds of each run.
    pub limits: Limits,
    /// The address under which this instance can be called from outside (`https://weir.example`), for actions
    /// that wait to be called back.
    pub address: Option<String>,
}

impl Default for RunnerOptions {
    fn default() -> Self {
        Self {
            runs: 32,
            lease_time: Duration::from_secs(60),
            stop_grace: Duration::from_secs(10),
            limits: Limits::default(),
            address: None,
        }
    }
}
