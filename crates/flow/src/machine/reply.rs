//! What an answer to a call does to a run.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};

use super::effect::UNSUBSCRIBES;
use super::fact::{ActionError, ActionPath, Doing, Fact, Payload};
use super::follow::{self, Answer};
use super::retry::{is_transient, retry_after};
use super::state::{Record, State};
use super::status::ActionStatus;
use super::{Inputs, codes, start};
use crate::connectors::CallOutcome;

/// The facts of an answer. One for an action that has ended meanwhile, or to an earlier attempt, brings none.
pub(super) fn reply(
    state: &State,
    path: &ActionPath,
    attempt: u32,
    outcome: CallOutcome,
    inputs: &Inputs<'_>,
) -> Vec<Fact> {
    let Some(record) = state.records.get(path) else { return Vec::new() };
    if attempt == UNSUBSCRIBES && state.owed.contains(path) {
        return vec![Fact::Unsubscribed { at: inputs.now, path: path.clone(), error: refusal(&outcome) }];
    }
    let expected = state.active.contains(path) && record.attempt() == attempt;
    if !expected || state.end.is_some() {
        return Vec::new();
    }
    match outcome {
        CallOutcome::Response { status_code, headers, body } if status_code < 400 => match &record.doing {
            Doing::Subscription { .. } => accepted(state, path, "", inputs),
            Doing::Child { .. } => vec![done(path, status_code, &headers, body, inputs)],
            Doing::Call { target, follow, .. } => {
                let answer = Answer { status_code, headers: &headers, body: &body };
                let next = follow::next_call(path, record, target, follow, &answer, inputs);
                let body = if next.is_none() { follow::collected(record, body) } else { body };
                vec![next.unwrap_or_else(|| done(path, status_code, &headers, body, inputs))]
            }
            _ => Vec::new(),
        },
        CallOutcome::Response { status_code, headers, body } => {
            let code = codes::of_status(status_code);
            let error =
                ActionError::new(&code, format!("The call was answered with the status {status_code}."));
            let asked = headers.get("retry-after").and_then(|header| retry_after(header, inputs.now));
            if is_transient(status_code)
                && let Some(again) = again(state, path, record, &error, asked, inputs)
            {
                return vec![again];
            }
            let outputs = json!({"statusCode": status_code, "headers": headers, "body": body});
            vec![failed(path, error, start::within_limit(path, outputs, inputs.limits).ok(), inputs)]
        }
        CallOutcome::Retryable { code, message, retry_after } => {
            let error = ActionError::new(&code, message);
            let again = again(state, path, record, &error, retry_after, inputs);
            vec![again.unwrap_or_else(|| failed(path, error, None, inputs))]
        }
        CallOutcome::Later { after } => {
            let after = jiff::SignedDuration::try_from(after).unwrap_or(jiff::SignedDuration::MAX);
            let next = inputs.now.checked_add(after).unwrap_or(jiff::Timestamp::MAX);
            vec![Fact::CallPostponed { at: inputs.now, path: path.clone(), next }]
        }
        CallOutcome::Permanent { code, message } => {
            vec![failed(path, ActionError::new(&code, message), None, inputs)]
        }
    }
}

/// A call that was answered well, for good.
fn done(
    path: &ActionPath,
    status_code: u16,
    headers: &BTreeMap<String, String>,
    body: Value,
    inputs: &Inputs<'_>,
) -> Fact {
    let outputs = json!({"statusCode": status_code, "headers": headers, "body": body});
    match start::within_limit(path, outputs, inputs.limits) {
        Ok(outputs) => {
            let code = codes::of_status(status_code);
            end(path, ActionStatus::Succeeded, code, None, Some(outputs), inputs)
        }
        Err(error) => failed(path, error, None, inputs),
    }
}

/// Why a call was not answered well.
fn refusal(outcome: &CallOutcome) -> Option<ActionError> {
    match outcome {
        CallOutcome::Response { status_code, .. } if *status_code < 400 => None,
        CallOutcome::Response { status_code, .. } => Some(ActionError::new(
            &codes::of_status(*status_code),
            format!("The call was answered with the status {status_code}."),
        )),
        CallOutcome::Retryable { code, message, .. } | CallOutcome::Permanent { code, message } => {
            Some(ActionError::new(code, message.clone()))
        }
        CallOutcome::Later { .. } => {
            Some(ActionError::new("TooManyRequests", "The connection is at its limit.".to_owned()))
        }
    }
}

/// The other side took it: the action waits for what comes later.
pub(super) fn accepted(state: &State, path: &ActionPath, reference: &str, inputs: &Inputs<'_>) -> Vec<Fact> {
    let waits = |record: &Record| {
        matches!(record.doing, Doing::Subscription { .. } | Doing::Child { .. }) && !record.accepted
    };
    if !state.active.contains(path) || !state.records.get(path).is_some_and(waits) {
        return Vec::new();
    }
    let reference = (!reference.is_empty()).then(|| reference.to_owned());
    vec![Fact::Accepted { at: inputs.now, path: path.clone(), reference }]
}

/// Somebody called back: the action that waits for this secret ends. Nobody does for a second call.
pub(super) fn called_back(state: &State, token: &str, outputs: Value, inputs: &Inputs<'_>) -> Vec<Fact> {
    let waits = |path: &&ActionPath| {
        let doing = state.records.get(*path).map(|record| &record.doing);
        matches!(doing, Some(Doing::Subscription { token: own, .. }) if own == token)
    };
    let Some(path) = state.active.iter().find(waits) else { return Vec::new() };
    vec![match start::within_limit(path, outputs, inputs.limits) {
        Ok(outputs) => end(path, ActionStatus::Succeeded, codes::OK.to_owned(), None, Some(outputs), inputs),
        Err(error) => failed(path, error, None, inputs),
    }]
}

fn again(
    state: &State,
    path: &ActionPath,
    record: &Record,
    error: &ActionError,
    asked: Option<Duration>,
    inputs: &Inputs<'_>,
) -> Option<Fact> {
    let (Doing::Call { retry, .. } | Doing::Subscription { retry, .. }) = &record.doing else { return None };
    let gap = retry.gap(record.failing(), asked, chance(inputs.seed_for(state, path)))?;
    let next = inputs.now.checked_add(jiff::SignedDuration::try_from(gap).ok()?).ok()?;
    Some(Fact::AttemptFailed { at: inputs.now, path: path.clone(), error: error.clone(), next })
}

/// A number in 0..1 from the upper 53 bits of a seed.
fn chance(seed: u64) -> f64 {
    #[allow(clippy::cast_precision_loss)] // 53 bits fit a double exactly
    let numerator = (seed >> 11) as f64;
    numerator / 9_007_199_254_740_992.0
}

fn failed(path: &ActionPath, error: ActionError, outputs: Option<Payload>, inputs: &Inputs<'_>) -> Fact {
    let code = error.code.clone();
    end(path, ActionStatus::Failed, code, Some(error), outputs, inputs)
}

fn end(
    path: &ActionPath,
    status: ActionStatus,
    code: String,
    error: Option<ActionError>,
    outputs: Option<Payload>,
    inputs: &Inputs<'_>,
) -> Fact {
    Fact::ActionFinished { at: inputs.now, path: path.clone(), status, code, error, outputs }
}
