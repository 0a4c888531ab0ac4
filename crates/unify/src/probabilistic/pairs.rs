//! The pairs that are compared, each once, with the rules that brought it and the pattern of its agreement.

use std::sync::Mutex;

use super::blocking::{BlockingRule, Blocks, RECORD_BITS};
use super::compare::{Comparison, Pair};
use super::hash;
use super::keys::Keys;
use super::prepared::Prepared;
use super::report::RuleCounts;
use super::sort::sort_grouped;
use super::threads;

/// The most records of one run.
pub(crate) const MAX_RECORDS: usize = 1 << RECORD_BITS;
const RULE_BITS: u32 = 6;
/// Pairs are worked on in parts of their left record, so that each part stays small.
const PARTS: usize = 128;
/// Pairs that are read ahead: their records are on the way while others are compared.
const AHEAD: usize = 16;

/// A pair of records with what they agree on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Candidate {
    pub(crate) left: u32,
    pub(crate) right: u32,
    /// The number of the pattern.
    pub(crate) pattern: u32,
    /// A bit for each rule that brought the pair.
    pub(crate) rules: u32,
}

/// All pairs, and the patterns that occur.
#[derive(Debug)]
pub(crate) struct Candidates {
    /// In the order of their records; in parts.
    pub(crate) parts: Vec<Vec<Candidate>>,
    /// The codes of the patterns, ascending.
    pub(crate) codes: Vec<u64>,
    /// How many pairs have each pattern.
    pub(crate) counts: Vec<u64>,
    pub(crate) rules: Vec<RuleCounts>,
}

/// The blocks of all rules as packed pairs, in parts by the left record; and what each rule did. With `learn` the
/// rules are given the largest size of a block that keeps them within their budget.
fn packed(
    prepared: &Prepared,
    rules: &mut [BlockingRule],
    learn: bool,
    threads: usize,
) -> (Vec<Vec<Vec<u64>>>, Vec<RuleCounts>) {
    let keys = Keys::new(rules, prepared, threads);
    let numbers: Vec<usize> = (0..rules.len()).collect();
    let size = part_size(prepared.len());
    let start = |_| vec![Vec::new(); PARTS];
    let budgets: Vec<u64> = rules.iter().map(|rule| rule.budget(prepared.len())).collect();
    let known: Vec<u32> = rules.iter().map(|rule| rule.most).collect();
    let work = |parts: &mut Vec<Vec<u64>>, number: &usize| {
        let blocks = keys.blocks(*number);
        let known = known.get(*number).copied().unwrap_or_default();
        let budget = budgets.get(*number).copied().unwrap_or_default();
        let most = if learn { blocks.choose_most(budget) } else { known };
        let mut counts = RuleCounts { most, records: blocks.records() as u64, ..RuleCounts::default() };
        for run in blocks.runs() {
            counts.add_block(run.len());
            if run.len() > most as usize {
                continue;
            }
            for (at, left) in run.iter().enumerate() {
                let left = u64::from(Blocks::record(*left));
                let Some(part) = parts.get_mut(left as usize / size) else { continue };
                for right in run.iter().skip(at + 1) {
                    // Within a run records ascend, so the left one is the smaller.
                    let right = u64::from(Blocks::record(*right));
                    let pair = left << (RECORD_BITS + RULE_BITS) | right << RULE_BITS;
                    part.push(pair | *number as u64);
                }
            }
        }
        counts
    };
    let (counts, kept) = threads::map_with(&numbers, threads, start, work);
    for (rule, counts) in rules.iter_mut().zip(&counts) {
        rule.most = counts.most;
    }
    (kept, counts)
}

fn part_size(records: usize) -> usize {
    records.div_ceil(PARTS).max(1)
}

impl Candidates {
    /// Finds and compares all pairs.
    pub(crate) fn find(
        prepared: &Prepared,
        comparisons: &[Comparison],
        rules: &mut [BlockingRule],
        learn: bool,
        threads: usize,
    ) -> Self {
        let (kept, counts) = packed(prepared, rules, learn, threads);
        let mut parts: Vec<Vec<Vec<u64>>> = (0..PARTS).map(|_| Vec::new()).collect();
        for own in kept {
            for (part, pairs) in parts.iter_mut().zip(own) {
                part.push(pairs);
            }
        }
        let size = part_size(prepared.len());
        let parts: Vec<_> = (0..).step_by(size).zip(parts.into_iter().map(Mutex::new)).collect();
        let work = |patterns: &mut Patterns, (first, part): &(usize, Mutex<Vec<Vec<u64>>>)| {
            // Taken out, so that the memory is given back part by part.
            let own = part.lock().map(|mut part| std::mem::take(&mut *part)).unwrap_or_default();
            let left = |pair: u64| (pair >> (RECORD_BITS + RULE_BITS)) as usize - first;
            let pairs = sort_grouped(&own, size, left);
            drop(own);
            compare(prepared, comparisons, pairs, patterns)
        };
        let (parts, patterns) = threads::map_with(&parts, threads, Patterns::new, work);
        let mut whole = Self::merged(parts, &patterns);
        whole.rules = counts;
        whole
    }

