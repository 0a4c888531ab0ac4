//! The records of every key of one blocking rule, kept up to date.

use super::blocking::Blocks;
use super::hash::HashedMap;

/// About how many entries have the same first bits: those of one look at memory.
const NEAR: usize = 8;

/// Records by key: those of the start sorted, later ones beside them. Records that are gone stay in it; the caller
/// knows which those are.
#[derive(Debug)]
pub(crate) struct Postings {
    start: Blocks,
    /// For each value of the first `bits` bits of a key the end of its entries in `start`.
    ends: Vec<u32>,
    bits: u32,
    /// For each key the place of its last entry in `entries`.
    later: HashedMap<u32>,
    /// Later records, each with the place of the entry before it that has its key, or `NONE`.
    entries: Vec<(u32, u32)>,
}

const NONE: u32 = u32::MAX;

impl Postings {
    pub(crate) fn new(start: Blocks) -> Self {
        let bits = (start.records() / NEAR).checked_ilog2().unwrap_or(0);
        let mut ends = vec![0; 1 << bits];
        for (end, entry) in (1..).zip(start.sorted()) {
            if let Some(place) = ends.get_mut(bucket(*entry, bits)) {
                *place = end;
            }
        }
        let mut last = 0;
        for end in &mut ends {
            last = last.max(*end);
            *end = last;
        }
        Self { start, ends, bits, later: HashedMap::default(), entries: Vec::new() }
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
        self.run(key).map(|entry| Blocks::record(*entry)).chain(later)
    }

    /// The entries from the start that have a key.
    fn run(&self, key: u64) -> impl Iterator<Item = &u64> {
        let bucket = bucket(key, self.bits);
        let end = |bucket: usize| self.ends.get(bucket).map_or(0, |end| *end as usize);
        let (from, to) = (bucket.checked_sub(1).map_or(0, end), end(bucket));
        let bucket = self.start.sorted().get(from..to).unwrap_or(&[]);
        let first = bucket.partition_point(|entry| *entry < key);
        bucket.iter().skip(first).take_while(move |entry| Blocks::key(**entry) == key)
    }
}

/// Keys are hashes, spread evenly: their first bits tell where one stands.
fn bucket(key: u64, bits: u32) -> usize {
    key.checked_shr(u64::BITS - bits).unwrap_or(0) as usize
}
