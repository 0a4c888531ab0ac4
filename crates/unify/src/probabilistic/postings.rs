//! The records of every key of one blocking rule, kept up to date.

use super::blocking::Blocks;
use super::hash::HashedMap;

/// Entries that are looked at around the place where a key is expected.
const NEAR: usize = 16;

/// Records by key: those of the start sorted, later ones beside them. Records that are gone stay in it; the caller
/// knows which those are.
#[derive(Debug)]
pub(crate) struct Postings {
    start: Blocks,
    /// For each key the place of its last entry in `entries`.
    later: HashedMap<u32>,
    /// Later records, each with the place of the entry before it that has its key, or `NONE`.
    entries: Vec<(u32, u32)>,
}

const NONE: u32 = u32::MAX;

impl Postings {
    pub(crate) fn new(start: Blocks) -> Self {
        Self { start, later: HashedMap::default(), entries: Vec::new() }
    }

    /// Makes room for more records.
    pub(crate) fn reserve(&mut self, records: usize) {
        self.later.reserve(records);
        self.entries.reserve(records);
    }

    pub(crate) fn add(&mut self, key: u64, record: u32) {
        let before = self.later.insert(Blocks::key(key), self.entries.len() as u32);
        self.entries.push((record, before.unwrap_or(NONE)));
    }

    /// The records with a key.
    pub(crate) fn get(&self, key: u64) -> impl Iterator<Item = u32> {
        let key = Blocks::key(key);
        let entry = |at: u32| self.entries.get(at as usize).copied();
        let last = self.later.get(&key).and_then(|at| entry(*at));
        let later = std::iter::successors(last, move |(_, before)| entry(*before)).map(|(record, _)| record);
        self.run(key).iter().map(|entry| Blocks::record(*entry)).chain(later)
    }

    /// The run of a key among the sorted entries. Keys are hashes, so they are spread evenly, and the place of one
    /// can be told from its value (interpolation search; Peterson 1957).
    fn run(&self, key: u64) -> &[u64] {
        let sorted = self.start.sorted();
        let guess = ((u128::from(key) * sorted.len() as u128) >> 64) as usize;
        let before = |at: usize| sorted.get(at).is_some_and(|entry| *entry < key);
        let (mut low, mut high, mut step) = (guess, guess, NEAR);
        while low > 0 && !before(low) {
            low = low.saturating_sub(step);
            step *= 2;
        }
        step = NEAR;
        while before(high) {
            high += step;
            step *= 2;
        }
        let window = sorted.get(low..high.min(sorted.len())).unwrap_or(&[]);
        let first = low + window.partition_point(|entry| *entry < key);
        let rest = sorted.get(first..).unwrap_or(&[]);
        let count = rest.iter().take_while(|entry| Blocks::key(**entry) == key).count();
        rest.get(..count).unwrap_or(&[])
    }
}
