//! Text to tokens. What cannot be read is reported and replaced by the likeliest token, so that parsing goes on.

use super::ast::Comparison;
use super::number::Number;
use crate::diagnose::{Diagnostic, Span};

/// One token with its place.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) span: Span,
}

/// The kinds of tokens.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Kind {
    /// A name or a keyword; `bracketed` names are never keywords.
    Name {
        text: String,
        bracketed: bool,
    },
    Text(String),
    Number(Number),
    Comparison(Comparison),
    Dot,
    Comma,
    Open,
    Close,
    Star,
    Plus,
    Minus,
    Slash,
    Percent,
    Caret,
    /// Something that was already reported.
    Wrong,
}

const KEYWORDS: &[&str] = &[
    "and", "or", "not", "in", "is", "null", "between", "true", "false", "contains", "starts", "ends", "with",
    "ignore", "case", "distinct",
];

/// Whether a bare word must be put in brackets to be a name everywhere.
pub(super) fn is_keyword(word: &str) -> bool {
    KEYWORDS.iter().any(|keyword| keyword.eq_ignore_ascii_case(word))
}

pub(super) fn is_name_start(letter: char) -> bool {
    letter == '_' || letter.is_alphabetic()
}

pub(super) fn is_name_continue(letter: char) -> bool {
    letter == '_' || letter.is_alphanumeric()
}

/// Reads the whole text.
pub(super) fn tokens(text: &str) -> (Vec<Token>, Vec<Diagnostic>) {
    let mut lexer = Lexer { text, at: 0, tokens: Vec::new(), problems: Vec::new() };
    while let Some(letter) = lexer.peek() {
        lexer.token(letter);
    }
    (lexer.tokens, lexer.problems)
}

struct Lexer<'a> {
    text: &'a str,
    at: usize,
    tokens: Vec<Token>,
    problems: Vec<Diagnostic>,
}

