//! Matching by probability as a part of a unification: beside the rules, over all entities of the match order.

use crate::custom::Decisions;
use crate::definition::{Probabilistic, Signal, Unification};
use crate::error::UnifyError;
use crate::input::{Input, Progress, Stage};
use crate::records::Records;
use crate::run::Run;
use crate::sets::Sets;

use super::column::{Column, Value};
use super::index::RecordId;
use super::learned::Learned;
use super::model::Model;
use super::prepared::{EntityReader, Layout, Prepared};
use super::report::MatchReport;
use super::run::MatchOptions;
use super::threads;

/// The attributes of an entity of judged pairs.
const LABEL_COLUMNS: [&str; 5] = ["Entity1", "Entity1Key", "Entity2", "Entity2Key", "Match"];
/// What stands in place of a rule's name.
const NAME: &str = "probabilistic";

/// Joins the records that the model takes for one customer; none when the definition does not ask for it. `sets`
/// holds what is joined already: that counts as certain, as do the decisions of people.
pub(crate) fn run(
    run: Run<'_>,
    unification: &Unification,
    inputs: &[Input],
    decisions: &Decisions,
    sets: &mut Sets,
    progress: &dyn Fn(Progress),
) -> Result<Option<(Learned, MatchReport)>, UnifyError> {
    let Some(asked) = &unification.match_.probabilistic else { return Ok(None) };
    let entity = run.plan.entities.last().map(|entity| entity.name.clone()).unwrap_or_default();
    let stage = Stage::Match { entity: entity.clone(), rule: NAME.to_owned() };
    progress(Progress { stage, done: 0, total: 1 });
    if run.cancel.is_cancelled() {
        return Err(UnifyError::Cancelled);
    }
    let signals = match asked.signals.as_slice() {
        [] => crate::semantic::signals(unification, inputs),
        said => said.to_vec(),
    };
    let layout = layout(run, &signals);
    let mut prepared = read(run.records, &layout, run.options.threads);
    let options = MatchOptions {
        labels: asked.labels.iter().flat_map(|entity| labels(entity, inputs)).collect(),
        ..options(asked, &prepared, decisions, sets, run.options.threads)
    };
    let too_large = |too_many: super::TooManyRecords| UnifyError::SourceTooLarge {
        entity,
        limit: too_many.limit() as u64,
    };
    let (model, matched) = Model::train(&layout, &mut prepared, &options).map_err(too_large)?;
    let mut first = vec![u32::MAX; matched.clustering.count as usize];
    for (record, cluster) in (0u32..).zip(&matched.clustering.clusters) {
        let Some(first) = first.get_mut(*cluster as usize) else { continue };
        if *first == u32::MAX {
            *first = record;
        } else {
            sets.union(*first, record);
        }
    }
    let learned = Learned { signals, threshold: asked.threshold, model };
    Ok(Some((learned, matched.report)))
}

fn layout(run: Run<'_>, signals: &[Signal]) -> Layout {
    let key = |column: usize, records: &Records| records.schema.field(column).name().clone();
    let entities = run.plan.entities.iter().zip(run.records);
    let entities = entities.map(|(entity, records)| (entity.name.clone(), key(entity.key, records)));
    Layout::new(signals, &entities.collect::<Vec<_>>())
}

/// What is certain: what is joined already and what people decided.
fn options(
    asked: &Probabilistic,
    prepared: &Prepared,
    decisions: &Decisions,
    sets: &mut Sets,
    threads: usize,
) -> MatchOptions {
    let id = |record: u32| Some(RecordId(*prepared.ids.get(record as usize)?));
    let joined = (0..prepared.len() as u32).map(|record| (sets.find(record), record));
    let pair = |(a, b): (u32, u32)| Some((id(a)?, id(b)?));
    MatchOptions {
        threshold: asked.threshold,
        always: joined.filter(|(first, record)| first != record).filter_map(pair).collect(),
        never: decisions.never.iter().copied().filter_map(pair).collect(),
        labels: Vec::new(),
        threads,
    }
}

/// The pairs that people have judged, from the entity that holds them. Rows that lack something are passed over.
fn labels(entity: &str, inputs: &[Input]) -> Vec<(RecordId, RecordId, bool)> {
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

/// Reads the records of all entities, numbered as everywhere in the unification.
pub(crate) fn read(records: &[Records], layout: &Layout, threads: usize) -> Prepared {
    let mut all = Vec::new();
    for (entity, records) in records.iter().enumerate() {
        let mut rows: Vec<Vec<(u32, usize)>> = vec![Vec::new(); records.batches.len()];
        for (number, at) in (0u32..).zip(&records.rows) {
            if let Some(rows) = rows.get_mut(at.batch as usize) {
                rows.push((number, at.row as usize));
            }
        }
        let work: Vec<_> = records.batches.iter().zip(&rows).collect();
        let parts = threads::map(&work, threads, |(batch, rows)| {
            let mut reader = EntityReader::new(layout, entity)?;
            reader.read_rows(batch, rows.iter().map(|(_, row)| *row));
            Some(reader.finish())
        });
        let parts = parts.into_iter().map(Option::unwrap_or_default);
        all.push(Prepared::ordered(records.len(), layout.extras, parts.zip(&rows)));
    }
    Prepared::from_parts(all)
}
