//! One run over all records: with a new model, or with one that was learned before.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use crate::error::UnifyError;

use super::cluster::{Clustering, cluster, links};
use super::component::{Divider, Link, Said};
use super::index::{RecordId, numbers, said_links};
use super::mixture::{probability, weight_of};
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
    /// Pairs that people have judged, true for one customer: training learns from them.
    pub labels: Vec<(RecordId, RecordId, bool)>,
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

    /// The same as an error of a unification.
    pub(crate) fn of(self, entity: String) -> UnifyError {
        UnifyError::SourceTooLarge { entity, limit: self.limit() as u64 }
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
        let (model, found) = Self::trained(layout, prepared, options)?;
        let (matched, _) = model.divide(prepared, found, options);
        Ok((model, matched))
    }

    /// Learns a model from records; gives also the pairs, so that they need not be found twice.
    pub(crate) fn trained(
        layout: &Layout,
        prepared: &mut Prepared,
        options: &MatchOptions,
    ) -> Result<(Self, Candidates), TooManyRecords> {
        check(prepared.len())?;
        let (mut model, found) = Self::learn(layout, prepared, options.threads);
        if !options.labels.is_empty() {
            let numbers = numbers(prepared);
            let label = |(a, b, is_match): &(RecordId, RecordId, bool)| {
                Some((*numbers.get(&a.0)?, *numbers.get(&b.0)?, *is_match))
            };
            let labels: Vec<_> = options.labels.iter().filter_map(label).collect();
            model.correct(prepared, &labels);
        }
        model.settle();
        Ok((model, found))
    }

    /// Matches records.
    ///
    /// # Errors
    /// When there are more records than one run takes.
    pub fn apply(&self, prepared: &mut Prepared, options: &MatchOptions) -> Result<Matched, TooManyRecords> {
        let found = self.candidates(prepared, options.threads)?;
        Ok(self.divide(prepared, found, options).0)
    }

    /// Finds the pairs that are compared.
    pub(crate) fn candidates(
        &self,
        prepared: &mut Prepared,
        threads: usize,
    ) -> Result<Candidates, TooManyRecords> {
        check(prepared.len())?;
        rarity::assign(prepared, &self.comparisons, &self.rarities, threads);
        let mut rules = self.rules.clone();
        Ok(Candidates::find(prepared, &self.comparisons, &mut rules, false, threads))
    }

    /// Pairs of records that are most worth judging: those nearest to even odds, no two of one pattern, then those
    /// of commoner patterns. So a person's few judgements teach as much as they can.
    pub fn uncertain(&self, prepared: &Prepared, count: usize, threads: usize) -> Vec<(u32, u32)> {
        let mut rules = self.rules.clone();
        let found = Candidates::find(prepared, &self.comparisons, &mut rules, false, threads);
        let judge = self.judge();
        let value = |at: usize| {
            let (code, pairs) = (found.codes.get(at)?, found.counts.get(at)?);
            // What a judgement can change: pairs of the pattern times how unsure they are.
            let likely = probability(judge.weight_of_code(*code));
            Some((likely * (1.0 - likely) * *pairs as f64, *code))
        };
        let mut patterns: Vec<(f64, u64, usize)> = (0..found.codes.len())
            .filter_map(|at| value(at).map(|(value, code)| (value, code, at)))
            .collect();
        patterns.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        patterns.truncate(count);
        let wanted: HashMap<usize, usize> =
            patterns.iter().enumerate().map(|(place, (.., at))| (*at, place)).collect();
        let mut chosen: Vec<Option<(u64, (u32, u32))>> = vec![None; patterns.len()];
        for candidate in found.parts.iter().flatten() {
            let Some(place) = wanted.get(&(candidate.pattern as usize)) else { continue };
            let id = |record: u32| prepared.ids.get(record as usize).copied().unwrap_or_default();
            let by = super::hash::mix(id(candidate.left) ^ id(candidate.right));
            if let Some(chosen) = chosen.get_mut(*place)
                && chosen.is_none_or(|(least, _)| by < least)
            {
                *chosen = Some((by, (candidate.left, candidate.right)));
            }
        }
        chosen.into_iter().flatten().map(|(_, pair)| pair).collect()
    }

    /// Divides the records by the pairs; gives also the links, which an index keeps.
    pub(crate) fn divide(
        &self,
        prepared: &Prepared,
        found: Candidates,
        options: &MatchOptions,
    ) -> (Matched, Vec<Link>) {
        let judge = self.judge();
        let weights: Vec<f64> = found.codes.iter().map(|code| judge.weight_of_code(*code)).collect();
        let report = MatchReport::new(prepared.len(), &self.rules, &found, &weights);
        let mut all = links(&found, &weights);
        drop(found);
        let said = said(&options.always, &options.never);
        if !options.always.is_empty() {
            all.extend(said_links(&said, &numbers(prepared)));
        }
        let divider = Divider { judge: &judge, prepared, said: &said, least: weight_of(options.threshold) };
        let clustering = cluster(divider, &all, options.threads);
        (Matched { clustering, report }, all)
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
