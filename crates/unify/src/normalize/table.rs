//! A table of words that is built once and then only read: which word stands for which.

use std::hash::Hasher;

/// Words, each with the word that it stands for. A lookup allocates nothing and touches one or two cache lines.
#[derive(Debug)]
pub(super) struct WordTable {
    entries: Vec<(Box<str>, Box<str>)>,
    /// Open addressing: a piece of the hash and the number of the entry + 1; `(0, 0)` is free. A power of two long,
    /// at most half full.
    slots: Vec<(u32, u32)>,
    /// The longest word, in bytes.
    longest: usize,
}

impl WordTable {
    pub(super) fn new() -> Self {
        Self { entries: Vec::new(), slots: vec![(0, 0); 64], longest: 0 }
    }

    /// Puts a word in, unless it is there already: the first meaning stays.
    pub(super) fn add(&mut self, word: &str, meaning: &str) {
        if word.is_empty() || self.find(word).is_some() {
            return;
        }
        self.longest = self.longest.max(word.len());
        self.entries.push((word.into(), meaning.into()));
        if self.entries.len() * 2 > self.slots.len() {
            self.slots = vec![(0, 0); self.slots.len() * 2];
            (0..self.entries.len()).for_each(|number| self.settle(number));
        } else {
            self.settle(self.entries.len() - 1);
        }
    }

    fn settle(&mut self, number: usize) {
        let Some((word, _)) = self.entries.get(number) else { return };
        let (hash, mask) = (hash(word.as_bytes()), self.slots.len() - 1);
        let mut at = hash as usize & mask;
        while let Some(slot) = self.slots.get_mut(at) {
            if slot.1 == 0 {
                *slot = (piece(hash), number as u32 + 1);
                return;
            }
            at = (at + 1) & mask;
        }
    }

    /// The word that a word stands for.
    pub(super) fn find(&self, word: &str) -> Option<&str> {
        if word.len() > self.longest {
            return None;
        }
        let (hash, mask) = (hash(word.as_bytes()), self.slots.len() - 1);
        let mut at = hash as usize & mask;
        loop {
            let (found, number) = self.slots.get(at).copied().unwrap_or_default();
            let entry = self.entries.get((number as usize).checked_sub(1)?)?;
            if found == piece(hash) && *entry.0 == *word {
                return Some(&entry.1);
            }
            at = (at + 1) & mask;
        }
    }

    /// All words with their meanings, in the order in which they came.
    #[cfg(test)]
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.entries.iter().map(|(word, meaning)| (&**word, &**meaning))
    }
}

fn piece(hash: u64) -> u32 {
    (hash >> 32) as u32
}

/// A hash for short words. The table holds only words of this program, so nobody can make it collide.
fn hash(word: &[u8]) -> u64 {
    let mut hasher = Fold(word.len() as u64);
    hasher.write(word);
    hasher.finish()
}

struct Fold(u64);

impl Hasher for Fold {
    fn write(&mut self, mut bytes: &[u8]) {
        while let Some((eight, rest)) = bytes.split_first_chunk::<8>() {
            self.mix(u64::from_le_bytes(*eight));
            bytes = rest;
        }
        if !bytes.is_empty() {
            self.mix(bytes.iter().fold(0, |so_far, byte| so_far << 8 | u64::from(*byte)));
        }
    }

    fn finish(&self) -> u64 {
        self.0 ^ self.0 >> 29
    }
}

impl Fold {
    fn mix(&mut self, bits: u64) {
        // The multiplier is 2^64 divided by the golden ratio (Knuth, The Art of Computer Programming 3, 6.4).
        self.0 = (self.0.rotate_left(23) ^ bits).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_found_again_and_the_first_meaning_stays() {
        let mut table = WordTable::new();
        let words: Vec<String> = (0..5_000).map(|n| format!("w{n}ö{}", n * 7)).collect();
        words.iter().for_each(|word| table.add(word, word));
        words.iter().for_each(|word| table.add(word, "other"));
        assert!(words.iter().all(|word| table.find(word) == Some(word)));
        assert_eq!(table.find("w1"), None);
        assert_eq!(table.find(""), None);
        assert_eq!(table.iter().count(), words.len());
    }
}
