//! Texts to words, the same for rows and for search texts.
//!
//! Letters are compared without accents and case (NFKD, accents dropped). A word is a run of letters and digits.
//! Runs of scripts that put no spaces between words are cut into all their pairs of neighbours, so that any
//! part of them is found.

use tantivy::tokenizer::{Token, TokenStream, Tokenizer};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::limits::MAX_TOKEN_BYTES;

/// A run of characters of one kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Run {
    /// A word.
    Word(String),
    /// Characters of a script without spaces.
    Dense(Vec<char>),
}

/// The runs of a text, folded.
pub(crate) fn runs(text: &str) -> Vec<Run> {
    let mut runs = Vec::new();
    let mut word = String::new();
    let mut dense = Vec::new();
    for c in text.nfkd() {
        if is_dense(c) {
            end_word(&mut word, &mut runs);
            dense.push(c);
            continue;
        }
        if is_accent(c) {
            continue;
        }
        end_dense(&mut dense, &mut runs);
        // In the scripts of India marks are vowels.
        if c.is_alphanumeric() || is_combining_mark(c) {
            fold(c, &mut word)
        } else {
            end_word(&mut word, &mut runs)
        }
    }
    end_dense(&mut dense, &mut runs);
    end_word(&mut word, &mut runs);
    runs
}

fn end_word(word: &mut String, runs: &mut Vec<Run>) {
    if !word.is_empty() {
        runs.push(Run::Word(cut(std::mem::take(word))));
    }
}

fn end_dense(dense: &mut Vec<char>, runs: &mut Vec<Run>) {
    if !dense.is_empty() {
        // Syllables of Hangul and voiced Kana are one character again, as people see them.
        runs.push(Run::Dense(std::mem::take(dense).into_iter().nfc().collect()));
    }
}

/// A word no longer than the limit, cut between characters.
fn cut(mut word: String) -> String {
    if word.len() > MAX_TOKEN_BYTES {
        let end = (0..=MAX_TOKEN_BYTES).rev().find(|at| word.is_char_boundary(*at)).unwrap_or(0);
        word.truncate(end);
    }
    word
}

/// The letters that NFKD leaves as they are, and that people write without what makes them special.
fn fold(c: char, word: &mut String) {
    for c in c.to_lowercase() {
        match c {
            'ß' => word.push_str("ss"),
            'æ' => word.push_str("ae"),
            'œ' => word.push_str("oe"),
            'þ' => word.push_str("th"),
            'ø' => word.push('o'),
            'đ' | 'ð' => word.push('d'),
            'ł' => word.push('l'),
            'ħ' => word.push('h'),
            'ŧ' => word.push('t'),
            'ı' => word.push('i'),
            'ς' => word.push('σ'),
            // What lower case leaves over, such as the dot of `İ`.
            c if is_accent(c) => {}
            c => word.push(c),
        }
    }
}

/// Marks that people leave out when they search: accents of Latin, Greek and Cyrillic, points of Hebrew and
/// Arabic.
fn is_accent(c: char) -> bool {
    matches!(c,
        '\u{0300}'..='\u{036f}' | '\u{0483}'..='\u{0489}' | '\u{0591}'..='\u{05c7}' | '\u{0610}'..='\u{061a}'
        | '\u{064b}'..='\u{065f}' | '\u{0670}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}'
        | '\u{20d0}'..='\u{20ff}' | '\u{fe20}'..='\u{fe2f}')
        && is_combining_mark(c)
}

/// Scripts that put no spaces between words, and Hangul, whose words carry their endings.
fn is_dense(c: char) -> bool {
    matches!(c,
        '\u{0e00}'..='\u{0eff}'      // Thai, Lao
        | '\u{1000}'..='\u{109f}'    // Myanmar
        | '\u{1780}'..='\u{17ff}'    // Khmer
        | '\u{1100}'..='\u{11ff}'    // Hangul, taken apart
        | '\u{2e80}'..='\u{2fdf}'    // radicals
        | '\u{3005}'..='\u{3007}'
        | '\u{3041}'..='\u{30ff}'    // Hiragana, Katakana
        | '\u{ac00}'..='\u{d7ff}'    // Hangul
        | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
        && c != '\u{30fb}'
}

/// Whether a run of such characters is found by its pairs of neighbours.
pub(crate) fn pairs(dense: &[char]) -> Vec<String> {
    dense.windows(2).map(|pair| pair.iter().collect()).collect()
}

/// Every word by which a value is found.
pub(crate) fn tokens(text: &str) -> Vec<String> {
    let mut tokens = Vec::new();
    for run in runs(text) {
        match run {
            Run::Word(word) => tokens.push(word),
            Run::Dense(dense) => {
                tokens.extend(pairs(&dense));
                tokens.extend(dense.iter().map(char::to_string));
            }
        }
    }
    tokens.extend(number(text));
    tokens
}

/// The digits of a value that looks like a telephone number or an account, in one piece: people leave out its
/// spaces, or put others in.
fn number(text: &str) -> Option<String> {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let separated = text.chars().any(|c| matches!(c, ' ' | '-' | '.' | '/' | '(' | ')'));
    let plain =
        text.chars().all(|c| c.is_ascii_digit() || matches!(c, ' ' | '-' | '.' | '/' | '(' | ')' | '+'));
    (separated && plain && digits.len() >= 6).then(|| cut(digits))
}

/// [`tokens`] for the index.
#[derive(Debug, Clone, Default)]
pub(crate) struct Words;

/// The words of one value.
pub(crate) struct WordStream {
    words: std::vec::IntoIter<String>,
    token: Token,
}

impl Tokenizer for Words {
    type TokenStream<'a> = WordStream;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> WordStream {
        WordStream { words: tokens(text).into_iter(), token: Token::default() }
    }
}

impl TokenStream for WordStream {
    fn advance(&mut self) -> bool {
        let Some(word) = self.words.next() else { return false };
        self.token.text = word;
        self.token.position = self.token.position.wrapping_add(1);
        true
    }

    fn token(&self) -> &Token {
        &self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.token
    }
}

#[cfg(test)]
mod checks {
    use super::*;

    #[test]
    fn texts_are_cut_into_folded_words() {
        for (text, expected) in [
            ("Anna-Lena MÜLLER", "anna lena muller"),
            ("anna.smith@example.com", "anna smith example com"),
            ("Ångström Łódź Straße Œuvre", "angstrom lodz strasse oeuvre"),
            ("İstanbul Iğdır", "istanbul igdir"),
            ("Ἀθῆναι ΟΔΟΣ", "αθηναι οδοσ"),
            ("Йод Ёлка", "иод елка"),
            ("O’Neill O'Neill", "o neill o neill"),
            ("ﬁn ① ２", "fin 1 2"),
            ("東京都", "東京 京都 東 京 都"),
            ("田中Taro", "田中 田 中 taro"),
            ("+44 (20) 7946-0958", "44 20 7946 0958 442079460958"),
            ("12 34", "12 34"),
            ("  -- !", ""),
        ] {
            assert_eq!(tokens(text).join(" "), expected, "{text}");
        }
    }

    #[test]
    fn long_words_are_cut_between_characters() {
        let token = tokens(&"ж".repeat(100)).remove(0);
        assert_eq!(token, "ж".repeat(MAX_TOKEN_BYTES / 2));
    }

    #[test]
    fn precomposed_and_decomposed_texts_are_the_same() {
        for (left, right) in [("é", "e\u{301}"), ("가", "\u{1100}\u{1161}"), ("が", "か\u{3099}")] {
            assert_eq!(tokens(left), tokens(right));
        }
    }
}
