//! The runner: takes up runs that have something to do, lets the machine decide, journals, and makes the calls.
//!
//! What is promised: after a crash an action that is finished in the journal is never executed again; one that
//! is not is executed again under the same idempotency key, and with the same content (see `journal` for what
//! is on disk when). Waits are rows, not threads: a run that only waits is not in memory.

mod calls;
mod held;
mod options;

use std::sync::Arc;
use std::time::Duration;

use store::{Lease, Queue, RunId, Settle, Store, StoreError};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

pub use options::RunnerOptions;

use crate::connectors::{Budgets, Connectors, SecretResolver};
use crate::journal::{self, Ended, Found, Journal, Loaded, Step, Taken};
use crate::machine::{ActionError, RunStatus, State};
use crate::{FlowError, Result, recurrence};
pub(crate) use calls::Caller;
use held::Held;

/// The longest sleep of an idle runner: another process may have started a run.
const LONGEST_SLEEP: Duration = Duration::from_secs(1);
/// How long a runner pauses when the store fails.
const PAUSE: Duration = Duration::from_secs(1);

/// Runs flows. Any number of them may share a store.
#[derive(Clone)]
pub struct Runner {
    store: Store,
    journal: Journal,
    caller: Arc<Caller>,
    options: Arc<RunnerOptions>,
}

impl Runner {
    /// A runner with these connectors, and a journal of its own.
    pub fn new(
        store: Store,
        connectors: Connectors,
        secrets: Arc<dyn SecretResolver>,
        options: RunnerOptions,
    ) -> Self {
        let call_duration = options.limits.call_duration;
        let budgets = Budgets::default();
        let caller = Caller { store: store.clone(), connectors, secrets, call_duration, budgets };
        let journal = Journal::new(store.clone(), options.lease_time);
        Self { store, journal, caller: Arc::new(caller), options: Arc::new(options) }
    }

    /// The journal: runs that are started through it are taken up at once while the runner works.
    pub fn journal(&self) -> &Journal {
        &self.journal
    }

    /// Works until `stop`: runs, and flows that fire by the clock. Runs that are held then are parked.
    pub async fn run(self, stop: CancellationToken) {
        let clock =
            tokio::spawn(recurrence::work(self.store.clone(), Arc::clone(&self.caller), stop.clone()));
        match self.journal.desk().open(self.options.runs) {
            Some(started) => {
                let places = Arc::clone(self.journal.desk().places());
                tokio::join!(self.take_started(started, &stop), self.take_due(&places, &stop));
            }
            // Another runner of this process takes what is started here.
            None => self.take_due(&Arc::new(Semaphore::new(self.options.runs)), &stop).await,
        }
        if let Err(error) = clock.await {
            tracing::error!(error = %error, "the clock of recurring flows broke off");
        }
    }

    /// Takes up runs that were started in this process, without a look at the disk.
    async fn take_started(&self, mut started: mpsc::UnboundedReceiver<Taken>, stop: &CancellationToken) {
        let mut held = JoinSet::new();
        loop {
            tokio::select! {
                biased;
                Some(taken) = started.recv() => self.take(&mut held, taken, stop),
                Some(_) = held.join_next(), if !held.is_empty() => {}
                () = stop.cancelled() => break,
            }
        }
        self.journal.desk().close();
        while let Ok(taken) = started.try_recv() {
            self.take(&mut held, taken, stop);
        }
        while held.join_next().await.is_some() {}
    }

    fn take(&self, held: &mut JoinSet<()>, taken: Taken, stop: &CancellationToken) {
        let Taken { lease, run, place, listener } = taken;
        let (id, begun) = (run.id, run.at);
        let state = State::new(Arc::clone(&run.compiled.plan), id.clone(), &run.flow);
        let loaded = Loaded {
            compiled: run.compiled,
            state,
            trigger: run.trigger,
            cancel: false,
            begun,
            seed: run.seed,
            facts: String::new(),
            news: Vec::new(),
        };
        let (runner, stop) = (self.clone(), stop.clone());
        held.spawn(async move {
            let _place = place;
            let done = Held::new(&runner, &lease, &id, &stop, loaded).heard_by(listener).go().await;
            runner.account(&lease, &id, done).await;
        });
    }

    /// Takes up runs of the queue that are due.
    async fn take_due(&self, places: &Arc<Semaphore>, stop: &CancellationToken) {
        let mut held = JoinSet::new();
        while !stop.is_cancelled() {
            let Some(free) = self.free(places, &mut held, stop).await else { break };
            if let Err(error) = self.claim(free, &mut held, stop).await {
                tracing::error!(error = %error, code = error.code(), "runs could not be claimed");
                tokio::time::sleep(PAUSE).await;
            }
            if places.available_permits() == 0 {
                continue;
            }
            tokio::select! {
                () = stop.cancelled() => {}
                waited = self.store.wait(Queue::Run, LONGEST_SLEEP) => {
                    if waited.is_err() {
                        tokio::time::sleep(PAUSE).await;
                    }
                }
            }
            while held.try_join_next().is_some() {}
        }
        while held.join_next().await.is_some() {}
    }

