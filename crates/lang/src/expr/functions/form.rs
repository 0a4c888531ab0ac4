//! Bodies that are forms (`application/x-www-form-urlencoded`) or have parts (`multipart/…`), of actions and of
//! the trigger.

use super::super::context::find_ignoring_case;
use super::super::error::EvalError;
use super::super::eval::Val;
use super::super::limits;
use super::super::value::{envelope, envelope_of};
use super::{Call, conversion::percent_decode, workflow};
use serde_json::Value;
use std::borrow::Cow;

/// One part of a multipart body.
struct Part {
    content_type: String,
    /// The name of the form field, when it is one.
    name: Option<String>,
    bytes: Vec<u8>,
}

/// `formDataValue`
pub(super) fn value<'a>(call: &Call<'_, 'a>) -> Result<Val<'a>, EvalError> {
    single(call, workflow::outputs(call)?.as_ref(), 1)
}

/// `formDataMultiValues`
pub(super) fn values<'a>(call: &Call<'_, 'a>) -> Result<Val<'a>, EvalError> {
    let found = fields(call, workflow::outputs(call)?.as_ref(), call.text(1)?)?;
    Ok(Cow::Owned(Value::Array(found)))
}

/// `multipartBody`
pub(super) fn body<'a>(call: &Call<'_, 'a>) -> Result<Val<'a>, EvalError> {
    part(call, workflow::outputs(call)?.as_ref(), 1)
}

/// `triggerFormDataValue`
pub(super) fn trigger_value<'a>(call: &Call<'_, 'a>) -> Result<Val<'a>, EvalError> {
    single(call, workflow::trigger_outputs(call)?.as_ref(), 0)
}

/// `triggerFormDataMultiValues`
pub(super) fn trigger_values<'a>(call: &Call<'_, 'a>) -> Result<Val<'a>, EvalError> {
    let found = fields(call, workflow::trigger_outputs(call)?.as_ref(), call.text(0)?)?;
    Ok(Cow::Owned(Value::Array(found)))
}

/// `triggerMultipartBody`
pub(super) fn trigger_body<'a>(call: &Call<'_, 'a>) -> Result<Val<'a>, EvalError> {
    part(call, workflow::trigger_outputs(call)?.as_ref(), 0)
}

/// The only value of a field; null when there is none.
fn single<'a>(call: &Call<'_, 'a>, outputs: &Value, key: usize) -> Result<Val<'a>, EvalError> {
    let mut found = fields(call, outputs, call.text(key)?)?;
    if found.len() > 1 {
        return Err(call.error(format_args!(
            "found {} values of the key '{}'; it gives a value only when there is a single one",
            found.len(),
            call.text(key)?
        )));
    }
    Ok(Cow::Owned(found.pop().unwrap_or_default()))
}

static NULL: Value = Value::Null;

fn body_of(outputs: &Value) -> &Value {
    outputs.as_object().and_then(|outputs| find_ignoring_case(outputs, "body")).unwrap_or(&NULL)
}

fn content_type(outputs: &Value) -> String {
    let own = body_of(outputs).get("$content-type").and_then(Value::as_str);
    let headers = outputs.as_object().and_then(|outputs| find_ignoring_case(outputs, "headers"));
    let header = headers
        .and_then(Value::as_object)
        .and_then(|headers| find_ignoring_case(headers, "Content-Type"))
        .and_then(Value::as_str);
    own.or(header).unwrap_or_default().to_owned()
}

fn no_form(call: &Call<'_, '_>) -> EvalError {
    call.error(
        "expects a body of form data: application/x-www-form-urlencoded, multipart/form-data, or an object with \
         $formdata",
    )
}

/// The values of a field, in any of the forms in which a form can be kept.
fn fields(call: &Call<'_, '_>, outputs: &Value, key: &str) -> Result<Vec<Value>, EvalError> {
    let body = body_of(outputs);
    if let Some(form) = body.get("$formdata").and_then(Value::as_array) {
        let is = |pair: &&Value| {
            pair.get("key").and_then(Value::as_str).is_some_and(|name| name.eq_ignore_ascii_case(key))
        };
        return Ok(form
            .iter()
            .filter(is)
            .map(|pair| pair.get("value").cloned().unwrap_or_default())
            .collect());
    }
    let kind = content_type(outputs);
    if kind.to_ascii_lowercase().starts_with("multipart/") || body.get("$multipart").is_some() {
        let parts = parts(call, outputs)?;
        let is = |part: &&Part| part.name.as_ref().is_some_and(|name| name.eq_ignore_ascii_case(key));
        let text = |part: &Part| Value::String(String::from_utf8_lossy(&part.bytes).into_owned());
        return Ok(parts.iter().filter(is).map(text).collect());
    }
    let text = match body {
        Value::String(text) => text.clone(),
        Value::Object(map) => match envelope(map) {
            Some((_, bytes)) => String::from_utf8_lossy(&bytes).into_owned(),
            None => return Err(no_form(call)),
        },
        _ => return Err(no_form(call)),
    };
    if !kind.is_empty() && !kind.to_ascii_lowercase().contains("form-urlencoded") {
        return Err(no_form(call));
    }
    call.machine.made(text.len())?;
    let pairs = text.split('&').map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    let decoded = pairs.map(|(name, value)| (form_text(name), form_text(value)));
    Ok(decoded
        .filter(|(name, _)| name.eq_ignore_ascii_case(key))
        .map(|(_, value)| Value::String(value))
        .collect())
}

/// `+` is a space, `%41` a byte.
fn form_text(text: &str) -> String {
    String::from_utf8_lossy(&percent_decode(&text.replace('+', " "))).into_owned()
}

