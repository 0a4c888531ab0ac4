//! The records of every key of one blocking rule, kept up to date.

use crate::probabilistic::blocking::Blocks;
use crate::probabilistic::hash::HashedMap;

/// About how many entries have the same first bits: those of one look at memory.
const NEAR: usize = 8;

/// Records by key: those of the start sorted, later ones beside them. Records that are gone stay in it; the caller
/// knows which those are.
#[derive(Debug)]
pub(super) struct Postings {
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

/// Where the entries of a key are, and the first of those.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Span {
    from: u32,
    to: u32,
    first: u64,
}

impl Postings {
    pub(super) fn new(start: Blocks) -> Self {
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
    pub(super) fn reserve(&mut self, records: usize) {
        self.later.reserve(records);
        self.entries.reserve(records);
    }

    pub(super) fn add(&mut self, key: u64, record: u32) {
        let before = self.later.insert(Blocks::key(key), self.entries.len() as u32);
        self.entries.push((record, before.unwrap_or(NONE)));
    }

    /// The records with a key.
    pub(super) fn get(&self, key: u64) -> impl Iterator<Item = u32> {
        let mut span = Vec::new();
        self.spans(&[key], &mut span);
        self.of(key, span.first().copied().unwrap_or_default())
    }

    /// Where the entries of each key are. Many keys at once: the looks at memory do not wait for one another.
    pub(super) fn spans(&self, keys: &[u64], spans: &mut Vec<Span>) {
        spans.clear();
        let end = |bucket: usize| self.ends.get(bucket).copied().unwrap_or(0);
        spans.extend(keys.iter().map(|key| {
            let bucket = bucket(*key, self.bits);
            Span { from: bucket.checked_sub(1).map_or(0, end), to: end(bucket), first: 0 }
        }));
        for span in spans {
            let first = self.start.sorted().get(span.from as usize);
            span.first = first.copied().unwrap_or(u64::MAX);
        }
    }

    /// The records with a key whose span is known: those of the start, then the later ones, the last first.
    pub(super) fn of(&self, key: u64, span: Span) -> impl Iterator<Item = u32> {
        let key = Blocks::key(key);
        let none = Blocks::key(span.first) > key;
        let (from, to) = if none { (0, 0) } else { (span.from as usize, span.to as usize) };
        let bucket = self.start.sorted().get(from..to).unwrap_or(&[]).iter();
        let run = bucket.skip_while(move |entry| **entry < key);
        let run = run.take_while(move |entry| Blocks::key(**entry) == key);
        run.map(|entry| Blocks::record(*entry)).chain(self.later(key))
    }

    /// The records with a key that came after the start, the last first.
    pub(super) fn later(&self, key: u64) -> impl Iterator<Item = u32> {
        let entry = |at: u32| self.entries.get(at as usize).copied();
        let last = if self.later.is_empty() { None } else { self.later.get(&Blocks::key(key)) };
        let last = last.and_then(|at| entry(*at));
        std::iter::successors(last, move |(_, before)| entry(*before)).map(|(record, _)| record)
    }
}

/// Keys are hashes, spread evenly: their first bits tell where one stands.
fn bucket(key: u64, bits: u32) -> usize {
    key.checked_shr(u64::BITS - bits).unwrap_or(0) as usize
}
