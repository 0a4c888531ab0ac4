//! A search text as a query: any of its words may match, and what has more of them comes first.

use std::collections::BTreeSet;

use tantivy::Term;
use tantivy::query::{BooleanQuery, ConstScoreQuery, EmptyQuery, FuzzyTermQuery, Occur, Query, TermQuery};
use tantivy::schema::{Field, IndexRecordOption};

use crate::text::{Run, pairs, runs};
use crate::{Result, SearchError, limits};

/// What one word counts. The rarity of a word adds at most 2.2 · ln(2³²) < 50 for each of its parts, so that
/// no rarity outweighs another word.
const WORD: f32 = 50.0 * MAX_WORDS_F32;
const MAX_WORDS_F32: f32 = 32.0;

/// A word of the search text: all of its parts must match.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Clone)]
struct Word {
    terms: Vec<String>,
    /// Whether the last part may be the beginning of a longer word.
    open: bool,
}

/// The words of a search text. They are separated by spaces and hyphens; what else stands between letters, as
/// in an e-mail address, holds them together.
fn words(text: &str) -> Result<Vec<Word>> {
    let characters = text.chars().count();
    if characters > limits::MAX_TEXT_CHARS {
        let limit = limits::MAX_TEXT_CHARS;
        return Err(SearchError::TextTooLong { found: characters, what: "characters", limit });
    }
    let mut words = Vec::new();
    for piece in text.split(|c: char| c.is_whitespace() || matches!(c, '-' | '\u{2010}'..='\u{2015}')) {
        let mut word = Word { terms: Vec::new(), open: false };
        for run in runs(piece) {
            word.open = matches!(run, Run::Word(_));
            match run {
                Run::Word(part) => word.terms.push(part),
                Run::Dense(dense) if dense.len() > 1 => word.terms.extend(pairs(&dense)),
                Run::Dense(dense) => word.terms.extend(dense.iter().map(char::to_string)),
            }
        }
        if !word.terms.is_empty() {
            words.push(word);
        }
    }
    let parts: usize = words.iter().map(|word| word.terms.len()).sum();
    if parts > limits::MAX_WORDS {
        return Err(SearchError::TextTooLong { found: parts, what: "words", limit: limits::MAX_WORDS });
    }
    if let Some((_, before)) = words.split_last_mut() {
        before.iter_mut().for_each(|word| word.open = false);
    }
    let mut seen = BTreeSet::new();
    words.retain(|word| seen.insert(word.clone()));
    Ok(words)
}

/// The query for a search text; none when there is nothing to search for.
pub(crate) fn of_text(text: &str, field: Field) -> Result<Option<Box<dyn Query>>> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    let any: Vec<Box<dyn Query>> = words(text)?.iter().map(|word| of_word(word, field)).collect();
    if any.is_empty() {
        return Ok(Some(Box::new(EmptyQuery)));
    }
    Ok(Some(Box::new(BooleanQuery::union(any))))
}

fn of_word(word: &Word, field: Field) -> Box<dyn Query> {
    let exact = |term: &String| {
        let term = Term::from_field_text(field, term);
        Box::new(TermQuery::new(term, IndexRecordOption::Basic)) as Box<dyn Query>
    };
    let mut all: Vec<Box<dyn Query>> = word.terms.iter().map(exact).collect();
    if let (true, Some(last)) = (word.open, word.terms.last()) {
        all.pop();
        // No edit is allowed: what is left of the fuzzy query is the prefix.
        all.push(Box::new(FuzzyTermQuery::new_prefix(Term::from_field_text(field, last), 0, false)));
    }
    let must = Box::new(ConstScoreQuery::new(Box::new(BooleanQuery::intersection(all)), WORD));
    let mut clauses: Vec<(Occur, Box<dyn Query>)> = vec![(Occur::Must, must)];
    clauses.extend(word.terms.iter().map(|term| (Occur::Should, exact(term))));
    Box::new(BooleanQuery::new(clauses))
}

#[cfg(test)]
mod checks {
    use super::*;

    fn shown(text: &str) -> String {
        let words = words(text).unwrap();
        let shown =
            words.iter().map(|word| format!("{}{}", word.terms.join("&"), if word.open { "*" } else { "" }));
        shown.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn words_are_separated_by_spaces_and_hyphens_and_the_last_is_open() {
        for (text, expected) in [
            ("Anna-Lena Müller", "anna lena muller*"),
            ("anna.smith@example.com", "anna&smith&example&com*"),
            ("anna anna an", "anna an*"),
            ("東京都 taro", "東京&京都 taro*"),
            ("東", "東"),
            (" - ", ""),
        ] {
            assert_eq!(shown(text), expected, "{text}");
        }
    }

    #[test]
    fn a_text_is_refused_when_it_is_too_long_and_not_before() {
        assert!(words(&"x".repeat(limits::MAX_TEXT_CHARS)).is_ok());
        assert!(words(&"x ".repeat(limits::MAX_WORDS)).is_ok());
        for text in ["x".repeat(limits::MAX_TEXT_CHARS + 1), "x ".repeat(limits::MAX_WORDS + 1)] {
            assert_eq!(words(&text).unwrap_err().code(), "searchTextTooLong");
        }
    }
}
