//! Reading the catalog.

use std::collections::BTreeMap;

use sqlx::AnyConnection;

use store::SnapshotId;

use super::{Column, DataFile, Head, Table, VERSION, text};
use crate::{At, LakeError, Result, SnapshotInfo};

/// Whether there is a catalog, of the version that this program knows.
pub(crate) async fn exists(conn: &mut AnyConnection) -> Result<bool> {
    let version: Option<String> = sqlx::query_scalar(
        "SELECT \"value\" FROM ducklake_metadata WHERE \"key\" = 'version' AND \"scope\" IS NULL",
    )
    .fetch_optional(conn)
    .await?;
    match version {
        None => Ok(false),
        Some(version) if version == VERSION => Ok(true),
        Some(found) => Err(LakeError::CatalogVersion { found }),
    }
}

/// The newest snapshot.
pub(crate) async fn head(conn: &mut AnyConnection) -> Result<Head> {
    let row: Option<(i64, i64, i64, i64)> = sqlx::query_as(
        "SELECT snapshot_id, schema_version, next_catalog_id, next_file_id FROM ducklake_snapshot \
         ORDER BY snapshot_id DESC LIMIT 1",
    )
    .fetch_optional(conn)
    .await?;
    let (snapshot, schema_version, next_catalog_id, next_file_id) = row.ok_or(LakeError::NoCatalog)?;
    Ok(Head { snapshot, schema_version, next_catalog_id, next_file_id })
}

/// All tables at `snapshot`, with their columns, by id.
pub(crate) async fn tables(conn: &mut AnyConnection, snapshot: i64) -> Result<BTreeMap<i64, Table>> {
    let rows: Vec<(i64, String, String, i64)> = sqlx::query_as(
        "SELECT table_id, table_name, path, path_is_relative FROM ducklake_table WHERE begin_snapshot <= $1 \
         AND (end_snapshot IS NULL OR end_snapshot > $1) AND schema_id = 0",
    )
    .bind(snapshot)
    .fetch_all(&mut *conn)
    .await?;
    let mut tables = BTreeMap::new();
    for (id, name, folder, relative) in rows {
        if relative == 0 {
            let detail = format!("the folder of {name} is not below the lake's folder");
            return Err(LakeError::damaged(detail));
        }
        tables.insert(id, Table { id, name, folder, columns: Vec::new(), next_column_id: 1 });
    }
    let rows: Vec<(i64, i64, i64, String, String)> = sqlx::query_as(
        "SELECT table_id, column_id, column_order, column_name, column_type FROM ducklake_column \
         WHERE begin_snapshot <= $1 AND (end_snapshot IS NULL OR end_snapshot > $1) AND parent_column IS NULL \
         ORDER BY table_id, column_order",
    )
    .bind(snapshot)
    .fetch_all(&mut *conn)
    .await?;
    for (table, id, order, name, kind) in rows {
        if let Some(table) = tables.get_mut(&table) {
            table.columns.push(Column { id, order, name, kind });
        }
    }
    let rows: Vec<(i64, i64)> =
        sqlx::query_as("SELECT table_id, MAX(column_id) FROM ducklake_column GROUP BY table_id")
            .fetch_all(conn)
            .await?;
    for (table, last) in rows {
        if let Some(table) = tables.get_mut(&table) {
            table.next_column_id = last.saturating_add(1);
        }
    }
    Ok(tables)
}

/// All data files at `snapshot`, in the order of their rows.
pub(crate) async fn data_files(conn: &mut AnyConnection, snapshot: i64) -> Result<Vec<DataFile>> {
    let rows: Vec<(i64, String, i64, i64, i64)> = sqlx::query_as(
        "SELECT table_id, path, path_is_relative, record_count, file_size_bytes FROM ducklake_data_file \
         WHERE begin_snapshot <= $1 AND (end_snapshot IS NULL OR end_snapshot > $1) \
         ORDER BY table_id, row_id_start, data_file_id",
    )
    .bind(snapshot)
    .fetch_all(conn)
    .await?;
    rows.into_iter()
        .map(|(table, path, relative, rows, bytes)| match relative {
            0 => Err(LakeError::damaged(format!("the data file {path} is not below the lake's folder"))),
            _ => Ok(DataFile { table, path, rows, bytes }),
        })
        .collect()
}

