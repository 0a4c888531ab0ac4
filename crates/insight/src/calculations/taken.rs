//! Whole numbers taken from dates and times: their parts, and how long ago they are.

use crate::conditions::{Now, Value};
use jiff::civil::{self, Date};
use lang::rule::{DatePart, Take};

const MICROS_PER_DAY: i64 = 86_400_000_000;
const MICROS_PER_HOUR: i64 = 3_600_000_000;

/// What is taken of a value. The day and the hour of an instant are those in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// The value itself.
    Value,
    /// A part of a date or time.
    Part(DatePart),
    /// The days from a date or time until today; today in days since 1970-01-01, once it is known.
    DaysUntil(Option<i32>),
}

impl Taken {
    pub(super) fn of_rule(take: Take) -> Self {
        match take {
            Take::Value => Self::Value,
            Take::Part(part) => Self::Part(part),
            Take::DaysSince => Self::DaysUntil(None),
        }
    }

    /// With today as a constant.
    pub(super) fn at(self, now: &Now) -> Self {
        match self {
            Self::DaysUntil(_) => Self::DaysUntil(Some(now.today_in_days())),
            other => other,
        }
    }

    /// What is taken of a value; nothing where it is no date.
    pub(super) fn of(self, value: Value) -> Option<Value> {
        if self == Self::Value {
            return Some(value);
        }
        let (day, hour) = match value {
            Value::Date(day) => (i64::from(day), 0),
            Value::Time(micros) => (
                micros.div_euclid(MICROS_PER_DAY),
                micros.rem_euclid(MICROS_PER_DAY).div_euclid(MICROS_PER_HOUR),
            ),
            _ => return None,
        };
        let number = match self {
            Self::Part(DatePart::Hour) => hour,
            Self::Part(part) => part_of_day(day, part)?,
            Self::DaysUntil(today) => i64::from(today?) - day,
            Self::Value => return None,
        };
        Some(Value::Integer(number))
    }
}

/// A part of a day, in days since 1970-01-01; nothing outside of the calendar, and for an hour.
pub(crate) fn part_of_day(day: i64, part: DatePart) -> Option<i64> {
    let date = date_of(day)?;
    Some(match part {
        DatePart::Year => i64::from(date.year()),
        DatePart::Quarter => i64::from((date.month() + 2) / 3),
        DatePart::Month => i64::from(date.month()),
        DatePart::Day => i64::from(date.day()),
        DatePart::Weekday => i64::from(date.weekday().to_monday_one_offset()),
        DatePart::Hour => return None,
    })
}

/// The date of a day, in days since 1970-01-01; nothing outside of the calendar.
pub(crate) fn date_of(day: i64) -> Option<Date> {
    civil::date(1970, 1, 1).checked_add(jiff::Span::new().try_days(day).ok()?).ok()
}
