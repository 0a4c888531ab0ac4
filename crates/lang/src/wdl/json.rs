//! A JSON reader that keeps the place of every value, so that each mistake can be shown where it was written.

use crate::diagnose::{Diagnostic, Span};
use crate::expr::limits::JSON_DEPTH;
use serde_json::{Map, Number, Value};

/// A JSON value and where it stands.
#[derive(Debug, Clone)]
pub struct Node {
    /// The value.
    pub kind: Kind,
    /// Where it stands.
    pub span: Span,
}

/// What a value is.
#[derive(Debug, Clone)]
pub enum Kind {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number; its spelling is in the document.
    Number(Number),
    /// A text, decoded.
    Text(String),
    /// An array.
    Array(Vec<Node>),
    /// An object; properties of the same name are all here.
    Object(Vec<Member>),
}

/// A property of an object.
#[derive(Debug, Clone)]
pub struct Member {
    /// Its name, decoded.
    pub key: String,
    /// Where the name stands, quotes included.
    pub key_span: Span,
    /// Its value.
    pub value: Node,
}

impl Node {
    /// The text, if it is one.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match &self.kind {
            Kind::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The properties; none when it is no object.
    #[must_use]
    pub fn members(&self) -> &[Member] {
        match &self.kind {
            Kind::Object(members) => members,
            _ => &[],
        }
    }

    /// The elements; none when it is no array.
    #[must_use]
    pub fn items(&self) -> &[Self] {
        match &self.kind {
            Kind::Array(items) => items,
            _ => &[],
        }
    }

    /// The property of this name: the last exact one, else the last that differs in letter case only.
    #[must_use]
    pub fn member(&self, name: &str) -> Option<&Member> {
        let members = self.members();
        let exact = members.iter().rev().find(|member| member.key == name);
        exact.or_else(|| members.iter().rev().find(|member| member.key.eq_ignore_ascii_case(name)))
    }

    /// The value of the property of this name, as [`Self::member`] finds it.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Self> {
        self.member(name).map(|member| &member.value)
    }

    /// The kind in words: `an object`.
    pub(crate) fn kind_words(&self) -> &'static str {
        match self.kind {
            Kind::Null => "null",
            Kind::Bool(_) => "a boolean",
            Kind::Number(_) => "a number",
            Kind::Text(_) => "a text",
            Kind::Array(_) => "an array",
            Kind::Object(_) => "an object",
        }
    }

    /// The plain value; of properties with the same name the last one counts.
    #[must_use]
    pub fn to_value(&self) -> Value {
        match &self.kind {
            Kind::Null => Value::Null,
            Kind::Bool(value) => Value::Bool(*value),
            Kind::Number(number) => Value::Number(number.clone()),
            Kind::Text(text) => Value::String(text.clone()),
            Kind::Array(items) => Value::Array(items.iter().map(Self::to_value).collect()),
            Kind::Object(members) => {
                let map: Map<String, Value> =
                    members.iter().map(|member| (member.key.clone(), member.value.to_value())).collect();
                Value::Object(map)
            }
        }
    }

    /// The JSON pointer (RFC 6901) of the innermost value, or property name, that holds the byte `offset`.
    #[must_use]
    pub fn pointer_at(&self, offset: usize) -> String {
        let mut pointer = String::new();
        let mut node = self;
        let within = |span: Span| span.start <= offset && offset < span.end.max(span.start + 1);
        loop {
            let next = match &node.kind {
                Kind::Array(items) => items
                    .iter()
                    .enumerate()
                    .find(|(_, item)| within(item.span))
                    .map(|(index, item)| (index.to_string(), item)),
                Kind::Object(members) => members
                    .iter()
                    .find(|member| within(member.key_span.to(member.value.span)))
                    .map(|member| (member.key.replace('~', "~0").replace('/', "~1"), &member.value)),
                _ => None,
            };
            let Some((part, inner)) = next else { return pointer };
            pointer.push('/');
            pointer.push_str(&part);
            node = inner;
        }
    }
}

