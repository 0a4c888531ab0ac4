//! The `teams` connector: posts to a Teams channel or chat through a Workflows webhook. The URL is never
//! judged by its host name: Microsoft has moved these more than once.

mod card;

use std::sync::Arc;

use async_trait::async_trait;
use outbound::{Body, HttpClient, Method, Request};
use serde_json::Value;
use store::Clock;

use crate::connectors::http::read_body;
use crate::connectors::shared::{Parameters, bad_request, connection, failed, headers, operation, time_left};
use crate::connectors::{CallOutcome, CallRequest, Connector, Manifest, Operation, Parameter};

/// Bytes of one message. Teams refuses more ("about 28 KB"), sometimes only after it has answered 202, so it
/// is checked before sending.
pub const MAX_MESSAGE_BYTES: usize = 28 * 1024;

const POST_MESSAGE: &str = "postMessage";
const POST_CARD: &str = "postCard";
/// Power Automate's own spelling of the two, with the text or the card in `body/messageBody`.
const PA_POST_MESSAGE: &str = "PostMessageToConversation";
const PA_POST_CARD: &str = "PostCardToConversation";

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
        let url = connection.config.get("url").and_then(Value::as_str).unwrap_or_default();
        if url.is_empty() {
            let name = &connection.name;
            return Err(bad_request(format!(
                "the connection '{name}' has no `url` (the workflow's webhook)"
            )));
        }
        let call = Request::new(Method::Post, url)
            .and_then(|call| call.header("Idempotency-Key", &request.idempotency_key))
            .and_then(|call| call.body(Body::bytes(bytes, Some("application/json".to_owned()))))
            .map_err(|error| failed(&error))?
            .redirects(0)
            .timeout(time_left(&*self.clock, request.deadline)?);
        let response = self.client.send(call).await.map_err(|error| failed(&error))?;
        if (300..400).contains(&response.status) {
            let message = format!(
                "the webhook answered {} (a redirect), which is not followed; copy its URL again from the \
                workflow",
                response.status
            );
            return Err(CallOutcome::permanent("RedirectRefused", message));
        }
        Ok(CallOutcome::Response {
            status_code: response.status,
            headers: headers(&response),
            body: read_body(&response),
        })
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
        PA_POST_CARD => {
            let parameters = Parameters::of(request)?;
            let card = parameters.get("body/messageBody");
            card::posted(card.ok_or_else(|| bad_request("the parameter 'body/messageBody' is missing"))?)
        }
        _ => {
            let parameters = Parameters::of(request)?;
            let title = parameters.text("body/subject")?;
            let html = parameters.required_text("body/messageBody")?;
            Ok(card::simple(title.as_deref(), &super::email::plain_text(&html)))
        }
    }
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
}

static MANIFEST: Manifest = Manifest {
    title: "Microsoft Teams",
    summary: "Posts messages and Adaptive Cards to a channel or chat through a Workflows webhook.",
    needs_connection: true,
    connection: &[Parameter {
        name: "url",
        summary: "The webhook's URL, from the workflow \"When a Teams webhook request is received\"; a \
        secret.",
        required: true,
    }],
    operations: &[
        Operation {
            id: POST_MESSAGE,
            summary: "Posts a card made of a title, a text, facts and a link.",
            parameters: &[
                Parameter { name: "title", summary: "The headline.", required: false },
                Parameter { name: "text", summary: "The text; Teams shows simple Markdown.", required: true },
                Parameter {
                    name: "facts",
                    summary: "Names and values: an object, or an array of {\"title\", \"value\"}.",
                    required: false,
                },
                Parameter { name: "url", summary: "Where the button leads, http or https.", required: false },
                Parameter { name: "urlTitle", summary: "What the button says; Open.", required: false },
            ],
        },
        Operation {
            id: POST_CARD,
            summary: "Posts an Adaptive Card as it is given.",
            parameters: &[Parameter {
                name: "card",
                summary: "The card, as JSON or as a text with JSON; version 1.4 unless it says otherwise.",
                required: true,
            }],
        },
        Operation {
            id: PA_POST_MESSAGE,
            summary: "Posts a message, with the parameters of Power Automate's action; where is up to the \
            webhook.",
            parameters: &[
                Parameter { name: "body/subject", summary: "The headline.", required: false },
                Parameter { name: "body/messageBody", summary: "The text, in HTML.", required: true },
            ],
        },
        Operation {
            id: PA_POST_CARD,
            summary: "Posts an Adaptive Card, with the parameters of Power Automate's action.",
            parameters: &[Parameter {
                name: "body/messageBody",
                summary: "The card, as JSON or as a text with JSON.",
                required: true,
            }],
        },
    ],
};

#[cfg(test)]
mod tests;
