//! What a command prints: text for people or JSON for programs, on standard output; errors on standard error.

use std::io::{self, IsTerminal, Write};

use serde::Serialize;
use serde_json::json;
use unicode_width::UnicodeWidthStr;

use super::Exit;
use crate::words::{Language, Words};

/// Where a command prints.
#[derive(Debug, Clone, Copy)]
pub struct Out {
    /// Print JSON.
    pub json: bool,
    /// The words to print.
    pub words: &'static Words,
}

impl Out {
    /// Prints JSON, or text in a language. Texts in JSON are English: programs may look at them.
    pub fn new(json: bool, language: Language) -> Self {
        Self { json, words: Words::of(if json { Language::English } else { language }) }
    }

    /// Whether a person is looking at standard error.
    pub fn is_watched(self) -> bool {
        !self.json && io::stderr().is_terminal()
    }

    /// Prints a value as JSON, or `text` for people.
    pub fn show<T: Serialize>(self, value: &T, text: impl FnOnce() -> String) -> anyhow::Result<()> {
        if self.json {
            return self.line(&serde_json::to_string_pretty(value)?);
        }
        self.line(text().trim_end())
    }

    /// Prints a line, whatever the mode.
    pub fn line(self, text: &str) -> anyhow::Result<()> {
        match writeln!(io::stdout().lock(), "{text}") {
            // The reader has seen enough (`| head`).
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            other => Ok(other?),
        }
    }

    /// Prints a line for people; programs do not get it.
    pub fn say(self, text: &str) -> anyhow::Result<()> {
        if self.json { Ok(()) } else { self.line(text) }
    }

    /// Tells a person what goes on, beside the result.
    pub fn note(self, text: &str) {
        if !self.json {
            let _ = writeln!(io::stderr().lock(), "{text}");
        }
    }

    /// Tells what went wrong.
    pub fn error(self, code: &str, message: &str) {
        let text = if self.json {
            json!({"error": {"code": code, "message": message}}).to_string()
        } else {
            self.words.text("error-line", &[("message", message.into())])
        };
        let _ = writeln!(io::stderr().lock(), "{text}");
    }

    /// Tells what went wrong, with its causes, and how the program ends.
    pub fn fail(self, error: &anyhow::Error) -> Exit {
        let mut message = error.to_string();
        for cause in error.chain().skip(1) {
            let cause = cause.to_string();
            if !message.contains(&cause) {
                message.push_str(&format!(": {cause}"));
            }
        }
        let (code, exit) = classify(error);
        self.error(code, &message);
        exit
    }
}

/// The stable code of an error, and the exit code that it means.
fn classify(error: &anyhow::Error) -> (&'static str, Exit) {
    for cause in error.chain() {
        if let Some(missing) = cause.downcast_ref::<Missing>() {
            return (missing.code, Exit::Missing);
        }
        if let Some(error) = cause.downcast_ref::<store::StoreError>() {
            return (error.code(), Exit::Unavailable);
        }
        if let Some(error) = cause.downcast_ref::<cdp::refresh::RefreshError>() {
            let exit = match error.code() {
                "dataSourceNotFound" | "refreshTargetNotFound" | "jobNotFound" => Exit::Missing,
                "nothingApplied" | "inactiveNode" => Exit::Wrong,
                _ => Exit::Failed,
            };
            return (error.code(), exit);
        }
        if let Some(error) = cause.downcast_ref::<auth::AuthError>() {
            let exit = match error.code() {
                "badTokenName" | "tokenNameTaken" | "badTokenLifetime" => Exit::Wrong,
                _ => Exit::Failed,
            };
            return (error.code(), exit);
        }
        if let Some(error) = cause.downcast_ref::<cdp::unification::UnificationError>() {
            let exit = if error.is_missing() { Exit::Missing } else { Exit::Failed };
            return (error.code(), exit);
        }
        if let Some(error) = cause.downcast_ref::<cdp::customers::CustomerError>() {
            let exit = match error {
                error if error.is_missing() => Exit::Missing,
                error if error.is_wrong() => Exit::Wrong,
                _ => Exit::Failed,
            };
            return (error.code(), exit);
        }
        if let Some(error) = cause.downcast_ref::<cdp::segments::SegmentError>() {
            let exit = match error {
                cdp::segments::SegmentError::Invalid { .. } => Exit::Wrong,
                cdp::segments::SegmentError::WithoutRules { .. } => Exit::Wrong,
                _ => Exit::Failed,
            };
            return (error.code(), exit);
        }
        if let Some(error) = cause.downcast_ref::<cdp::standing::StandingError>() {
            let exit = if error.is_missing() { Exit::Missing } else { Exit::Failed };
            return (error.code(), exit);
        }
        if let Some(error) = cause.downcast_ref::<cdp::identity::IdentityError>() {
            let exit = match error {
                error if error.is_missing() => Exit::Missing,
                error if error.is_wrong() => Exit::Wrong,
                _ => Exit::Failed,
            };
            return (error.code(), exit);
        }
        if let Some(error) = cause.downcast_ref::<lake::LakeError>() {
            return (error.code(), Exit::Failed);
        }
        if let Some(error) = cause.downcast_ref::<flow::FlowError>() {
            let exit = match error.code() {
                "unknownFlow" | "unknownRun" => Exit::Missing,
                "runUnderWay" | "cannotRestart" => Exit::Wrong,
                _ => Exit::Failed,
            };
            return (error.code(), exit);
        }
    }
    ("failed", Exit::Failed)
}

/// There is no such thing.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub(super) struct Missing {
    /// A stable code.
    pub code: &'static str,
    /// What is missing.
    pub message: String,
}

/// A text and the blanks that make it `width` columns wide.
pub(super) fn padded(text: &str, width: usize) -> String {
    format!("{text}{}", " ".repeat(width.saturating_sub(text.width())))
}

/// Lines in a box.
pub(crate) fn boxed(lines: &[String]) -> String {
    let width = lines.iter().map(|line| line.width()).max().unwrap_or(0);
    let bar = "─".repeat(width.saturating_add(2));
    let mut text = format!("┌{bar}┐\n");
    for line in lines {
        text.push_str(&format!("│ {} │\n", padded(line, width)));
    }
    text.push_str(&format!("└{bar}┘"));
    text
}

/// Rows as aligned columns, for people.
pub(super) fn columns(head: &[String], rows: &[Vec<String>]) -> String {
    let mut widths: Vec<usize> = head.iter().map(|text| text.width()).collect();
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.width());
        }
    }
    let line = |cells: &mut dyn Iterator<Item = &str>| {
        let mut text = String::new();
        for (width, cell) in widths.iter().zip(cells) {
            text.push_str(&padded(cell, width.saturating_add(2)));
        }
        text.truncate(text.trim_end().len());
        text.push('\n');
        text
    };
    let mut text = line(&mut head.iter().map(String::as_str));
    for row in rows {
        text.push_str(&line(&mut row.iter().map(String::as_str)));
    }
    text
}

/// A text from outside in one line: what would move the cursor or change colours is shown as a blank sign.
pub(super) fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

/// A moment for people, in the machine's time zone.
pub(super) fn moment(at: Option<jiff::Timestamp>) -> String {
    at.map_or_else(
        || "–".to_owned(),
        |at| at.to_zoned(jiff::tz::TimeZone::system()).strftime("%Y-%m-%d %H:%M:%S").to_string(),
    )
}
