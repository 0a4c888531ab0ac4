//! One run over all records: with a new model, or with one that was learned before.

use serde::{Deserialize, Serialize};

use super::cluster::{Clustering, cluster, links};
use super::component::{Divider, Said};
use super::index::{RecordId, numbers, said_links};
use super::mixture::weight_of;
use super::model::Model;
use super::pairs::{Candidates, MAX_RECORDS};
use super::prepared::{Layout, Prepared};
use super::rarity;
use super::report::MatchReport;

/// How records are matched.
#[derive(Debug, Clone)]
pub struct MatchOptions {
    /// The lowest probability of a match, above 0 and below 1.
    pub threshold: f64,
    /// Pairs of records that are one customer whatever the model says.
    pub always: Vec<(RecordId, RecordId)>,
    /// Pairs of records that are not.
    pub never: Vec<(RecordId, RecordId)>,
    /// Threads to use; they do not change the result.
    pub threads: usize,
}

/// What came out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Matched {
    /// The customers.
    pub clustering: Clustering,
    /// What was done.
    pub report: MatchReport,
}

/// More records than one run takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("matching by probability takes at most {MAX_RECORDS} records, not {0}")]
pub struct TooManyRecords(pub usize);

impl TooManyRecords {
    /// The records that one run takes.
    pub fn limit(&self) -> usize {
        MAX_RECORDS
    }
}

impl Model {
    /// Learns a model from records and matches them by it.
    ///
    /// # Errors
    /// When there are more records than one run takes.
    pub fn train(
        layout: &Layout,
        prepared: &mut Prepared,
        options: &MatchOptions,
    ) -> Result<(Self, Matched), TooManyRecords> {
        check(prepared.len())?;
        let (model, found) = Self::learn(layout, prepared, options.threads);
        let matched = model.divide(prepared, found, options);
        Ok((model, matched))
    }

    /// Matches records.
    ///
    /// # Errors
    /// When there are more records than one run takes.
    pub fn apply(&self, prepared: &mut Prepared, options: &MatchOptions) -> Result<Matched, TooManyRecords> {
        check(prepared.len())?;
        rarity::assign(prepared, &self.comparisons, &self.rarities, options.threads);
        let mut rules = self.rules.clone();
        let found = Candidates::find(prepared, &self.comparisons, &mut rules, false, options.threads);
        Ok(self.divide(prepared, found, options))
    }

    fn divide(&self, prepared: &Prepared, found: Candidates, options: &MatchOptions) -> Matched {
        let weights: Vec<f64> = found.codes.iter().map(|code| self.mixture.weight(*code)).collect();
        let report = MatchReport::new(prepared.len(), &self.rules, &found, &weights);
        let mut all = links(&found, &weights);
        drop(found);
        let said = said(&options.always, &options.never);
        if !options.always.is_empty() {
            all.extend(said_links(&said, &numbers(prepared)));
        }
        let divider = Divider { model: self, prepared, said: &said, least: weight_of(options.threshold) };
        Matched { clustering: cluster(divider, &all, options.threads), report }
    }
}

pub(crate) fn check(records: usize) -> Result<(), TooManyRecords> {
    if records < MAX_RECORDS { Ok(()) } else { Err(TooManyRecords(records)) }
}

pub(crate) fn said(always: &[(RecordId, RecordId)], never: &[(RecordId, RecordId)]) -> Said {
    Said::new(
        always.iter().map(|(a, b)| (a.0, b.0, true)).chain(never.iter().map(|(a, b)| (a.0, b.0, false))),
    )
}
