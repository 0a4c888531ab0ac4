//! How many customers a condition would take, without a refresh.

use super::error::SegmentError;
use super::evaluate::{Task, evaluate};
use crate::definitions::{CUSTOMER, RuleText, Segment, SegmentRule, SetOperator};
use crate::relationships::Tables;
use datafusion::prelude::SessionContext;
use serde::Serialize;

/// The name of the segment that is made for the condition: no segment can be called so.
const NAME: &str = "#estimate";

/// How many customers a condition takes.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Estimate {
    /// The customers that fulfil it.
    pub customers: u64,
    /// All customers.
    pub of: u64,
    /// Their share; nothing without customers.
    pub share: Option<f64>,
}

/// A condition to be counted.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The condition.
    pub condition: RuleText,
    /// Relationships that its paths must use.
    pub via: Vec<String>,
    /// Every test of a text ignores case.
    pub ignore_case: bool,
}

/// Counts the customers that fulfil a condition, over the tables of a session.
///
/// # Errors
/// The condition does not fit the entities, or reads something that has no result.
pub async fn estimate(
    session: &SessionContext,
    task: Task<'_>,
    asked: Asked,
) -> Result<Estimate, SegmentError> {
    let rule = SegmentRule { set: SetOperator::First, where_: asked.condition, via: asked.via };
    let segment = Segment { ignore_case: asked.ignore_case, ..Segment::new(NAME, vec![rule]) };
    let mut segments = task.segments.to_vec();
    segments.push(segment);
    let task = Task { segments: &segments, before: None, ..task };
    let results = evaluate(session, task, |segment| segment.name == NAME).await?;
    if let Some(failure) = results.failed.into_iter().next() {
        return Err(failure.error);
    }
    let customers = results.segments.first().map_or(0, |segment| segment.size);
    let of = Tables::new(session).table(CUSTOMER).await?.count().await? as u64;
    let share = (of > 0).then(|| customers as f64 / of as f64);
    Ok(Estimate { customers, of, share })
}
