//! The `webhook` connector: posts an event to somebody's endpoint, signed as Standard Webhooks says.

mod signature;

use std::sync::Arc;

use async_trait::async_trait;
use jiff::Timestamp;
use outbound::HttpClient;
use serde_json::{Map, Value, json};
use store::Clock;

use crate::connectors::Kind::{Any, Integer, Object, Secret};
use crate::connectors::posting::Posting;
use crate::connectors::shared::{Parameters, bad_request, connection, operation, plain};
use crate::connectors::{
    CallOutcome, CallRequest, Connection, Connector, Manifest, Operation, Parameter, TestRequest, Tested,
};

const SEND: &str = "send";
/// Bytes of one message. The specification advises less than 20 KB; what is larger belongs behind a link.
const MAX_MESSAGE_BYTES: usize = 1024 * 1024;

/// Posts signed events.
pub struct Webhook {
    client: HttpClient,
    clock: Arc<dyn Clock>,
}

impl Webhook {
    /// A connector that posts through `client`.
    pub fn new(client: HttpClient, clock: Arc<dyn Clock>) -> Self {
        Self { client, clock }
    }

    async fn attempt(&self, request: &CallRequest) -> Result<CallOutcome, CallOutcome> {
        let operation = operation(self, request)?;
        let connection = connection(self, request)?;
        let parameters = Parameters::checked(request, operation)?;
        let kind = parameters.required_text("type")?;
        let known = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.');
        if !kind.chars().all(known) {
            let message = "the parameter 'type' may hold letters, digits, dots and underscores only";
            return Err(bad_request(message));
        }
        let message = json!({
            "type": kind,
            "timestamp": self.clock.now().to_string(),
            "data": parameters.get("data").cloned().unwrap_or_else(|| json!({})),
        });
        self.post(connection, &message, &request.idempotency_key, request.deadline).await
    }

    async fn post(
        &self,
        connection: &Connection,
        message: &Value,
        key: &str,
        deadline: Timestamp,
    ) -> Result<CallOutcome, CallOutcome> {
        let body = message.to_string();
        if body.len() > MAX_MESSAGE_BYTES {
            let message = format!("the message has {} bytes; {MAX_MESSAGE_BYTES} are allowed", body.len());
            return Err(CallOutcome::permanent("TooLarge", message));
        }
        let id = format!("msg_{}", key.replace('.', "_"));
        let mut headers = own_headers(connection)?;
        headers.extend(signature::headers(connection, &id, self.clock.now(), &body)?);
        let posting = Posting { client: &self.client, clock: &*self.clock, connection, key, deadline };
        match posting.post(body.into_bytes(), &headers).await? {
            CallOutcome::Response { status_code: 410, .. } => Err(CallOutcome::permanent(
                "Gone",
                "the endpoint answered 410: nobody listens there any more; take it out of the flow",
            )),
            other => Ok(other),
        }
    }
}

/// The headers that the connection adds.
fn own_headers(connection: &Connection) -> Result<Vec<(String, String)>, CallOutcome> {
    let none = Map::new();
    let given = connection.config.get("headers").and_then(Value::as_object).unwrap_or(&none);
    let texts = given.iter().map(|(name, value)| {
        let text = plain(value).ok_or_else(|| bad_request(format!("the header {name} must be a text")))?;
        Ok((name.clone(), text))
    });
    texts.collect()
}

#[async_trait]
impl Connector for Webhook {
    fn name(&self) -> &'static str {
        "webhook"
    }

    fn manifest(&self) -> &'static Manifest {
        &MANIFEST
    }

    async fn call(&self, request: CallRequest) -> CallOutcome {
        self.attempt(&request).await.unwrap_or_else(|failure| failure)
    }

    async fn test(&self, request: TestRequest) -> Tested {
        if !request.send {
            return Tested::Unknown("only a message can test it; its type would be weir.test".to_owned());
        }
        let message = json!({"type": "weir.test", "timestamp": self.clock.now().to_string(), "data": {}});
        let posted = self.post(&request.connection, &message, "test", request.deadline).await;
        Tested::of(posted.unwrap_or_else(|failure| failure), |status| format!("a test was taken ({status})"))
    }
}

pub(super) static MANIFEST: Manifest = Manifest {
    title: "Webhook",
    summary: "Posts events to an endpoint, signed as Standard Webhooks says.",
    needs_connection: true,
    connection: &[
        Parameter::must("url", "Endpoint", "Where to post.").of(Secret),
        Parameter::may(
            "secret",
            "Signing secret",
            "whsec_ and base64; several with spaces sign with each, while a secret is changed; without one nothing \
             is signed.",
        )
        .of(Secret),
        Parameter::may("headers", "Headers", "Headers of every message.").of(Object),
    ],
    operations: &[Operation::new(
        SEND,
        "Send an event",
        "Posts {\"type\", \"timestamp\", \"data\"} with webhook-id, webhook-timestamp and webhook-signature.",
        &[
            Parameter::must("type", "Type", "What happened, in words with dots: segment.grown."),
            Parameter::may("data", "Data", "What there is to say about it.").of(Any),
        ],
    )
    .gives(&[
        Parameter::must("statusCode", "Status code", "The HTTP status.").of(Integer),
        Parameter::may("body", "Answer", "What the endpoint said.").of(Any),
    ])],
    ..Manifest::EMPTY
};

#[cfg(test)]
mod tests;
