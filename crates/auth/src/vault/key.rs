//! The key file: made once per install beside the state, readable by its owner only.
//!
//! One line per key, `weir-vault-key-1 <id> <32 bytes in base64>`; the first seals, all of them open.

use std::io::{ErrorKind, Write};
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305};
use secrecy::{ExposeSecret, SecretSlice};

use crate::random::{hex, random};
use crate::{AuthError, Result, limits};

const MAGIC: &str = "weir-vault-key-1";
const KEY_BYTES: usize = 32;
const NONCE_BYTES: usize = 24;

/// The keys of an install, the first of which seals.
pub(super) struct Keys(Vec<Key>);

struct Key {
    id: String,
    bytes: SecretSlice<u8>,
}

/// A sealed secret as it is stored: everything is text.
pub(super) struct Sealed {
    pub(super) key_id: String,
    pub(super) nonce: String,
    pub(super) text: String,
}

impl Keys {
    /// Reads the key file; `None` when there is none.
    pub(super) fn read(path: &Path) -> Result<Option<Self>> {
        let unusable = |detail: String| AuthError::KeyUnusable { path: path.to_owned(), detail };
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(unusable(error.to_string())),
        };
        refuse_if_exposed(path)?;
        let keys = text.lines().filter(|line| !line.trim().is_empty()).map(parse_line);
        let keys = keys.collect::<Option<Vec<_>>>().ok_or_else(|| {
            unusable(format!("each line must read `{MAGIC} <id> <key>`; was the file changed or cut off?"))
        })?;
        if keys.is_empty() || keys.len() > limits::MAX_KEYS {
            return Err(unusable(format!("it must hold 1 to {} keys", limits::MAX_KEYS)));
        }
        Ok(Some(Self(keys)))
    }

    /// Makes the key file with a fresh key. It never replaces a file.
    pub(super) fn create(path: &Path) -> Result<Self> {
        let unusable = |error: std::io::Error| AuthError::KeyUnusable {
            path: path.to_owned(),
            detail: error.to_string(),
        };
        let bytes = random::<KEY_BYTES>()?;
        let id = hex(&random::<4>()?);
        let line = format!("{MAGIC} {id} {}\n", STANDARD.encode(bytes));
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(path).map_err(unusable)?;
        // Synced before anything is sealed with it: a lost key loses every secret.
        file.write_all(line.as_bytes()).and_then(|()| file.sync_all()).map_err(unusable)?;
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            std::fs::File::open(folder).and_then(|folder| folder.sync_all()).map_err(unusable)?;
        }
        Ok(Self(vec![Key { id, bytes: bytes.to_vec().into() }]))
    }

    /// A key for `purpose`, from the oldest key.
    pub(super) fn derive(&self, purpose: &str) -> [u8; 32] {
        let oldest = self.0.last().map(|key| key.bytes.expose_secret()).unwrap_or_default();
        blake3::derive_key(&format!("weir vault 2026-11 {purpose}"), oldest)
    }

    /// Seals `secret` so that it opens only for the same `owner` (the row it belongs to).
    pub(super) fn seal(&self, owner: &str, name: &str, secret: &str) -> Result<Sealed> {
        let failed = |detail: &str| AuthError::Sealed { name: name.to_owned(), detail: detail.to_owned() };
        let key = self.0.first().ok_or_else(|| failed("there is no key"))?;
        let nonce = random::<NONCE_BYTES>()?;
        let payload = Payload { msg: secret.as_bytes(), aad: owner.as_bytes() };
        let sealed = key
            .cipher()
            .and_then(|cipher| cipher.encrypt(&nonce.into(), payload).ok())
            .ok_or_else(|| failed("sealing failed"))?;
        Ok(Sealed { key_id: key.id.clone(), nonce: STANDARD.encode(nonce), text: STANDARD.encode(sealed) })
    }

    /// Opens what [`Keys::seal`] sealed for `owner`; the error says why not.
    pub(super) fn open(&self, owner: &str, sealed: &Sealed) -> std::result::Result<String, String> {
        let key = self.0.iter().find(|key| key.id == sealed.key_id).ok_or_else(|| {
            format!("it is sealed with the key {}, which the key file lacks", sealed.key_id)
        })?;
        let nonce =
            STANDARD.decode(&sealed.nonce).ok().and_then(|nonce| <[u8; NONCE_BYTES]>::try_from(nonce).ok());
        let text = STANDARD.decode(&sealed.text).ok();
        let opened = nonce.zip(text).and_then(|(nonce, text)| {
            let payload = Payload { msg: &text, aad: owner.as_bytes() };
            key.cipher()?.decrypt(&nonce.into(), payload).ok()
        });
        let opened = opened.ok_or("it was changed in the database, or belongs to another row")?;
        String::from_utf8(opened).map_err(|_| "it is not text".to_owned())
    }
}

impl Key {
    fn cipher(&self) -> Option<XChaCha20Poly1305> {
        XChaCha20Poly1305::new_from_slice(self.bytes.expose_secret()).ok()
    }
}

fn parse_line(line: &str) -> Option<Key> {
    let mut words = line.split_whitespace();
    let (magic, id, key) = (words.next()?, words.next()?, words.next()?);
    let bytes = STANDARD.decode(key).ok()?;
    let good = magic == MAGIC && words.next().is_none() && bytes.len() == KEY_BYTES;
    good.then(|| Key { id: id.to_owned(), bytes: bytes.into() })
}

#[cfg(unix)]
fn refuse_if_exposed(path: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let unusable = |detail: String| AuthError::KeyUnusable { path: path.to_owned(), detail };
    let mode = std::fs::metadata(path).map_err(|error| unusable(error.to_string()))?.permissions().mode();
    if mode & 0o077 != 0 {
        let detail = format!("others may read or change it (mode {:o}); run `chmod 600` on it", mode & 0o777);
        return Err(unusable(detail));
    }
    Ok(())
}

#[cfg(not(unix))]
fn refuse_if_exposed(_: &Path) -> Result<()> {
    Ok(())
}
