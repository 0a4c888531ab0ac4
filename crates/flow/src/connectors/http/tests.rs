//! The connector against a web server on this machine.

use jiff::Timestamp;
use outbound::AddressPolicy;
use serde_json::{Value, json};

use super::*;
use crate::connectors::testing::{client, clock, failure, request, serve};

fn http() -> Http {
    Http::new(client(), clock())
}

async fn call(parameters: Value) -> CallOutcome {
    http().call(request("Http", None, parameters)).await
}

#[tokio::test]
async fn everything_a_flow_says_is_sent() {
    let (url, mut asked) =
        serve("200 OK", "Content-Type: application/json\r\nX-A: 1\r\nX-A: 2\r\n", "[1]").await;
    let outcome = call(json!({
        "method": "post",
        "uri": format!("{url}/path?a=b"),
        "headers": {"X-Number": 7, "X-Null": null},
        "queries": {"q": "é&", "n": 1, "gone": null},
        "cookie": "k=v",
        "authentication": {"type": "Basic", "username": "ana", "password": "pa:ß"},
        "body": {"k": "v"},
    }))
    .await;
    let CallOutcome::Response { status_code, headers, body } = outcome else { panic!("{outcome:?}") };
    assert_eq!((status_code, headers.get("x-a").map(String::as_str), body), (200, Some("1, 2"), json!([1])));
    let asked = asked.recv().await.expect("a request");
    for part in [
        "POST /path?a=b&q=%C3%A9%26&n=1 HTTP/1.1\r\n",
        "\r\nx-number: 7\r\n",
        "\r\ncookie: k=v\r\n",
        "\r\nidempotency-key: key-1\r\n",
        "\r\nauthorization: Basic YW5hOnBhOsOf\r\n",
        "\r\ncontent-type: application/json\r\n",
        "\r\n\r\n{\"k\":\"v\"}",
    ] {
        assert!(asked.contains(part), "{part} in {asked}");
    }
    assert!(!asked.contains("x-null") && !asked.contains("gone"), "{asked}");
}

#[tokio::test]
async fn every_method_is_sent_as_it_is() {
    for method in outbound::Method::ALL {
        let (url, mut asked) = serve("204 No Content", "", "").await;
        let outcome = call(json!({"method": method.as_str(), "uri": url})).await;
        assert!(
            matches!(outcome, CallOutcome::Response { status_code: 204, body: Value::Null, .. }),
            "{outcome:?}"
        );
        assert!(asked.recv().await.expect("a request").starts_with(&format!("{} / ", method.as_str())));
    }
}

#[tokio::test]
async fn an_error_status_is_an_answer_with_its_headers() {
    let (url, _asked) =
        serve("429 Too Many Requests", "Retry-After: 7\r\nContent-Type: text/plain\r\n", "slow").await;
    let outcome = call(json!({"method": "GET", "uri": url})).await;
    let CallOutcome::Response { status_code, headers, body } = outcome else { panic!("{outcome:?}") };
    assert_eq!((status_code, headers["retry-after"].as_str(), body), (429, "7", json!("slow")));
}

#[tokio::test]
async fn the_flow_may_bring_its_own_key_and_its_own_authorization() {
    let (url, mut asked) = serve("200 OK", "", "").await;
    let headers = json!({"idempotency-key": "mine", "Content-Type": "application/xml"});
    let authentication = json!({"type": "Raw", "value": "Bearer t"});
    call(json!({"method": "PUT", "uri": url, "headers": headers, "authentication": authentication, "body": "<a/>"}))
        .await;
    let asked = asked.recv().await.expect("a request");
    assert!(asked.contains("idempotency-key: mine\r\n") && !asked.contains("key-1"), "{asked}");
    assert!(asked.contains("content-type: application/xml\r\n") && !asked.contains("text/plain"), "{asked}");
    assert!(asked.contains("authorization: Bearer t\r\n") && asked.ends_with("<a/>"), "{asked}");
}

#[tokio::test]
async fn what_is_wrong_is_said_and_secrets_are_not() {
    let uri = "https://example.com/";
    let basic = |username: &str| json!({"type": "Basic", "username": username, "password": "canary"});
    for (parameters, code, words) in [
        (json!({"uri": uri}), "BadRequest", "'method'"),
        (json!({"method": "GET"}), "BadRequest", "'uri'"),
        (json!({"method": "BREW", "uri": uri}), "BadRequest", "GET, HEAD"),
        (json!({"method": "GET", "uri": "ftp://x/canary"}), "BadRequest", "http and https"),
        (json!({"method": "GET", "uri": uri, "url": 1}), "BadRequest", "no parameter 'url'"),
        (json!({"method": "GET", "uri": uri, "headers": []}), "BadRequest", "an object"),
        (json!({"method": "GET", "uri": uri, "headers": {"A": ["canary"]}}), "BadRequest", "headers/A"),
        (json!({"method": "GET", "uri": uri, "headers": {"A": "canary\r\nB: c"}}), "BadRequest", "header A"),
        (json!({"method": "GET", "uri": uri, "authentication": basic("a:b")}), "BadRequest", "colon"),
        (
            json!({"method": "GET", "uri": uri, "authentication": {"type": "Basic", "password": "canary"}}),
            "BadRequest",
            "authentication/username",
        ),
        (
            json!({"method": "GET", "uri": uri, "authentication": basic("a"), "headers": {"Authorization": "canary"}}),
            "BadRequest",
            "not both",
        ),
        (
            json!({"method": "GET", "uri": uri, "authentication": {"type": "ManagedServiceIdentity"}}),
            "AuthenticationNotSupported",
            "inside Azure",
        ),
    ] {
        let shown = parameters.to_string();
        let outcome = call(parameters).await;
        assert!(matches!(outcome, CallOutcome::Permanent { .. }), "{shown}");
        let (found, message) = failure(outcome);
        assert!(found == code && message.contains(words), "{shown}: {found} {message}");
        assert!(!message.contains("canary"), "{message}");
    }
}

