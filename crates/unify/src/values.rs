//! Values of Arrow arrays as texts that can be compared.

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::{
    DataType, Date32Type, Decimal128Type, Float64Type, Int64Type, TimeUnit, TimestampMicrosecondType,
};

use std::fmt::Write;

use super::custom::Prepared;

/// What a value is; only values of one kind can be compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Text,
    /// Whole, exact and floating numbers, compared by value.
    Number,
    Boolean,
    /// Dates and times without a zone; a date is its midnight.
    Time,
    /// Times with a zone.
    Moment,
}

/// The kind of a type; none for a type whose values cannot be compared.
pub(crate) fn kind(data_type: &DataType) -> Option<Kind> {
    Some(match data_type {
        DataType::Dictionary(_, values) => return kind(values).filter(|kind| *kind == Kind::Text),
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => Kind::Text,
        DataType::Int64 | DataType::Float64 | DataType::Decimal128(..) => Kind::Number,
        DataType::Boolean => Kind::Boolean,
        DataType::Date32 | DataType::Timestamp(TimeUnit::Microsecond, None) => Kind::Time,
        DataType::Timestamp(TimeUnit::Microsecond, Some(_)) => Kind::Moment,
        _ => return None,
    })
}

/// Microseconds of a day.
pub(crate) const MICROS_PER_DAY: i64 = 86_400_000_000;

/// An array together with its known type.
pub(crate) struct TypedArray<'a> {
    array: &'a ArrayRef,
    typed: Typed<'a>,
}

type Primitive<T> = arrow::array::PrimitiveArray<T>;

