//! Values that so many records share that they say nothing about a person, while records come and go.

use std::collections::BTreeMap;

use super::at::{At, Map};
use super::postings::Postings;
use crate::features::{Features, NONE, number_pairs};
use crate::report::Bypassed;
use crate::rules::Heavy;

/// What counts together: some values of the records above.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Counted {
    /// The entities above, for each its postings by these values, and its columns for every condition.
    pub(super) lefts: Vec<usize>,
    pub(super) postings: Vec<usize>,
    pub(super) columns: Vec<Vec<usize>>,
    /// The conditions whose values count together. Records that lack a value of any condition do not count.
    pub(super) part: Vec<usize>,
    pub(super) heavy: Heavy,
    /// The most records that may share a value, whatever the average.
    pub(super) sharing: u64,
}

/// How often values stand above. Rules that count the same share it.
#[derive(Debug)]
pub(super) struct Crowding {
    pub(super) counted: Counted,
    /// Values that more records share, how many, and whether they are refused.
    large: Map<Vec<u32>, (u64, bool)>,
    /// How many values the other sizes have, by size.
    small: BTreeMap<u64, u64>,
    records: u64,
    blocks: u64,
}

/// How many records came to values (or left them), and whether these were refused before.
pub(super) type Shift = Map<Vec<u32>, (i64, bool)>;

/// Values that are refused now and were not, or the other way round.
pub(super) type Flips = Vec<Vec<u32>>;

impl Crowding {
    pub(super) fn new(counted: Counted, features: &Features) -> Self {
        let columns = |places: &Vec<usize>| -> Vec<&[u32]> {
            places.iter().filter_map(|place| Some(features.at(*place)?.values.as_slice())).collect()
        };
        let columns: Vec<Vec<&[u32]>> = counted.columns.iter().map(columns).collect();
        let mut sizes: Vec<(u64, usize)> = Vec::new();
        for (record, number) in numbers(&columns, &counted.part).into_iter().enumerate() {
            if number == NONE {
                continue;
            }
            if sizes.len() <= number as usize {
                sizes.resize(number as usize + 1, (0, 0));
            }
            if let Some(size) = sizes.get_mut(number as usize) {
                *size = (size.0 + 1, record);
            }
        }
        let records = sizes.iter().map(|size| size.0).sum();
        let blocks = sizes.iter().filter(|size| size.0 > 0).count() as u64;
        let mut crowding = Self { counted, large: Map::default(), small: BTreeMap::new(), records, blocks };
        let counted = &crowding.counted;
        let heavy = counted.heavy.with(records, blocks);
        let (sharing, part) = (counted.sharing, counted.part.clone());
        for (size, record) in sizes.into_iter().filter(|size| size.0 > 0) {
            if size <= sharing {
                *crowding.small.entry(size).or_insert(0) += 1;
                continue;
            }
            let key = part.iter().filter_map(|column| value(&columns, *column, record)).collect();
            crowding.large.insert(key, (size, heavy.refuses(size as usize)));
        }
        crowding
    }

    /// How many values there are, how many records have the most frequent one, and those that are refused.
    pub(super) fn sizes(&self) -> (u64, u64, Bypassed) {
        let mut bypassed = Bypassed::default();
        self.refused().for_each(|(_, size)| bypassed.add(size));
        let large = self.large.values().map(|large| large.0).max();
        let largest = large.or_else(|| self.small.keys().next_back().copied()).unwrap_or(0);
        (self.blocks, largest, bypassed)
    }

    /// The values that are refused, and how many records have each.
    pub(super) fn refused(&self) -> impl Iterator<Item = (&[u32], u64)> {
        let refused = self.large.iter().filter(|(_, (_, refused))| *refused);
        refused.map(|(key, (size, _))| (key.as_slice(), *size))
    }

    /// Notes that one value more (`1`) or less (`-1`) has so many records.
    fn resize(&mut self, size: u64, by: i64) {
        if size == 0 || size > self.counted.sharing {
            return;
        }
        let values = self.small.entry(size).or_insert(0);
        *values = values.saturating_add_signed(by);
        if *values == 0 {
            self.small.remove(&size);
        }
    }

