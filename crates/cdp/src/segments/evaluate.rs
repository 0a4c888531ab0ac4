//! All segments of an instance, each by itself: one that fails does not stop the others.

use super::error::SegmentError;
use super::members::Members;
use super::plan::{customers, entity_members, rule_members};
use crate::conditions::{Catalog, Problem};
use crate::definitions::{CUSTOMER, Measure, Segment, SegmentState, SetOperator};
use crate::measures::known_measures;
use crate::relationships::{CUSTOMER_ID, CUSTOMER_MEASURE, Graph, Tables};
use datafusion::arrow::array::StringArray;
use datafusion::prelude::SessionContext;
use insight::segments::{CheckedSegment, check_one};
use std::sync::Arc;

/// What the segments of one refresh gave.
#[derive(Debug, Default)]
pub struct SegmentResults {
    /// The segments with a result, in the order of the definitions.
    pub segments: Vec<SegmentResult>,
    /// The segments without a result. Their entities stay as they were.
    pub failed: Vec<SegmentFailure>,
    /// The segments that are not active. Their entities stay as they were.
    pub skipped: Vec<String>,
}

/// One segment's members.
#[derive(Debug, Clone, PartialEq)]
pub struct SegmentResult {
    /// The segment; the name of its entity too ([`super::member_rows`] makes the rows).
    pub name: String,
    /// Who is in it.
    pub members: Members,
    /// How many are in it.
    pub size: u64,
    /// How many are in it and were not before; nothing when there was no before.
    pub entered: Option<u64>,
    /// How many were in it and are not now; nothing when there was no before.
    pub left: Option<u64>,
    /// For each rule, what it took.
    pub rules: Vec<RuleCount>,
}

/// What one rule took.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RuleCount {
    /// What it does to the customers before it.
    pub set: SetOperator,
    /// The customers that fulfil its condition.
    pub own: u64,
    /// The customers of the segment after it.
    pub total: u64,
}

/// A segment without a result.
#[derive(Debug)]
pub struct SegmentFailure {
    /// The segment.
    pub segment: String,
    /// Why.
    pub error: SegmentError,
}

/// Evaluates all active segments over the tables of a session, in which `Customer_Measure` is that of the same run.
/// `before` is a session of the snapshot that who entered and who left is counted against.
///
/// # Errors
/// The session's tables, or the list of customers, cannot be read. What goes wrong with one segment is in the result.
pub async fn evaluate(
    session: &SessionContext,
    graph: &Graph,
    measures: &[Measure],
    segments: &[Segment],
    before: Option<&SessionContext>,
) -> Result<SegmentResults, SegmentError> {
    let mut results = SegmentResults::default();
    let (active, skipped): (Vec<_>, Vec<_>) =
        segments.iter().partition(|segment| segment.state == SegmentState::Active);
    results.skipped = skipped.into_iter().map(|segment| segment.name.clone()).collect();
    if active.is_empty() {
        return Ok(results);
    }
    let catalog = catalog(session, graph, measures).await?;
    let tables = Tables::new(session);
    let customers = match catalog.entity(CUSTOMER) {
        Some(_) => customers(&tables).await?,
        None => Arc::new(StringArray::from_iter_values(std::iter::empty::<&str>())),
    };
    let run = Run { tables, customers, before };
    for segment in active {
        let outcome = check_one(graph, &catalog, segment);
        let unknown = outcome.unknown.into_iter().next();
        let result = match (outcome.segment, unknown) {
            (Some(checked), _) => run.segment(&checked).await,
            (None, Some(unknown)) if outcome.problems.is_empty() => {
                Err(SegmentError::NeedsFailed { what: format!("{}.{}", unknown.entity, unknown.attribute) })
            }
            (None, _) => Err(SegmentError::Invalid { problems: outcome.problems }),
        };
        match result {
            Ok(result) => results.segments.push(result),
            Err(error) => results.failed.push(SegmentFailure { segment: segment.name.clone(), error }),
        }
    }
    Ok(results)
}

/// The tables of the session. A measure that is defined but has no column has no result: its kind is unknown.
async fn catalog(
    session: &SessionContext,
    graph: &Graph,
    measures: &[Measure],
) -> Result<Catalog, SegmentError> {
    use crate::conditions::Attributes::Known;
    let found = crate::conditions::catalog(session).await?;
    let columns = match found.entity(CUSTOMER_MEASURE) {
        Some(Known(columns)) => columns.clone(),
        _ => Vec::new(),
    };
    let mut catalog = known_measures(graph, &found, measures);
    if let Some(Known(defined)) = catalog.entity(CUSTOMER_MEASURE) {
        let kind = |name: &str| columns.iter().find(|(column, _)| column == name).and_then(|(_, kind)| *kind);
        let names = defined.iter().map(|(name, _)| (name.clone(), kind(name)));
        let key = |name: &str| name == CUSTOMER_ID;
        let all = names.filter(|(name, kind)| !key(name) || kind.is_some()).collect();
        catalog.add(CUSTOMER_MEASURE, Known(all));
    }
    Ok(catalog)
}

struct Run<'a> {
    tables: Tables<'a>,
    customers: Arc<StringArray>,
    before: Option<&'a SessionContext>,
}

impl Run<'_> {
    async fn segment(&self, segment: &CheckedSegment) -> Result<SegmentResult, SegmentError> {
        let mut members = Members::nobody(Arc::clone(&self.customers));
        let mut rules = Vec::new();
        for rule in &segment.rules {
            let own = rule_members(&self.tables, &self.customers, rule).await?;
            members = match rule.set {
                SetOperator::First | SetOperator::Union => members.union(&own),
                SetOperator::Intersect => members.intersect(&own),
                SetOperator::Except => members.except(&own),
            };
            rules.push(RuleCount { set: rule.set, own: own.len() as u64, total: members.len() as u64 });
        }
        let (entered, left) = self.changes(&segment.name, &members).await?.unzip();
        let size = members.len() as u64;
        Ok(SegmentResult { name: segment.name.clone(), members, size, entered, left, rules })
    }

    /// Who entered and who left since the snapshot before, if it had this segment.
    async fn changes(&self, segment: &str, members: &Members) -> Result<Option<(u64, u64)>, SegmentError> {
        let Some(before) = self.before else { return Ok(None) };
        if !before.table_exist(datafusion::common::TableReference::bare(segment))? {
            return Ok(None);
        }
        let (stayed, were) = entity_members(before, &self.customers, segment).await?;
        // Customers that no longer exist left too; they are in `were` alone.
        let stayed = stayed.intersect(members).len();
        Ok(Some(((members.len() - stayed) as u64, were.saturating_sub(stayed) as u64)))
    }
}

/// Every problem of a failed segment, when its definition is what is wrong.
impl SegmentFailure {
    /// The problems, empty when something else failed.
    pub fn problems(&self) -> &[Problem] {
        match &self.error {
            SegmentError::Invalid { problems } => problems,
            _ => &[],
        }
    }
}
