//! Starting what reaches outside: calls, subscriptions, other flows, and the answer to the caller.

use lang::expr::{Tree, text_of};
use lang::wdl::{Operation, RetryPolicy as WrittenRetry, Work};
use serde_json::{Value, json};
use store::RunId;

use super::effect::idempotency_key;
use super::fact::{ActionError, ActionPath, Doing, Fact, Follow, Target};
use super::plan::Node;
use super::scope::Scope;
use super::start::{Started, Then, invalid};
use super::state::State;
use super::{Inputs, codes, settings};

/// The address that is called back: below the instance's own, with a secret that nobody can guess.
pub fn callback_url(address: &str, run: &RunId, token: &str) -> String {
    format!("{}/api/flow-callbacks/{run}/{token}", address.trim_end_matches('/'))
}

/// What an action that reaches outside begins with.
pub(super) fn start(
    state: &State,
    inputs: &Inputs<'_>,
    node: &Node,
    path: &ActionPath,
    scope: &Scope<'_>,
) -> Result<Started, ActionError> {
    let value = |tree: &Tree| tree.evaluate(scope).map_err(|error| invalid(&node.name, &error));
    match &node.action.work {
        Work::Http { inputs: tree } => call(node, Target::http(), value(tree)?, scope, inputs),
        Work::Connector { operation } => {
            let given = value(&operation.inputs)?;
            call(node, target_of(state, operation, &given), given, scope, inputs)
        }
        Work::HttpWebhook { .. } | Work::ConnectorWebhook { .. } => subscribe(state, inputs, node, path),
        Work::Workflow { flow, trigger, inputs: tree } => {
            let flow = flow_name(&value(flow)?);
            let trigger = trigger.as_ref().map(&value).transpose()?.map(|name| text_of(&name));
            Ok(Started::does(Some(value(tree)?), Doing::Child { flow, trigger }))
        }
        Work::Response { status_code, headers, body } => {
            let optional = |tree: &Option<Tree>| tree.as_ref().map(&value).transpose();
            let status_code = status(&node.name, &value(status_code)?)?;
            let answer =
                json!({"statusCode": status_code, "headers": optional(headers)?, "body": optional(body)?});
            Ok(respond(state, inputs, node, path, answer))
        }
        _ => Err(ActionError::new(codes::NOT_SUPPORTED, "This action does not reach outside.")),
    }
}

fn call(
    node: &Node,
    target: Target,
    given: Value,
    scope: &Scope<'_>,
    inputs: &Inputs<'_>,
) -> Result<Started, ActionError> {
    let retry = settings::retry_policy(&node.name, &node.action.retry, scope, inputs.limits)?;
    let items = match &node.action.pagination {
        Some(tree) => {
            let count = tree.evaluate(scope).map_err(|error| invalid(&node.name, &error))?;
            let count = settings::whole_number(&node.name, "minimumItemCount", &count)?;
            Some(count.min(inputs.limits.page_items))
        }
        None => None,
    };
    let polls = target.is_http() && !node.action.has_option("DisableAsyncPattern");
    Ok(Started::does(Some(given), Doing::Call { target, retry, follow: Follow { polls, items } }))
}

/// Which operation of which connector. One that is not named by an id is named by its method and path.
fn target_of(state: &State, operation: &Operation, given: &Value) -> Target {
    let named = operation.connector.as_deref().unwrap_or_default();
    let key = operation.connection.as_deref().filter(|key| *key == named);
    let api_id = key.and_then(|key| state.plan.api_of_connection(key)).unwrap_or_else(|| named.to_owned());
    let operation_id = operation.operation_id.clone().unwrap_or_else(|| {
        let part = |name: &str| given.get(name).map(text_of).unwrap_or_default();
        format!("{} {}", part("method").to_ascii_uppercase(), part("path"))
    });
    Target { api_id, operation_id, connection: operation.connection.clone() }
}

