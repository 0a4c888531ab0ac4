//! The vault: names and sealed secrets in the state store, and the resolution of references to them.

mod key;
mod reference;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use store::{Store, Tx, from_micros, to_micros};

use crate::random::{hex, random};
use crate::{AuthError, Result, limits};
use key::{Keys, Sealed};
use reference::{Piece, pieces};

pub use reference::Reference;

/// How the vault reads the process's environment; an input, so that tests need not change it.
type Environment = dyn Fn(&str) -> Option<String> + Send + Sync;

/// The secrets of an install. Cheap to clone.
#[derive(Clone)]
pub struct Vault {
    store: Store,
    keys: Arc<Keys>,
    key_path: PathBuf,
    environment: Arc<Environment>,
}

/// What may be shown of a secret.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct SecretInfo {
    /// Its name, as in `${secret:name}`.
    pub name: String,
    /// When it was last stored.
    pub changed_at: Timestamp,
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Vault").field("key_path", &self.key_path).finish_non_exhaustive()
    }
}

impl Vault {
    /// Opens the vault in `store` with the key file at `key_path` (usually `<data dir>/vault.key`), and makes
    /// the key file when there is none and nothing is sealed yet.
    pub async fn open(store: Store, key_path: &Path) -> Result<Self> {
        Self::open_with(store, key_path, |name| std::env::var(name).ok()).await
    }

    /// Like [`Vault::open`], with an environment of the caller's.
    pub async fn open_with(
        store: Store,
        key_path: &Path,
        environment: impl Fn(&str) -> Option<String> + Send + Sync + 'static,
    ) -> Result<Self> {
        let keys = match Keys::read(key_path)? {
            Some(keys) => keys,
            None => {
                let secrets = count(store.pool()).await?;
                if secrets > 0 {
                    return Err(AuthError::KeyMissing { path: key_path.to_owned(), secrets });
                }
                Keys::create(key_path)?
            }
        };
        let key_path = key_path.to_owned();
        Ok(Self { store, keys: Arc::new(keys), key_path, environment: Arc::new(environment) })
    }

    /// A key for another purpose, made of the oldest key of the install: it stays the same when keys are added.
    pub fn derived_key(&self, purpose: &str) -> [u8; 32] {
        self.keys.derive(purpose)
    }

    /// Stores a secret; one of the same name is replaced.
    pub async fn put(&self, tx: &mut Tx, name: &str, secret: &SecretString) -> Result<()> {
        check_name(name)?;
        let secret = secret.expose_secret();
        if secret.len() > limits::MAX_SECRET_BYTES {
            let (bytes, limit) = (secret.len(), limits::MAX_SECRET_BYTES);
            return Err(AuthError::TooLarge { name: name.to_owned(), bytes, limit });
        }
        let now = to_micros(tx.now());
        let known: Option<(String,)> = sqlx::query_as("SELECT id FROM secret WHERE name = $1")
            .bind(name)
            .fetch_optional(tx.conn())
            .await?;
        let id = match known {
            Some((id,)) => id,
            None => {
                let held = count(tx.conn()).await?;
                if held >= limits::MAX_SECRETS {
                    return Err(AuthError::Full(held));
                }
                hex(&random::<16>()?)
            }
        };
        let sealed = self.keys.seal(&owner(&id, name), name, secret)?;
        sqlx::query(
            "INSERT INTO secret (id, name, key_id, nonce, sealed, changed_at) \
             VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (id) DO UPDATE SET key_id = excluded.key_id, nonce = excluded.nonce, \
             sealed = excluded.sealed, changed_at = excluded.changed_at",
        )
        .bind(&id)
        .bind(name)
        .bind(&sealed.key_id)
        .bind(&sealed.nonce)
        .bind(&sealed.text)
        .bind(now)
        .execute(tx.conn())
        .await?;
        Ok(())
    }

    /// Removes a secret; says whether there was one.
    pub async fn remove(&self, tx: &mut Tx, name: &str) -> Result<bool> {
        let done = sqlx::query("DELETE FROM secret WHERE name = $1").bind(name).execute(tx.conn()).await?;
        Ok(done.rows_affected() > 0)
    }

    /// The names of all secrets, in order. Values are never listed.
    pub async fn list(&self) -> Result<Vec<SecretInfo>> {
        let rows: Vec<(String, i64)> = sqlx::query_as("SELECT name, changed_at FROM secret ORDER BY name")
            .fetch_all(self.store.pool())
            .await?;
        Ok(rows.into_iter().map(|(name, at)| SecretInfo { name, changed_at: from_micros(at) }).collect())
    }

    /// The secret behind a reference, to be used at once and never kept.
    pub async fn reveal(&self, reference: &Reference) -> Result<SecretString> {
        self.find(reference).await?.ok_or_else(|| AuthError::Missing(vec![reference.to_string()]))
    }

    /// The text with every reference replaced. The error names all references that lead to nothing.
    pub async fn resolve(&self, text: &str) -> Result<SecretString> {
        let mut filled = String::with_capacity(text.len());
        let mut missing = Vec::new();
        for piece in pieces(text) {
            match piece {
                Piece::Text(text) => filled.push_str(text),
                Piece::Reference(reference) => match self.find(&reference).await? {
                    Some(secret) => filled.push_str(secret.expose_secret()),
                    None => missing.push(reference.to_string()),
                },
            }
        }
        if missing.is_empty() { Ok(filled.into()) } else { Err(AuthError::Missing(missing)) }
    }

    async fn find(&self, reference: &Reference) -> Result<Option<SecretString>> {
        let name = match reference {
            Reference::Env(name) => return Ok((self.environment)(name).map(SecretString::from)),
            Reference::Secret(name) => name,
        };
        let row: Option<(String, String, String, String)> =
            sqlx::query_as("SELECT id, key_id, nonce, sealed FROM secret WHERE name = $1")
                .bind(name)
                .fetch_optional(self.store.pool())
                .await?;
        let Some((id, key_id, nonce, text)) = row else { return Ok(None) };
        let opened = self.keys.open(&owner(&id, name), &Sealed { key_id, nonce, text });
        let opened = opened.map_err(|detail| AuthError::Sealed { name: name.clone(), detail })?;
        Ok(Some(opened.into()))
    }
}

async fn count<'c>(connection: impl sqlx::Executor<'c, Database = sqlx::Any>) -> Result<i64> {
    let (count,): (i64,) = sqlx::query_as("SELECT COUNT(*) FROM secret").fetch_one(connection).await?;
    Ok(count)
}

/// What a secret is sealed for: its row and its name, so that neither can be changed in the database.
fn owner(id: &str, name: &str) -> String {
    format!("{id}/{name}")
}

/// Names stand in `${secret:NAME}` and in URLs, so they are plain.
fn check_name(name: &str) -> Result<()> {
    let detail = if name.is_empty() || name.len() > limits::MAX_NAME_CHARS {
        format!("it must have 1 to {} characters", limits::MAX_NAME_CHARS)
    } else if !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_')) {
        "it may have letters, digits, '.', '-' and '_'".to_owned()
    } else {
        return Ok(());
    };
    Err(AuthError::BadName { name: name.to_owned(), detail })
}

#[cfg(test)]
mod tests;
