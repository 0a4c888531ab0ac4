//! Building the request from the inputs of an HTTP action.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use outbound::{Method, Request};
use serde_json::Value;

use super::body::write_body;
use crate::connectors::CallOutcome;
use crate::connectors::shared::{Parameters, bad_request, failed, kind, plain};

/// The request, with `key` as its `Idempotency-Key` unless the flow gives its own.
pub(super) fn build(parameters: &Parameters<'_>, key: &str) -> Result<Request, CallOutcome> {
    let refuse = |error| failed(&error);
    let method: Method = parameters.required_text("method")?.trim().parse().map_err(refuse)?;
    let mut request = Request::new(method, &parameters.required_text("uri")?).map_err(refuse)?;
    for (name, value) in pairs(parameters, "queries")? {
        request = request.query(&name, &value);
    }
    let headers = pairs(parameters, "headers")?;
    let given = |wanted: &str| headers.iter().any(|(name, _)| name.eq_ignore_ascii_case(wanted));
    let authorization = parameters.get("authentication").map(authorization).transpose()?;
    if authorization.is_some() && given("authorization") {
        return Err(bad_request("give either `authentication` or the header Authorization, not both"));
    }
    let key = (!given("idempotency-key")).then(|| ("Idempotency-Key".to_owned(), key.to_owned()));
    let cookie = parameters.text("cookie")?.map(|cookie| ("Cookie".to_owned(), cookie));
    let authorization = authorization.map(|value| ("Authorization".to_owned(), value));
    for (name, value) in headers.into_iter().chain(key).chain(cookie).chain(authorization) {
        request = request.header(&name, &value).map_err(refuse)?;
    }
    match parameters.get("body") {
        Some(body) => request.body(write_body(body)?).map_err(refuse),
        None => Ok(request),
    }
}

/// An object of scalars as names and texts; null values are left out.
fn pairs(parameters: &Parameters<'_>, name: &str) -> Result<Vec<(String, String)>, CallOutcome> {
    let Some(value) = parameters.get(name) else { return Ok(Vec::new()) };
    let object = value.as_object().ok_or_else(|| {
        bad_request(format!("the parameter '{name}' must be an object, not {}", kind(value)))
    })?;
    let present = object.iter().filter(|(_, value)| !value.is_null());
    let texts = present.map(|(key, value)| match plain(value) {
        Some(text) => Ok((key.clone(), text)),
        None => Err(bad_request(format!("'{name}/{key}' must be a text or a number, not {}", kind(value)))),
    });
    texts.collect()
}

/// The value of the Authorization header. Messages never repeat what was given.
fn authorization(authentication: &Value) -> Result<String, CallOutcome> {
    let field = |name: &str| authentication.get(name).and_then(Value::as_str);
    let needed = |name: &str| {
        field(name).ok_or_else(|| bad_request(format!("'authentication/{name}' is missing or no text")))
    };
    match field("type") {
        Some("Basic") => {
            let username = needed("username")?;
            if username.contains(':') {
                return Err(bad_request("'authentication/username' may not contain a colon (RFC 7617)"));
            }
            Ok(format!("Basic {}", STANDARD.encode(format!("{username}:{}", needed("password")?))))
        }
        Some("Raw") => needed("value").map(str::to_owned),
        other => Err(CallOutcome::permanent(
            "AuthenticationNotSupported",
            format!(
                "the authentication type {} is not supported; there are Basic and Raw",
                other.unwrap_or("(missing)")
            ),
        )),
    }
}
