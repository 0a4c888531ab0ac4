//! The primary keys seen so far, as hashes.
//!
//! A key is kept as the first 96 bits of its BLAKE3 hash: two different keys among 100 million rows are taken
//! for equal with a chance below 1 in 10^13. Each row costs about 25 to 45 bytes of memory, which is the one
//! thing that grows with the input; [`crate::limits::Limits::keys`] bounds it.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::{BuildHasherDefault, Hasher};

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{
    DataType, Date32Type, Decimal128Type, Float64Type, Int64Type, TimestampMicrosecondType,
};

use crate::error::SourceError;

/// Where a row is: the file's place in the list, and the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) file: u16,
    pub(crate) line: u64,
}

/// A hash, and a place, in a form without padding: it is kept once per row.
pub(crate) type Hash = [u32; 3];
type Packed = [u32; 2];

/// Takes a part of a hash for the hash of it.
#[derive(Debug, Default)]
struct Ready(u64);

impl Hasher for Ready {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for bytes in bytes.chunks(8) {
            let part = bytes.iter().rev().fold(0, |part, byte| (part << 8) | u64::from(*byte));
            self.0 = self.0.rotate_left(1) ^ part;
        }
    }

    fn write_u32(&mut self, part: u32) {
        self.0 = self.0.rotate_left(32) ^ u64::from(part);
    }

    // How many parts there are is the same for all.
    fn write_usize(&mut self, _: usize) {}
}

/// The keys of the rows kept so far.
#[derive(Debug)]
pub(crate) struct Keys {
    seen: HashMap<Hash, Packed, BuildHasherDefault<Ready>>,
    limit: usize,
    hasher: blake3::Hasher,
}

impl Keys {
    pub(crate) fn new(limit: usize) -> Self {
        Self { seen: HashMap::default(), limit, hasher: blake3::Hasher::new() }
    }

    /// Adds a part of the key of the row at hand.
    pub(crate) fn part(&mut self, bytes: &[u8]) {
        self.hasher.update(&(bytes.len() as u64).to_le_bytes());
        self.hasher.update(bytes);
    }

    /// Takes a key that a row of before has.
    pub(crate) fn take(&mut self, key: Hash, place: Place) {
        self.seen.entry(key).or_insert(pack(place));
    }

    /// Ends the key of the row at hand: the place of the row that had it before, if any had.
    pub(crate) fn end(&mut self, place: Place) -> Result<Option<Place>, SourceError> {
        let key = short(&mut self.hasher);
        self.add(key, place)
    }

    /// Adds a key: the place of the row that had it before, if any had.
    pub(crate) fn add(&mut self, key: Hash, place: Place) -> Result<Option<Place>, SourceError> {
        let full = self.seen.len() >= self.limit;
        match self.seen.entry(key) {
            Entry::Occupied(entry) => Ok(Some(unpack(*entry.get()))),
            Entry::Vacant(_) if full => Err(SourceError::TooManyKeys { limit: self.limit }),
            Entry::Vacant(entry) => {
                entry.insert(pack(place));
                Ok(None)
            }
        }
    }
}

/// The hash of a key, and the hasher ready for the next one.
fn short(hasher: &mut blake3::Hasher) -> Hash {
    let hash = hasher.finalize();
    hasher.reset();
    let mut parts = hash.as_bytes().chunks_exact(4).map(|part| part.try_into().map_or(0, u32::from_le_bytes));
    std::array::from_fn(|_| parts.next().unwrap_or_default())
}

/// The keys of the rows of a batch, by the places of the key's columns. None where a part of the key is missing.
pub(crate) fn of_batch(batch: &RecordBatch, keys: &[usize]) -> Vec<Option<Hash>> {
    let mut hasher = blake3::Hasher::new();
    let columns: Vec<_> = keys.iter().filter_map(|key| batch.columns().get(*key)).collect();
    let key = |row: usize| {
        if columns.iter().any(|column| column.is_null(row)) {
            return None;
        }
        columns.iter().for_each(|column| part_of(&mut hasher, column.as_ref(), row));
        Some(short(&mut hasher))
    };
    (0..batch.num_rows()).map(key).collect()
}

/// Adds a value to a key: the same bytes for the same value in every batch.
fn part_of(hasher: &mut blake3::Hasher, column: &dyn Array, row: usize) {
    let mut add = |bytes: &[u8]| {
        hasher.update(&(bytes.len() as u64).to_le_bytes());
        hasher.update(bytes);
    };
    match column.data_type() {
        DataType::Int64 => add(&column.as_primitive::<Int64Type>().value(row).to_le_bytes()),
        DataType::Float64 => add(&column.as_primitive::<Float64Type>().value(row).to_le_bytes()),
        DataType::Date32 => add(&column.as_primitive::<Date32Type>().value(row).to_le_bytes()),
        DataType::Decimal128(..) => add(&column.as_primitive::<Decimal128Type>().value(row).to_le_bytes()),
        DataType::Timestamp(..) => {
            add(&column.as_primitive::<TimestampMicrosecondType>().value(row).to_le_bytes());
        }
        DataType::Boolean => add(&[u8::from(column.as_boolean().value(row))]),
        _ => add(column.as_string_opt::<i32>().map_or("", |texts| texts.value(row)).as_bytes()),
    }
}

/// 16 bits for the file, 48 for the line: more lines than any file has.
fn pack(place: Place) -> Packed {
    let packed = (u64::from(place.file) << 48) | place.line.min((1 << 48) - 1);
    [(packed >> 32) as u32, packed as u32]
}

fn unpack([high, low]: Packed) -> Place {
    let packed = (u64::from(high) << 32) | u64::from(low);
    Place { file: (packed >> 48) as u16, line: packed & ((1 << 48) - 1) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(keys: &mut Keys, parts: &[&str], line: u64) -> Result<Option<Place>, &'static str> {
        parts.iter().for_each(|part| keys.part(part.as_bytes()));
        keys.end(Place { file: 3, line }).map_err(|error| error.code())
    }

    #[test]
    fn the_first_row_of_a_key_is_remembered_up_to_the_limit() {
        let mut keys = Keys::new(3);
        assert_eq!(key(&mut keys, &["ab", "c"], 1 << 40), Ok(None));
        assert_eq!(key(&mut keys, &["a", "bc"], 2), Ok(None));
        assert_eq!(key(&mut keys, &["abc"], 3), Ok(None));
        assert_eq!(key(&mut keys, &["ab", "c"], 4), Ok(Some(Place { file: 3, line: 1 << 40 })));
        assert_eq!(key(&mut keys, &["one too many"], 5), Err("tooManyRows"));
    }
}
