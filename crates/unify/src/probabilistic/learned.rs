//! What a run learned: kept with its result, so that its pairs can be explained later.

use arrow::array::RecordBatch;
use serde::{Deserialize, Serialize};

use super::explain::Explanation;
use super::mixture::weight_of;
use super::model::Model;
use super::prepared::{EntityReader, Layout, Prepared};
use super::rarity;
use super::unification::read;
use crate::definition::{Retrain, Signal};
use crate::records::Records;

/// By how many percent the number of records may have changed since a model was learned from them.
const MOST_CHANGED: u64 = 20;

/// When a model was learned, and from how much.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Training {
    /// The job of the refresh.
    pub job: String,
    /// The moment of the run, in microseconds since 1970 UTC.
    pub at: i64,
    /// The records of all entities.
    pub records: u64,
    /// A hash of the pairs that people had judged.
    pub labels: u64,
}

/// Why a model was learned anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum TrainReason {
    /// There was none that this version reads.
    FirstModel,
    /// The definition asks for a new one in every run.
    Asked,
    /// Other attributes are compared.
    Signals,
    /// People have judged other pairs.
    Labels,
    /// There are far more or far fewer records.
    Records,
}

impl std::fmt::Display for TrainReason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::FirstModel => "a model was learned",
            Self::Asked => "the model was learned anew, as the definition asks for",
            Self::Signals => "the model was learned anew: other attributes are compared",
            Self::Labels => "the model was learned anew: people have judged other pairs",
            Self::Records => {
                "the model was learned anew: the number of records has changed by more than 20 %"
            }
        })
    }
}

/// Which model a run matched by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ModelReport {
    /// When it was learned.
    #[serde(flatten)]
    pub training: Training,
    /// Why this run has learned it; none where it was there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trained: Option<TrainReason>,
}

/// What a model has to fit.
#[derive(Debug)]
pub(crate) struct Needs {
    pub(crate) retrain: Retrain,
    pub(crate) signals: Vec<Signal>,
    /// A hash of the pairs that people have judged.
    pub(crate) labels: u64,
    pub(crate) records: u64,
}

impl Needs {
    /// Why a model has to be learned anew; none where the one that was kept fits. Only what is stored with a snapshot
    /// counts, so that every process says the same.
    pub(crate) fn train(&self, kept: Option<&Learned>) -> Option<TrainReason> {
        let Some(kept) = kept else { return Some(TrainReason::FirstModel) };
        let Training { records, labels, .. } = kept.training;
        let reasons = [
            (self.retrain == Retrain::Always, TrainReason::Asked),
            (self.signals != kept.signals, TrainReason::Signals),
            (self.labels != labels, TrainReason::Labels),
            (self.records.abs_diff(records) * 100 > records * MOST_CHANGED, TrainReason::Records),
        ];
        reasons.into_iter().find(|(is_so, _)| *is_so).map(|(_, reason)| reason)
    }
}

/// A model with what it was learned from and is asked for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Learned {
    /// What is compared, whether it was said or found.
    pub signals: Vec<Signal>,
    /// The lowest probability of a match.
    pub threshold: f64,
    /// When the model was learned.
    pub training: Training,
    /// The model.
    pub model: Model,
}

/// A row: the place of its entity in the match order, its batch, and its place there.
pub(crate) type RowOf<'a> = (usize, &'a RecordBatch, usize);

impl Learned {
    /// The weight of the threshold: the least mean weight that puts records together.
    pub(crate) fn needed(&self) -> f64 {
        weight_of(self.threshold)
    }

    /// Explains one pair of rows. `entities` are the full names and primary keys, in match order.
    pub(crate) fn explain(&self, entities: &[(String, String)], rows: [RowOf<'_>; 2]) -> Option<Explanation> {
        self.model.explain(&self.some(entities, &rows)?, 0, 1)
    }

    /// Some rows as records, in this order.
    pub(crate) fn some(&self, entities: &[(String, String)], rows: &[RowOf<'_>]) -> Option<Prepared> {
        let layout = Layout::new(&self.signals, entities);
        let mut parts = Vec::with_capacity(rows.len());
        for (entity, batch, row) in rows {
            let mut reader = EntityReader::new(&layout, *entity)?;
            reader.read_rows(batch, std::iter::once(*row));
            parts.push(reader.finish());
        }
        let mut prepared = Prepared::from_parts(parts);
        rarity::assign(&mut prepared, &self.model.comparisons, &self.model.rarities, 1);
        Some(prepared)
    }

    /// All rows as records, numbered as everywhere in the unification; how rare their values are is not noted.
    pub(crate) fn all(&self, entities: &[(String, String)], records: &[Records]) -> Prepared {
        read(records, &Layout::new(&self.signals, entities), 1)
    }
}
