//! Runs the machine over the cases in `testdata/machine/*.json`. A case is a definition's parts, a trigger, a
//! script of what happens outside, and what the run must look like. Adding a case adds no Rust.
//!
//! Every case is also run with a crash after each step: the journal is written as JSON, read back, and folded
//! into a new state, which must go on as if nothing had happened.

// Helpers of tests are outside of test functions, where the lints do not know them as tests.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::collections::BTreeMap;
use std::sync::Arc;

use flow::connectors::CallOutcome;
use flow::definitions;
use flow::limits::Limits;
use flow::machine::{
    ActionPath, Caller, Deed, Doing, Effect, Fact, Inputs, Message, Plan, State, Trigger, UNSUBSCRIBES, step,
};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};
use store::RunId;

struct World {
    plan: Arc<Plan>,
    state: State,
    journal: Vec<String>,
    now: Timestamp,
    limits: Limits,
    crashes: bool,
}

impl World {
    fn new(case: &Value, crashes: bool) -> Self {
        let (compiled, findings) = definitions::check(&document(case));
        let compiled = compiled.unwrap_or_else(|| panic!("{}: {findings:#?}", case["about"]));
        let state = State::new(compiled.plan.clone(), run_id(), "test");
        let now = "2026-01-05T10:00:00Z".parse().unwrap();
        Self { plan: compiled.plan, state, journal: Vec::new(), now, limits: Limits::default(), crashes }
    }

    fn tell(&mut self, message: Message) {
        let inputs = Inputs {
            now: self.now,
            seed: 7,
            limits: &self.limits,
            journal_bytes: 0,
            address: Some("https://weir.example/"),
        };
        let decision = step(&mut self.state, message, &inputs);
        self.journal.extend(decision.facts.iter().map(|fact| serde_json::to_string(fact).unwrap()));
        if self.crashes {
            let mut again = State::new(self.plan.clone(), run_id(), "test");
            for text in &self.journal {
                again.apply(&serde_json::from_str::<Fact>(text).unwrap());
            }
            assert_eq!(
                self.state.unfinished_effects(self.now),
                again.unfinished_effects(self.now),
                "what is to be done after a crash"
            );
            self.state = again;
        }
    }

    fn tell_and_rest(&mut self, message: Message) {
        self.tell(message);
        let before = self.journal.len();
        self.tell(Message::Advance);
        assert_eq!(self.journal.len(), before, "a step goes on until there is nothing to do");
    }
}

fn run_id() -> RunId {
    "run_00000000000000000000000000000001".parse().unwrap()
}

fn document(case: &Value) -> String {
    json!({
        "$schema": "https://schema.management.azure.com/providers/Microsoft.Logic/schemas/2016-06-01/workflowdefinition.json#",
        "contentVersion": "1.0.0.0",
        "parameters": case.get("parameters").cloned().unwrap_or(json!({})),
        "triggers": {"manual": {"type": "Request", "kind": "Button", "inputs": {"schema": {}}}},
        "actions": case["actions"],
        "staticResults": case.get("staticResults").cloned().unwrap_or(json!({})),
        "outputs": {}
    })
    .to_string()
}

fn path(text: &str) -> ActionPath {
    let mut parts = text.split('[');
    let name = parts.next().unwrap();
    let at: Vec<u32> = parts.map(|index| index.trim_end_matches(']').parse().unwrap()).collect();
    ActionPath::new(name, &at)
}

fn outcome(line: &Value) -> CallOutcome {
    let code = |key: &str| line.get(key).and_then(Value::as_str).map(str::to_owned);
    if let Some(code) = code("permanent") {
        return CallOutcome::Permanent { message: "as the script says".to_owned(), code };
    }
    if let Some(code) = code("retryable") {
        return CallOutcome::Retryable { message: "as the script says".to_owned(), code, retry_after: None };
    }
    let headers: BTreeMap<String, String> = line
        .get("headers")
        .map(|headers| serde_json::from_value(headers.clone()).unwrap())
        .unwrap_or_default();
    CallOutcome::Response {
        status_code: line["status"].as_u64().unwrap() as u16,
        headers,
        body: line.get("body").cloned().unwrap_or(Value::Null),
    }
}

