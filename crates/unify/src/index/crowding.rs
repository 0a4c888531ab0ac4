//! Values that so many records share that they say nothing about a person, while records come and go.

use super::at::Map;
use super::postings::Postings;
use crate::features::{Features, NONE, number_pairs};
use crate::rules::Heavy;

/// How often the values of a rule stand above.
#[derive(Debug)]
pub(super) struct Crowding {
    /// For each entity above its postings by these values.
    postings: Vec<usize>,
    heavy: Heavy,
    /// The most records that may share a value, whatever the average.
    sharing: u64,
    /// Values that more records share, how many, and whether they are refused.
    large: Map<Vec<u32>, (u64, bool)>,
    records: u64,
    blocks: u64,
}

/// Values that are refused now and were not, or the other way round.
pub(super) type Flips = Vec<Vec<u32>>;

impl Crowding {
    /// `columns` gives for each entity above the values of every condition, column by column; `part` says which of
    /// them count together.
    pub(super) fn new(
        postings: Vec<usize>,
        columns: &[Vec<&[u32]>],
        part: &[usize],
        heavy: Heavy,
        sharing: u32,
    ) -> Self {
        let whole =
            |column: usize| columns.iter().flat_map(move |it| it.get(column).copied().unwrap_or(&[]).iter());
        let conditions = columns.first().map_or(0, Vec::len);
        let number = |of: &[usize]| -> (Vec<u32>, usize) {
            let records = columns.iter().map(|it| it.first().map_or(0, |column| column.len())).sum();
            let mut numbers = vec![0; records];
            let mut count = 1;
            for column in of {
                let pairs = number_pairs(numbers.iter().copied().zip(whole(*column).copied()));
                (numbers, count) = (pairs.0, pairs.1 as usize);
            }
            (numbers, count)
        };
        let (mut numbers, count) = number(part);
        for column in (0..conditions).filter(|column| !part.contains(column)) {
            for (number, _) in numbers.iter_mut().zip(whole(column)).filter(|(_, value)| **value == NONE) {
                *number = NONE;
            }
        }
        let mut sizes = vec![(0u64, 0usize); count];
        for (record, number) in numbers.iter().enumerate() {
            if let Some(size) = sizes.get_mut(*number as usize) {
                *size = (size.0 + 1, record);
            }
        }
        let records = sizes.iter().map(|size| size.0).sum();
        let blocks = sizes.iter().filter(|size| size.0 > 0).count() as u64;
        let mut crowding =
            Self { postings, heavy, sharing: u64::from(sharing), large: Map::default(), records, blocks };
        for (size, record) in sizes.into_iter().filter(|size| size.0 > u64::from(sharing)) {
            let key = part.iter().filter_map(|column| value(columns, *column, record)).collect();
            let refused = crowding.is_refused(size);
            crowding.large.insert(key, (size, refused));
        }
        crowding
    }

    fn is_refused(&self, size: u64) -> bool {
        self.heavy.with(self.records, self.blocks).refuses(size as usize)
    }

    /// Whether no values are refused.
    pub(super) fn is_empty(&self) -> bool {
        self.large.is_empty()
    }

    /// Whether values are refused.
    pub(super) fn refuses(&self, key: &[u32]) -> bool {
        !self.large.is_empty() && self.large.get(key).is_some_and(|large| large.1)
    }

    /// Takes notice that records came to values or left them (`change` counts), after postings and columns have.
    pub(super) fn update(
        &mut self,
        changes: &Map<Vec<u32>, i64>,
        postings: &[Postings],
        features: &Features,
        has_all: impl Fn(usize, u32) -> bool,
    ) -> Flips {
        let mut new = Vec::new();
        for (key, change) in changes {
            self.records = self.records.saturating_add_signed(*change);
            if let Some(large) = self.large.get_mut(key) {
                large.0 = large.0.saturating_add_signed(*change);
                continue;
            }
            let found = self.postings.iter().enumerate().flat_map(|(left, table)| {
                let found = postings.get(*table).into_iter().flat_map(|it| it.find(key, features));
                let has_all = &has_all;
                found.filter(move |record| has_all(left, *record))
            });
            let count = found.count() as u64;
            let before = count.saturating_add_signed(-change);
            self.blocks = self.blocks + u64::from(count > 0) - u64::from(before > 0).min(self.blocks);
            if count > self.sharing {
                new.push((key.clone(), count));
            }
        }
        for (key, count) in new {
            self.large.insert(key, (count, false));
        }
        self.flips()
    }

    fn flips(&mut self) -> Flips {
        let gone = self.large.values().filter(|large| large.0 == 0).count() as u64;
        self.blocks = self.blocks.saturating_sub(gone);
        let heavy = self.heavy.with(self.records, self.blocks);
        let mut flips = Vec::new();
        for (key, (count, refused)) in &mut self.large {
            let now = heavy.refuses(*count as usize);
            if now != *refused {
                flips.push(key.clone());
                *refused = now;
            }
        }
        self.large.retain(|_, (count, _)| *count > self.sharing);
        flips.sort_unstable();
        flips
    }
}

/// The value of a record, counted over all entities above.
fn value(columns: &[Vec<&[u32]>], column: usize, record: usize) -> Option<u32> {
    let mut rest = record;
    for entity in columns {
        let values = entity.get(column)?;
        if let Some(value) = values.get(rest) {
            return Some(*value);
        }
        rest -= values.len();
    }
    None
}
