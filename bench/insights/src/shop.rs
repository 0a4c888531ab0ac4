//! Customers and their orders, the same for the same seed, as Parquet files.

use std::fs::{self, File};
use std::path::Path;
use std::sync::Arc;

use anyhow::Result;
use arrow::array::{
    ArrayRef, Date32Array, Decimal128Array, Int32Array, Int64Array, RecordBatch, StringArray,
};
use arrow::datatypes::DataType;
use parquet::arrow::ArrowWriter;
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{RngCore, SeedableRng};

/// 31 December 2025, the day on which all questions are asked.
pub(crate) const TODAY: i32 = 20_453;

/// Orders lie in the three years before.
const DAYS: u64 = 1095;

const TIERS: [&str; 4] = ["Basic", "Gold", "Platinum", "Silver"];
const CHANNELS: [&str; 3] = ["Online", "Phone", "Store"];

/// The categories of what is bought.
pub(crate) const CATEGORIES: [&str; 12] = [
    "Automotive",
    "Beauty",
    "Books",
    "Clothing",
    "Electronics",
    "Food",
    "Garden",
    "Home",
    "Music",
    "Office",
    "Sports",
    "Toys",
];

const STATES: [&str; 20] = [
    "Alabama",
    "Arizona",
    "California",
    "Colorado",
    "Florida",
    "Georgia",
    "Illinois",
    "Indiana",
    "Michigan",
    "Missouri",
    "Nevada",
    "New Jersey",
    "New York",
    "North Carolina",
    "Ohio",
    "Pennsylvania",
    "Tennessee",
    "Texas",
    "Virginia",
    "Washington",
];

const BATCH: u64 = 65_536;

/// How much is made.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Size {
    /// Customers.
    pub(crate) customers: u64,
    /// Orders.
    pub(crate) orders: u64,
    /// What everything is drawn from.
    pub(crate) seed: u64,
}

struct Chance(Xoshiro256PlusPlus);

impl Chance {
    fn below(&mut self, end: u64) -> u64 {
        let product = u128::from(self.0.next_u64()) * u128::from(end);
        (product >> 64) as u64
    }

    fn unit(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// One of the words, the first ones oftener.
    fn word(&mut self, words: &[&'static str]) -> &'static str {
        let at = self.below(words.len() as u64).min(self.below(words.len() as u64));
        words.get(at as usize).copied().unwrap_or_default()
    }
}

/// Writes `customers.parquet` and `orders.parquet`, and `more.parquet` with 1 % further orders of the last day.
///
/// # Errors
/// The folder cannot be written.
pub(crate) fn generate(size: Size, folder: &Path) -> Result<()> {
    fs::create_dir_all(folder)?;
    let mut chance = Chance(Xoshiro256PlusPlus::seed_from_u64(size.seed));
    write(&folder.join("customers.parquet"), size.customers, |first, count| {
        customers(&mut chance, first, count)
    })?;
    write(&folder.join("orders.parquet"), size.orders, |first, count| {
        orders(&mut chance, size, first, count, false)
    })?;
    write(&folder.join("more.parquet"), size.orders / 100, |first, count| {
        orders(&mut chance, size, size.orders + first, count, true)
    })
}

fn write(path: &Path, rows: u64, mut batch: impl FnMut(u64, u64) -> Result<RecordBatch>) -> Result<()> {
    let mut writer = None;
    for first in (0..rows).step_by(BATCH as usize) {
        let batch = batch(first, BATCH.min(rows - first))?;
        let writer = match &mut writer {
            Some(writer) => writer,
            None => writer.insert(ArrowWriter::try_new(File::create(path)?, batch.schema(), None)?),
        };
        writer.write(&batch)?;
    }
    writer.map(ArrowWriter::close).transpose()?;
    Ok(())
}

fn customers(chance: &mut Chance, first: u64, count: u64) -> Result<RecordBatch> {
    let (mut ids, mut numbers, mut ages) = (Vec::new(), Vec::new(), Vec::new());
    let (mut tiers, mut states) = (Vec::new(), Vec::new());
    for number in first..first + count {
        let (one, other) = (chance.0.next_u64(), chance.0.next_u64());
        ids.push(format!(
            "{:08x}-{:04x}-4{:03x}-{:016x}",
            one >> 32,
            one & 0xffff,
            (one >> 16) & 0xfff,
            other
        ));
        numbers.push(number as i64 + 1);
        ages.push((chance.below(50) != 0).then(|| 18 + chance.below(70) as i32));
        tiers.push(chance.word(&TIERS));
        states.push(chance.word(&STATES));
    }
    let columns: [(&str, ArrayRef); 5] = [
        ("CustomerId", Arc::new(StringArray::from(ids))),
        ("CustomerNo", Arc::new(Int64Array::from(numbers))),
        ("Tier", Arc::new(StringArray::from(tiers))),
        ("State", Arc::new(StringArray::from(states))),
        ("Age", Arc::new(Int32Array::from(ages))),
    ];
    Ok(RecordBatch::try_from_iter(columns)?)
}

fn orders(chance: &mut Chance, size: Size, first: u64, count: u64, new: bool) -> Result<RecordBatch> {
    let (mut ids, mut owners, mut days) = (Vec::new(), Vec::new(), Vec::new());
    let (mut categories, mut channels, mut prices) = (Vec::new(), Vec::new(), Vec::new());
    for number in first..first + count {
        ids.push(number as i64 + 1);
        // Some buy often; one order in a hundred was made without telling who.
        let rank = (chance.unit().powf(1.4) * size.customers as f64) as u64;
        let owner = (rank.wrapping_mul(7_368_787) + 17) % size.customers;
        owners.push((chance.below(100) != 0).then_some(owner as i64 + 1));
        let day = if new { DAYS - 1 } else { number * DAYS / size.orders.max(1) };
        days.push(TODAY - (DAYS - 1 - day) as i32);
        categories.push(chance.word(&CATEGORIES));
        channels.push(chance.word(&CHANNELS));
        prices
            .push(i128::from(99 + chance.below(5_000) * (1 + chance.below(10)) * (1 + chance.below(4)) / 2));
    }
    let prices = Decimal128Array::from(prices).with_data_type(DataType::Decimal128(10, 2));
    let columns: [(&str, ArrayRef); 6] = [
        ("OrderId", Arc::new(Int64Array::from(ids))),
        ("CustomerNo", Arc::new(Int64Array::from(owners))),
        ("OrderedOn", Arc::new(Date32Array::from(days))),
        ("Category", Arc::new(StringArray::from(categories))),
        ("Channel", Arc::new(StringArray::from(channels))),
        ("Price", Arc::new(prices)),
    ];
    Ok(RecordBatch::try_from_iter(columns)?)
}
