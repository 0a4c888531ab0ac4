//! What the machine wants done outside: calls, and only calls. Times are looked up with `State::next_due`.

use jiff::Timestamp;
use serde_json::Value;
use store::RunId;

use super::fact::{ActionPath, Doing, Fact, Target};
use super::state::{Record, State};

/// One attempt of one call.
#[derive(Debug, Clone, PartialEq)]
pub struct Effect {
    /// The action that calls.
    pub path: ActionPath,
    /// Which attempt it is, from 1.
    pub attempt: u32,
    /// Whom it calls.
    pub target: Target,
    /// With what.
    pub parameters: Value,
    /// The same for every attempt of this execution of this action, whatever crashes.
    pub idempotency_key: String,
    /// When the action is timed out, if it has a limit.
    pub deadline: Option<Timestamp>,
}

/// A hash of the run and of the execution.
pub(super) fn idempotency_key(run: &RunId, path: &ActionPath) -> String {
    let mut hasher = blake3::Hasher::new();
    hasher.update(run.as_str().as_bytes());
    hasher.update(&[0]);
    hasher.update(path.name.as_bytes());
    for index in &path.at {
        hasher.update(&[0]);
        hasher.update(&index.to_le_bytes());
    }
    hasher.finalize().to_hex().chars().take(32).collect()
}

/// The call that a fact begins.
pub(super) fn of_fact(state: &State, fact: &Fact) -> Option<Effect> {
    let Fact::ActionStarted { path, inputs, doing: Doing::Call { target, .. }, deadline, .. } = fact else {
        return None;
    };
    Some(Effect {
        path: path.clone(),
        attempt: 1,
        target: target.clone(),
        parameters: parameters(target, inputs.as_ref().map(super::Payload::value)),
        idempotency_key: idempotency_key(&state.run, path),
        deadline: *deadline,
    })
}

/// What the connector gets of an action's inputs: all for HTTP, the parameters for an operation.
fn parameters(target: &Target, inputs: Option<&Value>) -> Value {
    let Some(inputs) = inputs else { return Value::Null };
    if target.api_id == "http" {
        return inputs.clone();
    }
    inputs.get("parameters").cloned().unwrap_or(Value::Null)
}

impl State {
    /// The calls that are to be made or were made and have no answer: to be issued after a crash, and whenever
    /// a gap between attempts is over. Those whose gap is not over at `now` are left out.
    pub fn unfinished_effects(&self, now: Timestamp) -> Vec<Effect> {
        let records = self.active.iter().filter_map(|path| Some((path, self.records.get(path)?)));
        records
            .filter(|(_, record)| record.attempt_due() <= now)
            .filter_map(|(path, record)| self.effect(path, record))
            .collect()
    }

    fn effect(&self, path: &ActionPath, record: &Record) -> Option<Effect> {
        let Doing::Call { target, .. } = &record.doing else { return None };
        Some(Effect {
            path: path.clone(),
            attempt: record.attempt(),
            target: target.clone(),
            parameters: parameters(target, record.inputs()),
            idempotency_key: idempotency_key(&self.run, path),
            deadline: record.deadline,
        })
    }
}
