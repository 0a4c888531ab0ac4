//! What every grammar of this crate says about a mistake: where it is, what is wrong, what would be right.

use serde::Serialize;
use std::fmt;

/// A range of bytes in the text that was read: `start..end`, end excluded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize)]
pub struct Span {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

impl Span {
    /// The bytes `start..end`; an end before the start counts as empty.
    #[must_use]
    pub fn new(start: usize, end: usize) -> Self {
        Self { start, end: end.max(start) }
    }

    /// The empty range at `offset`.
    #[must_use]
    pub fn at(offset: usize) -> Self {
        Self { start: offset, end: offset }
    }

    /// The smallest range that covers both.
    #[must_use]
    pub fn to(self, other: Self) -> Self {
        Self { start: self.start.min(other.start), end: self.end.max(other.end) }
    }

    /// The range moved towards the end of the text by `by` bytes.
    #[must_use]
    pub fn shifted(self, by: usize) -> Self {
        Self { start: self.start.saturating_add(by), end: self.end.saturating_add(by) }
    }

    /// The words of `text` in this range; empty when the range does not fit the text.
    #[must_use]
    pub fn of(self, text: &str) -> &str {
        text.get(self.start..self.end).unwrap_or_default()
    }
}

/// How bad a [`Diagnostic`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Severity {
    /// Worth knowing; nothing is wrong.
    Info,
    /// It can be used, but probably does not do what was meant.
    Warning,
    /// It cannot be used.
    Error,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        })
    }
}

/// One thing to say about a text that was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// A stable camelCase code, one per kind of mistake.
    pub code: &'static str,
    /// What was found, what was expected.
    pub message: String,
    /// Where, in the text that was given to the parser.
    pub span: Span,
    /// What to write instead, when that can be told.
    pub suggestion: Option<String>,
}

impl Diagnostic {
    /// A mistake that makes the text unusable.
    #[must_use]
    pub fn error(code: &'static str, message: impl Into<String>, span: Span) -> Self {
        Self { severity: Severity::Error, code, message: message.into(), span, suggestion: None }
    }

    /// Something that is probably a mistake.
    #[must_use]
    pub fn warning(code: &'static str, message: impl Into<String>, span: Span) -> Self {
        Self { severity: Severity::Warning, code, message: message.into(), span, suggestion: None }
    }

    /// Something worth knowing.
    #[must_use]
    pub fn info(code: &'static str, message: impl Into<String>, span: Span) -> Self {
        Self { severity: Severity::Info, code, message: message.into(), span, suggestion: None }
    }

    /// The same with a suggestion, if there is one.
    #[must_use]
    pub fn suggest(mut self, suggestion: Option<String>) -> Self {
        self.suggestion = suggestion;
        self
    }

    /// Whether the text cannot be used because of this.
    #[must_use]
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}[{}]: {}", self.severity, self.code, self.message)?;
        if let Some(suggestion) = &self.suggestion {
            write!(f, " ({suggestion})")?;
        }
        Ok(())
    }
}

/// A place in a text as people count: from 1, columns in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Position {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
}

/// Line and column of a byte offset. An offset past the end, or inside a character, counts as the nearest
/// place before it.
#[must_use]
pub fn line_column(text: &str, offset: usize) -> Position {
    let mut offset = offset.min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    let before = text.get(..offset).unwrap_or_default();
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    Position {
        line: before.matches('\n').count() + 1,
        column: before.get(line_start..).unwrap_or_default().chars().count() + 1,
    }
}

/// The candidate that `word` is most likely a misspelling of, or nothing when none is close. Letter case
/// does not count.
#[must_use]
pub fn did_you_mean<'c, I>(word: &str, candidates: I) -> Option<&'c str>
where
    I: IntoIterator<Item = &'c str>,
{
    const LONGEST: usize = 200; // nobody misspells a word this long; the comparison is quadratic
    if word.is_empty() || word.len() > LONGEST {
        return None;
    }
    let lower = word.to_lowercase();
    let length = lower.chars().count();
    let most = 1 + length / 4;
    candidates
        .into_iter()
        // Words whose lengths differ by more than the distance allowed need no comparison.
        .filter(|candidate| candidate.len() <= LONGEST && candidate.chars().count().abs_diff(length) <= most)
        .map(|candidate| (strsim::osa_distance(&lower, &candidate.to_lowercase()), candidate))
        .filter(|(distance, candidate)| *distance <= most && *distance < candidate.chars().count())
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_columns_count_characters_from_one() {
        let text = "añb\nçd";
        assert_eq!(line_column(text, 0), Position { line: 1, column: 1 });
        assert_eq!(line_column(text, 3), Position { line: 1, column: 3 });
        assert_eq!(line_column(text, 2), Position { line: 1, column: 2 }, "inside ñ");
        assert_eq!(line_column(text, text.len()), Position { line: 2, column: 3 });
        assert_eq!(line_column(text, 999), Position { line: 2, column: 3 });
    }

    #[test]
    fn a_near_word_is_suggested_and_a_far_one_is_not() {
        assert_eq!(did_you_mean("toLowr", ["toUpper", "toLower"]), Some("toLower"));
        assert_eq!(did_you_mean("TOLOWER", ["toLower"]), Some("toLower"));
        assert_eq!(did_you_mean("lenght", ["length"]), Some("length"));
        assert_eq!(did_you_mean("banana", ["length", "concat"]), None);
        assert_eq!(did_you_mean("x", ["y"]), None, "a one-letter word is not near to any other");
    }
}
