//! Trying a flow: a whole run in memory, with everything that would reach the outside held back and listed.
//!
//! A call that is held back is answered by what was given for it, else by what the same action brought in the
//! past run that is tried again, else by an assumed success without a body. Waits end at once: the run has a
//! clock of its own.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use serde_json::{Value, json};
use store::RunId;

use crate::connectors::CallOutcome;
use crate::history::{self, ActionDetail};
use crate::limits::Limits;
use crate::machine::{
    ActionError, ActionPath, ActionStatus, Deed, Doing, Effect, Inputs, Message, Plan, RunStatus, State,
    Trigger, step,
};

/// Steps of one trial. Ours: a person waits for it.
const STEPS: usize = 100_000;

/// Where a trial can be called back: nowhere.
const ADDRESS: &str = "https://dry-run.invalid";

/// How held-back calls are answered.
#[derive(Debug, Default)]
pub struct Answers {
    /// Bodies by action name, in lower case; the status is 200.
    given: BTreeMap<String, Value>,
    /// Outputs of a past run.
    recorded: BTreeMap<ActionPath, Value>,
}

impl Answers {
    /// The action of this name is answered with this body.
    pub fn give(&mut self, action: &str, body: Value) {
        self.given.insert(action.to_lowercase(), body);
    }

    /// Actions that succeeded in this run bring the same again.
    pub fn record(&mut self, past: &State) {
        let fine = past.records().filter(|(_, record)| record.status == ActionStatus::Succeeded);
        let outputs = fine.filter_map(|(path, record)| Some((path.clone(), record.outputs()?.clone())));
        self.recorded.extend(outputs);
    }

    fn to(&self, path: &ActionPath) -> (AnsweredBy, CallOutcome) {
        if let Some(body) = self.given.get(&path.name.to_lowercase()) {
            return (AnsweredBy::Given, CallOutcome::ok(body.clone()));
        }
        let same_name = || self.recorded.iter().find(|(other, _)| other.name == path.name);
        if let Some(outputs) = self.recorded.get(path).or_else(|| same_name().map(|(_, outputs)| outputs)) {
            return (AnsweredBy::PastRun, answer_of(outputs));
        }
        (AnsweredBy::Assumed, CallOutcome::ok(json!({})))
    }
}

fn answer_of(outputs: &Value) -> CallOutcome {
    let status = outputs.get("statusCode").and_then(Value::as_u64).and_then(|code| u16::try_from(code).ok());
    let headers = outputs.get("headers").and_then(Value::as_object).into_iter().flatten();
    let headers = headers.filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())));
    CallOutcome::Response {
        status_code: status.unwrap_or(200),
        headers: headers.collect(),
        body: outputs.get("body").cloned().unwrap_or_default(),
    }
}

/// Where the answer to a held-back call came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum AnsweredBy {
    /// The person who tries the flow gave it.
    Given,
    /// The same action brought it in the past run.
    PastRun,
    /// Nothing was known: a success with an empty object.
    Assumed,
}

/// A call that was not made.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct HeldBack {
    /// Which execution: `Send[3]`.
    pub action: String,
    /// `http`, or the connector's id.
    pub connector: String,
    /// The operation.
    pub operation: String,
    /// The connection that it would use.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connection: Option<String>,
    /// What would be sent; hidden when the flow says so.
    pub parameters: Value,
    /// Where its answer came from.
    pub answered_by: AnsweredBy,
}

/// What a trial came to.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DryRun {
    /// How the run would end; none when it waits for something that cannot come here.
    pub status: Option<RunStatus>,
    /// Why, unless it ended well.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<ActionError>,
    /// How long it would take by its own clock, answers not counted.
    #[serde(serialize_with = "seconds")]
    pub took: SignedDuration,
    /// Its actions, as the history would show them.
    pub actions: Vec<ActionDetail>,
    /// What would have been done outside, in order.
    pub held_back: Vec<HeldBack>,
}