impl<'a> Lexer<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or("")
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn second(&self) -> Option<char> {
        self.rest().chars().nth(1)
    }

    fn bump(&mut self) -> Option<char> {
        let letter = self.peek()?;
        self.at += letter.len_utf8();
        Some(letter)
    }

    fn take_while(&mut self, wanted: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let end = rest.find(|letter| !wanted(letter)).unwrap_or(rest.len());
        self.at += end;
        rest.get(..end).unwrap_or("")
    }

    fn since(&self, start: usize) -> &'a str {
        self.text.get(start..self.at).unwrap_or("")
    }

    fn push(&mut self, kind: Kind, start: usize) {
        self.tokens.push(Token { kind, span: Span { start, end: self.at } });
    }

    fn problem(&mut self, code: &'static str, start: usize, message: String, suggestion: Option<String>) {
        let span = Span { start, end: self.at };
        self.problems.push(Diagnostic::error(code, message, span).suggest(suggestion));
    }

    fn token(&mut self, letter: char) {
        let start = self.at;
        match letter {
            _ if letter.is_whitespace() => {
                self.bump();
            }
            '\'' | '"' => self.quoted(letter),
            '[' => self.bracketed(),
            _ if letter.is_ascii_digit() => self.number(),
            _ if is_name_start(letter) => {
                let text = self.take_while(is_name_continue).to_owned();
                self.push(Kind::Name { text, bracketed: false }, start);
            }
            '=' | '!' | '<' | '>' | '&' | '|' => self.symbols(),
            '.' => self.single(Kind::Dot),
            ',' => self.single(Kind::Comma),
            '(' => self.single(Kind::Open),
            ')' => self.single(Kind::Close),
            '*' => self.single(Kind::Star),
            '+' => self.single(Kind::Plus),
            '-' => self.single(Kind::Minus),
            '/' => self.single(Kind::Slash),
            '%' => self.single(Kind::Percent),
            '^' => self.single(Kind::Caret),
            '‘' | '’' | '“' | '”' | '„' | '«' | '»' => self.typographic(),
            _ => {
                self.bump();
                self.problem("ruleUnknownSign", start, format!("`{letter}` has no meaning here"), None);
                self.push(Kind::Wrong, start);
            }
        }
    }

    fn single(&mut self, kind: Kind) {
        let start = self.at;
        self.bump();
        self.push(kind, start);
    }

    /// `'…'` or `"…"`, in which the quote itself is doubled.
    fn quoted(&mut self, quote: char) {
        let start = self.at;
        self.bump();
        let mut text = String::new();
        loop {
            text.push_str(self.take_while(|letter| letter != quote));
            if self.bump().is_none() {
                let closed = format!("{}{quote}", self.since(start));
                self.problem(
                    "ruleUnclosedText",
                    start,
                    "this text has no closing quote".to_owned(),
                    Some(closed),
                );
                break;
            }
            if self.peek() != Some(quote) {
                break;
            }
            text.push(quote);
            self.bump();
        }
        self.push(Kind::Text(text), start);
    }

    /// `[any text]`, in which `]` is doubled.
    fn bracketed(&mut self) {
        let start = self.at;
        self.bump();
        let mut text = String::new();
        loop {
            text.push_str(self.take_while(|letter| letter != ']'));
            if self.bump().is_none() {
                let closed = format!("{}]", self.since(start));
                self.problem(
                    "ruleUnclosedName",
                    start,
                    "this name has no closing bracket".to_owned(),
                    Some(closed),
                );
                break;
            }
            if self.peek() != Some(']') {
                break;
            }
            text.push(']');
            self.bump();
        }
        if text.is_empty() {
            self.problem("ruleEmptyName", start, "a name in brackets cannot be empty".to_owned(), None);
            return self.push(Kind::Wrong, start);
        }
        self.push(Kind::Name { text, bracketed: true }, start);
    }

    /// Quotes of a word processor: reported, and read up to the next such quote.
    fn typographic(&mut self) {
        let start = self.at;
        self.bump();
        let text = self.take_while(|letter| !"‘’“”„«»'\"".contains(letter)).to_owned();
        self.bump();
        let message = "typographic quotes do not start a text; use ' or \"".to_owned();
        self.problem("ruleTypographicQuote", start, message, Some(format!("'{}'", text.replace('\'', "''"))));
        self.push(Kind::Text(text), start);
    }

    fn number(&mut self) {
        let start = self.at;
        self.take_while(|letter| letter.is_ascii_digit());
        if self.peek() == Some('.') && self.second().is_some_and(|next| next.is_ascii_digit()) {
            self.bump();
            self.take_while(|letter| letter.is_ascii_digit());
        }
        self.exponent();
        if self.peek().is_some_and(is_name_continue) || self.is_moment(start) {
            return self.glued_number(start);
        }
        let text = self.since(start);
        match Number::parse(text) {
            Some(number) => self.push(Kind::Number(number), start),
            None => {
                let message = format!("`{text}` is not a number of at most 38 digits");
                self.problem("ruleNumberTooLong", start, message, None);
                self.push(Kind::Number(Number::integer(0)), start);
            }
        }
    }

    /// Whether the digits go on as an unquoted date (`2018-01-31`) or time (`08:30`), and not as arithmetic.
    fn is_moment(&self, start: usize) -> bool {
        let digit = |letter: char| letter.is_ascii_digit();
        let rest = self.rest();
        match rest.chars().next() {
            Some(':') => rest.chars().nth(1).is_some_and(digit),
            Some(sign @ ('-' | '/')) => {
                let rest = rest.strip_prefix(sign).unwrap_or(rest);
                let last = rest.trim_start_matches(digit);
                let digits = rest.len() - last.len();
                let whole = self.since(start).chars().all(digit);
                whole
                    && (1..=2).contains(&digits)
                    && last.strip_prefix(sign).is_some_and(|l| l.starts_with(digit))
            }
            _ => false,
        }
    }

    fn exponent(&mut self) {
        let mut letters = self.rest().chars();
        if !matches!(letters.next(), Some('e' | 'E')) {
            return;
        }
        let signed = matches!(letters.clone().next(), Some('+' | '-'));
        if signed {
            letters.next();
        }
        if letters.next().is_some_and(|digit| digit.is_ascii_digit()) {
            self.at += if signed { 2 } else { 1 };
            self.take_while(|letter| letter.is_ascii_digit());
        }
    }

    /// `2018-01-31` or `5km`: a text that its author forgot to quote.
    fn glued_number(&mut self, start: usize) {
        self.take_while(|letter| is_name_continue(letter) || matches!(letter, '-' | '/' | ':' | '.' | '+'));
        let text = self.since(start).to_owned();
        let message = format!("`{text}` is not a number; dates, times and texts are written in quotes");
        self.problem("ruleUnquotedText", start, message, Some(format!("'{text}'")));
        self.push(Kind::Text(text), start);
    }

    /// `=`, `<>`, … and the operators of other languages, for which the right one is suggested.
    fn symbols(&mut self) {
        let start = self.at;
        let text = self.take_while(|letter| matches!(letter, '=' | '!' | '<' | '>' | '&' | '|'));
        let word = |text: &str| Kind::Name { text: text.to_owned(), bracketed: false };
        let known = match text {
            "=" => Some(Comparison::Equal),
            "!=" | "<>" => Some(Comparison::NotEqual),
            "<" => Some(Comparison::Less),
            "<=" => Some(Comparison::LessOrEqual),
            ">" => Some(Comparison::Greater),
            ">=" => Some(Comparison::GreaterOrEqual),
            _ => None,
        };
        if let Some(comparison) = known {
            return self.push(Kind::Comparison(comparison), start);
        }
        let (instead, kind) = match text {
            "==" | "===" => (Some("="), Kind::Comparison(Comparison::Equal)),
            "!==" => (Some("!="), Kind::Comparison(Comparison::NotEqual)),
            "=<" => (Some("<="), Kind::Comparison(Comparison::LessOrEqual)),
            "=>" => (Some(">="), Kind::Comparison(Comparison::GreaterOrEqual)),
            "&" | "&&" => (Some("and"), word("and")),
            "|" | "||" => (Some("or"), word("or")),
            "!" => (Some("not"), word("not")),
            _ => (None, Kind::Comparison(Comparison::Equal)),
        };
        let message = format!("`{text}` is no operator; comparisons are =, !=, <, <=, > and >=");
        self.problem("ruleUnknownOperator", start, message, instead.map(str::to_owned));
        self.push(kind, start);
    }
}
