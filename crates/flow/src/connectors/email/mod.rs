//! The `email` connector: sends mail over SMTP. The Message-ID comes from the idempotency key, so that a mail
//! that is sent again after a crash is recognised as the same.

mod attachments;
mod mail;
mod manifest;
mod text;

use std::sync::Arc;

use async_trait::async_trait;
use outbound::{Mailer, Security, SmtpConfig};
use serde_json::{Value, json};
use store::Clock;

use crate::connectors::shared::{bad_request, connection, failed, operation, time_left};
use crate::connectors::{CallOutcome, CallRequest, Connection, Connector, Manifest, TestRequest, Tested};

pub(super) use manifest::MANIFEST;
pub(super) use text::plain_text;

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

    async fn test(&self, request: TestRequest) -> Tested {
        let checked = async {
            let mut config = config(&request.connection)?;
            config.timeout = config.timeout.min(time_left(&*self.clock, request.deadline)?);
            self.mailer.check(&config).await.map_err(|error| failed(&error))?;
            Ok(format!("{}:{} let us in", config.host, config.port))
        };
        match checked.await {
            Ok(works) => Tested::Works(works),
            Err(outcome) => Tested::of(outcome, |_| String::new()),
        }
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

#[cfg(test)]
mod tests;
