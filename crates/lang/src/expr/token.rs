//! Expression text to tokens, with byte spans. White space is free between tokens.

use crate::diagnose::Span;

/// One token.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Token {
    Name(String),
    Text(String),
    Integer(i64),
    Float(f64),
    /// `.`
    Dot,
    /// `?` directly before `.` or `[`; white space may stand between
    Question,
    OpenBracket,
    CloseBracket,
    Open,
    Close,
    Comma,
    /// The end of the text, or the `}` that ends an interpolation.
    End,
    /// Something that is no token: what to say about it.
    Bad {
        code: &'static str,
        message: String,
    },
}

/// A token and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Spanned {
    pub(crate) token: Token,
    pub(crate) span: Span,
}

/// Reads tokens from byte `start`. With `to_brace`, a `}` outside quotes ends the expression; the last token
/// is always [`Token::End`], whose span is the brace (or empty at the end of the text).
pub(crate) fn tokenize(text: &str, start: usize, to_brace: bool) -> Vec<Spanned> {
    let mut lexer = Lexer { text, at: start, after_value: false };
    let mut tokens = Vec::new();
    loop {
        let spanned = lexer.next(to_brace);
        lexer.after_value = matches!(
            spanned.token,
            Token::Name(_) | Token::Text(_) | Token::Close | Token::CloseBracket | Token::Question
        );
        let end = spanned.token == Token::End;
        tokens.push(spanned);
        if end {
            return tokens;
        }
    }
}

struct Lexer<'t> {
    text: &'t str,
    at: usize,
    /// Whether the token before was a value: then `.` is access and not the start of a number.
    after_value: bool,
}

impl Lexer<'_> {
    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn peek_second(&self) -> Option<char> {
        self.rest().chars().nth(1)
    }

    fn eat_while(&mut self, wanted: impl Fn(char) -> bool) {
        let rest = self.rest();
        self.at += rest.find(|c| !wanted(c)).unwrap_or(rest.len());
    }

    fn next(&mut self, to_brace: bool) -> Spanned {
        self.eat_while(char::is_whitespace);
        let start = self.at;
        let Some(first) = self.peek() else {
            return Spanned { token: Token::End, span: Span::at(start) };
        };
        let token = match first {
            '}' if to_brace => {
                return Spanned { token: Token::End, span: Span::new(start, start + 1) };
            }
            '\'' => self.text_literal(),
            c if c.is_alphabetic() || c == '_' => {
                self.eat_while(|c| c.is_alphanumeric() || c == '_');
                Token::Name(self.text.get(start..self.at).unwrap_or_default().to_owned())
            }
            c if self.starts_number(c) => self.number(),
            c => {
                self.at += c.len_utf8();
                punctuation(c)
            }
        };
        Spanned { token, span: Span::new(start, self.at) }
    }

    fn text_literal(&mut self) -> Token {
        self.at += 1;
        let mut value = String::new();
        loop {
            let rest = self.rest();
            let Some(quote) = rest.find('\'') else {
                self.at = self.text.len();
                return Token::Bad {
                    code: "textNotClosed",
                    message: "the text that starts here has no closing quote (')".to_owned(),
                };
            };
            let doubled = rest.get(quote + 1..).is_some_and(|after| after.starts_with('\''));
            value.push_str(rest.get(..quote).unwrap_or_default());
            self.at += quote + 1;
            if !doubled {
                return Token::Text(value);
            }
            value.push('\'');
            self.at += 1;
        }
    }

    fn starts_number(&self, first: char) -> bool {
        let second = self.peek_second();
        let digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
        match first {
            '0'..='9' => true,
            '+' | '-' => digit(second) || (second == Some('.') && digit(self.rest().chars().nth(2))),
            '.' => !self.after_value && digit(second),
            _ => false,
        }
    }

    fn number(&mut self) -> Token {
        let start = self.at;
        if matches!(self.peek(), Some('+' | '-')) {
            self.at += 1;
        }
        self.eat_while(|c| c.is_ascii_digit());
        let mut float = false;
        if self.peek() == Some('.') {
            float = true;
            self.at += 1;
            self.eat_while(|c| c.is_ascii_digit());
        }
        if matches!(self.peek(), Some('e' | 'E')) {
            let mut after = self.rest().chars().skip(1);
            let next = after.next();
            let signed = matches!(next, Some('+' | '-'));
            let digit = if signed { after.next() } else { next };
            if digit.is_some_and(|c| c.is_ascii_digit()) {
                float = true;
                self.at += if signed { 2 } else { 1 };
                self.eat_while(|c| c.is_ascii_digit());
            }
        }
        let word = self.text.get(start..self.at).unwrap_or_default();
        let out_of_range = |what: &str| Token::Bad {
            code: "numberOutOfRange",
            message: format!("the number {word} does not fit {what}"),
        };
        if float {
            match word.parse::<f64>() {
                Ok(value) if value.is_finite() => Token::Float(value),
                _ => out_of_range("a 64-bit float"),
            }
        } else {
            word.parse::<i64>().map_or_else(|_| out_of_range("a signed 64-bit integer"), Token::Integer)
        }
    }
}

fn punctuation(c: char) -> Token {
    match c {
        '.' => Token::Dot,
        '?' => Token::Question,
        '[' => Token::OpenBracket,
        ']' => Token::CloseBracket,
        '(' => Token::Open,
        ')' => Token::Close,
        ',' => Token::Comma,
        '"' => Token::Bad {
            code: "doubleQuote",
            message: "found a double quote; texts stand in single quotes, as in 'text'".to_owned(),
        },
        '+' | '-' | '*' | '/' | '%' | '=' | '<' | '>' | '!' | '&' | '|' => Token::Bad {
            code: "operator",
            message: format!("found '{c}'; there are no operators, use a function such as {}", instead(c)),
        },
        '@' => Token::Bad {
            code: "unexpectedToken",
            message: "found '@'; an expression inside another one is written without it".to_owned(),
        },
        c => Token::Bad {
            code: "unexpectedToken",
            message: format!("found '{c}', which starts nothing that an expression can hold"),
        },
    }
}

fn instead(operator: char) -> &'static str {
    match operator {
        '+' => "add(a, b) or concat(a, b)",
        '-' => "sub(a, b)",
        '*' => "mul(a, b)",
        '/' => "div(a, b)",
        '%' => "mod(a, b)",
        '=' => "equals(a, b)",
        '<' => "less(a, b)",
        '>' => "greater(a, b)",
        '!' => "not(a)",
        '&' => "and(a, b)",
        _ => "or(a, b)",
    }
}
