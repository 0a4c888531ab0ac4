//! Tokens to the tree. A mistake never stops the reading: it goes on at the next comma or closing bracket, so
//! that all mistakes are told at once.

use super::ast::{Expr, Key, Node, Step};
use super::functions;
use super::limits;
use super::token::{Spanned, Token, tokenize};
use crate::diagnose::{Diagnostic, Span};

/// What was read: a tree, if the grammar was kept, and everything there is to say about it. Unknown functions
/// and wrong numbers of arguments are told, but leave a tree: the compatible host fails on them only when they
/// are evaluated.
#[derive(Debug, Clone)]
pub struct Parsed {
    /// The tree, when the text is an expression.
    pub expr: Option<Expr>,
    /// All mistakes.
    pub diagnostics: Vec<Diagnostic>,
}

/// Reads one expression, without `@` and without braces. Spans are bytes of `text`.
#[must_use]
pub fn parse(text: &str) -> Parsed {
    let (expr, diagnostics, _) = parse_at(text, 0, false);
    Parsed { expr, diagnostics }
}

/// Reads the expression at byte `start`, up to the end or (with `to_brace`) up to the closing brace. Gives the
/// offset after the expression (and brace).
pub(crate) fn parse_at(text: &str, start: usize, to_brace: bool) -> (Option<Expr>, Vec<Diagnostic>, usize) {
    let end = end_of(text, start, to_brace);
    let inside = text.get(start..end).unwrap_or_default();
    // Counted before anything is built of it, so that a huge one costs nothing.
    if inside.chars().nth(limits::EXPRESSION_CHARACTERS).is_some() {
        let message = format!("an expression may have {} characters", limits::EXPRESSION_CHARACTERS);
        let found = Diagnostic::error("expressionTooLong", message, Span::new(start, end));
        return (None, vec![found], (end + usize::from(to_brace)).min(text.len()));
    }
    let tokens = tokenize(text, start, to_brace);
    let last = tokens.last().map_or(Span::at(text.len()), |token| token.span);
    let mut parser = Parser { tokens, at: 0, depth: 0, broken: false, diagnostics: Vec::new() };
    if to_brace && last.start == last.end {
        parser.broken = true;
        let opening = Span::new(start.saturating_sub(2), start);
        parser.diagnostics.push(
            Diagnostic::error("braceNotClosed", "this @{ has no closing }", opening)
                .suggest(Some("add }, or write @@{ for the text @{".to_owned())),
        );
    }
    let expr = parser.whole();
    if to_brace && last.start == last.end {
        // What misses at the end misses because of the brace.
        parser.diagnostics.retain(|found| found.span.start < last.start);
    }
    let expr = if parser.broken { None } else { expr };
    (expr, parser.diagnostics, last.end)
}

/// Where the expression ends: at the end of the text, or at the first brace outside quotes.
fn end_of(text: &str, start: usize, to_brace: bool) -> usize {
    if !to_brace {
        return text.len();
    }
    let mut quoted = false;
    for (at, byte) in text.bytes().enumerate().skip(start) {
        match byte {
            b'\'' => quoted = !quoted,
            b'}' if !quoted => return at,
            _ => {}
        }
    }
    text.len()
}

struct Parser {
    tokens: Vec<Spanned>,
    at: usize,
    depth: usize,
    /// Whether the grammar was not kept somewhere, so that the tree is not to be used.
    broken: bool,
    diagnostics: Vec<Diagnostic>,
}

impl Parser {
    fn peek(&self) -> (&Token, Span) {
        self.tokens
            .get(self.at)
            .or_else(|| self.tokens.last())
            .map_or_else(|| (&Token::End, Span::default()), |spanned| (&spanned.token, spanned.span))
    }

    fn advance(&mut self) -> Span {
        let span = self.peek().1;
        self.at = (self.at + 1).min(self.tokens.len().saturating_sub(1));
        span
    }

    fn eat(&mut self, wanted: &Token) -> Option<Span> {
        (self.peek().0 == wanted).then(|| self.advance())
    }

    fn fail(&mut self, expected: &str) {
        self.broken = true;
        let (token, span) = self.peek();
        let diagnostic = match token {
            Token::Bad { code, message } => Diagnostic::error(code, message.clone(), span),
            token => Diagnostic::error(
                "unexpectedToken",
                format!("expected {expected}, found {}", describe(token)),
                span,
            ),
        };
        self.diagnostics.push(diagnostic);
    }

    fn whole(&mut self) -> Option<Expr> {
        if self.peek().0 == &Token::End {
            self.fail("an expression");
            return None;
        }
        let expr = self.expr();
        if self.peek().0 != &Token::End {
            if expr.is_some() {
                self.fail("nothing more (an expression is one call, text, number or path)");
            }
            self.broken = true;
        }
        expr
    }

    fn expr(&mut self) -> Option<Expr> {
        if self.depth >= limits::EXPRESSION_DEPTH {
            self.broken = true;
            let message = format!("expressions may stand {} deep in one another", limits::EXPRESSION_DEPTH);
            let span = self.peek().1;
            self.diagnostics.push(Diagnostic::error("expressionTooDeep", message, span));
            self.at = self.tokens.len().saturating_sub(1);
            return None;
        }
        self.depth += 1;
        let expr = self.primary().map(|base| self.steps(base));
        self.depth -= 1;
        expr
    }

