//! The history of watched numbers: one point per snapshot.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use store::{SnapshotId, Store, Tx, from_micros, to_micros};

use super::Result;

/// Which number: a segment's size, or a measure's calculation, for one dimension value.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "series")]
pub enum Series {
    /// The size of a segment.
    Segment {
        /// The segment.
        name: String,
    },
    /// One calculation of a measure.
    Measure {
        /// The measure.
        name: String,
        /// The calculation.
        calculation: String,
        /// The dimension value, for a measure with dimensions.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        dimension: Option<String>,
    },
}

/// A value in one snapshot.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Point {
    /// Which number.
    #[serde(flatten)]
    pub series: Series,
    /// Its value; none where there is nothing to calculate from.
    pub value: Option<f64>,
}

/// A stored value.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StoredPoint {
    /// The snapshot.
    pub snapshot: SnapshotId,
    /// When it was published.
    pub at: Timestamp,
    /// The dimension value, for a measure with dimensions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dimension: Option<String>,
    /// The value.
    pub value: Option<f64>,
}

impl Series {
    fn columns(&self) -> (&'static str, &str, &str, &str) {
        match self {
            Self::Segment { name } => ("segment", name, "", ""),
            Self::Measure { name, calculation, dimension } => {
                ("measure", name, calculation, dimension.as_deref().unwrap_or_default())
            }
        }
    }
}

pub(super) async fn add(tx: &mut Tx, snapshot: SnapshotId, at: Timestamp, points: &[Point]) -> Result<()> {
    for point in points {
        let (series, name, calculation, dimension) = point.series.columns();
        sqlx::query(
            "INSERT INTO series_point (series, name, calculation, dimension, snapshot_id, at, value) \
             VALUES ($1, $2, $3, $4, $5, $6, $7) \
             ON CONFLICT (series, name, calculation, dimension, snapshot_id) DO NOTHING",
        )
        .bind(series)
        .bind(name)
        .bind(calculation)
        .bind(dimension)
        .bind(snapshot.number())
        .bind(to_micros(at))
        .bind(point.value)
        .execute(tx.conn())
        .await?;
    }
    Ok(())
}

/// The history of a segment's size, oldest first.
pub async fn of_segment(store: &Store, name: &str) -> Result<Vec<StoredPoint>> {
    load(store, "segment", name, None).await
}

/// The history of a measure, oldest first; of one calculation, or of all.
pub async fn of_measure(store: &Store, name: &str, calculation: Option<&str>) -> Result<Vec<StoredPoint>> {
    load(store, "measure", name, calculation).await
}

/// The newest points of one number, oldest first.
pub async fn newest(store: &Store, series: &Series, limit: u32) -> Result<Vec<StoredPoint>> {
    let (kind, name, calculation, dimension) = series.columns();
    let rows: Vec<(i64, i64, Option<f64>)> = sqlx::query_as(
        "SELECT snapshot_id, at, value FROM series_point WHERE series = $1 AND name = $2 AND calculation = $3 \
         AND dimension = $4 ORDER BY snapshot_id DESC LIMIT $5",
    )
    .bind(kind)
    .bind(name)
    .bind(calculation)
    .bind(dimension)
    .bind(i64::from(limit))
    .fetch_all(store.pool())
    .await?;
    let point = |(snapshot, at, value): (i64, i64, Option<f64>)| StoredPoint {
        snapshot: SnapshotId::new(snapshot),
        at: from_micros(at),
        dimension: Some(dimension).filter(|dimension| !dimension.is_empty()).map(str::to_owned),
        value,
    };
    Ok(rows.into_iter().rev().map(point).collect())
}

async fn load(
    store: &Store,
    series: &str,
    name: &str,
    calculation: Option<&str>,
) -> Result<Vec<StoredPoint>> {
    let rows: Vec<(i64, i64, String, Option<f64>)> = sqlx::query_as(
        "SELECT snapshot_id, at, dimension, value FROM series_point \
         WHERE series = $1 AND name = $2 AND ($3 = '' OR calculation = $3) ORDER BY snapshot_id, dimension",
    )
    .bind(series)
    .bind(name)
    .bind(calculation.unwrap_or_default())
    .fetch_all(store.pool())
    .await?;
    let point = |(snapshot, at, dimension, value): (i64, i64, String, Option<f64>)| StoredPoint {
        snapshot: SnapshotId::new(snapshot),
        at: from_micros(at),
        dimension: Some(dimension).filter(|dimension| !dimension.is_empty()),
        value,
    };
    Ok(rows.into_iter().map(point).collect())
}
