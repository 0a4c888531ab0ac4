//! What a filter shows: values, or intervals of numbers and dates, and how many rows have them.

use std::collections::BTreeMap;

use serde::Serialize;
use tantivy::columnar::{Column, StrColumn};
use tantivy::fastfield::FastFieldReaders;
use tantivy::{DocId, TantivyError};

use crate::condition::{DAY, Value};
use crate::definition::{FacetOrder, FilterOptions};
use crate::fields::{FilterField, Kind};

/// The counts of one attribute.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Facet {
    /// The attribute.
    pub attribute: String,
    /// Values or intervals with at least one row, in the order of the definition.
    pub counts: Vec<FacetCount>,
}

/// One value or interval. An interval holds its beginning, and not its end.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FacetCount {
    /// The value, or the beginning of the interval.
    pub from: Value,
    /// The end of the interval; none for a value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<Value>,
    /// How many rows.
    pub count: u64,
}

/// Counts the rows of one attribute.
pub(crate) struct Counter {
    field: FilterField,
    values: Values,
    /// How often each value (by its place in the dictionary) or interval (by its number) was seen.
    seen: BTreeMap<i64, u64>,
}

enum Values {
    Texts(StrColumn),
    Booleans(Column<i64>),
    Whole(Column<i64>, Intervals),
    Floats(Column<f64>, f64),
    None,
}

/// How whole numbers are cut.
#[derive(Clone, Copy)]
enum Intervals {
    /// By a number of units.
    Step(i64),
    /// By the calendar; a unit is this many to a day.
    Calendar { unit: Unit, per_day: i64 },
}

#[derive(Clone, Copy)]
enum Unit {
    Day,
    Month,
    Year,
}

impl Counter {
    pub(crate) fn new(field: &FilterField, columns: &FastFieldReaders) -> tantivy::Result<Self> {
        let name = field.field.as_str();
        let results = field.options.results();
        let values = match field.kind {
            Kind::Text => columns.str(name)?.map_or(Values::None, Values::Texts),
            Kind::Boolean => columns.column_opt(name)?.map_or(Values::None, Values::Booleans),
            Kind::Float => columns.column_opt::<f64>(name)?.map_or(Values::None, |column| {
                let step = float_step(column.max_value() - column.min_value(), results);
                Values::Floats(column, step)
            }),
            kind => columns.column_opt::<i64>(name)?.map_or(Values::None, |column| {
                let intervals = Intervals::of(kind, column.min_value(), column.max_value(), results);
                Values::Whole(column, intervals)
            }),
        };
        Ok(Self { field: field.clone(), values, seen: BTreeMap::new() })
    }

    pub(crate) fn add(&mut self, row: DocId) {
        let bucket = match &self.values {
            Values::Texts(column) => column.ords().first(row).and_then(|ord| i64::try_from(ord).ok()),
            Values::Booleans(column) => column.first(row),
            Values::Whole(column, intervals) => column.first(row).map(|value| intervals.bucket(value)),
            #[expect(clippy::cast_possible_truncation, reason = "a cast of a float stops at the ends")]
            Values::Floats(column, step) => column.first(row).map(|value| (value / step).floor() as i64),
            Values::None => None,
        };
        if let Some(bucket) = bucket {
            *self.seen.entry(bucket).or_default() += 1;
        }
    }

    pub(crate) fn finish(self) -> tantivy::Result<Facet> {
        let counts = choose(&self.seen, &self.field.options);
        let counts = counts.into_iter().map(|(bucket, count)| {
            let (from, to) = self.shown(bucket)?;
            Ok(FacetCount { from, to, count })
        });
        Ok(Facet { attribute: self.field.attribute.clone(), counts: counts.collect::<tantivy::Result<_>>()? })
    }

    fn shown(&self, bucket: i64) -> tantivy::Result<(Value, Option<Value>)> {
        Ok(match &self.values {
            Values::Texts(column) => {
                let mut text = String::new();
                let ord =
                    u64::try_from(bucket).map_err(|error| TantivyError::InternalError(error.to_string()))?;
                column.ord_to_str(ord, &mut text)?;
                (Value::Text(text), None)
            }
            Values::Booleans(_) | Values::None => (Value::Boolean(bucket != 0), None),
            Values::Whole(_, intervals) => {
                let value = |number| self.field.kind.value(number);
                (value(intervals.start(bucket)), Some(value(intervals.start(bucket.saturating_add(1)))))
            }
            #[expect(clippy::cast_precision_loss, reason = "the ends of an interval are rounded anyway")]
            Values::Floats(_, step) => {
                (Value::Number(bucket as f64 * step), Some(Value::Number((bucket as f64 + 1.0) * step)))
            }
        })
    }
}