fn play(case: &Value, crashes: bool) {
    let about = case["about"].as_str().unwrap();
    let mut world = World::new(case, crashes);
    let outputs = case.get("trigger").cloned().unwrap_or(json!({}));
    let caller = Caller { waits: case.get("waits").is_some(), ..Caller::default() };
    let origin = "test".to_owned();
    let trigger = Trigger { name: "manual".to_owned(), outputs: outputs.into(), origin, caller };
    world.tell_and_rest(Message::Start(trigger));
    for line in case.get("script").and_then(Value::as_array).into_iter().flatten() {
        if let Some(who) = line.get("reply") {
            let attempt = line.get("attempt").and_then(Value::as_u64).unwrap_or(1) as u32;
            let path = path(who.as_str().unwrap());
            world.tell_and_rest(Message::Replied { path, attempt, outcome: outcome(line) });
        } else if let Some(who) = line.get("unsubscribed") {
            let path = path(who.as_str().unwrap());
            world.tell_and_rest(Message::Replied { path, attempt: UNSUBSCRIBES, outcome: outcome(line) });
        } else if let Some(who) = line.get("started") {
            let path = path(who.as_str().unwrap());
            world.tell_and_rest(Message::Accepted { path, reference: "run_child".to_owned() });
        } else if let Some(who) = line.get("callback") {
            let wanted = path(who.as_str().unwrap());
            let (_, record) = world.state.records().find(|(path, _)| **path == wanted).unwrap();
            let Doing::Subscription { token, .. } = record.doing.clone() else { panic!("{about}: {who}") };
            let outputs = json!({"headers": {}, "body": line["body"]});
            world.tell_and_rest(Message::CalledBack { token, outputs });
        } else if let Some(seconds) = line.get("wait") {
            world.now = world.now.checked_add(SignedDuration::from_secs(seconds.as_i64().unwrap())).unwrap();
            world.tell_and_rest(Message::Advance);
        } else if line.get("cancel").is_some() {
            world.tell_and_rest(Message::Cancel);
        } else if let Some(calls) = line.get("calls") {
            check_calls(about, &world, calls);
        } else if let Some(expected) = line.get("expect") {
            for (name, expected) in expected.as_object().unwrap() {
                check_record(about, &world, name, expected);
            }
        } else {
            panic!("{about}: the script says {line}");
        }
    }
    check_end(about, case, &world);
}

fn shown(effect: &Effect) -> Value {
    let target = effect.call().map(|call| &call.target);
    let (deed, parameters) = match &effect.deed {
        Deed::Call(call) => ("call", call.parameters.clone()),
        Deed::Subscribe(call) => ("subscribe", call.parameters.clone()),
        Deed::Unsubscribe(call) => ("unsubscribe", call.parameters.clone()),
        Deed::StartChild(child) => ("startChild", child.outputs.clone()),
    };
    json!({
        "path": effect.path.to_string(), "deed": deed, "attempt": effect.attempt, "parameters": parameters,
        "api": target.map(|target| &target.api_id), "operation": target.map(|target| &target.operation_id),
        "connection": target.and_then(|target| target.connection.as_ref()), "key": effect.idempotency_key,
    })
}

fn check_calls(about: &str, world: &World, calls: &Value) {
    let found: Vec<Value> = world
        .state
        .unfinished_effects(world.now)
        .into_iter()
        .zip(calls.as_array().unwrap().iter().chain(std::iter::repeat(&Value::Null)))
        .map(|(effect, expected)| match expected {
            // Only what the case names is compared.
            Value::Object(fields) => {
                let shown = shown(&effect);
                fields.keys().map(|key| (key.clone(), shown[key.as_str()].clone())).collect()
            }
            _ => json!(effect.path.to_string()),
        })
        .collect();
    assert_eq!(Value::Array(found), *calls, "{about}: calls");
}

