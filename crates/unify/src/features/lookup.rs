//! Finding the number of a text, and giving numbers to new ones.

use std::collections::HashMap;

use super::directory::Directory;
use super::hash::hash;
use super::texts::{NONE, Texts};

/// The numbers of the texts of one domain by their hashes.
#[derive(Debug, Default)]
pub(crate) struct Lookup {
    known: Directory,
    /// Texts that came later.
    added: HashMap<u64, Vec<u32>>,
}

impl Lookup {
    pub(crate) fn new(texts: &Texts) -> Self {
        let known = Directory::new(texts.len(), |number| Some(hash(texts.get(number).as_bytes())));
        Self { known, added: HashMap::new() }
    }

    /// The number of a text, `NONE` for the empty one. A text that is not there yet is added.
    pub(crate) fn number(&mut self, text: &str, texts: &mut Texts) -> u32 {
        if text.is_empty() {
            return NONE;
        }
        let hash = hash(text.as_bytes());
        if let Some(number) = self.known.find(hash).find(|number| texts.get(*number) == text) {
            return number;
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
