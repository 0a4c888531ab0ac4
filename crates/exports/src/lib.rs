//! Exports: rows of segments and entities to where other programs read them.
//!
//! A [`Destination`] takes the rows of one entity after the other as Arrow batches. What it writes appears
//! whole or not at all: files get their names when they are complete, tables change in one transaction. Web
//! services take batches, and an error says how many were taken.

pub mod definition;
mod error;
pub mod files;
pub mod format;
pub mod http;
pub mod limits;
mod open;
pub mod postgres;
mod rows;
mod run;

pub use error::{ExportError, InputError};
pub use open::{Doors, Settings, open};
pub use rows::{BatchStream, Rows};
pub use run::{Destination, Moment, Progress, Run, Written, export};

/// The result of everything in this crate.
pub type Result<T> = std::result::Result<T, ExportError>;

#[cfg(test)]
mod testing;
