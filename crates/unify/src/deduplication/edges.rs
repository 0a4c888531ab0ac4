//! The pairs of records of one entity that one rule joins.

use std::collections::HashSet;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::error::UnifyError;
use crate::features::NONE;
use crate::report::{Bypassed, RuleReport};
use crate::rules::{Blocks, Counts, Crowd, Postings, Rule, Scratch, Shown};
use crate::run::Run;
use crate::threads::gather;

/// Blocks up to this size are compared pair by pair, where no value in them can be too frequent.
const SMALL_BLOCK: usize = 64;

/// Blocks that a thread takes at a time.
const PORTION: usize = 4096;

/// A pair of records that a rule joins.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Edge {
    pub(super) one: u32,
    pub(super) other: u32,
    pub(super) score: f64,
}

/// One rule on all records of its entity.
pub(super) struct Trial<'a> {
    rule: Rule<'a>,
    blocks: Blocks<'a>,
    postings: Postings,
    /// Records whose values are too frequent in a block that is not.
    bypassed: HashSet<u32>,
}

/// What a thread found in some blocks.
struct Found {
    portion: usize,
    edges: Vec<Edge>,
    /// Blocks that are too large to be compared pair by pair.
    large: Vec<u32>,
}

impl<'a> Trial<'a> {
    pub(super) fn new(rule: Rule<'a>, run: &Run<'a>) -> Self {
        let blocks = Blocks::new(&rule);
        let heavy = rule.heavy(run.options.limits.sharing);
        let postings = Postings::new(blocks.right().iter().copied(), blocks.count, heavy);
        Self { rule, blocks, postings, bypassed: HashSet::new() }
    }

    /// Enough pairs to join all records that the rule joins, and for every record one with its best score.
    pub(super) fn run(&mut self, run: &Run<'a>) -> Result<(Vec<Edge>, RuleReport), UnifyError> {
        let counts = Counts::default();
        let mut found = self.small_blocks(run, &counts)?;
        found.sort_unstable_by_key(|found| found.portion);
        let mut edges: Vec<Edge> = Vec::new();
        let mut large = Vec::new();
        for found in found {
            edges.extend(found.edges);
            large.extend(found.large);
        }
        let mut bypassed = Bypassed::default();
        let mut indexed = false;
        for block in large {
            let members = self.postings.used(block);
            let crowd = Crowd::new(&self.rule, members, run.options.limits.sharing);
            indexed |= crowd.is_indexed();
            bypassed.join(crowd.bypassed);
            edges.extend(crowded(&crowd, run, &counts)?);
            let used: HashSet<u32> = crowd.left.all().iter().copied().collect();
            let unused: Vec<u32> = members.iter().copied().filter(|member| !used.contains(member)).collect();
            self.bypassed.extend(unused);
        }
        let (blocks, largest_block, refused) = self.postings.sizes();
        bypassed.join(refused);
        let report = RuleReport {
            on: run.name(self.rule.plan.on).to_owned(),
            rule: self.rule.plan.name.clone(),
            tried: run.count(self.rule.plan.on) as u64,
            with_values: self.blocks.right().iter().filter(|block| **block != NONE).count() as u64,
            compared: counts.compared.into_inner(),
            excepted: counts.excepted.into_inner(),
            blocks,
            largest_block,
            indexed,
            bypassed,
            blocked_on: run.blocked_on(self.rule.plan),
            ..RuleReport::default()
        };
        Ok((edges, report))
    }

    fn small_blocks(&self, run: &Run<'a>, counts: &Counts) -> Result<Vec<Found>, UnifyError> {
        let next = AtomicUsize::new(0);
        let count = self.postings.len();
        let work = || {
            let mut scratch = Scratch::default();
            let mut done = Vec::new();
            loop {
                let portion = next.fetch_add(1, Ordering::Relaxed);
                let start = portion.saturating_mul(PORTION);
                if start >= count {
                    return Ok(done);
                }
                if run.cancel.is_cancelled() {
                    return Err(UnifyError::Cancelled);
                }
                let blocks = start as u32..(start + PORTION).min(count) as u32;
                done.push(self.portion(portion, blocks, run, &mut scratch, counts)?);
            }
        };
        gather(run.options.threads.clamp(1, count.div_ceil(PORTION).max(1)), work)
    }

    fn portion(
        &self,
        portion: usize,
        blocks: std::ops::Range<u32>,
        run: &Run<'a>,
        scratch: &mut Scratch,
        counts: &Counts,
    ) -> Result<Found, UnifyError> {
        let mut found = Found { portion, edges: Vec::new(), large: Vec::new() };
        let sharing = run.options.limits.sharing as usize;
        let mut pairs = 0;
        for block in blocks {
            let members = self.postings.used(block);
            let Some((first, rest)) = members.split_first().filter(|(_, rest)| !rest.is_empty()) else {
                continue;
            };
            if self.rule.is_plain() {
                found.edges.extend(rest.iter().map(|other| Edge { one: *first, other: *other, score: 1.0 }));
                pairs += rest.len() as u64;
            } else if members.len() > SMALL_BLOCK.min(sharing) {
                found.large.push(block);
            } else {
                pairs += (members.len() * (members.len() - 1) / 2) as u64;
                self.compare_all(members, scratch, &mut found.edges);
            }
        }
        counts.add(pairs, std::mem::take(&mut scratch.excepted), &self.rule, run.options)?;
        Ok(found)
    }

    fn compare_all(&self, members: &[u32], scratch: &mut Scratch, edges: &mut Vec<Edge>) {
        for (at, one) in members.iter().enumerate() {
            for other in members.iter().skip(at + 1) {
                if let Some(score) = self.rule.judge(Shown::Left(*one), Shown::Right(*other), scratch) {
                    edges.push(Edge { one: *one, other: *other, score });
                }
            }
        }
    }

    /// Every pair among some records that the rule joins.
    pub(super) fn all_edges(&self, records: &[u32]) -> Vec<Edge> {
        let block = |record: u32| self.blocks.of_shown(&self.rule, Shown::Right(record));
        let used =
            |record: &u32| !self.postings.used(block(*record)).is_empty() && !self.bypassed.contains(record);
        let mut placed: Vec<(u32, u32)> =
            records.iter().copied().filter(used).map(|record| (block(record), record)).collect();
        placed.sort_unstable();
        let mut edges = Vec::new();
        let mut scratch = Scratch::default();
        for block in placed.chunk_by(|one, other| one.0 == other.0) {
            let members: Vec<u32> = block.iter().map(|(_, record)| *record).collect();
            self.compare_all(&members, &mut scratch, &mut edges);
        }
        edges
    }
}

/// Pairs of a large block: of the records that show two matching tuples each with one record that shows the other.
fn crowded(crowd: &Crowd<'_>, run: &Run<'_>, counts: &Counts) -> Result<Vec<Edge>, UnifyError> {
    let side = &crowd.left;
    let take = |tuple: u32, found: &[(u32, f64)]| {
        let mut edges = Vec::new();
        for (partner, score) in found {
            let (own, others) = (side.members(tuple), side.members(*partner));
            let (Some(first), Some(other)) = (own.first(), others.first()) else { continue };
            let mut join = |one: u32, other: u32| {
                if one != other {
                    edges.push(Edge { one: one.min(other), other: one.max(other), score: *score });
                }
            };
            own.iter().for_each(|record| join(*record, *other));
            others.iter().for_each(|record| join(*first, *record));
        }
        edges
    };
    let edges = crowd.ask(side, run.options, counts, run.cancel, take)?;
    Ok(edges.into_iter().flatten().collect())
}
