//! The way in: a document to a checked definition and everything there is to say about it.

use super::build::Builder;
use super::check;
use super::definition::Definition;
use super::json::{self, Node};
use super::limits;
use crate::diagnose::{Diagnostic, Position, Severity, Span};
use serde::Serialize;

/// What was read.
#[derive(Debug, Clone)]
pub struct Checked {
    /// The definition, when there is no error in it.
    pub definition: Option<Definition>,
    /// All there is to say, in the order of the document.
    pub diagnostics: Vec<Finding>,
}

impl Checked {
    /// Whether an error keeps the definition from being used.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(|finding| finding.severity == Severity::Error)
    }
}

/// One thing to say about a definition, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    /// How bad it is.
    pub severity: Severity,
    /// A stable camelCase code, one per kind of mistake.
    pub code: &'static str,
    /// What was found, what was expected.
    pub message: String,
    /// JSON pointer (RFC 6901) of the value or property in question.
    pub pointer: String,
    /// Bytes of the document.
    pub span: Span,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// The offending text, cut when it is long.
    pub text: String,
    /// What to write instead, when that can be told.
    pub suggestion: Option<String>,
}

impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}: {}[{}]: {}", self.line, self.column, self.severity, self.code, self.message)?;
        match &self.suggestion {
            Some(suggestion) => write!(f, " ({suggestion})"),
            None => Ok(()),
        }
    }
}

impl Definition {
    /// Reads a definition: bare (`triggers` and `actions`), wrapped in `{definition: …}` or
    /// `{properties: {definition: …}}`, or as the first workflow of an ARM template.
    #[must_use]
    pub fn parse(text: &str) -> Checked {
        if text.len() > limits::DOCUMENT_BYTES {
            let message =
                format!("the document has {} bytes; {} are allowed", text.len(), limits::DOCUMENT_BYTES);
            let found = vec![Diagnostic::error("documentTooLarge", message, Span::at(0))];
            return Checked { definition: None, diagnostics: findings(text, None, found) };
        }
        let (node, mut diagnostics) = json::read(text);
        let Some(document) = node else {
            return Checked { definition: None, diagnostics: findings(text, None, diagnostics) };
        };
        let Some(root) = locate(&document) else {
            let message = "there is no workflow definition here: expected an object with \"triggers\" and \
                           \"actions\", or one that wraps it as \"definition\" or \"properties.definition\"";
            diagnostics.push(Diagnostic::error("noDefinition", message, first_line(text, document.span)));
            return Checked { definition: None, diagnostics: findings(text, Some(&document), diagnostics) };
        };
        let mut builder = Builder::new(text);
        let definition = builder.definition(root);
        diagnostics.append(&mut builder.diagnostics);
        diagnostics.extend(check::check(&builder.facts));
        let good = !diagnostics.iter().any(Diagnostic::is_error);
        Checked {
            definition: good.then_some(definition),
            diagnostics: findings(text, Some(&document), diagnostics),
        }
    }
}

/// The first line of a span, for mistakes that concern all of it.
fn first_line(text: &str, span: Span) -> Span {
    let length = span.of(text).lines().next().map_or(0, str::len);
    Span::new(span.start, span.start + length)
}

/// The object that has `triggers` and `actions`, wherever a document keeps it; see [`Definition::parse`].
#[must_use]
pub fn locate(document: &Node) -> Option<&Node> {
    let is_definition = |node: &&Node| node.get("actions").is_some() && node.get("triggers").is_some();
    let candidates = [
        Some(document),
        document.get("definition"),
        document.get("properties").and_then(|properties| properties.get("definition")),
        document
            .get("properties")
            .and_then(|properties| properties.get("definition"))
            .and_then(|definition| definition.get("definition")),
    ];
    let direct = candidates.into_iter().flatten().find(is_definition);
    direct.or_else(|| {
        let resources = document.get("resources").map(Node::items).unwrap_or_default();
        resources
            .iter()
            .filter_map(|resource| resource.get("properties")?.get("definition"))
            .find(is_definition)
    })
}

/// The place of `offset`, counted on from a place before it.
fn position_from(text: &str, (start, place): (usize, Position), offset: usize) -> Position {
    let between = text.get(start..offset).unwrap_or_default();
    match between.rfind('\n') {
        None => Position { line: place.line, column: place.column + between.chars().count() },
        Some(newline) => Position {
            line: place.line + between.matches('\n').count(),
            column: between.get(newline + 1..).unwrap_or_default().chars().count() + 1,
        },
    }
}

fn findings(text: &str, document: Option<&Node>, mut diagnostics: Vec<Diagnostic>) -> Vec<Finding> {
    const SHOWN: usize = 120;
    diagnostics.sort_by_key(|found| (found.span.start, std::cmp::Reverse(found.severity)));
    diagnostics.dedup();
    let all = diagnostics.len();
    // Errors are never the ones that are cut off: without them the definition would seem usable.
    if all > limits::DIAGNOSTICS {
        let errors = diagnostics.iter().filter(|found| found.is_error()).count();
        let mut others = limits::DIAGNOSTICS.saturating_sub(errors);
        diagnostics.retain(|found| {
            found.is_error() || {
                let keep = others > 0;
                others = others.saturating_sub(1);
                keep
            }
        });
        diagnostics.truncate(limits::DIAGNOSTICS);
        let message = format!("{all} findings; only {} are shown", limits::DIAGNOSTICS);
        diagnostics.push(Diagnostic::info("moreFindings", message, Span::at(text.len())));
    }
    // The findings are in the order of the text, so each place is counted on from the one before.
    let mut last = (0, Position { line: 1, column: 1 });
    let finding = |found: Diagnostic| {
        let place = position_from(text, last, found.span.start);
        last = (found.span.start, place);
        Finding {
            severity: found.severity,
            code: found.code,
            message: found.message,
            pointer: document.map(|document| document.pointer_at(found.span.start)).unwrap_or_default(),
            span: found.span,
            line: place.line,
            column: place.column,
            text: found.span.of(text).chars().take(SHOWN).collect(),
            suggestion: found.suggestion,
        }
    };
    diagnostics.into_iter().map(finding).collect()
}
