//! The words for what jobs and tasks are, how they stand and why they were chosen.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::RefreshError;

macro_rules! words {
    ($(#[$doc:meta])* $name:ident, $what:literal, { $($(#[$vdoc:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum $name {
            $($(#[$vdoc])* #[serde(rename = $word)] $variant,)+
        }

        impl $name {
            /// The word in files, tables and the API.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl FromStr for $name {
            type Err = RefreshError;
            fn from_str(text: &str) -> Result<Self, RefreshError> {
                match text {
                    $($word => Ok(Self::$variant),)+
                    _ => Err(RefreshError::Corrupt { what: $what, detail: format!("{text:?} is unknown") }),
                }
            }
        }
    };
}

words!(/// How a task stands.
TaskStatus, "task status", {
    /// It waits for tasks that it needs.
    Queued = "queued",
    /// It runs.
    Processing = "processing",
    /// It failed in a way that may pass, and will be tried again.
    FailedRetrying = "failedRetrying",
    /// It is done.
    Successful = "successful",
    /// It is done, and some rows were left out.
    CompletedWithWarnings = "completedWithWarnings",
    /// Too many rows do not fit: what it read is not used.
    CompletedWithErrors = "completedWithErrors",
    /// It failed for good.
    FailedPermanent = "failedPermanent",
    /// Something that it needs failed or was skipped.
    Skipped = "skipped",
    /// The user cancelled the job.
    Canceled = "canceled",
});

impl TaskStatus {
    /// Whether tasks that need this one can run.
    pub const fn is_good(self) -> bool {
        matches!(self, Self::Successful | Self::CompletedWithWarnings)
    }

    /// Whether nothing more will happen to it in this job.
    pub const fn is_final(self) -> bool {
        !matches!(self, Self::Queued | Self::Processing | Self::FailedRetrying)
    }
}

words!(/// How a job stands.
JobStatus, "job status", {
    /// It waits for its turn.
    Queued = "queued",
    /// It runs.
    Running = "running",
    /// Every task is done.
    Successful = "successful",
    /// Every task is done; some rows were left out.
    CompletedWithWarnings = "completedWithWarnings",
    /// A task failed; what the others made is published.
    Failed = "failed",
    /// The user cancelled it; nothing is published.
    Canceled = "canceled",
});

impl JobStatus {
    /// Whether nothing more will happen to it.
    pub const fn is_final(self) -> bool {
        !matches!(self, Self::Queued | Self::Running)
    }
}

words!(/// Who started a job.
SubmissionKind, "submission kind", {
    /// A person or a program.
    OnDemand = "onDemand",
    /// The schedule.
    Scheduled = "scheduled",
});

words!(/// What a task does.
Operation, "operation", {
    /// Reads a data source.
    Ingestion = "ingestion",
    /// Map, match and merge.
    Unification = "unification",
    /// The rows of all activities.
    Activities = "activity",
    /// All customer attributes.
    AttributeMeasures = "attributeMeasures",
    /// One business or customer measure.
    EntityMeasures = "entityMeasures",
    /// One segment.
    Segmentation = "segmentation",
    /// Who is in which segment.
    SegmentMembership = "segmentMembership",
    /// The search index over profiles.
    Search = "search",
    /// One export.
    Export = "export",
});

impl Operation {
    /// Whether it makes rows that measures and segments are about.
    pub(super) const fn makes_rows(self) -> bool {
        matches!(self, Self::Ingestion | Self::Unification | Self::Activities)
    }
}

words!(/// Why a task is part of a job, and whether it had to compute.
SelectionReason, "selection reason", {
    /// It was asked for.
    Requested = "requested",
    /// It never ran before.
    FirstRun = "firstRun",
    /// What it reads or its definition changed.
    ModifiedInputs = "modifiedInputs",
    /// Nothing that it reads changed: its last result stands.
    Unchanged = "unchanged",
    /// Nothing uses it: its last result stands.
    Unused = "unused",
});
