//! One rule on the groups of its entity that have no link yet.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::Link;
use crate::deduplication::Groups;
use crate::error::UnifyError;
use crate::features::NONE;
use crate::report::{Bypassed, RuleReport};
use crate::rules::{Blocks, Counts, Crowd, Postings, Rule, Scratch, Shown, Side};
use crate::run::Run;
use crate::sets::Sets;
use crate::threads::gather;

/// Blocks in which fewer pairs than this are possible are compared pair by pair.
const SMALL_BLOCK: usize = 4096;

/// Records that a thread takes at a time.
const PORTION: usize = 8192;

/// A record above that fulfils the rule with a record of a group.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Candidate {
    pub(super) group: u32,
    /// By its number in the rule's space.
    pub(super) left: u32,
    pub(super) right: u32,
    pub(super) score: f64,
}

/// The best partner of a group that has a single record.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Best {
    pub(super) candidate: Candidate,
    pub(super) candidates: u64,
}

/// What a rule found.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// For groups of a single record, about which nothing was decided.
    pub(super) best: Vec<Best>,
    /// All partners of the other groups.
    pub(super) candidates: Vec<Candidate>,
}

/// How a group is treated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Status {
    /// It has a link.
    Linked,
    /// Its single record can take the best partner.
    Single,
    /// All its partners must be known.
    Whole,
}

/// One rule, ready to be tried.
pub(super) struct Trial<'a> {
    rule: Rule<'a>,
    blocks: Blocks<'a>,
    postings: Postings,
    run: Run<'a>,
    groups: &'a Groups,
    /// For every group.
    status: Vec<Status>,
    /// For every block how many open records look into it; empty for a rule that needs no comparisons.
    asking: Vec<u32>,
}

impl<'a> Trial<'a> {
    pub(super) fn new(
        rule: Rule<'a>,
        run: Run<'a>,
        groups: &'a Groups,
        links: &[Option<Link>],
        sets: &mut Sets,
    ) -> Self {
        let blocks = Blocks::new(&rule);
        let heavy = rule.heavy(run.options.limits.sharing);
        let postings = Postings::new(blocks.left(), blocks.count, heavy);
        let on = rule.plan.on;
        let status = (0u32..).zip(links).map(|(group, link)| {
            let members = groups.members(on, group);
            let mut marked =
                || members.first().is_some_and(|it| sets.is_marked(run.space.number(on as u32, *it)));
            match members {
                _ if link.is_some() => Status::Linked,
                [_] if !marked() => Status::Single,
                _ => Status::Whole,
            }
        });
        let status = status.collect();
        let mut trial = Self { rule, blocks, postings, run, groups, status, asking: Vec::new() };
        if !trial.rule.is_plain() {
            trial.asking = trial.count_asking();
        }
        trial
    }

    fn count_asking(&self) -> Vec<u32> {
        let mut asking = vec![0; self.postings.len()];
        for (_, _, block) in self.open(0..self.blocks.right().len() as u32) {
            if let Some(count) = asking.get_mut(block as usize) {
                *count += 1;
            }
        }
        asking
    }

    /// The records without a link that have a block: record, group, block.
    fn open(&self, records: std::ops::Range<u32>) -> impl Iterator<Item = (u32, u32, u32)> {
        let open = |record: u32| {
            let block = self.blocks.right().get(record as usize).copied().filter(|block| *block != NONE)?;
            let group = self.groups.of(self.rule.plan.on, record)?;
            (self.status(group) != Status::Linked).then_some((record, group, block))
        };
        records.filter_map(open)
    }

    fn status(&self, group: u32) -> Status {
        self.status.get(group as usize).copied().unwrap_or(Status::Linked)
    }

    /// Whether a block is too large to be compared pair by pair.
    fn is_large(&self, block: u32) -> bool {
        let asking = self.asking.get(block as usize).copied().unwrap_or(0) as usize;
        let members = self.postings.members(block).len();
        asking.saturating_mul(members) > SMALL_BLOCK
            || (asking > 0 && members > self.run.options.limits.sharing as usize)
    }

    pub(super) fn run(&self) -> Result<(Found, RuleReport), UnifyError> {
        let counts = Counts::default();
        let mut found = self.small_blocks(&counts)?;
        let mut bypassed = Bypassed::default();
        let mut indexed = false;
        for (block, records) in self.large_blocks() {
            let crowd = Crowd::new(&self.rule, self.postings.used(block), self.run.options.limits.sharing);
            indexed |= crowd.is_indexed();
            bypassed.join(crowd.bypassed);
            let side = Side::new(&self.rule, &records, Shown::Right);
            let take = |tuple: u32, matches: &[(u32, f64)]| self.expand(&crowd, side.members(tuple), matches);
            for part in crowd.ask(&side, self.run.options, &counts, self.run.cancel, take)? {
                found.best.extend(part.best);
                found.candidates.extend(part.candidates);
            }
        }
        let (blocks, largest_block, refused) = self.postings.sizes();
        bypassed.join(refused);
        let (tried, with_values) = self.tried();
        let report = RuleReport {
            on: self.run.name(self.rule.plan.on).to_owned(),
            rule: self.rule.plan.name.clone(),
            tried,
            with_values,
            compared: counts.compared.into_inner(),
            excepted: counts.excepted.into_inner(),
            blocks,
            largest_block,
            indexed,
            bypassed,
            blocked_on: self.run.blocked_on(self.rule.plan),
            ..RuleReport::default()
        };
        Ok((found, report))
    }

