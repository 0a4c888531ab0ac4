//! Large blocks: records that show the same values are judged once, together, and candidates for fuzzy conditions are
//! looked up by parts of their text.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use tokio_util::sync::CancellationToken;

use super::segments::{Segments, read_units};
use super::{Rule, Scratch, Shown};
use crate::error::UnifyError;
use crate::features::{NONE, number_pairs};
use crate::limits::Options;
use crate::report::Bypassed;
use crate::threads::gather;

/// Up to this many different values of a block are compared one by one; in larger blocks candidates are looked up.
const SMALL_CROWD: usize = 24;

/// Tuples that a thread takes at a time. Between two such portions it looks whether it shall stop.
const PORTION: usize = 256;

/// Records of one block by the values that they show to a rule: a tuple is the records that show the same.
pub(crate) struct Side {
    /// The records, tuple after tuple, ascending within one.
    members: Vec<u32>,
    /// Where each tuple starts in `members`, and at last where all end.
    starts: Vec<u32>,
}

impl Side {
    /// The tuples of some records, in ascending order of their first record.
    pub(crate) fn new(rule: &Rule<'_>, members: &[u32], shown: impl Fn(u32) -> Shown) -> Self {
        Self::of(rule, members, shown, 0..rule.plan.comparisons.len())
    }

    fn of(
        rule: &Rule<'_>,
        members: &[u32],
        shown: impl Fn(u32) -> Shown,
        comparisons: std::ops::Range<usize>,
    ) -> Self {
        let mut numbers = vec![0; members.len()];
        for at in comparisons {
            // A missing value, which an exception may show, is a value here: 0.
            let values = members.iter().map(|member| rule.value(at, shown(*member)).wrapping_add(1));
            numbers = number_pairs(numbers.iter().copied().zip(values)).0;
        }
        let mut first = std::collections::HashMap::new();
        let mut placed: Vec<(u32, u32)> = Vec::with_capacity(members.len());
        for (member, number) in members.iter().zip(numbers) {
            placed.push((*first.entry(number).or_insert(*member), *member));
        }
        placed.sort_unstable();
        let mut starts: Vec<u32> = Vec::new();
        for (at, (tuple, _)) in (0u32..).zip(&placed) {
            if at == 0 || placed.get(at as usize - 1).is_some_and(|before| before.0 != *tuple) {
                starts.push(at);
            }
        }
        starts.push(placed.len() as u32);
        Self { members: placed.into_iter().map(|(_, member)| member).collect(), starts }
    }

    /// The number of tuples.
    pub(crate) fn len(&self) -> usize {
        self.starts.len().saturating_sub(1)
    }

    /// The records of a tuple, ascending.
    pub(crate) fn members(&self, tuple: u32) -> &[u32] {
        let at = tuple as usize;
        match (self.starts.get(at), self.starts.get(at + 1)) {
            (Some(start), Some(end)) => self.members.get(*start as usize..*end as usize).unwrap_or(&[]),
            _ => &[],
        }
    }

    /// The records of all tuples.
    pub(crate) fn all(&self) -> &[u32] {
        &self.members
    }

    /// The record that stands for a tuple.
    fn first(&self, tuple: u32) -> u32 {
        self.members(tuple).first().copied().unwrap_or(0)
    }
}

/// The records of a large block among which partners are looked for.
pub(crate) struct Crowd<'a> {
    rule: &'a Rule<'a>,
    pub(crate) left: Side,
    segments: Option<Segments>,
    /// What too many records share.
    pub(crate) bypassed: Bypassed,
}

/// What is counted while pairs are judged.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    /// Pairs of different values that were looked at.
    pub(crate) compared: AtomicU64,
    /// Those of them that fulfilled all conditions, and an exception.
    pub(crate) excepted: AtomicU64,
}

impl Counts {
    /// Counts pairs that were looked at, and those of them that were exceptions.
    pub(crate) fn note(&self, compared: u64, excepted: u64) {
        self.compared.fetch_add(compared, Ordering::Relaxed);
        self.excepted.fetch_add(excepted, Ordering::Relaxed);
    }

    /// The pairs that were looked at, and those of them that were exceptions.
    pub(crate) fn so_far(&self) -> (u64, u64) {
        (self.compared.load(Ordering::Relaxed), self.excepted.load(Ordering::Relaxed))
    }

    /// Counts pairs that were looked at, and those of them that were exceptions. Too many pairs are an error.
    pub(crate) fn add(
        &self,
        compared: u64,
        excepted: u64,
        rule: &Rule<'_>,
        options: &Options,
    ) -> Result<(), UnifyError> {
        self.excepted.fetch_add(excepted, Ordering::Relaxed);
        let all = self.compared.fetch_add(compared, Ordering::Relaxed).saturating_add(compared);
        let limit = options.limits.comparisons;
        if all > limit && !rule.is_plain() {
            // The caller, who knows the entity's name, puts it in.
            let rule = rule.plan.name.clone();
            return Err(UnifyError::TooManyComparisons { entity: String::new(), rule, limit });
        }
        Ok(())
    }
}

/// Buffers of one thread.
#[derive(Default)]
struct Buffers {
    scratch: Scratch,
    units: Vec<u32>,
    /// For each tuple above the last question in which it was a candidate.
    seen: Vec<u32>,
    candidates: Vec<u32>,
    found: Vec<(u32, f64)>,
}

