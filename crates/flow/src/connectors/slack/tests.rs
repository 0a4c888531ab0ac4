//! The connector against a webhook on this machine.

use serde_json::json;

use super::*;
use crate::connectors::testing::{client, clock, connection, failure, request, serve};

fn slack() -> Slack {
    Slack::new(client(), clock())
}

async fn posted(operation: &str, parameters: Value) -> Value {
    let (url, mut asked) = serve("200 OK", "Content-Type: text/html\r\n", "ok").await;
    let target = connection("slack", json!({"url": format!("{url}/services/T/B/canary")}));
    let outcome = slack().call(request(operation, Some(target), parameters)).await;
    let CallOutcome::Response { status_code: 200, body, .. } = outcome else { panic!("{outcome:?}") };
    assert_eq!(body, json!("ok"));
    let asked = asked.recv().await.expect("a request");
    let (_, body) = asked.split_once("\r\n\r\n").expect("a body");
    serde_json::from_str(body).expect("JSON")
}

#[tokio::test]
async fn a_text_and_its_blocks_are_posted_as_they_are() {
    let block = json!({"type": "section", "text": {"type": "mrkdwn", "text": "*950* → 1,012"}});
    let expected = json!({"text": "Level crossed", "blocks": [block]});
    assert_eq!(posted("postMessage", expected.clone()).await, expected);
    let as_text = json!({"text": "Level crossed", "blocks": json!([block]).to_string()});
    assert_eq!(posted("postMessage", as_text).await, expected);
    let theirs = json!({"channel": "#general", "text": "Hi"});
    assert_eq!(posted("postMessage", theirs).await, json!({"text": "Hi"}));
}

#[tokio::test]
async fn what_slack_would_refuse_is_refused_before_it_is_sent() {
    for (parameters, part) in [
        (json!({"text": " "}), "'text'"),
        (json!({"text": "x", "blocks": "[broken"}), "not JSON"),
        (json!({"text": "x", "blocks": {"type": "section"}}), "must be an array"),
        (json!({"text": "x", "blocks": vec![json!({}); 51]}), "50 are allowed"),
        (json!({"text": "x", "block": []}), "no parameter 'block'"),
    ] {
        let target = connection("slack", json!({"url": "http://127.0.0.1:9/"}));
        let (code, message) = failure(slack().call(request("postMessage", Some(target), parameters)).await);
        assert!(code == "BadRequest" && message.contains(part), "{code}: {message}");
    }
}

#[tokio::test]
async fn only_a_message_tests_the_connection() {
    let (url, mut asked) = serve("200 OK", "", "ok").await;
    let target = connection("slack", json!({"url": url}));
    let test = |send| TestRequest {
        connection: target.clone(),
        send,
        deadline: request("", None, json!({})).deadline,
    };
    assert!(matches!(slack().test(test(false)).await, Tested::Unknown(_)));
    assert!(matches!(slack().test(test(true)).await, Tested::Works(_)));
    assert!(asked.recv().await.expect("a request").contains("this connection works"));
    let (url, _asked) = serve("404 Not Found", "", "no_service").await;
    let gone = TestRequest { connection: connection("slack", json!({"url": url})), ..test(true) };
    assert!(matches!(slack().test(gone).await, Tested::Failed { code, .. } if code == "NotFound"));
}
