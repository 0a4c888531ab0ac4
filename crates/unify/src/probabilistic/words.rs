//! Words that stand for others, looked up by their bytes.

use crate::normalize::Variants;

use super::hash;

/// A table of words of at most 16 bytes, open addressing.
#[derive(Debug)]
pub(crate) struct Words {
    slots: Vec<(u128, &'static str)>,
}

impl Words {
    pub(crate) fn new(variants: &'static Variants) -> Self {
        let size = (variants.len() * 4).next_power_of_two().max(16);
        let mut words: Vec<(u128, &'static str)> =
            variants.iter().filter_map(|(word, of)| Some((packed(word.as_bytes())?, *of))).collect();
        words.sort_unstable();
        let mut slots = vec![(0, ""); size];
        for word in words {
            let mut at = hash::mix(word.0 as u64 ^ (word.0 >> 64) as u64) as usize & (size - 1);
            while slots.get(at).is_some_and(|slot| slot.0 != 0) {
                at = (at + 1) & (size - 1);
            }
            if let Some(slot) = slots.get_mut(at) {
                *slot = word;
            }
        }
        Self { slots }
    }

    /// The word that a word stands for.
    pub(crate) fn get(&self, word: &[u8]) -> Option<&'static [u8]> {
        let word = packed(word)?;
        let mask = self.slots.len() - 1;
        let mut at = hash::mix(word as u64 ^ (word >> 64) as u64) as usize & mask;
        loop {
            let slot = self.slots.get(at)?;
            if slot.0 == word {
                return Some(slot.1.as_bytes());
            }
            if slot.0 == 0 {
                return None;
            }
            at = (at + 1) & mask;
        }
    }
}

fn packed(word: &[u8]) -> Option<u128> {
    if word.is_empty() || word.len() > 16 {
        return None;
    }
    Some(word.iter().fold(0, |packed, byte| (packed << 8) | u128::from(*byte)))
}
