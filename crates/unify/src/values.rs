//! Values as they are compared: every different normalized text is stored once and has a number, so that equality is
//! one comparison of numbers.

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::{
    DataType, Date32Type, Decimal128Type, Float64Type, Int64Type, TimeUnit, TimestampMicrosecondType,
};

use super::intern::{Interner, NONE};
use super::normalize::Normalizer;

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
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => Kind::Text,
        DataType::Int64 | DataType::Float64 | DataType::Decimal128(..) => Kind::Number,
        DataType::Boolean => Kind::Boolean,
        DataType::Date32 | DataType::Timestamp(TimeUnit::Microsecond, None) => Kind::Time,
        DataType::Timestamp(TimeUnit::Microsecond, Some(_)) => Kind::Moment,
        _ => return None,
    })
}

/// All texts that are compared.
#[derive(Debug)]
pub(crate) struct Values {
    texts: Interner<u8>,
    shapes: Vec<Shape>,
}

/// What tells quickly that two texts are too far apart.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Shape {
    /// Unicode scalar values.
    pub(crate) chars: u32,
    /// A bit for each character in the text; several characters share one. An edit brings in at most one new bit.
    pub(crate) signature: u64,
}

impl Shape {
    /// Whether the shapes leave it possible that two texts are at most `edits` apart.
    pub(crate) fn may_be_within(self, other: Self, edits: u32) -> bool {
        self.chars.abs_diff(other.chars) <= edits
            && (self.signature & !other.signature).count_ones() <= edits
            && (other.signature & !self.signature).count_ones() <= edits
    }
}

impl Values {
    pub(crate) fn new() -> Self {
        Self { texts: Interner::new(), shapes: Vec::new() }
    }

    /// The number of a text, `NONE` for the empty one.
    pub(crate) fn intern(&mut self, text: &str) -> u32 {
        if text.is_empty() {
            return NONE;
        }
        let (number, new) = self.texts.intern(text.as_bytes());
        if new {
            self.shapes.push(shape(text));
        }
        number
    }

    pub(crate) fn text(&self, number: u32) -> &str {
        // Only texts are ever stored, so this never falls back.
        std::str::from_utf8(self.texts.get(number)).unwrap_or_default()
    }

    pub(crate) fn shape(&self, number: u32) -> Shape {
        self.shapes.get(number as usize).copied().unwrap_or_default()
    }
}

fn shape(text: &str) -> Shape {
    let mut shape = Shape::default();
    for c in text.chars() {
        shape.chars = shape.chars.saturating_add(1);
        shape.signature |= 1 << (u32::from(c) & 63);
    }
    shape
}

/// Writes each value of an array in the form that is compared. Equal forms mean equal values of one `Kind`.
pub(crate) struct Writer {
    out: String,
    spare: String,
}

impl Writer {
    pub(crate) fn new() -> Self {
        Self { out: String::new(), spare: String::new() }
    }

    /// The number of the value in `row`; `NONE` for null and for what is empty after normalization.
    pub(crate) fn number(
        &mut self,
        array: &TypedArray<'_>,
        row: usize,
        normalizer: &Normalizer,
        values: &mut Values,
    ) -> u32 {
        self.out.clear();
        if array.array.is_null(row) {
            return NONE;
        }
        match &array.typed {
            Typed::Text(texts) => normalizer.write(texts.value(row), &mut self.out, &mut self.spare),
            Typed::Int(it) => self.out.push_str(&it.value(row).to_string()),
            Typed::Float(it) => write_float(it.value(row), &mut self.out),
            Typed::Decimal(it, scale) => write_decimal(it.value(row), *scale, &mut self.out),
            Typed::Boolean(it) => self.out.push_str(&it.value(row).to_string()),
            Typed::Date(it) => self.out.push_str(&(i64::from(it.value(row)) * MICROS_PER_DAY).to_string()),
            Typed::Time(it) => self.out.push_str(&it.value(row).to_string()),
        }
        values.intern(&self.out)
    }
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
        match self.typed {
            Typed::Text(texts) if texts.is_valid(row) => Some(texts.value(row)),
            _ => None,
        }
    }

    /// The row's whole number, where the array is one of whole numbers.
    pub(crate) fn whole_number(&self, row: usize) -> Option<i64> {
        match self.typed {
            Typed::Int(numbers) if numbers.is_valid(row) => Some(numbers.value(row)),
            _ => None,
        }
    }

    /// A number by which rows are told older and newer; none for null and for what has no order.
    pub(crate) fn recency(&self, row: usize) -> Option<f64> {
        if self.array.is_null(row) {
            return None;
        }
        let number = match &self.typed {
            Typed::Int(it) => it.value(row) as f64,
            Typed::Float(it) => it.value(row),
            Typed::Decimal(it, scale) => it.value(row) as f64 / 10f64.powi(i32::from(*scale)),
            // Microseconds since 1970 are exact in a double until the year 2255.
            Typed::Date(it) => (i64::from(it.value(row)) * MICROS_PER_DAY) as f64,
            Typed::Time(it) => it.value(row) as f64,
            Typed::Text(_) | Typed::Boolean(_) => return None,
        };
        (!number.is_nan()).then_some(number)
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

    #[test]
    fn a_value_is_stored_once_and_the_empty_one_never() {
        let mut values = Values::new();
        assert_eq!(values.intern(""), NONE);
        assert_eq!(values.intern("añ"), 0);
        assert_eq!(values.intern("añ"), 0);
        assert_eq!(values.text(0), "añ");
        assert_eq!(values.shape(0).chars, 2);
    }
}
