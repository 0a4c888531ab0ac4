//! What a flow can reach: one small trait, one manifest and one folder per connector.
//!
//! The machine decides *that* an operation is called and the runner calls it here, outside any transaction.
//! Retrying is not a connector's business: it makes one attempt and says how it went; the action's retry
//! policy decides about the next one. Every attempt of one action carries the same idempotency key.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use serde_json::Value;

pub mod approvals;
mod budget;
mod check;
pub mod email;
pub mod files;
pub mod http;
mod manifest;
mod needs;
mod posting;
mod reference;
mod registry;
pub(crate) mod secrets;
mod shared;
pub mod slack;
pub mod teams;
pub mod webhook;

#[cfg(test)]
mod conformance;
#[cfg(test)]
mod testing;

pub use approvals::Approvals;
pub(crate) use budget::Budgets;
pub(crate) use check::check;
pub use email::Email;
pub use files::Files;
pub use http::Http;
pub use manifest::{Choices, Foreign, Kind, Manifest, Operation, Parameter, Rate, schema};
pub use needs::{Asked, Need, needs};
pub use reference::{described, reference};
pub use registry::{Connectors, HTTP_OPERATION, Route};
pub use secrets::{NoSecrets, SecretError, SecretReference, SecretResolver, fill};
pub use slack::Slack;
pub use teams::Teams;
pub use webhook::Webhook;

/// Something that a flow can reach.
#[async_trait]
pub trait Connector: Send + Sync {
    /// The connector's name: `http`, `teams`, `email`, …; also the `kind` of its connections.
    fn name(&self) -> &'static str;

    /// What the connector can do, for documentation, checks and the designer.
    fn manifest(&self) -> &'static Manifest;

    /// The kinds of connections that it uses.
    fn kinds(&self) -> Vec<&'static str> {
        match self.manifest().kinds {
            [] => vec![self.name()],
            kinds => kinds.to_vec(),
        }
    }

    /// Makes one attempt. It must end by `request.deadline`, and must not retry by itself.
    async fn call(&self, request: CallRequest) -> CallOutcome;

    /// Tries whether a connection works, without changing anything at the other end.
    async fn test(&self, request: TestRequest) -> Tested {
        let _ = request;
        Tested::Unknown("only a real call can test it".to_owned())
    }
}

/// One test of a connection.
#[derive(Debug, Clone)]
pub struct TestRequest {
    /// The connection, with its secrets filled in.
    pub connection: Connection,
    /// Whether a message that people see may be sent, where nothing less tests the connection.
    pub send: bool,
    /// When the test must have ended.
    pub deadline: Timestamp,
}

/// How a test of a connection went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tested {
    /// It works; what was seen.
    Works(String),
    /// Nobody can say without sending something; why.
    Unknown(String),
    /// It does not work.
    Failed {
        /// The stable code, as of a call.
        code: String,
        /// What happened, to what, and what to do. Without secrets.
        message: String,
    },
}

impl Tested {
    /// What an answer says about the connection that gave it; `works` is what to say of a good one.
    pub(crate) fn of(outcome: CallOutcome, works: impl FnOnce(u16) -> String) -> Self {
        match outcome {
            CallOutcome::Response { status_code, .. } if status_code < 400 => Self::Works(works(status_code)),
            CallOutcome::Response { status_code, .. } => Self::Failed {
                code: crate::machine::code_of_status(status_code),
                message: format!("it was answered with the status {status_code}"),
            },
            CallOutcome::Retryable { code, message, .. } | CallOutcome::Permanent { code, message } => {
                Self::Failed { code, message }
            }
            CallOutcome::Later { .. } => Self::Unknown("it is at its limit".to_owned()),
        }
    }
}

/// Every connector's name and manifest, by name: what there is, whether or not it is put together here.
pub fn manifests() -> [(&'static str, &'static Manifest); 7] {
    [
        ("approvals", &approvals::MANIFEST),
        ("email", &email::MANIFEST),
        ("files", &files::MANIFEST),
        ("http", &http::MANIFEST),
        ("slack", &slack::MANIFEST),
        ("teams", &teams::MANIFEST),
        ("webhook", &webhook::MANIFEST),
    ]
}

/// One attempt to call an operation.
#[derive(Debug, Clone)]
pub struct CallRequest {
    /// Which operation: `host.operationId`, or `Http` for the built-in HTTP action.
    pub operation_id: String,
    /// The connection that the action names, with its secrets filled in.
    pub connection: Option<Connection>,
    /// The evaluated parameters, as the flow wrote them (`emailMessage/To`, … are not unfolded); for the HTTP
    /// action its inputs: `{method, uri, headers, queries, body, cookie, authentication}`.
    pub parameters: Value,
    /// The same for every attempt of one action of one run, before and after a crash: to be sent as
    /// `Idempotency-Key`, `webhook-id`, `Message-ID` or whatever the other side knows.
    pub idempotency_key: String,
    /// When the attempt must have ended.
    pub deadline: Timestamp,
}

/// A connection whose secrets are filled in. It lives as long as one call, and is never written anywhere.
#[derive(Clone)]
pub struct Connection {
    /// Its name in the instance.
    pub name: String,
    /// The connector it belongs to.
    pub kind: String,
    /// Its fields, as in the definitions file (without `kind`).
    pub config: Value,
}

impl Connection {
    /// How many calls it takes, when its config says so: `rate: {calls, seconds}`.
    pub fn rate(&self) -> Option<Rate> {
        let rate = self.config.get("rate")?;
        let number = |name: &str| u32::try_from(rate.get(name)?.as_u64()?).ok().filter(|number| *number > 0);
        Some(Rate { calls: number("calls")?, seconds: number("seconds").unwrap_or(1) })
    }
}

impl fmt::Debug for Connection {
    /// Without the config: it holds secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection")
            .field("name", &self.name)
            .field("kind", &self.kind)
            .finish_non_exhaustive()
    }
}

/// How one attempt went.
#[derive(Debug, Clone, PartialEq)]
pub enum CallOutcome {
    /// The other side answered. Any HTTP status belongs here, 4xx and 5xx too: the machine fails the action
    /// (with these outputs) from 400 on, and retries 408, 429 and 5xx, honouring a `Retry-After` header.
    Response {
        /// The HTTP status, or 200 for connectors that do not speak HTTP.
        status_code: u16,
        /// The headers, with names in lower case.
        headers: BTreeMap<String, String>,
        /// JSON as JSON, text as text, anything else as `{"$content-type", "$content"}` (base64).
        body: Value,
    },
    /// There was no answer, and trying again may help: no connection, a time-out, a greylisted mail.
    Retryable {
        /// The stable code: `BadGateway`, `NoResponse`, ….
        code: String,
        /// What happened, to what, and what to do. Without secrets.
        message: String,
        /// How long the other side asked to wait.
        retry_after: Option<Duration>,
    },
    /// The call was not made: the connection is at its limit, and the turn of this call comes later. That is
    /// no attempt. Only the runner says so.
    Later {
        /// In how long.
        after: Duration,
    },
    /// Trying again would end the same way: a wrong parameter, a refused address, a rejected recipient.
    Permanent {
        /// The stable code: `BadRequest`, `AddressRefused`, ….
        code: String,
        /// What happened, to what, and what to do. Without secrets.
        message: String,
    },
}

impl CallOutcome {
    /// A success without headers.
    pub fn ok(body: Value) -> Self {
        Self::Response { status_code: 200, headers: BTreeMap::new(), body }
    }

    /// A failure that another attempt would not change.
    pub fn permanent(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Permanent { code: code.into(), message: message.into() }
    }
}
