//! Conditions on filtered attributes.

use std::fmt;
use std::ops::Bound;

use serde::{Serialize, Serializer};
use tantivy::Term;
use tantivy::query::{AllQuery, BooleanQuery, EmptyQuery, ExistsQuery, Occur, Query, RangeQuery};
use tantivy::schema::Field;

use crate::fields::{FilterField, Kind};
use crate::filter::{shown_day, shown_moment};
use crate::{Result, SearchError};

/// What a row must be.
#[derive(Debug, Clone, PartialEq)]
pub enum Condition {
    /// The attribute has one of these values.
    In {
        /// The attribute.
        attribute: String,
        /// The values.
        values: Vec<Value>,
    },
    /// The attribute's value lies between these.
    Between {
        /// The attribute.
        attribute: String,
        /// From here.
        from: Bound<Value>,
        /// To here.
        to: Bound<Value>,
    },
    /// The attribute has no value.
    Missing {
        /// The attribute.
        attribute: String,
    },
    /// The condition does not hold.
    Not(Box<Condition>),
}

impl Condition {
    /// The attribute has this value.
    pub fn equals(attribute: impl Into<String>, value: Value) -> Self {
        Self::In { attribute: attribute.into(), values: vec![value] }
    }

    /// The attribute that is compared.
    pub fn attribute(&self) -> &str {
        match self {
            Self::In { attribute, .. } | Self::Between { attribute, .. } | Self::Missing { attribute } => {
                attribute
            }
            Self::Not(inner) => inner.attribute(),
        }
    }
}

/// A value to compare with.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// A text; compared as it is, letter by letter.
    Text(String),
    /// True or false.
    Boolean(bool),
    /// A whole number.
    Int(i64),
    /// A number.
    Number(f64),
    /// A decimal: a whole number and how many of its digits stand after the point.
    Decimal {
        /// All digits.
        digits: i64,
        /// How many stand after the point.
        scale: u8,
    },
    /// Days since 1970-01-01.
    Date(i32),
    /// Microseconds since 1970-01-01 00:00 UTC.
    Moment(i64),
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Boolean(value) => value.fmt(f),
            Self::Int(value) => value.fmt(f),
            Self::Number(value) => value.fmt(f),
            Self::Decimal { digits, scale } => {
                let wide = usize::from(*scale) + 1;
                let shown = format!("{:0>wide$}", digits.unsigned_abs());
                let (whole, behind) = shown.split_at(shown.len().saturating_sub(usize::from(*scale)));
                let (sign, point) = (if *digits < 0 { "-" } else { "" }, if *scale > 0 { "." } else { "" });
                write!(f, "{sign}{whole}{point}{behind}")
            }
            Self::Date(days) => f.write_str(&shown_day(*days)),
            Self::Moment(micros) => f.write_str(&shown_moment(*micros)),
        }
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        match self {
            Self::Boolean(value) => value.serialize(serializer),
            Self::Int(value) => value.serialize(serializer),
            Self::Number(value) => value.serialize(serializer),
            Self::Text(_) | Self::Decimal { .. } | Self::Date(_) | Self::Moment(_) => {
                serializer.collect_str(self)
            }
        }
    }
}

/// Microseconds of a day.
pub(crate) const DAY: i64 = 86_400_000_000;

/// A value as the index keeps those of an attribute. Between two of the attribute's values it lies on no value:
/// then it is the value below it, and not exact.
struct Key {
    term: Term,
    exact: bool,
}

impl FilterField {
    /// The rows for which `condition` holds.
    pub(crate) fn query(&self, field: Field, condition: &Condition) -> Result<Box<dyn Query>> {
        Ok(match condition {
            Condition::In { values, .. } => {
                let mut any: Vec<Box<dyn Query>> = Vec::with_capacity(values.len());
                for value in values {
                    let key = self.key(field, value)?;
                    if key.exact {
                        let (from, to) = (Bound::Included(key.term.clone()), Bound::Included(key.term));
                        any.push(Box::new(RangeQuery::new(from, to)));
                    }
                }
                if any.is_empty() { Box::new(EmptyQuery) } else { Box::new(BooleanQuery::union(any)) }
            }
            Condition::Between { from, to, .. } => self.between(field, from, to)?,
            Condition::Missing { .. } => not(self.present()),
            Condition::Not(inner) => not(self.query(field, inner)?),
        })
    }

    fn present(&self) -> Box<dyn Query> {
        Box::new(ExistsQuery::new(self.field.clone(), false))
    }

