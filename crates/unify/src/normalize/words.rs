//! Words that mean the same in names and addresses, and words that mean nothing in names of organizations.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

/// A word as it may be written → the word it stands for.
pub(super) type Variants = HashMap<&'static str, &'static str>;

/// Nicknames and titles.
pub(super) fn names() -> &'static Variants {
    static WORDS: LazyLock<Variants> = LazyLock::new(|| variants(include_str!("../data/names.txt")));
    &WORDS
}

/// Common words of addresses.
pub(super) fn addresses() -> &'static Variants {
    static WORDS: LazyLock<Variants> = LazyLock::new(|| variants(include_str!("../data/addresses.txt")));
    &WORDS
}

/// Words that say only what kind of company it is.
pub(super) fn organizations() -> &'static HashSet<&'static str> {
    static WORDS: LazyLock<HashSet<&'static str>> = LazyLock::new(|| {
        lines(include_str!("../data/organizations.txt")).flat_map(str::split_whitespace).collect()
    });
    &WORDS
}

fn lines(text: &'static str) -> impl Iterator<Item = &'static str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'))
}

/// Reads lines `canonical: variant variant …`. A canonical word stands for itself.
fn variants(text: &'static str) -> Variants {
    lines(text)
        .filter_map(|line| line.split_once(':'))
        .flat_map(|(canonical, variants)| {
            variants.split_whitespace().chain([canonical]).map(move |variant| (variant, canonical))
        })
        .collect()
}

/// Writes the words of `from` in lower case, one space between them, each by the word it stands for. The order of
/// the words stays.
pub(super) fn replace(from: &str, to: &mut String, variants: &Variants) {
    for (at, word) in from.to_lowercase().split_whitespace().enumerate() {
        if at > 0 {
            to.push(' ');
        }
        to.push_str(variants.get(bare(word).as_str()).copied().unwrap_or(word));
    }
}

/// Writes the words of `from` in lower case, one space between them, without noise. Where all is noise, all stays.
pub(super) fn drop_noise(from: &str, to: &mut String, noise: &HashSet<&'static str>) {
    let lower = from.to_lowercase();
    let start = to.len();
    push_words(lower.split_whitespace().filter(|word| !noise.contains(bare(word).as_str())), to);
    if to.len() == start {
        push_words(lower.split_whitespace(), to);
    }
}

fn push_words<'a>(words: impl Iterator<Item = &'a str>, to: &mut String) {
    for (at, word) in words.enumerate() {
        if at > 0 {
            to.push(' ');
        }
        to.push_str(word);
    }
}

/// A word without full stops and without symbols at its ends: `Ph.D.,` is `phd`.
fn bare(word: &str) -> String {
    word.trim_matches(|c: char| !c.is_alphanumeric()).chars().filter(|c| *c != '.').collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_word_lists_is_used_and_leads_to_its_end_at_once() {
        for text in [include_str!("../data/names.txt"), include_str!("../data/addresses.txt")] {
            let mut seen = HashSet::new();
            for line in lines(text) {
                let (canonical, list) = line.split_once(':').expect(line);
                assert_eq!(canonical, bare(&canonical.to_lowercase()));
                for variant in list.split_whitespace().chain([canonical]) {
                    assert!(seen.insert(variant), "{variant} stands twice");
                    assert_eq!(variant, bare(&variant.to_lowercase()));
                }
            }
        }
        assert!(names().len() >= 250, "{}", names().len());
        assert!(organizations().len() >= 40, "{}", organizations().len());
    }

    #[test]
    fn a_company_whose_name_is_all_noise_keeps_it() {
        let mut to = String::new();
        drop_noise("Holding AG", &mut to, organizations());
        assert_eq!(to, "holding ag");
    }
}
