//! What data sources may use of the world outside: addresses, a scratch folder, and the secrets of connections.
//!
//! Secrets are given by whoever wires the program: this side of the house unlocks none itself. They are filled in
//! just before a data source is read, and forgotten after it.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use futures::future::BoxFuture;
use outbound::AddressPolicy;
use serde_json::{Map, Value};
use sources::{Access, Settings};

use super::tasks::Failure;
use crate::definitions::{Connection, Definitions, SecretRef};

/// Gives the secret behind a reference, or why it cannot be had.
pub type Secrets =
    Arc<dyn Fn(SecretRef) -> BoxFuture<'static, std::result::Result<String, String>> + Send + Sync>;

/// The world outside, as far as data sources may use it.
#[derive(Clone)]
pub struct Outside {
    /// The addresses that may be called.
    pub policy: AddressPolicy,
    /// A folder for files that live as long as a read.
    pub scratch: PathBuf,
    /// The secrets of connections.
    pub secrets: Secrets,
}

impl fmt::Debug for Outside {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outside").field("policy", &self.policy).finish_non_exhaustive()
    }
}

impl Outside {
    /// Public addresses, and no secrets.
    pub fn public_only() -> Self {
        let none: Secrets = Arc::new(|_| Box::pin(async { Err("no secrets are known here".to_owned()) }));
        Self { policy: AddressPolicy::public_only(), scratch: std::env::temp_dir(), secrets: none }
    }

    /// What a data source that uses `connection` may use, its secrets filled in.
    pub(super) async fn access(
        &self,
        definitions: &Definitions,
        base_dir: PathBuf,
        connection: Option<&str>,
    ) -> Result<Access, Failure> {
        let mut access = Access::new(base_dir, self.scratch.clone(), self.policy.clone());
        let named = connection.and_then(|name| Some((name, definitions.connections.get(name)?)));
        if let Some((name, connection)) = named {
            let settings = self.settings(name, connection).await?;
            access.connections.insert(name.to_owned(), settings);
        }
        Ok(access)
    }

    /// The settings of a connection as they are defined, its secrets filled in; none without a connection.
    pub(super) async fn connection(
        &self,
        definitions: &Definitions,
        name: Option<&str>,
    ) -> Result<Map<String, Value>, Failure> {
        let Some(name) = name else { return Ok(Map::new()) };
        let connection = definitions.connections.get(name).ok_or_else(|| {
            Failure::permanent("connectionNotFound", format!("there is no connection {name:?}"))
        })?;
        let mut filled = Map::new();
        for (key, value) in &connection.config {
            let value = match value {
                Value::String(text) => Value::String(self.fill(name, text).await?),
                Value::Object(inner) => {
                    let mut entries = Map::new();
                    for (key, value) in inner {
                        let text = self.fill(name, value.as_str().unwrap_or_default()).await?;
                        entries.insert(key.clone(), Value::String(text));
                    }
                    Value::Object(entries)
                }
                other => other.clone(),
            };
            filled.insert(key.clone(), value);
        }
        Ok(filled)
    }

    async fn settings(&self, name: &str, connection: &Connection) -> Result<Settings, Failure> {
        let mut values = BTreeMap::new();
        for (key, value) in &connection.config {
            match value {
                Value::String(text) => drop(values.insert(key.clone(), self.fill(name, text).await?)),
                Value::Object(inner) => {
                    for (inner_key, value) in inner {
                        let text = self.fill(name, value.as_str().unwrap_or_default()).await?;
                        values.insert(format!("{key}.{inner_key}"), text);
                    }
                }
                other => drop(values.insert(key.clone(), other.to_string())),
            }
        }
        Ok(Settings { kind: connection.kind.as_str().to_owned(), values })
    }

    /// A text with the secrets behind its references in their places.
    async fn fill(&self, connection: &str, text: &str) -> Result<String, Failure> {
        let mut filled = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${") {
            let Some((inside, end)) = after.split_once('}') else { break };
            let reference = format!("${{{inside}}}");
            let wrong = |why: String| {
                let message = format!("the connection {connection:?} needs {reference}: {why}");
                Failure::permanent("secretMissing", message)
            };
            let secret = (self.secrets)(reference.parse().map_err(wrong)?).await.map_err(wrong)?;
            filled.push_str(before);
            filled.push_str(&secret);
            rest = end;
        }
        filled.push_str(rest);
        Ok(filled)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn references_are_filled_in_and_what_is_missing_is_named_without_a_value() {
        let secrets: Secrets = Arc::new(|reference| {
            Box::pin(async move {
                match reference {
                    SecretRef::Env(name) if name == "TOKEN" => Ok("abc".to_owned()),
                    _ => Err("it is not there".to_owned()),
                }
            })
        });
        let outside = Outside { secrets, ..Outside::public_only() };
        assert_eq!(outside.fill("c", "Bearer ${env:TOKEN}!").await.unwrap(), "Bearer abc!");
        assert_eq!(outside.fill("c", "plain").await.unwrap(), "plain");
        let missing = outside.fill("shop", "${secret:nobody}").await.unwrap_err();
        assert_eq!(missing.code, "secretMissing");
        assert!(missing.message.contains("shop") && missing.message.contains("${secret:nobody}"));
    }
}
