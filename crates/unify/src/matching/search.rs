//! The search for the best partner of every tuple of one entity under one rule.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use rapidfuzz::distance::levenshtein::{Args, BatchComparator};
use tokio_util::sync::CancellationToken;

use crate::error::UnifyError;
use crate::intern::{Interner, NONE};
use crate::limits::Options;
use crate::plan::{Comparison, RulePlan};
use crate::values::Values;

use super::blocks::Blocks;
use super::score::score;
use super::segments::{Precision, Segments, read_units};
use super::tuples::Left;

/// Blocks up to this size are compared one by one; in larger ones candidates are looked up by segments.
const SMALL_BLOCK: usize = 24;

/// Tuples that a thread takes at a time. Between two such portions it looks whether it shall stop.
const PORTION: usize = 256;

/// The partner of a tuple.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Found {
    /// The tuple above.
    pub(super) left: u32,
    /// The mean score of the conditions.
    pub(super) score: f64,
    /// How many records above fulfilled the rule.
    pub(super) candidates: u64,
}

/// The number of a portion and the partners of its tuples.
type Portion = (usize, Vec<Option<Found>>);

/// One rule, ready to be asked.
pub(super) struct Search<'a> {
    rule: &'a RulePlan,
    values: &'a Values,
    left: &'a Left,
    blocks: &'a Blocks,
    segments: Option<Segments>,
    /// For each comparison its precision.
    precisions: Vec<Precision>,
}

/// Buffers of one thread.
struct Scratch {
    key: Vec<u32>,
    units: Vec<u32>,
    candidates: Vec<u32>,
    /// For each tuple above the last question in which it was a candidate.
    seen: Vec<u32>,
    /// For each comparison the text asked for, prepared.
    prepared: Vec<Option<BatchComparator<char>>>,
}

impl<'a> Search<'a> {
    pub(super) fn new(
        rule: &'a RulePlan,
        values: &'a Values,
        left: &'a Left,
        blocks: &'a Blocks,
        fuzzy_chars: u32,
    ) -> Self {
        let precision = |comparison: &Comparison| Precision::new(comparison.threshold, fuzzy_chars);
        let precisions = rule.comparisons.iter().map(precision).collect();
        let mut search = Self { rule, values, left, blocks, segments: None, precisions };
        search.segments = search.best_segments();
        search
    }

    /// Whether candidates of large blocks are looked up rather than all compared.
    pub(super) fn is_indexed(&self) -> bool {
        self.segments.is_some()
    }

    /// Segments of the comparison that tells the texts of large blocks apart best.
    fn best_segments(&self) -> Option<Segments> {
        let large: Vec<u32> = (0..self.blocks.len() as u32)
            .filter(|block| self.blocks.members(*block).len() > SMALL_BLOCK)
            .collect();
        if large.is_empty() {
            return None;
        }
        let conditions = self.precisions.iter().take(self.rule.conditions).enumerate();
        conditions
            .filter(|(_, precision)| precision.has_segments())
            .map(|(at, precision)| {
                let bases = large.iter().flat_map(|block| {
                    let text = move |tuple: u32| self.left.tuples.get(tuple).get(at).copied().unwrap_or(NONE);
                    self.blocks.members(*block).iter().map(move |tuple| (*block, *tuple, text(*tuple)))
                });
                Segments::new(at, precision, bases, self.values)
            })
            .min_by_key(|segments| segments.cost)
    }

    /// The partner of every tuple, and how many pairs were compared.
    pub(super) fn run(
        &self,
        tuples: &Interner<u32>,
        options: &Options,
        cancel: &CancellationToken,
    ) -> Result<(Vec<Option<Found>>, u64), UnifyError> {
        let portions = tuples.len().div_ceil(PORTION);
        let threads = options.threads.clamp(1, portions.max(1));
        let next = AtomicUsize::new(0);
        let compared = AtomicU64::new(0);
        let work = || self.work(tuples, &next, &compared, options.limits.comparisons, cancel);
        let mut done = if threads == 1 {
            work()?
        } else {
            std::thread::scope(|scope| {
                let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
                let mut done = Vec::with_capacity(portions);
                for worker in workers {
                    done.extend(worker.join().map_err(|_| UnifyError::Thread)??);
                }
                Ok::<_, UnifyError>(done)
            })?
        };
        done.sort_unstable_by_key(|(portion, _)| *portion);
        Ok((done.into_iter().flat_map(|(_, found)| found).collect(), compared.load(Ordering::Relaxed)))
    }

