//! Run-after and the outcome of a run, against a naive reading of the rules, over random graphs of actions.

// Helpers of tests are outside of test functions, where the lints do not know them as tests.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::collections::BTreeMap;

use flow::definitions;
use flow::limits::Limits;
use flow::machine::{Caller, Inputs, Message, State, Trigger, step};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

const STATUSES: [&str; 4] = ["Succeeded", "Failed", "Skipped", "TimedOut"];

/// An action: how it ends when it runs, and what it runs after (an earlier action, a set of statuses).
#[derive(Debug, Clone)]
struct Action {
    ends: &'static str,
    after: BTreeMap<usize, Vec<&'static str>>,
}

fn graphs() -> impl Strategy<Value = Vec<Action>> {
    let ends = prop::sample::select(vec!["Succeeded", "Succeeded", "Failed", "TimedOut"]);
    let statuses = prop::sample::subsequence(STATUSES.to_vec(), 1..=4);
    let after = prop::collection::btree_map(0usize..8, statuses, 0..3);
    prop::collection::vec((ends, after), 1..8).prop_map(|list| {
        let cut = |(index, (ends, after)): (usize, (&'static str, BTreeMap<usize, Vec<&'static str>>))| {
            Action { ends, after: after.into_iter().filter(|(other, _)| *other < index).collect() }
        };
        list.into_iter().enumerate().map(cut).collect()
    })
}

/// The statuses and the run's status, straight from the words of the specification.
fn naive(graph: &[Action]) -> (Vec<&'static str>, &'static str) {
    let mut statuses: Vec<&'static str> = Vec::new();
    for action in graph {
        let runs = action.after.iter().all(|(other, named)| named.contains(&statuses[*other]));
        statuses.push(if runs { action.ends } else { "Skipped" });
    }
    let leaves = (0..graph.len()).filter(|leaf| graph.iter().all(|action| !action.after.contains_key(leaf)));
    let counted: Vec<&str> = leaves.flat_map(|leaf| stands_for(graph, &statuses, leaf)).collect();
    let run =
        ["Failed", "TimedOut"].into_iter().find(|status| counted.contains(status)).unwrap_or("Succeeded");
    (statuses, run)
}

fn stands_for(graph: &[Action], statuses: &[&'static str], leaf: usize) -> Vec<&'static str> {
    if statuses[leaf] != "Skipped" {
        return vec![statuses[leaf]];
    }
    graph[leaf].after.keys().flat_map(|before| stands_for(graph, statuses, *before)).collect()
}

fn document(graph: &[Action]) -> Value {
    let name = |index: usize| format!("A{index}");
    let action = |(index, action): (usize, &Action)| {
        let after: Map<String, Value> =
            action.after.iter().map(|(other, named)| (name(*other), json!(named))).collect();
        let body = json!({
            "type": "Http", "runAfter": after, "inputs": {"method": "GET", "uri": "https://a.example/"},
            "runtimeConfiguration": {"staticResult": {"name": action.ends, "staticResultOptions": "Enabled"}}
        });
        (name(index), body)
    };
    // The order of the document must not matter: the last action is written first.
    let actions: Map<String, Value> = graph.iter().enumerate().rev().map(action).collect();
    let results: Map<String, Value> =
        STATUSES.iter().map(|status| ((*status).to_owned(), json!({"status": status}))).collect();
    json!({
        "triggers": {"manual": {"type": "Request", "kind": "Button", "inputs": {"schema": {}}}},
        "actions": actions, "staticResults": results
    })
}

fn played(graph: &[Action]) -> (Vec<String>, String) {
    let (compiled, findings) = definitions::check(&document(graph).to_string());
    let compiled = compiled.unwrap_or_else(|| panic!("{findings:#?}"));
    let run = "run_00000000000000000000000000000001".parse().unwrap();
    let mut state = State::new(compiled.plan.clone(), run, "test");
    let trigger = Trigger {
        name: "manual".to_owned(),
        outputs: json!({}).into(),
        origin: "test".to_owned(),
        caller: Caller::default(),
    };
    let limits = Limits::default();
    let now = "2026-01-05T10:00:00Z".parse().unwrap();
    step(
        &mut state,
        Message::Start(trigger),
        &Inputs { now, seed: 1, limits: &limits, journal_bytes: 0, address: None },
    );
    let statuses = state.records().map(|(_, record)| record.status.name().to_owned()).collect();
    (statuses, state.end().unwrap().status.name().to_owned())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn any_graph_of_actions_ends_as_the_rules_say(graph in graphs()) {
        let (statuses, run) = naive(&graph);
        let (found, ended) = played(&graph);
        prop_assert_eq!(found, statuses);
        prop_assert_eq!(ended, run);
    }
}