#[tokio::test]
async fn no_answer_is_worth_another_attempt_and_a_refused_address_is_not() {
    let closed = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}/", closed.local_addr().expect("an address"));
    drop(closed);
    let parameters = json!({"method": "GET", "uri": url});
    let outcome = call(parameters.clone()).await;
    assert!(matches!(&outcome, CallOutcome::Retryable { code, .. } if code == "BadGateway"), "{outcome:?}");
    let guarded = Http::new(outbound::HttpClient::new(AddressPolicy::public_only()), clock());
    let outcome = guarded.call(request("Http", None, parameters.clone())).await;
    assert!(
        matches!(&outcome, CallOutcome::Permanent { code, .. } if code == "AddressRefused"),
        "{outcome:?}"
    );
    let late = CallRequest { deadline: Timestamp::now(), ..request("Http", None, parameters) };
    let outcome = http().call(late).await;
    assert!(
        matches!(&outcome, CallOutcome::Retryable { code, .. } if code == "GatewayTimeout"),
        "{outcome:?}"
    );
}

fn entra(authority: &str, secret: &str) -> Value {
    json!({"type": "ActiveDirectoryOAuth", "tenant": "contoso.example", "audience": "https://api.example",
           "clientId": "weir", "secret": secret, "authority": authority})
}

#[tokio::test]
async fn a_token_is_asked_for_once_and_shown_until_it_ends() {
    let (authority, mut signed) = serve(
        "200 OK",
        "Content-Type: application/json\r\n",
        r#"{"access_token":"tok","expires_in":"3600"}"#,
    )
    .await;
    let (url, mut asked) = serve("200 OK", "", "").await;
    let http = http();
    for _ in 0..2 {
        let parameters = json!({"method": "GET", "uri": url, "authentication": entra(&authority, "can&ary")});
        let outcome = http.call(request("Http", None, parameters)).await;
        assert!(matches!(outcome, CallOutcome::Response { status_code: 200, .. }), "{outcome:?}");
        assert!(asked.recv().await.expect("a request").contains("authorization: Bearer tok\r\n"));
    }
    let sign_in = signed.recv().await.expect("a sign-in");
    assert!(sign_in.starts_with("POST /contoso.example/oauth2/token "), "{sign_in}");
    let form = "grant_type=client_credentials&client_id=weir&client_secret=can%26ary&resource=https%3A%2F%2Fapi.example";
    assert!(sign_in.ends_with(form), "{sign_in}");
    assert!(signed.try_recv().is_err(), "the second call uses the same token");
}

#[tokio::test]
async fn a_sign_in_that_is_refused_is_told_without_the_secret() {
    for (status, retryable) in [("401 Unauthorized", false), ("503 Service Unavailable", true)] {
        let (authority, _signed) = serve(status, "", r#"{"error":"invalid_client"}"#).await;
        let parameters = json!({"method": "GET", "uri": "http://127.0.0.1:9/", "authentication": entra(&authority, "canary")});
        let outcome = call(parameters).await;
        assert_eq!(matches!(outcome, CallOutcome::Retryable { .. }), retryable, "{outcome:?}");
        let (_, message) = failure(outcome);
        assert!(message.contains("invalid_client") && !message.contains("canary"), "{message}");
    }
}

#[tokio::test]
async fn what_cannot_sign_in_here_says_what_can() {
    for (authentication, words) in [
        (json!({"type": "ManagedServiceIdentity"}), "inside Azure"),
        (json!({"type": "ClientCertificate", "pfx": "canary", "password": "canary"}), "openssl"),
        (json!({"type": "ClientCertificate", "pem": "canary"}), "PEM"),
        (
            json!({"type": "ActiveDirectoryOAuth", "tenant": "a/b", "audience": "c", "clientId": "d", "secret": "e"}),
            "tenant",
        ),
        (
            json!({"type": "ActiveDirectoryOAuth", "tenant": "a", "audience": "c", "clientId": "d", "pfx": "canary"}),
            "'authentication/secret'",
        ),
    ] {
        let parameters =
            json!({"method": "GET", "uri": "http://127.0.0.1:9/", "authentication": authentication});
        let (_, message) = failure(call(parameters).await);
        assert!(message.contains(words) && !message.contains("canary"), "{words}: {message}");
    }
}
