//! The definitions of `testdata/wdl`, and the limits, each passed by one.

#![allow(clippy::unwrap_used, clippy::panic)] // a test that cannot go on says so

use lang::wdl::{CdpEvent, Definition, Ending, RetryPolicy, TriggerKind, Work, limits};
use serde_json::{Value, json};
use std::fs;
use std::path::PathBuf;

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("testdata/wdl")
}

fn said(text: &str) -> String {
    let checked = Definition::parse(text);
    assert_eq!(
        checked.definition.is_some(),
        !checked.has_errors(),
        "a definition is given unless there are errors"
    );
    checked.diagnostics.iter().map(|found| format!("{found} at {}\n", found.pointer)).collect()
}

#[test]
fn every_definition_gets_what_is_written_beside_it() {
    let mut cases = 0;
    for entry in fs::read_dir(folder()).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        let expected = fs::read_to_string(path.with_extension("txt")).unwrap_or_default();
        let found = said(&fs::read_to_string(&path).unwrap());
        assert_eq!(found, expected, "{}", path.display());
        cases += 1;
    }
    assert!(cases >= 7, "the cases were not found");
}

fn all() -> Definition {
    Definition::parse(&fs::read_to_string(folder().join("all.json")).unwrap()).definition.unwrap()
}

#[test]
fn a_definition_keeps_what_the_engine_needs() {
    let definition = all();
    let trigger = &definition.triggers[0];
    let TriggerKind::Event { event, operation } = &trigger.kind else { panic!("{:?}", trigger.kind) };
    assert_eq!(*event, Some(CdpEvent::SegmentThresholdCrossed));
    assert_eq!(operation.parameters().as_value(), Some(&json!({"segment": "BigSpenders"})));
    assert!(trigger.single_instance && trigger.secure.outputs && !trigger.secure.inputs);
    assert_eq!((trigger.concurrency, trigger.maximum_waiting_runs), (Some(1), Some(10)));

    let post = definition.actions.find("post").unwrap();
    assert_eq!(
        post.run_after[0].statuses,
        [Ending::Succeeded, Ending::Failed, Ending::TimedOut, Ending::Skipped]
    );
    assert_eq!(post.retry, RetryPolicy::None);
    let Work::Connector { operation } = &post.work else { panic!("{:?}", post.work) };
    assert_eq!(operation.connector.as_deref(), Some("shared_teams"));
    assert_eq!(operation.connection.as_deref(), Some("marketing"));
    assert_eq!(operation.operation_id.as_deref(), Some("PostMessageToConversation"));

    let old = definition.actions.find("Old_post").unwrap();
    let Work::Connector { operation } = &old.work else { panic!("{:?}", old.work) };
    assert_eq!(operation.connection.as_deref(), Some("mail"));

    let ask = definition.actions.find("Ask").unwrap();
    assert!(ask.has_option("disableasyncpattern") && ask.secure.inputs);
    assert_eq!(ask.static_result.as_deref(), Some("Ask0"));
    let Work::Foreach { concurrency, .. } = &definition.actions.get("EACH").unwrap().work else { panic!() };
    assert_eq!(*concurrency, Some(3));
    let mut count = 0;
    definition.actions.walk(&mut |_| count += 1);
    assert_eq!(count, 21);
}

#[test]
fn the_wrapped_forms_are_the_same_definition() {
    let bare: Value = serde_json::from_str(&fs::read_to_string(folder().join("all.json")).unwrap()).unwrap();
    let wrapped = [
        json!({"definition": bare, "kind": "Stateful"}),
        json!({"name": "x", "properties": {"displayName": "x", "definition": bare, "connectionReferences": {}}}),
        json!({"resources": [{"type": "Microsoft.Web/connections"}, {"type": "Microsoft.Logic/workflows", "properties": {"definition": bare}}]}),
    ];
    for form in wrapped {
        let text = format!("\u{feff}{form}");
        let checked = Definition::parse(&text);
        assert!(checked.diagnostics.is_empty(), "{:?}", checked.diagnostics);
        assert_eq!(checked.definition.unwrap().actions.actions.len(), 11);
    }
}

fn codes(definition: &Value) -> Vec<&'static str> {
    Definition::parse(&definition.to_string()).diagnostics.iter().map(|found| found.code).collect()
}

