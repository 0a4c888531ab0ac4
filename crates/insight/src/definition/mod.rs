//! Measures, segments and activities as people write them.

mod activity;
mod measure;
mod segment;
mod template;
mod text;

pub use activity::{ACTIVITY_COLUMNS, Activity, UNIFIED_ACTIVITY};
pub use measure::{Measure, MeasureCalculation, MeasureKind, MeasureState, Replace};
pub use segment::{Segment, SegmentRule, SegmentState, SegmentType, SetOperator};
pub use template::{Template, TemplateName};
pub use text::{CalculationText, DimensionText, RuleText, SqlText};

/// Most tags of one segment or measure.
pub const MAX_TAGS: usize = 20;

/// The entity that tells which segments a customer is in.
pub const SEGMENT_MEMBERSHIP: &str = "SegmentMembership";
