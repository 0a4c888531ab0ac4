//! Bodies: JSON as JSON, text as text, anything else in an envelope `{"$content-type", "$content"}` with
//! base64.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use outbound::{Body, Response};
use serde_json::{Value, json};

use crate::connectors::CallOutcome;
use crate::connectors::shared::bad_request;

/// A flow's value as a request body.
pub(super) fn write_body(value: &Value) -> Result<Body, CallOutcome> {
    if value.get("$multipart").is_some() {
        return Err(CallOutcome::permanent(
            "BodyNotSupported",
            "multipart bodies ($multipart) are not supported",
        ));
    }
    if let Some(content) = value.get("$content") {
        let packed = content.as_str().ok_or_else(|| bad_request("'$content' must be a text in base64"))?;
        let bytes = STANDARD.decode(packed).map_err(|_| bad_request("'$content' is not base64"))?;
        let content_type = value.get("$content-type").and_then(Value::as_str);
        let content_type = content_type.unwrap_or("application/octet-stream").to_owned();
        return Ok(Body::bytes(bytes, Some(content_type)));
    }
    Ok(match value {
        Value::String(text) => Body::text(text.clone()),
        other => Body::json(other),
    })
}

/// A response's body as a flow's value; an empty one is null. JSON that cannot be read is given as text.
pub(in crate::connectors) fn read_body(response: &Response) -> Value {
    if response.body.is_empty() {
        return Value::Null;
    }
    let content_type = response.header("content-type").unwrap_or_default();
    let media = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let utf8 = std::str::from_utf8(&response.body).ok();
    if media == "application/json" || media.ends_with("+json") {
        return serde_json::from_slice(&response.body).unwrap_or_else(|_| Value::String(response.text()));
    }
    match utf8 {
        Some(text) if media.starts_with("text/") || media.is_empty() => Value::String(text.to_owned()),
        None if media.starts_with("text/") && is_latin1(content_type) => {
            Value::String(response.body.iter().copied().map(char::from).collect())
        }
        _ => {
            let kind = if media.is_empty() { "application/octet-stream" } else { content_type };
            json!({"$content-type": kind, "$content": STANDARD.encode(&response.body)})
        }
    }
}

fn is_latin1(content_type: &str) -> bool {
    let charset = content_type.split(';').skip(1).find_map(|part| part.trim().strip_prefix("charset="));
    charset.is_some_and(|charset| charset.trim_matches('"').eq_ignore_ascii_case("iso-8859-1"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(content_type: &str, body: &[u8]) -> Value {
        let headers = vec![("content-type".to_owned(), content_type.to_owned())];
        read_body(&Response { status: 200, headers, body: body.to_vec() })
    }

    #[test]
    fn a_response_is_read_by_its_content_type() {
        for (content_type, body, value) in [
            ("application/json; charset=utf-8", &b"{\"a\":[1,null]}"[..], json!({"a": [1, null]})),
            ("application/problem+json", b"{}", json!({})),
            ("application/json", b"{broken", json!("{broken")),
            ("application/json", b"", json!(null)),
            ("text/plain", "grüße".as_bytes(), json!("grüße")),
            ("text/html; charset=ISO-8859-1", b"gr\xfc\xdfe", json!("grüße")),
            ("text/plain", b"\xff", json!({"$content-type": "text/plain", "$content": "/w=="})),
            ("", b"plain", json!("plain")),
            ("", b"\xff", json!({"$content-type": "application/octet-stream", "$content": "/w=="})),
            ("image/png", b"abc", json!({"$content-type": "image/png", "$content": "YWJj"})),
            ("application/xml", b"<a/>", json!({"$content-type": "application/xml", "$content": "PGEvPg=="})),
        ] {
            assert_eq!(read(content_type, body), value, "{content_type} {body:?}");
        }
    }

    #[test]
    fn json_deeper_than_any_answer_is_text_and_no_crash() {
        let deep = "[".repeat(100_000);
        assert_eq!(read("application/json", deep.as_bytes()), json!(deep));
    }

    #[test]
    fn a_value_is_written_as_what_it_is() {
        for (value, content_type, bytes) in [
            (json!({"a": 1}), "application/json", &b"{\"a\":1}"[..]),
            (json!([1]), "application/json", b"[1]"),
            (json!(false), "application/json", b"false"),
            (json!("text"), "text/plain; charset=utf-8", b"text"),
            (json!({"$content-type": "image/png", "$content": "YWJj"}), "image/png", b"abc"),
            (json!({"$content": "YWJj"}), "application/octet-stream", b"abc"),
        ] {
            let body = write_body(&value).expect("a body");
            assert_eq!((body.content_type.as_deref(), &*body.bytes), (Some(content_type), bytes), "{value}");
        }
        for wrong in [json!({"$content": 1}), json!({"$content": "%"}), json!({"$multipart": []})] {
            assert!(matches!(write_body(&wrong), Err(CallOutcome::Permanent { .. })), "{wrong}");
        }
    }
}
