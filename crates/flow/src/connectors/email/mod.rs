//! The `email` connector: sends mail over SMTP. The Message-ID comes from the idempotency key, so that a mail
//! that is sent again after a crash is recognised as the same.

mod mail;
mod text;

use std::sync::Arc;

use async_trait::async_trait;
use outbound::{Mailer, Security, SmtpConfig};
use serde_json::{Value, json};
use store::Clock;

use crate::connectors::shared::{bad_request, connection, failed, operation, time_left};
use crate::connectors::{CallOutcome, CallRequest, Connection, Connector, Manifest, Operation, Parameter};

pub(super) use text::plain_text;

const SEND: &str = "send";
/// Office 365's operation, with `emailMessage/To` and its like.
const SEND_OFFICE: &str = "SendEmailV2";

/// The port of mail that is encrypted from the first byte (RFC 8314).
const TLS_PORT: u16 = 465;
/// The port on which programs hand mail in (RFC 6409).
const SUBMISSION_PORT: u16 = 587;

/// Sends mail.
pub struct Email {
    mailer: Mailer,
    clock: Arc<dyn Clock>,
}

impl Email {
    /// A connector that sends through `mailer`.
    pub fn new(mailer: Mailer, clock: Arc<dyn Clock>) -> Self {
        Self { mailer, clock }
    }

    async fn attempt(&self, request: &CallRequest) -> Result<CallOutcome, CallOutcome> {
        let operation = operation(self, request)?;
        let connection = connection(self, request)?;
        let mut mail = mail::build(operation, request)?;
        mail.date = Some(self.clock.now());
        let mut config = config(connection)?;
        config.timeout = config.timeout.min(time_left(&*self.clock, request.deadline)?);
        let receipt = self.mailer.send(&config, &mail).await.map_err(|error| failed(&error))?;
        Ok(CallOutcome::ok(json!({
            "messageId": receipt.message_id,
            "recipients": receipt.recipients,
            "answer": receipt.answer,
        })))
    }
}

#[async_trait]
impl Connector for Email {
    fn name(&self) -> &'static str {
        "email"
    }

    fn manifest(&self) -> &'static Manifest {
        &MANIFEST
    }

    async fn call(&self, request: CallRequest) -> CallOutcome {
        self.attempt(&request).await.unwrap_or_else(|failure| failure)
    }
}

/// The mail server that a connection describes.
fn config(connection: &Connection) -> Result<SmtpConfig, CallOutcome> {
    let name = &connection.name;
    let field = |field: &str| connection.config.get(field).and_then(Value::as_str).map(str::to_owned);
    let needed = |what: &str| {
        let found = field(what).filter(|text| !text.trim().is_empty());
        found.ok_or_else(|| bad_request(format!("the connection '{name}' has no `{what}`")))
    };
    let security = match field("security").as_deref() {
        None => None,
        Some("none") => Some(Security::None),
        Some("starttls") => Some(Security::StartTls),
        Some("tls") => Some(Security::Tls),
        Some(_) => {
            let wanted = "`security` must be none, starttls or tls";
            return Err(bad_request(format!("in the connection '{name}' {wanted}")));
        }
    };
    let port = match connection.config.get("port") {
        None | Some(Value::Null) if security == Some(Security::Tls) => TLS_PORT,
        None | Some(Value::Null) => SUBMISSION_PORT,
        Some(Value::String(text)) => text.trim().parse().unwrap_or(0),
        Some(value) => value.as_u64().and_then(|port| u16::try_from(port).ok()).unwrap_or(0),
    };
    if port == 0 {
        return Err(bad_request(format!(
            "in the connection '{name}' `port` must be a number from 1 to 65535"
        )));
    }
    let usual = if port == TLS_PORT { Security::Tls } else { Security::StartTls };
    let mut config = SmtpConfig::new(needed("host")?, port, needed("from")?);
    config.security = security.unwrap_or(usual);
    config.username = field("username").filter(|username| !username.is_empty());
    config.password = field("password").map(Into::into);
    Ok(config)
}

static MANIFEST: Manifest = Manifest {
    title: "E-mail",
    summary: "Sends mail through an SMTP server.",
    needs_connection: true,
    connection: &[
        Parameter { name: "host", summary: "The mail server.", required: true },
        Parameter { name: "port", summary: "Its port; 587, or 465 with security tls.", required: false },
        Parameter {
            name: "security",
            summary: "starttls (refused when the server does not offer it), tls, or none; starttls, on port \
            465 tls.",
            required: false,
        },
        Parameter { name: "username", summary: "The user, when the server wants one.", required: false },
        Parameter { name: "password", summary: "The password; a secret.", required: false },
        Parameter { name: "from", summary: "The sender: Weir <weir@example.com>.", required: true },
    ],
    operations: &[
        Operation {
            id: SEND,
            summary: "Sends a mail.",
            parameters: &[
                Parameter {
                    name: "to",
                    summary: "Recipients: a text with commas or semicolons, or an array.",
                    required: true,
                },
                Parameter { name: "cc", summary: "Recipients of a copy.", required: false },
                Parameter { name: "bcc", summary: "Recipients that nobody sees.", required: false },
                Parameter { name: "replyTo", summary: "Where answers go.", required: false },
                Parameter {
                    name: "from",
                    summary: "Another sender than the connection's, if the server lets it pass.",
                    required: false,
                },
                Parameter { name: "subject", summary: "The subject.", required: true },
                Parameter { name: "text", summary: "The plain text.", required: false },
                Parameter {
                    name: "html",
                    summary: "The HTML; without `text` the plain text is made from it.",
                    required: false,
                },
                Parameter {
                    name: "body",
                    summary: "Instead of text or html: the content, HTML if isHtml is true.",
                    required: false,
                },
                Parameter { name: "isHtml", summary: "Whether `body` is HTML; false.", required: false },
                Parameter { name: "importance", summary: "Low, Normal or High.", required: false },
            ],
        },
        Operation {
            id: SEND_OFFICE,
            summary: "Sends a mail, with the parameters of Office 365's action.",
            parameters: &[
                Parameter {
                    name: "emailMessage/To",
                    summary: "Recipients, with semicolons.",
                    required: true,
                },
                Parameter { name: "emailMessage/Subject", summary: "The subject.", required: true },
                Parameter { name: "emailMessage/Body", summary: "The content, in HTML.", required: true },
                Parameter { name: "emailMessage/From", summary: "Another sender.", required: false },
                Parameter { name: "emailMessage/Cc", summary: "Recipients of a copy.", required: false },
                Parameter {
                    name: "emailMessage/Bcc",
                    summary: "Recipients that nobody sees.",
                    required: false,
                },
                Parameter { name: "emailMessage/ReplyTo", summary: "Where answers go.", required: false },
                Parameter {
                    name: "emailMessage/Importance",
                    summary: "Low, Normal or High.",
                    required: false,
                },
            ],
        },
    ],
};

#[cfg(test)]
mod tests;
