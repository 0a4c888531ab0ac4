//! A token as text: `weir_<id>_<secret>`, of which the id is public and the secret is 256 random bits.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::SecretString;

use crate::Result;
use crate::random::{hex, random};

/// What every token begins with, so that it is recognised where it was left lying about.
const PREFIX: &str = "weir_";
const ID_BYTES: usize = 8;
const SECRET_BYTES: usize = 32;

/// A token that was just made.
pub(super) struct Made {
    pub(super) id: String,
    pub(super) hash: blake3::Hash,
    pub(super) text: SecretString,
}

/// A token that somebody shows.
pub(super) struct Shown {
    pub(super) id: String,
    pub(super) hash: blake3::Hash,
}

/// Makes a token.
pub(super) fn make() -> Result<Made> {
    let id = hex(&random::<ID_BYTES>()?);
    let secret = random::<SECRET_BYTES>()?;
    let text = format!("{PREFIX}{id}_{}", URL_SAFE_NO_PAD.encode(secret));
    Ok(Made { id, hash: blake3::hash(&secret), text: text.into() })
}

/// Reads a token; none for a text that cannot be one. Nothing about the secret can be told from how long it takes.
pub(super) fn read(text: &str) -> Option<Shown> {
    let (id, secret) = text.strip_prefix(PREFIX)?.split_once('_')?;
    let is_id = id.len() == 2 * ID_BYTES && id.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    let secret = URL_SAFE_NO_PAD.decode(secret).ok().filter(|secret| secret.len() == SECRET_BYTES)?;
    is_id.then(|| Shown { id: id.to_owned(), hash: blake3::hash(&secret) })
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    #[test]
    fn a_token_is_read_back_and_other_texts_are_none() {
        let made = make().unwrap();
        let text = made.text.expose_secret();
        assert_eq!(text.len(), 5 + 16 + 1 + 43);
        let shown = read(text).unwrap();
        assert_eq!((shown.id, shown.hash), (made.id, made.hash));
        let long = "x".repeat(1 << 20);
        for other in ["", "weir_", "weir_0011223344556677_", &text[1..], &text[..text.len() - 1], &long] {
            assert!(read(other).is_none(), "{other:.40}");
        }
        assert!(read(&text.replace("weir_", "weir_A")).is_none());
        assert_ne!(make().unwrap().text.expose_secret(), text);
    }
}
