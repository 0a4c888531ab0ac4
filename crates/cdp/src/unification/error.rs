//! What can go wrong when a unification is asked about.

use store::StoreError;

use crate::refresh::RefreshError;

/// An error of explaining. [`UnificationError::code`] is stable.
#[derive(Debug, thiserror::Error)]
pub enum UnificationError {
    /// There is no result to ask about.
    #[error("nothing is unified yet: define a unification and run `weir refresh`")]
    NeverUnified,
    /// The result was made by a version that kept less.
    #[error("the last unification was made by another version of Weir: run `weir refresh`, then ask again")]
    Outdated,
    /// What the refresh kept cannot be read.
    #[error(transparent)]
    Refresh(#[from] RefreshError),
    /// The lake failed.
    #[error(transparent)]
    Lake(#[from] lake::LakeError),
}

impl From<StoreError> for UnificationError {
    fn from(error: StoreError) -> Self {
        Self::Refresh(error.into())
    }
}

impl UnificationError {
    /// The stable code of this error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NeverUnified => "neverUnified",
            Self::Outdated => "unificationOutdated",
            Self::Refresh(error) => error.code(),
            Self::Lake(error) => error.code(),
        }
    }
}
