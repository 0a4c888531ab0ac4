//! Relative moments made absolute: what `today`, `now`, `within last` and `year to date` mean at one instant.

use super::attribute::Kind;
use super::predicate::{Operand, Predicate, Value};
use jiff::civil::{self, Date};
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp, Zoned};
use lang::rule::{Base, Comparison, Moment, Offset, Period, Unit};

const MICROS_PER_DAY: i64 = 86_400_000_000;

/// When a condition is evaluated, and where: `today` is the calendar day there.
#[derive(Debug, Clone, PartialEq)]
pub struct Now {
    at: Zoned,
}

impl Now {
    /// This instant, seen from this time zone.
    pub fn new(at: Timestamp, zone: TimeZone) -> Self {
        Self { at: at.to_zoned(zone) }
    }

    /// The instant.
    pub fn timestamp(&self) -> Timestamp {
        self.at.timestamp()
    }

    /// The calendar day.
    pub fn today(&self) -> Date {
        self.at.date()
    }

    /// The calendar day, as days since 1970-01-01.
    pub fn today_in_days(&self) -> i32 {
        days(self.today())
    }
}

/// A test whose constants depend on [`Now`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RelativeTest {
    /// `operand < today - 3 days`
    Compare(Comparison, Moment),
    /// `operand within last 30 days`
    WithinLast(Period),
    /// `operand year to date`
    YearToDate,
}

/// The test with constants. The operand is a date or a time.
pub(super) fn absolute(operand: &Operand, test: RelativeTest, now: &Now) -> Predicate {
    match (operand.kind(), test) {
        (Kind::Time { instant }, test) => time_test(operand, test, now, instant),
        (_, RelativeTest::Compare(comparison, moment)) => {
            compare(operand, comparison, Value::Date(days(day_of(moment, now))))
        }
        (_, RelativeTest::WithinLast(period)) => {
            let from = moved_day(now.today(), period, true);
            between(operand, Value::Date(days(from)), Value::Date(days(now.today())))
        }
        (_, RelativeTest::YearToDate) => {
            between(operand, Value::Date(days(new_year(now))), Value::Date(days(now.today())))
        }
    }
}

fn time_test(operand: &Operand, test: RelativeTest, now: &Now, instant: bool) -> Predicate {
    let micros = |at: &Zoned| Value::Time(zoned_micros(at, instant));
    match test {
        RelativeTest::Compare(comparison, Moment { base: Base::Now, offset }) => {
            let at = offset.map_or(now.at.clone(), |offset| moved(&now.at, offset));
            compare(operand, comparison, micros(&at))
        }
        RelativeTest::Compare(comparison, moment) => {
            let day = day_of(moment, now);
            let next = day.tomorrow().unwrap_or(day);
            whole_day(operand, comparison, (midnight(day, now, instant), midnight(next, now, instant)))
        }
        RelativeTest::WithinLast(period) => {
            between(operand, micros(&moved(&now.at, Offset { back: true, period })), micros(&now.at))
        }
        RelativeTest::YearToDate => {
            between(operand, Value::Time(midnight(new_year(now), now, instant)), micros(&now.at))
        }
    }
}

/// A time compared with a day from its first microsecond to that of the next one: the day is meant as a whole.
pub(super) fn whole_day(operand: &Operand, comparison: Comparison, (start, end): (i64, i64)) -> Predicate {
    use Comparison::{Equal, Greater, GreaterOrEqual, Less, LessOrEqual, NotEqual};
    let at = |comparison, value| compare(operand, comparison, Value::Time(value));
    let on_the_day = || Predicate::And(vec![at(GreaterOrEqual, start), at(Less, end)]);
    match comparison {
        Less => at(Less, start),
        LessOrEqual => at(Less, end),
        Greater => at(GreaterOrEqual, end),
        GreaterOrEqual => at(GreaterOrEqual, start),
        Equal => on_the_day(),
        NotEqual => Predicate::Not(Box::new(on_the_day())),
    }
}

