//! One run of an export: its moment, its progress, the wish to stop, and what came of it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use async_trait::async_trait;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use tokio_util::sync::CancellationToken;

use crate::{ExportError, Result, Rows};

/// One run. Cheap to clone; clones share the progress.
#[derive(Debug, Clone)]
pub struct Run {
    /// What identifies this run, and stays when it is tried again: a job's or a task's id.
    pub id: String,
    /// When it began.
    pub started: Moment,
    /// The same moment, for measuring what passed since.
    since: Instant,
    /// How far it is.
    pub progress: Arc<Progress>,
    /// Set to stop it.
    pub cancel: CancellationToken,
}

impl Run {
    /// A run that begins now.
    pub fn new(id: impl Into<String>, started: Timestamp) -> Self {
        Self {
            id: id.into(),
            started: Moment(started),
            since: Instant::now(),
            progress: Arc::default(),
            cancel: CancellationToken::new(),
        }
    }

    /// The time now, as the clock that gave the beginning has it.
    pub(crate) fn now(&self) -> Timestamp {
        self.started.0.saturating_add(self.since.elapsed()).unwrap_or(self.started.0)
    }

    /// An error when the run is to stop.
    pub(crate) fn check(&self) -> Result<()> {
        if self.cancel.is_cancelled() { Err(ExportError::Cancelled) } else { Ok(()) }
    }
}

/// A moment, as paths write it: in UTC, to the minute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment(pub Timestamp);

impl Moment {
    /// `2026/11/20/0630`.
    pub fn path(&self) -> String {
        self.0.to_zoned(TimeZone::UTC).strftime("%Y/%m/%d/%H%M").to_string()
    }
}

/// How far a run is. Counts only grow.
#[derive(Debug, Default)]
pub struct Progress {
    rows: AtomicU64,
    bytes: AtomicU64,
}

impl Progress {
    /// Rows that were taken from the input.
    pub fn rows(&self) -> u64 {
        self.rows.load(Ordering::Relaxed)
    }

    /// Bytes that were written.
    pub fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    pub(crate) fn add(&self, rows: u64, bytes: u64) {
        self.rows.fetch_add(rows, Ordering::Relaxed);
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
    }
}

/// What was written for one segment or entity.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Written {
    /// The segment or entity.
    pub entity: String,
    /// Rows.
    pub rows: u64,
    /// Bytes, as they are kept or sent.
    pub bytes: u64,
    /// Files, calls of a web service, or 1 for a table.
    pub parts: u64,
    /// The paths of the files, in their order; empty when there are none.
    pub files: Vec<String>,
}

/// Where rows go.
#[async_trait]
pub trait Destination: Send + Sync {
    /// Writes the rows of one segment or entity. Readers see all of them or none, unless the destination takes
    /// batches.
    ///
    /// # Errors
    /// Those of the rows and of the destination; and when the run is cancelled.
    async fn write(&self, rows: Rows, run: &Run) -> Result<Written>;

    /// Called once, after all were written.
    ///
    /// # Errors
    /// Those of the destination.
    async fn finish(&self, _run: &Run) -> Result<()> {
        Ok(())
    }
}

/// Writes the rows of every entity, one after the other.
///
/// # Errors
/// The first error; what was written before it stays.
pub async fn export(to: &dyn Destination, entities: Vec<Rows>, run: &Run) -> Result<Vec<Written>> {
    let mut written = Vec::with_capacity(entities.len());
    for rows in entities {
        run.check()?;
        written.push(to.write(rows, run).await?);
    }
    to.finish(run).await?;
    Ok(written)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_written_in_utc_to_the_minute() {
        let moment = Moment("2026-11-06T23:05:37-05:00".parse().unwrap());
        assert_eq!(moment.path(), "2026/11/07/0405");
    }
}
