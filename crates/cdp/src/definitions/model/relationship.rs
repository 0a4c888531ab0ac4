//! Relationships between entities.

use lang::attribute::QualifiedAttribute;
use serde::{Deserialize, Serialize};

/// A foreign key: many rows of `from` belong to one row of `to`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Relationship {
    /// A name for people and for paths that must be told apart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The foreign key.
    pub from: QualifiedAttribute,
    /// The key that it points to.
    pub to: QualifiedAttribute,
}

impl Relationship {
    /// Its name; without one, what it connects.
    pub fn label(&self) -> String {
        self.name.clone().unwrap_or_else(|| format!("{} -> {}", self.from, self.to))
    }
}
