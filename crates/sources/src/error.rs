//! What can go wrong with a whole data source. (What is wrong with one row goes to quarantine instead.)

use std::path::PathBuf;

use crate::database::{Trouble, TroubleKind};

/// An error of a sink, whatever it is.
pub type SinkError = Box<dyn std::error::Error + Send + Sync>;

/// Why an entity of a data source could not be read.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// The file or folder does not exist.
    #[error("{} does not exist: check `path` of the data source and `file` of the entity", path.display())]
    NotFound {
        /// What was looked for.
        path: PathBuf,
    },
    /// A pattern matched no file.
    #[error("no file matches {pattern:?} in {}: check `file` of the entity", folder.display())]
    NoMatch {
        /// The pattern.
        pattern: String,
        /// Where it was tried.
        folder: PathBuf,
    },
    /// A pattern is not a pattern.
    #[error("{pattern:?} is not a file pattern: {reason}")]
    BadPattern {
        /// The pattern.
        pattern: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A file lies outside the folder of its data source.
    #[error("{file:?} leads outside the data source's folder {}: only files inside it are read", folder.display())]
    Outside {
        /// The file as it was written.
        file: String,
        /// The folder.
        folder: PathBuf,
    },
    /// A pattern matched too many files.
    #[error("{pattern:?} matches more than {limit} files: use a narrower pattern, or fewer, larger files")]
    TooManyFiles {
        /// The pattern.
        pattern: String,
        /// The limit.
        limit: usize,
    },
    /// The operating system refused.
    #[error("{} cannot be read: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// No file has a byte.
    #[error("{file} is empty: expected at least a header and one row")]
    Empty {
        /// The file or pattern.
        file: String,
    },
    /// There are columns but no row.
    #[error("{file} has no rows (only a header, or an empty list): an empty file never replaces data")]
    NoRows {
        /// The file or pattern.
        file: String,
    },
    /// The header cannot be used.
    #[error("the header of {file} cannot be read: {reason}")]
    BadHeader {
        /// The file.
        file: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Files of one entity have different columns.
    #[error("{file} has other columns than {first}: missing [{}], not expected [{}]", missing.join(", "), extra.join(", "))]
    SchemaDiffers {
        /// The file that differs.
        file: String,
        /// The file that it was compared with.
        first: String,
        /// Columns that it lacks.
        missing: Vec<String>,
        /// Columns that only it has.
        extra: Vec<String>,
    },
    /// A column of the primary key is not in the input.
    #[error("the primary key {column:?} is not a column of {file}: its columns are [{}]", columns.join(", "))]
    NoKeyColumn {
        /// The missing column.
        column: String,
        /// The file or pattern.
        file: String,
        /// The columns there are.
        columns: Vec<String>,
    },
    /// Too many columns.
    #[error("{file} has more than {limit} columns")]
    TooManyColumns {
        /// The file.
        file: String,
        /// The limit.
        limit: usize,
    },
    /// Too many rows for the check of the primary key.
    #[error("more than {limit} rows: the primary key can not be checked beyond that; split the entity")]
    TooManyKeys {
        /// The limit.
        limit: usize,
    },
    /// A delimiter that cannot delimit.
    #[error(
        "{delimiter:?} is not a delimiter: give one ASCII character such as \",\", \";\", \"|\" or \"\\t\""
    )]
    BadDelimiter {
        /// What was given.
        delimiter: String,
    },
    /// A character encoding nobody knows.
    #[error(
        "{encoding:?} is not a known encoding: use for example utf-8, utf-16le, utf-16be or windows-1252"
    )]
    UnknownEncoding {
        /// What was given.
        encoding: String,
    },
    /// A date format that cannot be used.
    #[error("{format:?} is not a date format: {reason}")]
    BadDateFormat {
        /// What was given.
        format: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A compressed file whose content is broken or cut off.
    #[error("{file} is damaged or cut off: its {compression} content ends with: {reason}")]
    Damaged {
        /// The file.
        file: String,
        /// gzip or zstd.
        compression: &'static str,
        /// What the decoder said.
        reason: String,
    },
    /// A compressed file that expands far too much.
    #[error(
        "{file} expands to more than {limit}: it looks like a decompression bomb; unpack it yourself if it is not"
    )]
    Bomb {
        /// The file.
        file: String,
        /// The bound it passed, in words.
        limit: String,
    },
    /// A format that is not read.
    #[error("{file} is {what}: {advice}")]
    Unsupported {
        /// The file.
        file: String,
        /// What it looks like.
        what: &'static str,
        /// What to do.
        advice: &'static str,
    },
    /// Not JSON at all.
    #[error("{file} is not JSON: {reason}")]
    NotJson {
        /// The file.
        file: String,
        /// What is wrong.
        reason: String,
    },
    /// A Parquet file that cannot be decoded.
    #[error("{file} is not a readable Parquet file: {reason}")]
    BadParquet {
        /// The file.
        file: String,
        /// What the decoder said.
        reason: String,
    },
    /// A file was written to while it was read.
    #[error("{file} changed while it was read: refresh again when it is complete")]
    Changed {
        /// The file.
        file: String,
    },
    /// A connection that nobody defined.
    #[error("there is no connection {name:?}: define it under `connections`")]
    NoConnection {
        /// Its name.
        name: String,
    },
    /// Something wrong with a database.
    #[error("{0}")]
    Database(Trouble),
    /// Something wrong on the way to a web address or an object store.
    #[error("{what}: {detail}")]
    Fetch {
        /// The address, without its query.
        what: String,
        /// What is wrong.
        detail: String,
        /// Whether it may pass by itself.
        transient: bool,
    },
    /// A setting of the definition that cannot be used.
    #[error("{what}: {reason}")]
    BadSetting {
        /// The key.
        what: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// A workbook that cannot be read.
    #[error("{file} cannot be read as a workbook: {reason}")]
    BadWorkbook {
        /// The file.
        file: String,
        /// What is wrong.
        reason: String,
    },
    /// A Delta table that cannot be read.
    #[error("the Delta table {table} cannot be read: {reason}")]
    BadDelta {
        /// The table.
        table: String,
        /// What is wrong.
        reason: String,
    },
    /// Files that have changed though rows are only added.
    #[error(
        "{file} {what} since it was read, and `mode: append` only adds: undo it, or read all files again with `mode: replace`"
    )]
    NotAppended {
        /// The file.
        file: String,
        /// `has changed` or `is gone`.
        what: &'static str,
    },
    /// The receiver of the rows failed.
    #[error("rows could not be stored: {0}")]
    Sink(SinkError),
    /// Somebody cancelled.
    #[error("reading was cancelled")]
    Cancelled,
}