/// The byte offset in the document of byte `offset` of the decoded text whose JSON form starts at
/// `span.start`. Differs from simple addition when there are escapes before it.
#[must_use]
pub fn offset_in_document(document: &str, span: Span, offset: usize) -> usize {
    let raw = span.of(document);
    let inner = raw.strip_prefix('"').unwrap_or(raw);
    let mut at = span.start + (raw.len() - inner.len());
    let mut decoded = 0;
    let mut chars = inner.chars().peekable();
    while decoded < offset {
        let Some(c) = chars.next() else { break };
        at += c.len_utf8();
        if c != '\\' {
            decoded += c.len_utf8();
            continue;
        }
        let Some(escape) = chars.next() else { break };
        at += escape.len_utf8();
        decoded += 1;
        if escape == 'u' {
            let digits: String = chars.by_ref().take(4).collect();
            at += digits.len();
            let unit = u32::from_str_radix(&digits, 16).unwrap_or(0);
            // A surrogate pair is two escapes for one character of four bytes: count two for each half.
            let bytes = if (0xD800..0xE000).contains(&unit) {
                2
            } else {
                char::from_u32(unit).map_or(1, char::len_utf8)
            };
            decoded += bytes - 1;
        }
    }
    at.min(span.end)
}

/// Reads a document. Besides a mistake of the grammar (at most one, the first), it tells of property names that
/// stand twice in the same object.
#[must_use]
pub fn read(text: &str) -> (Option<Node>, Vec<Diagnostic>) {
    let start = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let mut reader = Reader { text, at: start, diagnostics: Vec::new() };
    let node = reader.document();
    match node {
        Ok(node) => (Some(node), reader.diagnostics),
        Err(mistake) => {
            reader.diagnostics.push(mistake);
            (None, reader.diagnostics)
        }
    }
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
    diagnostics: Vec<Diagnostic>,
}

