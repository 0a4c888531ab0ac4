//! The signature of Standard Webhooks 1.0.0: HMAC-SHA256 over `id.timestamp.body`, with the secret's own bytes.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use serde_json::Value;
use sha2::Sha256;

use crate::connectors::shared::bad_request;
use crate::connectors::{CallOutcome, Connection};

/// Bytes of a key, as the specification bounds it.
const KEY_BYTES: std::ops::RangeInclusive<usize> = 24..=64;

/// The headers of one message. Without a secret there is no signature.
pub(super) fn headers(
    connection: &Connection,
    id: &str,
    at: Timestamp,
    body: &str,
) -> Result<Vec<(String, String)>, CallOutcome> {
    let seconds = at.as_second().to_string();
    let mut headers =
        vec![("webhook-id".to_owned(), id.to_owned()), ("webhook-timestamp".to_owned(), seconds.clone())];
    let secrets = connection.config.get("secret").and_then(Value::as_str).unwrap_or_default();
    let mut signatures = Vec::new();
    for secret in secrets.split_whitespace() {
        let key = key(secret).ok_or_else(|| {
            let name = &connection.name;
            bad_request(format!(
                "the `secret` of the connection '{name}' must be whsec_ and base64 of 24 to 64 bytes"
            ))
        })?;
        signatures.push(format!("v1,{}", sign(&key, &format!("{id}.{seconds}.{body}"))));
    }
    if !signatures.is_empty() {
        headers.push(("webhook-signature".to_owned(), signatures.join(" ")));
    }
    Ok(headers)
}

fn key(secret: &str) -> Option<Vec<u8>> {
    let key = STANDARD.decode(secret.strip_prefix("whsec_")?).ok()?;
    KEY_BYTES.contains(&key.len()).then_some(key)
}

fn sign(key: &[u8], text: &str) -> String {
    // HMAC takes keys of any length.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return String::new() };
    mac.update(text.as_bytes());
    STANDARD.encode(mac.finalize().into_bytes())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::connectors::testing::connection;

    const SECRET: &str = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";

    fn signature(secret: &str) -> Result<Option<String>, CallOutcome> {
        let connection = connection("webhook", json!({"secret": secret}));
        let at = Timestamp::from_second(1_674_087_231).expect("a moment");
        let headers = headers(&connection, "msg_1", at, "{\"a\":1}")?;
        Ok(headers.into_iter().find(|(name, _)| name == "webhook-signature").map(|(_, value)| value))
    }

    #[test]
    fn the_signature_is_that_of_the_reference_libraries() {
        // The libraries for Python, JavaScript and Rust agree on this one.
        let expected = "v1,c9lhjcxcymv8/2VlKN9YRwiXq2vINjMBBrf/LxiKlvQ=";
        assert_eq!(signature(SECRET), Ok(Some(expected.to_owned())));
        let both = signature(&format!("{SECRET} {SECRET}")).expect("signed").expect("a header");
        assert_eq!(both, format!("{expected} {expected}"));
        assert_eq!(signature(""), Ok(None));
    }

    #[test]
    fn a_secret_of_another_form_is_refused_and_not_repeated() {
        for wrong in ["canary", "whsec_canary", "whsec_Y2FuYXJ5", "whsec_"] {
            let refused = signature(wrong).expect_err(wrong);
            let CallOutcome::Permanent { message, .. } = refused else { panic!("{refused:?}") };
            assert!(!message.contains("canary") && message.contains("'main'"), "{message}");
        }
    }
}
