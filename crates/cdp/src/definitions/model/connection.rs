//! Connections: addresses and credentials of the systems that flows talk to.

use std::str::FromStr;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The address and credentials of one system. Secrets stand in it as references only.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Connection {
    /// What is at the other end.
    pub kind: ConnectionKind,
    /// The settings of this kind, by the keys of the definitions; secrets are references (see [`SecretRef`]).
    #[serde(flatten)]
    pub config: Map<String, Value>,
}

/// The kinds of connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ConnectionKind {
    /// A Teams channel, by the URL of its workflow.
    Teams,
    /// An SMTP server.
    Email,
    /// A web service.
    Http,
    /// A PostgreSQL server.
    Postgres,
    /// A MySQL or MariaDB server.
    Mysql,
    /// An object store.
    ObjectStore,
    /// An SFTP server.
    Sftp,
    /// A Slack channel, by its incoming webhook.
    Slack,
    /// An endpoint that takes signed events.
    Webhook,
    /// A folder of this machine.
    Files,
    /// People who decide, asked by mail.
    Approvals,
}

impl ConnectionKind {
    /// The name in the definitions.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Teams => "teams",
            Self::Email => "email",
            Self::Http => "http",
            Self::Postgres => "postgres",
            Self::Mysql => "mysql",
            Self::ObjectStore => "objectStore",
            Self::Sftp => "sftp",
            Self::Slack => "slack",
            Self::Webhook => "webhook",
            Self::Files => "files",
            Self::Approvals => "approvals",
        }
    }
}

impl Connection {
    /// The text under `key`.
    pub fn text(&self, key: &str) -> Option<&str> {
        self.config.get(key).and_then(Value::as_str)
    }
}

/// Where a secret is: `${env:NAME}` or `${secret:NAME}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecretRef {
    /// In an environment variable of the process.
    Env(String),
    /// In the secret store of the instance.
    Vault(String),
}

impl FromStr for SecretRef {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let inner = text.strip_prefix("${").and_then(|t| t.strip_suffix('}'));
        let parts = inner.and_then(|t| t.split_once(':')).map(|(from, name)| (from.trim(), name.trim()));
        let name_ok = |name: &str| {
            !name.is_empty()
                && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'))
        };
        match parts {
            Some(("env", name)) if name_ok(name) => Ok(Self::Env(name.to_owned())),
            Some(("secret", name)) if name_ok(name) => Ok(Self::Vault(name.to_owned())),
            _ => Err("a secret is written as a reference: `${env:NAME}` or `${secret:NAME}`".to_owned()),
        }
    }
}
