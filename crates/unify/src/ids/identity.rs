//! What ids depend on besides the records of the run.

use super::{Pin, Previous};

/// What is known before the run about who is who.
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
}