    /// How many groups look for a partner, and how many of them have all values.
    fn tried(&self) -> (u64, u64) {
        let open = self.status.iter().filter(|status| **status != Status::Linked).count() as u64;
        let mut groups = vec![false; self.status.len()];
        for (_, group, _) in self.open(0..self.blocks.right().len() as u32) {
            if let Some(has) = groups.get_mut(group as usize) {
                *has = true;
            }
        }
        (open, groups.into_iter().filter(|has| *has).count() as u64)
    }

    /// The open records of every block that is too large.
    fn large_blocks(&self) -> BTreeMap<u32, Vec<u32>> {
        let mut large = BTreeMap::new();
        if self.asking.is_empty() || !(0..self.postings.len() as u32).any(|block| self.is_large(block)) {
            return large;
        }
        for (record, _, block) in self.open(0..self.blocks.right().len() as u32) {
            if self.is_large(block) && !self.postings.used(block).is_empty() {
                large.entry(block).or_insert_with(Vec::new).push(record);
            }
        }
        large
    }

    fn small_blocks(&self, counts: &Counts) -> Result<Found, UnifyError> {
        let next = AtomicUsize::new(0);
        let count = self.blocks.right().len();
        let work = || {
            let mut scratch = Scratch::default();
            let mut done = Vec::new();
            loop {
                let portion = next.fetch_add(1, Ordering::Relaxed);
                let start = portion.saturating_mul(PORTION);
                if start >= count {
                    return Ok(done);
                }
                if self.run.cancel.is_cancelled() {
                    return Err(UnifyError::Cancelled);
                }
                let records = start as u32..(start + PORTION).min(count) as u32;
                done.push((portion, self.portion(records, &mut scratch, counts)?));
            }
        };
        let threads = self.run.options.threads.clamp(1, count.div_ceil(PORTION).max(1));
        let mut done = gather(threads, work)?;
        done.sort_unstable_by_key(|(portion, _)| *portion);
        let mut found = Found::default();
        for (_, part) in done {
            found.best.extend(part.best);
            found.candidates.extend(part.candidates);
        }
        Ok(found)
    }

    fn portion(
        &self,
        records: std::ops::Range<u32>,
        scratch: &mut Scratch,
        counts: &Counts,
    ) -> Result<Found, UnifyError> {
        let mut found = Found::default();
        let mut compared = 0;
        for (right, group, block) in self.open(records) {
            let members = self.postings.used(block);
            if self.rule.is_plain() {
                compared += u64::from(!members.is_empty());
                self.equal(group, right, members, &mut found);
            } else if !self.is_large(block) {
                compared += members.len() as u64;
                self.compare(group, right, members, scratch, &mut found);
            }
        }
        let excepted = std::mem::take(&mut scratch.excepted);
        counts.add(compared, excepted, &self.rule, self.run.options)?;
        Ok(found)
    }

    /// A record that matches all records of its block.
    fn equal(&self, group: u32, right: u32, members: &[u32], found: &mut Found) {
        let candidate = |left: &u32| Candidate { group, left: *left, right, score: 1.0 };
        match self.status(group) {
            Status::Single => found.best.extend(
                members
                    .first()
                    .map(|left| Best { candidate: candidate(left), candidates: members.len() as u64 }),
            ),
            _ => found.candidates.extend(members.iter().map(candidate)),
        }
    }

    /// A record that is compared with all records of its block.
    fn compare(&self, group: u32, right: u32, members: &[u32], scratch: &mut Scratch, found: &mut Found) {
        let single = self.status(group) == Status::Single;
        let mut best: Option<Best> = None;
        for left in members {
            let Some(score) = self.rule.judge(Shown::Left(*left), Shown::Right(right), scratch) else {
                continue;
            };
            let candidate = Candidate { group, left: *left, right, score };
            if single {
                best = Some(better(best, candidate, 1));
            } else {
                found.candidates.push(candidate);
            }
        }
        found.best.extend(best);
    }

    /// What records that show the same values find.
    fn expand(&self, crowd: &Crowd<'_>, records: &[u32], matches: &[(u32, f64)]) -> Found {
        let mut found = Found::default();
        for right in records {
            let Some(group) = self.groups.of(self.rule.plan.on, *right) else { continue };
            let single = self.status(group) == Status::Single;
            let mut best: Option<Best> = None;
            for (tuple, score) in matches {
                let members = crowd.left.members(*tuple);
                let candidate = |left: &u32| Candidate { group, left: *left, right: *right, score: *score };
                if !single {
                    found.candidates.extend(members.iter().map(candidate));
                } else if let Some(first) = members.first() {
                    best = Some(better(best, candidate(first), members.len() as u64));
                }
            }
            found.best.extend(best);
        }
        found
    }
}

/// The better of two partners of one record: the higher score, then the first record above.
fn better(best: Option<Best>, candidate: Candidate, count: u64) -> Best {
    let Some(before) = best else { return Best { candidate, candidates: count } };
    let wins = candidate.score > before.candidate.score
        || (candidate.score == before.candidate.score && candidate.left < before.candidate.left);
    Best { candidate: if wins { candidate } else { before.candidate }, candidates: before.candidates + count }
}
