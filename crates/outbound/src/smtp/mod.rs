//! The mail sender: one SMTP dialogue per mail, to an address that was checked, encrypted when asked.

mod mail;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use lettre::Message;
use lettre::transport::smtp::Error as SmtpError;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{AsyncSmtpConnection, TlsParameters};
use lettre::transport::smtp::commands::Noop;
use lettre::transport::smtp::extension::ClientId;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

pub use mail::{Attachment, Mail};

use crate::error::is_tls;
use crate::resolve::Guard;
use crate::{AddressPolicy, Lookup, OutboundError, Result, SystemLookup, limits};

/// How the connection to the mail server is protected.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Security {
    /// Not at all: for a server on this machine.
    None,
    /// Plain first, then encrypted; nothing is sent when the server does not offer it. Usually port 587.
    #[default]
    StartTls,
    /// Encrypted from the first byte. Usually port 465.
    Tls,
}

/// A mail server and how to sign in.
#[derive(Clone)]
pub struct SmtpConfig {
    /// The server's name or address.
    pub host: String,
    /// The server's port.
    pub port: u16,
    /// How the connection is protected.
    pub security: Security,
    /// The user, when the server wants one.
    pub username: Option<String>,
    /// The password.
    pub password: Option<SecretString>,
    /// The sender: `weir@example.com` or `Weir <weir@example.com>`.
    pub from: String,
    /// How long one mail may take.
    pub timeout: Duration,
}

impl SmtpConfig {
    /// A server with the default protection (STARTTLS), no sign-in and the default time limit.
    pub fn new(host: impl Into<String>, port: u16, from: impl Into<String>) -> Self {
        Self {
            host: host.into(),
            port,
            security: Security::default(),
            username: None,
            password: None,
            from: from.into(),
            timeout: limits::SMTP_TIMEOUT,
        }
    }

    fn target(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }
}

impl fmt::Debug for SmtpConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SmtpConfig")
            .field("host", &self.host)
            .field("port", &self.port)
            .field("security", &self.security)
            .field("signs_in", &self.username.is_some())
            .field("from", &self.from)
            .finish_non_exhaustive()
    }
}

/// What the mail server answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailReceipt {
    /// The Message-ID, with angle brackets.
    pub message_id: String,
    /// The server's words on taking the mail.
    pub answer: String,
    /// How many recipients it was taken for.
    pub recipients: usize,
}

/// The one mail sender. Cheap to clone.
#[derive(Clone)]
pub struct Mailer {
    guard: Guard,
}

impl Mailer {
    /// A sender that looks names up with the machine's resolver.
    pub fn new(policy: AddressPolicy) -> Self {
        Self::with_lookup(policy, Arc::new(SystemLookup))
    }

    /// A sender with its own way of looking names up.
    pub fn with_lookup(policy: AddressPolicy, lookup: Arc<dyn Lookup>) -> Self {
        Self { guard: Guard { policy, lookup } }
    }

    /// Sends one mail to all its recipients, or to none.
    pub async fn send(&self, config: &SmtpConfig, mail: &Mail) -> Result<MailReceipt> {
        let (message, message_id) = mail::build(mail, &config.from)?;
        let dialogue = self.dialogue(config, &message);
        let answer = tokio::time::timeout(config.timeout, dialogue).await;
        let result = answer.unwrap_or_else(|_| {
            Err(OutboundError::Timeout { target: config.target(), after: config.timeout })
        });
        let recipients = message.envelope().to().len();
        match &result {
            Ok(_) => tracing::debug!(server = config.target(), message_id, recipients, "mail sent"),
            Err(error) => {
                tracing::debug!(server = config.target(), message_id, code = error.code(), "mail failed")
            }
        }
        Ok(MailReceipt { message_id, answer: result?, recipients })
    }

