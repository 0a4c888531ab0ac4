//! When a full refresh starts by itself.

use serde::{Deserialize, Serialize};

/// When a full refresh starts by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Schedule {
    /// The IANA time zone that the cron lines are meant in.
    #[serde(default = "utc")]
    pub time_zone: String,
    /// Cron lines of five fields; a refresh starts when one of them says so.
    pub cron: Vec<String>,
    /// What happens to ticks that passed while nothing ran.
    #[serde(default)]
    pub missed: MissedTicks,
}

fn utc() -> String {
    "UTC".to_owned()
}

/// What happens to ticks that passed while nothing ran.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum MissedTicks {
    /// Nothing.
    None,
    /// One refresh makes up for all of them.
    #[default]
    Last,
    /// One refresh for each.
    All,
}
