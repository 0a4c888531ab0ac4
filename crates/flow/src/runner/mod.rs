//! The runner: claims runs that have something to do, lets the machine decide, journals, and makes the calls.
//!
//! What is promised: facts are on disk before the calls that follow from them begin. After a crash an action
//! that is finished in the journal is never executed again; one that is not is executed again under the same
//! idempotency key. Waits are rows, not threads: a run that only waits is not in memory.

mod calls;
mod journal;

use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use store::{Lease, Queue, RunId, Store, StoreError};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

pub use journal::RunnerOptions;
pub(crate) use journal::{append, facts, replay};

use crate::connectors::{Connectors, SecretResolver};
use crate::machine::{Inputs, Message, State, step};
use crate::{FlowError, Result, children, inbox, recurrence};
use calls::{Caller, Calls};
use journal::{Loaded, Next};

/// How often a run with calls under way looks whether it is cancelled, and renews its lease when needed.
const LOOK: Duration = Duration::from_millis(500);
/// The longest sleep of an idle runner: another process may have started a run.
const LONGEST_SLEEP: Duration = Duration::from_secs(1);
/// How long a runner pauses when the store fails.
const PAUSE: Duration = Duration::from_secs(1);

/// Runs flows. Any number of them may share a store.
#[derive(Clone)]
pub struct Runner {
    store: Store,
    caller: Arc<Caller>,
    options: Arc<RunnerOptions>,
}

impl Runner {
    /// A runner with these connectors.
    pub fn new(
        store: Store,
        connectors: Connectors,
        secrets: Arc<dyn SecretResolver>,
        options: RunnerOptions,
    ) -> Self {
        let call_duration = options.limits.call_duration;
        let caller = Caller { store: store.clone(), connectors, secrets, call_duration };
        Self { store, caller: Arc::new(caller), options: Arc::new(options) }
    }

    /// Works until `stop`: runs, and flows that fire by the clock. Runs that are held then are parked.
    pub async fn run(self, stop: CancellationToken) {
        let clock = tokio::spawn(recurrence::work(self.store.clone(), stop.clone()));
        let mut held = JoinSet::new();
        while !stop.is_cancelled() {
            if let Err(error) = self.claim(&mut held, &stop).await {
                tracing::error!(error = %error, code = error.code(), "runs could not be claimed");
                tokio::time::sleep(PAUSE).await;
            }
            let full = held.len() >= self.options.runs;
            tokio::select! {
                () = stop.cancelled() => {}
                Some(_) = held.join_next(), if !held.is_empty() => {}
                waited = self.store.wait(Queue::Run, LONGEST_SLEEP), if !full => {
                    if waited.is_err() {
                        tokio::time::sleep(PAUSE).await;
                    }
                }
            }
            while held.try_join_next().is_some() {}
        }
        while held.join_next().await.is_some() {}
        if let Err(error) = clock.await {
            tracing::error!(error = %error, "the clock of recurring flows broke off");
        }
    }

    async fn claim(&self, held: &mut JoinSet<()>, stop: &CancellationToken) -> Result<()> {
        let free = self.options.runs.saturating_sub(held.len());
        if free == 0 {
            return Ok(());
        }
        let limit = u32::try_from(free).unwrap_or(u32::MAX);
        for lease in self.store.claim(Queue::Run, limit, self.options.lease_time).await? {
            let (runner, stop) = (self.clone(), stop.clone());
            held.spawn(async move { runner.work(lease, stop).await });
        }
        Ok(())
    }

    /// Does all that is due now, until every run waits for a later time or has ended. For commands that run
    /// without a server, and for tests.
    pub async fn run_until_idle(&self) -> Result<()> {
        let stop = CancellationToken::new();
        loop {
            recurrence::fire_due(&self.store).await?;
            let mut held = JoinSet::new();
            self.claim(&mut held, &stop).await?;
            if held.is_empty() {
                return Ok(());
            }
            while held.join_next().await.is_some() {}
        }
    }

