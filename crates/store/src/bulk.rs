//! Work in bulk: what a batch of many pieces of work does to their rows, in a few statements.
//!
//! A statement costs the same for one row as for a hundred, so the rows travel as one JSON parameter. A lease
//! that was lost is reported by its place in the batch; it fails nothing else.

use std::collections::HashSet;
use std::time::Duration;

use jiff::Timestamp;

use crate::{Backend, Lease, Queue, Result, Tx, to_micros};

/// New work.
#[derive(Debug, Clone)]
pub struct NewWork<'w> {
    /// What to look at.
    pub key: &'w str,
    /// Who it is for: claims take turns over lanes.
    pub lane: &'w str,
    /// When.
    pub due: Timestamp,
    /// Whose it is from the first moment on, and until when; free without.
    pub holder: Option<(&'w str, Timestamp)>,
}

/// What becomes of leased work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settle {
    /// It is done ([`Tx::finish`]).
    Finish,
    /// It goes on; the lease is extended by this time ([`Tx::keep`]).
    Keep(Duration),
    /// It is to be looked at again then ([`Tx::reschedule`]).
    Reschedule(Timestamp),
}

/// A row of a statement in bulk.
type Row = Vec<Cell>;

/// One value of a [`Row`].
#[derive(serde::Serialize)]
#[serde(untagged)]
pub enum Cell {
    /// A number.
    Number(i64),
    /// A text.
    Text(String),
    /// Nothing.
    Null(()),
}

impl From<i64> for Cell {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl<T: Into<Cell>> From<Option<T>> for Cell {
    fn from(cell: Option<T>) -> Self {
        cell.map_or(Self::Null(()), Into::into)
    }
}

/// Rows as the parameter of a statement in bulk.
pub fn rows(rows: &[Row]) -> String {
    serde_json::to_string(rows).unwrap_or_default() // numbers and texts always have a form in JSON
}

impl Tx {
    /// The table of the rows in `$1` (see [`rows`]), to stand after FROM: `r.value->>0` is the text of the first
    /// cell.
    pub fn from_rows(&self) -> &'static str {
        match self.backend() {
            Backend::Sqlite => "json_each($1) AS r",
            Backend::Postgres => "json_array_elements($1::json) AS r(value)",
        }
    }

    /// An SQL expression: the bytes that the hexadecimal text `text` stands for.
    pub fn unhex(&self, text: &str) -> String {
        match self.backend() {
            Backend::Sqlite => format!("unhex({text})"),
            Backend::Postgres => format!("decode({text}, 'hex')"),
        }
    }

    /// Puts new work on a queue. Work that is there already stays as it is.
    pub async fn enqueue_all(&mut self, queue: Queue, work: &[NewWork<'_>]) -> Result<()> {
        if work.is_empty() {
            return Ok(());
        }
        let row = |new: &NewWork<'_>| -> Row {
            vec![
                new.key.into(),
                new.lane.into(),
                to_micros(new.due).into(),
                i64::from(new.holder.is_some()).into(),
                new.holder.map(|(token, _)| token).into(),
                new.holder.map(|(_, until)| to_micros(until)).into(),
            ]
        };
        let sql = format!(
            "INSERT INTO work (queue, key, lane, due_at, attempts, lease_token, lease_until) \
             SELECT $2, r.value->>0, r.value->>1, CAST(r.value->>2 AS BIGINT), CAST(r.value->>3 AS BIGINT), \
             r.value->>4, CAST(r.value->>5 AS BIGINT) FROM {} WHERE true ON CONFLICT (queue, key) DO NOTHING",
            self.from_rows()
        );
        sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(rows(&work.iter().map(row).collect::<Vec<Row>>()))
            .bind(queue.name())
            .execute(self.conn())
            .await?;
        if work.iter().any(|new| new.holder.is_none()) {
            self.wake_on_commit(queue);
        }
        Ok(())
    }

