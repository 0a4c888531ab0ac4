//! All measures of an instance, each by itself: one that fails does not stop the others.

use super::entity::CustomerMeasures;
use super::error::MeasureError;
use super::plan::calculate;
use super::query;
use super::values::{MeasureValue, values};
use crate::conditions::{Attribute, Attributes, Catalog, Now};
use crate::definitions::{CUSTOMER, Measure, MeasureKind, MeasureState};
use crate::insights::{self, Answers, Asked, Engine, KeptIndex};
use crate::relationships::{CUSTOMER_MEASURE, Graph, Tables};
use datafusion::arrow::array::{Array, RecordBatch};
use datafusion::prelude::SessionContext;
use insight::measures::{CheckedMeasure, check_one, known_measures};
use std::collections::BTreeSet;

/// What the measures of one refresh gave.
#[derive(Debug, Default)]
pub struct MeasureResults {
    /// The entities to publish: one per business and customer measure, and `Customer_Measure`.
    pub entities: Vec<MeasureEntity>,
    /// Every number of the business measures, for history and thresholds.
    pub values: Vec<MeasureValue>,
    /// The measures without a result.
    pub failed: Vec<MeasureFailure>,
}

/// An entity that measures make.
#[derive(Debug, Clone, PartialEq)]
pub struct MeasureEntity {
    /// Its name: the measure's, or `Customer_Measure`.
    pub name: String,
    /// All rows, ordered by their customer and dimensions.
    pub rows: RecordBatch,
}

/// A measure without a result.
#[derive(Debug)]
pub struct MeasureFailure {
    /// The measure.
    pub measure: String,
    /// Why.
    pub error: MeasureError,
}

/// What there is to calculate, and when.
#[derive(Clone, Copy)]
pub struct Task<'a> {
    /// The paths between entities.
    pub graph: &'a Graph,
    /// All measures that are defined, also those that are only read.
    pub measures: &'a [Measure],
    /// What `today` and `now` are.
    pub now: &'a Now,
    /// Whether `Customer_Measure` is what the measures give over this session's rows, at this moment; the wanted
    /// customer attributes are calculated anyway.
    pub measures_are_current: bool,
    /// Who answers.
    pub engine: Engine,
    /// The kept index of the session's tables, if there is one.
    pub index: Option<&'a KeptIndex>,
}

/// The active customer attributes, as far as they are right and no queries, at a moment.
pub(crate) fn current_attributes(
    graph: &Graph,
    catalog: &Catalog,
    measures: &[Measure],
    now: &Now,
) -> Vec<CheckedMeasure> {
    let is_attribute = |it: &&Measure| {
        it.kind == MeasureKind::CustomerAttribute && it.state == MeasureState::Active && it.sql.is_none()
    };
    let checked = measures.iter().filter(is_attribute).filter_map(|it| check_one(graph, catalog, it).measure);
    checked.map(|measure| measure.at(now)).collect()
}

/// Calculates the wanted measures over the tables of a session. What they read of other measures is in the session.
///
/// # Errors
/// The session's tables, or the list of customers, cannot be read. What goes wrong with one measure is in the result.
pub async fn evaluate(
    session: &SessionContext,
    task: Task<'_>,
    wanted: impl Fn(&Measure) -> bool,
) -> Result<MeasureResults, MeasureError> {
    let known = indexed(session, task, &wanted).await?;
    evaluate_knowing(session, task, known, wanted).await
}

/// What the index says of the wanted active measures.
pub(crate) async fn indexed(
    session: &SessionContext,
    task: Task<'_>,
    wanted: impl Fn(&Measure) -> bool,
) -> Result<Answers, MeasureError> {
    let is_wanted = |it: &&Measure| it.state == MeasureState::Active && wanted(it);
    let chosen: Vec<&Measure> = task.measures.iter().filter(is_wanted).collect();
    if chosen.is_empty() || task.engine == Engine::Query {
        return Ok(Answers::default());
    }
    let catalog = known_measures(task.graph, &crate::conditions::catalog(session).await?, task.measures);
    if catalog.entity(CUSTOMER).is_none() {
        return Ok(Answers::default());
    }
    Ok(insights::answer(session, task.graph, asked(&task, &catalog, &chosen), task.engine, task.index).await)
}

