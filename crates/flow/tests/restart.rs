//! Restarting a run: what was done stays done, what failed and what follows from it is done anew.

// Helpers of tests are outside of test functions, where the lints do not know them as tests.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::sync::Arc;

use flow::connectors::CallOutcome;
use flow::definitions;
use flow::limits::Limits;
use flow::machine::{
    ActionPath, Caller, Fact, Inputs, Message, Plan, RestartError, RunStatus, State, Trigger, failed,
    restart, step,
};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use store::RunId;

fn plan(actions: &Value) -> Arc<Plan> {
    let document = json!({
        "triggers": {"manual": {"type": "Request", "kind": "Button", "inputs": {"schema": {}}}},
        "actions": actions,
    });
    let (compiled, findings) = definitions::check(&document.to_string());
    compiled.unwrap_or_else(|| panic!("{findings:#?}")).plan
}

fn now() -> Timestamp {
    "2026-01-05T10:00:00Z".parse().unwrap()
}

fn trigger() -> Trigger {
    Trigger {
        name: "manual".to_owned(),
        outputs: json!({"body": {}}).into(),
        origin: "test".to_owned(),
        caller: Caller::default(),
    }
}

/// Runs to the end from these facts; gives the facts, the addresses called, and the state.
fn play(plan: &Arc<Plan>, begin: &[Fact], status: impl Fn(&str) -> u16) -> (Vec<Fact>, Vec<String>, State) {
    let id: RunId = "run_00000000000000000000000000000001".parse().unwrap();
    let mut state = State::new(plan.clone(), id, "test");
    begin.iter().for_each(|fact| state.apply(fact));
    let (mut facts, mut called) = (begin.to_vec(), Vec::new());
    let limits = Limits::default();
    let inputs = Inputs { now: now(), seed: 7, limits: &limits, journal_bytes: 0, address: None };
    let first = if begin.is_empty() { Message::Start(trigger()) } else { Message::Advance };
    let mut messages = vec![first];
    while state.end().is_none() {
        for message in std::mem::take(&mut messages) {
            facts.extend(step(&mut state, message, &inputs).facts);
        }
        for effect in state.unfinished_effects(now()) {
            let uri = effect.call().unwrap().parameters["uri"].as_str().unwrap().to_owned();
            let outcome =
                CallOutcome::Response { status_code: status(&uri), headers: [].into(), body: json!(uri) };
            called.push(uri);
            messages.push(Message::Replied { path: effect.path, attempt: effect.attempt, outcome });
        }
        assert!(state.end().is_some() || !messages.is_empty(), "the run waits for nothing");
    }
    (facts, called, state)
}

fn again(plan: &Plan, old: &[Fact], from: &[ActionPath]) -> Result<Vec<Fact>, RestartError> {
    restart(plan, old, from, trigger(), now(), now() + SignedDuration::from_hours(1))
}

fn call(uri: &str, after: Value) -> Value {
    json!({"type": "Http", "inputs": {"method": "POST", "uri": uri, "retryPolicy": {"type": "none"}},
           "runAfter": after})
}

#[test]
fn only_the_failed_action_and_its_followers_are_done_again() {
    let ok = json!(["Succeeded"]);
    let plan = plan(&json!({
        "First": call("https://a.test/1", json!({})),
        "Second": call("https://a.test/2", json!({"First": ok})),
        "Third": call("https://a.test/3", json!({"Second": ok})),
        "Aside": call("https://a.test/4", json!({"First": ok})),
    }));
    let (old, called, state) = play(&plan, &[], |uri| if uri.ends_with('2') { 400 } else { 200 });
    assert_eq!(called, ["https://a.test/1", "https://a.test/4", "https://a.test/2"]);
    assert_eq!(failed(&state), [ActionPath::new("Second", &[])]);
    let begin = again(&plan, &old, &failed(&state)).unwrap();
    let (_, called, state) = play(&plan, &begin, |_| 200);
    assert_eq!(called, ["https://a.test/2", "https://a.test/3"]);
    assert_eq!(state.end().unwrap().status, RunStatus::Succeeded);
}

