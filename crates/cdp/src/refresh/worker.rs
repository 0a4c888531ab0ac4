//! The worker: takes submitted jobs, one at a time, and runs each to its end.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use lake::Lake;
use store::{JobId, Lease, Queue, Store};
use tokio_util::sync::CancellationToken;
use unify::Pin;

use super::graph::Graph;
use super::jobs::{self, Job};
use super::kept::Kept;
use super::outside::Outside;
use super::publish::{Ended, fail, last_outputs, publish};
use super::run::Run;
use super::shared::{Ready, Shared};
use super::tasks::TaskContext;
use super::unused::{unused, without};
use super::{JobStatus, ProgressBoard, RefreshError, Result, Scope};
use crate::definitions::{self, Definitions};
use crate::identity::{self, StoredPin};
use crate::insights::{self, Named};

const LEASE: Duration = Duration::from_secs(60);
const RENEW_EVERY: Duration = Duration::from_secs(15);
/// A job may be submitted by another process, whose signal does not reach this one.
const LOOK_AGAIN: Duration = Duration::from_secs(1);
/// How often a running job looks whether it was cancelled.
const CANCEL_LOOK: Duration = Duration::from_millis(250);
/// How often a job is begun before it is given up: more than crashes explain.
const MAX_BEGINNINGS: u32 = 10;

/// Runs refresh jobs.
#[derive(Clone)]
pub struct Worker {
    store: Store,
    lake: Lake,
    board: ProgressBoard,
    kept: Option<Kept>,
    outside: Outside,
}

impl Worker {
    /// A worker over the state and the lake; its progress is shown on `board`.
    pub fn new(store: Store, lake: Lake, board: ProgressBoard) -> Self {
        Self { store, lake, board, kept: None, outside: Outside::public_only() }
    }

    /// A worker that keeps what it can of a unification in memory, so that the next one takes in only what has
    /// changed. What it makes is the same. A unification of more than `most_rows` rows of all entities is not kept.
    pub fn keeping(self, most_rows: u64) -> Self {
        Self { kept: Some(Kept::new(most_rows)), ..self }
    }

    /// A worker whose data sources may use more of the world outside than public addresses.
    pub fn reaching(self, outside: Outside) -> Self {
        Self { outside, ..self }
    }

    /// Works until `stop`. A job that runs then is put back, to be run again from its start.
    pub async fn run(self, stop: CancellationToken) {
        while !stop.is_cancelled() {
            match self.run_next(&stop).await {
                Ok(Some(_)) => continue,
                Ok(None) => {}
                Err(error) => tracing::error!(%error, "a job could not be run and will be tried again"),
            }
            tokio::select! {
                () = stop.cancelled() => {}
                waited = self.store.wait(Queue::Job, LOOK_AGAIN) => {
                    if waited.is_err() {
                        tokio::time::sleep(LOOK_AGAIN).await;
                    }
                }
            }
        }
    }

    /// Runs the job that has waited longest, if one waits. Returns its id.
    pub async fn run_next(&self, stop: &CancellationToken) -> Result<Option<JobId>> {
        let Some(lease) = self.store.claim(Queue::Job, 1, LEASE).await?.into_iter().next() else {
            return Ok(None);
        };
        let id: JobId = lease.key.parse()?;
        let job = jobs::get(&self.store, &id).await?;
        if job.status.is_final() {
            let mut tx = self.store.write().await?;
            tx.finish(&lease).await?;
            tx.commit().await?;
            return Ok(Some(id));
        }
        let ran = self.job(&job, &lease, stop).await;
        if let Some(kept) = &self.kept {
            kept.settle(matches!(ran, Ok(true)));
        }
        match ran {
            Ok(_) => {}
            Err(RefreshError::Store(error)) => return Err(error.into()),
            Err(error) => {
                self.board.end(JobStatus::Failed);
                fail(&self.store, &job, &lease, &error).await?;
            }
        }
        Ok(Some(id))
    }

