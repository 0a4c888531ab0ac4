//! The primary keys seen so far, as hashes.
//!
//! A key is kept as the first 96 bits of its BLAKE3 hash: two different keys among 100 million rows are taken
//! for equal with a chance below 1 in 10^13. Each row costs about 25 to 45 bytes of memory, which is the one
//! thing that grows with the input; [`crate::limits::Limits::keys`] bounds it.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use crate::error::SourceError;

/// Where a row is: the file's place in the list, and the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) file: u16,
    pub(crate) line: u64,
}

/// A hash, and a place, in a form without padding: it is kept once per row.
type Hash = [u32; 3];
type Packed = [u32; 2];

/// The keys of the rows kept so far.
#[derive(Debug)]
pub(crate) struct Keys {
    seen: HashMap<Hash, Packed>,
    limit: usize,
    hasher: blake3::Hasher,
}

impl Keys {
    pub(crate) fn new(limit: usize) -> Self {
        Self { seen: HashMap::new(), limit, hasher: blake3::Hasher::new() }
    }

    /// Adds a part of the key of the row at hand.
    pub(crate) fn part(&mut self, bytes: &[u8]) {
        self.hasher.update(&(bytes.len() as u64).to_le_bytes());
        self.hasher.update(bytes);
    }

    /// Ends the key of the row at hand: the place of the row that had it before, if any had.
    pub(crate) fn end(&mut self, place: Place) -> Result<Option<Place>, SourceError> {
        let hash = self.hasher.finalize();
        self.hasher.reset();
        let mut parts =
            hash.as_bytes().chunks_exact(4).map(|part| part.try_into().map_or(0, u32::from_le_bytes));
        let key: Hash = std::array::from_fn(|_| parts.next().unwrap_or_default());
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