    fn between(&self, field: Field, from: &Bound<Value>, to: &Bound<Value>) -> Result<Box<dyn Query>> {
        let mut ends = [from, to].into_iter().map(|end| match end {
            Bound::Unbounded => Ok(None),
            Bound::Included(value) => self.key(field, value).map(|key| Some((key, true))),
            Bound::Excluded(value) => self.key(field, value).map(|key| Some((key, false))),
        });
        let (from, to) = (ends.next().transpose()?.flatten(), ends.next().transpose()?.flatten());
        // An inexact key is the value below: not above `from`, but still below `to`.
        let from = from.map_or(Bound::Unbounded, |(key, included)| match included && key.exact {
            true => Bound::Included(key.term),
            false => Bound::Excluded(key.term),
        });
        let to = to.map_or(Bound::Unbounded, |(key, included)| match included || !key.exact {
            true => Bound::Included(key.term),
            false => Bound::Excluded(key.term),
        });
        if matches!((&from, &to), (Bound::Unbounded, Bound::Unbounded)) {
            return Ok(self.present());
        }
        Ok(Box::new(RangeQuery::new(from, to)))
    }

    fn key(&self, field: Field, value: &Value) -> Result<Key> {
        let whole = |(value, exact)| Key { term: Term::from_field_i64(field, value), exact };
        let exact = |term| Key { term, exact: true };
        Ok(match (self.kind, value) {
            (Kind::Text, Value::Text(text)) => exact(Term::from_field_text(field, text)),
            (Kind::Boolean, Value::Boolean(value)) => whole((i64::from(*value), true)),
            (Kind::Float, value) => exact(Term::from_field_f64(field, self.number(value)?)),
            (Kind::Int, value) => whole(self.scaled(value, 0)?),
            (Kind::Decimal { scale }, value) => whole(self.scaled(value, scale)?),
            (Kind::Date, Value::Date(days)) => whole((i64::from(*days), true)),
            (Kind::Date, Value::Moment(micros)) => {
                whole((micros.div_euclid(DAY), micros.rem_euclid(DAY) == 0))
            }
            (Kind::Moment, Value::Moment(micros)) => whole((*micros, true)),
            (Kind::Moment, Value::Date(days)) => whole((i64::from(*days).saturating_mul(DAY), true)),
            _ => return Err(self.wrong()),
        })
    }

    fn number(&self, value: &Value) -> Result<f64> {
        #[expect(clippy::cast_precision_loss, reason = "a float is compared with the nearest float")]
        let number = match value {
            Value::Number(number) if !number.is_nan() => *number,
            Value::Int(value) => *value as f64,
            Value::Decimal { digits, scale } => *digits as f64 / 10_f64.powi(i32::from(*scale)),
            _ => return Err(self.wrong()),
        };
        Ok(number)
    }

    /// A number with `scale` digits after the point, the next below when it has more; and whether it is exact.
    fn scaled(&self, value: &Value, scale: u8) -> Result<(i64, bool)> {
        let (digits, has) = match value {
            Value::Int(value) => (i128::from(*value), 0),
            Value::Decimal { digits, scale } => (i128::from(*digits), *scale),
            Value::Number(number) if !number.is_nan() => return Ok(scaled_float(*number, scale)),
            _ => return Err(self.wrong()),
        };
        let power = |by: u8| 10_i128.checked_pow(u32::from(by)).unwrap_or(i128::MAX);
        let (value, exact) = match scale.checked_sub(has) {
            Some(more) => (digits.saturating_mul(power(more)), true),
            None => {
                let divisor = power(has - scale);
                (digits.div_euclid(divisor), digits.rem_euclid(divisor) == 0)
            }
        };
        let bounded = value.clamp(i128::from(i64::MIN), i128::from(i64::MAX));
        Ok((i64::try_from(bounded).unwrap_or(i64::MAX), exact))
    }

    pub(crate) fn wrong(&self) -> SearchError {
        let expected = match self.kind {
            Kind::Text => "a text",
            Kind::Boolean => "true or false",
            Kind::Int | Kind::Decimal { .. } | Kind::Float => "a number",
            Kind::Date | Kind::Moment => "a date or a moment",
        };
        SearchError::WrongValue { attribute: self.attribute.clone(), expected }
    }
}

/// A float with `scale` digits after the point, by the decimal that people read.
fn scaled_float(number: f64, scale: u8) -> (i64, bool) {
    let shown = format!("{number:.*}", usize::from(scale));
    let exact = shown.parse::<f64>() == Ok(number);
    let scaled = (number * 10_f64.powi(i32::from(scale))).floor();
    let digits: String = shown.chars().filter(|c| *c != '.').collect();
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a cast of a float stops at the ends of the integers"
    )]
    let below = scaled as i64;
    match digits.parse::<i64>() {
        Ok(digits) if exact => (digits, true),
        _ => (below, false),
    }
}

fn not(query: Box<dyn Query>) -> Box<dyn Query> {
    Box::new(BooleanQuery::new(vec![(Occur::Must, Box::new(AllQuery)), (Occur::MustNot, query)]))
}