enum Typed<'a> {
    Text(&'a arrow::array::StringArray),
    View(&'a arrow::array::StringViewArray),
    Large(&'a arrow::array::LargeStringArray),
    Int(&'a Primitive<Int64Type>),
    Float(&'a Primitive<Float64Type>),
    Decimal(&'a Primitive<Decimal128Type>, i8),
    Boolean(&'a arrow::array::BooleanArray),
    Date(&'a Primitive<Date32Type>),
    Time(&'a Primitive<TimestampMicrosecondType>),
}

impl<'a> TypedArray<'a> {
    /// None for types that cannot be compared.
    pub(crate) fn new(array: &'a ArrayRef) -> Option<Self> {
        let typed = match array.data_type() {
            DataType::Utf8 => Typed::Text(array.as_string_opt()?),
            DataType::Utf8View => Typed::View(array.as_string_view_opt()?),
            DataType::LargeUtf8 => Typed::Large(array.as_string_opt()?),
            DataType::Int64 => Typed::Int(array.as_primitive_opt()?),
            DataType::Float64 => Typed::Float(array.as_primitive_opt()?),
            DataType::Decimal128(_, scale) => Typed::Decimal(array.as_primitive_opt()?, *scale),
            DataType::Boolean => Typed::Boolean(array.as_boolean_opt()?),
            DataType::Date32 => Typed::Date(array.as_primitive_opt()?),
            DataType::Timestamp(TimeUnit::Microsecond, _) => Typed::Time(array.as_primitive_opt()?),
            _ => return None,
        };
        Some(Self { array, typed })
    }

    /// The row's text, where the array is one of texts.
    pub(crate) fn text(&self, row: usize) -> Option<&'a str> {
        if self.array.is_null(row) {
            return None;
        }
        match self.typed {
            Typed::Text(texts) => Some(texts.value(row)),
            Typed::View(texts) => Some(texts.value(row)),
            Typed::Large(texts) => Some(texts.value(row)),
            _ => None,
        }
    }

    /// Writes the form of a value that is compared, empty for null and for what is empty in that form. Equal forms
    /// mean equal values of one `Kind`. True when the value is on a list of those that are never used.
    pub(crate) fn write(&self, row: usize, form: &Prepared, out: &mut String, spare: &mut String) -> bool {
        match self.text(row) {
            Some(text) => form.write(text, out, spare),
            None => {
                self.write_plain(row, out);
                false
            }
        }
    }

    /// Writes a value as it is; empty for null.
    pub(crate) fn write_plain(&self, row: usize, out: &mut String) {
        out.clear();
        if self.array.is_null(row) {
            return;
        }
        // Writing into a text cannot fail.
        let _ = match &self.typed {
            Typed::Text(_) | Typed::View(_) | Typed::Large(_) => {
                out.write_str(self.text(row).unwrap_or_default())
            }
            Typed::Int(it) => write!(out, "{}", it.value(row)),
            Typed::Float(it) => {
                write_float(it.value(row), out);
                Ok(())
            }
            Typed::Decimal(it, scale) => {
                write_decimal(it.value(row), *scale, out);
                Ok(())
            }
            Typed::Boolean(it) => write!(out, "{}", it.value(row)),
            Typed::Date(it) => write!(out, "{}", i64::from(it.value(row)) * MICROS_PER_DAY),
            Typed::Time(it) => write!(out, "{}", it.value(row)),
        };
    }

    /// The row's whole number, where the array is one of whole numbers.
    pub(crate) fn whole_number(&self, row: usize) -> Option<i64> {
        match self.typed {
            Typed::Int(numbers) if numbers.is_valid(row) => Some(numbers.value(row)),
            _ => None,
        }
    }

    /// The number by which rows are told older and newer; none for null and for what has no order.
    pub(crate) fn age(&self, row: usize) -> Option<Age> {
        if self.array.is_null(row) {
            return None;
        }
        Some(match &self.typed {
            Typed::Int(it) => Age::of(i128::from(it.value(row)), 0),
            Typed::Decimal(it, scale) => Age::of(it.value(row), *scale),
            Typed::Date(it) => Age::of(i128::from(it.value(row)) * i128::from(MICROS_PER_DAY), 0),
            Typed::Time(it) => Age::of(i128::from(it.value(row)), 0),
            Typed::Float(it) if it.value(row).is_nan() => return None,
            Typed::Float(it) => Age { near: it.value(row), exact: None },
            Typed::Text(_) | Typed::View(_) | Typed::Large(_) | Typed::Boolean(_) => return None,
        })
    }
}

/// A number that tells how recent a row is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Age {
    /// The nearest double. It is never NaN.
    near: f64,
    /// The number itself, as a whole one and the digits after the point.
    exact: Option<(i128, i8)>,
}

impl Age {
    fn of(number: i128, scale: i8) -> Self {
        Self { near: number as f64 / 10f64.powi(i32::from(scale)), exact: Some((number, scale)) }
    }

    /// How two ages stand to each other; where doubles cannot tell, exact numbers of one scale can.
    pub(crate) fn compare(self, other: Self) -> std::cmp::Ordering {
        let exactly = || match (self.exact, other.exact) {
            (Some((one, scale)), Some((other, same))) if scale == same => one.cmp(&other),
            _ => std::cmp::Ordering::Equal,
        };
        self.near.partial_cmp(&other.near).unwrap_or(std::cmp::Ordering::Equal).then_with(exactly)
    }
}

/// Writes a floating number so that it equals a whole or exact number of the same value. What is no number is empty.
fn write_float(value: f64, out: &mut String) {
    if !value.is_nan() {
        // `+ 0.0` makes the negative zero a plain one.
        out.push_str(&(value + 0.0).to_string());
    }
}

/// Writes an exact number without trailing zeros.
fn write_decimal(value: i128, scale: i8, out: &mut String) {
    let Ok(scale @ 1..) = usize::try_from(scale) else {
        out.push_str(&value.to_string());
        (0..scale.unsigned_abs()).filter(|_| value != 0).for_each(|_| out.push('0'));
        return;
    };
    if value < 0 {
        out.push('-');
    }
    let digits = format!("{:0width$}", value.unsigned_abs(), width = scale + 1);
    let (whole, part) = digits.split_at(digits.len() - scale);
    out.push_str(whole);
    let part = part.trim_end_matches('0');
    if !part.is_empty() {
        out.push('.');
        out.push_str(part);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(write: impl FnOnce(&mut String)) -> String {
        let mut out = String::new();
        write(&mut out);
        out
    }

    #[test]
    fn equal_numbers_of_different_types_are_written_alike() {
        assert_eq!(written(|out| write_decimal(1250, 2, out)), "12.5");
        assert_eq!(written(|out| write_float(12.5, out)), "12.5");
        assert_eq!(written(|out| write_decimal(-1200, 2, out)), "-12");
        assert_eq!(written(|out| write_float(-12.0, out)), "-12");
        assert_eq!(written(|out| write_decimal(-5, 3, out)), "-0.005");
        assert_eq!(written(|out| write_decimal(12, -2, out)), "1200");
        assert_eq!(written(|out| write_float(-0.0, out)), "0");
        assert_eq!(written(|out| write_float(f64::NAN, out)), "");
    }
}
