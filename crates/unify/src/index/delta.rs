//! What comes to an index, and what it makes of it.

use arrow::array::RecordBatch;

/// Rows of one entity that came, changed or went.
#[derive(Debug, Clone, Default)]
pub struct Change {
    /// The entity's full name.
    pub entity: String,
    /// Rows that are new, or that replace the rows with their primary keys; all attributes of the entity.
    pub upserts: Vec<RecordBatch>,
    /// Primary keys, as text, of rows that are gone.
    pub deletes: Vec<String>,
}

/// A row of a profile.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Member {
    /// The entity, by its place in the match order.
    pub entity: usize,
    /// The primary key, as text.
    pub key: String,
}

/// What a change did to the profiles. All others have the rows that they had, and none of these rows has changed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Delta {
    /// The profiles that were touched, as they were: the rows of each, by match order of the entity and primary key.
    pub before: Vec<Vec<Member>>,
    /// What became of them, and profiles that are new.
    pub after: Vec<Vec<Member>>,
    /// Rows that came, changed in what rules compare, or went.
    pub changed: u64,
    /// Units of rows that looked for a partner again.
    pub relinked: u64,
}