    /// Settles leased work of one queue; says of each whether it still had its lease. Nothing is changed for
    /// those that had lost it.
    pub async fn settle(&mut self, queue: Queue, work: &[(&Lease, Settle)]) -> Result<Vec<bool>> {
        let (mut finish, mut keep, mut reschedule) = (Vec::new(), Vec::new(), Vec::new());
        for (lease, settle) in work {
            let mut row = vec![queue.name().into(), lease.key.as_str().into(), lease.token.as_str().into()];
            match settle {
                Settle::Finish => {
                    row.push(lease.revision.into());
                    finish.push(row);
                }
                Settle::Keep(time) => {
                    row.push(self.until(*time).into());
                    keep.push(row);
                }
                Settle::Reschedule(due) => {
                    row.extend([lease.revision.into(), to_micros(*due).into()]);
                    reschedule.push(row);
                }
            }
        }
        let mut held = self.finish_all(queue, finish).await?;
        let set = "SET lease_until = CAST(c.row->>3 AS BIGINT)";
        held.extend(self.update_all(set, keep).await?);
        let set = "SET lease_token = NULL, lease_until = NULL, due_at = CASE WHEN \
                   work.revision = CAST(c.row->>3 AS BIGINT) THEN CAST(c.row->>4 AS BIGINT) ELSE work.due_at END";
        let freed = self.update_all(set, reschedule).await?;
        if !freed.is_empty() {
            self.wake_on_commit(queue);
        }
        held.extend(freed);
        Ok(work.iter().map(|(lease, _)| held.contains(&lease.key)).collect())
    }

    /// Removes those that nobody enqueued again, and frees the others; gives the keys of both.
    async fn finish_all(&mut self, queue: Queue, finish: Vec<Row>) -> Result<HashSet<String>> {
        if finish.is_empty() {
            return Ok(HashSet::new());
        }
        let sql = format!(
            "DELETE FROM work WHERE queue = $2 AND (key, lease_token, revision) IN \
             (SELECT r.value->>1, r.value->>2, CAST(r.value->>3 AS BIGINT) FROM {}) RETURNING key",
            self.from_rows()
        );
        let gone: Vec<String> = sqlx::query_scalar(sqlx::AssertSqlSafe(sql))
            .bind(rows(&finish))
            .bind(queue.name())
            .fetch_all(self.conn())
            .await?;
        let mut held: HashSet<String> = gone.into_iter().collect();
        if held.len() < finish.len() {
            let again: Vec<Row> = finish
                .into_iter()
                .filter(|row| !matches!(row.get(1), Some(Cell::Text(key)) if held.contains(key)))
                .collect();
            let set = "SET lease_token = NULL, lease_until = NULL, attempts = 0";
            let freed = self.update_all(set, again).await?;
            if !freed.is_empty() {
                self.wake_on_commit(queue);
            }
            held.extend(freed);
        }
        Ok(held)
    }

    async fn update_all(&mut self, set: &str, changes: Vec<Row>) -> Result<HashSet<String>> {
        if changes.is_empty() {
            return Ok(HashSet::new());
        }
        // The queue comes from the rows, too: SQLite then looks each row up by its key, and scans nothing.
        let sql = format!(
            "UPDATE work {set} FROM (SELECT r.value AS row, r.value->>0 AS queue, r.value->>1 AS key, \
             r.value->>2 AS token FROM {}) AS c \
             WHERE work.queue = c.queue AND work.key = c.key AND work.lease_token = c.token \
             RETURNING work.key",
            self.from_rows()
        );
        let held: Vec<String> =
            sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).bind(rows(&changes)).fetch_all(self.conn()).await?;
        Ok(held.into_iter().collect())
    }

    pub(crate) fn until(&self, lease_time: Duration) -> i64 {
        to_micros(self.now()).saturating_add(i64::try_from(lease_time.as_micros()).unwrap_or(i64::MAX))
    }
}
