//! What flows send, when the other side is slow, busy, broken or gone.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::receiver::{Receiver, Reply};
use crate::support::served::Served;
use crate::support::shop::{bare, manual_flow};
use crate::support::{Project, until};

/// A shop with one flow, `send`, that posts to `url`.
fn sender(url: &str, limit: Option<&str>) -> Project {
    let project = bare();
    let mut post = json!({
        "type": "Http",
        "runAfter": {},
        "inputs": {
            "method": "POST", "uri": url, "body": {"to": "@triggerBody()?['who']"},
            "retryPolicy": {"type": "fixed", "count": 3, "interval": "PT5S"},
        },
    });
    if let Some(limit) = limit {
        post["limit"] = json!({"timeout": limit});
    }
    project.write("flows/send.json", manual_flow(&json!({"Post": post})));
    project
}

/// Starts the flow beside a server, and waits until its run has ended.
async fn run(project: &Project) -> Value {
    project.json(&["apply"]).await;
    let server = Served::start(project).await;
    let run = project.json(&["flow", "run", "send", "--body", r#"{"who": "Ana"}"#]).await;
    let id = run["id"].as_str().unwrap().to_owned();
    let mut last = Value::Null;
    until("the run has ended", async || {
        last = project.json(&["flow", "show", &id]).await;
        last["status"] != "Running" && last["status"] != "Waiting"
    })
    .await;
    assert_eq!(server.stop(Duration::from_secs(10)).await.code(), Some(0));
    last
}

#[tokio::test]
async fn what_is_refused_for_a_while_is_sent_again_with_the_same_key() {
    let receiver = Receiver::start().await;
    receiver.answer(&[Reply::RetryAfter(429, 1), Reply::Status(500), Reply::Cut]);
    let run = run(&sender(&receiver.url("/hook"), None)).await;
    assert_eq!(run["status"], "Succeeded", "{run:#}");
    let requests = receiver.requests();
    assert_eq!(requests.len(), 4, "{requests:#?}");
    assert!(
        requests.iter().all(|request| request.line == "POST /hook" && request.body == json!({"to": "Ana"}))
    );
    assert!(requests.iter().all(|request| request.key() == requests[0].key()), "{requests:#?}");
    assert_eq!(run["actions"][0]["retries"].as_array().unwrap().len(), 3, "{run:#}");
}

#[tokio::test]
async fn what_is_refused_for_good_is_sent_once() {
    let receiver = Receiver::start().await;
    receiver.always(Reply::Status(400));
    let run = run(&sender(&receiver.url("/hook"), None)).await;
    assert_eq!((&run["status"], receiver.count()), (&"Failed".into(), 1), "{run:#}");
}

#[tokio::test]
async fn who_answers_too_late_times_out() {
    let receiver = Receiver::start().await;
    receiver.always(Reply::Late(Duration::from_secs(60)));
    let run = run(&sender(&receiver.url("/hook"), Some("PT2S"))).await;
    assert_eq!(
        (&run["status"], &run["actions"][0]["status"]),
        (&"TimedOut".into(), &"TimedOut".into()),
        "{run:#}"
    );
    assert_eq!(receiver.count(), 1);
}

#[tokio::test]
async fn a_private_address_that_nobody_allowed_is_never_called() {
    let receiver = Receiver::start().await;
    let mut project = sender(&receiver.url("/hook"), None);
    project.set("WEIR_ALLOW_OUTBOUND", "");
    let run = run(&project).await;
    assert_eq!((&run["status"], receiver.count()), (&"Failed".into(), 0), "{run:#}");
    let error = run["actions"][0]["error"].to_string();
    assert!(error.contains("127.0.0.1") || error.contains("allow"), "{error}");
}
