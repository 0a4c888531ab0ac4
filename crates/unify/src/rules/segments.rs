//! Which texts can be within some edits of a text, found without comparing them all, and without missing one.
//!
//! A base text that may differ by `k` edits is cut into `k + 1` segments. Whatever the edits are, one segment is
//! left whole and stands in the other text, not far from its own place. So each base is entered under its segments,
//! and a text looks up its own substrings at the places where they can be. The places are those of the method
//! "multi-match-aware" of Li, Deng, Wang, Feng: Pass-Join, PVLDB 5 (2011), section 4.3.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use crate::features::{Shape, Texts};

use super::score::max_edits;

/// Texts by their segments.
pub(super) struct Segments {
    /// Which comparison of the rule the texts belong to.
    pub(super) comparison: usize,
    /// The lengths of the bases, with the edits that each may take.
    lengths: Vec<(u32, u32)>,
    /// Where the bases with a segment stand in `bases`.
    places: HashMap<u64, (u32, u32), BuildHasherDefault<Plain>>,
    bases: Vec<(u32, Shape)>,
    /// How many pairs of bases share a segment: what a look-up costs, up to a factor.
    pub(super) cost: u64,
}

/// How a comparison judges texts.
pub(super) struct Precision {
    threshold: f64,
    /// For each length of a base the edits that it may take.
    edits: Vec<u32>,
}

impl Precision {
    /// Bases of more than `fuzzy_chars` characters match only when they are equal.
    pub(super) fn new(threshold: f64, fuzzy_chars: u32) -> Self {
        Self { threshold, edits: (0..=fuzzy_chars).map(|chars| max_edits(chars, threshold)).collect() }
    }

    /// The edits that a base may take.
    pub(super) fn edits(&self, chars: u32) -> u32 {
        self.edits.get(chars as usize).copied().unwrap_or(0)
    }

    /// Whether segments of such a precision are long enough to tell texts apart.
    pub(super) fn has_segments(&self) -> bool {
        (0.5..1.0).contains(&self.threshold)
    }
}

impl Segments {
    /// Enters the bases: `(tuple, text)`.
    pub(super) fn new(
        comparison: usize,
        precision: &Precision,
        bases: impl Iterator<Item = (u32, u32)>,
        texts: &Texts,
    ) -> Self {
        let mut entries: Vec<(u64, u32, Shape)> = Vec::new();
        let mut lengths = Vec::new();
        let mut units = Vec::new();
        for (tuple, text) in bases {
            read_units(texts.get(text), &mut units);
            let chars = units.len() as u32;
            let edits = precision.edits(chars);
            lengths.push((chars, edits));
            for cut in cuts(chars, edits) {
                let segment = units.get(cut.start as usize..(cut.start + cut.chars) as usize).unwrap_or(&[]);
                entries.push((hash(chars, cut.number, segment), tuple, texts.shape(text)));
            }
        }
        lengths.sort_unstable();
        lengths.dedup();
        entries.sort_unstable_by_key(|(key, tuple, _)| (*key, *tuple));
        entries.dedup_by_key(|(key, tuple, _)| (*key, *tuple));
        let mut places: HashMap<u64, (u32, u32), BuildHasherDefault<Plain>> = HashMap::default();
        let (mut cost, mut start) = (0u64, 0);
        for run in entries.chunk_by(|a, b| a.0 == b.0) {
            let size = run.len() as u32;
            cost = cost.saturating_add(u64::from(size) * u64::from(size));
            if let Some((key, ..)) = run.first() {
                places.insert(*key, (start, size));
            }
            start += size;
        }
        Self {
            comparison,
            lengths,
            places,
            bases: entries.into_iter().map(|(_, tuple, shape)| (tuple, shape)).collect(),
            cost,
        }
    }

    /// How many look-ups a text takes; for long texts comparing with everything can be cheaper.
    pub(super) fn look_ups(&self, chars: u32, within: bool) -> u64 {
        let longer = |length: &&(u32, u32)| !within || length.0 >= chars;
        let of_length = |(base, edits): &(u32, u32)| {
            let (edits, shift) = (u64::from(*edits), u64::from(chars.abs_diff(*base)));
            // Pass-Join, theorem 4: floor((k² - shift²) / 2) + k + 1 substrings for each base length.
            if shift > edits { 0 } else { (edits * edits - shift * shift) / 2 + edits + 1 }
        };
        self.lengths.iter().filter(longer).map(of_length).sum()
    }

