//! Connections: what a flow's actions name in `host.connectionName`. Secrets in them stay references here.

use jiff::SignedDuration;
use serde::Serialize;
use serde_json::Value;
use store::{Store, Tx};

use crate::connectors::{self, Connectors, Manifest, SecretResolver, TestRequest, Tested};
use crate::{FlowError, Result};

/// The longest that a test of a connection takes.
const TEST_TIME: SignedDuration = SignedDuration::from_secs(30);

/// A connection as it was defined: its secrets are references.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Connection {
    /// Its name.
    pub name: String,
    /// The connector it belongs to: `teams`, `email`, ….
    pub kind: String,
    /// Its fields.
    pub config: Value,
}

/// Makes `connections` the only ones of this instance.
pub async fn replace(tx: &mut Tx, connections: &[Connection]) -> Result<()> {
    sqlx::query("DELETE FROM connection").execute(tx.conn()).await?;
    for connection in connections {
        put(tx, connection).await?;
    }
    Ok(())
}

/// Adds or changes a connection.
pub async fn put(tx: &mut Tx, connection: &Connection) -> Result<()> {
    sqlx::query(
        "INSERT INTO connection (name, kind, config) VALUES ($1, $2, $3) \
         ON CONFLICT (name) DO UPDATE SET kind = excluded.kind, config = excluded.config",
    )
    .bind(&connection.name)
    .bind(&connection.kind)
    .bind(connection.config.to_string())
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Removes a connection; says whether there was one.
pub async fn remove(tx: &mut Tx, name: &str) -> Result<bool> {
    let done = sqlx::query("DELETE FROM connection WHERE name = $1").bind(name).execute(tx.conn()).await?;
    Ok(done.rows_affected() > 0)
}

/// Every connection, by name.
pub async fn list(store: &Store) -> Result<Vec<Connection>> {
    let rows: Vec<(String, String, String)> =
        sqlx::query_as("SELECT name, kind, config FROM connection ORDER BY name")
            .fetch_all(store.pool())
            .await?;
    rows.into_iter().map(read).collect()
}

fn read((name, kind, config): (String, String, String)) -> Result<Connection> {
    let config = serde_json::from_str(&config).map_err(|error| FlowError::Corrupt {
        what: "connection",
        of: name.clone(),
        detail: error.to_string(),
    })?;
    Ok(Connection { name, kind, config })
}

/// The connector of flows that uses connections of this kind.
pub fn connector_of(kind: &str) -> Option<(&'static str, &'static Manifest)> {
    let uses = |(name, manifest): &(&'static str, &'static Manifest)| {
        manifest.kinds.contains(&kind) || (manifest.kinds.is_empty() && *name == kind)
    };
    connectors::manifests().into_iter().find(uses)
}

/// Tries whether a connection works. What only a message can test is tested only with `send`.
pub async fn test(
    store: &Store,
    connectors: &Connectors,
    secrets: &dyn SecretResolver,
    connection: &Connection,
    send: bool,
) -> Tested {
    let connector = connector_of(&connection.kind).and_then(|(name, _)| connectors.get(name));
    let Some(connector) = connector else {
        return Tested::Unknown("flows do not use connections of this kind".to_owned());
    };
    let config = match connectors::fill(&connection.config, secrets).await {
        Ok(config) => config,
        Err(error) => {
            return Tested::Failed { code: "SecretNotFound".to_owned(), message: error.to_string() };
        }
    };
    let (name, kind) = (connection.name.clone(), connection.kind.clone());
    let connection = connectors::Connection { name, kind, config };
    let now = store.clock().now();
    let deadline = now.checked_add(TEST_TIME).unwrap_or(now);
    let testing = connector.test(TestRequest { connection, send, deadline });
    match tokio::time::timeout(TEST_TIME.unsigned_abs(), testing).await {
        Ok(tested) => tested,
        Err(_) => Tested::Failed {
            code: "NoResponse".to_owned(),
            message: format!("there was no answer within {} seconds", TEST_TIME.as_secs()),
        },
    }
}

/// Why a call has no connection: a code and a sentence for the action's record.
pub(crate) struct NoConnection {
    pub(crate) code: &'static str,
    pub(crate) message: String,
}

/// The connection called `name`, with its secrets filled in: for one call.
pub(crate) async fn open(
    store: &Store,
    secrets: &dyn SecretResolver,
    name: &str,
    kinds: &[&str],
) -> Result<std::result::Result<connectors::Connection, NoConnection>> {
    let all = list(store).await?;
    let Some(found) = all.iter().find(|connection| connection.name == name) else {
        return Ok(Err(missing(&all, name, kinds)));
    };
    if !kinds.contains(&found.kind.as_str()) {
        let wanted = kinds.join("' or '");
        let message =
            format!("The connection '{name}' is of the kind '{}'; this action needs '{wanted}'.", found.kind);
        return Ok(Err(NoConnection { code: "ConnectionKindMismatch", message }));
    }
    Ok(match connectors::fill(&found.config, secrets).await {
        Ok(config) => {
            Ok(connectors::Connection { name: found.name.clone(), kind: found.kind.clone(), config })
        }
        Err(error) => Err(NoConnection {
            code: "SecretNotFound",
            message: format!("The connection '{name}' cannot be used: {error}."),
        }),
    })
}

fn missing(all: &[Connection], name: &str, kinds: &[&str]) -> NoConnection {
    let same: Vec<&str> = all
        .iter()
        .filter(|other| kinds.contains(&other.kind.as_str()))
        .map(|other| other.name.as_str())
        .collect();
    let kind = kinds.join("' or '");
    let known = if same.is_empty() {
        format!("there is none of the kind '{kind}' yet: add one under `connections:`")
    } else {
        format!("those of the kind '{kind}' are {}", same.join(", "))
    };
    NoConnection {
        code: "ConnectionNotFound",
        message: format!("There is no connection '{name}' (host.connectionName); {known}."),
    }
}
