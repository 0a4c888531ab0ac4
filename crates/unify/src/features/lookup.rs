//! Finding the number of a text, and giving numbers to new ones.

use std::collections::HashMap;

use super::hash::hash;
use super::texts::{NONE, Texts};

/// The numbers of the texts of one domain by their hashes.
#[derive(Debug, Default)]
pub(crate) struct Lookup {
    /// Where the texts of each part begin in `numbers`, and at last where all end. Parts are told by the top bits.
    starts: Vec<u32>,
    /// The texts' numbers, each with the low bits of its hash, which save most looks at other texts.
    numbers: Vec<(u32, u32)>,
    bits: u32,
    /// Texts that came later.
    added: HashMap<u64, Vec<u32>>,
}

impl Lookup {
    pub(crate) fn new(texts: &Texts) -> Self {
        let bits = (texts.len().max(2) as u64).ilog2();
        let hashes: Vec<u64> = (0..texts.len() as u32).map(|it| hash(texts.get(it).as_bytes())).collect();
        let part = |hash: &u64| (hash >> (64 - bits)) as usize;
        let (starts, numbers) = scatter(hashes.iter().map(part), 1 << bits);
        let tag = |number: u32| hashes.get(number as usize).map_or(0, |hash| *hash as u32);
        let numbers = numbers.into_iter().map(|number| (tag(number), number)).collect();
        Self { starts, numbers, bits, added: HashMap::new() }
    }

    /// The number of a text, `NONE` for the empty one. A text that is not there yet is added.
    pub(crate) fn number(&mut self, text: &str, texts: &mut Texts) -> u32 {
        if text.is_empty() {
            return NONE;
        }
        let hash = hash(text.as_bytes());
        let part = (hash >> (64 - self.bits)) as usize;
        let known = match (self.starts.get(part), self.starts.get(part + 1)) {
            (Some(start), Some(end)) => self.numbers.get(*start as usize..*end as usize).unwrap_or(&[]),
            _ => &[],
        };
        let is_it = |entry: &&(u32, u32)| entry.0 == hash as u32 && texts.get(entry.1) == text;
        if let Some((_, number)) = known.iter().find(is_it) {
            return *number;
        }
        let added = self.added.entry(hash).or_default();
        if let Some(number) = added.iter().find(|number| texts.get(**number) == text) {
            return *number;
        }
        let number = texts.push(text);
        added.push(number);
        number
    }
}

/// Puts the numbers from 0 into their parts, ascending within each: where the parts begin and at last end, and the
/// numbers part after part. A part that does not exist takes none.
pub(crate) fn scatter(parts: impl Iterator<Item = usize> + Clone, count: usize) -> (Vec<u32>, Vec<u32>) {
    let mut starts = vec![0u32; count + 1];
    for part in parts.clone().filter(|part| *part < count) {
        if let Some(size) = starts.get_mut(part + 1) {
            *size += 1;
        }
    }
    let mut end = 0;
    for start in &mut starts {
        end += *start;
        *start = end;
    }
    let mut next = starts.clone();
    let mut numbers = vec![0; end as usize];
    for (number, part) in (0u32..).zip(parts) {
        let Some(at) = next.get_mut(part).filter(|_| part < count) else { continue };
        if let Some(place) = numbers.get_mut(*at as usize) {
            *place = number;
        }
        *at += 1;
    }
    (starts, numbers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_keep_their_numbers_and_new_ones_get_the_next() {
        let words: Vec<String> = (0..3_000).map(|n| format!("word {n}")).collect();
        let mut texts = Texts::of(&words);
        let mut lookup = Lookup::new(&texts);
        assert_eq!(lookup.number("word 2999", &mut texts), 2_999);
        assert_eq!(lookup.number("new", &mut texts), 3_000);
        assert_eq!(lookup.number("newer", &mut texts), 3_001);
        assert_eq!(lookup.number("new", &mut texts), 3_000);
        assert_eq!(lookup.number("", &mut texts), NONE);
        let mut none = Texts::default();
        let mut lookup = Lookup::new(&none);
        assert_eq!((lookup.number("a", &mut none), lookup.number("a", &mut none)), (0, 0));
    }
}
