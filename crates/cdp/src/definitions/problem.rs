//! Mistakes in definitions: where, what, and what would be right.

use std::fmt;

use lang::diagnose::{Severity, Span, line_column};
use serde::Serialize;

use super::limits::MAX_PROBLEMS;

/// One mistake, or something that is probably one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Problem {
    /// How bad it is.
    pub severity: Severity,
    /// A stable code, one per kind of mistake.
    pub code: &'static str,
    /// What is wrong.
    pub message: String,
    /// What would be right, when that can be told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suggestion: Option<String>,
    /// The file, relative to the folder of the definitions, with `/` between names.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// The bytes of the file.
    pub span: Span,
    /// The words that stand there; the first line of them.
    pub text: String,
}

/// Everything that is to be said about a folder of definitions, by file and place.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// What is wrong.
    pub problems: Vec<Problem>,
    /// How many more mistakes there are than are listed.
    pub more: usize,
    /// The files that were read, to show the lines.
    #[serde(skip)]
    pub files: Vec<SourceText>,
}

/// A file as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceText {
    /// Relative to the folder of the definitions.
    pub name: String,
    /// What it holds.
    pub text: String,
}

impl Report {
    /// Whether there is a mistake that makes the definitions unusable.
    pub fn has_errors(&self) -> bool {
        self.problems.iter().any(|problem| problem.severity == Severity::Error)
    }

    /// The text of a file that a problem is in.
    pub fn source(&self, file: &str) -> Option<&str> {
        self.files.iter().find(|source| source.name == file).map(|source| source.text.as_str())
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, line, column, severity, code, message, .. } = self;
        write!(f, "{file}:{line}:{column}: {severity}[{code}]: {message}")?;
        match &self.suggestion {
            Some(suggestion) => write!(f, "\n  help: {suggestion}"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for problem in &self.problems {
            writeln!(f, "{problem}")?;
        }
        if self.more > 0 {
            writeln!(f, "… and {} more", self.more)?;
        }
        Ok(())
    }
}

impl std::error::Error for Report {}

/// A file that is being read, by its place in the list of files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct FileId(pub(super) usize);

/// A range of bytes of one file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Place {
    pub(super) file: FileId,
    pub(super) span: Span,
}

/// The mistakes found so far, and the files they are in.
#[derive(Debug, Default)]
pub(super) struct Problems {
    files: Vec<SourceText>,
    found: Vec<(Place, Found)>,
}

#[derive(Debug)]
struct Found {
    severity: Severity,
    code: &'static str,
    message: String,
    suggestion: Option<String>,
}

impl Problems {
    /// Takes in a file, so that mistakes can be placed in it.
    pub(super) fn file(&mut self, name: String, text: String) -> FileId {
        self.files.push(SourceText { name, text });
        FileId(self.files.len() - 1)
    }

    /// The text of a file.
    pub(super) fn text(&self, file: FileId) -> &str {
        self.files.get(file.0).map_or("", |source| source.text.as_str())
    }

    /// The name of a file.
    pub(super) fn name(&self, file: FileId) -> &str {
        self.files.get(file.0).map_or("", |source| source.name.as_str())
    }

    /// Notes a mistake.
    pub(super) fn error(&mut self, at: Place, code: &'static str, message: impl Into<String>) {
        self.suggest(at, code, message, None);
    }

    /// Notes a mistake and what would be right.
    pub(super) fn suggest(
        &mut self,
        at: Place,
        code: &'static str,
        message: impl Into<String>,
        suggestion: Option<String>,
    ) {
        self.add(at, Severity::Error, code, message.into(), suggestion);
    }

    /// Notes something that may be meant differently.
    pub(super) fn warning(
        &mut self,
        at: Place,
        code: &'static str,
        message: impl Into<String>,
        suggestion: Option<String>,
    ) {
        self.add(at, Severity::Warning, code, message.into(), suggestion);
    }

    /// Notes what a grammar of `lang` said about a text at `at`.
    pub(super) fn add(
        &mut self,
        at: Place,
        severity: Severity,
        code: &'static str,
        message: String,
        suggestion: Option<String>,
    ) {
        self.found.push((at, Found { severity, code, message, suggestion }));
    }

    /// How many errors there are so far.
    pub(super) fn errors(&self) -> usize {
        self.found.iter().filter(|(_, found)| found.severity == Severity::Error).count()
    }

    /// The report: by file in the order of reading, then by place.
    pub(super) fn into_report(mut self) -> Report {
        self.found.sort_by_key(|(place, _)| (place.file.0, place.span.start));
        // Errors must be among those that are listed.
        if self.found.len() > MAX_PROBLEMS {
            self.found.sort_by_key(|(_, found)| found.severity != Severity::Error);
        }
        let more = self.found.len().saturating_sub(MAX_PROBLEMS);
        let files = self.files;
        let problems =
            self.found.into_iter().take(MAX_PROBLEMS).map(|(place, found)| problem(&files, place, found));
        Report { problems: problems.collect(), more, files }
    }
}

fn problem(files: &[SourceText], place: Place, found: Found) -> Problem {
    let (name, text) =
        files.get(place.file.0).map_or(("", ""), |source| (source.name.as_str(), source.text.as_str()));
    let at = line_column(text, place.span.start);
    Problem {
        severity: found.severity,
        code: found.code,
        message: found.message,
        suggestion: found.suggestion,
        file: name.to_owned(),
        line: at.line,
        column: at.column,
        span: place.span,
        text: place.span.of(text).lines().next().unwrap_or_default().to_owned(),
    }
}
