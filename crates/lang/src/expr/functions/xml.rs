//! XML values: `xml`, `xpath`, and the XML side of `json`.

use super::super::error::EvalError;
use super::super::eval::Val;
use super::super::value::{envelope, envelope_of, kind_name};
use super::super::xml::{self, CONTENT_TYPE, Document, Kind};
use super::super::xpath;
use super::Call;
use serde_json::{Map, Number, Value};
use std::borrow::Cow;

/// Whether a content type is one of XML.
pub(super) fn is_xml(content_type: &str) -> bool {
    let kind = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    matches!(kind.as_str(), "application/xml" | "text/xml") || kind.ends_with("+xml")
}

/// The document in a text, what it costs counted.
fn document(call: &Call<'_, '_>, text: &str) -> Result<Document, EvalError> {
    call.machine.made(text.len())?;
    let document = xml::read(text)
        .map_err(|why| call.error(format_args!("was given a text that is no valid XML: {why}")))?;
    call.machine.spend(document.len())?;
    Ok(document)
}

/// `xml`: from a text, an object with one property, or a binary value.
pub(super) fn xml<'a>(call: &Call<'_, 'a>) -> Result<Val<'a>, EvalError> {
    let text: Cow<'_, str> = match call.arg(0) {
        Value::String(text) => Cow::Borrowed(text),
        Value::Object(map) => match envelope(map) {
            Some((kind, bytes)) => {
                let text = xml::decode(&bytes);
                if !is_xml(kind) && text.trim_start().starts_with('{') {
                    return from_text_of_json(call, &text);
                }
                Cow::Owned(text)
            }
            None => return from_object(call, map),
        },
        other => {
            return Err(call.error(format_args!(
                "expects its parameter to be a string or an object. The provided value is of type '{}'",
                kind_name(other)
            )));
        }
    };
    let text = text.trim_start_matches('\u{feff}');
    document(call, text)?;
    give(call, text)
}

fn from_text_of_json<'a>(call: &Call<'_, 'a>, text: &str) -> Result<Val<'a>, EvalError> {
    match serde_json::from_str(text) {
        Ok(Value::Object(map)) => from_object(call, &map),
        _ => Err(call.error("was given content that is neither XML nor a JSON object")),
    }
}

fn from_object<'a>(call: &Call<'_, 'a>, map: &Map<String, Value>) -> Result<Val<'a>, EvalError> {
    let released = super::super::decimal::released(call.machine.own(Cow::Borrowed(call.arg(0)))?);
    let map = if call.arg(0).as_object() == Some(map) { released.as_object().unwrap_or(map) } else { map };
    let text = xml::from_json(map)
        .map_err(|why| call.error(format_args!("cannot turn the provided value into XML: {why}")))?;
    call.machine.made(text.len())?;
    give(call, &text)
}

fn give<'a>(call: &Call<'_, 'a>, text: &str) -> Result<Val<'a>, EvalError> {
    call.machine.made(text.len().saturating_mul(4) / 3)?;
    Ok(Cow::Owned(envelope_of(CONTENT_TYPE, text.as_bytes())))
}

/// `json` of an XML value.
pub(super) fn to_json<'a>(call: &Call<'_, 'a>, bytes: &[u8]) -> Result<Val<'a>, EvalError> {
    let document = document(call, &xml::decode(bytes))?;
    let value = xml::to_json(&document);
    call.machine.own(Cow::Owned(value)).map(Cow::Owned)
}

/// `xpath`
pub(super) fn xpath<'a>(call: &Call<'_, 'a>) -> Result<Val<'a>, EvalError> {
    let bytes = match call.arg(0) {
        Value::Object(map) => envelope(map).filter(|(kind, _)| is_xml(kind)).map(|(_, bytes)| bytes),
        _ => None,
    };
    let bytes = bytes.ok_or_else(|| call.wrong(0, "an XML object, as xml() gives it"))?;
    let query = xpath::parse(call.text(1)?)
        .map_err(|why| call.error(format_args!("was given an XPath expression that is not valid: {why}")))?;
    let document = document(call, &xml::decode(&bytes))?;
    Ok(Cow::Owned(match xpath::evaluate(&query, &document, call.machine)? {
        xpath::Value::Bool(flag) => Value::Bool(flag),
        xpath::Value::Text(text) => Value::String(text),
        xpath::Value::Number(number) => match Number::from_f64(number) {
            Some(number) => Value::Number(number),
            // JSON has no such numbers.
            None => Value::String(if number.is_nan() {
                "NaN".to_owned()
            } else if number > 0.0 {
                "Infinity".to_owned()
            } else {
                "-Infinity".to_owned()
            }),
        },
        xpath::Value::Nodes(nodes) => {
            let values: Result<Vec<Value>, _> = nodes.iter().map(|id| node(call, &document, *id)).collect();
            Value::Array(values?)
        }
    }))
}

/// A node as a value: text as text, everything else as XML.
fn node(call: &Call<'_, '_>, document: &Document, id: usize) -> Result<Value, EvalError> {
    call.machine.spend(1)?;
    let text = match document.node(id).kind {
        Kind::Text | Kind::Cdata => document.text(id),
        _ => xml::write(document, id),
    };
    call.machine.made(text.len())?;
    Ok(match document.node(id).kind {
        Kind::Root | Kind::Element { .. } | Kind::Comment | Kind::Instruction => {
            envelope_of(CONTENT_TYPE, text.as_bytes())
        }
        _ => Value::String(text),
    })
}