/// The buckets that are shown, in their order. Equal counts stand in the order of their values.
fn choose(seen: &BTreeMap<i64, u64>, options: &FilterOptions) -> Vec<(i64, u64)> {
    let mut counts: Vec<(i64, u64)> = seen.iter().map(|(bucket, count)| (*bucket, *count)).collect();
    match options.order {
        FacetOrder::Count => counts.sort_by_key(|(bucket, count)| (std::cmp::Reverse(*count), *bucket)),
        FacetOrder::Value => {}
        FacetOrder::ValueDescending => counts.reverse(),
    }
    counts.truncate(options.results());
    counts
}

impl Kind {
    /// A whole number of the index as a value of the attribute.
    fn value(self, number: i64) -> Value {
        match self {
            Self::Decimal { scale } => Value::Decimal { digits: number, scale },
            Self::Date => Value::Date(i32::try_from(number).unwrap_or(i32::MAX)),
            Self::Moment => Value::Moment(number),
            _ => Value::Int(number),
        }
    }
}

impl Intervals {
    /// Intervals over all values of the index, so that they stay where they are when a search is narrowed.
    fn of(kind: Kind, min: i64, max: i64, results: usize) -> Self {
        let per_day = match kind {
            Kind::Date => 1,
            Kind::Moment => DAY,
            _ => return Self::Step(step(max.saturating_sub(min), results)),
        };
        let days = max.saturating_sub(min) / per_day;
        let shown = i64::try_from(results).unwrap_or(i64::MAX);
        let unit = match days {
            days if days < shown => Unit::Day,
            days if days < shown.saturating_mul(31) => Unit::Month,
            _ => Unit::Year,
        };
        Self::Calendar { unit, per_day }
    }

    fn bucket(self, value: i64) -> i64 {
        match self {
            Self::Step(step) => value.div_euclid(step),
            Self::Calendar { unit, per_day } => {
                let days = value.div_euclid(per_day);
                let (year, month) = year_and_month(days);
                match unit {
                    Unit::Day => days,
                    Unit::Month => year * 12 + month - 1,
                    Unit::Year => year,
                }
            }
        }
    }

    fn start(self, bucket: i64) -> i64 {
        match self {
            Self::Step(step) => bucket.saturating_mul(step),
            Self::Calendar { unit, per_day } => {
                let days = match unit {
                    Unit::Day => bucket,
                    Unit::Month => days_before(bucket.div_euclid(12), bucket.rem_euclid(12) + 1),
                    Unit::Year => days_before(bucket, 1),
                };
                days.saturating_mul(per_day)
            }
        }
    }
}

/// 1, 2 or 5 with zeros: the smallest that cuts `span` into at most `results` intervals, but for one that
/// begins before the first value.
fn step(span: i64, results: usize) -> i64 {
    let wanted = span / i64::try_from(results).unwrap_or(i64::MAX).max(1);
    let mut power = 1_i64;
    loop {
        for digit in [1, 2, 5] {
            match power.checked_mul(digit) {
                Some(step) if step > wanted => return step,
                Some(_) => {}
                None => return i64::MAX,
            }
        }
        match power.checked_mul(10) {
            Some(next) => power = next,
            None => return i64::MAX,
        }
    }
}

fn float_step(span: f64, results: usize) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "at most a thousand")]
    let wanted = span / results as f64;
    if !wanted.is_finite() || wanted <= 0.0 {
        return 1.0;
    }
    let power = 10_f64.powf(wanted.log10().floor());
    [1.0, 2.0, 5.0].into_iter().map(|digit| digit * power).find(|step| *step > wanted).unwrap_or(10.0 * power)
}

/// The year and month of a day since 1970 (Howard Hinnant, "chrono-compatible low-level date algorithms").
fn year_and_month(days: i64) -> (i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * of_year + 2) / 153;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month)
}

/// The days from 1970 to the first of a month (the same source).
fn days_before(year: i64, month: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let from_march = if month > 2 { month - 3 } else { month + 9 };
    let of_year = (153 * from_march + 2) / 5;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + of_year - 719_468
}

#[cfg(test)]
mod checks {
    use super::*;

    #[test]
    fn steps_are_round_and_few() {
        for (span, results, expected) in [
            (0, 10, 1),
            (9, 10, 1),
            (10, 10, 2),
            (99, 10, 10),
            (100, 10, 20),
            (1_000, 4, 500),
            (i64::MAX, 1, i64::MAX),
        ] {
            assert_eq!(step(span, results), expected, "{span} in {results}");
        }
        assert_eq!(float_step(0.0, 10), 1.0);
        assert!((float_step(1.0, 10) - 0.2).abs() < 1e-9);
    }

    #[test]
    fn months_begin_where_the_calendar_says() {
        for (days, year, month) in
            [(0, 1970, 1), (-1, 1969, 12), (59, 1970, 3), (11_016, 2000, 2), (19_782, 2024, 2)]
        {
            assert_eq!(year_and_month(days), (year, month));
            let start = days_before(year, month);
            assert!(start <= days && days < start + 31);
            assert_eq!(year_and_month(start), (year, month));
            assert_ne!(year_and_month(start - 1), (year, month));
        }
    }
}
