//! Statistics of a table over all its files, old ones included: readers use one set of them for every snapshot,
//! so a range may only ever grow.

use std::cmp::Ordering;

use sqlx::AnyConnection;

use crate::Result;
use crate::stage::StagedFile;
use crate::stage::stats::{ColumnStats, Range};

/// The row id that the next row of a table gets.
pub(super) async fn next_row_id(conn: &mut AnyConnection, table: i64) -> Result<i64> {
    let next: Option<i64> =
        sqlx::query_scalar("SELECT next_row_id FROM ducklake_table_stats WHERE table_id = $1")
            .bind(table)
            .fetch_optional(conn)
            .await?;
    Ok(next.unwrap_or(0))
}

/// Adds new files to a table's number of rows and bytes. Files that ended still count, as in the official writer:
/// readers take the columns' ranges for exact when this number equals the rows that they find.
pub(super) async fn add_to_table(
    conn: &mut AnyConnection,
    table: i64,
    files: &[StagedFile],
    next_row_id: i64,
) -> Result<()> {
    if files.is_empty() {
        return Ok(()); // a table that never had a file has no such row
    }
    let rows: i64 = files.iter().map(|file| file.rows).sum();
    let bytes: i64 = files.iter().map(|file| file.bytes).sum();
    let updated = sqlx::query(
        "UPDATE ducklake_table_stats SET record_count = record_count + $2, next_row_id = $3, \
         file_size_bytes = file_size_bytes + $4 WHERE table_id = $1",
    )
    .bind(table)
    .bind(rows)
    .bind(next_row_id)
    .bind(bytes)
    .execute(&mut *conn)
    .await?;
    if updated.rows_affected() == 0 {
        sqlx::query(
            "INSERT INTO ducklake_table_stats (table_id, record_count, next_row_id, file_size_bytes) \
             VALUES ($1, $2, $3, $4)",
        )
        .bind(table)
        .bind(rows)
        .bind(next_row_id)
        .bind(bytes)
        .execute(conn)
        .await?;
    }
    Ok(())
}

/// Widens the statistics of a table's columns by those of new files. Call it before their rows are written.
pub(super) async fn merge_columns(conn: &mut AnyConnection, table: i64, files: &[StagedFile]) -> Result<()> {
    let Some(first) = files.first() else { return Ok(()) };
    let known = known_columns(conn, table).await?;
    for (index, column) in first.columns.iter().enumerate() {
        let new = files.iter().filter_map(|file| file.columns.get(index));
        let mut merged: Option<Summary> = None;
        for stats in new {
            merged = Some(match merged {
                Some(merged) => merged.with(stats),
                None => Summary::of(stats),
            });
        }
        let Some(mut merged) = merged else { continue };
        let old = known.iter().find(|old| old.column == column.column);
        if let Some(old) = old {
            let empty = old.range.is_none() && !has_values(conn, table, column.column).await?;
            merged = merged.and_old(old, empty, &column.kind);
        }
        merged.write(conn, table, column.column, old.is_some()).await?;
    }
    Ok(())
}

/// What `ducklake_table_column_stats` says of a column.
struct Known {
    column: i64,
    nulls: bool,
    nan: Option<bool>,
    range: Option<Range>,
}

async fn known_columns(conn: &mut AnyConnection, table: i64) -> Result<Vec<Known>> {
    type Row = (i64, Option<i64>, Option<i64>, Option<String>, Option<String>);
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT column_id, contains_null, contains_nan, min_value, max_value FROM ducklake_table_column_stats \
         WHERE table_id = $1",
    )
    .bind(table)
    .fetch_all(conn)
    .await?;
    let known = |(column, nulls, nan, min, max): Row| Known {
        column,
        nulls: nulls != Some(0),
        nan: nan.map(|nan| nan != 0),
        range: min.zip(max).map(|(min, max)| Range { min, max }),
    };
    Ok(rows.into_iter().map(known).collect())
}

/// Whether any file of the catalog has a value in this column: tells "no values yet" from "range not known".
async fn has_values(conn: &mut AnyConnection, table: i64, column: i64) -> Result<bool> {
    let found: Option<i64> = sqlx::query_scalar(
        "SELECT column_id FROM ducklake_file_column_stats \
         WHERE table_id = $1 AND column_id = $2 AND value_count > 0 LIMIT 1",
    )
    .bind(table)
    .bind(column)
    .fetch_optional(conn)
    .await?;
    Ok(found.is_some())
}

/// The range of the values of a column over several files.
#[derive(Debug, Clone, PartialEq)]
enum Extent {
    /// There are no values.
    Empty,
    /// There are values in this range.
    Within(Range),
    /// There are values, of which nothing is known.
    Unknown,
}

#[derive(Debug, Clone, PartialEq)]
struct Summary {
    nulls: bool,
    nan: Option<bool>,
    extent: Extent,
}

