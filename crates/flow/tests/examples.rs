//! The ready flows in `examples/flows/`: no finding at all, the right trigger, and the right message.

// Helpers of tests are outside of test functions, where the lints do not know them as tests.
#![allow(clippy::unwrap_used, clippy::panic)]

use flow::definitions;
use flow::limits::Limits;
use flow::machine::{Call, Caller, Inputs, Message, State, Trigger, step};
use flow::triggers::FlowTrigger;
use serde_json::{Value, json};

fn document(name: &str) -> String {
    let file = format!("{}/../../examples/flows/{name}.json", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(file).unwrap()
}

/// The one call that the flow makes for an event with this data.
fn call(name: &str, data: Value) -> Call {
    let (compiled, findings) = definitions::check(&document(name));
    assert!(findings.is_empty(), "{findings:#?}");
    let run = "run_00000000000000000000000000000001".parse().unwrap();
    let mut state = State::new(compiled.unwrap().plan, run, name);
    let outputs = json!({"body": data}).into();
    let trigger =
        Trigger { name: "When".to_owned(), outputs, origin: "evt_1".to_owned(), caller: Caller::default() };
    let now = "2026-01-05T10:00:00Z".parse().unwrap();
    let limits = Limits::default();
    step(
        &mut state,
        Message::Start(trigger),
        &Inputs { now, seed: 1, limits: &limits, journal_bytes: 0, address: None },
    );
    let mut calls = state.unfinished_effects(now);
    assert_eq!(calls.len(), 1, "{:?}", state.end());
    calls.remove(0).call().cloned().unwrap()
}

fn wants(name: &str) -> (&'static str, usize) {
    match definitions::check(&document(name)).0.unwrap().trigger {
        FlowTrigger::Event(want) => (want.event_type, want.filter.len()),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_card_is_posted_when_a_refresh_fails() {
    let name = "teams-when-a-refresh-fails";
    assert_eq!(wants(name), ("weir.dataSource.refreshFailed", 0));
    let call =
        call(name, json!({"dataSource": "eCommerce", "code": "badQuote", "message": "Contact.csv, line 7"}));
    assert_eq!(
        (call.target.api_id.as_str(), call.target.connection.as_deref()),
        ("shared_teams", Some("marketing-channel"))
    );
    let card = &call.parameters["body/messageBody"];
    assert_eq!(card["type"], "AdaptiveCard");
    assert_eq!(card["body"][0]["text"], "The refresh of eCommerce failed");
    assert_eq!(card["body"][1]["text"], "Contact.csv, line 7");
}

#[test]
fn a_mail_is_sent_when_a_segment_crosses() {
    let name = "email-when-a-segment-crosses";
    assert_eq!(wants(name), ("weir.segment.thresholdCrossed", 0));
    let data = json!({"segment": "BigSpenders", "threshold": "big", "direction": "above", "level": 1000,
        "previousValue": 950, "value": 1012, "sentence": "rose above 1,000 (950 → 1,012)"});
    let call = call(name, data);
    assert_eq!(
        (call.target.api_id.as_str(), call.target.operation_id.as_str()),
        ("shared_office365", "SendEmailV2")
    );
    assert_eq!(call.parameters["emailMessage/To"], "data-owners@example.com");
    assert_eq!(call.parameters["emailMessage/Subject"], "BigSpenders: rose above 1,000 (950 → 1,012)");
    assert!(call.parameters["emailMessage/Body"].as_str().unwrap().contains("950 &rarr; 1012"));
}
