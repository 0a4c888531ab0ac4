//! What every connector needs: reading parameters, saying what is missing, and turning errors into outcomes.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use outbound::{OutboundError, Response};
use serde_json::{Map, Value};
use store::Clock;

use crate::connectors::{CallOutcome, CallRequest, Connection, Connector, Operation};

/// A refusal whose code says that the flow must be changed.
pub(super) fn bad_request(message: impl Into<String>) -> CallOutcome {
    CallOutcome::permanent("BadRequest", message)
}

/// The operation that a request names, in any case.
pub(super) fn operation(
    connector: &dyn Connector,
    request: &CallRequest,
) -> Result<&'static Operation, CallOutcome> {
    let operations = connector.manifest().operations;
    let known = operations.iter().find(|operation| operation.id.eq_ignore_ascii_case(&request.operation_id));
    known.ok_or_else(|| {
        let ids: Vec<_> = operations.iter().map(|operation| operation.id).collect();
        CallOutcome::permanent(
            "OperationNotFound",
            format!(
                "the connector '{}' has no operation '{}'; it has {}",
                connector.name(),
                request.operation_id,
                ids.join(", ")
            ),
        )
    })
}

/// The connection that a request came with, if it is one of this connector.
pub(super) fn connection<'a>(
    connector: &dyn Connector,
    request: &'a CallRequest,
) -> Result<&'a Connection, CallOutcome> {
    let kinds = connector.kinds();
    let kind = kinds.join("' or '");
    let missing = |what: String| CallOutcome::permanent("ConnectionMissing", what);
    let connection = request.connection.as_ref().ok_or_else(|| {
        missing(format!(
            "'{}' needs a connection of kind '{kind}': define one under `connections` and name it in the \
             action's host.connectionName",
            request.operation_id
        ))
    })?;
    if kinds.contains(&connection.kind.as_str()) {
        return Ok(connection);
    }
    Err(missing(format!(
        "the connection '{}' is of kind '{}'; '{}' needs one of kind '{kind}'",
        connection.name, connection.kind, request.operation_id
    )))
}

/// Parameters by name. Nested ones may be written `item/field` or as objects.
pub(super) struct Parameters<'a>(&'a Map<String, Value>);

impl<'a> Parameters<'a> {
    /// The parameters of a request, which must be an object.
    pub(super) fn of(request: &'a CallRequest) -> Result<Self, CallOutcome> {
        request
            .parameters
            .as_object()
            .map(Self)
            .ok_or_else(|| bad_request("the parameters must be an object"))
    }

    /// Like [`Parameters::of`], and refuses what `operation` does not take: usually a typing mistake.
    pub(super) fn checked(request: &'a CallRequest, operation: &Operation) -> Result<Self, CallOutcome> {
        let parameters = Self::of(request)?;
        match parameters.0.keys().find(|name| !operation.takes(name)) {
            Some(name) => {
                let known: Vec<_> = operation.parameters.iter().map(|parameter| parameter.name).collect();
                let known = known.join(", ");
                Err(bad_request(format!("'{}' has no parameter '{name}'; it has {known}", operation.id)))
            }
            None => Ok(parameters),
        }
    }

    /// A parameter that is there and not null.
    pub(super) fn get(&self, name: &str) -> Option<&'a Value> {
        let found = field(self.0, name).or_else(|| {
            let mut parts = name.split('/');
            let first = field(self.0, parts.next()?)?;
            parts.try_fold(first, |value, part| field(value.as_object()?, part))
        });
        found.filter(|value| !value.is_null())
    }

    /// A text. Numbers and booleans are taken as they are written; other kinds are refused.
    pub(super) fn text(&self, name: &str) -> Result<Option<String>, CallOutcome> {
        self.get(name)
            .map(|value| {
                plain(value).ok_or_else(|| {
                    bad_request(format!("the parameter '{name}' must be a text, not {}", kind(value)))
                })
            })
            .transpose()
    }

    /// A text that must be there and have content.
    pub(super) fn required_text(&self, name: &str) -> Result<String, CallOutcome> {
        self.text(name)?
            .filter(|text| !text.trim().is_empty())
            .ok_or_else(|| bad_request(format!("the parameter '{name}' is missing or empty")))
    }

    /// A list of texts: one text, or an array of them. Absent is empty.
    pub(super) fn texts(&self, name: &str) -> Result<Vec<String>, CallOutcome> {
        let wrong = || bad_request(format!("the parameter '{name}' must be a text or an array of texts"));
        match self.get(name) {
            None => Ok(Vec::new()),
            Some(Value::Array(items)) => items.iter().map(|item| plain(item).ok_or_else(wrong)).collect(),
            Some(value) => plain(value).map(|text| vec![text]).ok_or_else(wrong),
        }
    }
}

/// A field by its name: as it is written, else in any case (`emailMessage/CC` for `emailMessage/Cc`).
fn field<'a>(fields: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    let known = |(key, _): &(&String, &Value)| key.eq_ignore_ascii_case(name);
    fields.get(name).or_else(|| fields.iter().find(known).map(|(_, value)| value))
}

/// A scalar as text.
pub(super) fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// What kind of value this is, in words.
pub(super) fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

/// The time that is left for an attempt.
pub(super) fn time_left(clock: &dyn Clock, deadline: Timestamp) -> Result<Duration, CallOutcome> {
    let left = Duration::try_from(deadline.duration_since(clock.now())).unwrap_or(Duration::ZERO);
    if left.is_zero() {
        return Err(CallOutcome::Retryable {
            code: "GatewayTimeout".to_owned(),
            message: "the time for this attempt was over before it began".to_owned(),
            retry_after: None,
        });
    }
    Ok(left)
}

/// An error on the way out as the outcome of an attempt.
pub(super) fn failed(error: &OutboundError) -> CallOutcome {
    let code = match error {
        OutboundError::BlockedAddress { .. } => "AddressRefused",
        OutboundError::Dns { .. } | OutboundError::Connect { .. } | OutboundError::Tls { .. } => "BadGateway",
        OutboundError::Timeout { .. } => "GatewayTimeout",
        OutboundError::TooLarge { .. } => "TooLarge",
        OutboundError::Redirect { .. } => "TooManyRedirects",
        OutboundError::BadUrl { .. }
        | OutboundError::BadRequest { .. }
        | OutboundError::BadPolicy { .. }
        | OutboundError::BadMail { .. } => "BadRequest",
        OutboundError::StartTlsMissing { .. } => "StartTlsMissing",
        OutboundError::MailSignIn { .. } => "Unauthorized",
        OutboundError::MailRefused { .. } => "MailRefused",
        OutboundError::Store { .. } => "ReceivedNotStored",
    };
    let (code, message) = (code.to_owned(), error.to_string());
    if error.is_temporary() {
        CallOutcome::Retryable { code, message, retry_after: None }
    } else {
        CallOutcome::Permanent { code, message }
    }
}

/// Headers by name; several of one name are joined with commas (RFC 9110 §5.3).
pub(super) fn headers(response: &Response) -> BTreeMap<String, String> {
    let mut joined: BTreeMap<String, String> = BTreeMap::new();
    for (name, value) in &response.headers {
        let all = joined.entry(name.clone()).or_default();
        if !all.is_empty() {
            all.push_str(", ");
        }
        all.push_str(value);
    }
    joined
}
