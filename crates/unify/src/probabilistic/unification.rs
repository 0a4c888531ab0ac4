//! Matching by probability as a part of a unification: beside the rules, over all entities of the match order.

use crate::custom::Decisions;
use crate::definition::{Probabilistic, Retrain, Signal, Unification};
use crate::error::UnifyError;
use crate::ids::Identity;
use crate::input::{Input, Progress, Stage};
use crate::plan::{EntityPlan, Plan};
use crate::records::Records;
use crate::run::Run;
use crate::sets::Sets;

use super::column::{Column, Value};
use super::hash;
use super::index::{Index, RecordId};
use super::learned::{Learned, ModelReport, Needs, TrainReason, Training};
use super::model::Model;
use super::prepared::{EntityReader, Layout, Prepared};
use super::report::MatchReport;
use super::run::{MatchOptions, Matched, TooManyRecords};
use super::threads;

/// The attributes of an entity of judged pairs.
const LABEL_COLUMNS: [&str; 5] = ["Entity1", "Entity1Key", "Entity2", "Entity2Key", "Match"];
/// What stands in place of a rule's name.
const NAME: &str = "probabilistic";

/// What matching by probability is asked.
#[derive(Clone, Copy)]
pub(crate) struct Question<'a> {
    pub(crate) unification: &'a Unification,
    pub(crate) inputs: &'a [Input],
    pub(crate) identity: &'a Identity,
    /// Whether an index of the result is kept.
    pub(crate) keep: bool,
}

/// What matching by probability learned and did.
#[derive(Debug)]
pub(crate) struct Matching {
    pub(crate) learned: Learned,
    pub(crate) report: MatchReport,
    /// Why the model was learned anew; none for one that was there.
    pub(crate) trained: Option<TrainReason>,
    /// The result, ready for changes.
    pub(crate) index: Option<Index>,
}

impl Matching {
    /// Which model was matched by.
    pub(crate) fn model(&self) -> ModelReport {
        ModelReport { training: self.learned.training.clone(), trained: self.trained }
    }
}

impl Needs {
    /// What a model for a definition has to fit; none when it does not ask for one.
    pub(crate) fn new(unification: &Unification, inputs: &[Input], records: &[Records]) -> Option<Self> {
        let asked = unification.match_.probabilistic.as_ref()?;
        let signals = match asked.signals.as_slice() {
            [] => crate::semantic::signals(unification, inputs),
            said => said.to_vec(),
        };
        let mut labels = labels(asked, inputs);
        labels.sort_unstable();
        labels.dedup();
        let label = |hash, (a, b, is_match): &(RecordId, RecordId, bool)| {
            hash::pair(hash, hash::pair(hash::pair(a.0, b.0), u64::from(*is_match)))
        };
        let records = records.iter().map(|records| records.len() as u64).sum();
        Some(Self { retrain: asked.retrain, signals, labels: labels.iter().fold(0, label), records })
    }
}

/// Joins the records that the model takes for one customer; none when the definition does not ask for it. `sets`
/// holds what is joined already: that counts as certain, as do the decisions of people.
pub(crate) fn run(
    run: Run<'_>,
    question: Question<'_>,
    decisions: &Decisions,
    sets: &mut Sets,
    progress: &dyn Fn(Progress),
) -> Result<Option<Matching>, UnifyError> {
    let Question { unification, inputs, identity, keep } = question;
    let Some(asked) = &unification.match_.probabilistic else { return Ok(None) };
    let Some(needs) = Needs::new(unification, inputs, run.records) else { return Ok(None) };
    let entity = run.plan.entities.last().map(|entity| entity.name.clone()).unwrap_or_default();
    let stage = Stage::Match { entity: entity.clone(), rule: NAME.to_owned() };
    progress(Progress { stage, done: 0, total: 1 });
    if run.cancel.is_cancelled() {
        return Err(UnifyError::Cancelled);
    }
    let layout = layout(run.plan, run.records, &needs.signals);
    let mut prepared = read(run.records, &layout, run.options.threads);
    let options = MatchOptions {
        labels: labels(asked, inputs),
        ..options(asked, &prepared.ids, decisions, sets, run.options.threads)
    };
    let too_large = |too_many: TooManyRecords| too_many.of(entity.clone());
    let (trained, (learned, found)) = match (needs.train(identity.learned.as_ref()), &identity.learned) {
        (None, Some(kept)) => {
            let found = kept.model.candidates(&mut prepared, options.threads).map_err(too_large)?;
            (None, (Learned { threshold: asked.threshold, ..kept.clone() }, found))
        }
        (reason, _) => {
            let (model, found) = Model::trained(&layout, &mut prepared, &options).map_err(too_large)?;
            let Needs { signals, labels, records, .. } = needs;
            let training = Training { job: identity.job.clone(), at: identity.at, records, labels };
            (reason, (Learned { signals, threshold: asked.threshold, training, model }, found))
        }
    };
    let (Matched { clustering, report }, links) = learned.model.divide(&prepared, found, &options);
    join(sets, (0u32..).zip(clustering.clusters.iter().copied()));
    // Where each run learns anew, no index lives to see changes.
    let keep = keep && asked.retrain != Retrain::Always;
    let index = keep.then(|| Index::of(learned.model.clone(), prepared, &links, &clustering, &options));
    Ok(Some(Matching { learned, report, trained, index }))
}