/// [`evaluate`], with what the index says already.
pub(crate) async fn evaluate_knowing(
    session: &SessionContext,
    task: Task<'_>,
    index: Answers,
    wanted: impl Fn(&Measure) -> bool,
) -> Result<MeasureResults, MeasureError> {
    let found = crate::conditions::catalog(session).await?;
    let published = match found.entity(CUSTOMER_MEASURE) {
        Some(Attributes::Known(columns)) => columns.iter().map(|(name, _)| name.clone()).collect(),
        _ => BTreeSet::new(),
    };
    let catalog = known_measures(task.graph, &found, task.measures);
    let is_active = |measure: &&Measure| measure.state == MeasureState::Active;
    let (chosen, others): (Vec<&Measure>, Vec<&Measure>) =
        task.measures.iter().filter(is_active).partition(|measure| wanted(measure));
    let is_there = |measure: &&Measure| match measure.kind {
        MeasureKind::CustomerAttribute => published.contains(&measure.name),
        _ => found.entity(&measure.name).is_some(),
    };
    let done = others.into_iter().filter(is_there).map(|measure| measure.name.clone()).collect();
    let has_customers = catalog.entity(CUSTOMER).is_some();
    let tables = Tables::new(session);
    let results = MeasureResults::default();
    let mut run = Run { task, catalog, tables, customers: None, index, done, results };
    let is_attribute = |measure: &Measure| measure.kind == MeasureKind::CustomerAttribute;
    if has_customers && chosen.iter().any(|measure| is_attribute(measure)) {
        run.customers = Some(CustomerMeasures::of(&run.tables).await?);
    }
    run.all(chosen).await;
    run.finish()
}

/// What the index may answer: these measures as far as they are right, and the customer attributes that they read.
fn asked(task: &Task<'_>, catalog: &Catalog, chosen: &[&Measure]) -> Asked {
    let attributes_wanted = chosen.iter().any(|it| it.kind == MeasureKind::CustomerAttribute);
    let mut measures = match attributes_wanted || task.measures_are_current {
        true => current_attributes(task.graph, catalog, task.measures, task.now),
        false => Vec::new(),
    };
    let others = chosen.iter().filter(|it| it.kind != MeasureKind::CustomerAttribute && it.sql.is_none());
    let checked = others.filter_map(|it| check_one(task.graph, catalog, it).measure);
    measures.extend(checked.map(|measure| measure.at(task.now)));
    Asked { segments: Vec::new(), measures }
}

struct Run<'a> {
    task: Task<'a>,
    catalog: Catalog,
    tables: Tables<'a>,
    index: Answers,
    /// The customer attributes so far, where there are any.
    customers: Option<CustomerMeasures>,
    /// The measures whose results can be read.
    done: BTreeSet<String>,
    results: MeasureResults,
}

