//! Dates and times as the functions see them: text in, text out, in steps of 100 ns.

mod format;
mod parse;
mod span;

pub(crate) use format::format;
pub(crate) use parse::{parse, parse_exact};
pub(crate) use span::{format_span, parse_span, span_text};

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// The format of results when none is asked for (`o`).
pub(crate) const ROUND_TRIP: &str = "yyyy-MM-ddTHH:mm:ss.fffffffK";

/// A time on the clock, and whether it is known to be UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Moment {
    pub(crate) local: DateTime,
    pub(crate) utc: bool,
}

/// 100-ns steps of a second.
const TICKS_PER_SECOND: i64 = 10_000_000;

impl Moment {
    /// A moment of UTC, cut to whole ticks.
    pub(crate) fn at(timestamp: Timestamp) -> Self {
        let local = TimeZone::UTC.to_datetime(timestamp);
        Self { local: cut(local), utc: true }
    }

    pub(crate) fn with(self, local: DateTime) -> Self {
        Self { local: cut(local), ..self }
    }

    /// 100-ns steps since 0001-01-01.
    pub(crate) fn ticks(self) -> i64 {
        let passed = DateTime::constant(1, 1, 1, 0, 0, 0, 0).duration_until(self.local);
        passed.as_secs() * TICKS_PER_SECOND + i64::from(passed.subsec_nanos()) / 100
    }

    /// The moment `duration` later; none when the year leaves 1–9999.
    pub(crate) fn plus(self, duration: SignedDuration) -> Option<Self> {
        let local = self.local.checked_add(duration).ok()?;
        (local.year() >= 1).then(|| self.with(local))
    }
}

fn cut(local: DateTime) -> DateTime {
    let nanos = local.subsec_nanosecond();
    local.with().subsec_nanosecond(nanos - nanos % 100).build().unwrap_or(local)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::culture::all;

    #[test]
    fn what_every_culture_writes_it_reads_back() {
        let today = jiff::civil::date(2001, 2, 3);
        let mut wrong = Vec::new();
        for (name, culture) in all() {
            for month in 1..=12 {
                let local = DateTime::constant(2009, month, 20 + month % 8, 15, 4, 9, 0);
                let moment = Moment { local, utc: false };
                let midnight =
                    Moment { local: local.date().to_datetime(jiff::civil::Time::midnight()), utc: false };
                let minute = Moment { local: local.with().second(0).build().unwrap(), utc: false };
                for (pattern, expected) in [
                    ("d", midnight),
                    ("D", midnight),
                    ("f", minute),
                    ("F", moment),
                    ("g", minute),
                    ("G", moment),
                    ("d MMM yyyy", midnight),
                    ("dddd, yyyy MMMM dd", midnight),
                ] {
                    let text = format(moment, pattern, culture).unwrap();
                    if parse_exact(&text, pattern, culture, today) != Some(expected) {
                        wrong.push(format!("{name} {pattern}: {text}"));
                    }
                }
                for (pattern, expected) in
                    [("d", midnight), ("g", minute), ("d MMMM yyyy", midnight), ("D", midnight)]
                {
                    let text = format(moment, pattern, culture).unwrap();
                    if parse(&text, culture, today) != Some(expected) {
                        wrong.push(format!("{name} freely {pattern}: {text}"));
                    }
                }
            }
        }
        assert!(wrong.is_empty(), "{} of them:\n{}", wrong.len(), wrong.join("\n"));
    }
}