fn seconds<S: serde::Serializer>(took: &SignedDuration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(took.as_secs_f64())
}

/// Runs `plan` from `trigger` at `begin`, holding back every call.
pub fn dry_run(
    plan: &Arc<Plan>,
    flow: &str,
    trigger: Trigger,
    answers: &Answers,
    begin: Timestamp,
    limits: &Limits,
) -> DryRun {
    let mut trial = Trial {
        state: State::new(Arc::clone(plan), RunId::fresh(), flow),
        answers,
        limits,
        now: begin,
        held_back: Vec::new(),
    };
    trial.go(trigger);
    let end = trial.state.end().cloned();
    DryRun {
        status: end.as_ref().map(|end| end.status),
        error: end.and_then(|end| end.error),
        took: trial.now.duration_since(begin),
        actions: history::actions(&trial.state),
        held_back: trial.held_back,
    }
}

struct Trial<'a> {
    state: State,
    answers: &'a Answers,
    limits: &'a Limits,
    now: Timestamp,
    held_back: Vec<HeldBack>,
}

impl Trial<'_> {
    fn go(&mut self, mut trigger: Trigger) {
        // Whoever tries the flow waits for its Response.
        trigger.caller.waits = true;
        let mut messages = vec![Message::Start(trigger)];
        for _ in 0..STEPS {
            for message in std::mem::take(&mut messages) {
                let inputs = Inputs {
                    now: self.now,
                    seed: 1,
                    limits: self.limits,
                    journal_bytes: 0,
                    address: Some(ADDRESS),
                };
                if step(&mut self.state, message, &inputs).more {
                    messages.push(Message::Advance);
                }
            }
            if self.state.end().is_some() {
                return;
            }
            let due = self.state.unfinished_effects(self.now);
            messages.extend(due.iter().map(|effect| self.hold_back(effect)));
            if messages.is_empty() {
                let Some(next) = self.state.next_due(self.now) else { return };
                self.now = next;
                messages.push(Message::Advance);
            }
        }
    }

    fn hold_back(&mut self, effect: &Effect) -> Message {
        let (answered_by, outcome) = self.answers.to(&effect.path);
        let secret = history::hides_inputs(&self.state, &effect.path);
        let (connector, operation, connection, parameters) = match &effect.deed {
            Deed::StartChild(child) => ("flow".to_owned(), child.flow.clone(), None, child.outputs.clone()),
            Deed::Call(call) | Deed::Subscribe(call) | Deed::Unsubscribe(call) => {
                let target = call.target.clone();
                (target.api_id, target.operation_id, target.connection, call.parameters.clone())
            }
        };
        let parameters = if secret { history::hidden() } else { parameters };
        let action = effect.path.to_string();
        self.held_back.push(HeldBack { action, connector, operation, connection, parameters, answered_by });
        match (self.waits_for_call(effect), outcome) {
            (Some(token), CallOutcome::Response { headers, body, .. }) => {
                Message::CalledBack { token, outputs: json!({"headers": headers, "body": body}) }
            }
            (_, outcome) => Message::Replied { path: effect.path.clone(), attempt: effect.attempt, outcome },
        }
    }

    /// The secret under which the answer to a subscription comes.
    fn waits_for_call(&self, effect: &Effect) -> Option<String> {
        let subscribes = matches!(effect.deed, Deed::Subscribe(_));
        let (_, record) = self.state.records().find(|(path, _)| subscribes && **path == effect.path)?;
        match &record.doing {
            Doing::Subscription { token, .. } => Some(token.clone()),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::definitions;
    use crate::machine::Caller;

    fn plan() -> Arc<Plan> {
        let document = json!({
            "triggers": {"manual": {"type": "Request", "kind": "Button", "inputs": {"schema": {}}}},
            "actions": {
                "Pause": {"type": "Wait", "inputs": {"interval": {"count": 2, "unit": "Hour"}}, "runAfter": {}},
                "Ask": {"type": "Http", "runAfter": {"Pause": ["Succeeded"]},
                        "inputs": {"method": "GET", "uri": "https://a.test/@{triggerBody()?['id']}"}},
                "Tell": {"type": "Http", "runAfter": {"Ask": ["Succeeded"]},
                         "runtimeConfiguration": {"secureData": {"properties": ["inputs"]}},
                         "inputs": {"method": "POST", "uri": "https://a.test/tell",
                                    "body": "@body('Ask')?['name']"}},
            },
        });
        let (compiled, findings) = definitions::check(&document.to_string());
        compiled.unwrap_or_else(|| panic!("{findings:#?}")).plan
    }

    fn fired() -> Trigger {
        let outputs = json!({"body": {"id": 7}}).into();
        Trigger { name: "manual".to_owned(), outputs, origin: "test".to_owned(), caller: Caller::default() }
    }

    #[test]
    fn calls_are_held_back_and_listed_and_waits_end_at_once() {
        let mut answers = Answers::default();
        answers.give("ask", json!({"name": "Ada"}));
        let tried = dry_run(&plan(), "f", fired(), &answers, Timestamp::UNIX_EPOCH, &Limits::default());
        assert_eq!(tried.status, Some(RunStatus::Succeeded));
        assert_eq!(tried.took, SignedDuration::from_hours(2));
        let held: Vec<_> = tried.held_back.iter().map(|one| (one.action.as_str(), one.answered_by)).collect();
        assert_eq!(held, [("Ask", AnsweredBy::Given), ("Tell", AnsweredBy::Assumed)]);
        assert_eq!(tried.held_back[0].parameters["uri"], "https://a.test/7");
        assert_eq!(tried.held_back[1].parameters, history::hidden(), "secure inputs stay hidden");
    }

    #[test]
    fn a_past_run_answers_with_what_its_actions_brought() {
        let mut answers = Answers::default();
        answers.give("ask", json!({"name": "Ada"}));
        let mut past = State::new(plan(), RunId::fresh(), "f");
        let limits = Limits::default();
        let mut trial = Trial {
            state: past.clone(),
            answers: &answers,
            limits: &limits,
            now: Timestamp::UNIX_EPOCH,
            held_back: Vec::new(),
        };
        trial.go(fired());
        past.clone_from(&trial.state);
        let mut recorded = Answers::default();
        recorded.record(&past);
        let tried = dry_run(&plan(), "f", fired(), &recorded, Timestamp::UNIX_EPOCH, &limits);
        assert!(tried.held_back.iter().all(|one| one.answered_by == AnsweredBy::PastRun));
        let tell = tried.actions.iter().find(|action| action.name == "Ask").expect("it ran");
        assert_eq!(tell.outputs.as_ref().expect("it has outputs")["body"], json!({"name": "Ada"}));
    }

    #[test]
    fn a_run_that_waits_for_ever_is_shown_as_far_as_it_came() {
        let document = json!({
            "triggers": {"manual": {"type": "Request", "kind": "Button", "inputs": {"schema": {}}}},
            "actions": {"Loop": {"type": "Until", "expression": "@false", "runAfter": {},
                "limit": {"count": 5000, "timeout": "P1D"},
                "actions": {"Pause": {"type": "Wait", "inputs": {"interval": {"count": 1, "unit": "Hour"}}}}}},
        });
        let (compiled, findings) = definitions::check(&document.to_string());
        let plan = compiled.unwrap_or_else(|| panic!("{findings:#?}")).plan;
        let tried =
            dry_run(&plan, "f", fired(), &Answers::default(), Timestamp::UNIX_EPOCH, &Limits::default());
        assert_eq!(tried.status, Some(RunStatus::TimedOut));
        assert_eq!(tried.took, SignedDuration::from_hours(24));
    }
}
