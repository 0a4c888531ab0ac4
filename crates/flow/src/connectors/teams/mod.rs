//! The `teams` connector: posts to a Teams channel or chat through a Workflows webhook. The URL is never
//! judged by its host name: Microsoft has moved these more than once.

mod card;
mod manifest;

use std::sync::Arc;

use async_trait::async_trait;
use jiff::Timestamp;
use outbound::HttpClient;
use serde_json::Value;
use store::Clock;

use crate::connectors::posting::Posting;
use crate::connectors::shared::{Parameters, bad_request, connection, operation};
use crate::connectors::{
    CallOutcome, CallRequest, Connection, Connector, Manifest, Operation, TestRequest, Tested,
};

pub(super) use manifest::MANIFEST;

/// Bytes of one message. Teams refuses more ("about 28 KB"), sometimes only after it has answered 202, so it
/// is checked before sending.
pub const MAX_MESSAGE_BYTES: usize = 28 * 1024;

use manifest::{FLOW_BOT_CARD, PA_POST_CARD, POST_CARD, POST_MESSAGE, V3_MESSAGE};

/// Posts to Microsoft Teams.
pub struct Teams {
    client: HttpClient,
    clock: Arc<dyn Clock>,
}

impl Teams {
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
        let bytes = message.to_string().into_bytes();
        if bytes.len() > MAX_MESSAGE_BYTES {
            return Err(CallOutcome::permanent(
                "TooLarge",
                format!(
                    "the message has {} bytes; Teams takes {MAX_MESSAGE_BYTES}. Shorten the text or send a \
                    link",
                    bytes.len()
                ),
            ));
        }
        let posting = Posting { client: &self.client, clock: &*self.clock, connection, key, deadline };
        posting.post(bytes, &[]).await
    }
}

/// The message that an operation's parameters ask for.
fn message(operation: &Operation, request: &CallRequest) -> Result<Value, CallOutcome> {
    match operation.id {
        POST_MESSAGE => card::message(&Parameters::checked(request, operation)?),
        POST_CARD => {
            let parameters = Parameters::checked(request, operation)?;
            card::posted(
                parameters.get("card").ok_or_else(|| bad_request("the parameter 'card' is missing"))?,
            )
        }
        PA_POST_CARD => foreign_card(request, "body/messageBody"),
        FLOW_BOT_CARD => foreign_card(request, "PostAdaptiveCardRequest/messageBody"),
        V3_MESSAGE => foreign_message(request, "body/subject", "body/content"),
        _ => foreign_message(request, "body/subject", "body/messageBody"),
    }
}

fn foreign_card(request: &CallRequest, name: &str) -> Result<Value, CallOutcome> {
    let parameters = Parameters::of(request)?;
    let card = parameters.get(name);
    card::posted(card.ok_or_else(|| bad_request(format!("the parameter '{name}' is missing")))?)
}

fn foreign_message(request: &CallRequest, title: &str, html: &str) -> Result<Value, CallOutcome> {
    let parameters = Parameters::of(request)?;
    let title = parameters.text(title)?;
    let html = parameters.required_text(html)?;
    Ok(card::simple(title.as_deref(), &super::email::plain_text(&html)))
}

#[async_trait]
impl Connector for Teams {
    fn name(&self) -> &'static str {
        "teams"
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
        let message = card::simple(Some("Weir"), "This connection works.");
        let posted = self.post(&request.connection, &message, "test", request.deadline).await;
        Tested::of(posted.unwrap_or_else(|failure| failure), |status| format!("a card was posted ({status})"))
    }
}

#[cfg(test)]
mod tests;
