//! How many customers a condition would take, without a refresh.

use super::error::SegmentError;
use super::evaluate::{Task, catalog, evaluate};
use crate::definitions::{CUSTOMER, RuleText, Segment, SegmentRule, SetOperator};
use crate::insights::KeptIndex;
use crate::relationships::Tables;
use datafusion::prelude::SessionContext;
use insight::segments::{check_one, known_segments};
use serde::Serialize;

/// The name of the segment that is made for the condition: no segment can be called so.
const NAME: &str = "#estimate";

/// How many customers a condition takes.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Estimate {
    /// The customers that fulfil it.
    pub customers: u64,
    /// All customers.
    pub of: u64,
    /// Their share; nothing without customers.
    pub share: Option<f64>,
    /// Why the kept index could not tell, and the entities were read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_indexed: Option<String>,
}

impl Estimate {
    fn new(customers: u64, of: u64, not_indexed: Option<String>) -> Self {
        let share = (of > 0).then(|| customers as f64 / of as f64);
        Self { customers, of, share, not_indexed }
    }
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

/// Counts the customers that fulfil a condition: in the kept index where that can tell, else over the tables of a
/// session.
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
    let mut not_indexed = None;
    if let Some(index) = task.index {
        match counted(session, task, index).await? {
            Ok((customers, of)) => return Ok(Estimate::new(customers, of, None)),
            Err(why) => not_indexed = Some(why),
        }
    }
    let task = Task { index: None, ..task };
    let results = evaluate(session, task, |segment| segment.name == NAME).await?;
    if let Some(failure) = results.failed.into_iter().next() {
        return Err(failure.error);
    }
    let customers = results.segments.first().map_or(0, |segment| segment.size);
    let of = Tables::new(session).table(CUSTOMER).await?.count().await? as u64;
    Ok(Estimate::new(customers, of, not_indexed))
}

/// What the index says; or why it says nothing, also because the condition is wrong, which is then found again.
async fn counted(
    session: &SessionContext,
    task: Task<'_>,
    index: &KeptIndex,
) -> Result<Result<(u64, u64), String>, SegmentError> {
    let catalog = known_segments(&catalog(session, task.graph, task.measures).await?, task.segments);
    let segment = task.segments.iter().find(|segment| segment.name == NAME);
    let checked = segment.and_then(|segment| check_one(task.graph, &catalog, segment).segment);
    let checked = checked.map(|segment| segment.at(task.now));
    Ok(match checked.as_ref().and_then(|segment| segment.rules.first()) {
        Some(rule) => index.estimate(rule).await,
        None => Err("the condition cannot be checked".to_owned()),
    })
}