impl Summary {
    fn of(stats: &ColumnStats) -> Self {
        let extent = match &stats.range {
            Some(range) => Extent::Within(range.clone()),
            None if stats.values == 0 => Extent::Empty,
            None => Extent::Unknown,
        };
        Self { nulls: stats.nulls > 0, nan: stats.has_nan, extent }
    }

    fn with(self, stats: &ColumnStats) -> Self {
        self.merge(Self::of(stats), &stats.kind)
    }

    fn and_old(self, old: &Known, empty: bool, kind: &str) -> Self {
        let extent = match &old.range {
            Some(range) => Extent::Within(range.clone()),
            None if empty => Extent::Empty,
            None => Extent::Unknown,
        };
        self.merge(Self { nulls: old.nulls, nan: old.nan, extent }, kind)
    }

    fn merge(self, other: Self, kind: &str) -> Self {
        let extent = match (self.extent, other.extent) {
            (Extent::Empty, extent) | (extent, Extent::Empty) => extent,
            (Extent::Within(a), Extent::Within(b)) => {
                hull(a, b, kind).map_or(Extent::Unknown, Extent::Within)
            }
            _ => Extent::Unknown,
        };
        let nan = self.nan.or(other.nan).map(|_| self.nan == Some(true) || other.nan == Some(true));
        Self { nulls: self.nulls || other.nulls, nan, extent }
    }

    async fn write(&self, conn: &mut AnyConnection, table: i64, column: i64, exists: bool) -> Result<()> {
        let (min, max) = match &self.extent {
            Extent::Within(range) => (Some(range.min.as_str()), Some(range.max.as_str())),
            _ => (None, None),
        };
        let sql = if exists {
            "UPDATE ducklake_table_column_stats SET contains_null = $3, contains_nan = $4, min_value = $5, \
             max_value = $6 WHERE table_id = $1 AND column_id = $2"
        } else {
            "INSERT INTO ducklake_table_column_stats (table_id, column_id, contains_null, contains_nan, min_value, \
             max_value) VALUES ($1, $2, $3, $4, $5, $6)"
        };
        sqlx::query(sql)
            .bind(table)
            .bind(column)
            .bind(i64::from(self.nulls))
            .bind(self.nan.map(i64::from))
            .bind(min)
            .bind(max)
            .execute(conn)
            .await?;
        Ok(())
    }
}

/// The smallest range around both, or `None` if a text cannot be read as a value.
fn hull(a: Range, b: Range, kind: &str) -> Option<Range> {
    let min = if compare(&a.min, &b.min, kind)? == Ordering::Greater { b.min } else { a.min };
    let max = if compare(&a.max, &b.max, kind)? == Ordering::Less { b.max } else { a.max };
    Some(Range { min, max })
}

fn compare(a: &str, b: &str, kind: &str) -> Option<Ordering> {
    match kind {
        "int64" | "boolean" => Some(a.parse::<i64>().ok()?.cmp(&b.parse().ok()?)),
        "float64" => a.parse::<f64>().ok()?.partial_cmp(&b.parse().ok()?),
        // Dates and times are written with a fixed width; texts compare by their bytes.
        "varchar" | "date" | "timestamp" | "timestamptz" => Some(a.cmp(b)),
        _ => Some(unscaled(a)?.cmp(&unscaled(b)?)),
    }
}

/// A decimal's digits as a whole number; both sides of a comparison have the same scale.
fn unscaled(text: &str) -> Option<i128> {
    text.replace('.', "").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(min: &str, max: &str) -> Range {
        Range { min: min.into(), max: max.into() }
    }

    #[test]
    fn a_range_grows_by_value_and_not_by_text() {
        assert_eq!(hull(range("9", "10"), range("-3", "9"), "int64"), Some(range("-3", "10")));
        assert_eq!(
            hull(range("1.5", "1e300"), range("-0.5", "7.0"), "float64"),
            Some(range("-0.5", "1e300"))
        );
        assert_eq!(
            hull(range("-0.05", "9.99"), range("-1.00", "10.00"), "decimal(18,2)"),
            Some(range("-1.00", "10.00"))
        );
        assert_eq!(hull(range("a", "b"), range("B", "é"), "varchar"), Some(range("B", "é")));
        assert_eq!(hull(range("a", "b"), range("1", "2"), "int64"), None);
    }

    #[test]
    fn an_unknown_range_stays_unknown_and_an_empty_one_does_not_count() {
        let summary = |extent| Summary { nulls: false, nan: None, extent };
        let within = || summary(Extent::Within(range("1", "2")));
        assert_eq!(within().merge(summary(Extent::Empty), "int64"), within());
        assert_eq!(within().merge(summary(Extent::Unknown), "int64"), summary(Extent::Unknown));
    }
}
