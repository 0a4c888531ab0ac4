//! Words that mean the same in names and addresses, and words that mean nothing in names of organizations. Texts come
//! in lower case.

use super::table::WordTable;
use super::text::{is_ascii_space, is_ascii_symbol};

/// How the words of one kind of text are replaced.
#[derive(Debug)]
pub(super) struct Words {
    pub(super) table: WordTable,
    /// Ends of words that count as words of their own, for scripts without spaces (`陳大文先生`); the longest first.
    pub(super) endings: Vec<&'static str>,
    /// Whether a Chinese character inside a longer word is replaced too (`彌敦道` with its `道`).
    pub(super) characters: bool,
}

impl Words {
    /// The word that a word stands for. Full stops do not count, nor symbols at the ends (`Ph.D.,`), unless the word
    /// with its symbols is in the list itself (`c/`).
    pub(super) fn find(&self, word: &str) -> Option<&str> {
        let inner = word.trim_matches(|c: char| !c.is_alphanumeric());
        let bare = if inner.contains('.') { self.find_without_stops(inner) } else { self.table.find(inner) };
        if bare.is_none() && inner.len() < word.len() { self.table.find(word) } else { bare }
    }

    fn find_without_stops(&self, word: &str) -> Option<&str> {
        // Longer than any word of the lists; what does not fit is no such word.
        let mut buffer = [0; 48];
        let mut len = 0;
        for byte in word.bytes().filter(|byte| *byte != b'.') {
            *buffer.get_mut(len)? = byte;
            len += 1;
        }
        self.table.find(std::str::from_utf8(buffer.get(..len)?).ok()?)
    }

    /// A word and the ending that counts as a word of its own.
    fn split_ending<'a>(&self, word: &'a str) -> (&'a str, Option<&'a str>) {
        if word.is_ascii() {
            return (word, None);
        }
        let found = self.endings.iter().find_map(|ending| word.strip_suffix(ending));
        match found.filter(|start| !start.is_empty()) {
            Some(start) => (start, word.get(start.len()..)),
            None => (word, None),
        }
    }

    /// Writes the words of `from`, one space between them, each by the word it stands for. The order of the words
    /// stays.
    pub(super) fn replace(&self, from: &str, to: &mut String) {
        if from.is_ascii() {
            return self.replace_ascii(from, to);
        }
        let mut space = false;
        for word in split(from) {
            let (start, end) =
                if self.table.find(word).is_some() { (word, None) } else { self.split_ending(word) };
            for part in std::iter::once(start).chain(end) {
                if space {
                    to.push(' ');
                }
                space = true;
                match self.find(part) {
                    Some(meaning) => to.push_str(meaning),
                    None if self.characters && !part.is_ascii() => self.push_by_character(part, to),
                    None => to.push_str(part),
                }
            }
        }
    }

    /// `replace` that copies an ASCII text in as few pieces as possible: most words stand for themselves.
    fn replace_ascii(&self, from: &str, to: &mut String) {
        let (mut copied, mut at) = (0, 0);
        while at < from.len() {
            let (start, end, symbols) = next_word(from.as_bytes(), at);
            let last = start >= from.len();
            // Between two words stands one space, and none at the ends.
            let one_space = at > 0 && start == at + 1 && !last && from.as_bytes().get(at) == Some(&b' ');
            if start > at && !one_space {
                to.push_str(from.get(copied..at).unwrap_or_default());
                if at > 0 && !last {
                    to.push(' ');
                }
                copied = start;
            }
            let word = from.get(start..end).unwrap_or_default();
            let found = if symbols { self.find(word) } else { self.table.find(word) };
            if let Some(meaning) = found {
                to.push_str(from.get(copied..start).unwrap_or_default());
                to.push_str(meaning);
                copied = end;
            }
            at = end;
        }
        to.push_str(from.get(copied..).unwrap_or_default());
    }

    fn push_by_character(&self, word: &str, to: &mut String) {
        let mut buffer = [0; 4];
        for c in word.chars() {
            match is_han(c).then(|| self.table.find(c.encode_utf8(&mut buffer))).flatten() {
                // Only another Chinese character may stand inside a word.
                Some(meaning) if meaning.chars().all(is_han) => to.push_str(meaning),
                _ => to.push(c),
            }
        }
    }

    /// Writes the words of `from`, one space between them, without the words of the list. Where nothing else is
    /// there, all stays.
    pub(super) fn remove(&self, from: &str, to: &mut String) {
        let start = to.len();
        let kept =
            split(from).map(|word| self.without_endings(word)).filter(|word| self.find(word).is_none());
        push_words(kept, to);
        if to.len() == start {
            push_words(split(from), to);
        }
    }

    fn without_endings<'a>(&self, mut word: &'a str) -> &'a str {
        while let (start, Some(_)) = self.split_ending(word) {
            word = start;
        }
        word
    }
}

/// The next word of an ASCII text: where it begins, where it ends, and whether there is a symbol in it.
fn next_word(text: &[u8], from: usize) -> (usize, usize, bool) {
    let mut start = from;
    while start < text.len() && is_ascii_space(text[start]) {
        start += 1;
    }
    let (mut end, mut symbols) = (start, false);
    while end < text.len() && !is_ascii_space(text[end]) {
        symbols |= is_ascii_symbol(text[end]);
        end += 1;
    }
    (start, end, symbols)
}

/// The words of a text: what stands between white space.
fn split(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if !rest.is_ascii() {
            return split_once(&mut rest, |text| text.find(char::is_whitespace), |text| text.trim_start());
        }
        split_once(&mut rest, |text| text.bytes().position(is_ascii_space), |text| text.trim_ascii_start())
    })
}

fn split_once<'a>(
    rest: &mut &'a str,
    space: impl Fn(&str) -> Option<usize>,
    trim: impl Fn(&'a str) -> &'a str,
) -> Option<&'a str> {
    let text = trim(rest);
    let (word, after) = text.split_at_checked(space(text).unwrap_or(text.len())).unwrap_or((text, ""));
    *rest = after;
    (!word.is_empty()).then_some(word)
}

fn push_words<'a>(words: impl Iterator<Item = &'a str>, to: &mut String) {
    for (at, word) in words.enumerate() {
        if at > 0 {
            to.push(' ');
        }
        to.push_str(word);
    }
}

fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{2FFFF}')
}