impl SourceError {
    /// A stable code for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotFound { .. } => "fileNotFound",
            Self::NoMatch { .. } => "noFileMatches",
            Self::BadPattern { .. } => "badFilePattern",
            Self::Outside { .. } => "fileOutsideSource",
            Self::TooManyFiles { .. } => "tooManyFiles",
            Self::Unreadable { .. } => "fileUnreadable",
            Self::Empty { .. } => "fileEmpty",
            Self::NoRows { .. } => "noRowsInInput",
            Self::BadHeader { .. } => "badHeader",
            Self::SchemaDiffers { .. } => "filesDiffer",
            Self::NoKeyColumn { .. } => "primaryKeyValidationFailed",
            Self::TooManyColumns { .. } => "tooManyColumns",
            Self::TooManyKeys { .. } => "tooManyRows",
            Self::BadDelimiter { .. } => "badDelimiter",
            Self::UnknownEncoding { .. } => "unknownEncoding",
            Self::BadDateFormat { .. } => "badDateFormat",
            Self::Damaged { .. } => "fileDamaged",
            Self::Bomb { .. } => "decompressionBomb",
            Self::Unsupported { .. } => "formatNotSupported",
            Self::NotJson { .. } => "notJson",
            Self::BadParquet { .. } => "badParquet",
            Self::Changed { .. } => "fileChanged",
            Self::NoConnection { .. } => "connectionNotFound",
            Self::Database(trouble) => trouble.code(),
            Self::Fetch { .. } => "downloadFailed",
            Self::BadSetting { .. } => "badSourceSetting",
            Self::BadWorkbook { .. } => "badWorkbook",
            Self::BadDelta { .. } => "badDeltaTable",
            Self::NotAppended { .. } => "filesNotAppended",
            Self::Sink(_) => "sinkFailed",
            Self::Cancelled => "cancelled",
        }
    }

    /// Whether the same read may well succeed a little later, with nothing changed by hand.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Changed { .. } | Self::Sink(_) => true,
            Self::Database(trouble) => trouble.kind == TroubleKind::Lost,
            Self::Fetch { transient, .. } => *transient,
            Self::Unreadable { source, .. } => {
                use std::io::ErrorKind as K;
                matches!(
                    source.kind(),
                    K::Interrupted
                        | K::TimedOut
                        | K::WouldBlock
                        | K::StaleNetworkFileHandle
                        | K::ConnectionReset
                        | K::ResourceBusy
                )
            }
            _ => false,
        }
    }
}