    fn primary(&mut self) -> Option<Expr> {
        let (token, span) = self.peek();
        let node = match token.clone() {
            Token::Text(text) => Node::Text(text),
            Token::Integer(value) => Node::Integer(value),
            Token::Float(value) => Node::Float(value),
            Token::Name(name) => {
                self.advance();
                return self.named(name, span);
            }
            _ => {
                self.fail("a function call, a text in single quotes, a number, true, false or null");
                return None;
            }
        };
        self.advance();
        Some(Expr { node, span })
    }

    fn named(&mut self, name: String, span: Span) -> Option<Expr> {
        if self.eat(&Token::Open).is_some() {
            return Some(self.call(name, span));
        }
        let node = match name.to_ascii_lowercase().as_str() {
            "true" => Node::Bool(true),
            "false" => Node::Bool(false),
            "null" => Node::Null,
            _ => {
                self.broken = true;
                let suggestion = match functions::find(&name) {
                    Some(function) => format!("write {}(…)", function.name),
                    None => format!("write '{name}' in quotes if it is a text"),
                };
                let message = format!("expected '(' after the function name '{name}'");
                self.diagnostics
                    .push(Diagnostic::error("missingParenthesis", message, span).suggest(Some(suggestion)));
                return None;
            }
        };
        Some(Expr { node, span })
    }

    /// The arguments and the closing parenthesis; the opening one has been read.
    fn call(&mut self, name: String, name_span: Span) -> Expr {
        let mut args = Vec::new();
        let mut end = name_span;
        if let Some(close) = self.eat(&Token::Close) {
            end = close;
        } else {
            loop {
                let arg = self.expr();
                let failed = arg.is_none();
                args.extend(arg);
                if failed {
                    self.recover();
                    if self.peek().0 == &Token::End {
                        break; // already told
                    }
                }
                if self.eat(&Token::Comma).is_some() {
                    continue;
                }
                if let Some(close) = self.eat(&Token::Close) {
                    end = close;
                    break;
                }
                self.fail("',' or ')'");
                self.recover();
                if self.eat(&Token::Comma).is_none() {
                    self.eat(&Token::Close);
                    break;
                }
            }
        }
        let function = functions::find(&name);
        if !self.broken {
            self.diagnostics.extend(functions::check_call(&name, name_span, function, args.len()));
        } else if function.is_none() {
            self.diagnostics.extend(functions::check_call(&name, name_span, None, args.len()));
        }
        let span = name_span.to(end);
        Expr { node: Node::Call { name, name_span, function, args }, span }
    }

    fn steps(&mut self, base: Expr) -> Expr {
        let mut steps: Vec<Step> = Vec::new();
        while let Some(step) = self.step() {
            steps.push(step);
        }
        match steps.last() {
            None => base,
            Some(last) => {
                let span = base.span.to(last.span);
                Expr { node: Node::Path { base: Box::new(base), steps }, span }
            }
        }
    }

    fn step(&mut self) -> Option<Step> {
        let question = self.eat(&Token::Question);
        let forgiving = question.is_some();
        if let Some(dot) = self.eat(&Token::Dot) {
            let start = question.unwrap_or(dot);
            if let (Token::Name(name), span) = (self.peek().0.clone(), self.peek().1) {
                self.advance();
                return Some(Step { forgiving, key: Key::Name(name), span: start.to(span) });
            }
            self.fail("a property name after '.'");
            return None;
        }
        if let Some(open) = self.eat(&Token::OpenBracket) {
            let start = question.unwrap_or(open);
            let index = self.expr();
            if index.is_none() {
                self.recover();
            }
            let Some(close) = self.eat(&Token::CloseBracket) else {
                if index.is_some() {
                    self.fail("']'");
                }
                return None;
            };
            return index.map(|index| Step { forgiving, key: Key::Index(index), span: start.to(close) });
        }
        if forgiving {
            self.fail("'.' or '[' after '?'");
        }
        None
    }

    /// Skips to the next comma or closing bracket that belongs to the call being read.
    fn recover(&mut self) {
        self.broken = true;
        let mut depth = 0_usize;
        loop {
            match self.peek().0 {
                Token::End => return,
                Token::Open | Token::OpenBracket => depth += 1,
                Token::Comma if depth == 0 => return,
                Token::Close | Token::CloseBracket if depth == 0 => return,
                Token::Close | Token::CloseBracket => depth -= 1,
                _ => {}
            }
            self.advance();
        }
    }
}

fn describe(token: &Token) -> String {
    match token {
        Token::Name(name) => format!("'{name}'"),
        Token::Text(text) => format!("the text '{text}'"),
        Token::Integer(value) => format!("the number {value}"),
        Token::Float(value) => format!("the number {value:?}"),
        Token::Dot => "'.'".to_owned(),
        Token::Question => "'?'".to_owned(),
        Token::OpenBracket => "'['".to_owned(),
        Token::CloseBracket => "']'".to_owned(),
        Token::Open => "'('".to_owned(),
        Token::Close => "')'".to_owned(),
        Token::Comma => "','".to_owned(),
        Token::End => "the end of the expression".to_owned(),
        Token::Bad { message, .. } => message.clone(),
    }
}
