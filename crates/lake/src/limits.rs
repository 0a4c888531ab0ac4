//! A number on everything in the lake that can grow.

use std::time::Duration;

/// Longest name of an entity or attribute, in bytes.
pub const MAX_NAME_BYTES: usize = 256;

/// Most attributes of one entity.
pub const MAX_COLUMNS: usize = 2_000;

/// Rows per Parquet row group: the unit that readers skip by its statistics.
pub const ROW_GROUP_ROWS: usize = 131_072;

/// Encoded bytes per Parquet row group; bounds the memory of a stager.
pub const ROW_GROUP_BYTES: usize = 64 << 20;

/// A Parquet file is closed, and the next one begun, when it has this many bytes.
pub const FILE_BYTES: usize = 512 << 20;

/// Rows per record batch when an entity is read.
pub const BATCH_ROWS: usize = 8_192;

/// Longest SQL text that is parsed, in bytes.
pub const MAX_SQL_BYTES: usize = 256 << 10;

/// Operators and keywords of one query: what makes expressions and plans deep.
pub const MAX_SQL_OPERATORS: usize = 500;

/// How often one query may name a table.
pub const MAX_SQL_TABLES: usize = 100;

/// Stack of a thread that runs queries; memory is only used as far as it is touched. The deepest query that the
/// limits above allow needs less than half of it, in a build without optimization.
pub const QUERY_STACK_BYTES: usize = 64 << 20;

/// Names that a query may write in another letter case than the entity has them, before it is given up.
pub const MAX_CASE_FIXES: usize = 64;

/// How old a file that no snapshot knows must be before [`crate::Lake::sweep`] deletes it, and how long a file of
/// an expired snapshot is kept for readers in other processes.
pub const SWEEP_GRACE: Duration = Duration::from_secs(24 * 60 * 60);

/// Rows that the table output shows, unless told otherwise.
pub const TABLE_ROWS: usize = 1_000;

/// Characters of one cell that the table output shows, unless told otherwise.
pub const TABLE_CELL_CHARS: usize = 80;
