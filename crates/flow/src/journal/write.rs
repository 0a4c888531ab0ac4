//! The statements of the journal, each for many runs at once.

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;
use store::{Cell, RunId, Tx, rows, to_micros};

use super::Step;
use crate::machine::{Fact, RunStatus};
use crate::runs::NewRun;
use crate::{FlowError, Result};

/// Writes the rows of new runs; `begun` says which of them take their first step now. Gives the ids of those
/// that were not there yet.
pub(crate) async fn insert_all(tx: &mut Tx, new: &[(&NewRun, bool)]) -> Result<HashSet<String>> {
    if new.is_empty() {
        return Ok(HashSet::new());
    }
    let row = |(run, begun): &(&NewRun, bool)| -> Vec<Cell> {
        let skipped = run.skipped.as_deref();
        let status = if skipped.is_some() { RunStatus::Skipped } else { RunStatus::Waiting };
        let at = to_micros(run.at);
        vec![
            run.id.as_str().into(),
            run.flow.as_str().into(),
            run.version.as_str().into(),
            status.name().into(),
            serde_json::to_string(&run.trigger).unwrap_or_default().into(),
            at.into(),
            skipped.map(|_| at).into(),
            skipped.map(|_| "TriggerSkipped").into(),
            skipped.into(),
            begun.then_some(at).into(),
            run.seed.into(),
            run.place.into(),
        ]
    };
    let sql = format!(
        "INSERT INTO run (id, flow, version, status, trigger_fired, started_at, ended_at, error_code, \
         error_message, begun_at, seed, place) SELECT r.value->>0, r.value->>1, r.value->>2, r.value->>3, r.value->>4, \
         CAST(r.value->>5 AS BIGINT), CAST(r.value->>6 AS BIGINT), r.value->>7, r.value->>8, \
         CAST(r.value->>9 AS BIGINT), CAST(r.value->>10 AS BIGINT), CAST(r.value->>11 AS BIGINT) \
         FROM {} WHERE true \
         ON CONFLICT (id) DO NOTHING RETURNING id",
        tx.from_rows()
    );
    let fresh: Vec<String> = sqlx::query_scalar(sqlx::AssertSqlSafe(sql))
        .bind(rows(&new.iter().map(row).collect::<Vec<_>>()))
        .fetch_all(tx.conn())
        .await?;
    Ok(fresh.into_iter().collect())
}

/// Notes that these runs take their first step now, unless they took it before.
pub(crate) async fn mark_begun<'r>(
    tx: &mut Tx,
    runs: impl Iterator<Item = &'r str>,
    now: Timestamp,
) -> Result<()> {
    let sql = format!(
        "UPDATE run SET begun_at = $2 WHERE id IN (SELECT r.value->>0 FROM {}) AND begun_at IS NULL",
        tx.from_rows()
    );
    sqlx::query(sqlx::AssertSqlSafe(sql))
        .bind(rows(&runs.map(|id| vec![id.into()]).collect::<Vec<_>>()))
        .bind(to_micros(now))
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Facts as they are stored, one a line.
pub(crate) fn lines(run: &RunId, facts: &[Fact]) -> Result<String> {
    let mut lines = String::new();
    for fact in facts {
        let line = serde_json::to_string(fact).map_err(|error| FlowError::Corrupt {
            what: "fact",
            of: run.to_string(),
            detail: error.to_string(),
        })?;
        lines.push_str(&line);
        lines.push('\n');
    }
    Ok(lines)
}

/// Writes the facts that a run begins with.
pub(crate) async fn write_first(tx: &mut Tx, run: &RunId, facts: &[Fact]) -> Result<()> {
    sqlx::query("INSERT INTO run_fact (run_id, seq, fact) VALUES ($1, 0, $2)")
        .bind(run.as_str())
        .bind(lines(run, facts)?)
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Adds facts.
pub(super) async fn add_facts(tx: &mut Tx, steps: &[&Step]) -> Result<()> {
    let with_facts = steps.iter().filter(|step| !step.facts.is_empty() && !folded(step));
    let new: Vec<Vec<Cell>> = with_facts
        .map(|step| vec![step.id.as_str().into(), step.seq.into(), step.facts.as_str().into()])
        .collect();
    if new.is_empty() {
        return Ok(());
    }
    let sql = format!(
        "INSERT INTO run_fact (run_id, seq, fact) \
         SELECT r.value->>0, CAST(r.value->>1 AS BIGINT), r.value->>2 FROM {}",
        tx.from_rows()
    );
    sqlx::query(sqlx::AssertSqlSafe(sql)).bind(rows(&new)).execute(tx.conn()).await?;
    Ok(())
}

/// Brings the rows of runs up to date. Gives, by id, whether somebody wants the run to be cancelled; a run whose
/// row is gone is missing.
pub(super) async fn update_runs(tx: &mut Tx, steps: &[&Step]) -> Result<HashMap<String, bool>> {
    let row = |step: &&Step| -> Vec<Cell> {
        let end = step.end.as_ref();
        let error = end.and_then(|end| end.error.as_ref());
        let record = end.and_then(|end| end.record.as_deref());
        vec![
            step.id.as_str().into(),
            step.status.name().into(),
            end.map(|end| to_micros(end.at)).into(),
            error.map(|error| error.code.as_str()).into(),
            error.map(|error| error.message.as_str()).into(),
            record.and(end).map(|end| end.trigger.as_str()).into(),
            record.map(hex).into(),
        ]
    };
    let sql = format!(
        "UPDATE run SET status = c.v->>1, ended_at = CAST(c.v->>2 AS BIGINT), error_code = c.v->>3, \
         error_message = c.v->>4, trigger_fired = COALESCE(c.v->>5, run.trigger_fired), record = {} \
         FROM (SELECT r.value AS v, r.value->>0 AS id FROM {}) AS c WHERE run.id = c.id RETURNING run.id, run.cancel",
        tx.unhex("c.v->>6"),
        tx.from_rows()
    );
    let found: Vec<(String, i64)> = sqlx::query_as(sqlx::AssertSqlSafe(sql))
        .bind(rows(&steps.iter().map(row).collect::<Vec<_>>()))
        .fetch_all(tx.conn())
        .await?;
    Ok(found.into_iter().map(|(id, cancel)| (id, cancel != 0)).collect())
}

/// Removes the facts that are in a record now.
pub(super) async fn remove_folded(tx: &mut Tx, steps: &[&Step]) -> Result<()> {
    let has = |step: &&&Step| folded(step) && step.end.as_ref().is_some_and(|end| end.has_facts);
    let ids: Vec<Vec<Cell>> = steps.iter().filter(has).map(|step| vec![step.id.as_str().into()]).collect();
    if ids.is_empty() {
        return Ok(());
    }
    let sql = format!("DELETE FROM run_fact WHERE run_id IN (SELECT r.value->>0 FROM {})", tx.from_rows());
    sqlx::query(sqlx::AssertSqlSafe(sql)).bind(rows(&ids)).execute(tx.conn()).await?;
    Ok(())
}

fn folded(step: &Step) -> bool {
    step.end.as_ref().is_some_and(|end| end.record.is_some())
}

fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |nibble: u8| char::from(DIGITS.get(usize::from(nibble)).copied().unwrap_or(b'0'));
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}