impl Run<'_> {
    /// In rounds: a measure is calculated once those that it reads are.
    async fn all(&mut self, chosen: Vec<&Measure>) {
        let mut waiting = chosen;
        while !waiting.is_empty() {
            let before = waiting.len();
            let names: BTreeSet<&str> = waiting.iter().map(|measure| measure.name.as_str()).collect();
            let mut later = Vec::new();
            for measure in &waiting {
                if let Some(sql) = &measure.sql {
                    match self.query(measure, &sql.0).await {
                        Ok(()) => _ = self.done.insert(measure.name.clone()),
                        Err(error) => self.failed(&measure.name, error),
                    }
                    continue;
                }
                match self.ready(measure, &names) {
                    Ready::Yes(checked) => match self.calculate(&checked).await {
                        Ok(()) => _ = self.done.insert(measure.name.clone()),
                        Err(error) => self.failed(&measure.name, error),
                    },
                    Ready::Never(error) => self.failed(&measure.name, error),
                    Ready::Later => later.push(*measure),
                }
            }
            if later.len() == before {
                return self.circle(&later);
            }
            waiting = later;
        }
    }

    /// Whether a measure can be calculated now. `waiting` are those that will be calculated later.
    fn ready(&self, measure: &Measure, waiting: &BTreeSet<&str>) -> Ready {
        let outcome = check_one(self.task.graph, &self.catalog, measure);
        if !outcome.problems.is_empty() {
            return Ready::Never(MeasureError::Invalid { problems: outcome.problems });
        }
        let failed = |name: &str| self.results.failed.iter().any(|failure| failure.measure == name);
        let Some(checked) = outcome.measure else {
            // It reads a measure whose kind is not known: one that is wrong itself, or a circle.
            let mut unknown = outcome.unknown.iter();
            return match unknown.find(|unknown| !waiting.contains(unknown.attribute.as_str())) {
                Some(unknown) => {
                    Ready::Never(MeasureError::NeedsFailed { measure: unknown.attribute.clone() })
                }
                None => Ready::Later,
            };
        };
        let reads = || checked.reads.iter().map(String::as_str);
        let missing = |name: &&str| failed(name) || (!self.done.contains(*name) && !waiting.contains(name));
        if let Some(measure) = reads().find(missing) {
            return Ready::Never(MeasureError::NeedsFailed { measure: measure.to_owned() });
        }
        if measure.kind == MeasureKind::CustomerAttribute && self.customers.is_none() {
            return Ready::Never(MeasureError::NeedsFailed { measure: CUSTOMER.to_owned() });
        }
        match reads().all(|name| self.done.contains(name)) {
            true => Ready::Yes(Box::new(checked.at(self.task.now))),
            false => Ready::Later,
        }
    }

    /// A measure that is a query. It reads what is published, and what was calculated before.
    async fn query(&mut self, measure: &Measure, sql: &str) -> Result<(), MeasureError> {
        let problems = check_one(self.task.graph, &self.catalog, measure).problems;
        if !problems.is_empty() {
            return Err(MeasureError::Invalid { problems });
        }
        let rows = query::rows(self.tables.session(), measure, sql).await?;
        if measure.kind == MeasureKind::CustomerAttribute {
            let Some(customers) = &mut self.customers else {
                return Err(MeasureError::NeedsFailed { measure: CUSTOMER.to_owned() });
            };
            let (column, kind) = query::per_customer(measure, &rows, customers.customers())?;
            customers.add(&measure.name, &column);
            self.catalog.learn(CUSTOMER_MEASURE, &measure.name, kind);
            let rows = customers.rows()?;
            self.tables.replace(CUSTOMER_MEASURE, self.tables.session().read_batch(rows)?);
            return Ok(());
        }
        let rows = query::ordered(&rows)?;
        let checked = query::as_checked(measure, &rows)?;
        if let ([calculation], [], 1) =
            (checked.calculations.as_slice(), checked.dimensions.as_slice(), rows.num_rows())
            && measure.kind == MeasureKind::Business
        {
            let (entity, name, kind) = (measure.name.clone(), calculation.name.clone(), calculation.kind);
            self.catalog.add_number(&measure.name, Some(Attribute { entity, name, kind }));
        }
        self.other(&measure.name, measure.kind, rows, &checked)
    }

    async fn calculate(&mut self, measure: &CheckedMeasure) -> Result<(), MeasureError> {
        if measure.kind == MeasureKind::CustomerAttribute {
            return self.customer_attribute(measure).await;
        }
        let rows = match self.index.tables.remove(&measure.name) {
            Some(rows) => rows,
            None => calculate(&self.tables, measure, None).await?,
        };
        self.other(&measure.name, measure.kind, rows, measure)
    }

    async fn customer_attribute(&mut self, measure: &CheckedMeasure) -> Result<(), MeasureError> {
        let Some(customers) = &mut self.customers else { return Err(MeasureError::internal("no customers")) };
        let indexed = self.index.attributes.remove(&measure.name);
        let column = match indexed.filter(|column| column.len() == customers.customers().len()) {
            Some(column) => column,
            None => {
                let rows = calculate(&self.tables, measure, Some(customers.customers())).await?;
                let column = rows.column_by_name(&measure.name).or(rows.columns().last()).cloned();
                column.ok_or_else(|| MeasureError::internal("a column is missing"))?
            }
        };
        customers.add(&measure.name, &column);
        let rows = customers.rows()?;
        self.tables.replace(CUSTOMER_MEASURE, self.tables.session().read_batch(rows)?);
        Ok(())
    }

    /// Keeps the rows of a business or customer measure.
    fn other(
        &mut self,
        name: &str,
        kind: MeasureKind,
        rows: RecordBatch,
        measure: &CheckedMeasure,
    ) -> Result<(), MeasureError> {
        if kind == MeasureKind::Business {
            self.results.values.extend(values(measure, &rows)?);
        }
        self.tables.replace(name, self.tables.session().read_batch(rows.clone())?);
        self.results.entities.push(MeasureEntity { name: name.to_owned(), rows });
        Ok(())
    }

    fn circle(&mut self, measures: &[&Measure]) {
        let names: Vec<String> = measures.iter().map(|measure| measure.name.clone()).collect();
        for name in &names {
            self.failed(name, MeasureError::Circle { measures: names.clone() });
        }
    }

    fn failed(&mut self, measure: &str, error: MeasureError) {
        self.results.failed.push(MeasureFailure { measure: measure.to_owned(), error });
    }

    /// The results; `Customer_Measure` is the first entity.
    fn finish(mut self) -> Result<MeasureResults, MeasureError> {
        if let Some(customers) = &self.customers {
            let (name, rows) = (CUSTOMER_MEASURE.to_owned(), customers.rows()?);
            self.results.entities.insert(0, MeasureEntity { name, rows });
        }
        Ok(self.results)
    }
}

enum Ready {
    Yes(Box<CheckedMeasure>),
    Later,
    Never(MeasureError),
}
