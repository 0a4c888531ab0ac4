//! Realistic people and what three sources know of them, made from a seed.
//!
//! A household is a function of the seed and its number, and a record one of the seed, its person and its number: what
//! is not needed is not kept but made again. The rows of a table stand in the order of their creation, as in real
//! tables, so that records of one person lie far apart. To sort them in little memory, the years are divided into
//! slices and all people are gone through once for every slice.

use std::path::Path;

use anyhow::{Context, Result};

pub mod contact;
pub mod household;
pub mod lists;
pub mod names;
pub mod places;
pub mod rates;
pub mod record;
pub mod rng;
pub mod slips;
pub mod tables;

use household::{DAYS, World};
use record::{Fields, Moment, SOURCES};
use tables::{Table, Truth};

/// Records that are in memory at one time, about.
const SLICE: u64 = 600_000;

/// What to make.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    /// Number of records in all sources.
    pub records: u64,
    /// What everything is drawn from.
    pub seed: u64,
}

/// A record before it has a key.
#[derive(Debug)]
struct Made {
    moment: Moment,
    person: u64,
    copy: usize,
    fields: Fields,
}

/// Writes `shop.parquet`, `loyalty.parquet`, `crm.parquet` and `truth.parquet` into a folder. The same settings give
/// the same files.
///
/// # Errors
/// When a file cannot be written.
pub fn generate(settings: Settings, folder: &Path) -> Result<()> {
    std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let world = World::new(settings.seed, settings.records);
    let mut tables = Vec::new();
    for source in SOURCES {
        tables.push((source, 0, Table::create(source, folder)?));
    }
    let mut truth = Truth::create(folder)?;
    let slices = settings.records.div_ceil(SLICE).max(1);
    for slice in 0..slices {
        let mut made = records(&world, settings.records, (bound(slice, slices), bound(slice + 1, slices)));
        made.sort_unstable_by_key(|made| (made.moment.created, made.person, made.copy));
        for made in made {
            let Some((source, count, table)) =
                tables.iter_mut().find(|(source, ..)| *source == made.moment.source)
            else {
                continue;
            };
            *count += 1;
            let random = u128::from(rng::mix(settings.seed ^ made.person)) << 64
                | u128::from(rng::mix(rng::mix(made.person * 8 + made.copy as u64)));
            let key = source.key(*count, random);
            truth.push(&key, made.person)?;
            table.push(&key, made.fields, made.moment.created)?;
        }
    }
    for (_, _, table) in tables {
        table.close()?;
    }
    truth.close()
}

/// Where a slice begins, in seconds since 1970: records are ever denser, so slices are ever shorter.
fn bound(slice: u64, slices: u64) -> i64 {
    let (first, last) = (f64::from(DAYS.0), f64::from(DAYS.1));
    if slice == slices {
        return i64::MAX;
    }
    let day = first + (last - first) * (slice as f64 / slices as f64).sqrt();
    (day * 86_400.0) as i64
}

/// The records of a stretch of time, in no order.
fn records(world: &World, limit: u64, (from, to): (i64, i64)) -> Vec<Made> {
    let mut made = Vec::new();
    let (mut number, mut first, mut count) = (0, 0, 0);
    while count < limit {
        let sizes = world.sizes(number);
        let here = moments(world, first, &sizes).take(usize::try_from(limit - count).unwrap_or(usize::MAX));
        let here: Vec<(usize, usize, Moment)> =
            here.filter(|(_, _, moment)| (from..to).contains(&moment.created)).collect();
        // Most households have nothing in this slice: they are counted, but not made.
        if !here.is_empty() {
            let household = world.household(number);
            for (place, copy, moment) in here {
                let person = first + place as u64;
                let mut rng = record::stream(world.seed, person, copy);
                record::moment(&mut rng);
                let fields = record::observe(&mut rng, &household, &household.people[place], moment);
                made.push(Made { moment, person, copy, fields });
            }
        }
        first += sizes.len() as u64;
        count += sizes.iter().sum::<usize>() as u64;
        number += 1;
    }
    made
}

/// Place of the person in the household, number of the record, and its moment, of all records of a household.
fn moments(world: &World, first: u64, sizes: &[usize]) -> impl Iterator<Item = (usize, usize, Moment)> {
    sizes.iter().enumerate().flat_map(move |(place, &records)| {
        (0..records).map(move |copy| {
            let mut rng = record::stream(world.seed, first + place as u64, copy);
            (place, copy, record::moment(&mut rng))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_settings_give_the_same_files() {
        let settings = Settings { records: 3000, seed: 42 };
        let files = || {
            let folder = tempfile::tempdir().unwrap();
            generate(settings, folder.path()).unwrap();
            ["shop", "loyalty", "crm", "truth"]
                .map(|name| std::fs::read(folder.path().join(format!("{name}.parquet"))).unwrap())
        };
        assert!(files() == files());
    }

    #[test]
    fn slices_hold_every_record_once() {
        let world = World::new(9, 5000);
        let whole = records(&world, 5000, (i64::MIN, i64::MAX));
        assert_eq!(whole.len(), 5000);
        let parts: usize =
            (0..7).map(|slice| records(&world, 5000, (bound(slice, 7), bound(slice + 1, 7))).len()).sum();
        assert_eq!(parts, 5000);
    }
}
