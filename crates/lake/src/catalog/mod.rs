//! The DuckLake 1.0 catalog: its rows as typed values, and the statements that read and write them.
//!
//! A row is valid from its `begin_snapshot` up to, not including, its `end_snapshot` (null: still valid).

pub(crate) mod columns;
pub(crate) mod read;
pub(crate) mod text;
pub(crate) mod write;

/// The version of the format.
pub(crate) const VERSION: &str = "1.0";

/// The one schema that holds the entities; `0` in every fresh catalog.
pub(crate) const SCHEMA: &str = "main";
pub(crate) const SCHEMA_ID: i64 = 0;

/// The newest row of `ducklake_snapshot`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Head {
    pub(crate) snapshot: i64,
    pub(crate) schema_version: i64,
    pub(crate) next_catalog_id: i64,
    pub(crate) next_file_id: i64,
}

/// A table as it is at one snapshot.
#[derive(Debug, Clone)]
pub(crate) struct Table {
    pub(crate) id: i64,
    pub(crate) name: String,
    /// Its folder below the schema's, with a trailing `/`.
    pub(crate) folder: String,
    /// In the order of `column_order`.
    pub(crate) columns: Vec<Column>,
    /// The first column id that no column of this table ever had.
    pub(crate) next_column_id: i64,
}

/// A column as it is at one snapshot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Column {
    pub(crate) id: i64,
    pub(crate) order: i64,
    pub(crate) name: String,
    /// DuckLake's name of its type.
    pub(crate) kind: String,
}

/// A data file as it is at one snapshot.
#[derive(Debug, Clone)]
pub(crate) struct DataFile {
    pub(crate) table: i64,
    /// Below the table's folder.
    pub(crate) path: String,
    pub(crate) rows: i64,
    pub(crate) bytes: i64,
}