    /// Greets the server, signs in when the configuration says so, and leaves without sending anything.
    ///
    /// # Errors
    /// Those of [`Mailer::send`] up to the sign-in.
    pub async fn check(&self, config: &SmtpConfig) -> Result<()> {
        let dialogue = async {
            let mut connection = self.connect(config).await?;
            let checked = match sign_in(&mut connection, config).await {
                Ok(()) => connection.command(Noop).await.map(drop).map_err(|error| translate(config, error)),
                Err(error) => Err(error),
            };
            connection.abort().await;
            checked
        };
        let answer = tokio::time::timeout(config.timeout, dialogue).await;
        answer.unwrap_or_else(|_| {
            Err(OutboundError::Timeout { target: config.target(), after: config.timeout })
        })
    }

    async fn dialogue(&self, config: &SmtpConfig, message: &Message) -> Result<String> {
        let mut connection = self.connect(config).await?;
        let sent = converse(&mut connection, config, message).await;
        if sent.is_ok() {
            // The server has taken the mail; how it says good-bye changes nothing.
            let _ = connection.quit().await;
        } else {
            connection.abort().await;
        }
        sent
    }

    async fn connect(&self, config: &SmtpConfig) -> Result<AsyncSmtpConnection> {
        let addresses = self.guard.addresses(&config.host, config.port).await?;
        let hello = ClientId::default();
        let tls = match config.security {
            Security::Tls => Some(tls_parameters(config)?),
            Security::None | Security::StartTls => None,
        };
        let connect_within = limits::CONNECT_TIMEOUT.min(config.timeout);
        let connected =
            AsyncSmtpConnection::connect_tokio1(&*addresses, Some(connect_within), &hello, tls, None).await;
        let mut connection = connected.map_err(|error| translate(config, error))?;
        if config.security == Security::StartTls {
            if !connection.can_starttls() {
                connection.abort().await;
                return Err(OutboundError::StartTlsMissing { target: config.target() });
            }
            let secured = connection.starttls(tls_parameters(config)?, &hello).await;
            secured.map_err(|error| translate(config, error))?;
        }
        Ok(connection)
    }
}

async fn converse(
    connection: &mut AsyncSmtpConnection,
    config: &SmtpConfig,
    message: &Message,
) -> Result<String> {
    sign_in(connection, config).await?;
    let answer = connection
        .send(message.envelope(), &message.formatted())
        .await
        .map_err(|error| translate(config, error))?;
    Ok(answer.message().collect::<Vec<_>>().join(" "))
}

async fn sign_in(connection: &mut AsyncSmtpConnection, config: &SmtpConfig) -> Result<()> {
    let Some(username) = &config.username else { return Ok(()) };
    let password = config.password.as_ref().map_or("", |password| password.expose_secret());
    let credentials = Credentials::new(username.clone(), password.to_owned());
    let signed = connection.auth(DEFAULT_MECHANISMS, &credentials).await;
    signed.map(drop).map_err(|error| sign_in_error(config, error))
}

fn tls_parameters(config: &SmtpConfig) -> Result<TlsParameters> {
    let host = config.host.trim_matches(['[', ']']).to_owned();
    TlsParameters::new(host)
        .map_err(|error| OutboundError::Tls { target: config.target(), detail: error.to_string() })
}

/// A refused password is 5xx for the server, and for good: trying again locks accounts.
fn sign_in_error(config: &SmtpConfig, error: SmtpError) -> OutboundError {
    let answered = error.is_transient() || error.is_permanent() || error.is_client();
    if !answered {
        return translate(config, error);
    }
    OutboundError::MailSignIn {
        target: config.target(),
        temporary: error.is_transient(),
        detail: error.to_string(),
    }
}

fn translate(config: &SmtpConfig, error: SmtpError) -> OutboundError {
    let target = config.target();
    let detail = error.to_string();
    if let Some(status) = error.status() {
        return OutboundError::MailRefused {
            target,
            temporary: error.is_transient(),
            status: status.into(),
            detail,
        };
    }
    if error.is_timeout() {
        return OutboundError::Timeout { target, after: config.timeout };
    }
    if error.is_tls() || is_tls(&error) {
        return OutboundError::Tls { target, detail };
    }
    OutboundError::Connect { target, detail }
}

#[cfg(test)]
mod tests;