/// Joins the records of each cluster, as far as decisions allow. Records come in order, each with its cluster's number.
pub(crate) fn join(sets: &mut Sets, clusters: impl Iterator<Item = (u32, u32)>) {
    let mut firsts: Vec<u32> = Vec::new();
    for (record, cluster) in clusters {
        let at = cluster as usize;
        if firsts.len() <= at {
            firsts.resize(at + 1, u32::MAX);
        }
        match firsts.get_mut(at) {
            Some(first) if *first == u32::MAX => *first = record,
            Some(first) => _ = sets.union(*first, record),
            None => {}
        }
    }
}

/// Where the values of the signals are in the entities of a plan.
pub(crate) fn layout(plan: &Plan, records: &[Records], signals: &[Signal]) -> Layout {
    let key = |column: usize, records: &Records| records.schema.field(column).name().clone();
    let entities = plan.entities.iter().zip(records);
    let entities = entities.map(|(entity, records)| (entity.name.clone(), key(entity.key, records)));
    Layout::new(signals, &entities.collect::<Vec<_>>())
}

/// What is certain: what is joined already and what people decided. `ids` are those of all records.
pub(crate) fn options(
    asked: &Probabilistic,
    ids: &[u64],
    decisions: &Decisions,
    sets: &mut Sets,
    threads: usize,
) -> MatchOptions {
    let id = |record: u32| Some(RecordId(*ids.get(record as usize)?));
    let joined = (0..ids.len() as u32).map(|record| (sets.find(record), record));
    let pair = |(a, b): (u32, u32)| Some((id(a)?, id(b)?));
    MatchOptions {
        threshold: asked.threshold,
        always: joined.filter(|(first, record)| first != record).filter_map(pair).collect(),
        never: decisions.never.iter().copied().filter_map(pair).collect(),
        labels: Vec::new(),
        threads,
    }
}

/// The pairs that people have judged, from the entity that holds them.
fn labels(asked: &Probabilistic, inputs: &[Input]) -> Vec<(RecordId, RecordId, bool)> {
    asked.labels.iter().flat_map(|entity| labels_of(entity, inputs)).collect()
}

/// The pairs that an entity holds. Rows that lack something are passed over.
fn labels_of(entity: &str, inputs: &[Input]) -> Vec<(RecordId, RecordId, bool)> {
    let mut labels = Vec::new();
    for batch in inputs.iter().filter(|input| input.entity == entity).flat_map(|input| &input.batches) {
        let columns = LABEL_COLUMNS.map(|name| batch.column_by_name(name).map(Column::new));
        let text = |column: usize, row: usize| match columns.get(column)?.as_ref()?.value(row) {
            Value::Text(text) => Some(text.to_owned()),
            Value::Int(number) | Value::Date(number) => Some(number.to_string()),
            Value::Missing => None,
        };
        for row in 0..batch.num_rows() {
            let id = |entity: usize| Some(RecordId::new(&text(entity, row)?, &text(entity + 1, row)?));
            let is_match =
                text(4, row).map(|word| matches!(word.to_lowercase().as_str(), "1" | "true" | "yes"));
            if let (Some(one), Some(other), Some(is_match)) = (id(0), id(2), is_match) {
                labels.push((one, other, is_match));
            }
        }
    }
    labels
}

/// The ids of all records, numbered as everywhere in the unification.
pub(crate) fn ids(plan: &Plan, records: &[Records]) -> Vec<u64> {
    let of_entity = |(entity, records): (&EntityPlan, &Records)| -> Vec<u64> {
        (0..records.len() as u32).map(|number| RecordId::new(&entity.name, records.key(number)).0).collect()
    };
    plan.entities.iter().zip(records).flat_map(of_entity).collect()
}

/// Reads the records of all entities, numbered as everywhere in the unification.
pub(crate) fn read(records: &[Records], layout: &Layout, threads: usize) -> Prepared {
    let all = records.iter().enumerate().map(|(entity, records)| {
        let numbers: Vec<u32> = (0..records.len() as u32).collect();
        read_some((entity, records), layout, &numbers, threads)
    });
    Prepared::from_parts(all.collect())
}

/// Reads some records of one entity, in this order.
pub(crate) fn read_some(
    (entity, records): (usize, &Records),
    layout: &Layout,
    numbers: &[u32],
    threads: usize,
) -> Prepared {
    let mut rows: Vec<Vec<(u32, usize)>> = vec![Vec::new(); records.batches.len()];
    for (place, number) in (0u32..).zip(numbers) {
        let Some(at) = records.rows.get(*number as usize) else { continue };
        if let Some(rows) = rows.get_mut(at.batch as usize) {
            rows.push((place, at.row as usize));
        }
    }
    let work: Vec<_> = records.batches.iter().zip(&rows).filter(|(_, rows)| !rows.is_empty()).collect();
    let parts = threads::map(&work, threads, |(batch, rows)| {
        let mut reader = EntityReader::new(layout, entity)?;
        reader.read_rows(batch, rows.iter().map(|(_, row)| *row));
        Some(reader.finish())
    });
    let parts = parts.into_iter().map(Option::unwrap_or_default);
    let mut read = Prepared::ordered(numbers.len(), layout.extras, parts.zip(work.iter().map(|it| it.1)));
    if let Some(name) = layout.entities.get(entity).map(|entity| &entity.name) {
        // A record is known by its key as text, however the key is stored.
        let ids = numbers.iter().map(|number| RecordId::new(name, records.key(*number)).0);
        read.ids = ids.collect();
    }
    read
}
