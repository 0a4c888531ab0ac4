//! Slices stored once, each with a small number: texts, keys, and rows of such numbers.

use std::hash::{BuildHasher, Hash, RandomState};

/// Gives every different slice a number, counting from 0 in the order of first sight. The numbers do not depend on
/// the hash seed, which is random so that nobody can prepare values that collide.
#[derive(Debug)]
pub(crate) struct Interner<T> {
    data: Vec<T>,
    /// Where each slice ends in `data`; it starts where the one before it ends.
    ends: Vec<usize>,
    /// Open addressing: number + 1, or 0 for a free slot. The length is a power of two.
    slots: Vec<u32>,
    seed: RandomState,
}

/// The number of no slice.
pub(crate) const NONE: u32 = u32::MAX;

impl<T: Copy + Eq + Hash> Interner<T> {
    pub(crate) fn new() -> Self {
        Self { data: Vec::new(), ends: Vec::new(), slots: vec![0; 16], seed: RandomState::new() }
    }

    /// How many different slices there are.
    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// The slice of a number; empty for a number that was never given out.
    pub(crate) fn get(&self, number: u32) -> &[T] {
        let at = number as usize;
        let start = at.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or(0);
        self.ends.get(at).and_then(|end| self.data.get(start..*end)).unwrap_or(&[])
    }

    /// The number of a slice that is known.
    pub(crate) fn find(&self, slice: &[T]) -> Option<u32> {
        match self.slot(slice) {
            (_, 0) => None,
            (_, taken) => Some(taken - 1),
        }
    }

    /// The number of a slice, and whether it was new. Callers keep the count of slices below `u32::MAX`: there is
    /// at most one per row and column.
    pub(crate) fn intern(&mut self, slice: &[T]) -> (u32, bool) {
        if self.ends.len() * 4 >= self.slots.len() * 3 {
            self.grow();
        }
        let (slot, taken) = self.slot(slice);
        if taken != 0 {
            return (taken - 1, false);
        }
        let number = u32::try_from(self.ends.len()).unwrap_or(NONE);
        self.data.extend_from_slice(slice);
        self.ends.push(self.data.len());
        if let Some(free) = self.slots.get_mut(slot) {
            *free = number.saturating_add(1);
        }
        (number, true)
    }

    /// The slot where a slice is or would be, and what it holds.
    fn slot(&self, slice: &[T]) -> (usize, u32) {
        let mask = self.slots.len() - 1;
        let mut at = self.seed.hash_one(slice) as usize & mask;
        loop {
            let taken = self.slots.get(at).copied().unwrap_or(0);
            if taken == 0 || self.get(taken - 1) == slice {
                return (at, taken);
            }
            at = (at + 1) & mask;
        }
    }

    fn grow(&mut self) {
        let mask = self.slots.len() * 2 - 1;
        let mut slots = vec![0; mask + 1];
        for number in 0..self.ends.len() as u32 {
            let mut at = self.seed.hash_one(self.get(number)) as usize & mask;
            while slots.get(at).is_some_and(|taken| *taken != 0) {
                at = (at + 1) & mask;
            }
            if let Some(free) = slots.get_mut(at) {
                *free = number + 1;
            }
        }
        self.slots = slots;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_slices_share_a_number_and_others_do_not() {
        let mut numbers = Interner::new();
        let words: Vec<String> = (0..1000).map(|n| format!("word {}", n % 400)).collect();
        for (at, word) in words.iter().enumerate() {
            let (number, new) = numbers.intern(word.as_bytes());
            assert_eq!((number, new), ((at % 400) as u32, at < 400));
        }
        assert_eq!(numbers.len(), 400);
        assert_eq!(numbers.get(7), b"word 7");
        assert_eq!(numbers.find(b"word 399"), Some(399));
        assert_eq!(numbers.find(b"word 400"), None);
        assert_eq!(numbers.intern(b""), (400, true));
        assert_eq!(numbers.get(400), b"");
        assert_eq!(numbers.get(NONE), b"");
    }
}