    /// Whether no values are refused.
    pub(super) fn is_empty(&self) -> bool {
        self.large.is_empty()
    }

    /// Whether values are refused.
    pub(super) fn refuses(&self, key: &[u32]) -> bool {
        !self.large.is_empty() && self.large.get(key).is_some_and(|large| large.1)
    }

    /// Notes that the values of a record above lose it (`-1`) or gain it (`1`).
    pub(super) fn shift(&self, at: At, by: i64, features: &Features, shift: &mut Shift) {
        let places = self.counted.lefts.iter().zip(&self.counted.columns);
        for (_, columns) in places.filter(|(entity, _)| **entity == at.entity as usize) {
            if has_all(columns, at.record, features) {
                let value =
                    |at_condition: &usize| Some(features.value(*columns.get(*at_condition)?, at.record));
                let key: Vec<u32> = self.counted.part.iter().filter_map(value).collect();
                let refused = self.refuses(&key);
                shift.entry(key).or_insert((0, refused)).0 += by;
            }
        }
    }

    /// Takes notice of what has come and gone, after postings and columns have.
    pub(super) fn update(&mut self, shift: &Shift, postings: &[Postings], features: &Features) -> Flips {
        for (key, (change, _)) in shift {
            self.records = self.records.saturating_add_signed(*change);
            if let Some(large) = self.large.get_mut(key) {
                large.0 = large.0.saturating_add_signed(*change);
            } else if *change != 0 {
                self.count(key, *change, postings, features);
            }
        }
        let gone = self.large.values().filter(|large| large.0 == 0).count() as u64;
        self.blocks = self.blocks.saturating_sub(gone);
        let heavy = self.counted.heavy.with(self.records, self.blocks);
        let mut flips = Vec::new();
        for (key, (count, refused)) in &mut self.large {
            let now = heavy.refuses(*count as usize);
            if now != *refused {
                flips.push(key.clone());
                *refused = now;
            }
        }
        let sharing = self.counted.sharing;
        let small = self.large.extract_if(|_, (count, _)| *count <= sharing);
        let small: Vec<u64> = small.map(|(_, (count, _))| count).collect();
        small.into_iter().for_each(|size| self.resize(size, 1));
        flips.sort_unstable();
        flips
    }

    /// Counts the records of values that were not too many so far.
    fn count(&mut self, key: &[u32], change: i64, postings: &[Postings], features: &Features) {
        let tables = self.counted.postings.iter().zip(&self.counted.columns);
        let found = tables.flat_map(|(table, columns)| {
            let found = postings.get(*table).into_iter().flat_map(|it| it.find(key, features));
            found.filter(move |record| has_all(columns, *record, features))
        });
        let count = found.count() as u64;
        let before = count.saturating_add_signed(-change);
        self.blocks += u64::from(count > 0);
        self.blocks = self.blocks.saturating_sub(u64::from(before > 0));
        self.resize(before, -1);
        self.resize(count, 1);
        if count > self.counted.sharing {
            self.large.insert(key.to_vec(), (count, false));
        }
    }
}

fn has_all(columns: &[usize], record: u32, features: &Features) -> bool {
    columns.iter().all(|column| features.value(*column, record) != NONE)
}

/// For every record of all entities above the number of its values in some columns; `NONE` where it lacks a value in
/// any column.
fn numbers(columns: &[Vec<&[u32]>], part: &[usize]) -> Vec<u32> {
    let whole = |column: usize| {
        columns.iter().flat_map(move |it| it.get(column).copied().unwrap_or(&[]).iter().copied())
    };
    let mut numbers = match part.split_first() {
        None => vec![0; columns.iter().map(|it| it.first().map_or(0, |column| column.len())).sum()],
        Some((first, rest)) => rest.iter().fold(whole(*first).collect(), |numbers: Vec<u32>, column| {
            number_pairs(numbers.into_iter().zip(whole(*column))).0
        }),
    };
    let conditions = columns.first().map_or(0, Vec::len);
    for column in (0..conditions).filter(|column| !part.contains(column)) {
        for (number, _) in numbers.iter_mut().zip(whole(column)).filter(|(_, value)| *value == NONE) {
            *number = NONE;
        }
    }
    numbers
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