impl<'a> Crowd<'a> {
    /// The records `members` of the side above. Values of all conditions together that more than `sharing` records
    /// share are not used.
    pub(crate) fn new(rule: &'a Rule<'a>, members: &[u32], sharing: u32) -> Self {
        let conditions = 0..rule.plan.conditions;
        let mut bypassed = Bypassed::default();
        let mut members = members.to_vec();
        if members.len() > sharing as usize {
            let side = Side::of(rule, &members, Shown::Left, conditions);
            members.clear();
            for tuple in 0..side.len() as u32 {
                let shared = side.members(tuple);
                if shared.len() > sharing as usize {
                    bypassed.add(shared.len() as u64);
                } else {
                    members.extend_from_slice(shared);
                }
            }
            members.sort_unstable();
        }
        let left = Side::new(rule, &members, Shown::Left);
        let mut crowd = Self { rule, left, segments: None, bypassed };
        if crowd.left.len() > SMALL_CROWD {
            crowd.segments = crowd.best_segments();
        }
        crowd
    }

    /// Whether candidates are looked up rather than all compared.
    pub(crate) fn is_indexed(&self) -> bool {
        self.segments.is_some()
    }

    /// Segments of the comparison that tells the texts apart best.
    fn best_segments(&self) -> Option<Segments> {
        let conditions = self.rule.comparisons.iter().take(self.rule.plan.conditions).enumerate();
        conditions
            .filter(|(_, compared)| compared.precision.has_segments())
            .map(|(at, compared)| {
                let text = |tuple: u32| self.rule.value(at, Shown::Left(self.left.first(tuple)));
                let bases = (0..self.left.len() as u32).map(|tuple| (tuple, text(tuple)));
                Segments::new(at, &compared.precision, bases, compared.texts)
            })
            .min_by_key(|segments| segments.cost)
    }

    /// Asks for every tuple of `right`, and gives what `take` makes of the tuples above that match it (with their
    /// scores, ascending), in the order of the tuples. Counts the pairs compared; too many end it.
    pub(crate) fn ask<T: Send>(
        &self,
        right: &Side,
        options: &Options,
        counts: &Counts,
        cancel: &CancellationToken,
        take: impl Fn(u32, &[(u32, f64)]) -> T + Sync,
    ) -> Result<Vec<T>, UnifyError> {
        let next = AtomicUsize::new(0);
        let work = || {
            let mut buffers = Buffers::default();
            let mut done = Vec::new();
            loop {
                let portion = next.fetch_add(1, Ordering::Relaxed);
                let start = portion.saturating_mul(PORTION);
                if start >= right.len() {
                    counts.add(0, buffers.scratch.excepted, self.rule, options)?;
                    return Ok(done);
                }
                if cancel.is_cancelled() {
                    return Err(UnifyError::Cancelled);
                }
                let mut taken = Vec::with_capacity(PORTION);
                for tuple in start as u32..(start + PORTION).min(right.len()) as u32 {
                    let pairs = self.search(tuple, right.first(tuple), &mut buffers);
                    counts.add(pairs, 0, self.rule, options)?;
                    taken.push(take(tuple, &buffers.found));
                }
                done.push((portion, taken));
            }
        };
        let mut done = gather(options.threads.clamp(1, right.len().div_ceil(PORTION).max(1)), work)?;
        done.sort_unstable_by_key(|(portion, _)| *portion);
        Ok(done.into_iter().flat_map(|(_, taken)| taken).collect())
    }

    /// Finds the tuples above that match a record. Gives the number of pairs that were looked at.
    fn search(&self, question: u32, record: u32, buffers: &mut Buffers) -> u64 {
        let right = Shown::Right(record);
        buffers.candidates.clear();
        buffers.found.clear();
        let looked_at = self.candidates(question, right, buffers);
        buffers.candidates.sort_unstable();
        for tuple in &buffers.candidates {
            let left = Shown::Left(self.left.first(*tuple));
            if let Some(score) = self.rule.judge(left, right, &mut buffers.scratch) {
                buffers.found.push((*tuple, score));
            }
        }
        looked_at
    }

    fn candidates(&self, question: u32, right: Shown, buffers: &mut Buffers) -> u64 {
        let all = self.left.len();
        let pays = |segments: &&Segments| {
            let chars = self.shape(segments, right).chars;
            segments.look_ups(chars, self.rule.within) < all as u64
        };
        let Some(segments) = self.segments.as_ref().filter(pays) else {
            buffers.candidates.extend(0..all as u32);
            return all as u64;
        };
        buffers.seen.resize(all, NONE);
        let own = self.shape(segments, right);
        let Some(compared) = self.rule.comparisons.get(segments.comparison) else { return 0 };
        let text = compared.texts.get(self.rule.value(segments.comparison, right));
        read_units(text, &mut buffers.units);
        let mut looked_at = 0;
        let (seen, candidates) = (&mut buffers.seen, &mut buffers.candidates);
        segments.look_up(&buffers.units, self.rule.within, |tuple, base, edits| {
            let Some(last) = seen.get_mut(tuple as usize).filter(|last| **last != question) else { return };
            *last = question;
            looked_at += 1;
            if own.may_be_within(base, edits) {
                candidates.push(tuple);
            }
        });
        looked_at
    }

    fn shape(&self, segments: &Segments, right: Shown) -> crate::features::Shape {
        let value = self.rule.value(segments.comparison, right);
        let compared = self.rule.comparisons.get(segments.comparison);
        compared.map(|compared| compared.texts.shape(value)).unwrap_or_default()
    }
}
