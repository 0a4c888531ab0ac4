//! The demo in words: what was made, what happened, and where to look next.

use std::path::Path;

use super::data::Made;
use super::quality::Quality;
use crate::cli::{Refreshed, Summary, boxed};
use crate::words::{Words, decimals};

/// What to look at afterwards.
const NEXT: [&str; 6] = [
    "weir status",
    "weir query \"SELECT CustomerId, FullName, Email, Country FROM Customer\"",
    "weir query \"SELECT * FROM shop_orders_corrupt\"",
    "weir thresholds preview",
    "weir events",
    "weir flow show last",
];

/// Before the first refresh.
pub fn opening(folder: &Path, made: &Made, words: &Words) -> String {
    let values = [
        ("folder", folder.display().to_string().into()),
        ("people", made.people.into()),
        ("contacts", made.contacts.into()),
        ("members", made.members.into()),
        ("partners", made.partners.into()),
        ("orders", made.orders.into()),
        ("returns", made.returns.into()),
    ];
    words.text("demo-opening", &values)
}

/// After the first refresh.
pub fn first(refreshed: &Refreshed, quality: &Quality, words: &Words) -> String {
    let values = [
        ("rows", quality.rows.into()),
        ("profiles", quality.profiles.into()),
        ("people", quality.people.into()),
        ("seconds", decimals(refreshed.seconds, 1)),
        ("precision", decimals(quality.precision * 100.0, 1)),
        ("recall", decimals(quality.recall * 100.0, 1)),
    ];
    format!("\n{}", words.text("demo-first", &values))
}

/// Before the second refresh.
pub fn change(first: &Made, second: &Made, words: &Words) -> String {
    let values = [
        ("contacts", second.contacts.saturating_sub(first.contacts).into()),
        ("orders", second.orders.saturating_sub(first.orders).into()),
    ];
    format!("\n{}", words.text("demo-change", &values))
}

/// At the end.
pub fn ending(summary: &Summary, words: &Words) -> String {
    let mut lines = vec![String::new()];
    lines.push(summary.crossings.first().cloned().unwrap_or_else(|| words.word("demo-not-crossed")));
    for run in &summary.runs {
        let word = |key: &str| run[key].as_str().unwrap_or_default().to_owned();
        let status = words.text("run-status", &[("status", word("status").into())]);
        let values = [("flow", word("flow").into()), ("status", status.into())];
        lines.push(format!("  {}", words.text("demo-flow", &values)));
    }
    lines.push(String::new());
    match &summary.card {
        Some(card) => lines.extend([words.word("demo-card"), boxed(card)]),
        None => lines.push(words.word("demo-no-card")),
    }
    lines.push(match &summary.mail {
        Some(subject) => words.text("demo-mail", &[("subject", subject.as_str().into())]),
        None => words.word("demo-no-mail"),
    });
    lines.push(String::new());
    let values =
        [("seconds", decimals(summary.seconds, 1)), ("folder", summary.folder.display().to_string().into())];
    lines.push(words.text("demo-look-around", &values));
    lines.extend(NEXT.iter().map(|command| format!("  {command}")));
    lines.join("\n")
}
