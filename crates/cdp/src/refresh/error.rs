//! What can go wrong with a refresh.

use store::StoreError;

use crate::identity::IdentityError;

/// An error of a refresh. [`RefreshError::code`] is stable.
#[derive(Debug, thiserror::Error)]
pub enum RefreshError {
    /// The state store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The lake failed.
    #[error(transparent)]
    Lake(#[from] lake::LakeError),
    /// What people have decided about customers cannot be read.
    #[error("the pins cannot be read: {0}")]
    Pins(String),
    /// Recording events failed.
    #[error(transparent)]
    Events(#[from] events::EventsError),
    /// The applied definitions could not be read.
    #[error("the applied definitions cannot be read: {0}")]
    Definitions(String),
    /// Nothing was applied yet.
    #[error("nothing is applied yet: write weir.yaml (`weir init`), then `weir apply`")]
    NothingApplied,
    /// There is no such data source.
    #[error("there is no data source {name:?}{}", did_you_mean(.suggestion.as_deref()))]
    UnknownDataSource {
        /// What was asked for.
        name: String,
        /// What was probably meant.
        suggestion: Option<String>,
    },
    /// There is nothing of that name to refresh.
    #[error("there is no {target}{}", did_you_mean(.suggestion.as_deref()))]
    UnknownTarget {
        /// What was asked for, with its kind.
        target: String,
        /// What was probably meant.
        suggestion: Option<String>,
    },
    /// It is defined, but not active.
    #[error("the {target} is not active; make it active (`state: active`) and apply, then refresh it")]
    NotActive {
        /// What was asked for, with its kind.
        target: String,
    },
    /// There is no such job.
    #[error("there is no job {0:?}")]
    UnknownJob(String),
    /// The schedule cannot be followed.
    #[error("the schedule cannot be followed: {0}")]
    Schedule(String),
    /// A stored row does not have the form that this version writes.
    #[error("a stored {what} cannot be read: {detail}")]
    Corrupt {
        /// What kind of value.
        what: &'static str,
        /// Why it cannot be read.
        detail: String,
    },
    /// A task came to an end that it must not come to.
    #[error("a task ended unexpectedly: {0}")]
    Broken(String),
}

fn did_you_mean(suggestion: Option<&str>) -> String {
    suggestion.map(|name| format!("; did you mean {name:?}?")).unwrap_or_default()
}

impl From<sqlx::Error> for RefreshError {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

impl From<IdentityError> for RefreshError {
    fn from(error: IdentityError) -> Self {
        match error {
            IdentityError::Store(error) => Self::Store(error),
            IdentityError::Lake(error) => Self::Lake(error),
            error => Self::Pins(error.to_string()),
        }
    }
}

impl RefreshError {
    /// The stable code of this error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Store(error) => error.code(),
            Self::Lake(error) => error.code(),
            Self::Events(error) => error.code(),
            Self::Pins(_) => "pinUnreadable",
            Self::Definitions(_) => "definitionsUnreadable",
            Self::NothingApplied => "nothingApplied",
            Self::UnknownDataSource { .. } => "dataSourceNotFound",
            Self::UnknownTarget { .. } => "refreshTargetNotFound",
            Self::NotActive { .. } => "inactiveNode",
            Self::UnknownJob(_) => "jobNotFound",
            Self::Schedule(_) => "scheduleInvalid",
            Self::Corrupt { .. } => "refreshRowUnreadable",
            Self::Broken(_) => "taskBroken",
        }
    }
}
