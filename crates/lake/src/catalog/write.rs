//! Writing the catalog: one function per kind of row.

use sqlx::AnyConnection;

use super::columns::Assigned;
use super::{Head, SCHEMA, SCHEMA_ID, VERSION, text};
use crate::Result;
use crate::stage::{StagedFile, stats::ColumnStats};

/// The rows of a fresh catalog: snapshot 0 with the schema `main`.
pub(crate) async fn fresh(conn: &mut AnyConnection, data_path: &str, now: &str) -> Result<()> {
    let created_by = concat!("weir ", env!("CARGO_PKG_VERSION"));
    for (key, value) in
        [("version", VERSION), ("created_by", created_by), ("data_path", data_path), ("encrypted", "false")]
    {
        sqlx::query("INSERT INTO ducklake_metadata (\"key\", \"value\") VALUES ($1, $2)")
            .bind(key)
            .bind(value)
            .execute(&mut *conn)
            .await?;
    }
    sqlx::query(
        "INSERT INTO ducklake_schema (schema_id, schema_uuid, begin_snapshot, schema_name, path, path_is_relative) \
         VALUES ($1, $2, 0, $3, $4, 1)",
    )
    .bind(SCHEMA_ID)
    .bind(uuid::Uuid::now_v7().to_string())
    .bind(SCHEMA)
    .bind(format!("{SCHEMA}/"))
    .execute(&mut *conn)
    .await?;
    let first = Head { snapshot: 0, schema_version: 0, next_catalog_id: 1, next_file_id: 0 };
    snapshot(conn, &first, now).await?;
    let created = format!("created_schema:{}", text::quoted(SCHEMA));
    sqlx::query("INSERT INTO ducklake_snapshot_changes (snapshot_id, changes_made) VALUES (0, $1)")
        .bind(created)
        .execute(conn)
        .await?;
    Ok(())
}

/// Where the data is now: the data folder may have been moved.
pub(crate) async fn data_path(conn: &mut AnyConnection, data_path: &str) -> Result<()> {
    sqlx::query(
        "UPDATE ducklake_metadata SET \"value\" = $1 WHERE \"key\" = 'data_path' AND \"scope\" IS NULL \
         AND \"value\" <> $1",
    )
    .bind(data_path)
    .execute(conn)
    .await?;
    Ok(())
}

/// A snapshot.
pub(crate) async fn snapshot(conn: &mut AnyConnection, head: &Head, now: &str) -> Result<()> {
    sqlx::query(
        "INSERT INTO ducklake_snapshot (snapshot_id, snapshot_time, schema_version, next_catalog_id, next_file_id) \
         VALUES ($1, $2, $3, $4, $5)",
    )
    .bind(head.snapshot)
    .bind(now)
    .bind(head.schema_version)
    .bind(head.next_catalog_id)
    .bind(head.next_file_id)
    .execute(conn)
    .await?;
    Ok(())
}

/// What a snapshot changed, who did it and why.
pub(crate) async fn snapshot_changes(
    conn: &mut AnyConnection,
    snapshot: i64,
    changes: &str,
    message: &str,
    extra: &str,
) -> Result<()> {
    sqlx::query(
        "INSERT INTO ducklake_snapshot_changes (snapshot_id, changes_made, author, commit_message, \
         commit_extra_info) VALUES ($1, $2, 'weir', $3, $4)",
    )
    .bind(snapshot)
    .bind(changes)
    .bind(message)
    .bind(extra)
    .execute(conn)
    .await?;
    Ok(())
}

/// A new table.
pub(crate) async fn table(
    conn: &mut AnyConnection,
    snapshot: i64,
    id: i64,
    name: &str,
    folder: &str,
) -> Result<()> {
    sqlx::query(
        "INSERT INTO ducklake_table (table_id, table_uuid, begin_snapshot, schema_id, table_name, path, \
         path_is_relative) VALUES ($1, $2, $3, $4, $5, $6, 1)",
    )
    .bind(id)
    .bind(uuid::Uuid::now_v7().to_string())
    .bind(snapshot)
    .bind(SCHEMA_ID)
    .bind(name)
    .bind(folder)
    .execute(conn)
    .await?;
    Ok(())
}

