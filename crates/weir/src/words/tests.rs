//! The catalogues are complete, agree with each other, and have what the code asks for.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::*;

/// CLDR's plural categories; everything else in brackets is a code.
const PLURALS: [&str; 6] = ["zero", "one", "two", "few", "many", "other"];
/// Numbers that between them are of every plural category of our languages.
const COUNTS: [usize; 6] = [0, 1, 2, 5, 20, 121];

/// The keys of a catalogue, with the text of each.
fn entries(language: Language) -> BTreeMap<&'static str, String> {
    let mut entries: BTreeMap<&str, String> = BTreeMap::new();
    let mut last = None;
    for line in source(language).lines().filter(|line| !line.starts_with('#')) {
        let starts = line.starts_with(|c: char| c.is_ascii_alphabetic());
        match line.split_once(" =").filter(|_| starts) {
            Some((key, text)) => {
                assert!(entries.insert(key, text.to_owned()).is_none(), "{language:?} has {key} twice");
                last = Some(key);
            }
            None => {
                let text = last.and_then(|key| entries.get_mut(key));
                text.into_iter().for_each(|text| text.push_str(&format!("\n{line}")));
            }
        }
    }
    entries
}

/// What stands in `text` between `open` and the first character that cannot be part of a name.
fn names<'a>(text: &'a str, open: &str) -> BTreeSet<&'a str> {
    let name = |part: &'a str| {
        let end = part.find(|c: char| !c.is_ascii_alphanumeric() && c != '-').unwrap_or(part.len());
        part.get(..end).filter(|name| !name.is_empty())
    };
    text.split(open).skip(1).filter_map(name).collect()
}

/// The values that a text takes: its own, and those of the texts that it quotes.
fn values(entries: &BTreeMap<&'static str, String>, key: &str) -> BTreeSet<String> {
    let text = entries.get(key).unwrap_or_else(|| panic!("{key} is quoted and missing"));
    let mut found: BTreeSet<String> = names(text, "$").into_iter().map(str::to_owned).collect();
    for quoted in quoted(text) {
        found.extend(values(entries, quoted));
    }
    found
}

fn quoted(text: &str) -> BTreeSet<&str> {
    names(text, "{ ")
}

fn codes(text: &str) -> BTreeSet<&str> {
    names(text, "[").into_iter().filter(|name| !PLURALS.contains(name)).collect()
}

#[test]
fn every_catalogue_can_be_read() {
    for language in Language::ALL {
        if let Err((_, errors)) = FluentResource::try_new(source(language).to_owned()) {
            panic!("{language:?}: {errors:?}");
        }
    }
}

#[test]
fn every_language_says_what_english_says() {
    let english = entries(Language::English);
    assert!(english.len() > 100, "the catalogue was not read");
    for language in Language::ALL {
        let own = entries(language);
        let missing: Vec<_> = english.keys().filter(|key| !own.contains_key(*key)).collect();
        let more: Vec<_> = own.keys().filter(|key| !english.contains_key(*key)).collect();
        assert!(missing.is_empty() && more.is_empty(), "{language:?} lacks {missing:?} and has {more:?}");
        for (key, text) in &english {
            assert_eq!(values(&own, key), values(&english, key), "values of {key} in {language:?}");
            assert_eq!(codes(&own[key]), codes(text), "codes of {key} in {language:?}");
        }
    }
}

#[test]
fn every_text_is_translated() {
    // The same word in another language is rare enough to name.
    let same: [(&str, &[&str]); 5] = [
        ("kk", &[]),
        ("bg", &[]),
        ("eu", &["seconds"]),
        ("zh-HK", &[]),
        ("ro", &["seconds", "column-flow", "column-segment", "column-status"]),
    ];
    let english = entries(Language::English);
    for language in Language::ALL.into_iter().skip(1) {
        let allowed = same.iter().find(|(tag, _)| *tag == language.tag()).map_or(&[][..], |(_, keys)| *keys);
        let own = entries(language);
        let copied: Vec<_> = english
            .iter()
            .filter(|(key, text)| own[*key] == **text && has_letters(text) && !allowed.contains(*key))
            .map(|(key, _)| key)
            .collect();
        assert!(copied.is_empty(), "{language:?}: {copied:?}");
    }
}

