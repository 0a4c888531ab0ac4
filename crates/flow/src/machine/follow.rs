//! Answers that are not the whole answer: work that is not done yet, and lists that come in pages.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value};
use url::Url;

use super::effect::NEXT_LINK_PARAMETER;
use super::fact::{Fact, Follow, Payload, Target};
use super::retry::retry_after;
use super::state::Record;
use super::{ActionPath, Inputs};
use crate::limits::POLL_GAP;

/// An answer that was not an error.
pub(super) struct Answer<'a> {
    pub(super) status_code: u16,
    pub(super) headers: &'a std::collections::BTreeMap<String, String>,
    pub(super) body: &'a Value,
}

/// The call that follows an answer, if it is not the whole answer.
pub(super) fn next_call(
    path: &ActionPath,
    record: &Record,
    target: &Target,
    follow: &Follow,
    answer: &Answer<'_>,
    inputs: &Inputs<'_>,
) -> Option<Fact> {
    let sent = record.request.as_ref().map(Payload::value).or(record.inputs());
    let (next, request, items) = if follow.polls && answer.status_code == 202 {
        let (next, request) = poll(record, sent?, answer, inputs.now)?;
        (next, request, None)
    } else {
        let (request, items) = page(record, sent?, target, follow.items?, answer)?;
        (inputs.now, request, Some(items.into()))
    };
    Some(Fact::CallContinues { at: inputs.now, path: path.clone(), next, request: request.into(), items })
}

/// The address that knows whether the work is done. Without a new `Location` it is the one asked before.
fn poll(record: &Record, sent: &Value, answer: &Answer<'_>, now: Timestamp) -> Option<(Timestamp, Value)> {
    let uri = sent.get("uri")?.as_str()?;
    let location = match answer.headers.get("location") {
        Some(location) => location.as_str(),
        None if record.polling => uri,
        None => return None,
    };
    let gap =
        answer.headers.get("retry-after").and_then(|header| retry_after(header, now)).unwrap_or(POLL_GAP);
    let next = now.checked_add(SignedDuration::try_from(gap).ok()?).ok()?;
    Some((next, Value::Object(get(sent, &resolved(uri, location)?))))
}

/// The next page, and the items of this one; nothing when there are enough, or there is no other page.
fn page(
    record: &Record,
    sent: &Value,
    target: &Target,
    wanted: u32,
    answer: &Answer<'_>,
) -> Option<(Value, Value)> {
    let items = answer.body.get("value")?.as_array()?;
    let collected = record.items.len().saturating_add(items.len());
    if collected >= usize::try_from(wanted).unwrap_or(usize::MAX) {
        return None;
    }
    let link = next_link(answer.body)?;
    let request = if target.is_http() {
        Value::Object(get(sent, &resolved(sent.get("uri")?.as_str()?, link)?))
    } else {
        let asked =
            if target.is_raw() || record.request.is_some() { Some(sent) } else { sent.get("parameters") };
        let mut parameters = asked.and_then(Value::as_object).cloned().unwrap_or_default();
        parameters.insert(NEXT_LINK_PARAMETER.to_owned(), link.into());
        Value::Object(parameters)
    };
    Some((request, Value::Array(items.clone())))
}

fn next_link(body: &Value) -> Option<&str> {
    let links = ["@odata.nextLink", "nextLink", "odata.nextLink"];
    links.iter().find_map(|name| body.get(name)?.as_str()).filter(|link| !link.is_empty())
}

/// All items in place of those of the last page, and no link.
pub(super) fn collected(record: &Record, mut body: Value) -> Value {
    if record.items.is_empty() {
        return body;
    }
    if let Some(fields) = body.as_object_mut()
        && let Some(Value::Array(last)) = fields.get_mut("value")
    {
        let mut all = record.items.clone();
        all.append(last);
        *last = all;
        for name in ["@odata.nextLink", "nextLink", "odata.nextLink"] {
            fields.remove(name);
        }
    }
    body
}

fn resolved(base: &str, link: &str) -> Option<String> {
    Url::parse(base).ok()?.join(link).ok().map(String::from)
}

/// A GET of an address that an answer named. Credentials go only to where they went before.
fn get(sent: &Value, uri: &str) -> Map<String, Value> {
    let mut request = Map::new();
    request.insert("method".to_owned(), "GET".into());
    request.insert("uri".to_owned(), uri.into());
    let origin = |uri: &str| Url::parse(uri).ok().map(|url| url.origin());
    let same = sent.get("uri").and_then(Value::as_str).and_then(origin) == origin(uri);
    if same {
        for name in ["authentication", "cookie"] {
            if let Some(value) = sent.get(name) {
                request.insert(name.to_owned(), value.clone());
            }
        }
        let headers = sent.get("headers").and_then(Value::as_object).into_iter().flatten();
        let headers = headers.filter(|(name, _)| !name.to_ascii_lowercase().starts_with("content-"));
        let headers: Map<String, Value> =
            headers.map(|(name, value)| (name.clone(), value.clone())).collect();
        if !headers.is_empty() {
            request.insert("headers".to_owned(), Value::Object(headers));
        }
    }
    request
}
