//! Forms of names and streets for comparisons by probability, which look at more than equality.

use super::text::{is_space, is_symbol, push_ascii, push_lower};
use super::{lists, words::Words};

/// The name that a nickname, a short form or another spelling stands for. `word` is one word in lower case; one that
/// is in no list stands for itself.
pub(crate) fn nickname(word: &str) -> &str {
    lists::names().find(word).unwrap_or(word)
}

/// Whether a word in lower case is a title such as `dr` or `г-жа`.
pub(crate) fn is_title(word: &str) -> bool {
    lists::titles().find(word).is_some()
}

/// Writes the words of a person's name in plain Latin lower case, one space between them, without titles and symbols.
/// Nicknames stay: see `nickname`.
pub(crate) fn write_person(value: &str, to: &mut String) {
    plain_words(value, to, lists::titles(), |word, to| {
        if !is_title(word) {
            to.push_str(word);
        }
    });
}

/// Writes a street in plain Latin lower case, one space between the words, common words in their short form.
pub(crate) fn write_street(value: &str, to: &mut String) {
    let words: &Words = lists::addresses();
    plain_words(value, to, words, |word, to| to.push_str(words.find(word).unwrap_or(word)));
}

/// Hands each word of the value's Latin lower case form to `push`. Symbols divide words, except apostrophes and full
/// stops, which are dropped; a word that is in a list with its symbols (`г-жа`) is one.
fn plain_words(value: &str, to: &mut String, words: &Words, push: impl Fn(&str, &mut String)) {
    let (mut ascii, mut lower) = (String::new(), String::new());
    push_ascii(value, &mut ascii);
    push_lower(&ascii, &mut lower);
    lower.retain(|c| !matches!(c, '\'' | '.' | '`'));
    let start = to.len();
    let mut add = |word: &str| {
        let before = to.len();
        if before > start {
            to.push(' ');
        }
        let at = to.len();
        push(word, to);
        if to.len() == at {
            to.truncate(before);
        }
    };
    for word in lower.split(is_space) {
        if words.find(word).is_some() {
            add(word);
        } else {
            word.split(is_symbol).filter(|word| !word.is_empty()).for_each(&mut add);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(value: &str) -> String {
        let mut to = String::new();
        write_person(value, &mut to);
        to
    }

    #[test]
    fn a_person_has_no_title_and_no_accents() {
        assert_eq!(person("Dr. José  Núñez-O'Neil, Jr."), "jose nunez oneil");
        assert_eq!(person("г-жа Иванова"), "ivanova");
        assert_eq!(person("Mr."), "");
        assert_eq!(person("  "), "");
    }

    #[test]
    fn nicknames_lead_to_names_and_names_to_themselves() {
        for (word, name) in [("bob", "robert"), ("robert", "robert"), ("саша", "александр"), ("zzz", "zzz")]
        {
            assert_eq!(nickname(word), name);
        }
    }

    #[test]
    fn streets_are_the_same_however_their_common_words_are_written() {
        let street = |value: &str| {
            let mut to = String::new();
            write_street(value, &mut to);
            to
        };
        assert_eq!(street("12 North Main Street"), street("12 N. Main St"));
        assert_eq!(street("ул. Шипка 5"), street("улица Шипка 5"));
        assert_eq!(street("Бул. „Витоша“ 1"), street("булевард Витоша 1"));
    }
}
