//! The tokens of programs that use the API: shown once, kept as a hash, with a role and an end.

mod text;

use std::fmt;

use jiff::{SignedDuration, Timestamp};
use secrecy::SecretString;
use store::{Store, Tx, from_micros, to_micros};

use crate::{AuthError, Result, Role, limits};

/// The tokens of an instance. Cheap to clone.
#[derive(Clone)]
pub struct Tokens {
    store: Store,
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tokens").finish_non_exhaustive()
    }
}

/// What may be shown of a token.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TokenInfo {
    /// Its public part.
    pub id: String,
    /// What it is for.
    pub name: String,
    /// What it may.
    pub role: Role,
    /// When it was made.
    pub created_at: Timestamp,
    /// From when on it is of no use.
    pub expires_at: Timestamp,
    /// When it was taken back.
    pub revoked_at: Option<Timestamp>,
}

impl TokenInfo {
    /// Whether it opens anything at this moment.
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && now < self.expires_at
    }
}

/// A new token: the only time that its text can be had.
#[derive(Debug)]
pub struct NewToken {
    /// What stays known of it.
    pub info: TokenInfo,
    /// Its text, as it is sent with each request.
    pub text: SecretString,
}

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The public part of the token.
    pub token: String,
    /// What it may.
    pub role: Role,
}

#[derive(sqlx::FromRow)]
struct Row {
    token_id: String,
    name: String,
    role: String,
    hash: String,
    created_at: i64,
    expires_at: i64,
    revoked_at: Option<i64>,
}

impl Row {
    /// None for a role that this version does not know: it may nothing.
    fn info(self) -> Option<TokenInfo> {
        Some(TokenInfo {
            role: self.role.parse().ok()?,
            id: self.token_id,
            name: self.name,
            created_at: from_micros(self.created_at),
            expires_at: from_micros(self.expires_at),
            revoked_at: self.revoked_at.map(from_micros),
        })
    }
}

impl Tokens {
    /// The tokens kept in `store`.
    pub fn new(store: Store) -> Self {
        Self { store }
    }

    /// Makes a token that ends after `lifetime`. Tokens that ended long ago are forgotten.
    ///
    /// # Errors
    /// When the name or the lifetime does not fit, a live token has the name, or there are too many.
    pub async fn create(
        &self,
        tx: &mut Tx,
        name: &str,
        role: Role,
        lifetime: SignedDuration,
    ) -> Result<NewToken> {
        check_name(name)?;
        let now = tx.now();
        let expires_at = now.checked_add(lifetime).ok();
        let fits = lifetime.is_positive() && lifetime <= limits::MAX_TOKEN_LIFETIME;
        let expires_at = expires_at.filter(|_| fits).ok_or(AuthError::TokenLifetime)?;
        forget_old(tx).await?;
        let known = all(tx.conn()).await?;
        if known.iter().any(|token| token.name == name && token.is_live(now)) {
            return Err(AuthError::TokenNameTaken(name.to_owned()));
        }
        if known.len() >= limits::MAX_TOKENS {
            return Err(AuthError::TooManyTokens(known.len()));
        }
        let made = text::make()?;
        sqlx::query(
            "INSERT INTO api_token (token_id, name, role, hash, created_at, expires_at) \
             VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(&made.id)
        .bind(name)
        .bind(role.as_str())
        .bind(made.hash.to_hex().as_str())
        .bind(to_micros(now))
        .bind(to_micros(expires_at))
        .execute(tx.conn())
        .await?;
        let name = name.to_owned();
        let info = TokenInfo { id: made.id, name, role, created_at: now, expires_at, revoked_at: None };
        Ok(NewToken { info, text: made.text })
    }

    /// All tokens, the newest first; those that ended too.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn list(&self) -> Result<Vec<TokenInfo>> {
        all(self.store.pool()).await
    }

    /// Takes a live token back, by its id or its name. It counts from the next request on. None when there is none.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn revoke(&self, tx: &mut Tx, which: &str) -> Result<Option<TokenInfo>> {
        let now = tx.now();
        let mut known = all(tx.conn()).await?.into_iter().filter(|token| token.is_live(now));
        let Some(token) = known.find(|token| token.id == which || token.name == which) else {
            return Ok(None);
        };
        sqlx::query("UPDATE api_token SET revoked_at = $2 WHERE token_id = $1")
            .bind(&token.id)
            .bind(to_micros(now))
            .execute(tx.conn())
            .await?;
        Ok(Some(TokenInfo { revoked_at: Some(now), ..token }))
    }

    /// Who shows this text; nobody when it is no token, or one that ended. Hashes are compared in constant time.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn check(&self, text: &str) -> Result<Option<Caller>> {
        let Some(shown) = text::read(text) else { return Ok(None) };
        let row: Option<Row> = sqlx::query_as("SELECT * FROM api_token WHERE token_id = $1")
            .bind(&shown.id)
            .fetch_optional(self.store.pool())
            .await?;
        let Some(row) = row else { return Ok(None) };
        let is_it = blake3::Hash::from_hex(&row.hash).is_ok_and(|hash| hash == shown.hash);
        let now = self.store.clock().now();
        let live = row.info().filter(|token| is_it && token.is_live(now));
        Ok(live.map(|token| Caller { token: token.id, role: token.role }))
    }
}

async fn all<'c>(connection: impl sqlx::Executor<'c, Database = sqlx::Any>) -> Result<Vec<TokenInfo>> {
    let rows: Vec<Row> = sqlx::query_as("SELECT * FROM api_token ORDER BY created_at DESC, token_id")
        .fetch_all(connection)
        .await?;
    Ok(rows.into_iter().filter_map(Row::info).collect())
}

async fn forget_old(tx: &mut Tx) -> Result<()> {
    let before = tx.now().checked_sub(limits::KEEP_ENDED_TOKENS).unwrap_or(Timestamp::MIN);
    sqlx::query("DELETE FROM api_token WHERE expires_at < $1 OR revoked_at < $1")
        .bind(to_micros(before))
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Names are shown on terminals and in lists, so they are plain.
fn check_name(name: &str) -> Result<()> {
    let plain = |c: char| c.is_alphanumeric() || matches!(c, ' ' | '.' | '-' | '_');
    let length = name.chars().count();
    if length == 0 || length > limits::MAX_NAME_CHARS || !name.chars().all(plain) || name.trim() != name {
        return Err(AuthError::BadTokenName(name.to_owned()));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
