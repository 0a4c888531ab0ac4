//! What can go wrong when a customer is asked for.

use datafusion::arrow::error::ArrowError;
use datafusion::error::DataFusionError;

use crate::identity::IdentityError;
use crate::refresh::RefreshError;

/// An error of looking at customers. [`CustomerError::code`] is stable.
#[derive(Debug, thiserror::Error)]
pub enum CustomerError {
    /// Nobody has this id, and nobody had it.
    #[error(
        "there is no customer {0:?}, and there never was; `weir unify explain` also finds keys of source rows"
    )]
    Unknown(String),
    /// The id has been given up; others have its rows now.
    #[error("the customer {id} is no more: its rows belong to {} now", to.join(", "))]
    Moved {
        /// The former id.
        id: String,
        /// Who has its rows.
        to: Vec<String>,
    },
    /// The id has been given up, and its rows are gone.
    #[error("the customer {0} is no more: its rows are gone from the data sources")]
    Gone(String),
    /// Nothing is unified yet.
    #[error("there are no customers yet: define a unification and run `weir refresh`")]
    NoCustomers,
    /// There is no timeline.
    #[error("there are no activities: define `activities:`, `weir apply`, then `weir refresh`")]
    NoActivities,
    /// Ids could not be read.
    #[error(transparent)]
    Identity(#[from] IdentityError),
    /// What the refresh kept cannot be read.
    #[error(transparent)]
    Refresh(#[from] RefreshError),
    /// The search failed.
    #[error(transparent)]
    Search(#[from] search::SearchError),
    /// The lake failed.
    #[error(transparent)]
    Lake(#[from] lake::LakeError),
    /// Rows could not be written as JSON.
    #[error("the rows of the customer cannot be shown: {0}")]
    Unreadable(String),
}

impl CustomerError {
    /// The stable code of this error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unknown(_) => "customerNotFound",
            Self::Moved { .. } => "customerMoved",
            Self::Gone(_) => "customerGone",
            Self::NoCustomers => "noCustomers",
            Self::NoActivities => "noActivities",
            Self::Identity(error) => error.code(),
            Self::Refresh(error) => error.code(),
            Self::Search(error) => error.code(),
            Self::Lake(error) => error.code(),
            Self::Unreadable(_) => "customerUnreadable",
        }
    }

    /// Whether what was asked for cannot be asked.
    pub fn is_wrong(&self) -> bool {
        matches!(self, Self::Search(error) if error.is_wrong())
    }

    /// Whether something that was asked for is not there.
    pub fn is_missing(&self) -> bool {
        matches!(
            self,
            Self::Unknown(_) | Self::Moved { .. } | Self::Gone(_) | Self::NoCustomers | Self::NoActivities
        )
    }
}

impl From<DataFusionError> for CustomerError {
    fn from(error: DataFusionError) -> Self {
        Self::Lake(lake::LakeError::Query(error))
    }
}

impl From<ArrowError> for CustomerError {
    fn from(error: ArrowError) -> Self {
        Self::Unreadable(error.to_string())
    }
}
