//! Reading runs back: rows, facts, records.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;
use sqlx::AnyConnection;
use store::{RunId, Store, Tx, from_micros, rows};

use crate::definitions::{self, Compiled};
use crate::machine::{Fact, Message, RunStatus, State, Trigger};
use crate::{FlowError, Result, inbox, runs};

/// A run that has not ended.
pub(crate) struct Loaded {
    pub(crate) compiled: Arc<Compiled>,
    pub(crate) state: State,
    pub(crate) trigger: Trigger,
    pub(crate) cancel: bool,
    /// The moment of its first step.
    pub(crate) begun: Timestamp,
    pub(crate) seed: i64,
    /// Its facts, one a line.
    pub(crate) facts: String,
    /// What was left for it, with the keys under which it is forgotten.
    pub(crate) news: Vec<(String, Message)>,
}

type RunRow = (String, String, String, String, String, i64, Option<i64>, i64, i64, i64);

/// Loads those of these runs that are there and have not ended. A run that cannot be read has an error of its own.
pub(crate) async fn load(tx: &mut Tx, ids: &[&str]) -> Result<HashMap<String, Result<Found>>> {
    let wanted = rows(&ids.iter().map(|id| vec![(*id).into()]).collect::<Vec<_>>());
    let sql = format!(
        "SELECT id, flow, version, status, trigger_fired, started_at, begun_at, seed, cancel, \
         (SELECT COUNT(*) FROM run_news WHERE run_id = run.id) FROM run \
         WHERE id IN (SELECT r.value->>0 FROM {})",
        tx.from_rows()
    );
    let found: Vec<RunRow> =
        sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(&wanted).fetch_all(tx.conn()).await?;
    let sql = format!(
        "SELECT run_id, fact FROM run_fact WHERE run_id IN (SELECT r.value->>0 FROM {}) ORDER BY run_id, seq",
        tx.from_rows()
    );
    let lines: Vec<(String, String)> =
        sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(&wanted).fetch_all(tx.conn()).await?;
    let mut facts: HashMap<String, String> = HashMap::new();
    for (id, more) in lines {
        let text = facts.entry(id).or_default();
        text.push_str(more.trim_end_matches('\n'));
        text.push('\n');
    }
    let open = |status: &str| RunStatus::of_name(status).is_some_and(|status| !status.is_terminal());
    let found = found.into_iter().filter(|row| open(&row.3));
    Ok(found
        .map(|row| {
            let facts = facts.remove(&row.0).unwrap_or_default();
            (row.0.clone(), Found::of(row, facts))
        })
        .collect())
}

/// A run as it was found, not yet folded.
pub(crate) struct Found {
    id: RunId,
    flow: String,
    version: String,
    trigger: Trigger,
    cancel: bool,
    begun: Timestamp,
    seed: i64,
    facts: String,
    has_news: bool,
}

impl Found {
    fn of(row: RunRow, facts: String) -> Result<Self> {
        let (id, flow, version, _, trigger, started, begun, seed, cancel, news) = row;
        let trigger = runs::read_trigger(&id, &trigger)?;
        let begun = from_micros(begun.unwrap_or(started));
        let (cancel, has_news) = (cancel != 0, news > 0);
        Ok(Self { id: id.parse()?, flow, version, trigger, cancel, begun, seed, facts, has_news })
    }

    /// The run, with its facts folded into its state.
    pub(crate) async fn fold(self, store: &Store) -> Result<Loaded> {
        let compiled = definitions::load(store, &self.flow, &self.version).await?;
        let mut state = State::new(Arc::clone(&compiled.plan), self.id.clone(), &self.flow);
        apply(&self.id, &self.facts, &mut state)?;
        let news = if self.has_news { inbox::waiting(store, &self.id).await? } else { Vec::new() };
        let Self { trigger, cancel, begun, seed, facts, .. } = self;
        Ok(Loaded { compiled, state, trigger, cancel, begun, seed, facts, news })
    }
}

/// Folds facts, one a line, into a state.
pub(crate) fn apply(run: &RunId, facts: &str, state: &mut State) -> Result<()> {
    read(run, facts).try_for_each(|fact| fact.map(|fact| state.apply(&fact)))
}

/// Facts, from one a line.
pub(crate) fn read<'f>(run: &'f RunId, facts: &'f str) -> impl Iterator<Item = Result<Fact>> + 'f {
    let corrupt = move |error: serde_json::Error| corrupt(run, error.to_string());
    facts.lines().map(move |line| serde_json::from_str(line).map_err(corrupt))
}

fn corrupt(run: &RunId, detail: String) -> FlowError {
    FlowError::Corrupt { what: "journal", of: run.to_string(), detail }
}

/// All facts of a run, ended or not, one a line.
pub(crate) async fn facts_of(
    connection: &mut AnyConnection,
    compiled: &Compiled,
    run: &RunId,
    record: Option<&[u8]>,
) -> Result<String> {
    if let Some(record) = record {
        return compiled.codec().unpack(record).map_err(|detail| corrupt(run, detail));
    }
    let lines: Vec<String> = sqlx::query_scalar("SELECT fact FROM run_fact WHERE run_id = $1 ORDER BY seq")
        .bind(run.as_str())
        .fetch_all(connection)
        .await?;
    Ok(lines.iter().flat_map(|lines| lines.lines()).flat_map(|line| [line, "\n"]).collect())
}

/// What started a run that has ended, from its record.
pub(crate) fn trigger_of_record(compiled: &Compiled, run: &RunId, record: &[u8]) -> Result<Trigger> {
    let facts = compiled.codec().unpack(record).map_err(|detail| corrupt(run, detail))?;
    for fact in read(run, &facts) {
        if let Fact::RunStarted { trigger, .. } = fact? {
            return Ok(trigger);
        }
    }
    Err(corrupt(run, "its record does not say what started it".to_owned()))
}
