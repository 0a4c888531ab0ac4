//! A `recurrence` object, checked.

use super::{Frequency, Recurrence, Schedule};
use crate::diagnose::{Diagnostic, Span, did_you_mean};
use crate::wdl::json::{Kind, Node};
use crate::zone;
use jiff::Timestamp;
use jiff::civil::DateTime;

const FREQUENCIES: [(&str, Frequency, u32); 6] = [
    ("Second", Frequency::Second, 9_999_999),
    ("Minute", Frequency::Minute, 72_000),
    ("Hour", Frequency::Hour, 12_000),
    ("Day", Frequency::Day, 500),
    ("Week", Frequency::Week, 71),
    ("Month", Frequency::Month, 16),
];

const WEEK_DAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/// Reads a recurrence; none when a mistake leaves it without meaning.
pub(in crate::wdl) fn read(node: &Node) -> (Option<Recurrence>, Vec<Diagnostic>) {
    let mut reader = Reader { found: Vec::new() };
    let recurrence = reader.recurrence(node);
    let good = !reader.found.iter().any(Diagnostic::is_error);
    (recurrence.filter(|_| good), reader.found)
}

struct Reader {
    found: Vec<Diagnostic>,
}

impl Reader {
    fn error(&mut self, code: &'static str, message: String, span: Span, suggestion: Option<String>) {
        self.found.push(Diagnostic::error(code, message, span).suggest(suggestion));
    }

    fn recurrence(&mut self, node: &Node) -> Option<Recurrence> {
        // Everything is read before anything is given up, so that all mistakes are told.
        let frequency = self.frequency(node);
        let most = frequency.map_or(u32::MAX, |(_, most)| most);
        let interval = match node.get("interval") {
            Some(interval) => self.number(interval, "interval", 1..=i64::from(most)),
            None => Some(1),
        };
        let time_zone = match node.get("timeZone") {
            Some(name) => self.time_zone(name),
            None => Some("UTC".to_owned()),
        };
        let zone_name = time_zone.as_deref().unwrap_or("UTC");
        let start = node.get("startTime").map(|time| self.time(time, zone_name));
        let end = node.get("endTime").map(|time| self.time(time, zone_name));
        let schedule = match node.get("schedule") {
            Some(schedule) => self.schedule(schedule, frequency.map(|(frequency, _)| frequency)),
            None => Schedule::default(),
        };
        Some(Recurrence {
            frequency: frequency?.0,
            interval: u32::try_from(interval?).ok()?,
            start: start.flatten(),
            end: end.flatten(),
            time_zone: time_zone?,
            schedule,
        })
    }

    fn frequency(&mut self, node: &Node) -> Option<(Frequency, u32)> {
        let Some(word) = node.get("frequency") else {
            let message = "a recurrence needs a frequency".to_owned();
            self.error(
                "missingProperty",
                message,
                node.span,
                Some("such as \"frequency\": \"Day\"".to_owned()),
            );
            return None;
        };
        let text = word.as_text().unwrap_or_default();
        let known = FREQUENCIES.iter().find(|(name, ..)| name.eq_ignore_ascii_case(text));
        if known.is_none() {
            let names = FREQUENCIES.map(|(name, ..)| name);
            let near = did_you_mean(text, names).map(|near| format!("did you mean {near}?"));
            let message = format!("a frequency is one of {}; found '{text}'", names.join(", "));
            self.error("unknownFrequency", message, word.span, near);
        }
        known.map(|(_, frequency, most)| (*frequency, *most))
    }

    fn number(&mut self, node: &Node, what: &str, bounds: std::ops::RangeInclusive<i64>) -> Option<i64> {
        let number = match &node.kind {
            Kind::Number(number) => number.as_i64(),
            Kind::Text(text) => text.trim().parse().ok(),
            _ => None,
        };
        let number = number.filter(|number| bounds.contains(number));
        if number.is_none() {
            let message =
                format!("{what} must be a whole number from {} to {}", bounds.start(), bounds.end());
            self.error("outOfRange", message, node.span, None);
        }
        number
    }

    fn time_zone(&mut self, node: &Node) -> Option<String> {
        let name = node.as_text().unwrap_or_default();
        match zone::zone(name) {
            Ok(_) => zone::iana_name(name),
            Err(why) => {
                self.error("unknownTimeZone", why, node.span, None);
                None
            }
        }
    }

