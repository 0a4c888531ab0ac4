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
    later: HashedMap<Vec<u32>>,
}

impl Postings {
    pub(crate) fn new(start: Blocks) -> Self {
        Self { start, later: HashedMap::default() }
    }

    pub(crate) fn add(&mut self, key: u64, record: u32) {
        self.later.entry(Blocks::key(key)).or_default().push(record);
    }

    /// The records with a key.
    pub(crate) fn get(&self, key: u64) -> impl Iterator<Item = u32> {
        let key = Blocks::key(key);
        let later = self.later.get(&key).map_or(&[][..], Vec::as_slice);
        self.run(key).iter().map(|entry| Blocks::record(*entry)).chain(later.iter().copied())
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
