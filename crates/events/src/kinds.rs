//! The things that can happen, as CloudEvents 1.0 types.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The type of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum EventType {
    /// A data source refresh failed for good.
    #[serde(rename = "weir.dataSource.refreshFailed")]
    DataSourceRefreshFailed,
    /// A data source refresh succeeded.
    #[serde(rename = "weir.dataSource.refreshSucceeded")]
    DataSourceRefreshSucceeded,
    /// The size of a segment crossed a threshold.
    #[serde(rename = "weir.segment.thresholdCrossed")]
    SegmentThresholdCrossed,
    /// The value of a measure crossed a threshold.
    #[serde(rename = "weir.measure.thresholdCrossed")]
    MeasureThresholdCrossed,
    /// A full refresh ended.
    #[serde(rename = "weir.refresh.completed")]
    RefreshCompleted,
    /// A unification ended.
    #[serde(rename = "weir.unification.completed")]
    UnificationCompleted,
    /// A flow was paused because it kept failing.
    #[serde(rename = "weir.flow.paused")]
    FlowPaused,
}

impl EventType {
    /// Every type.
    pub const ALL: [Self; 7] = [
        Self::DataSourceRefreshFailed,
        Self::DataSourceRefreshSucceeded,
        Self::SegmentThresholdCrossed,
        Self::MeasureThresholdCrossed,
        Self::RefreshCompleted,
        Self::UnificationCompleted,
        Self::FlowPaused,
    ];

    /// The CloudEvents type attribute.
    pub const fn name(self) -> &'static str {
        match self {
            Self::DataSourceRefreshFailed => "weir.dataSource.refreshFailed",
            Self::DataSourceRefreshSucceeded => "weir.dataSource.refreshSucceeded",
            Self::SegmentThresholdCrossed => "weir.segment.thresholdCrossed",
            Self::MeasureThresholdCrossed => "weir.measure.thresholdCrossed",
            Self::RefreshCompleted => "weir.refresh.completed",
            Self::UnificationCompleted => "weir.unification.completed",
            Self::FlowPaused => "weir.flow.paused",
        }
    }
}

impl fmt::Display for EventType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The text is not the name of an event type.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not an event type")]
pub struct UnknownEventType(String);

impl FromStr for EventType {
    type Err = UnknownEventType;
    fn from_str(text: &str) -> Result<Self, UnknownEventType> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.name() == text)
            .ok_or_else(|| UnknownEventType(text.to_owned()))
    }
}