/// Asks to be called back.
fn subscribe(
    state: &State,
    inputs: &Inputs<'_>,
    node: &Node,
    path: &ActionPath,
) -> Result<Started, ActionError> {
    let Some(address) = inputs.address else {
        let message = format!(
            "The action '{}' waits to be called back, but this instance has no address for that: the setting \
             for its public address is empty.",
            node.name
        );
        return Err(ActionError::new(codes::NO_ADDRESS, message));
    };
    let seed = inputs.seed_for(state, path);
    let token = token(state, path, seed);
    let callback = callback_url(address, &state.run, &token);
    let scope = Scope::new(state, &node.loops, &path.at, inputs.now, seed).of(path);
    let scope = scope.with_callback(Some(callback.clone()));
    let value = |tree: &Tree| tree.evaluate(&scope).map_err(|error| invalid(&node.name, &error));
    let retry = |written: &WrittenRetry| settings::retry_policy(&node.name, written, &scope, inputs.limits);
    let (target, given, retry) = match &node.action.work {
        Work::HttpWebhook { subscribe, unsubscribe, retry: written } => {
            let unsubscribe = unsubscribe.as_ref().map(&value).transpose()?;
            let given = json!({"subscribe": value(subscribe)?, "unsubscribe": unsubscribe});
            (Target::http(), given, retry(written)?)
        }
        Work::ConnectorWebhook { operation } => {
            let given = value(&operation.inputs)?;
            (target_of(state, operation, &given), given, retry(&node.action.retry)?)
        }
        _ => return Err(ActionError::new(codes::NOT_SUPPORTED, "This action does not subscribe.")),
    };
    Ok(Started::does(Some(given), Doing::Subscription { target, retry, token, callback }))
}

/// A secret of one execution; the seed is what nobody knows.
fn token(state: &State, path: &ActionPath, seed: u64) -> String {
    let mut hasher = blake3::Hasher::new();
    hasher.update(b"callback");
    hasher.update(&seed.to_le_bytes());
    hasher.update(idempotency_key(&state.run, path).as_bytes());
    hasher.finalize().to_hex().chars().take(32).collect()
}

/// The name of a flow: the text, or the last part of a path.
fn flow_name(value: &Value) -> String {
    let text = match value {
        Value::Object(fields) => fields.get("id").map(text_of).unwrap_or_default(),
        other => text_of(other),
    };
    text.rsplit('/').next().unwrap_or_default().to_owned()
}

fn status(name: &str, value: &Value) -> Result<u32, ActionError> {
    let status = settings::whole_number(name, "statusCode", value)?;
    if (100..=599).contains(&status) {
        return Ok(status);
    }
    let message = format!("The action '{name}' answers with the status {status}; a status is 100 to 599.");
    Err(ActionError::new(codes::BAD_REQUEST, message))
}

/// The answer to the caller, if there is one who still waits and has none.
fn respond(state: &State, inputs: &Inputs<'_>, node: &Node, path: &ActionPath, answer: Value) -> Started {
    let shown = Some(answer.clone());
    let begin = state.begin.as_ref();
    if !begin.is_some_and(|begin| begin.trigger.caller.waits) {
        let message = format!("The action '{}' is skipped: nobody waits for a response.", node.name);
        return Started {
            inputs: shown,
            then: Then::Skips(ActionError::new(codes::RESPONSE_SKIPPED, message)),
        };
    }
    if let Some(response) = &state.response {
        let message = format!(
            "The action '{}' answers a caller that has its answer from '{}'.",
            node.name, response.path
        );
        return Started::failed(shown, ActionError::new(codes::RESPONSE_REPEATED, message));
    }
    let waited = begin.map(|begin| inputs.now.duration_since(begin.at).unsigned_abs()).unwrap_or_default();
    let has_parent = begin.is_some_and(|begin| begin.trigger.caller.parent.is_some());
    let patient = has_parent || node.action.has_option("Asynchronous");
    if waited > inputs.limits.response_duration && !patient {
        let message = format!(
            "The action '{}' is failed: the caller waits for {} seconds and is gone.",
            node.name,
            inputs.limits.response_duration.as_secs()
        );
        return Started::failed(shown, ActionError::new(codes::RESPONSE_TIMED_OUT, message));
    }
    let responded = Fact::Responded { at: inputs.now, path: path.clone(), response: answer.clone().into() };
    let then = Then::Ends { code: codes::OK, outputs: Ok(Some(answer)), changes: vec![responded] };
    Started { inputs: shown, then }
}