    fn time(&mut self, node: &Node, time_zone: &str) -> Option<Timestamp> {
        let text = node.as_text().unwrap_or_default();
        let moment = text.parse::<Timestamp>().ok().or_else(|| {
            let local: DateTime = text.parse().ok()?;
            let zone = zone::zone(time_zone).ok()?;
            zone.to_ambiguous_zoned(local).compatible().ok().map(|zoned| zoned.timestamp())
        });
        if moment.is_none() {
            let hint = Some("such as 2026-01-31T08:00:00 or 2026-01-31T08:00:00Z".to_owned());
            self.error("badTime", format!("'{text}' is no time"), node.span, hint);
        }
        moment
    }

    fn schedule(&mut self, node: &Node, frequency: Option<Frequency>) -> Schedule {
        let mut schedule = Schedule {
            minutes: self.list(node, "minutes", 0..=59),
            hours: self.list(node, "hours", 0..=23),
            week_days: self.week_days(node),
            month_days: self.list(node, "monthDays", -31..=31),
            monthly_occurrences: self.occurrences(node),
        };
        schedule.month_days.retain(|day| *day != 0);
        let fits = |name: &str| match frequency {
            None => true,
            Some(Frequency::Day) => matches!(name, "minutes" | "hours"),
            Some(Frequency::Week) => matches!(name, "minutes" | "hours" | "weekDays"),
            Some(Frequency::Month) => !matches!(name, "weekDays"),
            Some(_) => false,
        };
        for name in ["minutes", "hours", "weekDays", "monthDays", "monthlyOccurrences"] {
            let Some(member) = node.member(name) else { continue };
            if !fits(name) && !member.value.items().is_empty() {
                let message = format!("schedule.{name} has no effect with this frequency");
                self.found.push(Diagnostic::warning("scheduleWithoutEffect", message, member.key_span));
            }
        }
        schedule
    }

    fn list(&mut self, node: &Node, name: &str, bounds: std::ops::RangeInclusive<i64>) -> Vec<i8> {
        let Some(list) = node.get(name) else { return Vec::new() };
        let alone = std::slice::from_ref(list);
        let items = if matches!(list.kind, Kind::Array(_)) { list.items() } else { alone };
        let mut numbers: Vec<i8> = Vec::new();
        for item in items {
            let what = format!("schedule.{name}");
            let number =
                self.number(item, &what, bounds.clone()).and_then(|number| i8::try_from(number).ok());
            numbers.extend(number);
        }
        numbers.sort_unstable();
        numbers.dedup();
        numbers
    }

    fn week_day(&mut self, node: &Node) -> Option<i8> {
        let text = node.as_text().unwrap_or_default();
        let at = WEEK_DAYS.iter().position(|day| day.eq_ignore_ascii_case(text));
        if at.is_none() {
            let near = did_you_mean(text, WEEK_DAYS).map(|near| format!("did you mean {near}?"));
            let message = format!("a weekday is one of {}; found '{text}'", WEEK_DAYS.join(", "));
            self.error("unknownWeekDay", message, node.span, near);
        }
        at.and_then(|at| i8::try_from(at + 1).ok())
    }

    fn week_days(&mut self, node: &Node) -> Vec<i8> {
        let list = node.get("weekDays").map(Node::items).unwrap_or_default();
        let mut days: Vec<i8> = list.iter().filter_map(|item| self.week_day(item)).collect();
        days.sort_unstable();
        days.dedup();
        days
    }

    fn occurrences(&mut self, node: &Node) -> Vec<(i8, i8)> {
        let mut occurrences = Vec::new();
        for item in node.get("monthlyOccurrences").map(Node::items).unwrap_or_default() {
            let day = item.get("day").or_else(|| item.get("dayOfWeek"));
            let Some((day, occurrence)) = day.zip(item.get("occurrence")) else {
                let message = "a monthly occurrence needs a day and an occurrence".to_owned();
                let hint = Some("such as {\"day\": \"Monday\", \"occurrence\": 1}".to_owned());
                self.error("missingProperty", message, item.span, hint);
                continue;
            };
            let pair = self.week_day(day).zip(self.number(occurrence, "occurrence", -5..=5));
            if let Some((day, number)) = pair
                && number != 0
            {
                occurrences.push((day, i8::try_from(number).unwrap_or(1)));
            }
        }
        occurrences
    }
}
