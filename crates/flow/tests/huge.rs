//! Definitions that are too large get clear errors, quickly.

// Helpers of tests are outside of test functions, where the lints do not know them as tests.
#![allow(clippy::unwrap_used, clippy::panic)]

use flow::definitions;
use serde_json::{Map, Value, json};

fn codes(actions: Value) -> Vec<&'static str> {
    let document = json!({"triggers": {"manual": {"type": "Request", "inputs": {}}}, "actions": actions});
    let (compiled, findings) = definitions::check(&document.to_string());
    assert!(compiled.is_none());
    findings.iter().map(|finding| finding.code).collect()
}

#[test]
fn ten_thousand_actions_in_a_row() {
    let action = |index: usize| {
        let after = if index == 0 { json!({}) } else { json!({format!("A{}", index - 1): ["Succeeded"]}) };
        (format!("A{index}"), json!({"type": "Compose", "inputs": "@outputs('A0')", "runAfter": after}))
    };
    let actions: Map<String, Value> = (0..10_000).map(action).collect();
    assert!(codes(Value::Object(actions)).contains(&"tooManyActions"));
}

#[test]
fn a_hundred_scopes_in_each_other() {
    let mut actions = json!({"Last": {"type": "Compose", "inputs": 1}});
    for depth in 0..100 {
        actions = json!({format!("S{depth}"): {"type": "Scope", "actions": actions}});
    }
    assert!(!codes(actions).is_empty());
}

#[test]
fn a_circle_of_five_hundred() {
    let action = |index: usize| {
        let after = json!({format!("A{}", (index + 499) % 500): ["Succeeded"]});
        (format!("A{index}"), json!({"type": "Compose", "inputs": 1, "runAfter": after}))
    };
    let actions: Map<String, Value> = (0..500).map(action).collect();
    assert!(codes(Value::Object(actions)).contains(&"runAfterCycle"));
}
