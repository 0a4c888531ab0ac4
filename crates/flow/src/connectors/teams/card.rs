//! Adaptive Cards 1.4 and the message around them. Only elements that Teams has shown since 1.2 are made
//! here.

use serde_json::{Map, Value, json};

use crate::connectors::CallOutcome;
use crate::connectors::shared::{Parameters, bad_request, kind, plain};

const SCHEMA: &str = "http://adaptivecards.io/schemas/adaptive-card.json";
const VERSION: &str = "1.4";
/// Facts of one card.
const MAX_FACTS: usize = 100;

/// A message with one card: what a Workflows webhook takes. The summary is the text of the notification.
fn envelope(card: &Value, summary: Option<&str>) -> Value {
    let mut message = json!({
        "type": "message",
        "attachments": [{
            "contentType": "application/vnd.microsoft.card.adaptive",
            "contentUrl": null,
            "content": card,
        }],
    });
    if let (Some(summary), Some(fields)) = (summary, message.as_object_mut()) {
        fields.insert("summary".to_owned(), json!(summary));
    }
    message
}

fn card(body: Vec<Value>, actions: Vec<Value>) -> Value {
    let mut card = json!({
        "$schema": SCHEMA,
        "type": "AdaptiveCard",
        "version": VERSION,
        "body": body,
        "msteams": {"width": "Full"},
    });
    if let (false, Some(fields)) = (actions.is_empty(), card.as_object_mut()) {
        fields.insert("actions".to_owned(), Value::Array(actions));
    }
    card
}

fn headline(title: &str) -> Value {
    json!({"type": "TextBlock", "text": title, "size": "Medium", "weight": "Bolder", "style": "heading", "wrap": true})
}

/// One block per line: within a block a single line break is a space (Markdown), and people mean a new line.
fn paragraphs(text: &str) -> impl Iterator<Item = Value> {
    let lines = text.split('\n').map(str::trim_end).filter(|line| !line.is_empty());
    lines.map(|line| json!({"type": "TextBlock", "text": line, "wrap": true}))
}

/// A message of a title and a text.
pub(super) fn simple(title: Option<&str>, text: &str) -> Value {
    let title = title.filter(|title| !title.is_empty());
    let body = title.map(headline).into_iter().chain(paragraphs(text)).collect();
    envelope(&card(body, Vec::new()), title)
}

/// The message of `postMessage`: title, text, facts, and a button that leads to `url`.
pub(super) fn message(parameters: &Parameters<'_>) -> Result<Value, CallOutcome> {
    let title = parameters.text("title")?.filter(|title| !title.is_empty());
    let text = parameters.required_text("text")?;
    let facts = parameters.get("facts").map(facts).transpose()?.unwrap_or_default();
    let mut body: Vec<Value> = title.as_deref().map(headline).into_iter().collect();
    body.extend(paragraphs(&text));
    if !facts.is_empty() {
        body.push(json!({"type": "FactSet", "facts": facts}));
    }
    let actions = match parameters.text("url")? {
        Some(url) => vec![button(&url, parameters.text("urlTitle")?.as_deref().unwrap_or("Open"))?],
        None => Vec::new(),
    };
    Ok(envelope(&card(body, actions), title.as_deref()))
}

fn button(url: &str, title: &str) -> Result<Value, CallOutcome> {
    let parsed = url::Url::parse(url).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
    let parsed = parsed.ok_or_else(|| bad_request("the parameter 'url' must be an http or https address"))?;
    Ok(json!({"type": "Action.OpenUrl", "title": title, "url": parsed.as_str()}))
}

/// Facts given as `{"name": value}` or `[{"title", "value"}]`.
fn facts(given: &Value) -> Result<Vec<Value>, CallOutcome> {
    let wrong = |what: &str| bad_request(format!("the parameter 'facts' {what}"));
    let pairs: Vec<(String, String)> = match given {
        Value::Object(fields) => fields.iter().map(|(name, value)| (name.clone(), shown(value))).collect(),
        Value::Array(items) => items
            .iter()
            .map(|item| {
                let title = item.get("title").and_then(plain);
                let title =
                    title.ok_or_else(|| wrong("needs a 'title' and a 'value' in each of its items"))?;
                Ok((title, item.get("value").map(shown).unwrap_or_default()))
            })
            .collect::<Result<_, CallOutcome>>()?,
        other => return Err(wrong(&format!("must be an object or an array, not {}", kind(other)))),
    };
    if pairs.len() > MAX_FACTS {
        return Err(wrong(&format!("has {} items; {MAX_FACTS} are allowed", pairs.len())));
    }
    Ok(pairs.into_iter().map(|(title, value)| json!({"title": title, "value": value})).collect())
}

/// A value as people read it: texts bare, everything else as JSON, null as nothing.
fn shown(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        other => plain(other).unwrap_or_else(|| other.to_string()),
    }
}

/// A card that the flow brings: as an object, as JSON in a text, or already in its message.
pub(super) fn posted(given: &Value) -> Result<Value, CallOutcome> {
    let parsed;
    let given = match given {
        Value::String(text) => {
            parsed = serde_json::from_str::<Value>(text)
                .map_err(|error| bad_request(format!("the card is not JSON: {error}")))?;
            &parsed
        }
        other => other,
    };
    match given.get("type").and_then(Value::as_str) {
        Some("AdaptiveCard") => {}
        Some("message") if given.pointer("/attachments/0/content").is_some() => return Ok(given.clone()),
        Some(other) => {
            return Err(bad_request(format!("the card's type must be \"AdaptiveCard\", not {other:?}")));
        }
        None if given.get("@type").is_some() => {
            return Err(bad_request(
                "this is a MessageCard, which Teams no longer shows; send an Adaptive Card",
            ));
        }
        None => return Err(bad_request("the card must be an object with \"type\": \"AdaptiveCard\"")),
    }
    let mut card: Map<String, Value> = given.as_object().cloned().unwrap_or_default();
    card.entry("$schema").or_insert_with(|| json!(SCHEMA));
    card.entry("version").or_insert_with(|| json!(VERSION));
    let summary = card.get("fallbackText").and_then(Value::as_str).map(str::to_owned);
    Ok(envelope(&Value::Object(card), summary.as_deref()))
}
