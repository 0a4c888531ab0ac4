//! Changes to a JSON text at chosen places. Everything else stays as it was written, byte for byte.

use lang::diagnose::Span;
use lang::wdl::json::{Kind, Member, Node};

/// Changes to one text.
#[derive(Debug, Default)]
pub(super) struct Edits(Vec<(Span, String)>);

impl Edits {
    /// Puts `text` where `span` is.
    pub(super) fn replace(&mut self, span: Span, text: impl Into<String>) {
        self.0.push((span, text.into()));
    }

    /// Adds properties at the end of an object, spaced as its first property is.
    pub(super) fn append(&mut self, document: &str, object: &Node, added: &[(&str, String)]) {
        let mut text = String::new();
        let mut first = object.members().is_empty();
        let (open, colon) = spacing(document, object);
        for (key, value) in added {
            if !std::mem::take(&mut first) {
                text.push(',');
            }
            text.push_str(&format!("{open}{}{colon}{value}", quoted(key)));
        }
        let at = match object.members().last() {
            Some(last) => last.value.span.end,
            None => object.span.start + 1,
        };
        self.replace(Span::at(at), text);
    }

    /// Takes out properties of an object, with the commas that go with them.
    pub(super) fn remove(&mut self, object: &Node, unwanted: impl Fn(&Member) -> bool) {
        let members = object.members();
        let mut kept_before = false;
        for (index, member) in members.iter().enumerate() {
            if !unwanted(member) {
                kept_before = true;
                continue;
            }
            let before = index.checked_sub(1).and_then(|before| members.get(before));
            let after = members.get(index + 1);
            let span = match (kept_before, before, after) {
                (true, Some(before), _) => Span::new(before.value.span.end, member.value.span.end),
                (_, _, Some(after)) => Span::new(member.key_span.start, after.key_span.start),
                _ => member.key_span.to(member.value.span),
            };
            self.replace(span, "");
        }
    }

    /// The part of the changed text that `span` was; all changes must be inside it.
    pub(super) fn apply_within(self, document: &str, span: Span) -> String {
        let changed = self.apply(document);
        let after = document.len().saturating_sub(span.end);
        changed.get(span.start..changed.len().saturating_sub(after)).unwrap_or_default().to_owned()
    }

    /// The text with the changes. Of two that overlap, the one that begins first counts.
    pub(super) fn apply(mut self, document: &str) -> String {
        self.0.sort_by_key(|(span, _)| (span.start, std::cmp::Reverse(span.end)));
        let mut out = String::with_capacity(document.len());
        let mut at = 0;
        for (span, text) in &self.0 {
            if span.start < at {
                continue;
            }
            out.push_str(document.get(at..span.start).unwrap_or_default());
            out.push_str(text);
            at = span.end;
        }
        out.push_str(document.get(at..).unwrap_or_default());
        out
    }
}

/// The blanks before a property of this object, and what is between a name and its value.
fn spacing(document: &str, object: &Node) -> (String, &'static str) {
    let Some(first) = object.members().first() else { return (String::new(), ":") };
    let open = Span::new(object.span.start + 1, first.key_span.start).of(document);
    let between = Span::new(first.key_span.end, first.value.span.start).of(document);
    (open.to_owned(), if between.ends_with(' ') { ": " } else { ":" })
}

/// A text as JSON.
pub(super) fn quoted(text: &str) -> String {
    serde_json::Value::String(text.to_owned()).to_string()
}

/// Whether a value is an object.
pub(super) fn is_object(node: &Node) -> bool {
    matches!(node.kind, Kind::Object(_))
}

#[cfg(test)]
mod tests {
    use lang::wdl::json;

    use super::*;

    fn changed(document: &str, change: impl Fn(&mut Edits, &Node)) -> String {
        let root = json::read(document).0.unwrap();
        let mut edits = Edits::default();
        change(&mut edits, &root);
        let text = edits.apply(document);
        assert!(json::read(&text).0.is_some(), "{text}");
        text
    }

    #[test]
    fn properties_are_added_as_the_others_are_written() {
        let add = |edits: &mut Edits, root: &Node, document: &str| {
            edits.append(document, root, &[("b", "2".to_owned()), ("c", "3".to_owned())]);
        };
        for (before, after) in [
            ("{}", r#"{"b":2,"c":3}"#),
            (r#"{"a":1}"#, r#"{"a":1,"b":2,"c":3}"#),
            ("{\n  \"a\": 1.50\n}", "{\n  \"a\": 1.50,\n  \"b\": 2,\n  \"c\": 3\n}"),
        ] {
            assert_eq!(changed(before, |edits, root| add(edits, root, before)), after);
        }
    }

    #[test]
    fn any_properties_can_be_taken_out() {
        let document = r#"{ "a": 1, "b": [2], "c": 3, "d": 4 }"#;
        for unwanted in ["a", "b", "c", "d", "ab", "ac", "bd", "cd", "abc", "bcd", "abd", "abcd", ""] {
            let text =
                changed(document, |edits, root| edits.remove(root, |member| unwanted.contains(&member.key)));
            let left: String =
                json::read(&text).0.unwrap().members().iter().map(|member| member.key.clone()).collect();
            let wanted: String = "abcd".chars().filter(|key| !unwanted.contains(*key)).collect();
            assert_eq!(left, wanted, "{text}");
        }
    }
}
