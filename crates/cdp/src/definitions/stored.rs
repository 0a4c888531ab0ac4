//! The definitions in the state store: applied in one transaction, with every version kept.

use std::collections::BTreeMap;
use std::path::PathBuf;

use sqlx::AnyConnection;
use store::{Store, Tx, to_micros};

use super::error::DefinitionError;
use super::model::Definitions;
use super::object::{Object, ObjectKind, from_objects, objects};
use super::plan::{Action, Change, Plan, plan};
use super::project::Project;

/// The setting that holds the folder that relative paths start from.
const BASE_SETTING: &str = "definitions.base";

/// Makes what is stored equal to the project, inside the caller's transaction: all of it or, without a commit,
/// nothing. Returns what changed. Flows and subscriptions are for the caller to hand on, in the same transaction.
///
/// # Errors
/// When the store fails, or holds what this version cannot read.
pub async fn apply(tx: &mut Tx, project: &Project) -> Result<Plan, DefinitionError> {
    let wanted = project.definitions();
    let before = read(tx.conn()).await?;
    let plan = plan(&from_objects(&before)?, wanted)?;
    let after = objects(wanted)?;
    let now = to_micros(tx.now());
    for change in &plan.changes {
        let object = after.iter().find(|object| object.kind == change.kind && object.name == change.name);
        write(tx, change, object, now).await?;
    }
    keep_order(tx, &after).await?;
    let base = wanted.base_dir.to_string_lossy();
    tx.put_setting(BASE_SETTING, &base).await?;
    Ok(plan)
}

/// The definitions that are applied; empty when none ever were.
///
/// # Errors
/// When the store fails, or holds what this version cannot read.
pub async fn applied(store: &Store) -> Result<Definitions, DefinitionError> {
    let mut tx = store.read().await?;
    let mut definitions = from_objects(&read(tx.conn()).await?)?;
    let base = store.setting(BASE_SETTING).await?;
    definitions.base_dir = base.map(PathBuf::from).unwrap_or_default();
    Ok(definitions)
}

/// One version of an object that was applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// From 1, per object.
    pub version: i64,
    /// The document; none when this version deleted the object.
    pub document: Option<String>,
    /// When it was applied, in microseconds since 1970 (UTC).
    pub applied_at: i64,
}

/// Every version of an object, the oldest first.
///
/// # Errors
/// When the store fails.
pub async fn versions(store: &Store, kind: ObjectKind, name: &str) -> Result<Vec<Version>, DefinitionError> {
    let rows = sqlx::query_as::<_, (i64, Option<String>, i64)>(
        "SELECT version, document, applied_at FROM definition_version WHERE kind = $1 AND name = $2 ORDER BY version",
    )
    .bind(kind.as_str())
    .bind(name)
    .fetch_all(store.pool())
    .await?;
    let version = |(version, document, applied_at)| Version { version, document, applied_at };
    Ok(rows.into_iter().map(version).collect())
}

/// When each object of a kind was last changed, in microseconds since 1970 (UTC), by its name.
///
/// # Errors
/// When the store fails.
pub async fn changed_at(store: &Store, kind: ObjectKind) -> Result<BTreeMap<String, i64>, DefinitionError> {
    let rows: Vec<(String, i64)> = sqlx::query_as("SELECT name, applied_at FROM definition WHERE kind = $1")
        .bind(kind.as_str())
        .fetch_all(store.pool())
        .await?;
    Ok(rows.into_iter().collect())
}

/// The objects that are stored, each kind in its order.
async fn read(conn: &mut AnyConnection) -> Result<Vec<Object>, DefinitionError> {
    let rows = sqlx::query_as::<_, (String, String, String)>(
        "SELECT kind, name, document FROM definition ORDER BY kind, position, name",
    )
    .fetch_all(conn)
    .await?;
    let object = |(kind, name, document): (String, String, String)| match ObjectKind::parse(&kind) {
        Some(kind) => Ok(Object { kind, name, document }),
        None => {
            let detail = "a newer version of Weir may have stored it".to_owned();
            Err(DefinitionError::Corrupt { kind, name, detail })
        }
    };
    rows.into_iter().map(object).collect()
}

async fn write(
    tx: &mut Tx,
    change: &Change,
    object: Option<&Object>,
    now: i64,
) -> Result<(), DefinitionError> {
    let (kind, name) = (change.kind.as_str(), change.name.as_str());
    let version: i64 = sqlx::query_scalar(
        "SELECT COALESCE(MAX(version), 0) + 1 FROM definition_version WHERE kind = $1 AND name = $2",
    )
    .bind(kind)
    .bind(name)
    .fetch_one(tx.conn())
    .await?;
    let object = object.filter(|_| change.action != Action::Delete);
    sqlx::query(
        "INSERT INTO definition_version (kind, name, version, document, hash, applied_at) \
         VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(kind)
    .bind(name)
    .bind(version)
    .bind(object.map(|object| object.document.clone()))
    .bind(object.map(Object::hash))
    .bind(now)
    .execute(tx.conn())
    .await?;
    match object {
        Some(object) => upsert(tx, object, version, now).await,
        None => {
            sqlx::query("DELETE FROM definition WHERE kind = $1 AND name = $2")
                .bind(kind)
                .bind(name)
                .execute(tx.conn())
                .await?;
            Ok(())
        }
    }
}

async fn upsert(tx: &mut Tx, object: &Object, version: i64, now: i64) -> Result<(), DefinitionError> {
    sqlx::query(
        "INSERT INTO definition (kind, name, document, hash, version, position, applied_at) \
         VALUES ($1, $2, $3, $4, $5, 0, $6) \
         ON CONFLICT (kind, name) DO UPDATE SET document = excluded.document, hash = excluded.hash, \
         version = excluded.version, applied_at = excluded.applied_at",
    )
    .bind(object.kind.as_str())
    .bind(object.name.as_str())
    .bind(object.document.as_str())
    .bind(object.hash())
    .bind(version)
    .bind(now)
    .execute(tx.conn())
    .await?;
    Ok(())
}

async fn keep_order(tx: &mut Tx, objects: &[Object]) -> Result<(), DefinitionError> {
    let mut position: i64 = 0;
    for object in objects {
        position = position.saturating_add(1);
        sqlx::query("UPDATE definition SET position = $1 WHERE kind = $2 AND name = $3 AND position <> $1")
            .bind(position)
            .bind(object.kind.as_str())
            .bind(object.name.as_str())
            .execute(tx.conn())
            .await?;
    }
    Ok(())
}
