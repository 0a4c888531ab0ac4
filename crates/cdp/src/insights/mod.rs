//! Segments and measures from the insight index, all of them in one scan. The index of the snapshot is kept; what it
//! has not is loaded from a session's tables into one that passes. What does not fit is left to the query engine, which
//! gives the same results.

mod kept;
mod load;
mod reads;
mod whole;

use std::collections::BTreeMap;
use std::num::NonZero;

use datafusion::arrow::array::{ArrayRef, RecordBatch};
use datafusion::arrow::buffer::BooleanBuffer;
use datafusion::prelude::SessionContext;
use insight::compile::{Program, Results, RuleCount};
use insight::definition::MeasureKind;
use insight::index::Index;
use insight::measures::CheckedMeasure;
use insight::segments::{CheckedRule, CheckedSegment};

use crate::relationships::Graph;
pub use kept::KeptIndex;
pub(crate) use kept::{Maker, Named, sweep};
use reads::Reads;
pub(crate) use whole::whole;

/// What is asked, all of it at the same moment.
#[derive(Debug, Default, Clone)]
pub(crate) struct Asked {
    /// Segments, and those that they ask for.
    pub(crate) segments: Vec<CheckedSegment>,
    /// Measures, and the customer attributes that anything here reads.
    pub(crate) measures: Vec<CheckedMeasure>,
}

/// The members of a segment, by the customers' places in the order of their ids, and what its rules took.
#[derive(Debug, Clone)]
pub(crate) struct Chosen {
    pub(crate) members: BooleanBuffer,
    pub(crate) rules: Vec<RuleCount>,
}

/// What the index gave. What is in none of the maps is for the query engine.
#[derive(Debug, Default)]
pub(crate) struct Answers {
    /// How many customers there are.
    pub(crate) customers: usize,
    pub(crate) segments: BTreeMap<String, Chosen>,
    /// Customer attributes: a value per customer, in the order of their ids.
    pub(crate) attributes: BTreeMap<String, ArrayRef>,
    /// The rows of business and customer measures.
    pub(crate) tables: BTreeMap<String, RecordBatch>,
    /// Why the others are not from the index.
    pub(crate) unfit: BTreeMap<String, String>,
}

impl Asked {
    /// Only these, and the measures that others may read.
    fn only(mut self, names: &BTreeMap<String, String>) -> Self {
        self.segments.retain(|segment| names.contains_key(&segment.name));
        let is_read = |it: &CheckedMeasure| it.kind == MeasureKind::CustomerAttribute;
        self.measures.retain(|measure| is_read(measure) || names.contains_key(&measure.name));
        self
    }
}

impl Answers {
    /// Nothing, for one reason.
    fn none(asked: &Asked, why: &str) -> Self {
        let segments = asked.segments.iter().map(|it| &it.name);
        let names = segments.chain(asked.measures.iter().map(|it| &it.name));
        Self { unfit: names.map(|name| (name.clone(), why.to_owned())).collect(), ..Self::default() }
    }

    /// What is said about these alone.
    pub(crate) fn take(&mut self, names: &[&str]) -> Self {
        let mut taken = Self { customers: self.customers, ..Self::default() };
        for name in names {
            let own = || (*name).to_owned();
            taken.segments.extend(self.segments.remove(*name).map(|found| (own(), found)));
            taken.attributes.extend(self.attributes.remove(*name).map(|found| (own(), found)));
            taken.tables.extend(self.tables.remove(*name).map(|found| (own(), found)));
            taken.unfit.extend(self.unfit.remove(*name).map(|found| (own(), found)));
        }
        taken
    }

    /// Whether anything is said about this.
    pub(crate) fn tells(&self, name: &str) -> bool {
        self.segments.contains_key(name)
            || self.attributes.contains_key(name)
            || self.tables.contains_key(name)
            || self.unfit.contains_key(name)
    }

    /// Takes in other answers.
    pub(crate) fn add(&mut self, other: Self) {
        self.customers = self.customers.max(other.customers);
        self.segments.extend(other.segments);
        self.attributes.extend(other.attributes);
        self.tables.extend(other.tables);
        self.unfit.extend(other.unfit);
    }

    /// Why something is not from the index.
    pub(crate) fn why_not(&self, name: &str) -> Option<&str> {
        self.unfit.get(name).map(String::as_str)
    }
}

/// Who answers segments and measures. Both give the same results.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// The index where it can, the query engine where it cannot.
    Index,
    /// The query engine alone.
    Query,
}

/// Answers what fits the index: the kept one, and for what that has not one that is built from the session's tables.
pub(crate) async fn answer(
    session: &SessionContext,
    graph: &Graph,
    asked: Asked,
    engine: Engine,
    kept: Option<&KeptIndex>,
) -> Answers {
    if engine == Engine::Query || (asked.segments.is_empty() && asked.measures.is_empty()) {
        return Answers::default();
    }
    let Some(kept) = kept else { return from_tables(session, graph, asked).await };
    let mut answers = computed(kept.index().clone(), asked.clone()).await;
    if answers.unfit.is_empty() {
        return answers;
    }
    let rest = asked.only(&answers.unfit);
    if Reads::of(graph, &rest).is_ok_and(|reads| kept.covers(&reads)) {
        return answers;
    }
    tracing::info!(unfit = ?answers.unfit, "an index is built beside the kept one");
    answers.unfit.clear();
    answers.add(from_tables(session, graph, rest).await);
    answers
}

async fn from_tables(session: &SessionContext, graph: &Graph, asked: Asked) -> Answers {
    let index = match Reads::of(graph, &asked) {
        Ok(reads) => load::passing(session, reads).await,
        Err(why) => Err(why),
    };
    match index {
        Ok(index) => computed(index, asked).await,
        Err(why) => Answers::none(&asked, &why),
    }
}

async fn computed(index: Index, asked: Asked) -> Answers {
    let computing = tokio::task::spawn_blocking(move || {
        let program = Program::compile(&index, &asked.segments, &asked.measures);
        answers(&index, &program, program.run(&index, threads()))
    });
    computing.await.unwrap_or_default()
}

fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, NonZero::get)
}

impl KeptIndex {
    /// How many customers fulfil a rule, and how many there are; the error says why the index cannot tell.
    pub(crate) async fn estimate(&self, rule: &CheckedRule) -> Result<(u64, u64), String> {
        let (index, rule) = (self.index().clone(), rule.clone());
        let computing = tokio::task::spawn_blocking(move || {
            let of = index.customers() as u64;
            let counted = insight::compile::estimate(&index, &rule, threads());
            counted.map(|customers| (customers, of)).map_err(|unfit| unfit.why)
        });
        computing.await.map_err(|error| error.to_string())?
    }
}

fn answers(index: &Index, program: &Program, results: Results) -> Answers {
    let customers = index.customers();
    let mut answers = Answers { customers, ..Answers::default() };
    for unfit in program.unfit() {
        answers.unfit.insert(unfit.name.clone(), unfit.why.clone());
    }
    for segment in results.segments {
        let members = BooleanBuffer::collect_bool(customers, |place| segment.members.contains(place));
        answers.segments.insert(segment.name, Chosen { members, rules: segment.rules });
    }
    for attribute in &results.attributes {
        answers.attributes.insert(attribute.name.clone(), attribute.array(index));
    }
    for table in &results.tables {
        match table.rows(index) {
            Ok(rows) => _ = answers.tables.insert(table.name.clone(), rows),
            Err(error) => _ = answers.unfit.insert(table.name.clone(), error.to_string()),
        }
    }
    answers
}