    async fn work(&self, lease: Lease, stop: CancellationToken) {
        let Ok(id) = lease.key.parse::<RunId>() else {
            tracing::error!(key = lease.key, "a row of work names no run");
            return;
        };
        match self.drive(&lease, &id, &stop).await {
            Ok(()) => {}
            Err(FlowError::Store(StoreError::LeaseLost { .. })) => {
                tracing::info!(run = %id, "the run went on elsewhere");
            }
            Err(error @ FlowError::Corrupt { .. }) => {
                tracing::error!(run = %id, error = %error, "the run cannot be read and ends as failed");
                if let Err(error) = journal::give_up(&self.store, &lease, &id, &error).await {
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
    async fn drive(&self, lease: &Lease, id: &RunId, stop: &CancellationToken) -> Result<()> {
        let Some(loaded) = journal::load(&self.store, id).await? else {
            let mut tx = self.store.write().await?;
            tx.finish(lease).await?;
            return Ok(tx.commit().await?);
        };
        let Loaded { state, trigger, cancel, news, seq, bytes } = loaded;
        let mut messages = vec![match (cancel, state.begin()) {
            (true, _) => Message::Cancel,
            (false, None) => Message::Start(trigger),
            (false, Some(_)) => Message::Advance,
        }];
        let mut taken = Vec::new();
        if news {
            for (key, message) in inbox::waiting(&self.store, id).await? {
                taken.push(key);
                messages.push(message);
            }
        }
        let told = state.response().is_some();
        let calls = Calls::new(Arc::clone(&self.caller), self.options.limits.calls_per_run);
        let held = Held {
            runner: self,
            lease,
            id,
            stop,
            state,
            seq,
            bytes,
            seed: seed(id, self.store.clock().now()),
            calls,
            kept: Instant::now(),
            taken,
            told,
        };
        held.go(messages).await
    }
}

/// A run that is held in memory.
struct Held<'r> {
    runner: &'r Runner,
    lease: &'r Lease,
    id: &'r RunId,
    stop: &'r CancellationToken,
    state: State,
    seq: i64,
    bytes: usize,
    seed: u64,
    calls: Calls,
    /// When the lease was renewed last.
    kept: Instant,
    /// News that was looked at, to be forgotten with the next write.
    taken: Vec<String>,
    /// Whether the run that waits for this one was told.
    told: bool,
}

impl Held<'_> {
    async fn go(mut self, mut messages: Vec<Message>) -> Result<()> {
        let mut first = true;
        loop {
            let (facts, more) = self.decide(std::mem::take(&mut messages))?;
            let stopping = self.stop.is_cancelled();
            let now = self.runner.store.clock().now();
            let due = self.state.unfinished_effects(now);
            let next = self.next(more, stopping, !due.is_empty(), now);
            if first || !facts.is_empty() || !self.taken.is_empty() || !matches!(next, Next::Hold(_)) {
                first = false;
                if self.write(&facts, &next).await? {
                    messages.push(Message::Cancel);
                    if matches!(next, Next::Hold(_)) {
                        continue;
                    }
                }
            }
            match next {
                Next::End | Next::Park(_) => return Ok(()),
                Next::Hold(_) if more => {
                    messages.push(Message::Advance);
                    tokio::task::yield_now().await;
                }
                Next::Hold(_) => {
                    if !stopping {
                        self.calls.begin(due);
                    }
                    messages = self.news().await?;
                }
            }
        }
    }

    fn decide(&mut self, messages: Vec<Message>) -> Result<(Vec<String>, bool)> {
        let mut facts = Vec::new();
        let mut more = false;
        for message in messages {
            let limits = &self.runner.options.limits;
            let now = self.runner.store.clock().now();
            let address = self.runner.options.address.as_deref();
            let inputs = Inputs { now, seed: self.seed, limits, journal_bytes: self.bytes, address };
            let decision = step(&mut self.state, message, &inputs);
            more = decision.more;
            let written = journal::written(&decision.facts, self.id)?;
            self.bytes = written.iter().fold(self.bytes, |sum, fact| sum.saturating_add(fact.len()));
            facts.extend(written);
        }
        Ok((facts, more))
    }

    fn next(&self, more: bool, stopping: bool, effects: bool, now: Timestamp) -> Next {
        if self.state.end().is_some() {
            return Next::End;
        }
        if stopping && self.calls.is_empty() {
            return Next::Park(now); // whoever comes next goes on at once
        }
        if more || effects || !self.calls.is_empty() {
            return Next::Hold(self.runner.options.lease_time);
        }
        Next::Park(self.state.next_due(now).unwrap_or(Timestamp::MAX))
    }

    /// Says whether the run is to be cancelled.
    async fn write(&mut self, facts: &[String], next: &Next) -> Result<bool> {
        let mut tx = self.runner.store.write().await?;
        let cancel = journal::write(&mut tx, self.lease, self.id, self.seq, facts, &self.state, next).await?;
        inbox::forget(&mut tx, self.id, &self.taken).await?;
        let over = self.state.response().is_some() || self.state.end().is_some();
        if over && !self.told {
            children::tell_parent(&mut tx, &self.state).await?;
        }
        tx.commit().await?;
        self.told |= over;
        self.taken.clear();
        self.kept = Instant::now();
        self.seq = self.seq.saturating_add(i64::try_from(facts.len()).unwrap_or(i64::MAX));
        if let Some(end) = self.state.end() {
            metrics::counter!("weir_runs_ended_total", "status" => end.status.name()).increment(1);
        }
        Ok(cancel)
    }

    /// Waits for an answer, a time, a wish to cancel or a stop.
    async fn news(&mut self) -> Result<Vec<Message>> {
        let now = self.runner.store.clock().now();
        let until = self.state.next_due(now).map(|due| due.duration_since(now));
        let sleep =
            until.and_then(|until| Duration::try_from(until).ok()).map_or(LOOK, |until| until.min(LOOK));
        if self.stop.is_cancelled() {
            // Calls that are under way may end; those that take too long are made again after the next start.
            let grace = self.runner.options.stop_grace;
            return Ok(match tokio::time::timeout(grace, self.calls.next()).await {
                Ok(message) => vec![message],
                Err(_) => {
                    self.calls = Calls::new(Arc::clone(&self.runner.caller), 0);
                    vec![Message::Advance]
                }
            });
        }
        tokio::select! {
            message = self.calls.next() => {
                let mut messages = vec![message];
                // Answers that came together share a transaction.
                while let Some(message) = self.calls.ready() {
                    messages.push(message);
                }
                Ok(messages)
            }
            () = self.stop.cancelled() => Ok(vec![Message::Advance]),
            () = tokio::time::sleep(sleep) => {
                if self.kept.elapsed() > self.runner.options.lease_time / 3 {
                    self.runner.store.renew(self.lease, self.runner.options.lease_time).await?;
                    self.kept = Instant::now();
                }
                let cancel = journal::wants_cancel(&self.runner.store, self.id).await?;
                let mut messages = vec![if cancel { Message::Cancel } else { Message::Advance }];
                for (key, message) in inbox::waiting(&self.runner.store, self.id).await? {
                    self.taken.push(key);
                    messages.push(message);
                }
                Ok(messages)
            }
        }
    }
}

/// Randomness for one hold of a run. What it decides is journaled, so it need not be kept.
fn seed(id: &RunId, now: Timestamp) -> u64 {
    // Without randomness from the system, runs still differ from each other and from time to time.
    let hash = || blake3::hash(format!("{id} {now}").as_bytes());
    getrandom::u64().unwrap_or_else(|_| {
        hash().as_bytes().iter().take(8).fold(0, |seed, byte| (seed << 8) | u64::from(*byte))
    })
}
