//! What the name of an attribute says about its meaning, in the languages of the program.

use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::LazyLock;

use deunicode::deunicode_char;
use unicode_normalization::char::is_combining_mark;

use super::kinds::Kind;

const NAMES: &str = include_str!("../data/semantic/names.txt");
const QUALIFIERS: &str = include_str!("../data/semantic/qualifiers.txt");

/// What a name says.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Said {
    /// The meaning.
    pub(super) kind: Kind,
    /// The words that say so, as they stand in the name.
    pub(super) word: String,
    /// How sure the name alone is, 0 to 1: less where it has words of unknown meaning besides.
    pub(super) strength: f64,
}

/// What a name says; none for a name that says nothing or that only looks like another.
pub(super) fn read(name: &str) -> Option<Said> {
    let words = words(name);
    let (start, end, meaning) = best(&words)?;
    let kind = meaning?;
    let mut rest = words.iter().take(start).chain(words.iter().skip(end));
    let strange =
        rest.any(|word| !QUALIFIER.contains(&word.plain) && !word.plain.chars().all(char::is_numeric));
    let strength = match (start == 0 && end == words.len(), strange) {
        (true, _) => 1.0,
        (_, false) => 0.9,
        (_, true) => 0.5,
    };
    let place = words.get(start)?.place.start..words.get(end.checked_sub(1)?)?.place.end;
    Some(Said { kind, word: name.get(place)?.to_owned(), strength })
}

/// The word of a name that is one of these, as it stands there.
pub(super) fn has_word(name: &str, wanted: &[&str]) -> Option<String> {
    let words = words(name);
    let found = words.iter().find(|word| wanted.contains(&word.plain.as_str()));
    // A name that is one word in lower case: `customerid`.
    let ending = || {
        let last = words.last()?;
        wanted.iter().filter(|it| it.is_ascii() && it.len() > 1).find(|it| last.plain.ends_with(*it))?;
        Some(last)
    };
    name.get(found.or_else(ending)?.place.clone()).map(str::to_owned)
}

static QUALIFIER: LazyLock<HashSet<String>> =
    LazyLock::new(|| lines(QUALIFIERS).flat_map(str::split_whitespace).map(plain).collect());

/// The longest run of words that is known, the last of equally long ones: in `EmailAddress` it is both words, in
/// `city_address` the second.
fn best(words: &[Word]) -> Option<(usize, usize, Option<Kind>)> {
    static KNOWN: LazyLock<HashMap<String, Option<Kind>>> = LazyLock::new(known);
    let mut best: Option<(usize, usize, Option<Kind>)> = None;
    for start in 0..words.len() {
        let mut joined = String::new();
        for (end, word) in words.iter().enumerate().skip(start) {
            joined.push_str(&word.plain);
            let better = best.is_none_or(|(from, to, _)| end + 1 - start >= to - from);
            if let Some(kind) = KNOWN.get(&joined).filter(|_| better) {
                best = Some((start, end + 1, *kind));
            }
        }
    }
    best
}

fn known() -> HashMap<String, Option<Kind>> {
    let mut known = HashMap::new();
    for (kind, names) in lines(NAMES).filter_map(|line| line.split_once(':')) {
        let kind = Kind::named(kind.trim());
        for name in names.split_whitespace() {
            known.entry(plain(name)).or_insert(kind);
        }
    }
    known
}

fn lines(text: &'static str) -> impl Iterator<Item = &'static str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'))
}

/// One word of a name: where it stands, in bytes, and its plain form.
struct Word {
    place: Range<usize>,
    plain: String,
}

/// The words of a name, divided at symbols, before capital letters, and around digits.
fn words(name: &str) -> Vec<Word> {
    let mut words: Vec<Range<usize>> = Vec::new();
    let mut last: Option<char> = None;
    let mut chars = name.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let next_is_lower = chars.peek().is_some_and(|(_, next)| next.is_lowercase());
        let is_part = c.is_alphanumeric() || is_combining_mark(c);
        let begins = match last {
            Some(last) if c.is_numeric() != last.is_numeric() => true,
            // `DateOfBirth`, and `EMailID` where the last capital of several begins a word.
            Some(last) => c.is_uppercase() && (last.is_lowercase() || next_is_lower),
            None => true,
        };
        if is_part && begins {
            words.push(at..at);
        }
        if let Some(word) = words.last_mut().filter(|_| is_part) {
            word.end = at + c.len_utf8();
        }
        last = is_part.then_some(c);
    }
    let word = |place: Range<usize>| {
        let plain = plain(name.get(place.clone()).unwrap_or_default());
        Word { place, plain }
    };
    words.into_iter().map(word).filter(|word| !word.plain.is_empty()).collect()
}

/// Lower case, Latin letters without accents, no symbols.
pub(super) fn plain(text: &str) -> String {
    let mut plain = String::new();
    for c in text.chars().flat_map(char::to_lowercase).filter(|c| c.is_alphanumeric()) {
        match deunicode_char(c).filter(|_| c < '\u{250}') {
            Some(ascii) => plain.push_str(ascii),
            None => plain.push(c),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_of_the_list_leads_to_its_type() {
        let mut seen: HashMap<String, &str> = HashMap::new();
        for (kind, names) in lines(NAMES).filter_map(|line| line.split_once(':')) {
            assert!(kind == "-" || Kind::named(kind).is_some(), "{kind}");
            for name in names.split_whitespace() {
                let before = seen.insert(plain(name), kind);
                assert!(before.is_none_or(|before| before == kind), "{name} is both {before:?} and {kind}");
            }
        }
    }

    #[test]
    fn names_of_six_languages_are_read_however_they_are_written() {
        for (name, semantic_type, strength) in [
            ("FirstName", "Person.FirstName", 1.0),
            ("first_name", "Person.FirstName", 1.0),
            ("EMail", "Identity.Service.Email", 1.0),
            ("emailaddress1", "Identity.Service.Email", 0.9),
            ("Customer E-mail", "Identity.Service.Email", 0.9),
            ("имейл", "Identity.Service.Email", 1.0),
            ("Имейл адрес", "Identity.Service.Email", 1.0),
            ("correo_electrónico", "Identity.Service.Email", 1.0),
            ("電郵", "Identity.Service.Email", 1.0),
            ("телефон", "Identity.Service.Phone", 1.0),
            ("HomePhone2", "Identity.Service.Phone", 0.9),
            ("тегі", "Person.LastName", 1.0),
            ("apellido", "Person.LastName", 1.0),
            ("Abizena", "Person.LastName", 1.0),
            ("Prenume", "Person.FirstName", 1.0),
            ("DateOfBirth", "Person.BirthDate", 1.0),
            ("ДатаНаРаждане", "Person.BirthDate", 1.0),
            ("Туған күні", "Person.BirthDate", 1.0),
            ("PostCode", "Location.PostalCode", 1.0),
            ("billing_zip_code", "Location.PostalCode", 0.9),
            ("țară", "Location.Country", 1.0),
            ("StreetAddress", "Location.Address", 1.0),
            ("HeadshotURL", "Person.ProfileImage", 0.5),
        ] {
            let said = read(name).unwrap_or_else(|| panic!("{name} says nothing"));
            assert_eq!((said.kind.as_str(), said.strength), (semantic_type, strength), "{name}");
        }
    }

    #[test]
    fn names_that_only_look_like_others_say_nothing() {
        for name in [
            "ProductName",
            "username",
            "EmailSubscriber",
            "Income",
            "Occupation",
            "RewardPoints",
            "Status",
            "",
        ] {
            assert_eq!(read(name), None, "{name}");
        }
    }
}
