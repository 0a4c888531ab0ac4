//! Arithmetic over whole columns.

use super::amount::{Amount, Overflow};
use super::expression::{Expression, Scalar};
use crate::conditions::{Kind, Value};
use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Date32Array, Decimal128Array, Float64Array, Int64Array,
    StringArray, TimestampMicrosecondArray,
};
use arrow::compute::cast;
use arrow::datatypes::{Date32Type, Decimal128Type, Float64Type, Int64Type, TimestampMicrosecondType};
use arrow::error::ArrowError;
use std::sync::Arc;

/// Why a column could not be calculated.
#[derive(Debug, thiserror::Error)]
pub enum ColumnError {
    /// A result does not fit its type.
    #[error(transparent)]
    Overflow(#[from] Overflow),
    /// A column does not have the type that was promised.
    #[error(transparent)]
    Arrow(#[from] ArrowError),
}

/// A column whose values can be read one by one.
#[derive(Debug, Clone)]
pub struct Cells {
    array: ArrayRef,
    kind: Kind,
}

impl Cells {
    /// The column as values of a kind.
    ///
    /// # Errors
    /// Its type cannot be cast to that of the kind.
    pub fn new(column: &ArrayRef, kind: Kind) -> Result<Self, ArrowError> {
        Ok(Self { array: cast(column, &kind.data_type())?, kind })
    }

    /// The value of a row; nothing where it is missing, and for a floating-point value that is no number.
    pub fn value(&self, row: usize) -> Option<Value> {
        if row >= self.array.len() || self.array.is_null(row) {
            return None;
        }
        match self.kind {
            Kind::Integer => Some(Value::Integer(self.array.as_primitive_opt::<Int64Type>()?.value(row))),
            Kind::Decimal { .. } => {
                Some(Value::Decimal(self.array.as_primitive_opt::<Decimal128Type>()?.value(row)))
            }
            Kind::Double => {
                let value = self.array.as_primitive_opt::<Float64Type>()?.value(row);
                (!value.is_nan()).then_some(Value::Double(value))
            }
            Kind::Text => Some(Value::Text(self.array.as_string_opt::<i32>()?.value(row).to_owned())),
            Kind::Bool => Some(Value::Bool(self.array.as_boolean_opt()?.value(row))),
            Kind::Date => Some(Value::Date(self.array.as_primitive_opt::<Date32Type>()?.value(row))),
            Kind::Time { .. } => {
                Some(Value::Time(self.array.as_primitive_opt::<TimestampMicrosecondType>()?.value(row)))
            }
            Kind::Other => None,
        }
    }

    /// The number of a row; nothing where it is missing or no number.
    pub fn amount(&self, row: usize) -> Option<Amount> {
        self.value(row).and_then(|value| Amount::of(&value, self.kind))
    }
}

/// A column of values of one kind. A value of another kind is missing in it.
///
/// # Errors
/// A decimal has more digits than its kind.
pub fn column(kind: Kind, values: impl Iterator<Item = Option<Value>>) -> Result<ArrayRef, ArrowError> {
    macro_rules! collected {
        ($array:ty, $variant:ident) => {
            values
                .map(|value| match value {
                    Some(Value::$variant(value)) => Some(value),
                    _ => None,
                })
                .collect::<$array>()
        };
    }
    let array: ArrayRef = match kind {
        Kind::Text | Kind::Other => Arc::new(collected!(StringArray, Text)),
        Kind::Integer => Arc::new(collected!(Int64Array, Integer)),
        Kind::Double => Arc::new(collected!(Float64Array, Double)),
        Kind::Bool => Arc::new(collected!(BooleanArray, Bool)),
        Kind::Date => Arc::new(collected!(Date32Array, Date)),
        Kind::Time { instant } => {
            let times = collected!(TimestampMicrosecondArray, Time);
            Arc::new(if instant { times.with_timezone("UTC") } else { times })
        }
        Kind::Decimal { precision, scale } => {
            let scale = i8::try_from(scale).map_err(|error| ArrowError::ComputeError(error.to_string()))?;
            Arc::new(collected!(Decimal128Array, Decimal).with_precision_and_scale(precision, scale)?)
        }
    };
    Ok(array)
}

impl<L> Expression<L> {
    /// The results of rows, as a column of this kind. `of` gives the operand of a leaf in a row.
    ///
    /// # Errors
    /// A result does not fit 128 bits, or the kind.
    pub fn column(
        &self,
        kind: Kind,
        rows: usize,
        of: impl Fn(&L, usize) -> Option<Amount>,
    ) -> Result<ArrayRef, ColumnError> {
        let mut values = Vec::with_capacity(rows);
        for row in 0..rows {
            let amount = self.evaluate(&|leaf| of(leaf, row))?;
            values.push(amount.map(|amount| amount.store(kind)).transpose()?.flatten());
        }
        Ok(column(kind, values.into_iter())?)
    }
}

impl Scalar {
    /// The scalar over the columns of its leaves, in their order ([`Expression::leaves`]).
    ///
    /// # Errors
    /// A column has another type than its attribute, or a result does not fit its type.
    pub fn over(&self, kind: Kind, columns: &[ArrayRef], rows: usize) -> Result<ArrayRef, ColumnError> {
        let leaves = self.leaves();
        let mut cells = Vec::with_capacity(leaves.len());
        for (input, array) in leaves.iter().zip(columns) {
            cells.push((*input, Cells::new(array, input.attribute.kind)?));
        }
        if let (Some(input), Some((_, only))) = (self.leaf(), cells.first()) {
            let value = |row| input.of(only.value(row));
            return Ok(column(kind, (0..rows).map(value))?);
        }
        self.column(kind, rows, |leaf, row| {
            let (input, cells) = cells.iter().find(|(input, _)| *input == leaf)?;
            input.of(cells.value(row)).and_then(|value| Amount::of(&value, input.kind()))
        })
    }
}
