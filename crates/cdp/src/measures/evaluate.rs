//! All measures of an instance, each by itself: one that fails does not stop the others.

use super::entity::CustomerMeasures;
use super::error::MeasureError;
use super::plan::calculate;
use super::values::{MeasureValue, values};
use crate::conditions::{Catalog, Unknown};
use crate::definitions::{CUSTOMER, Measure, MeasureKind};
use crate::relationships::{CUSTOMER_MEASURE, Graph, Tables};
use datafusion::arrow::array::RecordBatch;
use datafusion::prelude::SessionContext;
use insight::measures::{CheckedMeasure, Outcome, check_one, known_measures};
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

/// Calculates all measures over the tables of a session.
///
/// # Errors
/// The session's tables, or the list of customers, cannot be read. What goes wrong with one measure is in the result.
pub async fn evaluate(
    session: &SessionContext,
    graph: &Graph,
    measures: &[Measure],
) -> Result<MeasureResults, MeasureError> {
    let catalog = known_measures(graph, &crate::conditions::catalog(session).await?, measures);
    let mut run = Run { graph, catalog, tables: Tables::new(session), results: MeasureResults::default() };
    let (attributes, others): (Vec<_>, Vec<_>) =
        measures.iter().partition(|measure| measure.kind == MeasureKind::CustomerAttribute);
    run.customer_attributes(&attributes).await?;
    for measure in others {
        run.other(measure).await;
    }
    Ok(run.results)
}

struct Run<'a> {
    graph: &'a Graph,
    catalog: Catalog,
    tables: Tables<'a>,
    results: MeasureResults,
}

impl Run<'_> {
    /// In rounds: a measure is calculated once those that it reads are.
    async fn customer_attributes(&mut self, measures: &[&Measure]) -> Result<(), MeasureError> {
        if measures.is_empty() || self.catalog.entity(CUSTOMER).is_none() {
            return self.without_customers(measures);
        }
        let mut customers = CustomerMeasures::of(&self.tables).await?;
        let mut done: BTreeSet<String> = BTreeSet::new();
        let mut waiting: Vec<&Measure> = measures.to_vec();
        while !waiting.is_empty() {
            let before = waiting.len();
            let mut later = Vec::new();
            for measure in waiting {
                match self.ready(measure, &done) {
                    Ready::Yes(checked) => {
                        let name = measure.name.clone();
                        match self.customer_attribute(*checked, &mut customers).await {
                            Ok(()) => _ = done.insert(name),
                            Err(error) => self.failed(&name, error),
                        }
                    }
                    Ready::Never(error) => self.failed(&measure.name, error),
                    Ready::Later => later.push(measure),
                }
            }
            if later.len() == before {
                self.circle(&later);
                break;
            }
            waiting = later;
        }
        let rows = customers.rows()?;
        self.results.entities.push(MeasureEntity { name: CUSTOMER_MEASURE.to_owned(), rows });
        Ok(())
    }

    /// Nothing can be calculated per customer; each measure says so itself.
    fn without_customers(&mut self, measures: &[&Measure]) -> Result<(), MeasureError> {
        for measure in measures {
            let Outcome { problems, .. } = check_one(self.graph, &self.catalog, measure);
            let error = match problems.is_empty() {
                false => MeasureError::Invalid { problems },
                true => MeasureError::NeedsFailed { measure: CUSTOMER.to_owned() },
            };
            self.failed(&measure.name, error);
        }
        Ok(())
    }

    fn ready(&self, measure: &Measure, done: &BTreeSet<String>) -> Ready {
        let outcome = check_one(self.graph, &self.catalog, measure);
        if !outcome.problems.is_empty() {
            return Ready::Never(MeasureError::Invalid { problems: outcome.problems });
        }
        let failed = |name: &str| self.results.failed.iter().any(|failure| failure.measure == name);
        let Some(checked) = outcome.measure else {
            // It reads a measure whose kind is not known: one that is wrong itself, or a circle.
            let reads =
                outcome.unknown.iter().find(|unknown| is_measure(unknown) && failed(&unknown.attribute));
            return match reads {
                Some(unknown) => {
                    Ready::Never(MeasureError::NeedsFailed { measure: unknown.attribute.clone() })
                }
                None => Ready::Later,
            };
        };
        if let Some(measure) = reads(&checked).find(|name| failed(name)) {
            return Ready::Never(MeasureError::NeedsFailed { measure: measure.to_owned() });
        }
        if reads(&checked).all(|name| done.contains(name)) {
            Ready::Yes(Box::new(checked))
        } else {
            Ready::Later
        }
    }

    async fn customer_attribute(
        &mut self,
        measure: CheckedMeasure,
        customers: &mut CustomerMeasures,
    ) -> Result<(), MeasureError> {
        let rows = calculate(&self.tables, &measure).await?;
        for calculation in &measure.calculations {
            customers.add(&measure.name, calculation.function, calculation.kind, &rows)?;
        }
        self.tables.replace(CUSTOMER_MEASURE, self.tables.session().read_batch(customers.rows()?)?);
        Ok(())
    }

    fn circle(&mut self, measures: &[&Measure]) {
        let names: Vec<String> = measures.iter().map(|measure| measure.name.clone()).collect();
        for name in &names {
            self.failed(name, MeasureError::Circle { measures: names.clone() });
        }
    }

    /// A business or customer measure.
    async fn other(&mut self, measure: &Measure) {
        let checked = match self.ready(measure, &self.finished()) {
            Ready::Yes(checked) => checked,
            Ready::Never(error) => return self.failed(&measure.name, error),
            Ready::Later => {
                let error = MeasureError::NeedsFailed { measure: CUSTOMER_MEASURE.to_owned() };
                return self.failed(&measure.name, error);
            }
        };
        match self.calculate_other(&checked).await {
            Ok((entity, values)) => {
                self.results.entities.push(entity);
                self.results.values.extend(values);
            }
            Err(error) => self.failed(&measure.name, error),
        }
    }

    async fn calculate_other(
        &self,
        measure: &CheckedMeasure,
    ) -> Result<(MeasureEntity, Vec<MeasureValue>), MeasureError> {
        let rows = calculate(&self.tables, measure).await?;
        let values = if measure.kind == MeasureKind::Business { values(measure, &rows)? } else { Vec::new() };
        Ok((MeasureEntity { name: measure.name.clone(), rows }, values))
    }

    /// The customer attributes that have a column.
    fn finished(&self) -> BTreeSet<String> {
        let entity = self.results.entities.iter().find(|entity| entity.name == CUSTOMER_MEASURE);
        let schema = entity.map(|entity| entity.rows.schema());
        schema.iter().flat_map(|schema| schema.fields()).map(|field| field.name().clone()).collect()
    }

    fn failed(&mut self, measure: &str, error: MeasureError) {
        self.results.failed.push(MeasureFailure { measure: measure.to_owned(), error });
    }
}

enum Ready {
    Yes(Box<CheckedMeasure>),
    Later,
    Never(MeasureError),
}

fn is_measure(unknown: &Unknown) -> bool {
    unknown.entity == CUSTOMER_MEASURE
}

/// The measures whose values a measure reads.
fn reads(measure: &CheckedMeasure) -> impl Iterator<Item = &str> {
    let key = crate::relationships::CUSTOMER_ID;
    measure.tree.columns_of(CUSTOMER_MEASURE).filter(move |column| *column != key)
}
