//! What `weir segment` and `weir measure` say alike.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use cdp::definitions::uses::Reference;
use cdp::refresh::{TaskStatus, Unused};
use cdp::standing::{Common, Trend};
use serde_json::Value;

use super::chart::sparkline;
use super::out::{moment, plain};
use super::progress::sign;
use crate::words::Words;

/// How wide a trend is drawn.
const TREND_WIDTH: usize = 40;

/// The name, with a sign where the last task did not end well.
pub(super) fn marked(common: &Common) -> String {
    match &common.task {
        Some(task) if !task.status.is_good() => format!("{} {}", sign(task.status), common.name),
        _ => common.name.clone(),
    }
}

/// Description and tags, each a line.
pub(super) fn about(common: &Common, words: &Words) -> String {
    let mut text = String::new();
    if let Some(description) = &common.description {
        let _ = writeln!(text, "{}", plain(description));
    }
    if !common.tags.is_empty() {
        let tags = plain(&common.tags.join(", "));
        let _ = writeln!(text, "{}", words.text("standing-tags", &[("tags", tags.into())]));
    }
    text
}

/// When it was refreshed, what it reads and who uses it, each a line.
pub(super) fn surroundings(common: &Common, words: &Words) -> String {
    let mut lines = Vec::new();
    if common.last_refreshed.is_some() {
        let at = moment(common.last_refreshed);
        lines.push(words.text("standing-refreshed", &[("at", at.into())]));
    }
    if common.outdated {
        lines.push(words.word("standing-outdated"));
    }
    if let Some(task) = common.task.as_ref().filter(|task| task.status != TaskStatus::Successful) {
        let status = words.text("task-status", &[("status", task.status.as_str().into())]);
        let message = plain(task.message.as_deref().unwrap_or_default());
        let values = [("status", status.into()), ("message", message.into())];
        lines.push(words.text("standing-task", &values));
    }
    for own in &common.schedules {
        let when = match &own.schedule {
            Some(schedule) => format!("{} ({})", schedule.cron.join("; "), schedule.time_zone),
            None => words.word("standing-on-request"),
        };
        let values = [("name", own.name.as_str().into()), ("when", when.into())];
        lines.push(words.text("standing-schedule", &values));
    }
    lines.push(words.text("standing-reads", &[("names", names(&common.reads, words).into())]));
    lines.push(match common.used_by.is_empty() {
        true => words.word("standing-used-by-nothing"),
        false => words.text("standing-used-by", &[("names", names(&common.used_by, words).into())]),
    });
    lines.join("\n") + "\n" + &left_out(&common.left_out, words)
}

/// What full refreshes leave out, each a line.
pub(super) fn left_out<'u>(unused: impl IntoIterator<Item = &'u Unused>, words: &Words) -> String {
    let mut text = String::new();
    for it in unused {
        let values = [
            ("what", reference(&it.reference, words).into()),
            ("since", it.since.strftime("%Y-%m-%d").to_string().into()),
            ("days", it.after_days.into()),
        ];
        let _ = writeln!(text, "! {}", words.text("standing-left-out", &values));
    }
    text
}

fn names(all: &BTreeSet<Reference>, words: &Words) -> String {
    all.iter().map(|it| reference(it, words)).collect::<Vec<_>>().join(", ")
}

fn reference(it: &Reference, words: &Words) -> String {
    words.text("reference", &[("kind", it.kind.as_str().into()), ("name", it.name.as_str().into())])
}

/// A trend with its ends, where it has points.
pub(super) fn trend_line(trend: &Trend, words: &Words) -> Option<String> {
    let (first, last) = trend.first.zip(trend.last)?;
    let (min, max) = trend.min.zip(trend.max)?;
    let number = |value: f64| words.number(value).into();
    let values = [
        ("line", sparkline(trend, TREND_WIDTH).into()),
        ("n", trend.points.len().into()),
        ("first", number(first)),
        ("last", number(last)),
        ("min", number(min)),
        ("max", number(max)),
    ];
    Some(words.text("standing-trend", &values))
}

/// A value of a row for people.
pub(super) fn shown(value: &Value, words: &Words) -> String {
    match value {
        Value::String(text) => plain(text),
        Value::Null => "–".to_owned(),
        Value::Number(number) => number.as_f64().map_or_else(|| number.to_string(), |it| words.number(it)),
        other => other.to_string(),
    }
}
