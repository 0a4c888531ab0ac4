//! The parser's ground: tokens, mistakes, names; and how tests join to conditions. It goes on after a mistake.

use super::ast::{Condition, Path, Spanned};
use super::limits::{MAX_DEPTH, MAX_LENGTH};
use super::token::{Kind, Token, tokens};
use crate::diagnose::{Diagnostic, Span};

/// Reads a condition.
///
/// # Errors
/// Every problem found, in the order of the text; at least one.
pub fn parse_condition(text: &str) -> Result<Condition, Vec<Diagnostic>> {
    let mut parser = Parser::new(text)?;
    let condition = parser.whole_condition();
    parser.finish(condition)
}

/// Tokens, a place among them, and what was wrong so far.
pub(super) struct Parser {
    tokens: Vec<Token>,
    at: usize,
    /// Where the text ends, in bytes.
    end: usize,
    /// How many tests were read.
    pub(super) tests: usize,
    /// How many operations of arithmetic were read.
    pub(super) operations: usize,
    /// A limit was passed: what follows is not read, so nothing more is said about it.
    gave_up: bool,
    problems: Vec<Diagnostic>,
}

impl Parser {
    pub(super) fn new(text: &str) -> Result<Self, Vec<Diagnostic>> {
        if text.len() > MAX_LENGTH {
            let message = format!("this text has {} bytes; at most {MAX_LENGTH} are read", text.len());
            return Err(vec![Diagnostic::error("ruleTooLong", message, Span::new(0, text.len()))]);
        }
        let (tokens, problems) = tokens(text);
        Ok(Self { tokens, at: 0, end: text.len(), tests: 0, operations: 0, gave_up: false, problems })
    }

    /// The tree, if nothing was wrong with it.
    pub(super) fn finish<T>(mut self, tree: Option<T>) -> Result<T, Vec<Diagnostic>> {
        match tree {
            Some(tree) if self.problems.is_empty() => Ok(tree),
            _ => {
                self.problems.sort_by_key(|problem| problem.span);
                Err(self.problems)
            }
        }
    }

    pub(super) fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    pub(super) fn bump(&mut self) {
        self.at = (self.at + 1).min(self.tokens.len());
    }

    /// The place of the next token, or the end of the text.
    pub(super) fn here(&self) -> Span {
        self.peek().map_or(Span::at(self.end), |token| token.span)
    }

    pub(super) fn previous_end(&self) -> usize {
        self.at.checked_sub(1).and_then(|at| self.tokens.get(at)).map_or(0, |token| token.span.end)
    }

    pub(super) fn problem(
        &mut self,
        code: &'static str,
        message: impl Into<String>,
        suggestion: Option<String>,
    ) {
        let span = self.here();
        self.problem_at(code, message, span, suggestion);
    }

    pub(super) fn problem_at(
        &mut self,
        code: &'static str,
        message: impl Into<String>,
        span: Span,
        suggestion: Option<String>,
    ) {
        if !self.gave_up {
            self.problems.push(Diagnostic::error(code, message, span).suggest(suggestion));
        }
    }

    /// Says that a limit was passed, and stops reading.
    pub(super) fn give_up(&mut self, code: &'static str, message: String) {
        self.problem(code, message, None);
        self.gave_up = true;
        self.at = self.tokens.len();
    }

    /// Says that `wanted` was expected here, unless what stands here was already reported.
    pub(super) fn expected(&mut self, wanted: &str, suggestion: Option<String>) {
        match self.peek().map(|token| &token.kind) {
            Some(Kind::Wrong) => {}
            Some(kind) => {
                let message = format!("expected {wanted}, found {}", describe(kind));
                self.problem("ruleUnexpected", message, suggestion);
            }
            None => {
                self.problem("ruleUnexpectedEnd", format!("expected {wanted}, but the text ends"), suggestion)
            }
        }
    }

