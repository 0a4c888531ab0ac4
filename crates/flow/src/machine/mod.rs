//! The machine: what a run does next, as a pure step. No clock, storage, network or async.
//!
//! [`decide`] looks at a [`State`] and a [`Message`] and says what happened ([`Fact`]s). Facts are journaled, then
//! folded into the state; the next round sees them. [`State::unfinished_effects`] says what is to be done outside
//! ([`Effect`]s), the first time and after a crash, under the same keys; [`State::response`] what the caller gets.

mod advance;
mod codes;
mod effect;
mod fact;
mod follow;
mod outward;
mod plan;
mod reply;
mod restart;
mod retry;
mod schema;
mod scope;
mod secrecy;
mod settings;
mod start;
mod state;
mod status;
mod tracked;
mod values;
mod variables;

pub(crate) use codes::of_status as code_of_status;
pub use effect::{CALLBACK_PARAMETER, Call, Deed, Effect, NEXT_LINK_PARAMETER, StartChild, UNSUBSCRIBES};
pub use fact::{ActionError, ActionPath, Caller, Doing, Fact, Follow, Payload, Target, Trigger};
pub use outward::callback_url;
pub use plan::{Answers, Outline, Plan};
pub use restart::{RestartError, failed, restart};
pub use retry::{RetryPolicy, retry_after};
pub use schema::{Mismatch, mismatches};
pub use secrecy::Hidden;
pub use state::{Attempt, Begin, End, Iterations, Record, Response, State, Variable};
pub use status::{ActionStatus, RunStatus};

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::connectors::CallOutcome;
use crate::limits::{FACTS_PER_STEP, Limits};

/// News for a run.
#[derive(Debug, Clone)]
pub enum Message {
    /// Its trigger fired: it begins.
    Start(Trigger),
    /// Nothing new, except that time goes on.
    Advance,
    /// A call was answered.
    Replied {
        /// The action that called.
        path: ActionPath,
        /// Which attempt it was, from 1.
        attempt: u32,
        /// The answer.
        outcome: CallOutcome,
    },
    /// A flow that was to be started was, as this run; its Response is waited for.
    Accepted {
        /// The action that waits.
        path: ActionPath,
        /// The run that was started.
        reference: String,
    },
    /// Somebody called back.
    CalledBack {
        /// The secret in the address that was called.
        token: String,
        /// What was sent: `{headers, body}`.
        outputs: Value,
    },
    /// Somebody wants it to end.
    Cancel,
}

/// What a step depends on beside the state.
#[derive(Debug, Clone, Copy)]
pub struct Inputs<'l> {
    /// The present moment.
    pub now: Timestamp,
    /// Where randomness comes from: gaps between attempts, `guid()`, `rand()`.
    pub seed: u64,
    /// The bounds of a run.
    pub limits: &'l Limits,
    /// How large the run's journal is.
    pub journal_bytes: usize,
    /// The address under which this instance can be called from outside: `https://weir.example`.
    pub address: Option<&'l str>,
}

impl Inputs<'_> {
    /// The seed of one action's randomness.
    fn seed_for(&self, state: &State, path: &ActionPath) -> u64 {
        let mut hasher = blake3::Hasher::new();
        hasher.update(&self.seed.to_le_bytes());
        hasher.update(effect::idempotency_key(&state.run, path).as_bytes());
        let attempts = state.records.get(path).map_or(0, |record| record.attempts.len());
        hasher.update(&u64::try_from(attempts).unwrap_or(u64::MAX).to_le_bytes());
        let mut first = [0; 8];
        hasher.finalize_xof().fill(&mut first);
        u64::from_le_bytes(first)
    }
}

/// What a step brings.
#[derive(Debug, Clone, Default)]
pub struct Decision {
    /// What happened: to be journaled before anything else.
    pub facts: Vec<Fact>,
    /// Whether there is more to decide at once: the step was cut because it brought many facts.
    pub more: bool,
}

/// One round: the facts of a message, or of what can be done without any.
pub fn decide(state: &State, message: Message, inputs: &Inputs<'_>) -> Decision {
    let mut facts = match message {
        Message::Start(trigger) if state.begin.is_none() => {
            let duration =
                SignedDuration::try_from(inputs.limits.run_duration).unwrap_or(SignedDuration::MAX);
            let deadline = inputs.now.checked_add(duration).unwrap_or(Timestamp::MAX);
            vec![Fact::RunStarted { at: inputs.now, trigger, deadline }]
        }
        Message::Start(_) => Vec::new(),
        Message::Advance => advance::round(state, inputs),
        Message::Replied { path, attempt, outcome } => reply::reply(state, &path, attempt, outcome, inputs),
        Message::Accepted { path, reference } => reply::accepted(state, &path, &reference, inputs),
        Message::CalledBack { token, outputs } => reply::called_back(state, &token, outputs, inputs),
        Message::Cancel if state.end.is_none() && state.ending.is_none() => {
            let error = ActionError::new(codes::CANCELLED, "The run was cancelled.");
            advance::ended_early(state, inputs.now, RunStatus::Cancelled, ActionStatus::Cancelled, error)
        }
        Message::Cancel => Vec::new(),
    };
    tracked::track(state, inputs, &mut facts);
    Decision { facts, more: false }
}

/// Rounds until there is nothing more to do without news, or many facts are to be journaled. The facts are in
/// the state when this returns.
pub fn step(state: &mut State, message: Message, inputs: &Inputs<'_>) -> Decision {
    let mut all = decide(state, message, inputs);
    all.facts.iter().for_each(|fact| state.apply(fact));
    loop {
        if all.facts.len() >= FACTS_PER_STEP {
            all.more = true;
            return all;
        }
        let round = decide(state, Message::Advance, inputs);
        if round.facts.is_empty() {
            return all;
        }
        round.facts.iter().for_each(|fact| state.apply(fact));
        all.facts.extend(round.facts);
    }
}
