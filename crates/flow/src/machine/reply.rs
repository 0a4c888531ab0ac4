//! What an answer to a call does to a run.

use std::time::Duration;

use serde_json::json;

use super::fact::{ActionError, ActionPath, Doing, Fact, Payload};
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
    let expected = state.active.contains(path) && record.attempt() == attempt;
    if !expected || state.end.is_some() || !matches!(record.doing, Doing::Call { .. }) {
        return Vec::new();
    }
    match outcome {
        CallOutcome::Response { status_code, headers, body } if status_code < 400 => {
            let outputs = json!({"statusCode": status_code, "headers": headers, "body": body});
            match start::within_limit(path, outputs, inputs.limits) {
                Ok(outputs) => {
                    vec![end(
                        path,
                        ActionStatus::Succeeded,
                        codes::of_status(status_code),
                        None,
                        Some(outputs),
                        inputs,
                    )]
                }
                Err(error) => vec![failed(path, error, None, inputs)],
            }
        }
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
        CallOutcome::Permanent { code, message } => {
            vec![failed(path, ActionError::new(&code, message), None, inputs)]
        }
    }
}

fn again(
    state: &State,
    path: &ActionPath,
    record: &Record,
    error: &ActionError,
    asked: Option<Duration>,
    inputs: &Inputs<'_>,
) -> Option<Fact> {
    let Doing::Call { retry, .. } = &record.doing else { return None };
    let gap = retry.gap(record.attempt(), asked, chance(inputs.seed_for(state, path)))?;
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
