//! Levenshtein distance up to a limit: bit-parallel for short ASCII texts, by `rapidfuzz` for others.
//!
//! The bit-parallel form is that of Hyyrö, "A bit-vector algorithm for computing Levenshtein and Damerau edit
//! distances" (2003), after Myers (1999).

use rapidfuzz::distance::levenshtein::{Args, BatchComparator};

use crate::features::{NONE, Texts};

/// The characters that one machine word has room for.
const WORD: usize = 64;

/// A text that others are compared with.
pub(super) struct Pattern {
    /// The text: its domain's place in memory, and its number; `NONE` before the first one.
    text: (usize, u32),
    kind: Kind,
    /// For every ASCII character the places where it stands in the text.
    places: Box<[u64; 128]>,
    /// The characters whose places are set.
    used: Vec<u8>,
}

enum Kind {
    Short,
    Other(Box<BatchComparator<char>>),
}

impl Default for Pattern {
    fn default() -> Self {
        Self { text: (0, NONE), kind: Kind::Short, places: Box::new([0; 128]), used: Vec::new() }
    }
}

impl Pattern {
    /// Takes another text, unless it is the one that stands ready.
    pub(super) fn prepare(&mut self, number: u32, texts: &Texts) {
        let named = (std::ptr::from_ref(texts) as usize, number);
        if named == self.text {
            return;
        }
        self.text = named;
        let text = texts.get(number);
        for byte in self.used.drain(..) {
            if let Some(place) = self.places.get_mut(usize::from(byte)) {
                *place = 0;
            }
        }
        if !text.is_ascii() || text.len() > WORD || text.is_empty() {
            self.kind = Kind::Other(Box::new(BatchComparator::new(text.chars())));
            return;
        }
        self.kind = Kind::Short;
        self.used.extend_from_slice(text.as_bytes());
        for (at, byte) in text.bytes().enumerate() {
            if let Some(place) = self.places.get_mut(usize::from(byte)) {
                *place |= 1 << at;
            }
        }
    }

    /// The distance to a text, if it is at most `limit`.
    pub(super) fn distance(&self, text: &str, limit: u32) -> Option<u32> {
        match &self.kind {
            Kind::Short => self.short(text, limit),
            Kind::Other(other) => {
                let cutoff = Args::default().score_cutoff(limit as usize);
                other.distance_with_args(text.chars(), &cutoff).map(|distance| distance as u32)
            }
        }
    }

    fn short(&self, text: &str, limit: u32) -> Option<u32> {
        let own = self.used.len() as u32;
        let last = 1u64 << (own - 1).min(63);
        let (mut up, mut down, mut distance) = (u64::MAX, 0u64, own);
        let mut rest = text.chars().count() as u32;
        for c in text.chars() {
            let equal = self.places.get(c as usize).copied().unwrap_or(0);
            let vertical = equal | down;
            let diagonal = ((equal & up).wrapping_add(up) ^ up) | equal;
            let rises = down | !(diagonal | up);
            let falls = up & diagonal;
            distance += u32::from(rises & last != 0);
            distance -= u32::from(falls & last != 0);
            rest -= 1;
            // Each character that is left can take back one edit at most.
            if distance > limit.saturating_add(rest) {
                return None;
            }
            let (rises, falls) = (rises << 1 | 1, falls << 1);
            up = falls | !(vertical | rises);
            down = rises & vertical;
        }
        (distance <= limit).then_some(distance)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_distance_is_the_one_of_the_textbook(
            pairs in proptest::collection::vec(("[abcé]{0,70}", "[abcé]{0,70}"), 1..4),
            limit in 0u32..80,
        ) {
            let mut pattern = Pattern::default();
            let texts = Texts::of(&pairs.iter().map(|pair| pair.0.clone()).collect::<Vec<_>>());
            for (number, (one, other)) in (0..).zip(&pairs) {
                pattern.prepare(number, &texts);
                let distance = strsim::levenshtein(one, other) as u32;
                prop_assert_eq!(pattern.distance(other, limit), (distance <= limit).then_some(distance));
            }
        }

        #[test]
        fn short_texts_too(one in "[abc]{1,64}", other in "[abcé]{0,9}") {
            let mut pattern = Pattern::default();
            pattern.prepare(0, &Texts::of(std::slice::from_ref(&one)));
            prop_assert_eq!(pattern.distance(&other, 64), Some(strsim::levenshtein(&one, &other) as u32));
        }
    }
}
