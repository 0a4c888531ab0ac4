//! XPath text to tokens (section 3.7 of the recommendation).

/// One token.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    /// A name, perhaps with a prefix; or an operator that is a word.
    Name(String),
    /// `prefix:*`
    Prefix(String),
    Text(String),
    Number(f64),
    /// A name test or an operator: `*`
    Star,
    /// `*` after an operand: multiplication
    Times,
    /// `and`, `or`, `div`, `mod` after an operand
    Word(&'static str),
    /// `/`, `//`, `|`, `+`, `-`, `=`, `!=`, `<`, `<=`, `>`, `>=`, `(`, `)`, `[`, `]`, `.`, `..`, `@`, `,`, `::`
    Mark(&'static str),
    End,
}

const MARKS: [&str; 20] = [
    "//", "::", "..", "!=", "<=", ">=", "/", "|", "+", "-", "=", "<", ">", "(", ")", "[", "]", ".", "@", ",",
];

/// The tokens, the last of which is [`Token::End`].
///
/// # Errors
/// A sentence about the first character that starts no token.
pub(super) fn tokenize(text: &str) -> Result<Vec<Token>, String> {
    let mut tokens: Vec<Token> = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let (token, length) = one(rest, first, tokens.last())?;
        tokens.push(token);
        rest = rest.get(length..).unwrap_or_default().trim_start();
    }
    tokens.push(Token::End);
    Ok(tokens)
}

/// Whether an operand ended before, so that `*` and words are operators.
fn after_operand(before: Option<&Token>) -> bool {
    match before {
        None | Some(Token::Times | Token::Word(_)) => false,
        Some(Token::Mark(mark)) => matches!(*mark, ")" | "]" | "." | ".."),
        Some(_) => true,
    }
}

fn one(rest: &str, first: char, before: Option<&Token>) -> Result<(Token, usize), String> {
    if first == '"' || first == '\'' {
        let inner = rest.get(1..).unwrap_or_default();
        let end = inner.find(first).ok_or_else(|| format!("the text {rest} has no closing quote"))?;
        return Ok((Token::Text(inner.get(..end).unwrap_or_default().to_owned()), end + 2));
    }
    let digit_next = rest.get(1..).is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    if first.is_ascii_digit() || (first == '.' && digit_next) {
        return Ok(number(rest));
    }
    if first == '*' {
        return Ok((if after_operand(before) { Token::Times } else { Token::Star }, 1));
    }
    if first.is_alphabetic() || first == '_' {
        return Ok(name(rest, before));
    }
    match MARKS.iter().find(|mark| rest.starts_with(**mark)) {
        Some(mark) => Ok((Token::Mark(mark), mark.len())),
        None if first == '$' => Err("variables ($name) are not supported".to_owned()),
        None => Err(format!("found '{first}', which starts nothing that XPath has")),
    }
}

fn number(rest: &str) -> (Token, usize) {
    let digits = |text: &str| text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let mut length = digits(rest);
    if let Some(fraction) = rest.get(length..).and_then(|rest| rest.strip_prefix('.')) {
        length += 1 + digits(fraction);
    }
    let value = rest.get(..length).and_then(|text| text.parse().ok()).unwrap_or(f64::NAN);
    (Token::Number(value), length)
}

fn name(rest: &str, before: Option<&Token>) -> (Token, usize) {
    let part = |text: &str| {
        text.find(|c: char| !c.is_alphanumeric() && !matches!(c, '_' | '-' | '.' | '\u{b7}'))
            .unwrap_or(text.len())
    };
    let first = part(rest);
    let word = rest.get(..first).unwrap_or_default();
    if after_operand(before)
        && let Some(operator) = ["and", "or", "div", "mod"].into_iter().find(|operator| *operator == word)
    {
        return (Token::Word(operator), first);
    }
    let after = rest.get(first..).unwrap_or_default();
    if let Some(local) = after.strip_prefix(':').filter(|local| !local.starts_with(':')) {
        if local.starts_with('*') {
            return (Token::Prefix(word.to_owned()), first + 2);
        }
        if local.starts_with(|c: char| c.is_alphabetic() || c == '_') {
            let length = first + 1 + part(local);
            return (Token::Name(rest.get(..length).unwrap_or_default().to_owned()), length);
        }
    }
    (Token::Name(word.to_owned()), first)
}
