//! What can go wrong when segments and measures are looked at.

use datafusion::error::DataFusionError;

use crate::definitions::DefinitionError;
use crate::refresh::RefreshError;

/// An error of looking at segments and measures. [`StandingError::code`] is stable.
#[derive(Debug, thiserror::Error)]
pub enum StandingError {
    /// There is no segment of this name.
    #[error("there is no segment {name:?}{}", suggested(suggestion.as_deref()))]
    UnknownSegment {
        /// What was asked for.
        name: String,
        /// A name that is nearly the same.
        suggestion: Option<String>,
    },
    /// There is no measure of this name.
    #[error("there is no measure {name:?}{}", suggested(suggestion.as_deref()))]
    UnknownMeasure {
        /// What was asked for.
        name: String,
        /// A name that is nearly the same.
        suggestion: Option<String>,
    },
    /// It is defined and has no result yet.
    #[error("{name} has no result yet: run `weir refresh`")]
    NeverRefreshed {
        /// The segment or measure.
        name: String,
    },
    /// The definitions cannot be read.
    #[error(transparent)]
    Definitions(#[from] DefinitionError),
    /// Tasks or histories cannot be read.
    #[error(transparent)]
    Refresh(#[from] RefreshError),
    /// The lake failed.
    #[error(transparent)]
    Lake(#[from] lake::LakeError),
}

impl StandingError {
    /// The stable code of this error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::UnknownSegment { .. } => "segmentNotFound",
            Self::UnknownMeasure { .. } => "measureNotFound",
            Self::NeverRefreshed { .. } => "neverRefreshed",
            Self::Definitions(error) => error.code(),
            Self::Refresh(error) => error.code(),
            Self::Lake(error) => error.code(),
        }
    }

    /// Whether something that was asked for is not there.
    pub fn is_missing(&self) -> bool {
        matches!(
            self,
            Self::UnknownSegment { .. } | Self::UnknownMeasure { .. } | Self::NeverRefreshed { .. }
        )
    }
}

impl From<DataFusionError> for StandingError {
    fn from(error: DataFusionError) -> Self {
        Self::Lake(lake::LakeError::Query(error))
    }
}

fn suggested(name: Option<&str>) -> String {
    name.map(|name| format!("; did you mean {name:?}?")).unwrap_or_default()
}
