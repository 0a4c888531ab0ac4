//! The statuses of runs and actions, and the algebra that makes one status of many.

use serde::{Deserialize, Serialize};

/// How a run is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum RunStatus {
    /// It was started and nobody has looked at it yet.
    Waiting,
    /// It has things to do, or waits for a time or an answer.
    Running,
    /// It ended well.
    Succeeded,
    /// It ended badly.
    Failed,
    /// Somebody cancelled it, or a Terminate action did.
    Cancelled,
    /// It took longer than a run may take.
    TimedOut,
    /// The trigger fired but its conditions were not met: nothing was done.
    Skipped,
}

impl RunStatus {
    /// Every status.
    pub const ALL: [RunStatus; 7] = [
        Self::Waiting,
        Self::Running,
        Self::Succeeded,
        Self::Failed,
        Self::Cancelled,
        Self::TimedOut,
        Self::Skipped,
    ];

    /// The name, as stored and shown.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Waiting => "Waiting",
            Self::Running => "Running",
            Self::Succeeded => "Succeeded",
            Self::Failed => "Failed",
            Self::Cancelled => "Cancelled",
            Self::TimedOut => "TimedOut",
            Self::Skipped => "Skipped",
        }
    }

    /// The status called `name`, ignoring case.
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.name().eq_ignore_ascii_case(name))
    }

    /// Whether nothing more will happen.
    pub const fn is_terminal(self) -> bool {
        !matches!(self, Self::Waiting | Self::Running)
    }
}

/// How an action is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum ActionStatus {
    /// It was started and has not ended.
    Running,
    /// It waits for a time.
    Waiting,
    /// It ended well.
    Succeeded,
    /// It ended badly.
    Failed,
    /// It was not done.
    Skipped,
    /// It took longer than it may take.
    TimedOut,
    /// The run was cancelled while it was running, or an action around it timed out.
    Cancelled,
}

impl ActionStatus {
    /// The name, as stored, shown, and given to expressions.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Running => "Running",
            Self::Waiting => "Waiting",
            Self::Succeeded => "Succeeded",
            Self::Failed => "Failed",
            Self::Skipped => "Skipped",
            Self::TimedOut => "TimedOut",
            Self::Cancelled => "Cancelled",
        }
    }

    /// Whether nothing more will happen to the action.
    pub const fn is_terminal(self) -> bool {
        !matches!(self, Self::Running | Self::Waiting)
    }
}

/// What remains of the actions that count, worst first: Failed, then TimedOut, then Succeeded. Skipped ones
/// were replaced by their predecessors before; a container of only skipped actions did what it should.
pub(super) fn combine(statuses: impl IntoIterator<Item = ActionStatus>) -> ActionStatus {
    let mut worst = ActionStatus::Succeeded;
    for status in statuses {
        match status {
            ActionStatus::Failed => return ActionStatus::Failed,
            // An action is cancelled only by what also ends its container, so this is for completeness.
            ActionStatus::TimedOut | ActionStatus::Cancelled => worst = ActionStatus::TimedOut,
            _ => {}
        }
    }
    worst
}
