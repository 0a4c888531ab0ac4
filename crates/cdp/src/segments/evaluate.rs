//! All segments of an instance, each by itself: one that fails does not stop the others.

use super::error::SegmentError;
use super::members::Members;
use super::plan::{customers, entity_members, query_members, rule_members};
use crate::conditions::{Catalog, Now, Problem};
use crate::definitions::{CUSTOMER, Measure, Segment, SegmentState, SetOperator};
use crate::insights::{self, Answers, Asked, Chosen, Engine, KeptIndex};
use crate::measures::{current_attributes, known_measures};
use crate::relationships::{CUSTOMER_ID, CUSTOMER_MEASURE, Graph, Tables};
use datafusion::arrow::array::{Array, StringArray};
use datafusion::prelude::SessionContext;
pub use insight::compile::RuleCount;
use insight::segments::{CheckedSegment, Projection, check_one, circles, in_order, known_segments};
use std::collections::{BTreeMap, BTreeSet};
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
    /// The attributes of related entities that are columns of its entity.
    pub project: Vec<Projection>,
    /// Why the query engine had to choose the members, where it had to.
    pub not_indexed: Option<String>,
}

/// A segment without a result.
#[derive(Debug)]
pub struct SegmentFailure {
    /// The segment.
    pub segment: String,
    /// Why.
    pub error: SegmentError,
}

/// What there is to evaluate, when, and against what.
#[derive(Clone, Copy)]
pub struct Task<'a> {
    /// The paths between entities.
    pub graph: &'a Graph,
    /// All measures that are defined.
    pub measures: &'a [Measure],
    /// All segments that are defined, also those that are only asked for.
    pub segments: &'a [Segment],
    /// What `today` and `now` are.
    pub now: &'a Now,
    /// Whether `Customer_Measure` is what the measures give over this session's rows, at this moment.
    pub measures_are_current: bool,
    /// Who answers.
    pub engine: Engine,
    /// The kept index of the session's tables, if there is one.
    pub index: Option<&'a KeptIndex>,
    /// A session of the snapshot that who entered and who left is counted against.
    pub before: Option<&'a SessionContext>,
}

impl<'a> Task<'a> {
    /// What is asked of a snapshot beside refreshes: its measures are taken as they were published.
    pub fn over_snapshot(
        graph: &'a Graph,
        measures: &'a [Measure],
        segments: &'a [Segment],
        now: &'a Now,
    ) -> Self {
        let (measures_are_current, engine, index, before) = (false, Engine::Index, None, None);
        Self { graph, measures, segments, now, measures_are_current, engine, index, before }
    }

    /// The same with the index of the snapshot.
    #[must_use]
    pub fn with_index(self, index: Option<&'a KeptIndex>) -> Self {
        Self { index, ..self }
    }
}

/// Evaluates the wanted active segments over the tables of a session, in which `Customer_Measure` is that of the same
/// run. Segments that are only asked for are read from their entities.
///
/// # Errors
/// The session's tables, or the list of customers, cannot be read. What goes wrong with one segment is in the result.
pub async fn evaluate(
    session: &SessionContext,
    task: Task<'_>,
    wanted: impl Fn(&Segment) -> bool,
) -> Result<SegmentResults, SegmentError> {
    let known = indexed(session, task, &wanted).await?;
    evaluate_knowing(session, task, known, wanted).await
}

/// What the index says of the wanted active segments.
pub(crate) async fn indexed(
    session: &SessionContext,
    task: Task<'_>,
    wanted: impl Fn(&Segment) -> bool,
) -> Result<Answers, SegmentError> {
    let is_wanted = |it: &&Segment| it.state == SegmentState::Active && wanted(it);
    let active: Vec<&Segment> = task.segments.iter().filter(is_wanted).collect();
    if active.is_empty() || task.engine == Engine::Query {
        return Ok(Answers::default());
    }
    let catalog = known_segments(&catalog(session, task.graph, task.measures).await?, task.segments);
    Ok(insights::answer(session, task.graph, asked(&task, &catalog, &active), task.engine, task.index).await)
}

/// [`evaluate`], with what the index says already.
pub(crate) async fn evaluate_knowing(
    session: &SessionContext,
    task: Task<'_>,
    index: Answers,
    wanted: impl Fn(&Segment) -> bool,
) -> Result<SegmentResults, SegmentError> {
    let mut results = SegmentResults::default();
    let chosen = in_order(task.segments).into_iter().filter(|segment| wanted(segment));
    let (active, skipped): (Vec<&Segment>, Vec<&Segment>) =
        chosen.partition(|segment| segment.state == SegmentState::Active);
    results.skipped = skipped.into_iter().map(|segment| segment.name.clone()).collect();
    if active.is_empty() {
        return Ok(results);
    }
    let catalog = catalog(session, task.graph, task.measures).await?;
    let tables = Tables::new(session);
    let customers = match catalog.entity(CUSTOMER) {
        Some(_) => customers(&tables).await?,
        None => Arc::new(StringArray::from_iter_values(std::iter::empty::<&str>())),
    };
    let catalog = known_segments(&catalog, task.segments);
    let circles = circles(task.segments);
    let (known, failed) = (BTreeMap::new(), BTreeSet::new());
    let mut run = Run { task, catalog, tables, customers, index, known, failed };
    for segment in active {
        let circle = circles.iter().find(|circle| circle.contains(&segment.name));
        let result = match circle {
            Some(circle) => Err(SegmentError::Circle { segments: circle.clone() }),
            None => run.one(segment).await,
        };
        match result {
            Ok(result) => {
                run.known.insert(segment.name.clone(), result.members.clone());
                results.segments.push(result);
            }
            Err(error) => {
                run.failed.insert(segment.name.clone());
                results.failed.push(SegmentFailure { segment: segment.name.clone(), error });
            }
        }
    }
    results.segments.sort_by_key(|result| task.segments.iter().position(|it| it.name == result.name));
    results.failed.sort_by_key(|failure| task.segments.iter().position(|it| it.name == failure.segment));
    Ok(results)
}

