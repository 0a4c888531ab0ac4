//! The demo in words: what was made, what happened, and where to look next.

use std::path::Path;

use events::thresholds::number;

use super::data::Made;
use super::quality::Quality;
use crate::cli::{Refreshed, Summary};

fn n(n: usize) -> String {
    number(n as f64)
}

/// Before the first refresh.
pub fn opening(folder: &Path, made: &Made) -> String {
    format!(
        "A shop, a loyalty scheme and a partner know the same people, each in its own way.\n\
         Made in {}: {} people as {} shop contacts, {} loyalty members and {} rows of a partner's list,\n\
         with typos, nicknames, swapped names, missing and wrong values; {} orders and {} returns.\n\n\
         First refresh",
        folder.display(),
        n(made.people),
        n(made.contacts),
        n(made.members),
        n(made.partners),
        n(made.orders),
        n(made.returns),
    )
}

/// After the first refresh.
pub fn first(refreshed: &Refreshed, quality: &Quality) -> String {
    format!(
        "\n{} rows became {} profiles in {:.1} s. The data is made up, so the truth is known: {} people.\n\
         Of the pairs of rows that were put together {:.1} % belong together; of those that belong together {:.1} % were.",
        n(quality.rows),
        n(quality.profiles),
        refreshed.seconds,
        n(quality.people),
        quality.precision * 100.0,
        quality.recall * 100.0,
    )
}

/// Before the second refresh.
pub fn change(first: &Made, second: &Made) -> String {
    format!(
        "\nOvernight: {} new contacts and {} new orders.\n\nSecond refresh",
        n(second.contacts.saturating_sub(first.contacts)),
        n(second.orders.saturating_sub(first.orders)),
    )
}

/// At the end.
pub fn ending(summary: &Summary) -> String {
    let mut text = String::from("\n");
    match summary.crossings.first() {
        Some(sentence) => text.push_str(&format!("{sentence}\n")),
        None => text.push_str("No threshold was crossed; that is not what this demo is for.\n"),
    }
    for run in &summary.runs {
        let word = |key: &str| run[key].as_str().unwrap_or_default().to_owned();
        text.push_str(&format!("  flow {}: {}\n", word("flow"), word("status")));
    }
    match &summary.card {
        Some(lines) => text.push_str(&format!("\nTeams card\n{}\n", boxed(lines))),
        None => text.push_str("\nno Teams card arrived\n"),
    }
    match &summary.mail {
        Some(subject) => text.push_str(&format!("E-mail: {subject}\n")),
        None => text.push_str("no e-mail arrived\n"),
    }
    let folder = summary.folder.display();
    text.push_str(&format!(
        "\nAll of it took {:.1} s. Look around (cd {folder}):\n  \
         weir status\n  \
         weir query \"SELECT CustomerId, FullName, Email, Country FROM Customer\"\n  \
         weir query \"SELECT * FROM shop_orders_corrupt\"\n  \
         weir thresholds preview\n  \
         weir events\n  \
         weir flow show last\n",
        summary.seconds
    ));
    text
}

fn boxed(lines: &[String]) -> String {
    let width = lines.iter().map(|line| line.chars().count()).max().unwrap_or(0);
    let bar = "─".repeat(width + 2);
    let mut text = format!("┌{bar}┐\n");
    for line in lines {
        let pad = " ".repeat(width.saturating_sub(line.chars().count()));
        text.push_str(&format!("│ {line}{pad} │\n"));
    }
    text.push_str(&format!("└{bar}┘"));
    text
}
