//! How rare values are: agreement on a rare value says more than agreement on a common one.

use std::sync::Mutex;

use serde::{Deserialize, Serialize};

use super::compare::{Comparison, FROM_NAME, RARITIES, is_user_from_name};
use super::prepared::Prepared;
use super::sort::sort_hashed;
use super::threads;

/// The common values of one comparison, and how often values agree by chance.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", from = "Written")]
pub struct Rarity {
    /// Records that have a value.
    pub present: u64,
    /// For each rarity, commonest first: the chance that two records have one equal value of it.
    pub chance: Vec<f64>,
    /// For each rarity: the share of records whose value is of it.
    pub share: Vec<f64>,
    /// Hashes of the values that are not of the rarest class, with the class in the lowest three bits.
    values: Vec<u64>,
    #[serde(skip)]
    table: Vec<u64>,
}

/// What is written down of a `Rarity`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Written {
    present: u64,
    chance: Vec<f64>,
    share: Vec<f64>,
    values: Vec<u64>,
}

impl From<Written> for Rarity {
    fn from(Written { present, chance, share, values }: Written) -> Self {
        let mut rarity = Self { present, chance, share, values, table: Vec::new() };
        rarity.build();
        rarity
    }
}

const RAREST: u8 = RARITIES - 1;
const CLASS_BITS: u64 = 7;

impl Comparison {
    /// The class of a value that `count` of `present` records have. Names and dates by their share: a name is rare
    /// in a country, not in a file. What belongs to few people by its nature, by how many share it.
    fn rarity(self, count: u64, present: u64) -> u8 {
        match self {
            Self::Email | Self::Phone | Self::Address | Self::Identifier(_) => match count {
                0..=2 => 5,
                3..=4 => 4,
                5..=8 => 3,
                9..=16 => 2,
                17..=64 => 1,
                _ => 0,
            },
            _ => {
                // Half of the inverse share's binary logarithm, from 1/128 on.
                let bits = (present / count.max(1)).max(1).ilog2();
                (bits.saturating_sub(5) / 2).min(u32::from(RAREST)) as u8
            }
        }
    }
}

impl Rarity {
    /// Counts the values of one comparison.
    fn count(comparison: Comparison, mut hashes: Vec<u64>) -> Self {
        sort_hashed(&mut hashes, &mut Vec::new());
        let present = hashes.len() as u64;
        let pairs = (present as f64 * (present as f64 - 1.0) / 2.0).max(1.0);
        let mut chance = [0u64; RARITIES as usize];
        let mut share = [0u64; RARITIES as usize];
        let mut values = Vec::new();
        for run in hashes.chunk_by(|a, b| a == b) {
            let count = run.len() as u64;
            let class = comparison.rarity(count, present);
            if let (Some(chance), Some(share)) =
                (chance.get_mut(usize::from(class)), share.get_mut(usize::from(class)))
            {
                *chance += count * (count - 1) / 2;
                *share += count;
            }
            if let Some(value) = run.first().filter(|_| class < RAREST) {
                values.push((value & !CLASS_BITS) | u64::from(class));
            }
        }
        let written = Written {
            present,
            chance: chance.iter().map(|count| *count as f64 / pairs).collect(),
            share: share.iter().map(|count| *count as f64 / (present as f64).max(1.0)).collect(),
            values,
        };
        Self::from(written)
    }

    /// Makes the table of look-ups, after counting and after reading a model.
    fn build(&mut self) {
        let size = (self.values.len() * 2).next_power_of_two().max(16);
        self.table = vec![0; size];
        for value in &self.values {
            let mut at = (value >> 20) as usize & (size - 1);
            while self.table.get(at).is_some_and(|taken| *taken != 0) {
                at = (at + 1) & (size - 1);
            }
            if let Some(place) = self.table.get_mut(at) {
                // The mark in bit 3 tells class 0 from a free place.
                *place = *value | 8;
            }
        }
    }

