//! Just enough Rust to check a house: what is code, what is a comment or a literal, and what is a test.

use std::ops::Range;

/// A source file, taken apart.
#[derive(Debug, Default)]
pub(crate) struct Source {
    /// The text with comments and the insides of literals replaced by spaces; offsets and lines stay.
    pub(crate) code: String,
    /// The string literals, in order.
    pub(crate) literals: Vec<Literal>,
    /// What `#[cfg(test)]` covers, as byte ranges.
    pub(crate) tests: Vec<Range<usize>>,
}

/// A string literal.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Literal {
    /// Where its content starts.
    pub(crate) start: usize,
    /// Its content as written, but for line continuations and escaped quotes.
    pub(crate) text: String,
}

/// A word, a number or one sign of the code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Token<'a> {
    /// Where it starts.
    pub(crate) at: usize,
    /// The token.
    pub(crate) text: &'a str,
}

/// A function.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Function {
    /// Its name.
    pub(crate) name: String,
    /// From `fn` to the closing brace, as byte offsets.
    pub(crate) range: Range<usize>,
}

impl Source {
    /// Takes a file's text apart. A file that does not parse gives odd parts, never an error: rustc complains.
    pub(crate) fn new(text: &str) -> Self {
        let (code, literals) = Splitter::new(text).split();
        let tests = test_ranges(&tokens(&code));
        Self { code, literals, tests }
    }

    /// Whether an offset lies in code for tests.
    pub(crate) fn is_test(&self, at: usize) -> bool {
        self.tests.iter().any(|range| range.contains(&at))
    }

    /// Functions with a body, tests included.
    pub(crate) fn functions(&self) -> Vec<Function> {
        let tokens = tokens(&self.code);
        let mut found = Vec::new();
        for (at, pair) in tokens.windows(2).enumerate() {
            let [keyword, name] = pair else { continue };
            if keyword.text != "fn" || !is_word(name.text) {
                continue;
            }
            if let Some(end) = end_of_item(&tokens, at).filter(|end| end.1) {
                found.push(Function { name: name.text.to_owned(), range: keyword.at..end.0 });
            }
        }
        found
    }
}

/// The line of an offset, from 1.
pub(crate) fn line_at(text: &str, at: usize) -> usize {
    text.bytes().take(at).filter(|byte| *byte == b'\n').count() + 1
}

/// Whether a token is a word or a number.
pub(crate) fn is_word(token: &str) -> bool {
    token.starts_with(is_word_char)
}

fn is_word_char(char: char) -> bool {
    char == '_' || char.is_alphanumeric()
}

/// The tokens of code without comments and literals.
pub(crate) fn tokens(code: &str) -> Vec<Token<'_>> {
    let mut found = Vec::new();
    let mut chars = code.char_indices().peekable();
    while let Some((at, char)) = chars.next() {
        if char.is_whitespace() {
            continue;
        }
        let mut end = at + char.len_utf8();
        if is_word_char(char) {
            while let Some((next, _)) = chars.next_if(|(_, next)| is_word_char(*next)) {
                end = next + code[next..].chars().next().map_or(1, char::len_utf8);
            }
        }
        found.push(Token { at, text: &code[at..end] });
    }
    found
}

/// The end of the item that starts at a token: after its `;`, or after the brace that closes its body (then true).
fn end_of_item(tokens: &[Token<'_>], from: usize) -> Option<(usize, bool)> {
    let mut round = 0i32;
    let mut braces = 0i32;
    for token in tokens.iter().skip(from) {
        match token.text {
            "(" | "[" => round += 1,
            ")" | "]" => round -= 1,
            "{" => braces += 1,
            "}" => {
                braces -= 1;
                if braces == 0 && round == 0 {
                    return Some((token.at + 1, true));
                }
            }
            ";" if braces == 0 && round == 0 => return Some((token.at + 1, false)),
            _ => {}
        }
    }
    None
}

fn test_ranges(tokens: &[Token<'_>]) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        if token.text != "#" || found.last().is_some_and(|range| range.contains(&token.at)) {
            continue;
        }
        let Some(after) = attribute_end(tokens, at) else { continue };
        if !is_test_attribute(&tokens[at..after]) {
            continue;
        }
        if tokens.get(at + 1).is_some_and(|next| next.text == "!") {
            found.push(0..usize::MAX);
        } else if let Some((end, _)) = end_of_item(tokens, skip_attributes(tokens, after)) {
            found.push(token.at..end);
        }
    }
    found
}

