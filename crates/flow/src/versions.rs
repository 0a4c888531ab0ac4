//! The versions of a flow, and its draft: a document that is being worked on and never runs by itself.

use jiff::Timestamp;
use serde::Serialize;
use store::{Store, Tx, from_micros, to_micros};

use crate::{FlowError, Result};

/// The longest draft, in bytes. Ours: twice what a definition may have, so that one that is too long can be kept.
pub const DRAFT_BYTES: usize = 2 * lang::wdl::limits::DOCUMENT_BYTES;

/// A version that is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StoredVersion {
    /// The hash of its document.
    pub version: String,
    /// When it was applied first.
    pub made: Timestamp,
    /// Whether new runs follow it.
    pub present: bool,
    /// Bytes of its document.
    pub bytes: u64,
}

/// A draft.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Draft {
    /// The flow; it need not exist yet.
    pub flow: String,
    /// The document as it was written, right or wrong.
    pub document: String,
    /// When it was saved.
    pub saved: Timestamp,
}

/// The versions of a flow, the newest first; none when there is no such flow.
pub async fn versions(store: &Store, flow: &str) -> Result<Vec<StoredVersion>> {
    let rows: Vec<(String, i64, i64, Option<String>)> = sqlx::query_as(
        "SELECT v.version, v.made_at, CAST(OCTET_LENGTH(v.document) AS BIGINT), f.version FROM flow_version v \
         LEFT JOIN flow f ON f.name = v.flow WHERE v.flow = $1 ORDER BY v.made_at DESC, v.version",
    )
    .bind(flow)
    .fetch_all(store.pool())
    .await?;
    let read = |(version, made, bytes, present): (String, i64, i64, Option<String>)| StoredVersion {
        present: present.as_ref() == Some(&version),
        version,
        made: from_micros(made),
        bytes: u64::try_from(bytes).unwrap_or_default(),
    };
    Ok(rows.into_iter().map(read).collect())
}

/// A version's hash and document, by the hash or by its beginning.
///
/// # Errors
/// [`FlowError::UnknownVersion`] when no version, or more than one, begins like that.
pub async fn document(store: &Store, flow: &str, version: &str) -> Result<(String, String)> {
    let unknown = || FlowError::UnknownVersion { flow: flow.to_owned(), version: version.to_owned() };
    let all = versions(store, flow).await?;
    let mut found = all.iter().filter(|it| !version.is_empty() && it.version.starts_with(version));
    let (Some(only), None) = (found.next(), found.next()) else { return Err(unknown()) };
    let document: Option<String> =
        sqlx::query_scalar("SELECT document FROM flow_version WHERE flow = $1 AND version = $2")
            .bind(flow)
            .bind(&only.version)
            .fetch_optional(store.pool())
            .await?;
    Ok((only.version.clone(), document.ok_or_else(unknown)?))
}

/// Keeps a draft of a flow; an older one is replaced. It may hold errors.
///
/// # Errors
/// [`FlowError::BadName`], or [`FlowError::DraftTooLarge`].
pub async fn save_draft(tx: &mut Tx, flow: &str, document: &str) -> Result<()> {
    crate::definitions::check_name(flow)?;
    if document.len() > DRAFT_BYTES {
        return Err(FlowError::DraftTooLarge(document.len()));
    }
    sqlx::query(
        "INSERT INTO flow_draft (flow, document, saved_at) VALUES ($1, $2, $3) \
         ON CONFLICT (flow) DO UPDATE SET document = excluded.document, saved_at = excluded.saved_at",
    )
    .bind(flow)
    .bind(document)
    .bind(to_micros(tx.now()))
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// The draft of a flow.
pub async fn draft(store: &Store, flow: &str) -> Result<Option<Draft>> {
    let row: Option<(String, i64)> =
        sqlx::query_as("SELECT document, saved_at FROM flow_draft WHERE flow = $1")
            .bind(flow)
            .fetch_optional(store.pool())
            .await?;
    Ok(row.map(|(document, saved)| Draft { flow: flow.to_owned(), document, saved: from_micros(saved) }))
}

/// Drops the draft of a flow; says whether there was one.
pub async fn discard_draft(tx: &mut Tx, flow: &str) -> Result<bool> {
    let done = sqlx::query("DELETE FROM flow_draft WHERE flow = $1").bind(flow).execute(tx.conn()).await?;
    Ok(done.rows_affected() > 0)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use store::ManualClock;

    use super::*;
    use crate::definitions::put;

    async fn store() -> (tempfile::TempDir, Store, Arc<ManualClock>) {
        let dir = tempfile::tempdir().unwrap();
        let clock = Arc::new(ManualClock::at("2026-01-01T00:00:00Z".parse().unwrap()));
        let store = Store::open_file(&dir.path().join("weir.db"), clock.clone()).await.unwrap();
        (dir, store, clock)
    }

    fn flow(n: u32) -> String {
        format!(
            r#"{{"triggers": {{"m": {{"type": "Request", "inputs": {{}}}}}}, "actions": {{"é": {{"type": "Compose", "inputs": {n}}}}}}}"#
        )
    }

    #[tokio::test]
    async fn every_document_that_was_applied_is_a_version_that_can_be_had_back() {
        let (_dir, store, clock) = store().await;
        for n in [1, 2, 1] {
            let mut tx = store.write().await.unwrap();
            put(&mut tx, "f", &flow(n)).await.unwrap();
            tx.commit().await.unwrap();
            clock.advance(jiff::SignedDuration::from_secs(60));
        }
        let all = versions(&store, "f").await.unwrap();
        let told: Vec<_> = all.iter().map(|it| (it.made.to_string(), it.present, it.bytes)).collect();
        let bytes = flow(1).len() as u64;
        assert_eq!(
            told,
            [
                ("2026-01-01T00:01:00Z".to_owned(), false, bytes),
                ("2026-01-01T00:00:00Z".to_owned(), true, bytes)
            ]
        );
        let (version, text) = document(&store, "f", &all[0].version[..6]).await.unwrap();
        assert_eq!((version, text), (all[0].version.clone(), flow(2)));
        for unknown in ["", "zz"] {
            assert_eq!(document(&store, "f", unknown).await.unwrap_err().code(), "unknownFlowVersion");
        }
    }

    #[tokio::test]
    async fn a_draft_may_be_wrong_and_stands_apart_from_what_runs() {
        let (_dir, store, _) = store().await;
        let mut tx = store.write().await.unwrap();
        put(&mut tx, "f", &flow(1)).await.unwrap();
        save_draft(&mut tx, "f", "{\"a\": ").await.unwrap();
        save_draft(&mut tx, "f", "{\"b\": ").await.unwrap();
        save_draft(&mut tx, "new", "").await.unwrap();
        assert_eq!(save_draft(&mut tx, "", "").await.unwrap_err().code(), "badFlowName");
        let long = "x".repeat(DRAFT_BYTES + 1);
        assert_eq!(save_draft(&mut tx, "f", &long).await.unwrap_err().code(), "draftTooLarge");
        tx.commit().await.unwrap();
        assert_eq!(draft(&store, "f").await.unwrap().unwrap().document, "{\"b\": ");
        assert_eq!(crate::definitions::get(&store, "f").await.unwrap().unwrap().1, flow(1));
        let mut tx = store.write().await.unwrap();
        assert!(discard_draft(&mut tx, "f").await.unwrap());
        assert!(!discard_draft(&mut tx, "f").await.unwrap());
        tx.commit().await.unwrap();
        assert_eq!(draft(&store, "f").await.unwrap(), None);
    }
}
