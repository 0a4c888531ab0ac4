//! What a run depends on besides its records: what the run before has left, and what people decided.

use super::{Pin, Previous};
use crate::probabilistic::Learned;

/// What is known before a run about who is who.
#[derive(Debug, Clone, Default)]
pub struct Identity {
    /// The ids of the run before.
    pub previous: Previous,
    /// Rows whose customer a person has decided; at most one pin for each row.
    pub pins: Vec<Pin>,
    /// The moment of the run, in microseconds since 1970 UTC.
    pub at: i64,
    /// The job that runs, for the lineage.
    pub job: String,
    /// The model that the run before has matched by, if this version reads it.
    pub learned: Option<Learned>,
}