    /// The class of a value by its hash.
    fn class(&self, hash: u64) -> u8 {
        let wanted = hash & !(CLASS_BITS | 8);
        let mask = self.table.len().wrapping_sub(1);
        let mut at = (hash >> 20) as usize & mask;
        loop {
            match self.table.get(at).copied().unwrap_or(0) {
                0 => return RAREST,
                found if found & !(CLASS_BITS | 8) == wanted => return (found & CLASS_BITS) as u8,
                _ => at = (at + 1) & mask,
            }
        }
    }
}

/// Records of one piece of work.
const AT_ONCE: usize = 65_536;
/// In place of the hash of a missing value.
const NONE: u64 = 0;

/// Counts the values of all comparisons, and notes in every record how rare its own are. Values are hashed once.
pub(crate) fn learn(prepared: &mut Prepared, comparisons: &[Comparison], threads: usize) -> Vec<Rarity> {
    let starts: Vec<usize> = (0..prepared.len()).step_by(AT_ONCE).collect();
    let parts = threads::map(&starts, threads, |start| values(prepared, comparisons, *start));
    let numbers: Vec<usize> = (0..comparisons.len()).collect();
    let rarities = threads::map(&numbers, threads, |number| {
        let mut all = Vec::with_capacity(prepared.len());
        let own = parts.iter().filter_map(|part| part.get(*number));
        all.extend(own.flatten().copied().filter(|value| *value != NONE));
        comparisons.get(*number).map_or_else(Rarity::default, |comparison| Rarity::count(*comparison, all))
    });
    let records: Vec<_> = prepared.records.chunks_mut(AT_ONCE).zip(parts).map(Mutex::new).collect();
    threads::map(&records, threads, |part| {
        let Ok(mut part) = part.lock() else { return };
        let (records, values) = &mut *part;
        for (at, record) in records.iter_mut().enumerate() {
            record.rarity = if is_user_from_name(record) { FROM_NAME } else { 0 };
            for ((number, values), rarity) in values.iter().enumerate().zip(&rarities) {
                let value = values.get(at).copied().filter(|value| *value != NONE);
                record.rarity |= value.map_or(0, |value| u64::from(rarity.class(value)) << (4 * number));
            }
        }
    });
    rarities
}

/// For each comparison the hashes of some records' values.
fn values(prepared: &Prepared, comparisons: &[Comparison], start: usize) -> Vec<Vec<u64>> {
    let count = AT_ONCE.min(prepared.len() - start);
    let mut values: Vec<Vec<u64>> = comparisons.iter().map(|_| Vec::with_capacity(count)).collect();
    for (at, record) in prepared.records.iter().enumerate().skip(start).take(count) {
        let extras = prepared.extras_of(at);
        for (values, comparison) in values.iter_mut().zip(comparisons) {
            values.push(comparison.value(record, extras).unwrap_or(NONE));
        }
    }
    values
}

/// Notes in every record how rare its values are.
pub(crate) fn assign(
    prepared: &mut Prepared,
    comparisons: &[Comparison],
    rarities: &[Rarity],
    threads: usize,
) {
    let extras = prepared.extras;
    let values = &prepared.extra_values;
    let work = |first: usize, records: &mut [super::record::Record]| {
        for (at, record) in (first..).zip(records) {
            let extras = values.get(at * extras..(at + 1) * extras).unwrap_or(&[]);
            record.rarity = of(record, extras, comparisons, rarities);
        }
    };
    threads::each_chunk(&mut prepared.records, threads, work);
}

/// The classes of one record's values.
pub(crate) fn of(
    record: &super::record::Record,
    extras: &[super::record::Extra],
    comparisons: &[Comparison],
    rarities: &[Rarity],
) -> u64 {
    let mut classes = if is_user_from_name(record) { FROM_NAME } else { 0 };
    for (at, (comparison, rarity)) in comparisons.iter().zip(rarities).enumerate() {
        if let Some(hash) = comparison.value(record, extras) {
            classes |= u64::from(rarity.class(hash)) << (4 * at);
        }
    }
    classes
}
