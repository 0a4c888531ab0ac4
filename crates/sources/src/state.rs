//! What a read remembers for the next one, so that only what changed is read again.

use serde::{Deserialize, Serialize};

/// What is known of an entity's input when a read has ended. It belongs to the rows of that read: it is stored with
/// them, and used only together with them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EntityState {
    /// The hash of the definition that the rows were read by. By another definition everything is read again.
    pub definition: String,
    /// The hash of the rows, whatever their order. Equal rows are no change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<String>,
    /// The largest value of the column that tells changes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub watermark: Option<String>,
    /// The last hour whose folder was taken in: `2026/11/20/16`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hour: Option<String>,
    /// The files that were read, in order (`mode: append`).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<SeenFile>,
    /// The version of a Delta table.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<u64>,
    /// What the server said about the file: its entity tag, or else when it was last changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tag: Option<String>,
}

/// A file that was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SeenFile {
    /// The path inside the data source's folder.
    pub name: String,
    /// The hash of its bytes.
    pub hash: String,
}

/// How much of the input a read took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Taken {
    /// All of it.
    #[default]
    All,
    /// What changed since the last read.
    Changes,
    /// Nothing: it has not changed.
    Nothing,
}

impl Taken {
    pub(crate) fn is_all(&self) -> bool {
        *self == Self::All
    }
}