/// The body of one part, by its number from 0.
fn part<'a>(call: &Call<'_, 'a>, outputs: &Value, index: usize) -> Result<Val<'a>, EvalError> {
    let number = call.integer(index)?;
    let parts = parts(call, outputs)?;
    let found = usize::try_from(number).ok().and_then(|number| parts.get(number));
    let part = found.ok_or_else(|| {
        call.error(format_args!(
            "was asked for part {number}; the body has the parts 0 to {}",
            parts.len().saturating_sub(1)
        ))
    })?;
    call.machine.made(part.bytes.len().saturating_mul(2))?;
    let kind = part.content_type.to_ascii_lowercase();
    let value = if kind.starts_with("application/json") {
        serde_json::from_slice(&part.bytes).ok()
    } else if kind.starts_with("text/plain") {
        String::from_utf8(part.bytes.clone()).ok().map(Value::String)
    } else {
        None
    };
    Ok(Cow::Owned(value.unwrap_or_else(|| envelope_of(&part.content_type, &part.bytes))))
}

fn parts(call: &Call<'_, '_>, outputs: &Value) -> Result<Vec<Part>, EvalError> {
    let body = body_of(outputs);
    if let Some(parts) = body.get("$multipart").and_then(Value::as_array) {
        call.machine.spend(parts.len())?;
        return Ok(parts.iter().map(given_part).collect());
    }
    let kind = content_type(outputs);
    let bytes = match body {
        Value::String(text) => text.clone().into_bytes(),
        Value::Object(map) => envelope(map).map(|(_, bytes)| bytes).unwrap_or_default(),
        _ => Vec::new(),
    };
    let boundary =
        parameter(&kind, "boundary").filter(|_| kind.to_ascii_lowercase().starts_with("multipart/"));
    let boundary =
        boundary.ok_or_else(|| call.error("expects a body of type multipart/… with a boundary"))?;
    call.machine.made(bytes.len())?;
    Ok(split(&bytes, &boundary))
}

/// A part as the host keeps it: `{"headers": {…}, "body": …}`.
fn given_part(part: &Value) -> Part {
    let headers = part.get("headers").and_then(Value::as_object).cloned().unwrap_or_default();
    let header = |name: &str| find_ignoring_case(&headers, name).and_then(Value::as_str).unwrap_or_default();
    let body = part.get("body").unwrap_or(&Value::Null);
    let (own_kind, bytes) = match body {
        Value::String(text) => (None, text.clone().into_bytes()),
        Value::Object(map) => match envelope(map) {
            Some((kind, bytes)) => (Some(kind.to_owned()), bytes),
            None => (Some("application/json".to_owned()), body.to_string().into_bytes()),
        },
        Value::Null => (None, Vec::new()),
        other => (Some("application/json".to_owned()), other.to_string().into_bytes()),
    };
    let written = Some(header("Content-Type").to_owned()).filter(|kind| !kind.is_empty());
    Part {
        content_type: own_kind.or(written).unwrap_or_else(|| "text/plain".to_owned()),
        name: parameter(header("Content-Disposition"), "name"),
        bytes,
    }
}

/// A parameter of a header such as `multipart/form-data; boundary="x"`.
fn parameter(header: &str, name: &str) -> Option<String> {
    let mut parts = header.split(';').skip(1).filter_map(|part| part.split_once('='));
    let (_, value) = parts.find(|(key, _)| key.trim().eq_ignore_ascii_case(name))?;
    Some(value.trim().trim_matches('"').to_owned()).filter(|value| !value.is_empty())
}

/// The parts between the boundaries (RFC 2046).
fn split(bytes: &[u8], boundary: &str) -> Vec<Part> {
    let marker = format!("--{boundary}").into_bytes();
    let mut parts = Vec::new();
    let Some(mut at) = find(bytes, &marker) else { return parts };
    while parts.len() < limits::MULTIPART_PARTS {
        let after = bytes.get(at + marker.len()..).unwrap_or_default();
        if after.starts_with(b"--") {
            break;
        }
        let Some(length) = find(after, &marker) else { break };
        let inner = after.get(..length).unwrap_or_default();
        let inner = inner.strip_prefix(b"\r\n").or_else(|| inner.strip_prefix(b"\n")).unwrap_or(inner);
        let inner = inner.strip_suffix(b"\r\n").or_else(|| inner.strip_suffix(b"\n")).unwrap_or(inner);
        parts.push(read_part(inner));
        at += marker.len() + length;
    }
    parts
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len().max(1)).position(|window| window == wanted)
}

fn read_part(bytes: &[u8]) -> Part {
    let blank =
        [&b"\r\n\r\n"[..], b"\n\n"].into_iter().find_map(|blank| Some((find(bytes, blank)?, blank.len())));
    let (head, body) = match blank {
        _ if bytes.starts_with(b"\r\n") => (&[][..], bytes.get(2..).unwrap_or_default()),
        Some((at, length)) => {
            (bytes.get(..at).unwrap_or_default(), bytes.get(at + length..).unwrap_or_default())
        }
        None => (&[][..], bytes),
    };
    let head = String::from_utf8_lossy(head).into_owned();
    let header = |name: &str| {
        let mut lines = head.lines().filter_map(|line| line.split_once(':'));
        lines.find(|(key, _)| key.trim().eq_ignore_ascii_case(name)).map(|(_, value)| value.trim().to_owned())
    };
    Part {
        content_type: header("Content-Type").unwrap_or_else(|| "text/plain".to_owned()),
        name: header("Content-Disposition").and_then(|header| parameter(&header, "name")),
        bytes: body.to_vec(),
    }
}
