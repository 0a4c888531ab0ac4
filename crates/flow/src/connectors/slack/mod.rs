//! The `slack` connector: posts to the channel of an incoming webhook.

use std::sync::Arc;

use async_trait::async_trait;
use jiff::Timestamp;
use outbound::HttpClient;
use serde_json::{Value, json};
use store::Clock;

use crate::connectors::Kind::{Any, Array, Integer, Secret};
use crate::connectors::posting::Posting;
use crate::connectors::shared::{Parameters, bad_request, connection, kind, operation};
use crate::connectors::{
    CallOutcome, CallRequest, Connection, Connector, Foreign, Manifest, Operation, Parameter, Rate,
    TestRequest, Tested,
};

const POST_MESSAGE: &str = "postMessage";
/// Blocks of one message, as Slack documents it.
const MAX_BLOCKS: usize = 50;
/// Characters of one message's text; Slack cuts longer ones.
const MAX_TEXT: usize = 40_000;

/// Posts to Slack.
pub struct Slack {
    client: HttpClient,
    clock: Arc<dyn Clock>,
}

impl Slack {
    /// A connector that posts through `client`.
    pub fn new(client: HttpClient, clock: Arc<dyn Clock>) -> Self {
        Self { client, clock }
    }

    async fn attempt(&self, request: &CallRequest) -> Result<CallOutcome, CallOutcome> {
        let operation = operation(self, request)?;
        let connection = connection(self, request)?;
        let message = message(operation, request)?;
        self.post(connection, &message, &request.idempotency_key, request.deadline).await
    }

    async fn post(
        &self,
        connection: &Connection,
        message: &Value,
        key: &str,
        deadline: Timestamp,
    ) -> Result<CallOutcome, CallOutcome> {
        let posting = Posting { client: &self.client, clock: &*self.clock, connection, key, deadline };
        posting.post(message.to_string().into_bytes(), &[]).await
    }
}

/// The message that an operation's parameters ask for.
fn message(operation: &Operation, request: &CallRequest) -> Result<Value, CallOutcome> {
    let parameters = Parameters::checked(request, operation)?;
    let text = parameters.required_text("text")?;
    if text.chars().count() > MAX_TEXT {
        return Err(CallOutcome::permanent(
            "TooLarge",
            format!("the text is longer than {MAX_TEXT} characters"),
        ));
    }
    let mut message = json!({"text": text});
    let Some(blocks) = parameters.get("blocks") else { return Ok(message) };
    let parsed = match blocks {
        Value::String(text) => serde_json::from_str(text)
            .map_err(|error| bad_request(format!("the parameter 'blocks' is not JSON: {error}")))?,
        other => other.clone(),
    };
    match &parsed {
        Value::Array(blocks) if blocks.len() <= MAX_BLOCKS => {}
        Value::Array(blocks) => {
            let many = format!("the parameter 'blocks' has {} items; {MAX_BLOCKS} are allowed", blocks.len());
            return Err(bad_request(many));
        }
        other => {
            return Err(bad_request(format!("the parameter 'blocks' must be an array, not {}", kind(other))));
        }
    }
    if let Some(fields) = message.as_object_mut() {
        fields.insert("blocks".to_owned(), parsed);
    }
    Ok(message)
}

#[async_trait]
impl Connector for Slack {
    fn name(&self) -> &'static str {
        "slack"
    }

    fn manifest(&self) -> &'static Manifest {
        &MANIFEST
    }

    async fn call(&self, request: CallRequest) -> CallOutcome {
        self.attempt(&request).await.unwrap_or_else(|failure| failure)
    }

    async fn test(&self, request: TestRequest) -> Tested {
        if !request.send {
            return Tested::Unknown("only a message that people see can test it".to_owned());
        }
        let message = json!({"text": "Weir: this connection works."});
        let posted = self.post(&request.connection, &message, "test", request.deadline).await;
        Tested::of(posted.unwrap_or_else(|failure| failure), |status| {
            format!("a message was posted ({status})")
        })
    }
}

const OUTPUTS: &[Parameter] = &[
    Parameter::must("statusCode", "Status code", "The HTTP status.").of(Integer),
    Parameter::must("body", "Answer", "What Slack said; ok is usual.").of(Any),
];

pub(super) static MANIFEST: Manifest = Manifest {
    title: "Slack",
    summary: "Posts messages to a Slack channel through an incoming webhook.",
    needs_connection: true,
    connection: &[Parameter::must("url", "Webhook", "The incoming webhook's URL.").of(Secret)],
    operations: &[Operation::new(
        POST_MESSAGE,
        "Post a message",
        "Posts a text, or blocks with the text for the notification.",
        &[
            Parameter::must("text", "Text", "The text, in Slack's own Markdown."),
            Parameter::may("blocks", "Blocks", "Blocks of the Block Kit: an array, or a text with JSON.")
                .of(Array),
            Parameter::unused("channel", "Channel"),
            Parameter::unused("username", "Bot name"),
            Parameter::unused("as_user", "Post as user"),
            Parameter::unused("icon_emoji", "Icon"),
        ],
    )
    .gives(OUTPUTS)
    .also(&[Foreign { api: "shared_slack", ids: &["PostMessage"] }])],
    // What Slack documents: one message a second.
    rate: Some(Rate { calls: 1, seconds: 1 }),
    ..Manifest::EMPTY
};

#[cfg(test)]
mod tests;
