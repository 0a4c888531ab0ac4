//! Every limit, passed by one.

// Helpers of tests are outside of test functions, where the lints do not know them as tests.
#![allow(clippy::unwrap_used, clippy::panic)]

use flow::connectors::CallOutcome;
use flow::definitions;
use flow::limits::{FACTS_PER_STEP, Limits};
use flow::machine::{ActionPath, ActionStatus, Caller, Inputs, Message, RunStatus, State, Trigger, step};
use jiff::Timestamp;
use serde_json::{Value, json};

fn begin(actions: Value, limits: &Limits, journal_bytes: usize) -> State {
    let document = json!({
        "triggers": {"manual": {"type": "Request", "kind": "Button", "inputs": {"schema": {}}}}, "actions": actions
    });
    let (compiled, findings) = definitions::check(&document.to_string());
    let compiled = compiled.unwrap_or_else(|| panic!("{findings:#?}"));
    let run = "run_00000000000000000000000000000001".parse().unwrap();
    let mut state = State::new(compiled.plan.clone(), run, "test");
    let trigger = Trigger {
        name: "manual".to_owned(),
        outputs: json!({}).into(),
        origin: "test".to_owned(),
        caller: Caller::default(),
    };
    let mut message = Message::Start(trigger);
    while tell(&mut state, message, limits, journal_bytes) {
        message = Message::Advance;
    }
    state
}

fn tell(state: &mut State, message: Message, limits: &Limits, journal_bytes: usize) -> bool {
    let now: Timestamp = "2026-01-05T10:00:00Z".parse().unwrap();
    let decision = step(state, message, &Inputs { now, seed: 1, limits, journal_bytes, address: None });
    assert!(decision.facts.len() < 2 * FACTS_PER_STEP, "one step brings a bounded number of facts");
    decision.more
}

fn status(state: &State, name: &str) -> ActionStatus {
    state.records().find(|(path, _)| path.name == name).unwrap().1.status
}

fn error(state: &State, name: &str) -> String {
    state.records().find(|(path, _)| path.name == name).unwrap().1.error.clone().unwrap().code
}

#[test]
fn elements_of_a_foreach() {
    let limits = Limits { foreach_items: 3, ..Limits::default() };
    let flow = |count: u32| {
        json!({"L": {"type": "Foreach", "foreach": format!("@range(0, {count})"),
                     "actions": {"X": {"type": "Compose", "inputs": 1}}}})
    };
    assert_eq!(begin(flow(3), &limits, 0).end().unwrap().status, RunStatus::Succeeded);
    let over = begin(flow(4), &limits, 0);
    assert_eq!(error(&over, "L"), "ForeachItemsExceeded");
}

#[test]
fn iterations_at_the_same_time() {
    let limits = Limits { foreach_repetitions: 2, ..Limits::default() };
    let state = begin(
        json!({"L": {"type": "Foreach", "foreach": "@range(0, 5)",
            "runtimeConfiguration": {"concurrency": {"repetitions": 3}},
            "actions": {"X": {"type": "Http", "inputs": {"method": "GET", "uri": "https://a.example/"}}}}}),
        &limits,
        0,
    );
    assert_eq!(state.unfinished_effects(Timestamp::MAX).len(), 2);
}

#[test]
fn iterations_of_an_until() {
    let limits = Limits { until_iterations: 3, ..Limits::default() };
    let state = begin(
        json!({"U": {"type": "Until", "expression": "@false", "limit": {"count": 4},
            "actions": {"X": {"type": "Compose", "inputs": 1}}}}),
        &limits,
        0,
    );
    assert_eq!(state.records().filter(|(path, _)| path.name == "X").count(), 3);
}

#[test]
fn actions_of_a_run() {
    let flow = json!({"A": {"type": "Compose", "inputs": 1},
        "B": {"type": "Compose", "inputs": 1, "runAfter": {"A": ["Succeeded"]}},
        "C": {"type": "Http", "inputs": {"method": "GET", "uri": "https://a.example/"}, "runAfter": {"B": ["Succeeded"]}}});
    let enough = begin(flow.clone(), &Limits { actions_per_run: 3, ..Limits::default() }, 0);
    assert!(enough.end().is_none());
    let over = begin(flow, &Limits { actions_per_run: 2, ..Limits::default() }, 0);
    assert_eq!(over.end().unwrap().error.as_ref().unwrap().code, "ActionLimitExceeded");
    assert_eq!(status(&over, "C"), ActionStatus::Cancelled);
}

#[test]
fn bytes_of_a_journal() {
    let limits = Limits { journal_bytes: 100, ..Limits::default() };
    let flow = json!({"A": {"type": "Compose", "inputs": 1}});
    assert_eq!(begin(flow.clone(), &limits, 100).end().unwrap().status, RunStatus::Succeeded);
    let over = begin(flow, &limits, 101);
    assert_eq!(over.end().unwrap().error.as_ref().unwrap().code, "JournalLimitExceeded");
}

#[test]
fn bytes_of_inputs_outputs_and_answers() {
    let limits = Limits { payload_bytes: 100, ..Limits::default() };
    let compose = |text: String| json!({"A": {"type": "Compose", "inputs": text}});
    assert_eq!(status(&begin(compose("x".repeat(98)), &limits, 0), "A"), ActionStatus::Succeeded);
    assert_eq!(error(&begin(compose("x".repeat(99)), &limits, 0), "A"), "ActionPayloadTooLarge");

    let call = json!({"A": {"type": "Http", "inputs": {"method": "GET", "uri": "https://a.example/"}}});
    for (length, wanted) in [(59, ActionStatus::Succeeded), (60, ActionStatus::Failed)] {
        let mut state = begin(call.clone(), &limits, 0);
        let outcome = CallOutcome::ok(json!("y".repeat(length)));
        let path = ActionPath::new("A", &[]);
        tell(&mut state, Message::Replied { path, attempt: 1, outcome }, &limits, 0);
        assert_eq!(status(&state, "A"), wanted, "{length}");
    }
}

#[test]
fn retries_of_an_action() {
    let limits = Limits { retries: 1, ..Limits::default() };
    let mut state = begin(
        json!({"A": {"type": "Http", "inputs": {"method": "GET", "uri": "https://a.example/",
            "retryPolicy": {"type": "fixed", "count": 2, "interval": "PT5S"}}}}),
        &limits,
        0,
    );
    for attempt in [1, 2] {
        let outcome =
            CallOutcome::Retryable { code: "X".to_owned(), message: String::new(), retry_after: None };
        let path = ActionPath::new("A", &[]);
        tell(&mut state, Message::Replied { path, attempt, outcome }, &limits, 0);
    }
    assert_eq!(status(&state, "A"), ActionStatus::Failed);
}

#[test]
fn facts_of_a_step() {
    let state = begin(
        json!({"L": {"type": "Foreach", "foreach": "@range(0, 2000)", "actions": {"X": {"type": "Compose", "inputs": 1}}}}),
        &Limits::default(),
        0,
    );
    assert_eq!(state.end().unwrap().status, RunStatus::Succeeded);
    assert_eq!(state.record_count(), 2001);
}
