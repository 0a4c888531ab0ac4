//! How a number went over the snapshots.

use serde::Serialize;
use store::Store;

use super::Result;
use crate::refresh::history::{self, Series, StoredPoint};

/// The most points of one trend: the newest ones.
pub const KEPT_POINTS: u32 = 500;

/// How a number went over the snapshots: the newest points, and what they say together.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Trend {
    /// Which number.
    pub series: Series,
    /// The oldest value of these points.
    pub first: Option<f64>,
    /// The newest value.
    pub last: Option<f64>,
    /// The smallest value.
    pub min: Option<f64>,
    /// The greatest value.
    pub max: Option<f64>,
    /// The points, oldest first.
    pub points: Vec<StoredPoint>,
}

/// The newest points of a number, at most `limit`.
///
/// # Errors
/// The store cannot be read.
pub async fn trend(store: &Store, series: Series, limit: u32) -> Result<Trend> {
    let points = history::newest(store, &series, limit.min(KEPT_POINTS)).await?;
    Ok(of_points(series, points))
}

fn of_points(series: Series, points: Vec<StoredPoint>) -> Trend {
    let values = || points.iter().filter_map(|point| point.value);
    Trend {
        series,
        first: values().next(),
        last: values().next_back(),
        min: values().min_by(f64::total_cmp),
        max: values().max_by(f64::total_cmp),
        points,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;
    use store::SnapshotId;

    #[test]
    fn a_trend_leaves_out_snapshots_without_a_value() {
        let point = |(snapshot, value): (i64, Option<f64>)| StoredPoint {
            snapshot: SnapshotId::new(snapshot),
            at: Timestamp::UNIX_EPOCH,
            dimension: None,
            value,
        };
        let points = [(1, None), (2, Some(5.0)), (3, Some(-1.0)), (4, Some(3.0)), (5, None)].map(point);
        let trend = of_points(Series::Segment { name: "Good".into() }, points.to_vec());
        assert_eq!(
            (trend.first, trend.last, trend.min, trend.max),
            (Some(5.0), Some(3.0), Some(-1.0), Some(5.0))
        );
    }
}