#[test]
fn an_iteration_that_failed_is_done_again_and_the_others_are_not() {
    let plan = plan(&json!({
        "List": {"type": "InitializeVariable", "runAfter": {},
                 "inputs": {"variables": [{"name": "sent", "type": "array", "value": []}]}},
        "Loop": {"type": "Foreach", "foreach": "@createArray(1, 2, 3)", "runAfter": {"List": ["Succeeded"]},
                 "operationOptions": "Sequential", "actions": {
            "Send": call("https://a.test/@{item()}", json!({})),
            "Note": {"type": "AppendToArrayVariable", "runAfter": {"Send": ["Succeeded"]},
                     "inputs": {"name": "sent", "value": "@item()"}}}},
        "After": {"type": "Compose", "inputs": "@variables('sent')", "runAfter": {"Loop": ["Succeeded"]}},
    }));
    let (old, called, state) = play(&plan, &[], |uri| if uri.ends_with('2') { 500 } else { 200 });
    assert_eq!((called.len(), state.end().unwrap().status), (3, RunStatus::Failed));
    assert_eq!(failed(&state), [ActionPath::new("Send", &[1])]);
    let begin = again(&plan, &old, &failed(&state)).unwrap();
    let (_, called, state) = play(&plan, &begin, |_| 200);
    assert_eq!(called, ["https://a.test/2"]);
    assert_eq!(state.end().unwrap().status, RunStatus::Succeeded);
    let sent = state.variables().find(|variable| variable.name == "sent").unwrap();
    assert_eq!(sent.value, json!([1, 3, 2]));
    let after = state.records().find(|(path, _)| path.name == "After").unwrap().1;
    assert_eq!(after.outputs(), Some(&json!([1, 3, 2])));
}

#[test]
fn iterations_of_an_until_after_the_restarted_one_are_gone() {
    let plan = plan(&json!({
        "Number": {"type": "InitializeVariable", "runAfter": {},
                   "inputs": {"variables": [{"name": "n", "type": "integer", "value": 0}]}},
        "Loop": {"type": "Until", "expression": "@equals(variables('n'), 3)", "limit": {"count": 9},
                 "runAfter": {"Number": ["Succeeded"]}, "actions": {
            "Send": call("https://a.test/@{variables('n')}", json!({})),
            "Count": {"type": "IncrementVariable", "inputs": {"name": "n", "value": 1},
                      "runAfter": {"Send": ["Succeeded", "Failed"]}}}},
    }));
    let (old, called, _) = play(&plan, &[], |_| 200);
    assert_eq!(called.len(), 3);
    let begin = again(&plan, &old, &[ActionPath::new("Send", &[1])]).unwrap();
    let (_, called, state) = play(&plan, &begin, |_| 200);
    assert_eq!(called, ["https://a.test/1", "https://a.test/2"]);
    assert_eq!(state.end().unwrap().status, RunStatus::Succeeded);
}

#[test]
fn what_was_not_reached_is_said_and_so_is_an_action_that_is_not_there() {
    let plan = plan(&json!({
        "Ask": {"type": "If", "runAfter": {}, "expression": "@equals(1, 1)",
                "actions": {"Yes": call("https://a.test/yes", json!({}))},
                "else": {"actions": {"No": call("https://a.test/no", json!({}))}}},
    }));
    let (old, _, state) = play(&plan, &[], |_| 200);
    assert!(failed(&state).is_empty());
    assert_eq!(again(&plan, &old, &[]).unwrap_err(), RestartError::NothingFailed);
    let no = ActionPath::new("No", &[]);
    assert_eq!(
        again(&plan, &old, std::slice::from_ref(&no)).unwrap_err(),
        RestartError::NotReached(no, "Ask".to_owned())
    );
    let odd = ActionPath::new("Odd", &[]);
    assert_eq!(again(&plan, &old, &[odd]).unwrap_err(), RestartError::UnknownAction("Odd".to_owned()));
}

#[test]
fn a_changed_version_does_the_rest_in_its_own_way() {
    let ok = json!(["Succeeded"]);
    let first = plan(&json!({
        "First": call("https://a.test/1", json!({})),
        "Second": call("https://a.test/2", json!({"First": ok})),
    }));
    let (old, _, state) = play(&first, &[], |uri| if uri.ends_with('2') { 400 } else { 200 });
    let second = plan(&json!({
        "First": call("https://a.test/1", json!({})),
        "Second": call("https://a.test/better", json!({"First": ok})),
        "Third": call("https://a.test/3", json!({"Second": ok})),
    }));
    let begin = again(&second, &old, &failed(&state)).unwrap();
    let (_, called, _) = play(&second, &begin, |_| 200);
    assert_eq!(called, ["https://a.test/better", "https://a.test/3"]);
}
