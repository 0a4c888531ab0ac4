//! Data sources: read rows, infer and check types, quarantine what does not fit.
//!
//! [`read`] walks the files of an entity twice, with memory that does not grow with them: once to see what all
//! values of each column look like, once to convert them. Rows go to an [`EntitySink`] in batches; rows that do
//! not fit go to its quarantine, with file, line, column and reason. What was decided and found is in the
//! [`ReadReport`], whose [`ReadReport::known`] makes the types stick at the next refresh.
//!
//! An empty value is null. Values of columns that are not text may have white space around them.

mod convert;
pub mod definition;
mod error;
mod files;
mod keys;
mod limits;
mod names;
mod output;
mod quarantine;
mod read;
mod report;
#[cfg(test)]
mod tests;
mod types;

pub use error::{SinkError, SourceError};
pub use files::rows::Reason;
pub use limits::Limits;
pub use output::EntitySink;
pub use read::{Progress, ReadRequest, Stage, fingerprint, read};
pub use report::{ColumnReport, Decided, FileReport, Finding, KnownColumns, Level, Outcome, ReadReport};
pub use types::build::arrow_type;
pub use types::dates::DateFormat;
