//! What can go wrong with the state store.

use std::path::PathBuf;

/// An error of the state store. [`StoreError::code`] is stable.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database refused or lost a statement.
    #[error("the state store failed: {0}")]
    Database(#[from] sqlx::Error),
    /// A migration could not be applied, or the database was made by a newer version.
    #[error("the state store could not be brought to this version: {0}")]
    Migration(#[from] sqlx::migrate::MigrateError),
    /// Another process has this data folder.
    #[error("the data folder {} is in use by {holder}; stop it, or use another data folder (--data)", path.display())]
    Locked {
        /// The data folder.
        path: PathBuf,
        /// The process that has it, as it described itself.
        holder: String,
    },
    /// A file of the data folder could not be read or written.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// The cause.
        source: std::io::Error,
    },
    /// The lease on a piece of work ran out and somebody else has it: the work must be given up.
    #[error("the lease on {queue}/{key} was lost")]
    LeaseLost {
        /// The queue.
        queue: &'static str,
        /// The work's key.
        key: String,
    },
    /// A stored value does not have the form that this version writes.
    #[error("the state store holds a {what} that cannot be read: {detail}")]
    Corrupt {
        /// What kind of value.
        what: &'static str,
        /// Why it cannot be read.
        detail: String,
    },
}

impl StoreError {
    /// The stable code of this error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Database(_) => "storeFailed",
            Self::Migration(_) => "storeMigrationFailed",
            Self::Locked { .. } => "dataFolderInUse",
            Self::Io { .. } => "storeIo",
            Self::LeaseLost { .. } => "leaseLost",
            Self::Corrupt { .. } => "storeCorrupt",
        }
    }
}
