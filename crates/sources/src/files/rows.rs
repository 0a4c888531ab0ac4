//! What every reader of rows yields, whatever the format: a row, a record that is none, or the end.

use serde::{Deserialize, Serialize};

/// Why a row was quarantined.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Reason {
    /// The record has more or fewer fields than the header.
    FieldCount,
    /// The file ends in the middle of its last line.
    TruncatedLine,
    /// A quote is missing, or not doubled.
    BadQuote,
    /// The line holds bytes that are not text in the file's encoding.
    InvalidBytes,
    /// The line or record is longer than the limit.
    LineTooLong,
    /// A record is not JSON, or not an object.
    BadJson,
    /// A value is not of its column's type.
    TypeMismatch,
    /// The primary key has no value.
    MissingKey,
    /// Another row before has the same primary key; that one is kept.
    DuplicateKey,
}

impl Reason {
    /// The stable code.
    pub fn code(self) -> &'static str {
        match self {
            Self::FieldCount => "fieldCount",
            Self::TruncatedLine => "truncatedLine",
            Self::BadQuote => "badQuote",
            Self::InvalidBytes => "invalidBytes",
            Self::LineTooLong => "lineTooLong",
            Self::BadJson => "badJson",
            Self::TypeMismatch => "typeMismatch",
            Self::MissingKey => "missingKey",
            Self::DuplicateKey => "duplicateKey",
        }
    }

    /// What it means, in words.
    pub fn words(self) -> &'static str {
        match self {
            Self::FieldCount => "the record has another number of fields than the header",
            Self::TruncatedLine => "the file ends in the middle of its last line",
            Self::BadQuote => "a quote is missing or not doubled",
            Self::InvalidBytes => "bytes that are not text in the file's encoding",
            Self::LineTooLong => "the line is too long",
            Self::BadJson => "the record is not a JSON object",
            Self::TypeMismatch => "a value is not of its column's type",
            Self::MissingKey => "the primary key has no value",
            Self::DuplicateKey => "an earlier row has the same primary key",
        }
    }
}

/// A record that could not be taken apart.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct BadRecord {
    /// The physical line where it starts.
    pub(crate) line: u64,
    pub(crate) reason: Reason,
    /// What is wrong with this one.
    pub(crate) detail: String,
    /// How it begins.
    pub(crate) raw: String,
}

impl BadRecord {
    /// The same, its lines counted from another one.
    pub(crate) fn at(&self, first: u64) -> Self {
        Self { line: first + self.line, ..self.clone() }
    }
}

/// One step of a reader.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Step {
    /// A row is in the cells.
    Row {
        /// The physical line where it starts.
        line: u64,
    },
    /// A record that is not a row.
    Bad(BadRecord),
    /// No more.
    End,
}
