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
use serde::Serialize;
use serde_json::Value;

pub mod email;
pub mod http;
mod registry;
pub(crate) mod secrets;
mod shared;
pub mod teams;

#[cfg(test)]
mod conformance;
#[cfg(test)]
mod testing;

pub use email::Email;
pub use http::Http;
pub use registry::{Connectors, HTTP_OPERATION, Route};
pub use secrets::{NoSecrets, SecretError, SecretReference, SecretResolver, fill};
pub use teams::Teams;

/// Something that a flow can reach.
#[async_trait]
pub trait Connector: Send + Sync {
    /// The connector's name: `http`, `teams`, `email`, …; also the `kind` of its connections.
    fn name(&self) -> &'static str;

    /// What the connector can do, for documentation, checks and the designer.
    fn manifest(&self) -> &'static Manifest;

    /// Makes one attempt. It must end by `request.deadline`, and must not retry by itself.
    async fn call(&self, request: CallRequest) -> CallOutcome;
}

/// What a connector says about itself.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Manifest {
    /// The name for people: `Microsoft Teams`.
    pub title: &'static str,
    /// One sentence: what it is for.
    pub summary: &'static str,
    /// Whether its operations need a connection.
    pub needs_connection: bool,
    /// The fields of a connection's config.
    pub connection: &'static [Parameter],
    /// The operations.
    pub operations: &'static [Operation],
}

/// One operation of a connector.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Operation {
    /// The id that a flow names in `host.operationId`.
    pub id: &'static str,
    /// One sentence: what it does.
    pub summary: &'static str,
    /// What it takes. Nested ones are written `item/field`.
    pub parameters: &'static [Parameter],
}

/// One parameter of an operation, or one field of a connection.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Parameter {
    /// Its name.
    pub name: &'static str,
    /// One sentence: what it means.
    pub summary: &'static str,
    /// Whether it must be given.
    pub required: bool,
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
