//! Expiring snapshots: they leave the catalog, and their files are scheduled for deletion.

use jiff::Timestamp;
use sqlx::AnyConnection;
use store::SnapshotId;

use crate::catalog::{SCHEMA, read, text};
use crate::{Lake, Result};

/// Which snapshots stay. The newest one always does, and so do all from the oldest that a [`crate::View`] of this
/// process is pinned to.
#[derive(Debug, Clone, Copy)]
pub enum Keep {
    /// The newest so many.
    Last(usize),
    /// Those published at this moment or later.
    Since(Timestamp),
}

/// What expired.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ExpireReport {
    /// Snapshots that are gone.
    pub snapshots: u64,
    /// Files that no snapshot needs any more; [`Lake::sweep`] deletes them when its grace has passed.
    pub files: u64,
}

impl Lake {
    /// Expires old snapshots, in one transaction. No file is deleted yet.
    pub async fn expire(&self, keep: Keep) -> Result<ExpireReport> {
        let mut tx = self.store().write().await?;
        let snapshots = read::snapshots(tx.conn()).await?;
        let Some(latest) = snapshots.last().map(|info| info.id) else { return Ok(ExpireReport::default()) };
        let wanted = match keep {
            Keep::Last(count) => snapshots.get(snapshots.len().saturating_sub(count)).map(|info| info.id),
            Keep::Since(time) => snapshots.iter().find(|info| info.time >= time).map(|info| info.id),
        };
        let pinned = self.pins().oldest().unwrap_or(latest);
        let oldest = wanted.unwrap_or(latest).min(pinned).min(latest);
        let now = text::moment(tx.now());
        let report = expire_before(tx.conn(), oldest, &now).await?;
        tx.commit().await?;
        Ok(report)
    }
}

async fn expire_before(conn: &mut AnyConnection, oldest: SnapshotId, now: &str) -> Result<ExpireReport> {
    let oldest = oldest.number();
    // A row that ended at the oldest kept snapshot, or before, is in none that is kept.
    let scheduled = sqlx::query(
        "INSERT INTO ducklake_files_scheduled_for_deletion (data_file_id, path, path_is_relative, schedule_start) \
         SELECT f.data_file_id, $2 || (SELECT MIN(t.path) FROM ducklake_table t WHERE t.table_id = f.table_id) \
         || f.path, 1, $3 FROM ducklake_data_file f WHERE f.end_snapshot <= $1",
    )
    .bind(oldest)
    .bind(format!("{SCHEMA}/"))
    .bind(now)
    .execute(&mut *conn)
    .await?;
    for sql in [
        "DELETE FROM ducklake_file_column_stats WHERE data_file_id IN \
         (SELECT data_file_id FROM ducklake_data_file WHERE end_snapshot <= $1)",
        "DELETE FROM ducklake_data_file WHERE end_snapshot <= $1",
        // Columns that ended stay as long as their table: their ids must not be used again.
        "DELETE FROM ducklake_column WHERE table_id IN \
         (SELECT table_id FROM ducklake_table WHERE end_snapshot <= $1)",
        "DELETE FROM ducklake_table_stats WHERE table_id IN \
         (SELECT table_id FROM ducklake_table WHERE end_snapshot <= $1)",
        "DELETE FROM ducklake_table_column_stats WHERE table_id IN \
         (SELECT table_id FROM ducklake_table WHERE end_snapshot <= $1)",
        "DELETE FROM ducklake_schema_versions WHERE table_id IN \
         (SELECT table_id FROM ducklake_table WHERE end_snapshot <= $1)",
        "DELETE FROM ducklake_table WHERE end_snapshot <= $1",
        "DELETE FROM ducklake_snapshot_changes WHERE snapshot_id < $1",
    ] {
        sqlx::query(sql).bind(oldest).execute(&mut *conn).await?;
    }
    let expired = sqlx::query("DELETE FROM ducklake_snapshot WHERE snapshot_id < $1")
        .bind(oldest)
        .execute(conn)
        .await?;
    Ok(ExpireReport { snapshots: expired.rows_affected(), files: scheduled.rows_affected() })
}