/// Whether a text has words of its own beside values and quoted texts.
fn has_letters(text: &str) -> bool {
    let mut depth = 0_i32;
    let mut outside = String::new();
    for c in text.chars() {
        depth += i32::from(c == '{') - i32::from(c == '}');
        if depth == 0 || text.contains("->") {
            outside.push(c);
        }
    }
    outside.contains(char::is_alphabetic)
}

#[test]
fn every_text_can_be_written_for_every_number() {
    for language in Language::ALL {
        let (words, entries) = (Words::of(language), entries(language));
        for key in entries.keys() {
            let needed = values(&entries, key);
            for n in COUNTS {
                let given: Vec<_> = needed.iter().map(|name| (name.as_str(), Value::from(n))).collect();
                let (text, errors) = words.find(key, &given).expect(key);
                assert!(errors.is_empty(), "{key} in {language:?} for {n}: {errors:?}");
                assert!(!text.is_empty() && !text.contains('{'), "{key} in {language:?}: {text}");
            }
        }
    }
}

#[test]
fn plurals_are_those_of_the_language() {
    let rows = |language: Language| {
        COUNTS.map(|n| Words::of(language).text("query-written", &[("n", n.into()), ("file", "f".into())]))
    };
    assert_eq!(
        rows(Language::English),
        ["0 rows to f", "1 row to f", "2 rows to f", "5 rows to f", "20 rows to f", "121 rows to f"]
    );
    let romanian = rows(Language::Romanian);
    let expected = ["0 rânduri", "un rând", "2 rânduri", "5 rânduri", "20 de rânduri", "121 de rânduri"];
    for (text, start) in romanian.iter().zip(expected) {
        assert!(text.contains(start), "{text}");
    }
}

/// The keys that the code names, by where they are named.
fn keys_in_code(folder: &Path, found: &mut BTreeMap<String, String>) {
    for entry in std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()) {
        if entry.is_dir() && entry != Path::new(env!("CARGO_MANIFEST_DIR")).join("src/words") {
            keys_in_code(&entry, found);
        } else if entry.extension().is_some_and(|extension| extension == "rs") {
            let code = std::fs::read_to_string(&entry).expect("code");
            let dense: String = code.chars().filter(|c| !c.is_whitespace()).collect();
            for open in ["words.text(\"", "words.word(\""] {
                for part in dense.split(open).skip(1) {
                    let key = part.split('"').next().unwrap_or_default().to_owned();
                    found.insert(key, entry.display().to_string());
                }
            }
            for list in dense.split("words.list([").skip(1) {
                let keys = list.split(']').next().unwrap_or_default().split(',');
                let key = |key: &str| key.trim_matches('"').to_owned();
                found.extend(
                    keys.filter(|key| !key.is_empty()).map(|text| (key(text), entry.display().to_string())),
                );
            }
        }
    }
}

#[test]
fn the_code_and_the_catalogue_have_the_same_keys() {
    let mut found = BTreeMap::new();
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    keys_in_code(&source, &mut found);
    let english = entries(Language::English);
    assert!(found.len() > 50, "the code was not read: {found:?}");
    for (key, file) in &found {
        assert!(english.contains_key(key.as_str()), "{file} asks for {key:?}, which no catalogue has");
    }
    let quoted: BTreeSet<&str> = english.values().flat_map(|text| quoted(text)).collect();
    let unused: Vec<_> =
        english.keys().filter(|key| !found.contains_key(**key) && !quoted.contains(*key)).collect();
    assert!(unused.is_empty(), "nothing says {unused:?}");
}

#[test]
fn every_status_has_words() {
    let tasks =
        ["queued", "processing", "failedRetrying", "completedWithWarnings", "failedPermanent", "canceled"];
    for language in Language::ALL {
        for status in tasks {
            let text = Words::of(language).text("task-status", &[("status", status.into())]);
            assert!(!text.is_empty() && (text != status || language == Language::English), "{text}");
        }
        let unknown = Words::of(language).text("task-status", &[("status", "later".into())]);
        assert_eq!(unknown, "later");
    }
}

#[test]
fn what_no_catalogue_has_is_its_key() {
    assert_eq!(Words::of(Language::Basque).word("no-such-key"), "no-such-key");
}
