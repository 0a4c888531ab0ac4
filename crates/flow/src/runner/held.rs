//! A run that is held in memory: what came is decided, journaled, and followed by calls.

use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use serde_json::{Value, json};
use store::{Lease, RunId, Settle};
use tokio_util::sync::CancellationToken;

use super::Runner;
use super::calls::Calls;
use crate::definitions::Compiled;
use crate::journal::{self, Ended, Listener, Loaded, Step};
use crate::limits::JOURNAL_KEPT;
use crate::machine::{Deed, Fact, Inputs, Message, RunStatus, State, Trigger, step};
use crate::{Result, children, inbox, runs};

/// How often a run with calls under way looks whether it is cancelled, and renews its lease when needed.
const LOOK: Duration = Duration::from_millis(500);

/// What happens with the run after a step.
#[derive(PartialEq)]
enum Next {
    /// It goes on in memory.
    Hold,
    /// It is to be looked at again then, or when there is news.
    Park(Timestamp),
    /// It has ended.
    End,
}

/// See the module.
pub(super) struct Held<'r> {
    runner: &'r Runner,
    lease: &'r Lease,
    id: &'r RunId,
    stop: &'r CancellationToken,
    compiled: Arc<Compiled>,
    state: State,
    seed: u64,
    calls: Calls,
    /// News that was there when the run was taken up.
    first: Vec<Message>,
    begun: Timestamp,
    facts: Facts,
    /// When the lease was renewed last.
    kept: Instant,
    /// News that was looked at, to be forgotten with the next write.
    taken: Vec<String>,
    /// Whether the run that waits for this one was told.
    told: bool,
    /// Who wants to hear the Response.
    listener: Option<Listener>,
}

/// The facts of a run: those on disk, and those that are not yet.
struct Facts {
    /// How many are on disk.
    written: usize,
    /// Those that are not, one a line, and how many.
    new: String,
    new_count: usize,
    /// All, one a line, unless they became too many to keep them twice.
    all: Option<String>,
    /// Bytes of all.
    bytes: usize,
    /// Whether the new ones come out the same when they are decided again.
    repeatable: bool,
}

impl Facts {
    fn add(&mut self, id: &RunId, facts: &[Fact]) -> Result<()> {
        let added = journal::lines(id, facts)?;
        self.new_count = self.new_count.saturating_add(facts.len());
        self.bytes = self.bytes.saturating_add(added.len());
        self.new.push_str(&added);
        match &mut self.all {
            Some(all) if self.bytes <= JOURNAL_KEPT => all.push_str(&added),
            all => *all = None,
        }
        Ok(())
    }
}

impl<'r> Held<'r> {
    pub(super) fn new(
        runner: &'r Runner,
        lease: &'r Lease,
        id: &'r RunId,
        stop: &'r CancellationToken,
        loaded: Loaded,
    ) -> Self {
        let Loaded { compiled, state, trigger, cancel, begun, seed, facts, news } = loaded;
        let mut first = vec![match (cancel, state.begin()) {
            (true, _) => Message::Cancel,
            (false, None) => Message::Start(trigger),
            (false, Some(_)) => Message::Advance,
        }];
        let (taken, news): (Vec<String>, Vec<Message>) = news.into_iter().unzip();
        first.extend(news);
        let told = state.response().is_some();
        let marks = Arc::clone(state.plan().marks());
        let facts = Facts {
            written: facts.lines().count(),
            new: String::new(),
            new_count: 0,
            bytes: facts.len(),
            all: (facts.len() <= JOURNAL_KEPT).then_some(facts),
            repeatable: true,
        };
        Self {
            runner,
            lease,
            id,
            stop,
            compiled,
            state,
            seed: if seed == 0 { runs::seed(id, begun) } else { seed }.cast_unsigned(),
            calls: Calls::new(Arc::clone(&runner.caller), marks, runner.options.limits.calls_per_run),
            first,
            begun,
            facts,
            kept: Instant::now(),
            taken,
            told,
            listener: None,
        }
    }

    /// The run, with somebody who wants to hear its Response.
    pub(super) fn heard_by(mut self, listener: Option<Listener>) -> Self {
        self.listener = listener;
        self
    }

    pub(super) async fn go(mut self) -> Result<()> {
        let mut messages = std::mem::take(&mut self.first);
        loop {
            let more = self.decide(std::mem::take(&mut messages))?;
            let stopping = self.stop.is_cancelled();
            let now = self.runner.store.clock().now();
            let due = self.state.unfinished_effects(now);
            let next = self.next(more, stopping, !due.is_empty(), now);
            // Whoever is asked to call back, or started, may be quicker than the next write.
            let plain = due.iter().all(|effect| matches!(effect.deed, Deed::Call(_)));
            let repeatable = self.facts.repeatable && plain;
            let new = !self.facts.new.is_empty() && !repeatable;
            if (new || !self.taken.is_empty() || next != Next::Hold) && self.write(&next).await? {
                messages.push(Message::Cancel);
                if next == Next::Hold {
                    continue;
                }
            }
            match next {
                Next::End | Next::Park(_) => return Ok(()),
                Next::Hold if more => {
                    messages.push(Message::Advance);
                    tokio::task::yield_now().await;
                }
                Next::Hold => {
                    if !stopping {
                        self.calls.begin(due);
                    }
                    messages = self.news().await?;
                }
            }
        }
    }

