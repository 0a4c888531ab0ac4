//! A table of words that is built once and then only read: which word stands for which.

/// Words, each with the word that it stands for. A lookup allocates nothing, and the whole table is small enough to
/// stay in a processor's first caches.
#[derive(Debug)]
pub(crate) struct WordTable {
    /// Every word with its meaning right behind it.
    text: String,
    entries: Vec<Entry>,
    /// Open addressing: a piece of the hash and the number of the entry + 1; `(0, 0)` is free. A power of two long,
    /// at most half full.
    slots: Vec<(u16, u16)>,
    /// For each first byte the lengths, in bytes, of the words that begin with it: one bit each, the highest for 63 and
    /// more. Most words of a text are in no list, and this tells half of them without a look at the table.
    lengths: Box<[u64; 256]>,
}

/// Where a word stands in the text: its start, and the lengths of the word and its meaning.
#[derive(Debug, Clone, Copy)]
struct Entry(u32, u16, u16);

impl WordTable {
    pub(super) fn new() -> Self {
        let (text, entries) = (String::new(), Vec::new());
        Self { text, entries, slots: vec![(0, 0); 64], lengths: Box::new([0; 256]) }
    }

    /// Puts a word in, unless it is there already: the first meaning stays. A table takes 65,534 words.
    pub(super) fn add(&mut self, word: &str, meaning: &str) {
        if word.is_empty() || self.find(word).is_some() || self.entries.len() + 2 > usize::from(u16::MAX) {
            return;
        }
        let (first, length) = shape(word.as_bytes());
        self.lengths[usize::from(first)] |= length;
        self.entries.push(Entry(self.text.len() as u32, word.len() as u16, meaning.len() as u16));
        self.text.push_str(word);
        self.text.push_str(meaning);
        if self.entries.len() * 2 > self.slots.len() {
            self.slots = vec![(0, 0); self.slots.len() * 2];
            (0..self.entries.len()).for_each(|number| self.settle(number));
        } else {
            self.settle(self.entries.len() - 1);
        }
    }

    fn settle(&mut self, number: usize) {
        let Some(entry) = self.entries.get(number) else { return };
        let (hash, mask) = (hash(self.entry(*entry).0.as_bytes()), self.slots.len() - 1);
        let mut at = hash as usize & mask;
        while let Some(slot) = self.slots.get_mut(at) {
            if slot.1 == 0 {
                *slot = (piece(hash), number as u16 + 1);
                return;
            }
            at = (at + 1) & mask;
        }
    }

    /// The word of an entry and its meaning.
    fn entry(&self, Entry(start, word, meaning): Entry) -> (&str, &str) {
        let (start, word) = (start as usize, usize::from(word));
        let both = self.text.get(start..start + word + usize::from(meaning)).unwrap_or_default();
        both.split_at_checked(word).unwrap_or_default()
    }

    /// The word that a word stands for.
    pub(crate) fn find(&self, word: &str) -> Option<&str> {
        let (first, length) = shape(word.as_bytes());
        if self.lengths[usize::from(first)] & length == 0 {
            return None;
        }
        let (hash, mask) = (hash(word.as_bytes()), self.slots.len() - 1);
        let mut at = hash as usize & mask;
        loop {
            let (found, number) = self.slots.get(at).copied().unwrap_or_default();
            let entry = self.entries.get(usize::from(number).checked_sub(1)?)?;
            if found == piece(hash) {
                let (known, meaning) = self.entry(*entry);
                if known == word {
                    return Some(meaning);
                }
            }
            at = (at + 1) & mask;
        }
    }

    /// The number of words.
    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    /// All words with their meanings, in the order in which they came.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.entries.iter().map(|entry| self.entry(*entry))
    }
}

fn piece(hash: u64) -> u16 {
    (hash >> 48) as u16
}

/// The first byte, and the bit of the length.
fn shape(word: &[u8]) -> (u8, u64) {
    (word.first().copied().unwrap_or_default(), 1 << word.len().min(63))
}

/// A hash for short words. The table holds only words of this program, so nobody can make it collide.
fn hash(word: &[u8]) -> u64 {
    let mut hash = word.len() as u64;
    let mut rest = word;
    while let Some((eight, after)) = rest.split_first_chunk::<8>() {
        hash = mix(hash, u64::from_le_bytes(*eight));
        rest = after;
    }
    let tail = match (rest.first_chunk::<4>(), rest.last_chunk::<4>(), rest) {
        // The two halves overlap where there are fewer than eight bytes.
        (Some(first), Some(last), _) => {
            u64::from(u32::from_le_bytes(*first)) << 32 | u64::from(u32::from_le_bytes(*last))
        }
        (_, _, [a, middle @ .., b]) => {
            u64::from(*a) << 16 | u64::from(middle.first().copied().unwrap_or_default()) << 8 | u64::from(*b)
        }
        (_, _, [a]) => u64::from(*a),
        _ => 0,
    };
    hash = mix(hash, tail);
    hash ^ hash >> 29
}

fn mix(hash: u64, bits: u64) -> u64 {
    // The multiplier is 2^64 divided by the golden ratio (Knuth, The Art of Computer Programming 3, 6.4).
    (hash.rotate_left(23) ^ bits).wrapping_mul(0x9E37_79B9_7F4A_7C15)
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
