//! The records of an entity by some of their values.

use super::at::Map;
use crate::features::{Directory, Features, NONE};

/// The records of one entity by their values in some columns. Places that records have left are not cleaned up:
/// whoever looks compares with the values that a record has now.
#[derive(Debug, Default)]
pub(super) struct Postings {
    /// The columns, by their places among the features.
    pub(super) columns: Vec<usize>,
    known: Directory,
    /// Records that came to values later, ascending.
    added: Map<u64, Vec<u32>>,
}

impl Postings {
    pub(super) fn new(columns: Vec<usize>, records: usize, features: &Features) -> Self {
        let hash = |record: u32| {
            columns.iter().try_fold(START, |state, column| {
                let value = features.value(*column, record);
                (value != NONE).then(|| mix(state, value))
            })
        };
        let known = Directory::new(records, hash);
        Self { columns, known, added: Map::default() }
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
        self.known.find(hash).chain(added.iter().copied()).filter(has)
    }

    /// Notes that a record has some values now.
    pub(super) fn add(&mut self, record: u32, key: &[u32]) {
        let hash = hash(key);
        if self.known.has(hash, record) {
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
