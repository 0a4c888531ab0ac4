//! Words that stand for others, looked up by their bytes.

use crate::normalize::Variants;

/// The word that a word stands for.
pub(crate) fn stands_for(variants: &'static Variants, word: &[u8]) -> Option<&'static [u8]> {
    variants.find(std::str::from_utf8(word).ok()?).map(str::as_bytes)
}
