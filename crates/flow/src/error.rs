//! What can go wrong with flows.

use lang::diagnose::Severity;
use lang::wdl::Finding;
use store::StoreError;

use crate::machine::RestartError;

/// An error of this crate. [`FlowError::code`] is stable.
#[derive(Debug, thiserror::Error)]
pub enum FlowError {
    /// The state store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A document has mistakes that keep it from being run.
    #[error("the flow '{name}' has {} mistakes; the first: {}", diagnostics.len(), first(diagnostics))]
    Refused {
        /// The flow.
        name: String,
        /// All that there is to say about the document.
        diagnostics: Vec<Finding>,
    },
    /// There is no such flow.
    #[error("there is no flow '{0}'; `weir flow list` shows those that there are")]
    UnknownFlow(String),
    /// There is no such run.
    #[error("there is no run '{0}'; `weir flow runs` shows the newest")]
    UnknownRun(String),
    /// A run cannot be restarted before it has ended.
    #[error("the run '{0}' is still under way; cancel it first, or wait for its end")]
    StillUnderWay(String),
    /// A run cannot be restarted like this.
    #[error("the run '{run}' cannot be restarted: {error}")]
    Restart {
        /// The run.
        run: String,
        /// Why.
        error: RestartError,
    },
    /// There is no such version of a flow, or several begin like that.
    #[error(
        "the flow '{flow}' has no version '{version}', or several that begin like that; `weir flow versions {flow}` shows them"
    )]
    UnknownVersion {
        /// The flow.
        flow: String,
        /// What was asked for.
        version: String,
    },
    /// A draft has too many bytes.
    #[error("the draft has {0} bytes; {max} are allowed", max = crate::versions::DRAFT_BYTES)]
    DraftTooLarge(usize),
    /// A file gives no flow.
    #[error(transparent)]
    Package(#[from] crate::packages::PackageError),
    /// There is no such approval, or this person was not asked.
    #[error("there is no approval '{0}' that asks this person; `weir approvals` shows those that wait")]
    UnknownApproval(String),
    /// It is none of the answers of an approval.
    #[error("'{answer}' is none of the answers: {answers}")]
    NoAnswer {
        /// What was answered.
        answer: String,
        /// What can be.
        answers: String,
    },
    /// A flow's name cannot be used.
    #[error("'{0}' cannot be the name of a flow: it needs 1 to {max} characters, none of them a control character", max = crate::definitions::NAME_CHARACTERS)]
    BadName(String),
    /// As many runs of a flow wait as may: the firing is not taken.
    #[error("the flow '{flow}' takes no more firings now. {why}")]
    Throttled {
        /// The flow.
        flow: String,
        /// How many run and wait.
        why: String,
    },
    /// The writer of runs has ended, so nothing more can be written.
    #[error("the journal of runs is closed: the process is stopping")]
    JournalClosed,
    /// A stored document or journal cannot be read by this version.
    #[error("the stored {what} of {of} cannot be read: {detail}")]
    Corrupt {
        /// What.
        what: &'static str,
        /// Of which flow or run.
        of: String,
        /// Why.
        detail: String,
    },
}

impl FlowError {
    /// The stable code of this error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Store(error) => error.code(),
            Self::Refused { .. } => "flowRefused",
            Self::UnknownFlow(_) => "unknownFlow",
            Self::UnknownRun(_) => "unknownRun",
            Self::StillUnderWay(_) => "runUnderWay",
            Self::Restart { .. } => "cannotRestart",
            Self::UnknownVersion { .. } => "unknownFlowVersion",
            Self::DraftTooLarge(_) => "draftTooLarge",
            Self::Package(error) => error.code(),
            Self::UnknownApproval(_) => "unknownApproval",
            Self::NoAnswer { .. } => "noSuchAnswer",
            Self::BadName(_) => "badFlowName",
            Self::Throttled { .. } => "flowThrottled",
            Self::JournalClosed => "journalClosed",
            Self::Corrupt { .. } => "flowCorrupt",
        }
    }
}

impl From<sqlx::Error> for FlowError {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

fn first(diagnostics: &[Finding]) -> String {
    let worst =
        diagnostics.iter().find(|finding| finding.severity == Severity::Error).or(diagnostics.first());
    worst.map(ToString::to_string).unwrap_or_default()
}