/// The tables of the session. A measure that is defined but has no column has no result: its kind is unknown.
pub(super) async fn catalog(
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

/// What the index may answer: these segments as far as they are right, and the customer attributes that they read.
fn asked(task: &Task<'_>, catalog: &Catalog, active: &[&Segment]) -> Asked {
    let checked = active.iter().filter(|segment| segment.sql.is_none());
    let checked = checked.filter_map(|segment| check_one(task.graph, catalog, segment).segment);
    let segments: Vec<CheckedSegment> = checked.map(|segment| segment.at(task.now)).collect();
    let measures = match task.measures_are_current {
        true => current_attributes(task.graph, catalog, task.measures, task.now),
        false => Vec::new(),
    };
    Asked { segments, measures }
}

struct Run<'a> {
    task: Task<'a>,
    catalog: Catalog,
    tables: Tables<'a>,
    customers: Arc<StringArray>,
    index: Answers,
    /// The members of segments that were evaluated or read already.
    known: BTreeMap<String, Members>,
    failed: BTreeSet<String>,
}

impl Run<'_> {
    async fn one(&mut self, segment: &Segment) -> Result<SegmentResult, SegmentError> {
        let outcome = check_one(self.task.graph, &self.catalog, segment);
        if let Some(sql) = segment.sql.as_ref().filter(|_| outcome.problems.is_empty()) {
            let members = query_members(&self.tables, &self.customers, &segment.name, &sql.0).await?;
            let why = Some("it is a query".to_owned());
            return self.result(&segment.name, (members, Vec::new()), Vec::new(), why).await;
        }
        let unknown = outcome.unknown.into_iter().next();
        match (outcome.segment, unknown) {
            (Some(checked), _) => self.segment(&checked.at(self.task.now)).await,
            (None, Some(unknown)) if outcome.problems.is_empty() => {
                Err(SegmentError::NeedsFailed { what: format!("{}.{}", unknown.entity, unknown.attribute) })
            }
            (None, _) => Err(SegmentError::Invalid { problems: outcome.problems }),
        }
    }

    async fn segment(&mut self, segment: &CheckedSegment) -> Result<SegmentResult, SegmentError> {
        for name in segment.reads() {
            self.read(name).await?;
        }
        let indexed = self.index.segments.remove(&segment.name);
        let not_indexed = self.index.why_not(&segment.name).map(str::to_owned);
        let chosen = match indexed.filter(|_| self.index.customers == self.customers.len()) {
            Some(Chosen { members, rules }) => (Members::of(Arc::clone(&self.customers), members), rules),
            None => self.queried(segment).await?,
        };
        self.result(&segment.name, chosen, segment.project.clone(), not_indexed).await
    }

    /// The members as the query engine finds them.
    async fn queried(&self, segment: &CheckedSegment) -> Result<(Members, Vec<RuleCount>), SegmentError> {
        let mut members = Members::nobody(Arc::clone(&self.customers));
        let mut rules = Vec::new();
        for rule in &segment.rules {
            let own = rule_members(&self.tables, &self.customers, rule, &self.known, &segment.name).await?;
            members = match rule.set {
                SetOperator::First | SetOperator::Union => members.union(&own),
                SetOperator::Intersect => members.intersect(&own),
                SetOperator::Except => members.except(&own),
            };
            rules.push(RuleCount { set: rule.set, own: own.len() as u64, total: members.len() as u64 });
        }
        Ok((members, rules))
    }

    async fn result(
        &self,
        name: &str,
        (members, rules): (Members, Vec<RuleCount>),
        project: Vec<Projection>,
        not_indexed: Option<String>,
    ) -> Result<SegmentResult, SegmentError> {
        let (entered, left) = self.changes(name, &members).await?.unzip();
        let size = members.len() as u64;
        let name = name.to_owned();
        Ok(SegmentResult { name, members, size, entered, left, rules, project, not_indexed })
    }

    /// Makes the members of a segment known, from its entity if it was not evaluated.
    async fn read(&mut self, segment: &str) -> Result<(), SegmentError> {
        if self.known.contains_key(segment) {
            return Ok(());
        }
        let session = self.tables.session();
        let table = datafusion::common::TableReference::bare(segment);
        if self.failed.contains(segment) || !session.table_exist(table)? {
            return Err(SegmentError::NeedsFailed { what: format!("the segment {segment}") });
        }
        let (members, _) = entity_members(session, &self.customers, segment).await?;
        self.known.insert(segment.to_owned(), members);
        Ok(())
    }

    /// Who entered and who left since the snapshot before, if it had this segment.
    async fn changes(&self, segment: &str, members: &Members) -> Result<Option<(u64, u64)>, SegmentError> {
        let Some(before) = self.task.before else { return Ok(None) };
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