    /// Takes portions until none is left.
    fn work(
        &self,
        tuples: &Interner<u32>,
        next: &AtomicUsize,
        compared: &AtomicU64,
        limit: u64,
        cancel: &CancellationToken,
    ) -> Result<Vec<Portion>, UnifyError> {
        let mut scratch = Scratch {
            key: Vec::new(),
            units: Vec::new(),
            candidates: Vec::new(),
            seen: vec![NONE; if self.segments.is_some() { self.left.tuples.len() } else { 0 }],
            prepared: Vec::new(),
        };
        let mut done = Vec::new();
        loop {
            let portion = next.fetch_add(1, Ordering::Relaxed);
            let start = portion.saturating_mul(PORTION);
            if start >= tuples.len() {
                return Ok(done);
            }
            if cancel.is_cancelled() {
                return Err(UnifyError::Cancelled);
            }
            let mut found = Vec::with_capacity(PORTION);
            for tuple in start..(start + PORTION).min(tuples.len()) {
                let pairs = self.candidates(tuple as u32, tuples, &mut scratch);
                if compared.fetch_add(pairs, Ordering::Relaxed).saturating_add(pairs) > limit {
                    return Err(self.too_many(limit));
                }
                found.push(self.best(tuples.get(tuple as u32), &mut scratch));
            }
            done.push((portion, found));
        }
    }

    fn too_many(&self, limit: u64) -> UnifyError {
        // The caller, who knows the entity's name, puts it in.
        UnifyError::TooManyComparisons { entity: String::new(), rule: self.rule.name.clone(), limit }
    }

    /// Collects the tuples above that `tuple` has to be compared with. Gives the number of those looked at, of which
    /// some are already known to be too different.
    fn candidates(&self, tuple: u32, tuples: &Interner<u32>, scratch: &mut Scratch) -> u64 {
        let Scratch { key, units, candidates, seen, .. } = scratch;
        candidates.clear();
        let row = tuples.get(tuple);
        let Some(block) = self.blocks.find(row, key) else { return 0 };
        let members = self.blocks.members(block);
        let Some(segments) = self.segments.as_ref().filter(|segments| self.pays(segments, row, members))
        else {
            candidates.extend_from_slice(members);
            return candidates.len() as u64;
        };
        let text = row.get(segments.comparison).copied().unwrap_or(NONE);
        let own = self.values.shape(text);
        read_units(self.values.text(text), units);
        let mut looked_at = 0;
        segments.look_up(block, units, |left, base, edits| {
            let Some(last) = seen.get_mut(left as usize).filter(|last| **last != tuple) else { return };
            *last = tuple;
            looked_at += 1;
            if own.may_be_within(base, edits) {
                candidates.push(left);
            }
        });
        looked_at
    }

    /// Whether looking candidates up is cheaper than comparing with all members of a block.
    fn pays(&self, segments: &Segments, row: &[u32], members: &[u32]) -> bool {
        let text = row.get(segments.comparison).copied().unwrap_or(NONE);
        members.len() > SMALL_BLOCK && segments.look_ups(self.values.shape(text).chars) < members.len() as u64
    }

    /// The best of the candidates: the highest score, then the first in match order and primary key.
    fn best(&self, right: &[u32], scratch: &mut Scratch) -> Option<Found> {
        scratch.prepared.clear();
        scratch.prepared.resize_with(self.rule.comparisons.len(), || None);
        let mut best: Option<Found> = None;
        let mut records = 0u64;
        for left in &scratch.candidates {
            let Some(score) = self.judge(self.left.tuples.get(*left), right, &mut scratch.prepared) else {
                continue;
            };
            records += u64::from(self.left.count(*left));
            let better =
                best.is_none_or(|best| score > best.score || (score == best.score && *left < best.left));
            if better {
                best = Some(Found { left: *left, score, candidates: 0 });
            }
        }
        best.map(|best| Found { candidates: records, ..best })
    }

    /// The mean score of a pair that fulfils the rule.
    fn judge(
        &self,
        left: &[u32],
        right: &[u32],
        prepared: &mut [Option<BatchComparator<char>>],
    ) -> Option<f64> {
        let mut total = 0.0;
        for at in 0..self.rule.conditions {
            total += self.compare(at, left, right, prepared)?;
        }
        for exception in &self.rule.exceptions {
            if exception.clone().all(|at| self.compare(at, left, right, prepared).is_some()) {
                return None;
            }
        }
        Some(total / self.rule.conditions as f64)
    }

    /// The score of one comparison, if it is high enough.
    fn compare(
        &self,
        at: usize,
        left: &[u32],
        right: &[u32],
        prepared: &mut [Option<BatchComparator<char>>],
    ) -> Option<f64> {
        let comparison = self.rule.comparisons.get(at)?;
        let (left, right) = (*left.get(at)?, *right.get(at)?);
        if left == NONE || right == NONE {
            return None;
        }
        if left == right {
            return Some(1.0);
        }
        if comparison.is_exact() {
            return None;
        }
        let (base, other) = (self.values.shape(left), self.values.shape(right));
        let edits = self.precisions.get(at)?.edits(base.chars);
        if !other.may_be_within(base, edits) {
            return None;
        }
        let text = prepared.get_mut(at)?;
        let text = text.get_or_insert_with(|| BatchComparator::new(self.values.text(right).chars()));
        let cutoff = Args::default().score_cutoff(edits as usize);
        let distance = text.distance_with_args(self.values.text(left).chars(), &cutoff)?;
        Some(score(base.chars, distance as u32))
    }
}
