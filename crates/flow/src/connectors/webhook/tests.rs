//! The connector against an endpoint on this machine.

use serde_json::json;

use super::*;
use crate::connectors::testing::{client, clock, connection, failure, request, serve};

const SECRET: &str = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";

fn webhook() -> Webhook {
    Webhook::new(client(), clock())
}

#[tokio::test]
async fn an_event_is_posted_with_its_id_its_moment_and_its_signature() {
    let (url, mut asked) = serve("202 Accepted", "", "").await;
    let config = json!({"url": url, "secret": SECRET, "headers": {"X-Tenant": "contoso"}});
    let parameters = json!({"type": "segment.grown", "data": {"members": 1012}});
    let outcome = webhook().call(request("send", Some(connection("webhook", config)), parameters)).await;
    assert!(matches!(outcome, CallOutcome::Response { status_code: 202, .. }), "{outcome:?}");
    let asked = asked.recv().await.expect("a request");
    for part in
        ["webhook-id: msg_key-1\r\n", "webhook-timestamp: ", "webhook-signature: v1,", "x-tenant: contoso"]
    {
        assert!(asked.contains(part), "{part} in {asked}");
    }
    let (_, body) = asked.split_once("\r\n\r\n").expect("a body");
    let body: Value = serde_json::from_str(body).expect("JSON");
    assert_eq!((&body["type"], &body["data"]), (&json!("segment.grown"), &json!({"members": 1012})));
    assert!(body["timestamp"].as_str().expect("a text").parse::<Timestamp>().is_ok());
}

#[tokio::test]
async fn an_endpoint_that_is_gone_is_not_tried_again_and_a_redirect_is_not_followed() {
    for (status, headers, code) in [
        ("410 Gone", "", "Gone"),
        ("307 Temporary Redirect", "Location: http://127.0.0.1:9/\r\n", "RedirectRefused"),
    ] {
        let (url, _asked) = serve(status, headers, "").await;
        let target = connection("webhook", json!({"url": url}));
        let outcome = webhook().call(request("send", Some(target), json!({"type": "a"}))).await;
        assert!(matches!(outcome, CallOutcome::Permanent { .. }), "{outcome:?}");
        assert_eq!(failure(outcome).0, code);
    }
}

#[tokio::test]
async fn a_type_of_other_characters_is_refused() {
    let target = connection("webhook", json!({"url": "http://127.0.0.1:9/"}));
    let outcome = webhook().call(request("send", Some(target), json!({"type": "a b"}))).await;
    assert_eq!(failure(outcome).0, "BadRequest");
}