    /// All free places, at least one; nothing when the runner stops.
    async fn free(
        &self,
        places: &Arc<Semaphore>,
        held: &mut JoinSet<()>,
        stop: &CancellationToken,
    ) -> Option<Vec<OwnedSemaphorePermit>> {
        loop {
            tokio::select! {
                place = Arc::clone(places).acquire_owned() => {
                    let mut free = vec![place.ok()?];
                    while let Ok(place) = Arc::clone(places).try_acquire_owned() {
                        free.push(place);
                    }
                    return Some(free);
                }
                Some(_) = held.join_next(), if !held.is_empty() => {}
                () = stop.cancelled() => return None,
            }
        }
    }

    /// Claims due runs, as many as there are places, and takes them up.
    async fn claim(
        &self,
        places: Vec<OwnedSemaphorePermit>,
        held: &mut JoinSet<()>,
        stop: &CancellationToken,
    ) -> Result<usize> {
        let desk = self.journal.desk();
        if !self.store.has_due(Queue::Run).await? {
            desk.set_backlog(false);
            return Ok(0);
        }
        let limit = u32::try_from(places.len()).unwrap_or(u32::MAX);
        let mut tx = self.store.write().await?;
        let leases = tx.claim(Queue::Run, limit, self.options.lease_time).await?;
        let now = tx.now();
        let ids: Vec<&str> = leases.iter().map(|lease| lease.key.as_str()).collect();
        journal::mark_begun(&mut tx, ids.iter().copied(), now).await?;
        let mut found = journal::load(&mut tx, &ids).await?;
        tx.commit().await?;
        desk.set_backlog(leases.len() == places.len());
        let claimed = leases.len();
        for (lease, place) in leases.into_iter().zip(places) {
            let found = found.remove(&lease.key);
            let (runner, stop) = (self.clone(), stop.clone());
            held.spawn(async move {
                let _place = place;
                runner.work(lease, found, stop).await;
            });
        }
        Ok(claimed)
    }

    /// Does all that is due now, until every run waits for a later time or has ended. For commands that run
    /// without a server, and for tests.
    pub async fn run_until_idle(&self) -> Result<()> {
        let stop = CancellationToken::new();
        let places = Arc::new(Semaphore::new(self.options.runs));
        loop {
            recurrence::fire_due(&self.store, &self.caller).await?;
            let mut held = JoinSet::new();
            let Some(free) = self.free(&places, &mut held, &stop).await else { return Ok(()) };
            if self.claim(free, &mut held, &stop).await? == 0 {
                return Ok(());
            }
            while held.join_next().await.is_some() {}
        }
    }

    async fn work(&self, lease: Lease, found: Option<Result<Found>>, stop: CancellationToken) {
        let Ok(id) = lease.key.parse::<RunId>() else {
            tracing::error!(key = lease.key, "a row of work names no run");
            return;
        };
        let done = self.drive(&lease, &id, found, &stop).await;
        self.account(&lease, &id, done).await;
    }

    /// Says and settles how holding a run came out.
    async fn account(&self, lease: &Lease, id: &RunId, done: Result<()>) {
        match done {
            Ok(()) => {}
            Err(FlowError::Store(StoreError::LeaseLost { .. })) => {
                tracing::info!(run = %id, "the run went on elsewhere");
            }
            Err(error @ FlowError::Corrupt { .. }) => {
                tracing::error!(run = %id, error = %error, "the run cannot be read and ends as failed");
                if let Err(error) = self.give_up(lease, id, &error).await {
                    tracing::error!(run = %id, error = %error, "nor can it be ended");
                }
            }
            // The lease runs out, and the run is looked at again.
            Err(error) => {
                tracing::error!(run = %id, error = %error, code = error.code(), "the run is given up for now");
            }
        }
    }

    /// Holds a run until it has ended, or waits for a later time, or the runner stops.
    async fn drive(
        &self,
        lease: &Lease,
        id: &RunId,
        found: Option<Result<Found>>,
        stop: &CancellationToken,
    ) -> Result<()> {
        let Some(found) = found else {
            let mut tx = self.store.write().await?; // it has ended, or is gone
            tx.finish(lease).await?;
            return Ok(tx.commit().await?);
        };
        let loaded = found?.fold(&self.store).await?;
        Held::new(self, lease, id, stop, loaded).go().await
    }

    /// A run that cannot be read any more ends as failed, with the reason, instead of being tried for ever.
    async fn give_up(&self, lease: &Lease, id: &RunId, error: &FlowError) -> Result<()> {
        let end = Ended {
            at: self.store.clock().now(),
            error: Some(ActionError::new(error.code(), error.to_string())),
            record: None,
            trigger: String::new(),
            has_facts: false,
        };
        let step = Step {
            id: id.clone(),
            lease: lease.clone(),
            settle: Settle::Finish,
            seq: 0,
            facts: String::new(),
            status: RunStatus::Failed,
            end: Some(end),
            taken: Vec::new(),
            parent: None,
        };
        self.journal.step(step).await.map(|_| ())
    }
}
