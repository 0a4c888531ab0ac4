//! The next firing. Whole days, weeks and months are counted in local time, so that 08:00 stays 08:00 when the
//! clocks change; seconds, minutes and hours are counted in elapsed time.

use super::{Frequency, Recurrence, Schedule};
use crate::zone;
use jiff::civil::{Date, DateTime, Time, Weekday};
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{SignedDuration, Span, Timestamp};

/// Periods to look through before giving up: 29 February needs at most 8 of them, a fifth Monday fewer.
const PERIODS: i64 = 1_000;

/// The first firing after the moment `after`; none when there is none (any more).
///
/// Without a start, intervals are counted from `after`; pass the moment of the previous scheduled firing. A
/// local time that the clocks skip fires at the first moment after the gap, one that comes twice fires at the
/// first of the two.
#[must_use]
pub fn next_after(recurrence: &Recurrence, after: Timestamp) -> Option<Timestamp> {
    let zone = zone::zone(&recurrence.time_zone).ok()?;
    let next = match recurrence.frequency {
        Frequency::Second => elapsed(recurrence, after, 1),
        Frequency::Minute => elapsed(recurrence, after, 60),
        Frequency::Hour => elapsed(recurrence, after, 3_600),
        Frequency::Day | Frequency::Week | Frequency::Month => calendar(recurrence, after, &zone),
    }?;
    recurrence.end.is_none_or(|end| next <= end).then_some(next)
}

/// When the window begins that ends with the firing `end`: at the firing before it, or at the start for the first.
/// Without a start it begins one interval before its end.
#[must_use]
pub fn window_start(recurrence: &Recurrence, end: Timestamp) -> Option<Timestamp> {
    let interval = i64::from(recurrence.interval.max(1));
    let days = |days: i64| interval.checked_mul(days)?.checked_mul(86_400);
    let longest = match recurrence.frequency {
        Frequency::Second => Some(interval),
        Frequency::Minute => interval.checked_mul(60),
        Frequency::Hour => interval.checked_mul(3_600),
        Frequency::Day => days(1),
        Frequency::Week => days(7),
        Frequency::Month => days(31),
    }?;
    // Days have 25 hours at times.
    let before = |seconds: i64| end.checked_sub(SignedDuration::from_secs(seconds)).ok();
    let Some(start) = recurrence.start else { return before(longest) };
    let mut last = before(longest.checked_add(7_200)?)?.max(start);
    while let Some(next) = next_after(recurrence, last).filter(|next| *next < end) {
        last = next;
    }
    Some(last)
}

fn elapsed(recurrence: &Recurrence, after: Timestamp, unit_seconds: i64) -> Option<Timestamp> {
    let step = i64::from(recurrence.interval.max(1)).checked_mul(unit_seconds)?;
    let Some(start) = recurrence.start else {
        return after.checked_add(SignedDuration::from_secs(step)).ok();
    };
    if after < start {
        return Some(start);
    }
    let passed = after.duration_since(start).as_secs();
    let steps = passed.checked_div(step)?.checked_add(1)?;
    start.checked_add(SignedDuration::from_secs(steps.checked_mul(step)?)).ok()
}

fn calendar(recurrence: &Recurrence, after: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
    let anchor = anchor(recurrence, after, zone);
    let here = zone.to_datetime(after).date();
    let interval = i64::from(recurrence.interval.max(1));
    let passed = match recurrence.frequency {
        Frequency::Week => days_between(monday_of(anchor.date())?, here) / 7,
        Frequency::Month => months_between(anchor.date(), here),
        _ => days_between(anchor.date(), here),
    };
    // One period early: the last one may reach beyond the date at hand when clocks change around midnight.
    let first = (passed / interval - 1).max(0);
    let times = times(&recurrence.schedule, anchor.time(), recurrence.start.is_some());
    for period in first..first.checked_add(PERIODS)? {
        let dates = dates(recurrence, anchor.date(), period.checked_mul(interval)?)?;
        let moments = dates.iter().flat_map(|date| times.iter().map(|time| date.to_datetime(*time)));
        let next = moments
            .filter_map(|local| moment(local, zone))
            .filter(|moment| *moment > after && recurrence.start.is_none_or(|start| *moment >= start))
            .min();
        if next.is_some() {
            return next;
        }
    }
    None
}

/// The local time from which periods are counted.
fn anchor(recurrence: &Recurrence, after: Timestamp, zone: &TimeZone) -> DateTime {
    zone.to_datetime(recurrence.start.unwrap_or(after))
}

fn days_between(from: Date, to: Date) -> i64 {
    from.duration_until(to).as_hours() / 24
}

fn months_between(from: Date, to: Date) -> i64 {
    let months = |date: Date| i64::from(date.year()) * 12 + i64::from(date.month());
    months(to) - months(from)
}

fn monday_of(date: Date) -> Option<Date> {
    date.checked_sub(Span::new().try_days(date.weekday().to_monday_zero_offset()).ok()?).ok()
}

