//! Mistakes with the place in the file, as people read them.

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use cdp::definitions::{Problem, Report};
use lang::diagnose::{Diagnostic, Severity, Span};
use lang::wdl::Finding;
use std::io::IsTerminal;

use crate::words::Words;

/// One mistake, wherever it was found.
struct Mistake<'a> {
    severity: Severity,
    code: &'a str,
    message: &'a str,
    suggestion: Option<&'a str>,
    file: &'a str,
    source: &'a str,
    span: Span,
}

/// The mistakes of a folder of definitions.
pub(super) fn problems(report: &Report, words: &Words) -> String {
    let mut text = String::new();
    for problem in &report.problems {
        let source = report.source(&problem.file).unwrap_or_default();
        text.push_str(&render(&of_problem(problem, source), words));
        text.push_str("\n\n");
    }
    if report.more > 0 {
        text.push_str(&words.text("check-more", &[("n", report.more.into())]));
        text.push('\n');
    }
    text
}

/// The findings of one workflow definition.
pub(super) fn findings(file: &str, source: &str, findings: &[Finding], words: &Words) -> String {
    if findings.is_empty() {
        return words.text("flow-no-findings", &[("file", file.into())]);
    }
    let mistake = |finding: &Finding| {
        let mistake = Mistake {
            severity: finding.severity,
            code: finding.code,
            message: &finding.message,
            suggestion: finding.suggestion.as_deref(),
            file,
            source,
            span: finding.span,
        };
        render(&mistake, words)
    };
    findings.iter().map(mistake).collect::<Vec<_>>().join("\n\n")
}

/// The mistakes of a condition that was typed.
pub(super) fn condition(text: &str, wrong: &[Diagnostic], words: &Words) -> String {
    let mistake = |it: &Diagnostic| {
        let mistake = Mistake {
            severity: it.severity,
            code: it.code,
            message: &it.message,
            suggestion: it.suggestion.as_deref(),
            file: "condition",
            source: text,
            span: it.span,
        };
        render(&mistake, words)
    };
    wrong.iter().map(mistake).collect::<Vec<_>>().join("\n\n")
}

fn of_problem<'a>(problem: &'a Problem, source: &'a str) -> Mistake<'a> {
    Mistake {
        severity: problem.severity,
        code: problem.code,
        message: &problem.message,
        suggestion: problem.suggestion.as_deref(),
        file: &problem.file,
        source,
        span: problem.span,
    }
}

fn render(mistake: &Mistake<'_>, words: &Words) -> String {
    let level = match mistake.severity {
        Severity::Error => Level::ERROR.with_name(words.word("error")),
        Severity::Warning => Level::WARNING.with_name(words.word("warning")),
        Severity::Info => Level::INFO.with_name(words.word("info")),
    };
    let end = mistake.span.end.min(mistake.source.len());
    let start = mistake.span.start.min(end);
    let range = floor(mistake.source, start)..floor(mistake.source, end);
    let snippet =
        Snippet::source(mistake.source).path(mistake.file).annotation(AnnotationKind::Primary.span(range));
    let mut groups =
        vec![Group::with_title(level.primary_title(mistake.message).id(mistake.code)).element(snippet)];
    if let Some(suggestion) = mistake.suggestion {
        let help = Level::HELP.with_name(words.word("help"));
        groups.push(Group::with_title(help.secondary_title(suggestion)));
    }
    let renderer = if std::io::stdout().is_terminal() { Renderer::styled() } else { Renderer::plain() };
    renderer.render(&groups)
}

/// The start of the character that a byte belongs to.
fn floor(text: &str, mut byte: usize) -> usize {
    while !text.is_char_boundary(byte) {
        byte = byte.saturating_sub(1);
    }
    byte
}
