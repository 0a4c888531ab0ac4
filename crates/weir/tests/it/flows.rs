//! Flows by the command line: trying one, and doing again what failed.

use serde_json::json;

use crate::support::receiver::{Receiver, Reply};
use crate::support::shop::{bare, manual_flow};
use crate::support::{Project, with};

fn post(url: &str, after: serde_json::Value) -> serde_json::Value {
    json!({"type": "Http", "runAfter": after,
           "inputs": {"method": "POST", "uri": url, "body": "@triggerBody()", "retryPolicy": {"type": "none"}}})
}

/// A flow that posts to `first`, then to `second`.
async fn posting(receiver: &Receiver) -> Project {
    let project = bare();
    let actions = json!({
        "First": post(&receiver.url("/first"), json!({})),
        "Second": post(&receiver.url("/second"), json!({"First": ["Succeeded"]})),
    });
    project.write("flows/send.json", manual_flow(&actions));
    project.weir(&["apply"]).await.ends_with(0);
    project
}

fn lines(receiver: &Receiver) -> Vec<String> {
    receiver.requests().into_iter().map(|request| request.line).collect()
}

#[tokio::test]
async fn a_flow_is_tried_without_sending_anything() {
    let receiver = Receiver::start().await;
    let project = posting(&receiver).await;
    let tried = project.json(&["flow", "test", "send", "--body", r#"{"id": 7}"#]).await;
    assert_eq!(tried["status"], "Succeeded", "{tried:#}");
    let held = tried["heldBack"].as_array().unwrap();
    assert_eq!(held.len(), 2);
    assert_eq!(held[0]["parameters"]["body"], json!({"id": 7}));
    assert_eq!(held[0]["answeredBy"], "assumed");
    assert_eq!(receiver.count(), 0);
    assert_eq!(project.json(&["flow", "runs"]).await, json!([]), "a trial is no run");
    let said = project.weir(&["flow", "test", "send"]).await.ends_with(0).out;
    assert!(said.contains("2 calls were held back"), "{said}");
    project.weir(&["flow", "test", "nothing"]).await.ends_with(4);
}

#[tokio::test]
async fn a_failed_run_is_restarted_where_it_failed_and_resubmitted_as_a_whole() {
    let receiver = Receiver::start().await;
    let project = posting(&receiver).await;
    receiver.answer(&[Reply::Status(200), Reply::Status(400)]);
    let run = ["flow", "run", "send", "--body", r#"{"id": 7}"#, "--json"];
    let failed = project.weir(&run).await.ends_with(1).json();
    let id = failed["id"].as_str().unwrap();
    assert_eq!(lines(&receiver), ["POST /first", "POST /second"]);

    let past = project.weir(&["flow", "test", "send", "--with", id, "--json"]).await.ends_with(0).json();
    assert_eq!(with(&past["heldBack"], "answeredBy", "pastRun").len(), 1, "the first call succeeded then");

    let again = project.json(&["flow", "restart", id]).await;
    assert_eq!((&again["status"], &again["origin"]), (&json!("Succeeded"), &json!(format!("restart {id}"))));
    assert_eq!(lines(&receiver)[2..], ["POST /second"]);
    assert_eq!(receiver.requests()[2].body, json!({"id": 7}));
    let keys: Vec<_> = receiver.requests().iter().map(|request| request.key().to_owned()).collect();
    assert_ne!(keys[1], keys[2], "another run is another call");

    let whole = project.json(&["flow", "resubmit", "--failed-of", "send"]).await;
    assert_eq!(whole.as_array().unwrap().len(), 1);
    assert_eq!(lines(&receiver)[3..], ["POST /first", "POST /second"]);
    let fine = again["id"].as_str().unwrap();
    let refused = project.weir(&["flow", "restart", fine, "--json"]).await.ends_with(2);
    assert!(refused.err.contains("no action of the run failed"), "{}", refused.err);
}