    /// The bare word that comes next, in lower case.
    pub(super) fn word(&self) -> Option<String> {
        match self.peek().map(|token| &token.kind) {
            Some(Kind::Name { text, bracketed: false }) => Some(text.to_ascii_lowercase()),
            _ => None,
        }
    }

    pub(super) fn is_word(&self, word: &str) -> bool {
        matches!(self.peek().map(|token| &token.kind),
            Some(Kind::Name { text, bracketed: false }) if text.eq_ignore_ascii_case(word))
    }

    /// What comes after the next token.
    pub(super) fn second(&self) -> Option<&Kind> {
        self.tokens.get(self.at + 1).map(|token| &token.kind)
    }

    /// Whether a bare word with an opening parenthesis comes next: a function.
    pub(super) fn is_call(&self) -> bool {
        self.word().is_some_and(|word| !is_reserved(&word)) && self.second() == Some(&Kind::Open)
    }

    /// Takes the keyword if it comes next.
    pub(super) fn take_word(&mut self, word: &str) -> bool {
        let found = self.is_word(word);
        if found {
            self.bump();
        }
        found
    }

    pub(super) fn take(&mut self, kind: &Kind) -> bool {
        let found = self.peek().is_some_and(|token| token.kind == *kind);
        if found {
            self.bump();
        }
        found
    }

    /// After a mistake: on to the next `and`, `or` or `)` of this level, or the end.
    pub(super) fn recover(&mut self) {
        let mut open = 0usize;
        while let Some(token) = self.peek() {
            match token.kind {
                Kind::Open => open += 1,
                Kind::Close if open == 0 => return,
                Kind::Close => open -= 1,
                _ if open == 0 && (self.is_word("and") || self.is_word("or")) => return,
                _ => {}
            }
            self.bump();
        }
    }

    fn whole_condition(&mut self) -> Option<Condition> {
        if self.tokens.is_empty() && self.problems.is_empty() {
            self.problem("ruleEmpty", "a condition is missing, such as State = 'California'", None);
            return None;
        }
        let condition = self.or(0);
        while self.peek().is_some() {
            if self.take(&Kind::Close) {
                let span = Span::new(self.previous_end().saturating_sub(1), self.previous_end());
                self.problem_at("ruleUnmatched", "this `)` closes nothing", span, Some(String::new()));
            } else if self.is_word("and") || self.is_word("or") {
                self.bump();
                self.or(0);
            } else {
                self.expected("`and`, `or` or the end", None);
                self.bump();
                self.recover();
            }
        }
        condition
    }

    pub(super) fn or(&mut self, depth: usize) -> Option<Condition> {
        let mut parts = vec![self.and(depth)];
        while self.take_word("or") {
            parts.push(self.and(depth));
        }
        combine(parts, Condition::Or)
    }

    fn and(&mut self, depth: usize) -> Option<Condition> {
        let mut parts = vec![self.not(depth)];
        loop {
            if self.take_word("and") {
                parts.push(self.not(depth));
            } else if self.starts_a_test() {
                let span = Span::new(self.previous_end(), self.here().start);
                self.problem_at(
                    "ruleMissingAnd",
                    "expected `and` or `or` between two tests",
                    span,
                    Some(" and ".into()),
                );
                parts.push(self.not(depth));
            } else {
                return combine(parts, Condition::And);
            }
        }
    }

    fn starts_a_test(&self) -> bool {
        match self.peek().map(|token| &token.kind) {
            // `where` and `by` belong to the aggregate around.
            Some(Kind::Name { .. }) => !["or", "where", "by"].iter().any(|word| self.is_word(word)),
            Some(Kind::Open) => true,
            _ => false,
        }
    }

    fn not(&mut self, depth: usize) -> Option<Condition> {
        if depth >= MAX_DEPTH {
            let message = format!("parentheses and `not` go deeper than {MAX_DEPTH} levels");
            self.give_up("ruleTooDeep", message);
            return None;
        }
        if self.take_word("not") {
            return self.not(depth + 1).map(|inner| Condition::Not(Box::new(inner)));
        }
        if self.peek().is_some_and(|token| token.kind == Kind::Open) {
            return self.parenthesis(depth);
        }
        let test = if self.is_word("in") { self.in_segment() } else { self.test(depth) };
        if test.is_none() {
            self.recover();
        }
        test
    }