/// The times of a day. What the schedule leaves open comes from the start.
fn times(schedule: &Schedule, start: Time, exact: bool) -> Vec<Time> {
    if schedule.hours.is_empty() && schedule.minutes.is_empty() {
        return vec![start];
    }
    let or_start = |list: &[i8], start: i8| if list.is_empty() { vec![start] } else { list.to_vec() };
    let hours = or_start(&schedule.hours, start.hour());
    let minutes = or_start(&schedule.minutes, start.minute());
    let second = if exact { start.second() } else { 0 };
    let mut times: Vec<Time> = hours
        .iter()
        .flat_map(|hour| minutes.iter().filter_map(move |minute| Time::new(*hour, *minute, second, 0).ok()))
        .collect();
    times.sort_unstable();
    times
}

/// The dates in the period that begins `offset` units after the one of the anchor.
fn dates(recurrence: &Recurrence, anchor: Date, offset: i64) -> Option<Vec<Date>> {
    let schedule = &recurrence.schedule;
    match recurrence.frequency {
        Frequency::Week => {
            let monday = monday_of(anchor)?.checked_add(Span::new().try_weeks(offset).ok()?).ok()?;
            let own = [anchor.weekday().to_monday_one_offset()];
            let days = if schedule.week_days.is_empty() { own.as_slice() } else { &schedule.week_days };
            let day = |day: &i8| monday.checked_add(Span::new().try_days(day.saturating_sub(1)).ok()?).ok();
            Some(days.iter().filter_map(day).collect())
        }
        Frequency::Month => {
            let first = anchor.first_of_month().checked_add(Span::new().try_months(offset).ok()?).ok()?;
            Some(dates_of_month(schedule, anchor, first))
        }
        _ => Some(vec![anchor.checked_add(Span::new().try_days(offset).ok()?).ok()?]),
    }
}

fn dates_of_month(schedule: &Schedule, anchor: Date, first: Date) -> Vec<Date> {
    let length = first.days_in_month();
    if schedule.month_days.is_empty() && schedule.monthly_occurrences.is_empty() {
        let day = anchor.day().min(length);
        return Date::new(first.year(), first.month(), day).into_iter().collect();
    }
    let from_days = schedule.month_days.iter().filter_map(|day| {
        let day = if *day < 0 { length.checked_add(1)?.checked_add(*day)? } else { *day };
        Date::new(first.year(), first.month(), day).ok()
    });
    let from_weekdays = schedule.monthly_occurrences.iter().filter_map(|(weekday, occurrence)| {
        let weekday = Weekday::from_monday_one_offset(*weekday).ok()?;
        first.nth_weekday_of_month(*occurrence, weekday).ok()
    });
    let mut dates: Vec<Date> = from_days.chain(from_weekdays).collect();
    dates.sort_unstable();
    dates
}

