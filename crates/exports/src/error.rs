//! What can go wrong with an export. Messages hold no secret and no row.

use std::path::PathBuf;

use outbound::OutboundError;

/// What the reader of the rows says when it cannot go on.
pub type InputError = Box<dyn std::error::Error + Send + Sync>;

/// Why an export failed. [`ExportError::code`] is stable.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// Something in the definition cannot be used.
    #[error("{what} cannot be used: {detail}")]
    Definition {
        /// The setting and its value.
        what: String,
        /// What is wrong with it.
        detail: String,
    },
    /// A chosen attribute does not exist.
    #[error("{entity} has no attribute {attribute:?}; it has [{}]", known.join(", "))]
    NoAttribute {
        /// The segment or entity.
        entity: String,
        /// What was asked for.
        attribute: String,
        /// What there is.
        known: Vec<String>,
    },
    /// Two columns would have one name.
    #[error("two columns of {entity} would be called {column:?}: rename one of them")]
    ColumnTwice {
        /// The segment or entity.
        entity: String,
        /// The name.
        column: String,
    },
    /// The rows could not be read.
    #[error("the rows of {entity} cannot be read: {source}")]
    Input {
        /// The segment or entity.
        entity: String,
        /// What the reader said.
        source: InputError,
    },
    /// A value or a column cannot be written in this format.
    #[error("the rows cannot be written as {format}: {detail}")]
    Format {
        /// The format.
        format: &'static str,
        /// What is wrong.
        detail: String,
    },
    /// The operating system refused to write.
    #[error("{} cannot be written: {source}", path.display())]
    Unwritable {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// There would be too many files.
    #[error("{entity} needs more than {limit} files: raise rowsPerFile")]
    TooManyFiles {
        /// The segment or entity.
        entity: String,
        /// The limit.
        limit: usize,
    },
    /// An object store refused.
    #[error("the object store {target} refused: {detail}")]
    ObjectStore {
        /// The bucket and path.
        target: String,
        /// What it said.
        detail: String,
        /// Whether the same may succeed later.
        temporary: bool,
    },
    /// The key of an SFTP server is not the one that the connection names.
    #[error("{host} shows the host key {found}, {}", expected_key(expected.as_deref()))]
    HostKey {
        /// Host and port.
        host: String,
        /// The fingerprint that the connection names.
        expected: Option<String>,
        /// The fingerprint that the server shows.
        found: String,
    },
    /// An SFTP server refused the sign-in.
    #[error("{host} refused the sign-in of {user}: {detail}")]
    SignIn {
        /// Host and port.
        host: String,
        /// The user.
        user: String,
        /// Why.
        detail: String,
    },
    /// An SFTP server refused, or the connection broke.
    #[error("{host}: {detail}")]
    Sftp {
        /// Host and port.
        host: String,
        /// What happened.
        detail: String,
        /// Whether the same may succeed later.
        temporary: bool,
    },
    /// A database refused, or the connection broke.
    #[error("the database {target}: {detail}")]
    Database {
        /// Host, port and database.
        target: String,
        /// What it said.
        detail: String,
        /// Whether the same may succeed later.
        temporary: bool,
    },
    /// Rows cannot be told apart by their key.
    #[error("the key [{}] does not identify the rows of {table}: {detail}", key.join(", "))]
    Key {
        /// The table.
        table: String,
        /// The columns of the key.
        key: Vec<String>,
        /// What is wrong.
        detail: String,
    },
    /// A web service refused a batch.
    #[error(
        "{target} refused batch {batch}: {detail}. It has taken {} ({rows} rows)", batches(*batch)
    )]
    Refused {
        /// Host and port.
        target: String,
        /// The number of the batch, from 1; all before it were taken.
        batch: u64,
        /// Rows that were taken.
        rows: u64,
        /// What the service said.
        detail: String,
        /// Whether the same may succeed later.
        temporary: bool,
    },
    /// The address may not be called, or nobody answered.
    #[error(transparent)]
    Outbound(#[from] OutboundError),
    /// Somebody stopped the export.
    #[error("the export was cancelled")]
    Cancelled,
}

impl ExportError {
    /// The stable code of this error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Definition { .. } => "exportSettingWrong",
            Self::NoAttribute { .. } => "exportAttributeUnknown",
            Self::ColumnTwice { .. } => "exportColumnTwice",
            Self::Input { .. } => "exportRowsUnreadable",
            Self::Format { .. } => "exportValueNotWritable",
            Self::Unwritable { .. } => "exportFileUnwritable",
            Self::TooManyFiles { .. } => "exportTooManyFiles",
            Self::ObjectStore { .. } => "exportObjectStoreRefused",
            Self::HostKey { .. } => "exportHostKeyUnknown",
            Self::SignIn { .. } => "exportSignInRefused",
            Self::Sftp { .. } => "exportSftpRefused",
            Self::Database { .. } => "exportDatabaseRefused",
            Self::Key { .. } => "exportKeyUnusable",
            Self::Refused { .. } => "exportBatchRefused",
            Self::Outbound(error) => error.code(),
            Self::Cancelled => "exportCancelled",
        }
    }

    /// True when the same export may succeed later without anybody changing anything.
    pub fn is_temporary(&self) -> bool {
        match self {
            Self::ObjectStore { temporary, .. }
            | Self::Sftp { temporary, .. }
            | Self::Database { temporary, .. }
            | Self::Refused { temporary, .. } => *temporary,
            Self::Outbound(error) => error.is_temporary(),
            _ => false,
        }
    }

    pub(crate) fn definition(what: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::Definition { what: what.into(), detail: detail.into() }
    }
}

fn expected_key(expected: Option<&str>) -> String {
    match expected {
        Some(expected) => format!(
            "but the connection expects {expected}. If the server's owner says that the key has changed, change \
             `fingerprint`; otherwise somebody else may be answering"
        ),
        None => {
            "and the connection names none. Ask the server's owner whether that is its key, then write it \
                 as `fingerprint`"
                .to_owned()
        }
    }
}

fn batches(refused: u64) -> String {
    match refused.saturating_sub(1) {
        0 => "no batch".to_owned(),
        1 => "batch 1".to_owned(),
        last => format!("batches 1 to {last}"),
    }
}
