//! The records of an entity by some of their values.

use super::at::Map;
use crate::features::{Features, NONE, scatter};

/// The records of one entity by their values in some columns. Places that records have left are not cleaned up:
/// whoever looks compares with the values that a record has now.
#[derive(Debug, Default)]
pub(super) struct Postings {
    /// The columns, by their places among the features.
    pub(super) columns: Vec<usize>,
    bits: u32,
    /// Where the records of each part begin in `records`, and at last where all end. Parts are told by the top bits
    /// of the hash; within a part records ascend.
    starts: Vec<u32>,
    records: Vec<u32>,
    /// Records that came to values later, ascending.
    added: Map<u64, Vec<u32>>,
}

impl Postings {
    pub(super) fn new(columns: Vec<usize>, records: usize, features: &Features) -> Self {
        let bits = (records.max(2) as u64).ilog2();
        let part = |record: u32| -> usize {
            let mut state = Some(START);
            for column in &columns {
                let value = features.value(*column, record);
                state = state.filter(|_| value != NONE).map(|state| mix(state, value));
            }
            state.map_or(usize::MAX, |state| (state >> (64 - bits)) as usize)
        };
        let (starts, records) = scatter((0..records as u32).map(part), 1 << bits);
        Self { columns, bits, starts, records, added: Map::default() }
    }

    fn part(&self, hash: u64) -> &[u32] {
        let part = (hash >> (64 - self.bits)) as usize;
        match (self.starts.get(part), self.starts.get(part + 1)) {
            (Some(start), Some(end)) => self.records.get(*start as usize..*end as usize).unwrap_or(&[]),
            _ => &[],
        }
    }

    /// The records with some values.
    pub(super) fn find<'a>(
        &'a self,
        key: &'a [u32],
        features: &'a Features,
    ) -> impl Iterator<Item = u32> + 'a {
        let hash = hash(key);
        let added = self.added.get(&hash).map_or(&[][..], Vec::as_slice);
        let has = move |record: &u32| {
            self.columns.iter().zip(key).all(|(column, value)| features.value(*column, *record) == *value)
        };
        self.part(hash).iter().chain(added).copied().filter(has)
    }

    /// Notes that a record has some values now.
    pub(super) fn add(&mut self, record: u32, key: &[u32]) {
        let hash = hash(key);
        if self.part(hash).binary_search(&record).is_ok() {
            return;
        }
        let added = self.added.entry(hash).or_default();
        if let Err(place) = added.binary_search(&record) {
            added.insert(place, record);
        }
    }
}

const START: u64 = 0x51_7C_C1_B7_27_22_0A_95;

fn mix(state: u64, value: u32) -> u64 {
    let product = u128::from(state ^ u64::from(value)) * 0x9E37_79B9_7F4A_7C15;
    (product as u64) ^ ((product >> 64) as u64)
}

fn hash(key: &[u32]) -> u64 {
    key.iter().fold(START, |state, value| mix(state, *value))
}
