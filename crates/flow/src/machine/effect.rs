//! What the machine wants done outside. Times are looked up with `State::next_due`; the answer to a caller is in
//! the state, see `State::response`.
//!
//! A new kind of effect is one variant of [`Deed`], one arm in `State::effect`, and one in the runner.

use jiff::Timestamp;
use serde_json::{Value, json};
use store::RunId;

use super::fact::{ActionPath, Caller, Doing, Target};
use super::state::{Record, State};

/// One attempt of one deed.
#[derive(Debug, Clone, PartialEq)]
pub struct Effect {
    /// The action whose deed it is.
    pub path: ActionPath,
    /// Which attempt it is, from 1; [`UNSUBSCRIBES`] for the call that ends a subscription.
    pub attempt: u32,
    /// The same for every attempt of this deed of this execution, whatever crashes.
    pub idempotency_key: String,
    /// When the action is timed out, if it has a limit.
    pub deadline: Option<Timestamp>,
    /// What is to be done.
    pub deed: Deed,
}

/// What is to be done outside.
#[derive(Debug, Clone, PartialEq)]
pub enum Deed {
    /// A call; its answer is a `Message::Replied`.
    Call(Call),
    /// The call that begins a subscription. Its answer says only whether it was taken; what the action waits for
    /// comes as a `Message::CalledBack`.
    Subscribe(Call),
    /// The call that ends a subscription, when nobody waits any more.
    Unsubscribe(Call),
    /// Another flow is to be started, once for the idempotency key. A `Message::Accepted` says that it was, and a
    /// `Message::Replied` brings its Response, or why there is none.
    StartChild(StartChild),
}

/// Whom to call, and with what.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    /// Whom.
    pub target: Target,
    /// With what: the inputs of the HTTP action, or the parameters of the operation.
    pub parameters: Value,
}

/// A flow that is to be started by another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StartChild {
    /// Its name, or an id that ends with it.
    pub flow: String,
    /// Its trigger, when the definition names one.
    pub trigger: Option<String>,
    /// What its trigger gets: `{headers, body}`.
    pub outputs: Value,
    /// Who waits for it.
    pub caller: Caller,
}

/// The number of the attempt that ends a subscription: calls before it have smaller ones.
pub const UNSUBSCRIBES: u32 = u32::MAX;

impl Effect {
    /// The call, unless a flow is to be started.
    pub fn call(&self) -> Option<&Call> {
        match &self.deed {
            Deed::Call(call) | Deed::Subscribe(call) | Deed::Unsubscribe(call) => Some(call),
            Deed::StartChild(_) => None,
        }
    }
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

/// What the connector gets of an action's inputs: all for HTTP and for operations that are named by their path,
/// the parameters for those that are named.
fn parameters(target: &Target, inputs: Option<&Value>) -> Value {
    let Some(inputs) = inputs else { return Value::Null };
    if target.is_http() || target.is_raw() {
        return inputs.clone();
    }
    inputs.get("parameters").cloned().unwrap_or(Value::Null)
}

impl State {
    /// What is to be done, or was begun and has no answer: to be done (again) after a crash, and whenever a gap
    /// between attempts is over. What is not due at `now` is left out.
    pub fn unfinished_effects(&self, now: Timestamp) -> Vec<Effect> {
        let active = self.active.iter().filter_map(|path| Some((path, self.records.get(path)?)));
        let due = active.filter(|(_, record)| record.attempt_due() <= now);
        let owed = self.owed.iter().filter_map(|path| self.unsubscribe(path, self.records.get(path)?));
        due.filter_map(|(path, record)| self.effect(path, record)).chain(owed).collect()
    }

    fn effect(&self, path: &ActionPath, record: &Record) -> Option<Effect> {
        if record.accepted {
            return None;
        }
        let deed = match &record.doing {
            Doing::Call { target, .. } => {
                let next = record.request.as_ref().map(|request| request.value().clone());
                let parameters = next.unwrap_or_else(|| parameters(target, record.inputs()));
                Deed::Call(Call { target: target.clone(), parameters })
            }
            Doing::Subscription { target, callback, .. } => {
                let inputs = record.inputs();
                let parameters = if target.is_http() {
                    inputs?.get("subscribe")?.clone()
                } else {
                    with_callback(parameters(target, inputs), callback)
                };
                Deed::Subscribe(Call { target: target.clone(), parameters })
            }
            Doing::Child { flow, trigger } => Deed::StartChild(StartChild {
                flow: flow.clone(),
                trigger: trigger.clone(),
                outputs: child_outputs(record.inputs()),
                caller: self.as_caller(path),
            }),
            _ => return None,
        };
        let key = idempotency_key(&self.run, path);
        // Another page is another call, and must not be taken for a repetition of the first.
        let idempotency_key = if record.requests == 0 { key } else { format!("{key}-{}", record.requests) };
        Some(Effect {
            path: path.clone(),
            attempt: record.attempt(),
            idempotency_key,
            deadline: record.deadline,
            deed,
        })
    }

    /// This run, as a flow that it starts knows it.
    fn as_caller(&self, path: &ActionPath) -> Caller {
        let own = self.begin.as_ref().map(|begin| &begin.trigger.caller);
        let joined = own.and_then(|caller| caller.tracking_id.clone());
        Caller {
            waits: true,
            tracking_id: Some(joined.unwrap_or_else(|| self.run.to_string())),
            parent: Some((self.run.clone(), path.clone())),
            depth: own.map_or(0, |caller| caller.depth).saturating_add(1),
        }
    }

    fn unsubscribe(&self, path: &ActionPath, record: &Record) -> Option<Effect> {
        let Doing::Subscription { target, .. } = &record.doing else { return None };
        let parameters = record.inputs()?.get("unsubscribe")?.clone();
        Some(Effect {
            path: path.clone(),
            attempt: UNSUBSCRIBES,
            idempotency_key: format!("{}-u", idempotency_key(&self.run, path)),
            deadline: None,
            deed: Deed::Unsubscribe(Call { target: target.clone(), parameters }),
        })
    }
}

/// What the trigger of a flow gets of the inputs: headers and body.
fn child_outputs(inputs: Option<&Value>) -> Value {
    let part = |name: &str| inputs.and_then(|inputs| inputs.get(name)).cloned();
    json!({"headers": part("headers").unwrap_or_else(|| json!({})), "body": part("body").unwrap_or_default()})
}

/// A connector that calls back is told where.
fn with_callback(mut parameters: Value, callback: &str) -> Value {
    if parameters.is_null() {
        parameters = json!({});
    }
    if let Some(fields) = parameters.as_object_mut() {
        fields.insert(CALLBACK_PARAMETER.to_owned(), callback.into());
    }
    parameters
}

/// The parameter under which an operation that calls back is told the address.
pub const CALLBACK_PARAMETER: &str = "$callbackUrl";

/// The parameter under which an operation is asked for another page: the link that its last answer held.
pub const NEXT_LINK_PARAMETER: &str = "$nextLink";
