//! Evaluating thresholds when a snapshot is published: states move, crossings become events, in the
//! publishing transaction.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::json;
use store::{SnapshotId, Store, Tx, from_micros, to_micros};

use super::crossing::{Detector, State, settle, step};
use super::{Crossing, Observation, Threshold, Watched, Way, sentence};
use crate::{EventType, NewEvent, Result, record};

/// Moves every threshold over the observations of `snapshot` and records an event per crossing.
///
/// A snapshot that a threshold has seen already is not looked at again. A missing value holds the level.
pub async fn evaluate(
    tx: &mut Tx,
    thresholds: &[Threshold],
    snapshot: SnapshotId,
    at: Timestamp,
    observations: &[Observation],
) -> Result<Vec<Crossing>> {
    let mut crossings = Vec::new();
    for threshold in thresholds {
        let version = threshold.version();
        let before = load(tx, &threshold.name).await?;
        for observation in observations.iter().filter(|o| threshold.watches(&o.watched)) {
            let Some(value) = observation.value.filter(|value| value.is_finite()) else { continue };
            let dimension = observation.dimension.as_deref();
            let stored = before.get(dimension.unwrap_or_default());
            if stored.is_some_and(|stored| stored.snapshot >= snapshot) {
                continue;
            }
            // A changed threshold starts from the value that its earlier version last saw, unarmed history dropped.
            let state =
                stored.map(|s| if s.version == version { s.state } else { settle(threshold, s.state.value) });
            let (next, way) = step(threshold, state.as_ref(), value, at);
            save(tx, &threshold.name, dimension, &version, snapshot, &next).await?;
            if let Some(way) = way {
                let previous = state.map(|state| state.value);
                let crossing = sentence::crossing(threshold, dimension, way, previous, value, snapshot, at);
                record(tx, event(&crossing, &observation.watched, &version)).await?;
                crossings.push(crossing);
            }
        }
    }
    Ok(crossings)
}

fn event(crossing: &Crossing, watched: &Watched, version: &str) -> NewEvent {
    let (kind, key, calculation) = match watched {
        Watched::Segment { .. } => (EventType::SegmentThresholdCrossed, "segment", None),
        Watched::Measure { calculation, .. } => {
            (EventType::MeasureThresholdCrossed, "measure", Some(calculation.as_str()))
        }
    };
    let dimension = crossing.dimension.as_deref();
    let mut data = json!({
        "threshold": crossing.threshold,
        key: crossing.name,
        "direction": crossing.direction,
        "level": crossing.level,
        "previousValue": crossing.previous_value,
        "value": crossing.value,
        "snapshot": crossing.snapshot,
        "sentence": crossing.sentence,
    });
    if let Some(calculation) = calculation {
        data["calculation"] = calculation.into();
        data["dimension"] = dimension.into();
    }
    let Crossing { threshold, snapshot, direction, at, .. } = crossing;
    let cause = format!(
        "threshold\n{threshold}\n{version}\n{snapshot}\n{direction}\n{}",
        dimension.unwrap_or_default()
    );
    NewEvent { kind, cause, subject: threshold.clone(), data, at: *at }
}

struct Stored {
    version: String,
    snapshot: SnapshotId,
    state: State,
}

type StateRow = (String, String, i64, f64, i64, i64, i64, i64, Option<i64>);

async fn load(tx: &mut Tx, threshold: &str) -> Result<BTreeMap<String, Stored>> {
    let rows: Vec<StateRow> = sqlx::query_as(
        "SELECT dimension, version, snapshot_id, value, up_armed, up_streak, down_armed, down_streak, crossed_at \
         FROM threshold_state WHERE threshold = $1",
    )
    .bind(threshold)
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(parse).collect())
}

fn parse(row: StateRow) -> (String, Stored) {
    let (dimension, version, snapshot, value, up_armed, up_streak, down_armed, down_streak, crossed_at) = row;
    let detector = |armed, streak| Detector { armed: armed != 0, streak: u32::try_from(streak).unwrap_or(0) };
    let state = State {
        value,
        up: detector(up_armed, up_streak),
        down: detector(down_armed, down_streak),
        crossed_at: crossed_at.map(from_micros),
    };
    (dimension, Stored { version, snapshot: SnapshotId::new(snapshot), state })
}

async fn save(
    tx: &mut Tx,
    threshold: &str,
    dimension: Option<&str>,
    version: &str,
    snapshot: SnapshotId,
    state: &State,
) -> Result<()> {
    sqlx::query(
        "INSERT INTO threshold_state (threshold, dimension, version, snapshot_id, value, up_armed, up_streak, \
         down_armed, down_streak, crossed_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) \
         ON CONFLICT (threshold, dimension) DO UPDATE SET version = excluded.version, \
         snapshot_id = excluded.snapshot_id, value = excluded.value, up_armed = excluded.up_armed, \
         up_streak = excluded.up_streak, down_armed = excluded.down_armed, down_streak = excluded.down_streak, \
         crossed_at = excluded.crossed_at",
    )
    .bind(threshold)
    .bind(dimension.unwrap_or_default())
    .bind(version)
    .bind(snapshot.number())
    .bind(state.value)
    .bind(i64::from(state.up.armed))
    .bind(i64::from(state.up.streak))
    .bind(i64::from(state.down.armed))
    .bind(i64::from(state.down.streak))
    .bind(state.crossed_at.map(to_micros))
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Forgets the states of thresholds that are no longer defined.
pub async fn forget_removed(tx: &mut Tx, thresholds: &[Threshold]) -> Result<()> {
    let known: Vec<String> =
        sqlx::query_scalar("SELECT DISTINCT threshold FROM threshold_state").fetch_all(tx.conn()).await?;
    for name in known.iter().filter(|name| !thresholds.iter().any(|t| t.name == **name)) {
        sqlx::query("DELETE FROM threshold_state WHERE threshold = $1").bind(name).execute(tx.conn()).await?;
    }
    Ok(())
}

/// Where a threshold stands.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ThresholdState {
    /// The threshold.
    pub threshold: String,
    /// The dimension value, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dimension: Option<String>,
    /// The last value.
    pub value: f64,
    /// The snapshot that had it.
    pub snapshot: SnapshotId,
    /// The ways in which the next crossing would fire.
    pub armed: Vec<Way>,
    /// When it last crossed.
    pub crossed_at: Option<Timestamp>,
}

/// Where every threshold stands, by name and dimension value.
pub async fn states(store: &Store) -> Result<Vec<ThresholdState>> {
    let names: Vec<String> =
        sqlx::query_scalar("SELECT DISTINCT threshold FROM threshold_state ORDER BY threshold")
            .fetch_all(store.pool())
            .await?;
    let mut tx = store.read().await?;
    let mut states = Vec::new();
    for threshold in names {
        for (dimension, Stored { snapshot, state, .. }) in load(&mut tx, &threshold).await? {
            let armed = [(state.up.armed, Way::Above), (state.down.armed, Way::Below)];
            states.push(ThresholdState {
                threshold: threshold.clone(),
                dimension: Some(dimension).filter(|dimension| !dimension.is_empty()),
                value: state.value,
                snapshot,
                armed: armed.into_iter().filter_map(|(armed, way)| armed.then_some(way)).collect(),
                crossed_at: state.crossed_at,
            });
        }
    }
    Ok(states)
}
