//! Numbers for different values, found by sorting: it touches memory in order, where a hash table jumps about.

use super::hash::hash;
use super::sort::{Keyed, sort};
use super::texts::Texts;

/// Texts as they come, some of them equal.
#[derive(Debug, Default)]
pub(super) struct Heap {
    bytes: String,
    ends: Vec<usize>,
    entries: Vec<Keyed>,
}

impl Heap {
    /// Adds a text and gives its place.
    pub(super) fn push(&mut self, text: &str) -> u32 {
        let place = self.ends.len() as u32;
        self.entries.push((hash(text.as_bytes()), place));
        self.bytes.push_str(text);
        self.ends.push(self.bytes.len());
        place
    }

    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    fn get(&self, place: u32) -> &[u8] {
        span(&self.ends, place).and_then(|(start, end)| self.bytes.as_bytes().get(start..end)).unwrap_or(&[])
    }

    /// Numbers the texts in the order of their first places, and gives for every place the number.
    pub(super) fn number(mut self, fuzzy: bool) -> (Texts, Vec<u32>) {
        let mut numbers: Vec<u32> = (0..self.ends.len() as u32).collect();
        let entries = sort(std::mem::take(&mut self.entries));
        for run in entries.chunk_by(|one, other| one.0 == other.0).filter(|run| run.len() > 1) {
            self.join(run, &mut numbers);
        }
        drop(entries);
        let (mut next, mut end, mut start) = (0u32, 0, 0);
        let mut bytes = self.bytes.into_bytes();
        for place in 0..numbers.len() {
            let Some(stop) = self.ends.get(place).copied() else { break };
            let first = numbers.get(place).copied().unwrap_or(0);
            // A first place before this one has its final number by now.
            let number = if first as usize == place {
                next
            } else {
                numbers.get(first as usize).copied().unwrap_or(0)
            };
            if first as usize == place {
                bytes.copy_within(start..stop, end);
                end += stop - start;
                if let Some(to) = self.ends.get_mut(next as usize) {
                    *to = end;
                }
                next += 1;
            }
            if let Some(to) = numbers.get_mut(place) {
                *to = number;
            }
            start = stop;
        }
        bytes.truncate(end);
        bytes.shrink_to_fit();
        self.ends.truncate(next as usize);
        self.ends.shrink_to_fit();
        // Whole texts were moved, so this is text still.
        (Texts::new(String::from_utf8(bytes).unwrap_or_default(), self.ends, fuzzy), numbers)
    }

    /// Writes for every place of a run (equal hashes, ascending) the first place with the same text.
    fn join(&self, run: &[Keyed], numbers: &mut [u32]) {
        let Some((first, rest)) = run.split_first() else { return };
        let text = self.get(first.1);
        if rest.iter().all(|entry| self.get(entry.1) == text) {
            for entry in rest {
                if let Some(to) = numbers.get_mut(entry.1 as usize) {
                    *to = first.1;
                }
            }
            return;
        }
        // Different texts with one hash: nobody meets them by chance, but somebody may look for them.
        let mut places: Vec<u32> = run.iter().map(|entry| entry.1).collect();
        places.sort_unstable_by(|one, other| self.get(*one).cmp(self.get(*other)).then(one.cmp(other)));
        for same in places.chunk_by(|one, other| self.get(*one) == self.get(*other)) {
            for place in same {
                if let (Some(to), Some(first)) = (numbers.get_mut(*place as usize), same.first()) {
                    *to = *first;
                }
            }
        }
    }
}

fn span(ends: &[usize], place: u32) -> Option<(usize, usize)> {
    let at = place as usize;
    let start = at.checked_sub(1).and_then(|before| ends.get(before)).copied().unwrap_or(0);
    Some((start, *ends.get(at)?))
}

/// Numbers pairs of numbers: equal pairs get equal numbers, a pair with `NONE` gets `NONE`. Gives the count too.
pub(crate) fn number_pairs(pairs: impl Iterator<Item = (u32, u32)>) -> (Vec<u32>, u32) {
    use super::texts::NONE;
    let mut numbers = Vec::new();
    let mut entries = Vec::new();
    for (place, (one, other)) in (0u32..).zip(pairs) {
        numbers.push(NONE);
        if one != NONE && other != NONE {
            // An odd factor turns different pairs into different keys with even top bits.
            let key = (u64::from(one) << 32 | u64::from(other)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
            entries.push((key, place));
        }
    }
    let mut next = 0;
    for run in sort(entries).chunk_by(|one, other| one.0 == other.0) {
        for entry in run {
            if let Some(to) = numbers.get_mut(entry.1 as usize) {
                *to = next;
            }
        }
        next += 1;
    }
    (numbers, next)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_texts_share_a_number_in_the_order_of_first_sight() {
        let mut heap = Heap::default();
        let words: Vec<String> = (0..20_000).map(|n| format!("word {}", n % 7_001)).collect();
        words.iter().for_each(|word| {
            heap.push(word);
        });
        let (texts, numbers) = heap.number(true);
        assert_eq!(texts.len(), 7_001);
        for (word, number) in words.iter().zip(numbers) {
            assert_eq!(texts.get(number), word);
            assert_eq!(texts.shape(number).chars as usize, word.len());
        }
        assert_eq!(texts.get(7), "word 7");
        assert_eq!(texts.get(super::super::texts::NONE), "");
    }

    #[test]
    fn different_texts_with_one_hash_stay_different() {
        let mut heap = Heap::default();
        for word in ["b", "a", "b", "c", "a"] {
            heap.push(word);
        }
        heap.entries.iter_mut().for_each(|entry| entry.0 = 7);
        let (texts, numbers) = heap.number(false);
        assert_eq!(numbers, [0, 1, 0, 2, 1]);
        assert_eq!((texts.get(0), texts.get(1), texts.get(2)), ("b", "a", "c"));
    }

    #[test]
    fn equal_pairs_share_a_number() {
        let none = super::super::texts::NONE;
        let (numbers, count) = number_pairs([(1, 2), (2, 1), (none, 1), (1, 2)].into_iter());
        assert_eq!(count, 2);
        assert_eq!(numbers[0], numbers[3]);
        assert_ne!(numbers[0], numbers[1]);
        assert_eq!(numbers[2], none);
    }
}
