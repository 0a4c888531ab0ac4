//! What a unification reads and writes: entities as Arrow batches.

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;

/// One source entity, as its data source delivered it.
#[derive(Debug, Clone)]
pub struct Input {
    /// The name of its data source.
    pub data_source: String,
    /// The entity's full name, `<DataSource>_<Entity>`.
    pub entity: String,
    /// The attributes that identify a row; unification takes exactly one.
    pub primary_key: Vec<String>,
    /// Its attributes.
    pub schema: SchemaRef,
    /// Its rows, in source order. How they are split into batches does not matter.
    pub batches: Vec<RecordBatch>,
}

/// One entity that a unification makes.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// Its attributes.
    pub schema: SchemaRef,
    /// Its rows.
    pub batches: Vec<RecordBatch>,
}

impl Table {
    /// The number of rows.
    pub fn rows(&self) -> usize {
        self.batches.iter().map(RecordBatch::num_rows).sum()
    }
}

/// How far a unification is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    /// What is being done.
    pub stage: Stage,
    /// Steps that are done.
    pub done: usize,
    /// Steps in all.
    pub total: usize,
}

/// The parts of a unification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stage {
    /// Reading keys and the values that rules compare.
    Map,
    /// Trying a rule.
    Match {
        /// The entity whose rows look for a partner.
        entity: String,
        /// The rule.
        rule: String,
    },
    /// Taking in what has changed since the run before.
    Changes,
    /// Choosing the values of the profiles.
    Merge,
}