impl Reader<'_> {
    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn fail(&self, expected: &str) -> Diagnostic {
        let (found, length) = match self.rest().chars().next() {
            None => ("the end of the document".to_owned(), 0),
            Some(c) => (format!("'{c}'"), c.len_utf8()),
        };
        let span = Span::new(self.at, self.at + length);
        Diagnostic::error("jsonSyntax", format!("expected {expected}, found {found}"), span)
    }

    fn document(&mut self) -> Result<Node, Diagnostic> {
        let node = self.value(0)?;
        self.space();
        match self.peek() {
            None => Ok(node),
            Some(_) => Err(self.fail("nothing after the JSON value")),
        }
    }

    fn value(&mut self, depth: usize) -> Result<Node, Diagnostic> {
        self.space();
        let start = self.at;
        if depth >= JSON_DEPTH {
            let message = format!("JSON values may stand {JSON_DEPTH} deep in one another");
            return Err(Diagnostic::error("jsonTooDeep", message, Span::at(start)));
        }
        let kind = match self.peek() {
            Some(b'{') => self.object(depth)?,
            Some(b'[') => self.array(depth)?,
            Some(b'"') => Kind::Text(self.string()?),
            Some(b'-' | b'0'..=b'9') => self.number()?,
            _ => self.word()?,
        };
        Ok(Node { kind, span: Span::new(start, self.at) })
    }

    fn word(&mut self) -> Result<Kind, Diagnostic> {
        for (word, kind) in [("true", Kind::Bool(true)), ("false", Kind::Bool(false)), ("null", Kind::Null)] {
            if self.rest().starts_with(word) {
                self.at += word.len();
                return Ok(kind);
            }
        }
        Err(self.fail("a JSON value"))
    }

    fn number(&mut self) -> Result<Kind, Diagnostic> {
        let start = self.at;
        while matches!(self.peek(), Some(b'-' | b'+' | b'.' | b'e' | b'E' | b'0'..=b'9')) {
            self.at += 1;
        }
        let span = Span::new(start, self.at);
        let number = serde_json::from_str::<Number>(span.of(self.text));
        number.map(Kind::Number).map_err(|_| {
            let message = format!("'{}' is no JSON number, or too large", span.of(self.text));
            Diagnostic::error("jsonSyntax", message, span)
        })
    }

    fn string(&mut self) -> Result<String, Diagnostic> {
        let start = self.at;
        self.at += 1;
        loop {
            match self.peek() {
                None | Some(b'\n') => {
                    let span = Span::new(start, self.at);
                    return Err(Diagnostic::error("jsonSyntax", "this text has no closing quote", span));
                }
                Some(b'"') => break,
                Some(b'\\') => self.at = (self.at + 2).min(self.text.len()),
                Some(_) => self.at += 1,
            }
        }
        self.at += 1;
        let span = Span::new(start, self.at);
        serde_json::from_str::<String>(span.of(self.text)).map_err(|_| {
            let message = "this text has an escape or a control character that JSON does not allow";
            Diagnostic::error("jsonSyntax", message, span)
        })
    }

    fn array(&mut self, depth: usize) -> Result<Kind, Diagnostic> {
        self.at += 1;
        let mut items = Vec::new();
        self.space();
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(Kind::Array(items));
        }
        loop {
            items.push(self.value(depth + 1)?);
            self.space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b']') => {
                    self.at += 1;
                    return Ok(Kind::Array(items));
                }
                _ => return Err(self.fail("',' or ']'")),
            }
        }
    }

    fn object(&mut self, depth: usize) -> Result<Kind, Diagnostic> {
        self.at += 1;
        let mut members: Vec<Member> = Vec::new();
        let mut keys = std::collections::HashSet::new();
        self.space();
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(Kind::Object(members));
        }
        loop {
            self.space();
            if self.peek() != Some(b'"') {
                return Err(self.fail("a property name in double quotes"));
            }
            let start = self.at;
            let key = self.string()?;
            let key_span = Span::new(start, self.at);
            if !keys.insert(key.clone()) {
                let message =
                    format!("the property '{key}' stands twice in this object; the last one counts");
                self.diagnostics.push(Diagnostic::warning("duplicateProperty", message, key_span));
            }
            self.space();
            if self.peek() != Some(b':') {
                return Err(self.fail("':'"));
            }
            self.at += 1;
            let value = self.value(depth + 1)?;
            members.push(Member { key, key_span, value });
            self.space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b'}') => {
                    self.at += 1;
                    return Ok(Kind::Object(members));
                }
                _ => return Err(self.fail("',' or '}'")),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_survive_escapes() {
        let document = r#"{"a": "x\n\u00e9\ud83d\ude00@{y}"}"#;
        let (node, found) = read(document);
        assert!(found.is_empty());
        let text = node.unwrap().get("a").unwrap().clone();
        let decoded = text.as_text().unwrap().find("@{").unwrap();
        let at = offset_in_document(document, text.span, decoded);
        assert_eq!(&document[at..at + 4], "@{y}");
    }

    #[test]
    fn a_place_has_a_pointer() {
        let document = r#"{"a/b": [1, {"c": true}]}"#;
        let node = read(document).0.unwrap();
        assert_eq!(node.pointer_at(document.find("true").unwrap()), "/a~1b/1/c");
        assert_eq!(node.pointer_at(document.find("\"c\"").unwrap()), "/a~1b/1/c");
        assert_eq!(node.pointer_at(0), "");
    }

    #[test]
    fn mistakes_are_told_where_they_are() {
        for (document, at, part) in [
            ("{\"a\": 1,}", 8, "property name"),
            ("[1 2]", 3, "',' or ']'"),
            ("{\"a\": \"x", 6, "closing quote"),
            ("[01]", 1, "no JSON number"),
            ("{} x", 3, "nothing after"),
            ("", 0, "a JSON value"),
            ("[\"\\q\"]", 1, "escape"),
        ] {
            let (node, found) = read(document);
            assert!(node.is_none(), "{document}");
            assert_eq!(found[0].span.start, at, "{document}");
            assert!(found[0].message.contains(part), "{document}: {}", found[0].message);
        }
    }

    #[test]
    fn one_level_more_than_allowed_is_refused() {
        let nested = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
        assert!(read(&nested(JSON_DEPTH)).0.is_some());
        assert_eq!(read(&nested(JSON_DEPTH + 1)).1[0].code, "jsonTooDeep");
    }
}