    /// Decides what follows from the messages; says whether there is more to decide at once.
    fn decide(&mut self, messages: Vec<Message>) -> Result<bool> {
        let mut more = false;
        for message in messages {
            let limits = &self.runner.options.limits;
            let starts = matches!(message, Message::Start(_)) && self.state.begin().is_none();
            let now = if starts { self.begun } else { self.runner.store.clock().now() };
            let address = self.runner.options.address.as_deref();
            let journal_bytes = self.facts.bytes;
            let inputs = Inputs { now, seed: self.seed, limits, journal_bytes, address };
            let decision = step(&mut self.state, message, &inputs);
            more = decision.more;
            self.facts.add(self.id, &decision.facts)?;
            self.facts.repeatable &= starts && !more;
        }
        Ok(more)
    }

    fn next(&self, more: bool, stopping: bool, effects: bool, now: Timestamp) -> Next {
        if self.state.end().is_some() {
            return Next::End;
        }
        if stopping && self.calls.is_empty() {
            return Next::Park(now); // whoever comes next goes on at once
        }
        if more || effects || !self.calls.is_empty() {
            return Next::Hold;
        }
        Next::Park(self.state.next_due(now).unwrap_or(Timestamp::MAX))
    }

    /// Says whether the run is to be cancelled.
    async fn write(&mut self, next: &Next) -> Result<bool> {
        let end = match next {
            Next::End => Some(self.ended().await?),
            _ => None,
        };
        let status = self.state.end().map_or(RunStatus::Running, |end| end.status);
        let over = self.state.response().is_some() || self.state.end().is_some();
        let step = Step {
            id: self.id.clone(),
            lease: self.lease.clone(),
            settle: match next {
                Next::Hold => Settle::Keep(self.runner.options.lease_time),
                Next::Park(due) => Settle::Reschedule(*due),
                Next::End => Settle::Finish,
            },
            seq: i64::try_from(self.facts.written).unwrap_or(i64::MAX),
            facts: std::mem::take(&mut self.facts.new),
            status,
            end,
            taken: std::mem::take(&mut self.taken),
            parent: if over && !self.told { children::for_parent(&self.state) } else { None },
        };
        let cancel = self.runner.journal.step(step).await?;
        self.told |= over;
        if over && let Some(listener) = self.listener.take() {
            let answer = self.state.response().map(|response| response.answer.value().clone());
            let _ = listener.send(answer); // whoever has gone needs no answer
        }
        self.kept = Instant::now();
        self.facts.written = self.facts.written.saturating_add(self.facts.new_count);
        self.facts.new_count = 0;
        if self.state.end().is_some() {
            metrics::counter!("weir_runs_ended_total", "status" => status.name()).increment(1);
        }
        Ok(cancel)
    }

    async fn ended(&mut self) -> Result<Ended> {
        let all = match self.facts.all.take() {
            Some(all) => all,
            None => {
                let mut connection =
                    self.runner.store.pool().acquire().await.map_err(store::StoreError::from)?;
                let mut all = journal::facts_of(&mut connection, &self.compiled, self.id, None).await?;
                all.push_str(&self.facts.new);
                all
            }
        };
        let end = self.state.end();
        let trigger = self.state.begin().map(|begin| {
            let Trigger { name, origin, .. } = &begin.trigger;
            json!({"name": name, "outputs": Value::Null, "origin": origin}).to_string()
        });
        let record = trigger.is_some().then(|| self.compiled.codec().pack(&all)).flatten();
        Ok(Ended {
            at: end.map_or(Timestamp::MAX, |end| end.at),
            error: end.and_then(|end| end.error.clone()),
            record,
            trigger: trigger.unwrap_or_default(),
            has_facts: self.facts.written > 0,
        })
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
                    let marks = Arc::clone(self.state.plan().marks());
                    self.calls = Calls::new(Arc::clone(&self.runner.caller), marks, 0);
                    vec![Message::Advance]
                }
            });
        }
        tokio::select! {
            message = self.calls.next() => {
                let mut messages = vec![message];
                // Answers that came together are written together.
                while let Some(message) = self.calls.ready() {
                    messages.push(message);
                }
                Ok(messages)
            }
            () = self.stop.cancelled() => Ok(vec![Message::Advance]),
            () = tokio::time::sleep(sleep) => self.look().await,
        }
    }

    /// Nothing came for a while: the lease is renewed when needed, and what is not on disk gets there, so that
    /// people see what the run waits for.
    async fn look(&mut self) -> Result<Vec<Message>> {
        let old = self.kept.elapsed() > self.runner.options.lease_time / 3;
        let cancel = if old || !self.facts.new.is_empty() {
            self.write(&Next::Hold).await?
        } else {
            wants_cancel(self.runner, self.id).await?
        };
        let mut messages = vec![if cancel { Message::Cancel } else { Message::Advance }];
        for (key, message) in inbox::waiting(&self.runner.store, self.id).await? {
            self.taken.push(key);
            messages.push(message);
        }
        Ok(messages)
    }
}

async fn wants_cancel(runner: &Runner, id: &RunId) -> Result<bool> {
    let cancel: Option<i64> = sqlx::query_scalar("SELECT cancel FROM run WHERE id = $1")
        .bind(id.as_str())
        .fetch_optional(runner.store.pool())
        .await?;
    Ok(cancel.is_some_and(|cancel| cancel != 0))
}