    /// Calls `found` with tuple, shape and edits for the bases that can be near enough; for some of them more than
    /// once. Within one entity the longer of two texts is the base, so that only bases at least as long count.
    pub(super) fn look_up(&self, units: &[u32], within: bool, mut found: impl FnMut(u32, Shape, u32)) {
        let own = units.len() as u32;
        for (chars, edits) in &self.lengths {
            if own.abs_diff(*chars) > *edits || (within && own > *chars) {
                continue;
            }
            for cut in cuts(*chars, *edits) {
                for start in starts(cut, *chars, own, *edits) {
                    let segment = units.get(start as usize..(start + cut.chars) as usize).unwrap_or(&[]);
                    let Some((at, size)) = self.places.get(&hash(*chars, cut.number, segment)) else {
                        continue;
                    };
                    let run = *at as usize..(*at + *size) as usize;
                    for (tuple, shape) in self.bases.get(run).unwrap_or(&[]) {
                        found(*tuple, *shape, *edits);
                    }
                }
            }
        }
    }
}

/// One segment of a base.
#[derive(Debug, Clone, Copy)]
struct Cut {
    number: u32,
    start: u32,
    chars: u32,
}

/// Cuts a base of `chars` into `edits + 1` segments of nearly equal length, the longer ones last.
fn cuts(chars: u32, edits: u32) -> impl Iterator<Item = Cut> {
    let parts = edits + 1;
    let (short, longer) = (chars / parts, chars % parts);
    let first_long = parts - longer;
    (0..parts).map(move |number| {
        let extra = number.saturating_sub(first_long);
        Cut { number, start: number * short + extra, chars: short + u32::from(number >= first_long) }
    })
}

/// Where a segment of a base of `chars` can start in a text of `own` characters.
fn starts(cut: Cut, chars: u32, own: u32, edits: u32) -> impl Iterator<Item = u32> {
    let wide = i64::from;
    let (at, before, after) = (wide(cut.start), wide(cut.number), wide(edits) - wide(cut.number));
    let shift = wide(own) - wide(chars);
    let first = (at - before).max(at + shift - after).max(0);
    let last = (at + before).min(at + shift + after).min(wide(own) - wide(cut.chars));
    (first..=last).filter_map(|start| u32::try_from(start).ok())
}

/// The characters of a text as numbers.
pub(super) fn read_units(text: &str, units: &mut Vec<u32>) {
    units.clear();
    units.extend(text.chars().map(u32::from));
}

/// A hash whose collisions only cost a comparison: every candidate is verified.
fn hash(chars: u32, number: u32, segment: &[u32]) -> u64 {
    const PRIME: u64 = 0x9E37_79B9_7F4A_7C15;
    let mut hash = u64::from(chars).wrapping_mul(PRIME) ^ u64::from(number);
    for unit in segment {
        hash = (hash ^ u64::from(*unit)).wrapping_mul(PRIME).rotate_left(23);
    }
    (hash ^ hash >> 29).wrapping_mul(PRIME)
}

/// Takes keys that are hashes as they are.
#[derive(Default)]
struct Plain(u64);

impl Hasher for Plain {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, key: u64) {
        self.0 = key;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn no_text_within_the_edits_is_missed(
            bases in proptest::collection::vec("[abé]{1,9}", 1..12),
            text in "[abé]{1,9}",
            percent in 50u32..100,
        ) {
            let precision = Precision::new(f64::from(percent) / 100.0, 100);
            let texts = Texts::of(&bases);
            let entries = (0..bases.len() as u32).map(|at| (at, at));
            let segments = Segments::new(0, &precision, entries, &texts);
            let mut units = Vec::new();
            read_units(&text, &mut units);
            let mut found = Vec::new();
            segments.look_up(&units, false, |tuple, _, _| found.push(tuple as usize));
            for (at, base) in bases.iter().enumerate() {
                let distance = strsim::levenshtein(base, &text) as u32;
                let near = distance <= precision.edits(base.chars().count() as u32);
                prop_assert!(!near || found.contains(&at), "{base} and {text} at distance {distance}");
            }
        }
    }

    #[test]
    fn segments_cover_the_base_without_gap() {
        for chars in 1..40 {
            for edits in 0..chars {
                let mut end = 0;
                for cut in cuts(chars, edits) {
                    assert_eq!(cut.start, end);
                    assert!(cut.chars > 0);
                    end += cut.chars;
                }
                assert_eq!(end, chars);
            }
        }
    }
}
