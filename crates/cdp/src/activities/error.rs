//! What can go wrong with activities.

use datafusion::error::DataFusionError;

use crate::relationships::PathError;

/// Why the activities cannot be unified.
#[derive(Debug, thiserror::Error)]
pub enum ActivityError {
    /// The entity or an attribute of it is not there.
    #[error("activity {activity}: {entity} has no attribute {attribute}; name one that it has, and apply")]
    UnknownAttribute {
        /// The activity.
        activity: String,
        /// The entity.
        entity: String,
        /// What is missing.
        attribute: String,
    },
    /// The entity has no rows yet, or is not there.
    #[error("activity {activity}: the entity {entity} has no data yet; refresh its data source")]
    UnknownEntity {
        /// The activity.
        activity: String,
        /// The entity.
        entity: String,
    },
    /// The timestamp is no date or time.
    #[error(
        "activity {activity}: {attribute} is no date or time but {kind}; map an attribute that says when"
    )]
    NoTime {
        /// The activity.
        activity: String,
        /// The attribute.
        attribute: String,
        /// What it is.
        kind: String,
    },
    /// The rows do not lead to customers.
    #[error("activity {activity}: {error}")]
    Path {
        /// The activity.
        activity: String,
        /// Why.
        error: PathError,
    },
    /// The engine failed.
    #[error("the activities cannot be read: {0}")]
    Engine(#[from] DataFusionError),
}

impl ActivityError {
    /// The stable code of this error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::UnknownAttribute { .. } => "activityAttributeUnknown",
            Self::UnknownEntity { .. } => "activityEntityUnknown",
            Self::NoTime { .. } => "activityWithoutTime",
            Self::Path { error, .. } => error.code(),
            Self::Engine(_) => "activityEngineFailed",
        }
    }
}
