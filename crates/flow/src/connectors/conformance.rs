//! What every connector keeps to, whatever it reaches.

use std::collections::BTreeSet;
use std::sync::Arc;

use outbound::Mailer;
use serde_json::{Value, json};

use super::testing::{Hostile, client, clock, connection, failure, hostile, local, request, serve};
use super::{Approvals, CallOutcome, Connector, Email, Files, Http, Slack, Teams, Webhook, manifests};

fn all() -> Vec<Arc<dyn Connector>> {
    vec![
        Arc::new(Http::new(client(), clock())),
        Arc::new(Teams::new(client(), clock())),
        Arc::new(Email::new(Mailer::new(local()), clock())),
        Arc::new(Slack::new(client(), clock())),
        Arc::new(Webhook::new(client(), clock())),
        Arc::new(Files::new(std::env::temp_dir())),
        Arc::new(Approvals::lone()),
    ]
}

#[test]
fn every_connector_is_in_the_list_of_manifests() {
    let mut names: Vec<&str> = all().iter().map(|connector| connector.name()).collect();
    names.sort_unstable();
    assert_eq!(names, manifests().map(|(name, _)| name));
}

/// What a call to this address looks like.
fn call_to(connector: &dyn Connector, url: &str) -> super::CallRequest {
    let target = Some(connection(connector.name(), json!({"url": url})));
    let mut call = match connector.name() {
        "http" => request("Http", None, json!({"method": "GET", "uri": url})),
        "teams" => request("postMessage", target, json!({"text": "canary"})),
        "slack" => request("postMessage", target, json!({"text": "canary"})),
        _ => request("send", target, json!({"type": "a", "data": "canary"})),
    };
    call.deadline = jiff::Timestamp::now() + jiff::SignedDuration::from_millis(1500);
    call
}

#[tokio::test]
async fn a_hostile_target_ends_in_a_clear_error_within_its_time_and_delays_nobody() {
    let (good, _asked) = serve("200 OK", "", "ok").await;
    for connector in all().into_iter().filter(|it| ["http", "teams", "slack", "webhook"].contains(&it.name()))
    {
        for behaviour in Hostile::ALL {
            let url = hostile(behaviour).await;
            let bad = connector.call(call_to(&*connector, &url));
            let other = connector.call(call_to(&*connector, &good));
            let (bad, other) =
                tokio::join!(tokio::time::timeout(std::time::Duration::from_secs(10), bad), other);
            let bad = bad.expect("it ends");
            assert!(matches!(other, CallOutcome::Response { status_code: 200, .. }), "{other:?}");
            assert!(
                !matches!(bad, CallOutcome::Response { .. }),
                "{}: {behaviour:?}: {bad:?}",
                connector.name()
            );
            let (code, message) = failure(bad);
            let expected = match behaviour {
                Hostile::Hang | Hostile::Drip => &["GatewayTimeout"][..],
                Hostile::Redirect => &["AddressRefused", "RedirectRefused"],
                Hostile::Huge => &["TooLarge"],
                Hostile::Close => &["BadGateway"],
            };
            assert!(
                expected.contains(&code.as_str()),
                "{}: {behaviour:?}: {code}: {message}",
                connector.name()
            );
            assert!(!message.contains("canary") && !message.contains("sig="), "{message}");
        }
    }
}

fn is_sentence(text: &str) -> bool {
    text.ends_with('.') && text.starts_with(|c: char| !c.is_whitespace()) && !text.contains('\n')
}

