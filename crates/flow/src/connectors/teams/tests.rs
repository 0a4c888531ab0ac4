//! The connector against a webhook on this machine.

use serde_json::json;

use super::*;
use crate::connectors::testing::{client, clock, connection, failure, request, serve};

fn teams() -> Teams {
    Teams::new(client(), clock())
}

async fn posted(operation: &str, parameters: Value) -> Value {
    let (url, mut asked) = serve("202 Accepted", "", "").await;
    let target = connection("teams", json!({"url": format!("{url}/hook?sig=canary")}));
    let outcome = teams().call(request(operation, Some(target), parameters)).await;
    assert!(matches!(outcome, CallOutcome::Response { status_code: 202, .. }), "{outcome:?}");
    let asked = asked.recv().await.expect("a request");
    assert!(
        asked.starts_with("POST /hook?sig=canary ") && asked.contains("idempotency-key: key-1\r\n"),
        "{asked}"
    );
    let (_, body) = asked.split_once("\r\n\r\n").expect("a body");
    serde_json::from_str(body).expect("JSON")
}

#[tokio::test]
async fn a_message_becomes_a_card_that_teams_shows() {
    let message = posted(
        "postMessage",
        json!({"title": "BigSpenders rose above 1,000", "text": "950 → 1,012\nAct now", "urlTitle": "See them",
               "facts": {"Segment": "BigSpenders", "Members": 1012, "None": null}, "url": "https://weir.example/s/1"}),
    )
    .await;
    let expected = json!({
        "type": "message",
        "attachments": [{
            "contentType": "application/vnd.microsoft.card.adaptive",
            "contentUrl": null,
            "content": {
                "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
                "type": "AdaptiveCard",
                "version": "1.4",
                "body": [
                    {"type": "TextBlock", "text": "BigSpenders rose above 1,000", "size": "Medium",
                     "weight": "Bolder", "style": "heading", "wrap": true},
                    {"type": "TextBlock", "text": "950 → 1,012", "wrap": true},
                    {"type": "TextBlock", "text": "Act now", "wrap": true},
                    {"type": "FactSet", "facts": [
                        {"title": "Segment", "value": "BigSpenders"},
                        {"title": "Members", "value": "1012"},
                        {"title": "None", "value": ""},
                    ]},
                ],
                "msteams": {"width": "Full"},
                "actions": [{"type": "Action.OpenUrl", "title": "See them", "url": "https://weir.example/s/1"}],
            },
        }],
        "summary": "BigSpenders rose above 1,000",
    });
    assert_eq!(message, expected);
}

#[tokio::test]
async fn a_card_goes_out_as_it_is_given_with_what_it_lacks() {
    let card = json!({"type": "AdaptiveCard", "version": "1.2", "body": []});
    let content = |message: &Value| message.pointer("/attachments/0/content").cloned().expect("a card");
    let sent = posted("postCard", json!({"card": card})).await;
    assert_eq!(content(&sent)["version"], "1.2");
    let sent =
        posted("postCard", json!({"card": "{\"type\":\"AdaptiveCard\",\"fallbackText\":\"x\"}"})).await;
    assert_eq!((&content(&sent)["version"], &sent["summary"]), (&json!("1.4"), &json!("x")));
    let whole = json!({"type": "message", "attachments": [{"content": card}]});
    assert_eq!(posted("postCard", json!({"card": whole})).await, whole);
    let imported = json!({"poster": "Flow bot", "location": "Channel", "body/messageBody": card.to_string()});
    assert_eq!(content(&posted("PostCardToConversation", imported).await)["version"], "1.2");
    let imported =
        json!({"poster": "User", "body": {"messageBody": "<p>Hello<br>you &amp; me</p>", "subject": "S"}});
    let sent = posted("PostMessageToConversation", imported).await;
    let texts: Vec<_> =
        content(&sent)["body"].as_array().expect("a body").iter().map(|b| b["text"].clone()).collect();
    assert_eq!(texts, ["S", "Hello", "you & me"]);
}

#[tokio::test]
async fn a_message_one_byte_too_large_is_not_sent_and_its_size_is_said() {
    let overhead = card::simple(None, "x").to_string().len() - 1;
    let text = |bytes: usize| json!({"text": "x".repeat(bytes - overhead)});
    let sent = posted("postMessage", text(MAX_MESSAGE_BYTES)).await;
    assert_eq!(sent.to_string().len(), MAX_MESSAGE_BYTES);
    let nowhere = connection("teams", json!({"url": "http://127.0.0.1:9/"}));
    let outcome = teams().call(request("postMessage", Some(nowhere), text(MAX_MESSAGE_BYTES + 1))).await;
    let (code, message) = failure(outcome);
    assert_eq!(code, "TooLarge");
    assert!(message.contains("28673 bytes") && message.contains("28672"), "{message}");
}

#[tokio::test]
async fn throttling_is_an_answer_and_a_redirect_is_a_failure() {
    let call = async |status: &str, headers: &str| {
        let (url, _asked) = serve(status, headers, "").await;
        let target = connection("teams", json!({"url": url}));
        teams().call(request("postMessage", Some(target), json!({"text": "x"}))).await
    };
    let outcome = call("429 Too Many Requests", "Retry-After: 3\r\n").await;
    let CallOutcome::Response { status_code, headers, .. } = outcome else { panic!("{outcome:?}") };
    assert_eq!((status_code, headers["retry-after"].as_str()), (429, "3"));
    let outcome = call("302 Found", "Location: /elsewhere\r\n").await;
    assert_eq!(failure(outcome).0, "RedirectRefused");
}

#[tokio::test]
async fn what_is_wrong_is_said_before_anything_is_sent() {
    let target = || Some(connection("teams", json!({"url": "http://127.0.0.1:9/"})));
    let legacy = json!({"@type": "MessageCard"});
    let many: serde_json::Map<String, Value> = (0..101).map(|n| (format!("f{n}"), json!(n))).collect();
    for (operation, parameters, words) in [
        ("postMessage", json!({"title": "x"}), "'text'"),
        ("postMessage", json!({"text": "x", "titel": "y"}), "no parameter 'titel'"),
        ("postMessage", json!({"text": "x", "url": "javascript:alert(1)"}), "'url'"),
        ("postMessage", json!({"text": "x", "facts": "y"}), "'facts'"),
        ("postMessage", json!({"text": "x", "facts": [{"value": 1}]}), "'title'"),
        ("postMessage", json!({"text": "x", "facts": many}), "101 items"),
        ("postMessage", json!({"text": ["x"]}), "an array"),
        ("postCard", json!({}), "'card'"),
        ("postCard", json!({"card": "{"}), "not JSON"),
        ("postCard", json!({"card": {"type": "Container"}}), "Container"),
        ("postCard", json!({"card": legacy}), "MessageCard"),
        ("postCard", json!({"card": [1]}), "AdaptiveCard"),
        ("PostCardToConversation", json!({}), "body/messageBody"),
    ] {
        let (code, message) = failure(teams().call(request(operation, target(), parameters)).await);
        assert!(code == "BadRequest" && message.contains(words), "{operation} {words}: {code} {message}");
    }
    let no_url = connection("teams", json!({}));
    let (_, message) =
        failure(teams().call(request("postMessage", Some(no_url), json!({"text": "x"}))).await);
    assert!(message.contains("`url`") && message.contains("main"), "{message}");
}
