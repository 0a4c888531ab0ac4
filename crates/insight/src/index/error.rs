//! Why an index cannot be made or opened.

use arrow::error::ArrowError;

/// Why an index cannot be made or opened.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    /// The disk says no.
    #[error("the index cannot be read or written: {0}")]
    Io(#[from] std::io::Error),
    /// The file is not what was written. It is made again from the entities.
    #[error("the index is damaged ({what}); it is made again by the next refresh")]
    Damaged {
        /// What is wrong.
        what: String,
    },
    /// The rows are not what the index takes.
    #[error("{entity} cannot be indexed: {why}")]
    Unfit {
        /// The entity.
        entity: String,
        /// Why.
        why: String,
    },
    /// Columns cannot be read as their types.
    #[error("columns cannot be read: {0}")]
    Columns(#[from] ArrowError),
}

impl IndexError {
    /// Stable code for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Io(_) => "indexUnavailable",
            Self::Damaged { .. } => "indexDamaged",
            Self::Unfit { .. } | Self::Columns(_) => "indexUnfit",
        }
    }

    pub(crate) fn damaged(what: impl Into<String>) -> Self {
        Self::Damaged { what: what.into() }
    }

    pub(crate) fn unfit(entity: &str, why: impl Into<String>) -> Self {
        Self::Unfit { entity: entity.to_owned(), why: why.into() }
    }
}