fn is_test_attribute(attribute: &[Token<'_>]) -> bool {
    let has = |word: &str| attribute.iter().any(|token| token.text == word);
    has("cfg") && has("test") && !has("not")
}

/// The token after `#[…]` or `#![…]`.
pub(crate) fn attribute_end(tokens: &[Token<'_>], at: usize) -> Option<usize> {
    let mut depth = 0i32;
    for (index, token) in tokens.iter().enumerate().skip(at + 1) {
        match token.text {
            "[" => depth += 1,
            "]" => {
                depth -= 1;
                if depth == 0 {
                    return Some(index + 1);
                }
            }
            "!" => {}
            _ if depth == 0 => return None,
            _ => {}
        }
    }
    None
}

fn skip_attributes(tokens: &[Token<'_>], mut at: usize) -> usize {
    while tokens.get(at).is_some_and(|token| token.text == "#") {
        match attribute_end(tokens, at) {
            Some(after) => at = after,
            None => break,
        }
    }
    at
}

/// Walks a text once and blanks what is not code.
struct Splitter<'a> {
    text: &'a str,
    bytes: &'a [u8],
    code: Vec<u8>,
    literals: Vec<Literal>,
    at: usize,
}

impl<'a> Splitter<'a> {
    fn new(text: &'a str) -> Self {
        Self { text, bytes: text.as_bytes(), code: text.as_bytes().to_vec(), literals: Vec::new(), at: 0 }
    }

    fn split(mut self) -> (String, Vec<Literal>) {
        while self.at < self.bytes.len() {
            match self.byte(0) {
                b'/' if self.byte(1) == b'/' => {
                    let end = self.find_from(self.at, "\n").unwrap_or(self.bytes.len());
                    self.blank_to(end);
                }
                b'/' if self.byte(1) == b'*' => self.block_comment(),
                b'"' => self.text_literal(),
                b'r' if !self.after_word() && self.raw_hashes().is_some() => self.raw_literal(),
                b'\'' => self.quote(),
                _ => self.at += 1,
            }
        }
        (String::from_utf8_lossy(&self.code).into_owned(), self.literals)
    }

    fn byte(&self, ahead: usize) -> u8 {
        self.bytes.get(self.at + ahead).copied().unwrap_or(0)
    }

    fn find_from(&self, from: usize, what: &str) -> Option<usize> {
        self.text.get(from..).and_then(|rest| rest.find(what)).map(|found| from + found)
    }

    /// True when the current byte continues a word (`for`, `br`): then an `r` starts no raw literal, but for `br`
    /// and `cr`.
    fn after_word(&self) -> bool {
        let word = |byte: u8| byte == b'_' || byte.is_ascii_alphanumeric();
        let before = |ahead: usize| self.at.checked_sub(ahead).and_then(|at| self.bytes.get(at)).copied();
        match before(1) {
            Some(b'b' | b'c') => before(2).is_some_and(word),
            Some(byte) => word(byte),
            None => false,
        }
    }

    /// The number of `#` when a raw literal starts here.
    fn raw_hashes(&self) -> Option<usize> {
        let hashes = self.bytes.iter().skip(self.at + 1).take_while(|byte| **byte == b'#').count();
        (self.byte(1 + hashes) == b'"').then_some(hashes)
    }

    fn blank_to(&mut self, end: usize) {
        let end = end.min(self.bytes.len());
        for byte in self.code.iter_mut().take(end).skip(self.at) {
            if *byte != b'\n' {
                *byte = b' ';
            }
        }
        self.at = end;
    }

    fn block_comment(&mut self) {
        let mut depth = 0usize;
        let mut end = self.at;
        while end < self.bytes.len() {
            match self.bytes.get(end..end + 2) {
                Some(b"/*") => (depth, end) = (depth + 1, end + 2),
                Some(b"*/") => (depth, end) = (depth - 1, end + 2),
                _ => end += 1,
            }
            if depth == 0 {
                break;
            }
        }
        self.blank_to(end);
    }

    fn text_literal(&mut self) {
        let start = self.at + 1;
        let mut end = start;
        while end < self.bytes.len() && self.bytes[end] != b'"' {
            end += if self.bytes[end] == b'\\' { 2 } else { 1 };
        }
        let end = end.min(self.bytes.len());
        let written = self.text.get(start..end).unwrap_or_default();
        self.literals.push(Literal { start, text: unescape(written) });
        self.at = start;
        self.blank_to(end);
        self.at = end + 1;
    }

    fn raw_literal(&mut self) {
        let hashes = self.raw_hashes().unwrap_or(0);
        let start = self.at + hashes + 2;
        let close = format!("\"{}", "#".repeat(hashes));
        let end = self.find_from(start, &close).unwrap_or(self.bytes.len());
        self.literals.push(Literal { start, text: self.text.get(start..end).unwrap_or_default().to_owned() });
        self.at = start;
        self.blank_to(end);
        self.at = end + close.len();
    }

    /// A character literal is blanked; a lifetime is code.
    fn quote(&mut self) {
        let rest = self.text.get(self.at + 1..).unwrap_or_default();
        let mut chars = rest.chars();
        let length = match chars.next() {
            Some('\\') => rest.get(2..).and_then(|after| after.find('\'')).map(|found| found + 2),
            Some(char) if chars.next() == Some('\'') => Some(char.len_utf8()),
            _ => None,
        };
        self.at += 1;
        if let Some(length) = length {
            self.blank_to(self.at + length);
            self.at += 1;
        }
    }
}

fn unescape(written: &str) -> String {
    let mut out = String::with_capacity(written.len());
    let mut lines = written.split("\\\n");
    out.push_str(lines.next().unwrap_or_default());
    for line in lines {
        out.push_str(line.trim_start());
    }
    out.replace("\\\"", "\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_literals_are_no_code_and_offsets_stay() {
        let text =
            "let a = \"fn b\"; // fn c\n/* fn d /* e */ fn f */ let g = r#\"fn \"h\"#; 'x'; '\\''; &'a u8";
        let source = Source::new(text);
        assert_eq!(source.code.len(), text.len());
        for word in ["b", "c", "d", "f", "h", "x"] {
            assert!(tokens(&source.code).iter().all(|token| token.text != word), "{word} is no code");
        }
        let literals: Vec<&str> = source.literals.iter().map(|literal| literal.text.as_str()).collect();
        assert_eq!(literals, ["fn b", "fn \"h"]);
        assert!(tokens(&source.code).iter().any(|token| token.text == "u8"), "a lifetime opens no literal");
    }

    #[test]
    fn a_word_that_ends_in_r_starts_no_raw_literal() {
        let source = Source::new(r#"for"a"; br"\"; cr"b""#);
        let literals: Vec<&str> = source.literals.iter().map(|literal| literal.text.as_str()).collect();
        assert_eq!(literals, ["a", "\\", "b"]);
    }

    #[test]
    fn a_continued_literal_is_one_line() {
        let source = Source::new("\"DELETE \\\n      FROM \\\"x\\\"\"");
        assert_eq!(source.literals.first().map(|literal| literal.text.as_str()), Some("DELETE FROM \"x\""));
    }

    #[test]
    fn tests_are_told_from_code() {
        let text = "fn a() {}\n#[cfg(test)]\n#[allow(x)]\nmod tests { fn b() { if c { } } }\nfn d() {}\n#[cfg(not(test))]\nfn e() {}";
        let source = Source::new(text);
        for (name, test) in [("fn a", false), ("fn b", true), ("fn d", false), ("fn e", false)] {
            assert_eq!(text.find(name).map(|at| source.is_test(at)), Some(test), "{name}");
        }
    }

    #[test]
    fn a_test_module_in_a_file_of_its_own_covers_its_declaration_only() {
        let text = "#[cfg(test)]\nmod tests;\nfn a() {}";
        let source = Source::new(text);
        assert_eq!(text.find("mod").map(|at| source.is_test(at)), Some(true));
        assert_eq!(text.find("fn a").map(|at| source.is_test(at)), Some(false));
    }

    #[test]
    fn functions_are_found_with_their_lines() {
        let text = "trait T { fn declared(&self); }\nfn generic<T: Fn() -> [u8; 2]>(t: T)\nwhere\n    T: Clone,\n{\n    t();\n}\n";
        let functions = Source::new(text).functions();
        let names: Vec<&str> = functions.iter().map(|function| function.name.as_str()).collect();
        assert_eq!(names, ["generic"]);
        let range = &functions[0].range;
        assert_eq!((line_at(text, range.start), line_at(text, range.end)), (2, 7));
    }
}
