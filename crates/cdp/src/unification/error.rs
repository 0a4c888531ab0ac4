//! What can go wrong when a unification is asked about.

use datafusion::arrow::error::ArrowError;
use datafusion::error::DataFusionError;
use store::StoreError;

use crate::definitions::DefinitionError;
use crate::identity::IdentityError;
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
    /// There is no such rule.
    #[error("no rule {rule:?}{} was tried in this unification", of(.entity.as_deref()))]
    UnknownRule {
        /// The rule that was asked for.
        rule: String,
        /// The entity that it was asked for with.
        entity: Option<String>,
    },
    /// The entity is not one of the match order.
    #[error("{0:?} takes no part in this unification")]
    NotUnified(String),
    /// No entity has data.
    #[error("no data is read yet: run `weir refresh` first")]
    NothingIngested,
    /// There is no such customer, and no such row.
    #[error("there is no customer and no row {0:?} in the last unification")]
    UnknownCustomer(String),
    /// Ids or pins could not be read.
    #[error(transparent)]
    Identity(#[from] IdentityError),
    /// The definition does not fit the entities any more.
    #[error(transparent)]
    Unify(#[from] unify::UnifyError),
    /// The answer was not finished.
    #[error("the answer was not finished: {0}")]
    Broken(String),
    /// The applied definitions cannot be read.
    #[error(transparent)]
    Definitions(#[from] DefinitionError),
    /// What the refresh kept cannot be read.
    #[error(transparent)]
    Refresh(#[from] RefreshError),
    /// The lake failed.
    #[error(transparent)]
    Lake(#[from] lake::LakeError),
}

fn of(entity: Option<&str>) -> String {
    entity.map(|entity| format!(" on {entity:?}")).unwrap_or_default()
}

impl From<StoreError> for UnificationError {
    fn from(error: StoreError) -> Self {
        Self::Refresh(error.into())
    }
}

impl From<DataFusionError> for UnificationError {
    fn from(error: DataFusionError) -> Self {
        Self::Lake(lake::LakeError::Query(error))
    }
}

impl From<ArrowError> for UnificationError {
    fn from(error: ArrowError) -> Self {
        DataFusionError::from(error).into()
    }
}

impl UnificationError {
    /// The stable code of this error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NeverUnified => "neverUnified",
            Self::Outdated => "unificationOutdated",
            Self::UnknownRule { .. } => "unificationRuleNotFound",
            Self::NotUnified(_) => "entityNotUnified",
            Self::NothingIngested => "nothingIngested",
            Self::UnknownCustomer(_) => "customerNotFound",
            Self::Definitions(error) => error.code(),
            Self::Identity(error) => error.code(),
            Self::Unify(error) => error.code(),
            Self::Broken(_) => "explanationBroken",
            Self::Refresh(error) => error.code(),
            Self::Lake(error) => error.code(),
        }
    }

    /// Whether what was asked for is not there, and nothing else is wrong.
    pub fn is_missing(&self) -> bool {
        match self {
            Self::NeverUnified
            | Self::Outdated
            | Self::UnknownRule { .. }
            | Self::NotUnified(_)
            | Self::NothingIngested
            | Self::UnknownCustomer(_) => true,
            Self::Lake(error) => matches!(error, lake::LakeError::UnknownSnapshot { .. }),
            Self::Refresh(_)
            | Self::Unify(_)
            | Self::Broken(_)
            | Self::Identity(_)
            | Self::Definitions(_) => false,
        }
    }
}
