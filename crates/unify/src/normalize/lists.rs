//! The lists of words that come with the program, one file for each kind and language.
//!
//! A line is `canonical: variant variant …`, or only words that mean nothing. Files are read in the order in which
//! they stand here and a word stands once, so no word has two meanings. Words of other scripts than Latin are found in
//! their Latin transcription too, because `unicode-to-ascii` works before the lists are asked.

use std::sync::LazyLock;

use super::table::WordTable;
use super::text::{push_ascii, push_lower};
use super::words::Words;

macro_rules! lists {
    ($kind:literal: $($language:literal)*) => {
        &[$(($language, include_str!(concat!("../data/", $kind, "/", $language, ".txt")))),*]
    };
}

type Files = &'static [(&'static str, &'static str)];

const TITLES: Files = lists!("titles": "all");
const NAMES: Files = lists!("names": "en" "ru" "kk" "bg" "es" "eu" "ro" "zh");
const ADDRESSES: Files = lists!("addresses": "en" "ru" "kk" "bg" "es" "eu" "ro" "zh" "other");
const ORGANIZATIONS: Files = lists!("organizations": "en" "ru" "kk" "bg" "es" "eu" "ro" "zh" "other");

/// Nicknames, spellings of names, and titles.
pub(super) fn names() -> &'static Words {
    static WORDS: LazyLock<Words> = LazyLock::new(|| {
        let files = TITLES.iter().chain(NAMES);
        words(files, endings(TITLES.iter()), false)
    });
    &WORDS
}

/// Titles alone.
#[allow(dead_code, reason = "for matching by probability")]
pub(super) fn titles() -> &'static Words {
    static WORDS: LazyLock<Words> = LazyLock::new(|| words(TITLES.iter(), Vec::new(), false));
    &WORDS
}

/// Common words of addresses.
pub(super) fn addresses() -> &'static Words {
    static WORDS: LazyLock<Words> = LazyLock::new(|| words(ADDRESSES.iter(), Vec::new(), true));
    &WORDS
}

/// Words that say only what kind of company it is.
pub(super) fn organizations() -> &'static Words {
    static WORDS: LazyLock<Words> =
        LazyLock::new(|| words(ORGANIZATIONS.iter(), endings(ORGANIZATIONS.iter()), false));
    &WORDS
}

/// The lines of a list that are no comments.
pub(super) fn lines(text: &'static str) -> impl Iterator<Item = &'static str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'))
}

/// Every word of a file with the word that it stands for; a canonical word stands for itself.
fn entries(text: &'static str) -> impl Iterator<Item = (&'static str, &'static str)> {
    lines(text).flat_map(|line| {
        let (canonical, variants) =
            line.split_once(':').map_or(("", line), |(it, variants)| (it.trim(), variants));
        let own = (!canonical.is_empty()).then_some((canonical, canonical));
        own.into_iter().chain(variants.split_whitespace().map(move |word| (word, canonical)))
    })
}

fn words<'a>(
    files: impl Iterator<Item = &'a (&'a str, &'static str)>,
    endings: Vec<&'static str>,
    characters: bool,
) -> Words {
    let all: Vec<_> = files.flat_map(|(_, text)| entries(text)).collect();
    let mut table = WordTable::new();
    all.iter().for_each(|(word, meaning)| table.add(word, meaning));
    // First the canonical words, so that every meaning is a word that stands for itself.
    let (own, variants): (Vec<_>, Vec<_>) = all.iter().partition(|(word, meaning)| word == meaning);
    for (word, meaning) in own.into_iter().chain(variants).filter(|(word, _)| !word.is_ascii()) {
        let (word, meaning) = (transcription(word), transcription(meaning));
        if !word.is_empty() && !word.contains(' ') {
            let meaning = table.find(&meaning).unwrap_or(&meaning).to_owned();
            table.add(&word, &meaning);
        }
    }
    Words { table, endings, characters }
}

/// A word as `unicode-to-ascii` and `lower-case` write it, without symbols at its ends.
fn transcription(word: &str) -> String {
    let (mut ascii, mut lower) = (String::new(), String::new());
    push_ascii(word, &mut ascii);
    push_lower(&ascii, &mut lower);
    lower.trim_matches(|c: char| !c.is_alphanumeric()).replace('.', "")
}

/// Words of scripts that put no space between words.
fn endings<'a>(files: impl Iterator<Item = &'a (&'a str, &'static str)>) -> Vec<&'static str> {
    let is_chinese = |word: &&str| word.chars().all(|c| ('\u{4E00}'..='\u{9FFF}').contains(&c));
    let mut endings: Vec<&str> =
        files.flat_map(|(_, text)| entries(text)).map(|(word, _)| word).filter(is_chinese).collect();
    endings.sort_by_key(|word| std::cmp::Reverse(word.len()));
    endings
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    const KINDS: [Files; 3] = [NAMES, ADDRESSES, ORGANIZATIONS];

    #[test]
    fn every_word_stands_once_and_as_it_is_looked_up() {
        for files in KINDS {
            let mut seen: HashMap<&str, (&str, &str)> = HashMap::new();
            for (language, text) in files.iter().chain(TITLES) {
                for (word, meaning) in entries(text) {
                    let before = seen.insert(word, (language, meaning));
                    // The same short form may be the canonical word of several languages.
                    let shared = before.is_none_or(|(_, before)| word == meaning && before == meaning);
                    assert!(shared, "{word} of {language} stands twice: {before:?}");
                    let mut lower = String::new();
                    push_lower(word, &mut lower);
                    assert_eq!(word, lower, "of {language}");
                    assert!(!word.contains('.'), "{word} of {language}");
                }
            }
        }
    }

    #[test]
    fn every_meaning_stands_for_itself() {
        for words in [names(), addresses(), organizations()] {
            for (word, meaning) in words.table.iter() {
                assert!(
                    meaning.is_empty() || words.table.find(meaning) == Some(meaning),
                    "{word}: {meaning}"
                );
            }
        }
    }

    #[test]
    fn every_list_says_whose_it_is() {
        for (language, text) in KINDS.iter().flat_map(|files| files.iter()).chain(TITLES) {
            let head: Vec<&str> = text.lines().take(4).collect();
            assert!(
                head.iter().any(|line| line.starts_with("# Source: written for this project")),
                "{language}"
            );
            assert!(
                head.iter().any(|line| line.contains("Licence: that of the project, Apache-2.0")),
                "{language}"
            );
        }
    }

    #[test]
    fn the_lists_are_as_long_as_the_guide_says() {
        let count = |files: Files, language: &str| -> usize {
            let of = files.iter().filter(|(it, _)| *it == language || language.is_empty());
            of.flat_map(|(_, text)| entries(text)).filter(|(word, meaning)| word != meaning).count()
        };
        assert!(count(NAMES, "en") > 500, "{}", count(NAMES, "en"));
        assert!(count(NAMES, "") > 1_500, "{}", count(NAMES, ""));
        assert!(count(ADDRESSES, "") > 300, "{}", count(ADDRESSES, ""));
        assert!(count(ORGANIZATIONS, "") > 250, "{}", count(ORGANIZATIONS, ""));
    }
}
