//! Reading values straight from Arrow arrays, whatever way texts are stored.

use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, LargeStringArray, PrimitiveArray, StringArray, StringViewArray,
};
use arrow::datatypes::{
    ArrowNativeType, DataType, Date32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, TimeUnit,
    TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType, TimestampSecondType,
    UInt8Type, UInt16Type, UInt32Type,
};

/// Days from 1 January 1970 and parts of a day: what a time is counted in.
const DAY_SECONDS: i64 = 86_400;

/// One column of one batch.
pub(crate) struct Column<'a> {
    array: &'a dyn Array,
    kind: Kind<'a>,
}

enum Kind<'a> {
    Text(&'a StringArray),
    Large(&'a LargeStringArray),
    View(&'a StringViewArray),
    Dictionary(Vec<Option<u32>>, Box<Column<'a>>),
    Int(&'a PrimitiveArray<Int64Type>),
    Int32(&'a PrimitiveArray<Int32Type>),
    Float(&'a PrimitiveArray<Float64Type>),
    Date(&'a PrimitiveArray<Date32Type>),
    /// Times, and how many of their units make a day.
    Time(Vec<i64>, i64),
    Boolean(&'a BooleanArray),
    /// What cannot be compared counts as missing.
    Other,
}

/// One value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Value<'a> {
    Missing,
    Text(&'a str),
    Int(i64),
    /// Days since 1970.
    Date(i64),
}

impl<'a> Column<'a> {
    pub(crate) fn new(array: &'a ArrayRef) -> Self {
        Self { array, kind: kind(array).unwrap_or(Kind::Other) }
    }

    /// The values of a dictionary, of which each row has one.
    pub(crate) fn dictionary(&self) -> Option<&'a ArrayRef> {
        if let Kind::Dictionary(..) = &self.kind {
            Some(self.array.as_any_dictionary_opt()?.values())
        } else {
            None
        }
    }

    /// The place of a row's value in the dictionary.
    pub(crate) fn key(&self, row: usize) -> Option<u32> {
        if let Kind::Dictionary(keys, _) = &self.kind { keys.get(row).copied().flatten() } else { None }
    }

    /// The value in a row; blank texts are missing.
    pub(crate) fn value(&self, row: usize) -> Value<'_> {
        if row >= self.array.len() || self.array.is_null(row) {
            return Value::Missing;
        }
        let text = |text: &'a str| {
            if text.is_empty() { Value::Missing } else { Value::Text(text) }
        };
        match &self.kind {
            Kind::Text(it) => text(it.value(row)),
            Kind::Large(it) => text(it.value(row)),
            Kind::View(it) => text(it.value(row)),
            Kind::Dictionary(keys, values) => match keys.get(row).copied().flatten() {
                Some(key) => values.value(key as usize),
                None => Value::Missing,
            },
            Kind::Int(it) => Value::Int(it.value(row)),
            Kind::Int32(it) => Value::Int(i64::from(it.value(row))),
            // Only whole numbers identify anything.
            Kind::Float(it) if it.value(row).fract() == 0.0 => Value::Int(it.value(row) as i64),
            Kind::Date(it) => Value::Date(i64::from(it.value(row))),
            Kind::Time(times, day) => {
                times.get(row).map_or(Value::Missing, |time| Value::Date(time.div_euclid(*day)))
            }
            Kind::Boolean(it) => Value::Int(i64::from(it.value(row))),
            Kind::Float(_) | Kind::Other => Value::Missing,
        }
    }
}

fn kind(array: &ArrayRef) -> Option<Kind<'_>> {
    Some(match array.data_type() {
        DataType::Utf8 => Kind::Text(array.as_string_opt()?),
        DataType::LargeUtf8 => Kind::Large(array.as_string_opt()?),
        DataType::Utf8View => Kind::View(array.as_string_view_opt()?),
        DataType::Dictionary(keys, _) => {
            let values = array.as_any_dictionary_opt()?.values();
            Kind::Dictionary(keys_of(array, keys)?, Box::new(Column::new(values)))
        }
        DataType::Int64 => Kind::Int(array.as_primitive_opt()?),
        DataType::Int32 => Kind::Int32(array.as_primitive_opt()?),
        DataType::Float64 => Kind::Float(array.as_primitive_opt()?),
        DataType::Date32 => Kind::Date(array.as_primitive_opt()?),
        DataType::Boolean => Kind::Boolean(array.as_boolean_opt()?),
        DataType::Timestamp(unit, _) => time(array, *unit)?,
        _ => return None,
    })
}

fn time(array: &ArrayRef, unit: TimeUnit) -> Option<Kind<'_>> {
    let (times, units) = match unit {
        TimeUnit::Second => (array.as_primitive_opt::<TimestampSecondType>()?.values(), 1),
        TimeUnit::Millisecond => (array.as_primitive_opt::<TimestampMillisecondType>()?.values(), 1_000),
        TimeUnit::Microsecond => (array.as_primitive_opt::<TimestampMicrosecondType>()?.values(), 1_000_000),
        TimeUnit::Nanosecond => {
            (array.as_primitive_opt::<TimestampNanosecondType>()?.values(), 1_000_000_000)
        }
    };
    Some(Kind::Time(times.to_vec(), DAY_SECONDS * units))
}

/// The place of each row's value in the dictionary.
fn keys_of(array: &ArrayRef, keys: &DataType) -> Option<Vec<Option<u32>>> {
    macro_rules! read {
        ($type:ty) => {
            array
                .as_dictionary_opt::<$type>()?
                .keys()
                .iter()
                .map(|key| key.and_then(|key| u32::try_from(key.as_usize()).ok()))
                .collect()
        };
    }
    Some(match keys {
        DataType::Int8 => read!(Int8Type),
        DataType::Int16 => read!(Int16Type),
        DataType::Int32 => read!(Int32Type),
        DataType::Int64 => read!(Int64Type),
        DataType::UInt8 => read!(UInt8Type),
        DataType::UInt16 => read!(UInt16Type),
        DataType::UInt32 => read!(UInt32Type),
        _ => return None,
    })
}