    /// Gives the patterns of all threads common numbers, in the order of their codes.
    fn merged(parts: Vec<(usize, Vec<Candidate>)>, patterns: &[Patterns]) -> Self {
        let mut codes: Vec<u64> = patterns.iter().flat_map(|own| own.codes.iter().copied()).collect();
        codes.sort_unstable();
        codes.dedup();
        let mut counts = vec![0; codes.len()];
        let numbers: Vec<(usize, Vec<u32>)> = patterns
            .iter()
            .map(|own| {
                let place = |code| codes.binary_search(code).unwrap_or_default() as u32;
                (own.thread, own.codes.iter().map(place).collect())
            })
            .collect();
        for (own, (_, numbers)) in patterns.iter().zip(&numbers) {
            for (count, number) in own.counts.iter().zip(numbers) {
                if let Some(sum) = counts.get_mut(*number as usize) {
                    *sum += count;
                }
            }
        }
        let renumber = |(thread, mut part): (usize, Vec<Candidate>)| {
            let of = numbers.iter().find(|(own, _)| *own == thread).map(|(_, numbers)| numbers.as_slice());
            for candidate in &mut part {
                candidate.pattern =
                    of.and_then(|of| of.get(candidate.pattern as usize)).copied().unwrap_or_default();
            }
            part
        };
        Self { parts: parts.into_iter().map(renumber).collect(), codes, counts, rules: Vec::new() }
    }

    pub(crate) fn len(&self) -> usize {
        self.parts.iter().map(Vec::len).sum()
    }
}

/// Compares the pairs of one part, which are in order; the numbers of patterns are those of the thread.
fn compare(
    prepared: &Prepared,
    comparisons: &[Comparison],
    pairs: Vec<u64>,
    patterns: &mut Patterns,
) -> (usize, Vec<Candidate>) {
    let mut found = Vec::with_capacity(pairs.len() / 2);
    for run in pairs.chunk_by(|a, b| a >> RULE_BITS == b >> RULE_BITS) {
        let Some(pair) = run.first() else { continue };
        let mask = (1u64 << RECORD_BITS) - 1;
        let (left, right) = (pair >> (RECORD_BITS + RULE_BITS), pair >> RULE_BITS & mask);
        let rules = run.iter().fold(0, |rules, pair| rules | 1 << (pair & 31));
        found.push(Candidate { left: left as u32, right: right as u32, pattern: 0, rules });
    }
    drop(pairs);
    let mut ahead = 0u64;
    for chunk in found.chunks_mut(AHEAD) {
        // A look at each record brings it near before the comparisons, which wait for one another.
        for candidate in chunk.iter() {
            ahead ^= prepared
                .records
                .get(candidate.right as usize)
                .map_or(0, |record| u64::from(record.first[0]) ^ record.rarity);
        }
        for candidate in chunk {
            if let Some(pair) = prepared.pair(candidate.left, candidate.right) {
                candidate.pattern = patterns.number(pair.code(comparisons));
            }
        }
    }
    std::hint::black_box(ahead);
    (patterns.thread, found)
}

impl Prepared {
    pub(crate) fn pair(&self, left: u32, right: u32) -> Option<Pair<'_>> {
        let (left, right) = (left as usize, right as usize);
        Some(Pair {
            a: self.records.get(left)?,
            b: self.records.get(right)?,
            extras_a: self.extras_of(left),
            extras_b: self.extras_of(right),
        })
    }
}

/// The codes that one thread has met, numbered as they came.
struct Patterns {
    thread: usize,
    codes: Vec<u64>,
    counts: Vec<u64>,
    /// Number + 1, or 0; a power of two of them.
    slots: Vec<u32>,
}

impl Patterns {
    fn new(thread: usize) -> Self {
        Self { thread, codes: Vec::new(), counts: Vec::new(), slots: vec![0; 1 << 14] }
    }

    fn number(&mut self, code: u64) -> u32 {
        let mask = self.slots.len() - 1;
        let mut at = hash::mix(code) as usize & mask;
        loop {
            match self.slots.get(at).copied().unwrap_or(0) {
                0 => break,
                taken if self.codes.get(taken as usize - 1) == Some(&code) => {
                    if let Some(count) = self.counts.get_mut(taken as usize - 1) {
                        *count += 1;
                    }
                    return taken - 1;
                }
                _ => at = (at + 1) & mask,
            }
        }
        self.codes.push(code);
        self.counts.push(1);
        if let Some(slot) = self.slots.get_mut(at) {
            *slot = self.codes.len() as u32;
        }
        if self.codes.len() * 2 > self.slots.len() {
            self.grow();
        }
        self.codes.len() as u32 - 1
    }

    fn grow(&mut self) {
        let mask = self.slots.len() * 2 - 1;
        self.slots = vec![0; mask + 1];
        for (number, code) in (1u32..).zip(&self.codes) {
            let mut at = hash::mix(*code) as usize & mask;
            while self.slots.get(at).is_some_and(|taken| *taken != 0) {
                at = (at + 1) & mask;
            }
            if let Some(slot) = self.slots.get_mut(at) {
                *slot = number;
            }
        }
    }
}
