//! Secrets of connections are references, filled in just before a call and forgotten after it.

use async_trait::async_trait;
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

/// A reference to a secret: `${env:NAME}` or `${secret:NAME}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecretReference {
    /// A variable of the process's environment.
    Env(String),
    /// A secret of the instance's vault.
    Vault(String),
}

impl SecretReference {
    /// Reads the inside of `${…}`.
    fn parse(inside: &str) -> Option<Self> {
        match inside.split_once(':')? {
            ("env", name) if !name.is_empty() => Some(Self::Env(name.to_owned())),
            ("secret", name) if !name.is_empty() => Some(Self::Vault(name.to_owned())),
            _ => None,
        }
    }
}

/// Why a secret could not be had.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SecretError {
    /// There is no such secret.
    #[error("there is no secret behind {0}")]
    Missing(String),
    /// The place where it is kept cannot be read.
    #[error("the secret behind {reference} cannot be read: {detail}")]
    Unreadable {
        /// The reference.
        reference: String,
        /// The cause.
        detail: String,
    },
}

/// Gives secrets by reference. The vault implements it; `weir` wires it.
#[async_trait]
pub trait SecretResolver: Send + Sync {
    /// The secret itself.
    async fn resolve(&self, reference: &SecretReference) -> Result<SecretString, SecretError>;
}

#[async_trait]
impl SecretResolver for auth::Vault {
    async fn resolve(&self, reference: &SecretReference) -> Result<SecretString, SecretError> {
        let known = match reference {
            SecretReference::Env(name) => auth::Reference::Env(name.clone()),
            SecretReference::Vault(name) => auth::Reference::Secret(name.clone()),
        };
        self.reveal(&known).await.map_err(|error| match error {
            auth::AuthError::Missing(_) => SecretError::Missing(written(reference)),
            other => SecretError::Unreadable { reference: written(reference), detail: other.to_string() },
        })
    }
}

/// Knows no secret at all.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoSecrets;

#[async_trait]
impl SecretResolver for NoSecrets {
    async fn resolve(&self, reference: &SecretReference) -> Result<SecretString, SecretError> {
        Err(SecretError::Missing(written(reference)))
    }
}

fn written(reference: &SecretReference) -> String {
    match reference {
        SecretReference::Env(name) => format!("${{env:{name}}}"),
        SecretReference::Vault(name) => format!("${{secret:{name}}}"),
    }
}

/// Fills in every reference in a connection's config. Only configs go through here, never what a run
/// computed: otherwise a customer's attribute that reads `${secret:…}` would pull a secret into a message.
pub async fn fill(config: &Value, secrets: &dyn SecretResolver) -> Result<Value, SecretError> {
    // Configs are flat in practice; one level of nesting below the top is what definitions allow.
    let mut filled = config.clone();
    let mut pending = vec![&mut filled];
    while let Some(value) = pending.pop() {
        match value {
            Value::String(text) => *text = fill_text(text, secrets).await?,
            Value::Array(items) => pending.extend(items),
            Value::Object(fields) => pending.extend(fields.values_mut()),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
    Ok(filled)
}

/// Secrets that the secure parameters of one flow refer to, each with the mark that stands for it while the flow
/// runs. The secret itself is put in its place just before a call: it is in no journal and in no history.
pub(crate) type Marks = Vec<(String, SecretReference)>;

/// The text with a mark in the place of each reference; `seed` makes marks that nobody outside can guess, so that
/// no data can pull a secret into a message.
pub(crate) fn mark(text: &str, seed: &str, marks: &mut Marks) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        out.push_str(before);
        match after.split_once('}').and_then(|(inside, tail)| Some((SecretReference::parse(inside)?, tail))) {
            Some((reference, tail)) => {
                let words = format!("{}\u{0}{seed}", written(&reference));
                let hash = blake3::derive_key("weir 2026 marks of secrets in flows", words.as_bytes());
                let hex: String = hash.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
                let mark = format!("${{secret#{hex}}}");
                out.push_str(&mark);
                marks.push((mark, reference));
                rest = tail;
            }
            None => {
                out.push_str("${");
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}

/// Puts the secrets in the places of their marks.
pub(crate) async fn unmark(
    value: &mut Value,
    marks: &[(String, SecretReference)],
    secrets: &dyn SecretResolver,
) -> Result<(), SecretError> {
    if marks.is_empty() {
        return Ok(());
    }
    let mut pending = vec![value];
    while let Some(value) = pending.pop() {
        match value {
            Value::String(text) if text.contains("${secret#") => {
                for (mark, reference) in marks {
                    if text.contains(mark.as_str()) {
                        *text = text.replace(mark, secrets.resolve(reference).await?.expose_secret());
                    }
                }
            }
            Value::Array(items) => pending.extend(items),
            Value::Object(fields) => pending.extend(fields.values_mut()),
            _ => {}
        }
    }
    Ok(())
}

async fn fill_text(text: &str, secrets: &dyn SecretResolver) -> Result<String, SecretError> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        out.push_str(before);
        match after.split_once('}').and_then(|(inside, tail)| Some((SecretReference::parse(inside)?, tail))) {
            Some((reference, tail)) => {
                out.push_str(secrets.resolve(&reference).await?.expose_secret());
                rest = tail;
            }
            None => {
                out.push_str("${");
                rest = after;
            }
        }
    }
    out.push_str(rest);
    Ok(out)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    struct Known;

    #[async_trait]
    impl SecretResolver for Known {
        async fn resolve(&self, reference: &SecretReference) -> Result<SecretString, SecretError> {
            match reference {
                SecretReference::Env(name) if name == "URL" => Ok("https://x/${secret:a}".to_owned().into()),
                SecretReference::Vault(name) if name == "smtp" => Ok("pa$$".to_owned().into()),
                other => NoSecrets.resolve(other).await,
            }
        }
    }

    #[tokio::test]
    async fn references_are_filled_in_at_any_depth_and_once_only() {
        let config = json!({"url": "${env:URL}", "headers": [{"k": "Bearer ${secret:smtp}!"}], "n": 1});
        let filled = fill(&config, &Known).await.unwrap();
        assert_eq!(
            filled,
            json!({"url": "https://x/${secret:a}", "headers": [{"k": "Bearer pa$$!"}], "n": 1})
        );
    }

    #[tokio::test]
    async fn a_missing_secret_is_named_without_its_value() {
        let error = fill(&json!({"p": "${secret:gone}"}), &Known).await.unwrap_err();
        assert_eq!(error.to_string(), "there is no secret behind ${secret:gone}");
    }

    #[tokio::test]
    async fn a_marked_secret_comes_in_where_its_mark_is_and_data_cannot_name_it() {
        let mut marks = Marks::new();
        let marked = mark("Bearer ${secret:smtp}", "seed", &mut marks);
        assert!(!marked.contains("smtp") && marked.starts_with("Bearer ${secret#"), "{marked}");
        assert_ne!(marked, mark("Bearer ${secret:smtp}", "other", &mut Marks::new()));
        let mut value = json!({"h": {"Authorization": marked}, "data": ["${secret:smtp}", "${secret#00}"]});
        unmark(&mut value, &marks, &Known).await.unwrap();
        assert_eq!(
            value,
            json!({"h": {"Authorization": "Bearer pa$$"}, "data": ["${secret:smtp}", "${secret#00}"]})
        );
    }

    #[tokio::test]
    async fn text_that_is_no_reference_stays() {
        let config = json!(["${", "${x}", "$ {env:URL}", "${env:}"]);
        assert_eq!(fill(&config, &Known).await.unwrap(), config);
    }
}
