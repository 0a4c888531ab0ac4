//! Ids as small numbers.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use super::CustomerId;

/// Different ids, numbered from 0 in the order of first sight. Numbers only name ids: no result depends on them.
#[derive(Debug, Clone, Default)]
pub(super) struct Known {
    numbers: HashMap<CustomerId, u32, BuildHasherDefault<Fold>>,
    ids: Vec<CustomerId>,
}

impl Known {
    pub(super) fn reserve(&mut self, count: usize) {
        self.numbers.reserve(count);
        self.ids.reserve(count);
    }

    pub(super) fn len(&self) -> usize {
        self.ids.len()
    }

    /// The number of an id; a new one where it was not known.
    pub(super) fn number(&mut self, id: CustomerId) -> u32 {
        let next = self.ids.len() as u32;
        let number = *self.numbers.entry(id).or_insert(next);
        if number == next {
            self.ids.push(id);
        }
        number
    }

    /// The number of an id that is likely to have a given number.
    pub(super) fn number_near(&mut self, id: CustomerId, likely: u32) -> u32 {
        if self.ids.get(likely as usize) == Some(&id) { likely } else { self.number(id) }
    }

    /// The number of an id that is known.
    pub(super) fn find(&self, id: CustomerId) -> Option<u32> {
        self.numbers.get(&id).copied()
    }

    pub(super) fn id(&self, number: u32) -> Option<CustomerId> {
        self.ids.get(number as usize).copied()
    }
}

/// The numbers of a run: those of the ids known before it, and more for the ids that it brings.
#[derive(Debug)]
pub(super) struct Numbers<'a> {
    before: &'a Known,
    more: Known,
}

impl<'a> Numbers<'a> {
    pub(super) fn new(before: &'a Known) -> Self {
        Self { before, more: Known::default() }
    }

    pub(super) fn len(&self) -> usize {
        self.before.len() + self.more.len()
    }

    pub(super) fn number(&mut self, id: CustomerId) -> u32 {
        self.before.find(id).unwrap_or_else(|| self.before.len() as u32 + self.more.number(id))
    }

    pub(super) fn find(&self, id: CustomerId) -> Option<u32> {
        let more = || Some(self.before.len() as u32 + self.more.find(id)?);
        self.before.find(id).or_else(more)
    }

    pub(super) fn id(&self, number: u32) -> Option<CustomerId> {
        self.before.id(number).or_else(|| self.more.id(number.checked_sub(self.before.len() as u32)?))
    }
}

/// A hash of ids. Most of them are hashes already; nobody who delivers rows can choose them freely.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Fold(u64);

impl Hasher for Fold {
    fn write(&mut self, bytes: &[u8]) {
        for part in bytes.chunks(8) {
            let mut word = [0; 8];
            word.iter_mut().zip(part).for_each(|(to, from)| *to = *from);
            self.write_u64(u64::from_ne_bytes(word));
        }
    }

    fn write_u64(&mut self, word: u64) {
        let wide = u128::from(self.0 ^ word) * 0x9e37_79b9_7f4a_7c15;
        self.0 = (wide as u64) ^ (wide >> 64) as u64;
    }

    // The length of an id says nothing.
    fn write_usize(&mut self, _: usize) {}

    fn finish(&self) -> u64 {
        self.0
    }
}
