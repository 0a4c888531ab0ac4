//! What can go wrong with definitions that are right: storing them, and writing them to files.

use std::path::PathBuf;

use store::StoreError;

/// An error of the definitions. [`DefinitionError::code`] is stable. Mistakes in files are a
/// [`super::Report`] instead.
#[derive(Debug, thiserror::Error)]
pub enum DefinitionError {
    /// The state store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What is stored cannot be read by this version.
    #[error("the stored {kind} `{name}` cannot be read: {detail}; apply the definitions again")]
    Corrupt {
        /// The kind of object.
        kind: String,
        /// Its name.
        name: String,
        /// Why.
        detail: String,
    },
    /// A file could not be written.
    #[error("{} cannot be written: {source}", path.display())]
    Write {
        /// The file or folder.
        path: PathBuf,
        /// The cause.
        source: std::io::Error,
    },
    /// There is nothing of this name to make a duplicate of.
    #[error("there is no `{name}` in `{section}`{}", near.as_ref().map(|it| format!("; did you mean `{it}`?")).unwrap_or_default())]
    NotThere {
        /// `segments` or `measures`.
        section: &'static str,
        /// What was asked for.
        name: String,
        /// A name that is nearly the same.
        near: Option<String>,
    },
    /// The text of a file cannot be copied with confidence.
    #[error(
        "`{name}` in `{section}` is written in a way that cannot be copied (an anchor, or a line that is indented unlike the others): copy it by hand"
    )]
    NotDuplicated {
        /// `segments` or `measures`.
        section: &'static str,
        /// What was asked for.
        name: String,
    },
    /// A file is there already.
    #[error("{} is already there; choose an empty folder, or say that it may be overwritten", path.display())]
    Exists {
        /// The file.
        path: PathBuf,
    },
}

impl DefinitionError {
    /// The stable code of this error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Store(error) => error.code(),
            Self::Corrupt { .. } => "definitionCorrupt",
            Self::Write { .. } => "definitionNotWritten",
            Self::NotThere { .. } => "definitionNotFound",
            Self::NotDuplicated { .. } => "definitionNotDuplicated",
            Self::Exists { .. } => "fileExists",
        }
    }
}

impl From<sqlx::Error> for DefinitionError {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}