    fn parenthesis(&mut self, depth: usize) -> Option<Condition> {
        let open = self.here();
        self.bump();
        let inner = self.or(depth + 1);
        if self.take(&Kind::Close) {
            return inner;
        }
        if self.peek().is_none() {
            self.problem_at("ruleUnmatched", "this `(` is never closed", open, None);
            return None;
        }
        self.expected("`and`, `or` or `)`", None);
        self.recover();
        self.take(&Kind::Close);
        None
    }

    /// `Attribute` or `Entity.Attribute`.
    pub(super) fn path(&mut self, wanted: &str) -> Option<Path> {
        let first = self.name(wanted, true)?;
        if !self.take(&Kind::Dot) {
            return Some(Path { entity: None, name: first });
        }
        let second = self.name("the attribute's name after the dot", false)?;
        let path = Path { entity: Some(first), name: second };
        if self.peek().is_some_and(|token| token.kind == Kind::Dot) {
            let message =
                "a path is `Attribute` or `Entity.Attribute`; a name that has a dot is written in brackets";
            self.problem("ruleLongPath", message, None);
            return None;
        }
        Some(path)
    }

    pub(super) fn name(&mut self, wanted: &str, first: bool) -> Option<Spanned<String>> {
        let span = self.here();
        match self.peek().map(|token| &token.kind) {
            Some(Kind::Name { text, bracketed }) if *bracketed || !first || !is_reserved(text) => {
                let name = Spanned { value: text.clone(), span };
                self.bump();
                Some(name)
            }
            Some(Kind::Name { text, .. }) if !matches!(text.to_ascii_lowercase().as_str(), "and" | "or") => {
                let suggestion = Some(format!("[{text}]"));
                self.expected(
                    &format!("{wanted} (a name that is a keyword is written in brackets)"),
                    suggestion,
                );
                None
            }
            Some(Kind::Number(number)) => {
                let suggestion = (!first).then(|| format!("[{number}]"));
                self.expected(wanted, suggestion);
                None
            }
            _ => {
                self.expected(wanted, None);
                None
            }
        }
    }
}

/// The parts as one, if all could be read.
fn combine(parts: Vec<Option<Condition>>, many: fn(Vec<Condition>) -> Condition) -> Option<Condition> {
    let mut parts: Vec<Condition> = parts.into_iter().collect::<Option<_>>()?;
    if parts.len() > 1 { Some(many(parts)) } else { parts.pop() }
}

/// Words that cannot start a path or be an unquoted value.
pub(super) fn is_reserved(word: &str) -> bool {
    const RESERVED: &[&str] = &["and", "or", "not", "in", "is", "between", "null", "true", "false"];
    RESERVED.iter().any(|reserved| reserved.eq_ignore_ascii_case(word))
}

fn describe(kind: &Kind) -> String {
    match kind {
        Kind::Name { text, bracketed: false } => format!("`{text}`"),
        Kind::Name { text, bracketed: true } => format!("`[{text}]`"),
        Kind::Text(text) => format!("the text '{text}'"),
        Kind::Number(number) => format!("the number {number}"),
        Kind::Comparison(comparison) => format!("`{}`", comparison.symbol()),
        Kind::Dot => "`.`".to_owned(),
        Kind::Comma => "`,`".to_owned(),
        Kind::Open => "`(`".to_owned(),
        Kind::Close => "`)`".to_owned(),
        Kind::Star => "`*`".to_owned(),
        Kind::Plus => "`+`".to_owned(),
        Kind::Minus => "`-`".to_owned(),
        Kind::Slash => "`/`".to_owned(),
        Kind::Percent => "`%`".to_owned(),
        Kind::Caret => "`^`".to_owned(),
        Kind::Wrong => "a sign without meaning".to_owned(),
    }
}
