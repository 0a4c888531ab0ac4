//! Segments: named sets of customers.
//!
//! What a segment means stands in [`insight::segments`].

mod error;
mod estimate;
mod evaluate;
mod explain;
mod members;
pub mod membership;
mod plan;

pub use error::SegmentError;
pub use estimate::{Asked, Estimate, estimate};
pub use evaluate::{RuleCount, SegmentFailure, SegmentResult, SegmentResults, Task, evaluate};
pub(crate) use evaluate::{evaluate_knowing, indexed};
pub use explain::{Explanation, Part, PartKind, ReadValue, RuleExplanation, explain};
pub use insight::segments::{CheckedRule, CheckedSegment, SegmentProblems, check, check_condition};
pub use members::Members;
pub use plan::{member_rows, member_schema};
pub(crate) use plan::{ordered_customers, rows_of_members};

#[cfg(test)]
mod tests;
