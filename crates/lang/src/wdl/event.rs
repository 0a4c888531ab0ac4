//! The events that can fire a flow, as operations of a connector: the six of the customer data side, and our own.

/// The `apiId` under which a flow names Weir's own events, chosen so that an exported flow is recognised.
pub const API_ID: &str = "/providers/Microsoft.PowerApps/apis/shared_customerinsights";

/// The last part of [`API_ID`].
pub const CONNECTOR: &str = "shared_customerinsights";

/// An event of the customer data side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CdpEvent {
    /// A refresh of a data source failed for good. Parameter `dataSource` narrows it.
    DataSourceRefreshFailed,
    /// A refresh of a data source succeeded. Parameter `dataSource` narrows it.
    DataSourceRefreshSucceeded,
    /// A threshold on a segment was crossed. Parameters `segment`, `threshold` narrow it.
    SegmentThresholdCrossed,
    /// A threshold on a measure was crossed. Parameters `measure`, `threshold` narrow it.
    MeasureThresholdCrossed,
    /// A full refresh ended.
    RefreshCompleted,
    /// A unification ended.
    UnificationCompleted,
    /// Another flow was paused because it kept failing. Parameter `flow` narrows it.
    FlowPaused,
}

impl CdpEvent {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::DataSourceRefreshFailed,
        Self::DataSourceRefreshSucceeded,
        Self::SegmentThresholdCrossed,
        Self::MeasureThresholdCrossed,
        Self::RefreshCompleted,
        Self::UnificationCompleted,
        Self::FlowPaused,
    ];

    /// The `operationId` in a trigger.
    #[must_use]
    pub fn operation_id(self) -> &'static str {
        match self {
            Self::DataSourceRefreshFailed => "OnDataSourceRefreshFailed",
            Self::DataSourceRefreshSucceeded => "OnDataSourceRefreshSucceeded",
            Self::SegmentThresholdCrossed => "OnSegmentThresholdCrossed",
            Self::MeasureThresholdCrossed => "OnMeasureThresholdCrossed",
            Self::RefreshCompleted => "OnRefreshCompleted",
            Self::UnificationCompleted => "OnUnificationCompleted",
            Self::FlowPaused => "OnFlowPaused",
        }
    }

    /// The type of the event in the events room.
    #[must_use]
    pub fn event_type(self) -> &'static str {
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

    /// The event of an `operationId`, ignoring letter case.
    #[must_use]
    pub fn of_operation(operation_id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|event| event.operation_id().eq_ignore_ascii_case(operation_id))
    }
}