    /// Runs a job to its end; true when what it made was published.
    async fn job(&self, job: &Job, lease: &Lease, stop: &CancellationToken) -> Result<bool> {
        if lease.attempts > MAX_BEGINNINGS {
            let message = format!("it was begun {MAX_BEGINNINGS} times and never came to its end");
            return Err(RefreshError::Broken(message));
        }
        let (definitions, base_dir) = applied(&self.store).await?;
        let graph = self.graph(&definitions, &job.scope).await?;
        self.board.start(&job.id, &graph);
        let mut tx = self.store.write().await?;
        jobs::begin(&mut tx, &job.id, &graph).await?;
        tx.commit().await?;
        let job = &jobs::get(&self.store, &job.id).await?;
        let cancel = CancellationToken::new();
        let definitions = Arc::new(definitions);
        let run = self.prepare(job, graph, Arc::clone(&definitions), base_dir, cancel.clone()).await?;
        let watching = self.watch(&job.id, lease, &cancel, stop);
        let ran = tokio::select! {
            ran = run.finish() => ran?,
            never = watching => never?,
        };
        if ran.canceled && stop.is_cancelled() && !jobs::get(&self.store, &job.id).await?.cancel_requested {
            self.put_back(lease).await?;
            return Ok(false);
        }
        let ended = Ended { job, definitions: &definitions, ran, lease };
        let published = publish(&self.store, &self.lake, ended).await?;
        self.board.end(published.status);
        tracing::info!(job = %job.id, status = %published.status, snapshot = ?published.snapshot,
            crossings = published.crossings.len(), "job ended");
        for crossing in &published.crossings {
            tracing::info!(threshold = crossing.threshold, "{}", crossing.sentence);
        }
        crate::customers::sweep(&self.store, &self.lake).await;
        insights::sweep(&self.store, &self.lake).await;
        Ok(published.snapshot.is_some() && published.status != JobStatus::Canceled)
    }

    /// The tasks of a job; a full refresh leaves out what nothing uses, where the definitions ask for that.
    async fn graph(&self, definitions: &Definitions, scope: &Scope) -> Result<Graph> {
        let graph = Graph::of(definitions, scope)?;
        match scope {
            Scope::Full => Ok(without(graph, &unused(&self.store, definitions, None).await?)),
            Scope::Part(_) => Ok(graph),
        }
    }

    async fn prepare(
        &self,
        job: &Job,
        graph: Graph,
        definitions: Arc<Definitions>,
        base_dir: PathBuf,
        cancel: CancellationToken,
    ) -> Result<Run> {
        let view = self.lake.view_latest().await?;
        let last: BTreeMap<_, _> = last_outputs(&self.store).await?;
        let context = TaskContext {
            lake: self.lake.clone(),
            definitions,
            base_dir,
            before: view.clone(),
            view,
            last: None,
            board: self.board.clone(),
            position: 0,
            cancel,
            job: job.id.clone(),
            at: job.started_at.unwrap_or(job.created_at),
            pins: Arc::new(self.pins().await?),
            kept: self.kept.clone(),
            outside: self.outside.clone(),
            measures_are_current: false,
            indexes: Arc::new(Named::read(&self.store).await?),
            rows_are_final: false,
            shared: Shared::default(),
            ready: Ready::default(),
        };
        Ok(Run { store: self.store.clone(), job: job.id.clone(), graph, context, last })
    }

    async fn pins(&self) -> Result<Vec<Pin>> {
        let stored = identity::pins(&self.store).await?;
        Ok(stored.iter().map(StoredPin::pin).collect::<identity::Result<_>>()?)
    }

    /// Keeps the lease, and cancels the run when the user or the end of the process asks for it.
    async fn watch<T>(
        &self,
        id: &JobId,
        lease: &Lease,
        cancel: &CancellationToken,
        stop: &CancellationToken,
    ) -> Result<T> {
        let mut renewed = tokio::time::Instant::now();
        loop {
            tokio::select! {
                () = stop.cancelled(), if !cancel.is_cancelled() => cancel.cancel(),
                () = tokio::time::sleep(CANCEL_LOOK) => {}
            }
            if jobs::get(&self.store, id).await?.cancel_requested {
                cancel.cancel();
            }
            if renewed.elapsed() >= RENEW_EVERY {
                self.store.renew(lease, LEASE).await?;
                renewed = tokio::time::Instant::now();
            }
        }
    }

    async fn put_back(&self, lease: &Lease) -> Result<()> {
        let mut tx = self.store.write().await?;
        let now = tx.now();
        tx.reschedule(lease, now).await?;
        Ok(tx.commit().await?)
    }
}

async fn applied(store: &Store) -> Result<(Definitions, PathBuf)> {
    let applied =
        definitions::applied(store).await.map_err(|error| RefreshError::Definitions(error.to_string()))?;
    if applied.instance.is_empty() {
        return Err(RefreshError::NothingApplied);
    }
    let base_dir = applied.base_dir.clone();
    Ok((applied, base_dir))
}