fn compare(operand: &Operand, comparison: Comparison, value: Value) -> Predicate {
    Predicate::Compare { operand: operand.clone(), comparison, value, ignore_case: false }
}

fn between(operand: &Operand, low: Value, high: Value) -> Predicate {
    Predicate::And(vec![
        compare(operand, Comparison::GreaterOrEqual, low),
        compare(operand, Comparison::LessOrEqual, high),
    ])
}

/// The calendar day of a moment.
fn day_of(moment: Moment, now: &Now) -> Date {
    match (moment.base, moment.offset) {
        (_, None) => now.today(),
        (Base::Today, Some(offset)) => moved_day(now.today(), offset.period, offset.back),
        (Base::Now, Some(offset)) => moved(&now.at, offset).date(),
    }
}

/// The first day of this year.
fn new_year(now: &Now) -> Date {
    now.today().first_of_year()
}

/// A day moved by the calendar: a month after 31 January is the last of February. It stays inside the calendar.
fn moved_day(day: Date, period: Period, back: bool) -> Date {
    let edge = if back { Date::MIN } else { Date::MAX };
    let Some(span) = calendar_span(period) else { return edge };
    let moved = if back { day.checked_sub(span) } else { day.checked_add(span) };
    moved.unwrap_or(edge)
}

/// An instant moved: minutes to weeks by their length, months and years by the calendar. It stays inside it.
fn moved(at: &Zoned, Offset { back, period }: Offset) -> Zoned {
    let edge = if back { Timestamp::MIN } else { Timestamp::MAX };
    let edge = || edge.to_zoned(at.time_zone().clone());
    let minutes = |each: i64| i64::from(period.amount).saturating_mul(each);
    let length = match period.unit {
        Unit::Minute => minutes(1),
        Unit::Hour => minutes(60),
        Unit::Day => minutes(24 * 60),
        Unit::Week => minutes(7 * 24 * 60),
        Unit::Month | Unit::Year => {
            let Some(span) = calendar_span(period) else { return edge() };
            let moved = if back { at.checked_sub(span) } else { at.checked_add(span) };
            return moved.unwrap_or_else(|_| edge());
        }
    };
    let length = jiff::SignedDuration::from_secs(length.saturating_mul(60));
    let moved = if back { at.checked_sub(length) } else { at.checked_add(length) };
    moved.unwrap_or_else(|_| edge())
}

fn calendar_span(Period { amount, unit }: Period) -> Option<Span> {
    let amount = i64::from(amount);
    match unit {
        Unit::Minute => Span::new().try_minutes(amount).ok(),
        Unit::Hour => Span::new().try_hours(amount).ok(),
        Unit::Day => Span::new().try_days(amount).ok(),
        Unit::Week => Span::new().try_weeks(amount).ok(),
        Unit::Month => Span::new().try_months(amount).ok(),
        Unit::Year => Span::new().try_years(amount).ok(),
    }
}

/// Days since 1970-01-01.
fn days(day: Date) -> i32 {
    let days = civil_micros(day.into()).div_euclid(MICROS_PER_DAY);
    i32::try_from(days).unwrap_or(if days < 0 { i32::MIN } else { i32::MAX })
}

/// The first microsecond of a day in the zone: as an instant, or on the clock on the wall.
fn midnight(day: Date, now: &Now, instant: bool) -> i64 {
    if !instant {
        return civil_micros(day.into());
    }
    let start = day.to_zoned(now.at.time_zone().clone());
    start.map_or_else(|_| civil_micros(day.into()), |start| start.timestamp().as_microsecond())
}

fn zoned_micros(at: &Zoned, instant: bool) -> i64 {
    if instant { at.timestamp().as_microsecond() } else { civil_micros(at.datetime()) }
}

/// Microseconds since 1970-01-01 on the clock on the wall.
fn civil_micros(at: civil::DateTime) -> i64 {
    let epoch = civil::date(1970, 1, 1).at(0, 0, 0, 0);
    let length = at.duration_since(epoch);
    i64::try_from(length.as_micros()).unwrap_or(if length.is_negative() { i64::MIN } else { i64::MAX })
}
