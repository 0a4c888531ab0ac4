//! What can go wrong with the lake.

use std::path::PathBuf;

use datafusion::error::DataFusionError;
use datafusion::parquet::errors::ParquetError;
use store::{SnapshotId, StoreError};

/// An error of the lake. [`LakeError::code`] is stable.
#[derive(Debug, thiserror::Error)]
pub enum LakeError {
    /// The state store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The database refused or lost a statement of the catalog.
    #[error("the lake's catalog failed: {0}")]
    Database(#[from] sqlx::Error),
    /// A file or folder of the lake could not be read, written or made durable.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// The cause.
        source: std::io::Error,
    },
    /// A Parquet file of the lake could not be read or written.
    #[error("{}: {source}", path.display())]
    Parquet {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: ParquetError,
    },
    /// Arrow data is not of the form that was announced.
    #[error("the rows of {entity} could not be taken: {detail}")]
    Rows {
        /// The entity.
        entity: String,
        /// Why.
        detail: String,
    },
    /// The lake has no catalog yet.
    #[error("there is no lake here yet; the first refresh makes it")]
    NoCatalog,
    /// The catalog is of another version of the format.
    #[error("the lake's catalog has DuckLake version {found}, but this program reads and writes 1.0")]
    CatalogVersion {
        /// The version in the catalog.
        found: String,
    },
    /// The catalog holds something that the format does not allow.
    #[error("the lake's catalog is damaged: {detail}; restore the state database from a backup")]
    CatalogDamaged {
        /// What is wrong.
        detail: String,
    },
    /// There is no such snapshot (any more).
    #[error("there is no snapshot {wanted}; there are {oldest} to {latest}")]
    UnknownSnapshot {
        /// What was asked for.
        wanted: String,
        /// The oldest that there is.
        oldest: SnapshotId,
        /// The newest that there is.
        latest: SnapshotId,
    },
    /// There is no such entity in the snapshot.
    #[error("there is no entity {name} in snapshot {snapshot}{}", did_you_mean(suggestion))]
    UnknownEntity {
        /// What was asked for.
        name: String,
        /// Where.
        snapshot: SnapshotId,
        /// The nearest name that there is.
        suggestion: Option<String>,
    },
    /// There is no such column.
    #[error("there is no column {name}{}{}", of_tables(tables), did_you_mean(suggestion))]
    UnknownColumn {
        /// What was asked for.
        name: String,
        /// Where it was looked for.
        tables: Vec<String>,
        /// The nearest name that there is.
        suggestion: Option<String>,
    },
    /// Another program wrote to an entity in a way that this one does not read.
    #[error("{entity} cannot be read: {detail}; only Weir may write to its own lake")]
    ForeignWrite {
        /// The entity.
        entity: String,
        /// What was found.
        detail: String,
    },
    /// A column has a type that entities do not have.
    #[error(
        "{entity}.{column} has the type {found}, which entities do not have; use a text, whole number, decimal, \
         floating-point number, boolean, date or date-time"
    )]
    UnsupportedType {
        /// The entity.
        entity: String,
        /// The column.
        column: String,
        /// Its Arrow type.
        found: String,
    },
    /// A name cannot be used.
    #[error("the name {name:?} cannot be used: {detail}")]
    Name {
        /// The name.
        name: String,
        /// Why, and what would do.
        detail: String,
    },
    /// A schema has too many columns, or none.
    #[error("{entity} has {found} columns; it must have 1 to {most}")]
    ColumnCount {
        /// The entity.
        entity: String,
        /// How many it has.
        found: usize,
        /// How many it may have.
        most: usize,
    },
    /// The same entity is changed twice in one publish, or staged rows are published under another name.
    #[error("the changes to publish do not fit together: {detail}")]
    Changes {
        /// What is wrong.
        detail: String,
    },
    /// The entity's columns changed between staging and publishing.
    #[error("{entity} was changed by somebody else while it was computed; run it again")]
    CatalogChanged {
        /// The entity.
        entity: String,
    },
    /// A stager was used again after it had failed.
    #[error("the rows of {entity} could not be written before; start again")]
    StagerFailed {
        /// The entity.
        entity: String,
    },
    /// A query is not one that only reads.
    #[error("{what} is not allowed here: queries only read; use SELECT, WITH, EXPLAIN, SHOW or DESCRIBE")]
    NotReadOnly {
        /// The statement's kind.
        what: String,
    },
    /// A query could not be understood.
    #[error("{message}")]
    Sql {
        /// What is wrong, and where.
        message: String,
    },
    /// A query needed more memory than it may have.
    #[error(
        "the query needs more memory than it may have: {detail}; select fewer rows or columns, or raise the limit"
    )]
    Memory {
        /// What the engine said.
        detail: String,
    },
    /// A query failed while it ran.
    #[error("the query failed: {0}")]
    Query(DataFusionError),
    /// The threads for queries could not be started.
    #[error("queries cannot run: {detail}")]
    Engine {
        /// Why.
        detail: String,
    },
    /// The output could not be written.
    #[error("the result could not be written: {0}")]
    Output(std::io::Error),
    /// A piece of work in the background was lost.
    #[error("a background task of the lake failed: {0}")]
    Task(#[from] tokio::task::JoinError),
}

impl LakeError {
    /// The stable code of this error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Store(source) => source.code(),
            Self::Database(_) => "lakeCatalogFailed",
            Self::Io { .. } => "lakeIo",
            Self::Parquet { .. } => "lakeParquet",
            Self::Rows { .. } => "lakeRows",
            Self::NoCatalog => "lakeMissing",
            Self::CatalogVersion { .. } => "lakeCatalogVersion",
            Self::CatalogDamaged { .. } => "lakeCatalogDamaged",
            Self::UnknownSnapshot { .. } => "unknownSnapshot",
            Self::UnknownEntity { .. } => "unknownEntity",
            Self::UnknownColumn { .. } => "unknownColumn",
            Self::ForeignWrite { .. } => "lakeForeignWrite",
            Self::UnsupportedType { .. } => "unsupportedType",
            Self::Name { .. } => "lakeName",
            Self::ColumnCount { .. } => "lakeColumnCount",
            Self::Changes { .. } => "lakeChanges",
            Self::CatalogChanged { .. } => "lakeCatalogChanged",
            Self::StagerFailed { .. } => "lakeStagerFailed",
            Self::NotReadOnly { .. } => "queryNotReadOnly",
            Self::Sql { .. } => "queryInvalid",
            Self::Memory { .. } => "queryMemory",
            Self::Query(_) => "queryFailed",
            Self::Engine { .. } => "queryEngine",
            Self::Output(_) => "outputFailed",
            Self::Task(_) => "lakeTaskFailed",
        }
    }

    pub(crate) fn io(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { path, source }
    }

    pub(crate) fn parquet(path: impl Into<PathBuf>) -> impl FnOnce(ParquetError) -> Self {
        let path = path.into();
        move |source| Self::Parquet { path, source }
    }

    pub(crate) fn damaged(detail: impl Into<String>) -> Self {
        Self::CatalogDamaged { detail: detail.into() }
    }
}

/// `; did you mean X?`, or nothing.
fn did_you_mean(suggestion: &Option<String>) -> String {
    suggestion.as_ref().map(|name| format!("; did you mean {name}?")).unwrap_or_default()
}

fn of_tables(tables: &[String]) -> String {
    match tables {
        [] => String::new(),
        tables => format!(" in {}", tables.join(", ")),
    }
}