fn check_end(about: &str, case: &Value, world: &World) {
    let end = world.state.end().unwrap_or_else(|| {
        let open: Vec<String> =
            world.state.records().map(|(path, record)| format!("{path} {:?}", record.status)).collect();
        panic!("{about}: the run has not ended: {open:?}")
    });
    let mut found = end.status.name().to_owned();
    let expected = case["run"].as_str().unwrap();
    if expected.contains(' ') {
        found = format!("{found} {}", end.error.as_ref().map_or("", |error| error.code.as_str()));
    }
    assert_eq!(found, expected, "{about}: the run");
    let expected = case["expect"].as_object().unwrap();
    let found: Vec<String> = world.state.records().map(|(path, _)| path.to_string()).collect();
    let mut names: Vec<String> = expected.keys().cloned().collect();
    names.sort_by_key(|name| path(name));
    assert_eq!(found, names, "{about}: which actions have records");
    for (name, expected) in expected {
        check_record(about, world, name, expected);
    }
    let answer = world.state.response().map(|response| response.answer.value().clone());
    if case.get("response").is_some() || answer.is_some() {
        assert_eq!(answer.as_ref(), case.get("response"), "{about}: the response");
    }
    if let Some(variables) = case.get("variables") {
        let found: Map<String, Value> =
            world.state.variables().map(|variable| (variable.name.clone(), variable.value.clone())).collect();
        assert_eq!(Value::Object(found), *variables, "{about}: variables");
    }
}

fn check_record(about: &str, world: &World, name: &str, expected: &Value) {
    let wanted = path(name);
    let (_, record) = world
        .state
        .records()
        .find(|(path, _)| **path == wanted)
        .unwrap_or_else(|| panic!("{about}: {name} has no record"));
    let status = record.status.name();
    if let Value::String(text) = expected {
        let found = if text.contains(' ') { format!("{status} {}", record.code) } else { status.to_owned() };
        assert_eq!(found, *text, "{about}: {name}: {:?}", record.error);
        return;
    }
    for (key, expected) in expected.as_object().unwrap() {
        let error = record.error.as_ref();
        let found = match key.as_str() {
            "status" => json!(status),
            "code" => json!(record.code),
            "error" => json!(error.map(|error| error.code.clone())),
            "inputs" => json!(record.inputs()),
            "outputs" => json!(record.outputs()),
            "retries" => json!(record.attempts.len()),
            "tracked" => json!(record.tracked),
            "reference" => json!(record.reference),
            "message" => {
                let message = error.map(|error| error.message.clone()).unwrap_or_default();
                let part = expected.as_str().unwrap();
                assert!(message.contains(part), "{about}: {name}: {message:?} does not contain {part:?}");
                continue;
            }
            other => panic!("{about}: the case expects {other}"),
        };
        assert_eq!(found, *expected, "{about}: {name}.{key}: {error:?}");
    }
}

fn play_file(name: &str) {
    let file = format!("{}/testdata/machine/{name}.json", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&file).unwrap();
    let cases: Vec<Value> = serde_json::from_str(&text).unwrap();
    assert!(!cases.is_empty());
    for case in &cases {
        play(case, false);
        play(case, true);
    }
}

#[test]
fn run_after_and_statuses() {
    play_file("run_after");
}

#[test]
fn calls_and_retries() {
    play_file("calls");
}

#[test]
fn branches_and_ends() {
    play_file("branches");
}

#[test]
fn loops() {
    play_file("loops");
}

#[test]
fn variables() {
    play_file("variables");
}

#[test]
fn responses_children_and_callbacks() {
    play_file("outward");
}

#[test]
fn answers_that_are_not_the_whole_answer() {
    play_file("follow");
}

#[test]
fn helpers_of_the_designer() {
    play_file("helpers");
}

#[test]
fn tracked_properties_and_records() {
    play_file("records");
}

#[test]
fn values_and_waits() {
    play_file("values");
}