/// Tables at `snapshot` that hold rows in a form that only other writers use (delete files, rows in the catalog).
pub(crate) async fn foreign_tables(conn: &mut AnyConnection, snapshot: i64) -> Result<Vec<i64>> {
    Ok(sqlx::query_scalar(
        "SELECT table_id FROM ducklake_delete_file WHERE begin_snapshot <= $1 \
         AND (end_snapshot IS NULL OR end_snapshot > $1) \
         UNION SELECT table_id FROM ducklake_inlined_data_tables \
         UNION SELECT table_id FROM ducklake_data_file WHERE begin_snapshot <= $1 \
         AND (end_snapshot IS NULL OR end_snapshot > $1) AND (file_format <> 'parquet' \
         OR encryption_key IS NOT NULL OR mapping_id IS NOT NULL OR partial_max IS NOT NULL)",
    )
    .bind(snapshot)
    .fetch_all(conn)
    .await?)
}

/// All snapshots, the oldest first.
pub(crate) async fn snapshots(conn: &mut AnyConnection) -> Result<Vec<SnapshotInfo>> {
    type Row = (i64, String, Option<String>, Option<String>, Option<String>);
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT s.snapshot_id, s.snapshot_time, c.changes_made, c.commit_message, c.commit_extra_info \
         FROM ducklake_snapshot s LEFT JOIN ducklake_snapshot_changes c ON c.snapshot_id = s.snapshot_id \
         ORDER BY s.snapshot_id",
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter()
        .map(|(id, time, changes, message, extra)| {
            Ok(SnapshotInfo {
                id: SnapshotId::new(id),
                time: text::parse_moment(&time)
                    .ok_or_else(|| LakeError::damaged(format!("snapshot {id} has the time {time:?}")))?,
                message,
                // Another writer may put any text here.
                extra: extra.and_then(|extra| serde_json::from_str(&extra).ok()),
                changes: changes.unwrap_or_default(),
            })
        })
        .collect()
}

/// The snapshot that `at` means.
pub(crate) async fn resolve(conn: &mut AnyConnection, at: At) -> Result<SnapshotId> {
    let ends: (Option<i64>, Option<i64>) =
        sqlx::query_as("SELECT MIN(snapshot_id), MAX(snapshot_id) FROM ducklake_snapshot")
            .fetch_one(&mut *conn)
            .await?;
    let (Some(oldest), Some(latest)) = ends else { return Err(LakeError::NoCatalog) };
    let found: Option<i64> = match at {
        At::Latest => Some(latest),
        At::Snapshot(wanted) => {
            sqlx::query_scalar("SELECT snapshot_id FROM ducklake_snapshot WHERE snapshot_id = $1")
                .bind(wanted.number())
                .fetch_optional(conn)
                .await?
        }
        // The texts have a fixed width, so they sort as moments.
        At::Time(time) => {
            sqlx::query_scalar(
                "SELECT snapshot_id FROM ducklake_snapshot WHERE snapshot_time <= $1 \
                 ORDER BY snapshot_id DESC LIMIT 1",
            )
            .bind(text::moment(time))
            .fetch_optional(conn)
            .await?
        }
    };
    found.map(SnapshotId::new).ok_or_else(|| LakeError::UnknownSnapshot {
        wanted: match at {
            At::Latest => "latest".to_owned(),
            At::Snapshot(id) => id.to_string(),
            At::Time(time) => format!("at or before {time}"),
        },
        oldest: SnapshotId::new(oldest),
        latest: SnapshotId::new(latest),
    })
}
