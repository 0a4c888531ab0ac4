//! Data sources: read rows, infer and check types, quarantine what does not fit.
//!
//! [`read`] walks the files of an entity twice, with memory that does not grow with them: once to see what all
//! values of each column look like, once to convert them. Rows go to an [`EntitySink`] in batches; rows that do
//! not fit go to its quarantine, with file, line, column and reason. What was decided and found is in the
//! [`ReadReport`], whose [`ReadReport::known`] makes the types stick at the next refresh.
//!
//! A CSV file is read in pieces on several threads, its hash and the profiles of its columns on threads of their own.
//! What is read depends neither on the pieces nor on the threads.
//!
//! An empty value is null. Values of columns that are not text may have white space around them.

mod access;
mod convert;
mod csv;
mod database;
pub mod definition;
mod delta;
mod error;
mod fetch;
mod files;
mod increment;
mod keys;
mod limits;
mod names;
mod output;
mod parts;
mod profile;
mod quarantine;
mod read;
mod reader;
mod report;
mod state;
#[cfg(test)]
mod tests;
mod types;

pub use access::{Access, Settings};
pub use database::{Trouble, TroubleKind};
pub use error::{SinkError, SourceError};
pub use files::rows::Reason;
pub use limits::Limits;
pub use output::EntitySink;
pub use profile::{ColumnProfile, Lengths, TopValue};
pub use read::{Progress, ReadRequest, Stage, fingerprint, read};
pub use reader::{Before, PreviousRows, Reader};
pub use report::{ColumnReport, Decided, FileReport, Finding, KnownColumns, Level, Outcome, ReadReport};
pub use state::{EntityState, SeenFile, Taken};
pub use types::build::arrow_type;
pub use types::dates::DateFormat;
