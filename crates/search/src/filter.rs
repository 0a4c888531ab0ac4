//! Filters as people type them: `City = London`, `Points >= 100`, `Born < 2000-01-01`.
//!
//! What stands behind the sign needs no quotes, because the attribute says how it is read. `|` stands between values
//! of which any will do, and nothing at all means that the attribute has no value.

use std::ops::Bound;

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use crate::condition::Value;
use crate::fields::{FilterField, Kind};
use crate::{Condition, Result, SearchError};

/// The signs; the first that is found counts, so those of two letters come first.
const SIGNS: [&str; 7] = ["!=", "<>", "<=", ">=", "=", "<", ">"];

/// A filter in its three parts.
pub(crate) struct Typed<'t> {
    pub(crate) attribute: &'t str,
    sign: &'t str,
    value: &'t str,
}

impl<'t> Typed<'t> {
    pub(crate) fn parse(text: &'t str) -> Result<Self> {
        let at = text.find(['!', '<', '>', '=']);
        let found = at.and_then(|at| {
            let (attribute, rest) = text.split_at_checked(at)?;
            let (sign, value) = SIGNS.iter().find_map(|sign| Some((*sign, rest.strip_prefix(sign)?)))?;
            Some(Self { attribute: attribute.trim(), sign, value: value.trim() })
        });
        let detail = "a filter is an attribute, a sign (= != < <= > >=) and a value";
        found.filter(|it| !it.attribute.is_empty()).ok_or_else(|| wrong(text, detail))
    }

    /// The conditions that must all hold. As in segments, `!=` takes nobody without a value.
    pub(crate) fn conditions(&self, field: &FilterField) -> Result<Vec<Condition>> {
        let attribute = || self.attribute.to_owned();
        let missing = Condition::Missing { attribute: attribute() };
        let equal = match self.sign {
            "=" => return Ok(vec![if self.value.is_empty() { missing } else { self.equal(field)? }]),
            "!=" | "<>" if self.value.is_empty() => return Ok(vec![not(missing)]),
            "!=" | "<>" => self.equal(field)?,
            _ => return Ok(vec![self.ordered(field)?]),
        };
        Ok(vec![not(equal), not(missing)])
    }

    fn equal(&self, field: &FilterField) -> Result<Condition> {
        let mut values = self.value.split('|').map(|value| self.read(field, value.trim()));
        let values: Vec<Value> = values.by_ref().collect::<Result<_>>()?;
        match values.as_slice() {
            [Value::Date(day)] if field.kind == Kind::Moment => Ok(Condition::Between {
                attribute: self.attribute.to_owned(),
                from: Bound::Included(Value::Date(*day)),
                to: Bound::Excluded(Value::Date(day.saturating_add(1))),
            }),
            _ => Ok(Condition::In { attribute: self.attribute.to_owned(), values }),
        }
    }

    fn ordered(&self, field: &FilterField) -> Result<Condition> {
        let value = self.read(field, self.value)?;
        let (from, to) = match (self.sign, whole_day(field, &value)) {
            (">", Some(next)) => (Bound::Included(next), Bound::Unbounded),
            ("<=", Some(next)) => (Bound::Unbounded, Bound::Excluded(next)),
            (">", None) => (Bound::Excluded(value), Bound::Unbounded),
            ("<=", None) => (Bound::Unbounded, Bound::Included(value)),
            (">=", _) => (Bound::Included(value), Bound::Unbounded),
            _ => (Bound::Unbounded, Bound::Excluded(value)),
        };
        Ok(Condition::Between { attribute: self.attribute.to_owned(), from, to })
    }

    fn read(&self, field: &FilterField, text: &str) -> Result<Value> {
        let value = match field.kind {
            Kind::Text => Some(Value::Text(text.to_owned())),
            Kind::Boolean => text.to_lowercase().parse().ok().map(Value::Boolean),
            Kind::Int | Kind::Decimal { .. } | Kind::Float => number(text),
            Kind::Date => date(text).map(Value::Date),
            Kind::Moment => date(text).map(Value::Date).or_else(|| moment(text).map(Value::Moment)),
        };
        value.ok_or_else(|| field.wrong())
    }
}

/// The day after, for a moment that is compared with a day: the whole day is meant.
fn whole_day(field: &FilterField, value: &Value) -> Option<Value> {
    match (field.kind, value) {
        (Kind::Moment, Value::Date(day)) => Some(Value::Date(day.saturating_add(1))),
        _ => None,
    }
}

fn not(condition: Condition) -> Condition {
    Condition::Not(Box::new(condition))
}

fn wrong(filter: &str, detail: &str) -> SearchError {
    SearchError::WrongFilter { filter: filter.to_owned(), detail: detail.to_owned() }
}

/// A number, exact where its digits fit.
fn number(text: &str) -> Option<Value> {
    if let Ok(whole) = text.parse() {
        return Some(Value::Int(whole));
    }
    let exact = text.split_once('.').and_then(|(_, behind)| {
        let digits = text.replacen('.', "", 1).parse().ok()?;
        Some(Value::Decimal { digits, scale: u8::try_from(behind.len()).ok().filter(|scale| *scale <= 18)? })
    });
    exact.or_else(|| text.parse().ok().filter(|it: &f64| it.is_finite()).map(Value::Number))
}

/// Days since 1970-01-01.
fn date(text: &str) -> Option<i32> {
    let looks_like_one = text.len() <= "-9999-12-31".len();
    let date: Date = text.parse().ok().filter(|_| looks_like_one)?;
    Some(date.since(Date::constant(1970, 1, 1)).ok()?.get_days())
}

/// Microseconds since 1970; without a time zone, in UTC.
fn moment(text: &str) -> Option<i64> {
    let at: Option<Timestamp> = text.parse().ok();
    let local = || text.parse::<DateTime>().ok()?.to_zoned(TimeZone::UTC).ok();
    Some(at.or_else(|| Some(local()?.timestamp()))?.as_microsecond())
}

/// A day as people write it.
pub(crate) fn shown_day(days: i32) -> String {
    let date = Date::constant(1970, 1, 1).checked_add(days.days());
    date.map_or_else(|_| days.to_string(), |date| date.to_string())
}

/// A moment as people write it, in UTC.
pub(crate) fn shown_moment(micros: i64) -> String {
    Timestamp::from_microsecond(micros).map_or_else(|_| micros.to_string(), |at| at.to_string())
}
