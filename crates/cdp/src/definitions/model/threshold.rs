//! Thresholds: levels watched on segments and measures.

use serde::{Deserialize, Serialize};

/// A level watched on one number: a segment's size, or a calculation of a measure.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Threshold {
    /// The threshold's name.
    pub name: String,
    /// The segment whose size is watched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub segment: Option<String>,
    /// The measure that is watched; each dimension value by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub measure: Option<String>,
    /// The calculation of the measure; its only one when not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calculation: Option<String>,
    /// The level.
    pub level: f64,
    /// Which way it must be crossed.
    #[serde(default)]
    pub direction: Direction,
    /// Whether reaching the level is enough.
    #[serde(default)]
    pub inclusive: bool,
    /// Whether a first value beyond the level counts as a crossing.
    #[serde(default)]
    pub fire_on_first: bool,
    /// After a crossing upwards, the value must come below this before the next one counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rearm_below: Option<f64>,
    /// After a crossing downwards, the value must come above this before the next one counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rearm_above: Option<f64>,
    /// How many refreshes in a row must show the value beyond the level.
    #[serde(default = "one")]
    pub confirm: u32,
    /// The shortest time between two crossings, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cooldown: Option<u64>,
}

fn one() -> u32 {
    1
}

/// Which way a level must be crossed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Direction {
    /// Upwards.
    #[default]
    Above,
    /// Downwards.
    Below,
    /// Both ways.
    Either,
}
