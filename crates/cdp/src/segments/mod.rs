//! Segments: named sets of customers.
//!
//! What a segment means stands in [`insight::segments`].

mod error;
mod evaluate;
mod members;
pub mod membership;
mod plan;

pub use error::SegmentError;
pub use evaluate::{RuleCount, SegmentFailure, SegmentResult, SegmentResults, Task, evaluate};
pub(crate) use evaluate::{evaluate_knowing, indexed};
pub use insight::segments::{CheckedRule, CheckedSegment, SegmentProblems, check, check_condition};
pub use members::Members;
pub use plan::{member_rows, member_schema};
pub(crate) use plan::{ordered_customers, rows_of_members};

#[cfg(test)]
mod tests;