/// The moment of a local time.
fn moment(local: DateTime, zone: &TimeZone) -> Option<Timestamp> {
    let ambiguous = zone.to_ambiguous_timestamp(local);
    match ambiguous.offset() {
        AmbiguousOffset::Unambiguous { offset } => offset.to_timestamp(local).ok(),
        AmbiguousOffset::Fold { before, .. } => before.to_timestamp(local).ok(),
        AmbiguousOffset::Gap { before, .. } => {
            // Read with the old offset the time lies at or after the change, so the change is the last one
            // up to it.
            let old = before.to_timestamp(local).ok()?;
            let past = old.checked_add(SignedDuration::from_nanos(1)).ok()?;
            zone.preceding(past).next().map(|change| change.timestamp())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(hours: &[i8], minutes: &[i8], zone: &str) -> Recurrence {
        Recurrence {
            frequency: Frequency::Day,
            interval: 1,
            start: None,
            end: None,
            time_zone: zone.to_owned(),
            schedule: Schedule { hours: hours.to_vec(), minutes: minutes.to_vec(), ..Schedule::default() },
        }
    }

    fn firings(recurrence: &Recurrence, after: &str, count: usize) -> Vec<String> {
        let after: Timestamp = after.parse().unwrap();
        let next = |last: &Timestamp| next_after(recurrence, *last);
        std::iter::successors(Some(after), next).skip(1).take(count).map(|at| at.to_string()).collect()
    }

    #[test]
    fn eight_in_the_morning_stays_eight_when_the_clocks_change() {
        let found = firings(&day(&[8], &[0], "Europe/Berlin"), "2026-03-27T12:00:00Z", 3);
        assert_eq!(found, ["2026-03-28T07:00:00Z", "2026-03-29T06:00:00Z", "2026-03-30T06:00:00Z"]);
    }

    #[test]
    fn a_skipped_time_fires_at_the_first_moment_after_the_gap() {
        // Clocks go from 02:00 to 03:00 on 29 March 2026; 03:00 is 01:00 UTC.
        for minute in [0, 15, 30] {
            let found = firings(&day(&[2], &[minute], "Europe/Berlin"), "2026-03-28T12:00:00Z", 2);
            let next = format!("2026-03-30T00:{minute:02}:00Z");
            assert_eq!(found, ["2026-03-29T01:00:00Z", next.as_str()]);
        }
        let both = firings(&day(&[2], &[15, 30], "Europe/Berlin"), "2026-03-28T12:00:00Z", 2);
        assert_eq!(
            both,
            ["2026-03-29T01:00:00Z", "2026-03-30T00:15:00Z"],
            "two skipped times are one moment"
        );
    }

    #[test]
    fn a_repeated_time_fires_once() {
        // 02:30 comes twice on 25 October 2026: at 00:30 and 01:30 UTC.
        let found = firings(&day(&[2], &[30], "Europe/Berlin"), "2026-10-24T12:00:00Z", 2);
        assert_eq!(found, ["2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"]);
    }

    #[test]
    fn missed_firings_are_counted_from_the_start_and_not_repeated() {
        let mut every = day(&[], &[], "UTC");
        every.frequency = Frequency::Minute;
        every.interval = 7;
        every.start = Some("2026-01-01T00:00:00Z".parse().unwrap());
        assert_eq!(
            firings(&every, "2025-06-01T00:00:00Z", 2),
            ["2026-01-01T00:00:00Z", "2026-01-01T00:07:00Z"]
        );
        assert_eq!(firings(&every, "2026-01-01T01:00:00Z", 1), ["2026-01-01T01:03:00Z"]);
        assert_eq!(firings(&every, "2026-01-01T01:03:00Z", 1), ["2026-01-01T01:10:00Z"]);
        every.start = None;
        assert_eq!(firings(&every, "2026-01-01T01:00:30Z", 1), ["2026-01-01T01:07:30Z"]);
    }

    #[test]
    fn windows_join_each_other_whatever_the_clocks_do() {
        let mut daily = day(&[], &[], "Europe/Berlin");
        daily.start = Some("2026-03-27T23:00:00Z".parse().unwrap());
        let mut monthly = daily.clone();
        monthly.frequency = Frequency::Month;
        monthly.start = Some("2026-01-31T05:00:00Z".parse().unwrap());
        let mut often = daily.clone();
        often.frequency = Frequency::Minute;
        often.interval = 7;
        for rule in [daily, monthly, often] {
            let mut end = rule.start.unwrap();
            for _ in 0..6 {
                let next = next_after(&rule, end).unwrap();
                assert_eq!(window_start(&rule, next), Some(end), "{rule:?}");
                end = next;
            }
        }
    }

    #[test]
    fn weeks_months_and_their_ends() {
        let mut rule = day(&[9, 17], &[30], "UTC");
        rule.frequency = Frequency::Week;
        rule.interval = 2;
        rule.start = Some("2026-01-05T00:00:00Z".parse().unwrap()); // a Monday
        rule.schedule.week_days = vec![1, 5];
        let weeks = [
            "2026-01-05T09:30:00Z",
            "2026-01-05T17:30:00Z",
            "2026-01-09T09:30:00Z",
            "2026-01-09T17:30:00Z",
            "2026-01-19T09:30:00Z",
        ];
        assert_eq!(firings(&rule, "2026-01-01T00:00:00Z", 5), weeks);

        let mut monthly = day(&[6], &[0], "UTC");
        monthly.frequency = Frequency::Month;
        monthly.start = Some("2026-01-31T00:00:00Z".parse().unwrap());
        let clamped = ["2026-01-31T06:00:00Z", "2026-02-28T06:00:00Z", "2026-03-31T06:00:00Z"];
        assert_eq!(firings(&monthly, "2026-01-01T00:00:00Z", 3), clamped);
        monthly.schedule.month_days = vec![-1, 1];
        let ends = ["2026-01-31T06:00:00Z", "2026-02-01T06:00:00Z", "2026-02-28T06:00:00Z"];
        assert_eq!(firings(&monthly, "2026-01-01T00:00:00Z", 3), ends);
        monthly.schedule.month_days = Vec::new();
        monthly.schedule.monthly_occurrences = vec![(2, 2)]; // second Tuesday
        assert_eq!(firings(&monthly, "2026-02-01T00:00:00Z", 1), ["2026-02-10T06:00:00Z"]);
    }

    #[test]
    fn nothing_fires_after_the_end_or_on_a_day_that_never_comes() {
        let mut rule = day(&[8], &[0], "UTC");
        rule.end = Some("2026-01-02T08:00:00Z".parse().unwrap());
        assert_eq!(firings(&rule, "2026-01-01T12:00:00Z", 5), ["2026-01-02T08:00:00Z"]);

        let mut never = day(&[8], &[0], "UTC");
        never.frequency = Frequency::Month;
        never.interval = 12;
        never.start = Some("2026-02-01T00:00:00Z".parse().unwrap());
        never.schedule.month_days = vec![30];
        assert_eq!(next_after(&never, "2026-03-01T00:00:00Z".parse().unwrap()), None);
        never.schedule.month_days = vec![29];
        assert_eq!(firings(&never, "2026-03-01T00:00:00Z", 1), ["2028-02-29T08:00:00Z"]);
    }
}