fn flow(actions: Value) -> Value {
    json!({"triggers": {"manual": {"type": "Request"}}, "actions": actions})
}

fn many(count: usize, item: impl Fn(usize) -> Value) -> Value {
    Value::Object((0..count).map(|index| (format!("N{index}"), item(index))).collect())
}

#[test]
fn each_limit_holds_and_one_more_is_refused() {
    let compose = |_| json!({"type": "Compose", "inputs": 1});
    let named = |characters: usize| flow(json!({"x".repeat(characters): {"type": "Compose", "inputs": 1}}));
    let cases = |count: usize| {
        let cases = many(count, |index| json!({"case": index, "actions": {}}));
        flow(json!({"S": {"type": "Switch", "expression": 1, "cases": cases}}))
    };
    let variables = |count: usize| {
        let list: Vec<Value> =
            (0..count).map(|index| json!({"name": format!("v{index}"), "type": "string"})).collect();
        flow(json!({"I": {"type": "InitializeVariable", "inputs": {"variables": list}}}))
    };
    let parameters = |count: usize| {
        let mut flow = flow(json!({}));
        flow["parameters"] = many(count, |_| json!({"type": "string"}));
        flow
    };
    let triggers =
        |count: usize| json!({"triggers": many(count, |_| json!({"type": "Request"})), "actions": {}});
    let nested =
        |depth: usize| {
            let inner = json!({"Leaf": {"type": "Compose", "inputs": 1}});
            flow((0..depth).fold(
                inner,
                |inner, level| json!({format!("S{level}"): {"type": "Scope", "actions": inner}}),
            ))
        };
    let pairs: [(&str, Value, Value); 7] = [
        ("tooManyActions", flow(many(limits::ACTIONS, compose)), flow(many(limits::ACTIONS + 1, compose))),
        ("nameTooLong", named(limits::NAME_CHARACTERS), named(limits::NAME_CHARACTERS + 1)),
        ("tooManyCases", cases(limits::SWITCH_CASES), cases(limits::SWITCH_CASES + 1)),
        ("tooManyVariables", variables(limits::VARIABLES), variables(limits::VARIABLES + 1)),
        ("tooManyParameters", parameters(limits::PARAMETERS), parameters(limits::PARAMETERS + 1)),
        ("tooManyTriggers", triggers(limits::TRIGGERS), triggers(limits::TRIGGERS + 1)),
        ("nestedTooDeep", nested(limits::NESTING), nested(limits::NESTING + 1)),
    ];
    for (code, good, bad) in pairs {
        assert_eq!(codes(&good), Vec::<&str>::new(), "{code}");
        assert_eq!(codes(&bad), [code]);
    }
}

#[test]
fn a_flood_of_findings_is_cut_off_with_a_note() {
    let wrong =
        flow(many(limits::ACTIONS, |_| json!({"type": "Compose", "inputs": ["@nosuch()", "@nosuch2()"]})));
    let found = codes(&wrong);
    assert_eq!(found.len(), limits::DIAGNOSTICS + 1);
    assert_eq!(found.last(), Some(&"moreFindings"));
}

#[test]
fn a_document_that_is_too_large_is_refused_without_reading_it() {
    let definition = flow(json!({})).to_string();
    let sized = |bytes: usize| format!("{definition}{}", " ".repeat(bytes - definition.len()));
    assert!(Definition::parse(&sized(limits::DOCUMENT_BYTES)).definition.is_some());
    assert_eq!(Definition::parse(&sized(limits::DOCUMENT_BYTES + 1)).diagnostics[0].code, "documentTooLarge");
}

#[test]
fn a_definition_with_far_too_many_actions_is_answered_all_the_same() {
    // Quadratic work over these counts would take minutes.
    let actions = many(30_000, |index| {
        let names = json!({format!("N{}", index + 1): [], format!("M{index}"): []});
        json!({"type": "Compose", "inputs": "@variables('zzz')", "runAfter": names})
    });
    let text = flow(actions).to_string();
    assert!(text.len() < limits::DOCUMENT_BYTES);
    let checked = Definition::parse(&text);
    assert!(checked.diagnostics.iter().any(|found| found.code == "tooManyActions"));
}
