//! Values by which equal ones are found.

use arrow::array::{ArrayRef, AsArray};
use arrow::datatypes::{
    DataType, Date32Type, Decimal128Type, Float64Type, Int64Type, TimeUnit, TimestampMicrosecondType,
};
use arrow::util::display::array_value_to_string;

use super::filled::Values;
use super::gather::{Pick, Pool};

/// A value; values of one pool are equal when their keys are.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Key<'a> {
    Null,
    Text(&'a str),
    Number(i128),
    /// A type that nothing compares: as it is shown.
    Shown(String),
}

/// The key of a picked value.
pub(super) fn key(pool: &Pool, pick: Option<Pick>) -> Key<'_> {
    let found = pick.and_then(|pick| Some((pool.values(pick)?, pick.1)));
    found.map_or(Key::Null, |(values, row)| match values {
        Values::Others(array) => of_array(array, row),
        texts => texts.text(row).map_or(Key::Null, Key::Text),
    })
}

fn of_array(array: &ArrayRef, row: usize) -> Key<'_> {
    let known = match array.data_type() {
        DataType::Int64 => array.as_primitive_opt::<Int64Type>().map(|it| it.value(row).into()),
        DataType::Decimal128(..) => array.as_primitive_opt::<Decimal128Type>().map(|it| it.value(row)),
        DataType::Date32 => array.as_primitive_opt::<Date32Type>().map(|it| it.value(row).into()),
        DataType::Timestamp(TimeUnit::Microsecond, _) => {
            array.as_primitive_opt::<TimestampMicrosecondType>().map(|it| it.value(row).into())
        }
        DataType::Boolean => array.as_boolean_opt().map(|it| it.value(row).into()),
        // `+ 0.0` makes the negative zero a plain one.
        DataType::Float64 => {
            array.as_primitive_opt::<Float64Type>().map(|it| (it.value(row) + 0.0).to_bits().into())
        }
        _ => None,
    };
    known.map_or_else(|| Key::Shown(array_value_to_string(array, row).unwrap_or_default()), Key::Number)
}
