//! Building the request from the inputs of an HTTP action.

use outbound::{Method, Request};

use super::body::write_body;
use crate::connectors::CallOutcome;
use crate::connectors::shared::{Parameters, bad_request, failed, kind, plain};

/// The request, with what signs it in, and with `key` as its `Idempotency-Key` unless the flow gives its own.
pub(super) fn build(
    parameters: &Parameters<'_>,
    key: &str,
    authorization: Option<&str>,
) -> Result<Request, CallOutcome> {
    let refuse = |error| failed(&error);
    let method: Method = parameters.required_text("method")?.trim().parse().map_err(refuse)?;
    let mut request = Request::new(method, &parameters.required_text("uri")?).map_err(refuse)?;
    for (name, value) in pairs(parameters, "queries")? {
        request = request.query(&name, &value);
    }
    let headers = pairs(parameters, "headers")?;
    let given = |wanted: &str| headers.iter().any(|(name, _)| name.eq_ignore_ascii_case(wanted));
    let authorization = authorization.map(str::to_owned);
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
