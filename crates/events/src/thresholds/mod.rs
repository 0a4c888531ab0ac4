//! Thresholds: a level watched on a segment's size or on one calculation of a measure.

mod crossing;
mod evaluate;
mod sentence;

use std::fmt;

use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::SnapshotId;

use crate::record::short_hash;

pub use evaluate::{ThresholdState, evaluate, forget_removed, states};
pub use sentence::number;

/// A level, and what to do when the watched number passes it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Threshold {
    /// The threshold's own name, unique in the instance.
    pub name: String,
    /// The segment whose size is watched. Either this or `measure`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub segment: Option<String>,
    /// The measure whose value is watched; each dimension value by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub measure: Option<String>,
    /// Which calculation of the measure; may be left out where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calculation: Option<String>,
    /// The level.
    pub level: f64,
    /// Which way it must be passed.
    #[serde(default)]
    pub direction: Direction,
    /// Reaching the level counts as passing it.
    #[serde(default, skip_serializing_if = "is_false")]
    pub inclusive: bool,
    /// The very first value may fire; otherwise it only tells on which side the number starts.
    #[serde(default, skip_serializing_if = "is_false")]
    pub fire_on_first: bool,
    /// After a crossing above, the number must fall below this before it can cross again. Default: the level.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rearm_below: Option<f64>,
    /// After a crossing below, the number must rise above this before it can cross again. Default: the level.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rearm_above: Option<f64>,
    /// How many refreshes in a row must find the number past the level. Default 1.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub confirm: u32,
    /// The least time between two crossings, such as `PT6H` or `2d`. A crossing inside it waits, and is
    /// reported by the first refresh after it that still finds the number past the level.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub cooldown: Option<SignedDuration>,
}

/// Which way a level must be passed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Direction {
    /// Previous ≤ level, now > level.
    #[default]
    Above,
    /// Previous ≥ level, now < level.
    Below,
    /// Both, each by itself.
    Either,
}

impl Direction {
    /// Every direction, for suggestions.
    pub const ALL: [(&'static str, Self); 3] =
        [("above", Self::Above), ("below", Self::Below), ("either", Self::Either)];
}

/// The way a number went when it crossed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Way {
    /// It rose above the level.
    Above,
    /// It fell below the level.
    Below,
}

impl fmt::Display for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Above => "above",
            Self::Below => "below",
        })
    }
}

/// The number that is watched.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase", tag = "kind")]
pub enum Watched {
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
    },
}

impl Watched {
    /// The name of the segment or measure.
    pub fn name(&self) -> &str {
        match self {
            Self::Segment { name } | Self::Measure { name, .. } => name,
        }
    }
}

/// A value of a watched number in one snapshot.
#[derive(Debug, Clone, PartialEq)]
pub struct Observation {
    /// Which number.
    pub watched: Watched,
    /// The dimension value it belongs to, for a measure with dimensions.
    pub dimension: Option<String>,
    /// The value; none if it could not be computed, which holds the level.
    pub value: Option<f64>,
}

/// One crossing.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Crossing {
    /// The threshold.
    pub threshold: String,
    /// The segment or measure.
    pub name: String,
    /// The dimension value, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dimension: Option<String>,
    /// The way the number went.
    pub direction: Way,
    /// The level.
    pub level: f64,
    /// The value before; none when the first value fired.
    pub previous_value: Option<f64>,
    /// The value now.
    pub value: f64,
    /// The snapshot that has the value.
    pub snapshot: SnapshotId,
    /// When.
    pub at: Timestamp,
    /// In words: `BigSpenders rose above 1,000 (950 → 1,012)`.
    pub sentence: String,
}

impl Threshold {
    /// The name of the segment or measure that is watched.
    pub fn watched_name(&self) -> &str {
        self.segment.as_deref().or(self.measure.as_deref()).unwrap_or_default()
    }

    /// Whether this threshold watches that number.
    pub fn watches(&self, watched: &Watched) -> bool {
        match watched {
            Watched::Segment { name } => self.segment.as_ref() == Some(name),
            Watched::Measure { name, calculation } => {
                self.measure.as_ref() == Some(name)
                    && self.calculation.as_ref().is_none_or(|wanted| wanted == calculation)
            }
        }
    }

    /// The version: a hash of everything that the threshold says.
    pub fn version(&self) -> String {
        let text = serde_json::to_string(self).unwrap_or_default();
        short_hash(&text).chars().take(12).collect()
    }
}

/// When a threshold would have crossed over a history of values, oldest first. Nothing is stored.
pub fn preview(
    threshold: &Threshold,
    dimension: Option<&str>,
    history: &[(SnapshotId, Timestamp, Option<f64>)],
) -> Vec<Crossing> {
    let mut state = None;
    let mut crossings = Vec::new();
    for (snapshot, at, value) in history {
        let Some(value) = value else { continue };
        let (next, ways) = crossing::step(threshold, state.as_ref(), *value, *at);
        let previous_value = state.map(|state: crossing::State| state.value);
        crossings.extend(ways.map(|way| {
            sentence::crossing(threshold, dimension, way, previous_value, *value, *snapshot, *at)
        }));
        state = Some(next);
    }
    crossings
}

fn one() -> u32 {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
fn is_one(n: &u32) -> bool {
    *n == 1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
fn is_false(b: &bool) -> bool {
    !*b
}