/// A column that begins at `snapshot`.
pub(crate) async fn column(
    conn: &mut AnyConnection,
    snapshot: i64,
    table: i64,
    assigned: &Assigned,
) -> Result<()> {
    sqlx::query(
        "INSERT INTO ducklake_column (column_id, begin_snapshot, table_id, column_order, column_name, column_type, \
         default_value, nulls_allowed, default_value_type, default_value_dialect) \
         VALUES ($1, $2, $3, $4, $5, $6, 'NULL', 1, 'literal', 'duckdb')",
    )
    .bind(assigned.column.id)
    .bind(snapshot)
    .bind(table)
    .bind(assigned.column.order)
    .bind(&assigned.column.name)
    .bind(&assigned.column.kind)
    .execute(conn)
    .await?;
    Ok(())
}

/// Ends a column at `snapshot`.
pub(crate) async fn end_column(conn: &mut AnyConnection, snapshot: i64, table: i64, id: i64) -> Result<()> {
    sqlx::query(
        "UPDATE ducklake_column SET end_snapshot = $1 \
         WHERE table_id = $2 AND column_id = $3 AND end_snapshot IS NULL",
    )
    .bind(snapshot)
    .bind(table)
    .bind(id)
    .execute(conn)
    .await?;
    Ok(())
}

/// Ends a table with all its columns and files at `snapshot`.
pub(crate) async fn end_table(conn: &mut AnyConnection, snapshot: i64, table: i64) -> Result<()> {
    for sql in [
        "UPDATE ducklake_table SET end_snapshot = $1 WHERE table_id = $2 AND end_snapshot IS NULL",
        "UPDATE ducklake_column SET end_snapshot = $1 WHERE table_id = $2 AND end_snapshot IS NULL",
    ] {
        sqlx::query(sql).bind(snapshot).bind(table).execute(&mut *conn).await?;
    }
    end_files(conn, snapshot, table).await?;
    Ok(())
}

/// Ends a table's files at `snapshot`; says how many there were.
pub(crate) async fn end_files(conn: &mut AnyConnection, snapshot: i64, table: i64) -> Result<u64> {
    let ended = sqlx::query(
        "UPDATE ducklake_data_file SET end_snapshot = $1 WHERE table_id = $2 AND end_snapshot IS NULL",
    )
    .bind(snapshot)
    .bind(table)
    .execute(conn)
    .await?;
    Ok(ended.rows_affected())
}

/// That the columns of a table changed.
pub(crate) async fn schema_version(
    conn: &mut AnyConnection,
    snapshot: i64,
    version: i64,
    table: i64,
) -> Result<()> {
    sqlx::query(
        "INSERT INTO ducklake_schema_versions (begin_snapshot, schema_version, table_id) VALUES ($1, $2, $3)",
    )
    .bind(snapshot)
    .bind(version)
    .bind(table)
    .execute(conn)
    .await?;
    Ok(())
}

/// A data file, with the statistics of its columns.
pub(crate) async fn data_file(
    conn: &mut AnyConnection,
    snapshot: i64,
    table: i64,
    id: i64,
    row_id_start: i64,
    file: &StagedFile,
) -> Result<()> {
    sqlx::query(
        "INSERT INTO ducklake_data_file (data_file_id, table_id, begin_snapshot, path, path_is_relative, \
         file_format, record_count, file_size_bytes, footer_size, row_id_start) \
         VALUES ($1, $2, $3, $4, 1, 'parquet', $5, $6, $7, $8)",
    )
    .bind(id)
    .bind(table)
    .bind(snapshot)
    .bind(&file.name)
    .bind(file.rows)
    .bind(file.bytes)
    .bind(file.footer_bytes)
    .bind(row_id_start)
    .execute(&mut *conn)
    .await?;
    for stats in &file.columns {
        file_column_stats(conn, table, id, stats).await?;
    }
    Ok(())
}

async fn file_column_stats(
    conn: &mut AnyConnection,
    table: i64,
    file: i64,
    stats: &ColumnStats,
) -> Result<()> {
    sqlx::query(
        "INSERT INTO ducklake_file_column_stats (data_file_id, table_id, column_id, column_size_bytes, value_count, \
         null_count, min_value, max_value, contains_nan) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(file)
    .bind(table)
    .bind(stats.column)
    .bind(stats.bytes)
    .bind(stats.values)
    .bind(stats.nulls)
    .bind(stats.range.as_ref().map(|range| range.min.as_str()))
    .bind(stats.range.as_ref().map(|range| range.max.as_str()))
    .bind(stats.has_nan.map(i64::from))
    .execute(conn)
    .await?;
    Ok(())
}