#[test]
fn a_manifest_is_complete() {
    for connector in all() {
        let (name, manifest) = (connector.name(), connector.manifest());
        assert!(
            name.chars().all(|c| c.is_ascii_alphanumeric()) && name.starts_with(char::is_lowercase),
            "{name}"
        );
        assert!(!manifest.title.is_empty() && is_sentence(manifest.summary), "{name}");
        assert!(!manifest.operations.is_empty(), "{name}");
        assert_eq!(manifest.needs_connection, !manifest.connection.is_empty(), "{name}");
        let mut ids = BTreeSet::new();
        for operation in manifest.operations {
            assert!(ids.insert(operation.id.to_ascii_lowercase()), "{name}: {} twice", operation.id);
            assert!(is_sentence(operation.summary), "{name}/{}", operation.id);
        }
        let lists =
            manifest.operations.iter().map(|operation| operation.parameters).chain([manifest.connection]);
        for parameters in lists {
            let mut names = BTreeSet::new();
            for parameter in parameters {
                assert!(!parameter.title.is_empty(), "{name}: {}", parameter.name);
                assert!(names.insert(parameter.name), "{name}: {} twice", parameter.name);
                assert!(is_sentence(parameter.summary), "{name}: {}", parameter.summary);
            }
        }
    }
}

/// A connection of the right kind that leads nowhere.
fn nowhere(connector: &dyn Connector) -> Option<super::Connection> {
    let config = json!({"url": "http://127.0.0.1:9/", "path": "no-such-folder", "host": "127.0.0.1", "port": 9,
                        "from": "a@b.example"});
    connector.manifest().needs_connection.then(|| connection(connector.name(), config))
}

async fn refusal(connector: &dyn Connector, request: super::CallRequest) -> (String, String) {
    let outcome = connector.call(request).await;
    assert!(matches!(outcome, CallOutcome::Permanent { .. }), "{}: {outcome:?}", connector.name());
    failure(outcome)
}

#[tokio::test]
async fn an_unknown_operation_is_refused_with_those_there_are() {
    for connector in all() {
        let call = request("fly", nowhere(&*connector), json!({}));
        let (code, message) = refusal(&*connector, call).await;
        assert_eq!(code, "OperationNotFound", "{message}");
        assert!(message.contains("'fly'"), "{message}");
        for operation in connector.manifest().operations {
            assert!(message.contains(operation.id), "{message}");
        }
    }
}

#[tokio::test]
async fn a_missing_or_foreign_connection_is_refused_with_what_is_needed() {
    for connector in all().into_iter().filter(|connector| connector.manifest().needs_connection) {
        for operation in connector.manifest().operations {
            let (code, message) = refusal(&*connector, request(operation.id, None, json!({}))).await;
            assert_eq!(code, "ConnectionMissing", "{message}");
            assert!(message.contains(connector.name()) && message.contains("connections"), "{message}");
            let foreign = Some(connection("other", json!({})));
            let (code, message) = refusal(&*connector, request(operation.id, foreign, json!({}))).await;
            assert_eq!(code, "ConnectionMissing", "{message}");
            assert!(message.contains("'other'") && message.contains(connector.name()), "{message}");
        }
    }
}

#[tokio::test]
async fn a_required_parameter_that_is_missing_is_named() {
    for connector in all() {
        for operation in connector.manifest().operations {
            let required: Vec<_> =
                operation.parameters.iter().filter(|parameter| parameter.required).collect();
            if required.is_empty() {
                continue;
            }
            let call = request(operation.id, nowhere(&*connector), json!({}));
            let (code, message) = refusal(&*connector, call).await;
            assert_eq!(code, "BadRequest", "{message}");
            let named = required.iter().any(|parameter| message.contains(parameter.name));
            // `send` takes one of three contents; which one is not for the manifest to require.
            assert!(named || message.contains("'text', 'html' and 'body'"), "{}: {message}", operation.id);
        }
    }
}

#[tokio::test]
async fn parameters_of_any_shape_are_refused_and_never_a_crash() {
    let shapes =
        [Value::Null, json!(1), json!("x"), json!([]), json!([{}]), json!({"": null}), json!({"/": {"": 1}})];
    for connector in all() {
        for operation in connector.manifest().operations {
            for shape in &shapes {
                let call = request(operation.id, nowhere(&*connector), shape.clone());
                refusal(&*connector, call).await;
            }
            let configs = [Value::Null, json!([]), json!({"url": 1, "host": 1, "port": {}, "from": null})];
            for config in configs.into_iter().filter(|_| connector.manifest().needs_connection) {
                let call = request(operation.id, Some(connection(connector.name(), config)), json!({}));
                refusal(&*connector, call).await;
            }
        }
    }
}
