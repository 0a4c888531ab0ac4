//! The engine's groups as the measure's rows: canonical types, exact sums narrowed with a check, averages divided.

use super::error::MeasureError;
use super::plan::Parts;
use crate::conditions::Kind;
use crate::definitions::MeasureKind;
use crate::relationships::CUSTOMER_ID;
use datafusion::arrow::array::{
    Array, ArrayRef, AsArray, Decimal128Array, Float64Array, Int64Array, RecordBatch,
};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{
    DataType, Decimal128Type, Decimal256Type, Field, Float64Type, Int64Type, Schema,
};
use datafusion::error::DataFusionError;
use insight::measures::{CheckedCalculation, CheckedMeasure};
use lang::rule::Function;
use std::sync::Arc;

/// The rows as the measure's entity has them.
pub(super) fn finish(
    measure: &CheckedMeasure,
    result: &RecordBatch,
    parts: &[Parts],
) -> Result<RecordBatch, MeasureError> {
    let mut fields = Vec::new();
    let mut columns: Vec<ArrayRef> = Vec::new();
    let mut add = |name: &str, nullable: bool, column: ArrayRef| {
        fields.push(Field::new(name, column.data_type().clone(), nullable));
        columns.push(column);
    };
    if measure.kind != MeasureKind::Business {
        add(CUSTOMER_ID, false, cast(of(result, CUSTOMER_ID)?, &DataType::Utf8)?);
    }
    for dimension in &measure.dimensions {
        add(
            &dimension.name,
            true,
            cast(of(result, &dimension.name)?, &dimension.attribute.kind.data_type())?,
        );
    }
    for (calculation, parts) in measure.calculations.iter().zip(parts) {
        add(&calculation.name, true, value(calculation, result, parts)?);
    }
    Ok(RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)?)
}

fn of<'a>(result: &'a RecordBatch, name: &str) -> Result<&'a ArrayRef, MeasureError> {
    result.column_by_name(name).ok_or_else(|| internal("a column is missing"))
}

fn internal(what: &str) -> MeasureError {
    MeasureError::Engine(Box::new(DataFusionError::Internal(what.to_owned())))
}

fn value(
    calculation: &CheckedCalculation,
    result: &RecordBatch,
    parts: &Parts,
) -> Result<ArrayRef, MeasureError> {
    let value = of(result, &parts.value)?;
    match calculation.function {
        Function::Avg => {
            let count = of(result, parts.count.as_deref().unwrap_or_default())?;
            average(value, count)
        }
        Function::Sum => narrow(calculation, value),
        Function::Count | Function::Min | Function::Max => Ok(cast(value, &calculation.kind.data_type())?),
    }
}

/// A sum in the type that it is promised in, or an error when it does not fit.
fn narrow(calculation: &CheckedCalculation, sums: &ArrayRef) -> Result<ArrayRef, MeasureError> {
    let overflow = || MeasureError::Overflow { calculation: calculation.name.clone() };
    match calculation.kind {
        Kind::Integer => {
            let sums = sums
                .as_primitive_opt::<Decimal128Type>()
                .ok_or_else(|| internal("a sum has a wrong type"))?;
            let whole = |sum: Option<i128>| sum.map(i64::try_from).transpose().map_err(|_| overflow());
            Ok(Arc::new(sums.iter().map(whole).collect::<Result<Int64Array, _>>()?))
        }
        Kind::Decimal { precision, .. } => {
            let most = 10i128.checked_pow(u32::from(precision)).ok_or_else(overflow)?;
            let fits =
                |sum: i128| if sum.unsigned_abs() < most.unsigned_abs() { Ok(sum) } else { Err(overflow()) };
            let sums: Decimal128Array = match sums.as_primitive_opt::<Decimal256Type>() {
                Some(wide) => {
                    let sum = |sum: Option<_>| {
                        let sum: Option<datafusion::arrow::datatypes::i256> = sum;
                        sum.map(|sum| sum.to_i128().ok_or_else(overflow).and_then(fits)).transpose()
                    };
                    wide.iter().map(sum).collect::<Result<_, _>>()?
                }
                None => {
                    let sums = sums.as_primitive_opt::<Decimal128Type>();
                    let sums = sums.ok_or_else(|| internal("a sum has a wrong type"))?;
                    sums.iter().map(|sum| sum.map(fits).transpose()).collect::<Result<_, _>>()?
                }
            };
            Ok(cast(
                &(Arc::new(sums.with_data_type(calculation.kind.data_type())) as ArrayRef),
                &calculation.kind.data_type(),
            )?)
        }
        _ => Ok(Arc::clone(sums)),
    }
}

fn average(sums: &ArrayRef, counts: &ArrayRef) -> Result<ArrayRef, MeasureError> {
    let counts =
        counts.as_primitive_opt::<Int64Type>().ok_or_else(|| internal("a count has a wrong type"))?;
    let sums = doubles(sums)?;
    let divide = |(sum, count): (Option<f64>, Option<i64>)| match (sum, count) {
        (Some(sum), Some(count)) if count > 0 => Some(sum / count as f64),
        _ => None,
    };
    Ok(Arc::new(sums.iter().zip(counts.iter()).map(divide).collect::<Float64Array>()))
}

/// Exact sums as the nearest floating-point numbers.
fn doubles(sums: &ArrayRef) -> Result<Float64Array, MeasureError> {
    let scale = match sums.data_type() {
        DataType::Float64 => return Ok(sums.as_primitive::<Float64Type>().clone()),
        DataType::Decimal128(_, scale) | DataType::Decimal256(_, scale) => u8::try_from(*scale).unwrap_or(0),
        _ => return Err(internal("a sum has a wrong type")),
    };
    Ok(match sums.as_primitive_opt::<Decimal256Type>() {
        Some(wide) => wide.iter().map(|sum| sum.map(|sum| nearest(&sum.to_string(), scale))).collect(),
        None => {
            let sums = sums.as_primitive::<Decimal128Type>();
            sums.iter().map(|sum| sum.map(|sum| nearest(&sum.to_string(), scale))).collect()
        }
    })
}

/// The floating-point number nearest to `digits` / 10^`scale`; text is rounded once, a division would round twice.
fn nearest(digits: &str, scale: u8) -> f64 {
    format!("{digits}e-{scale}").parse().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sum_that_does_not_fit_is_an_error() {
        let calculation = |kind| CheckedCalculation {
            name: "Total".into(),
            function: Function::Sum,
            distinct: false,
            attribute: None,
            kind,
        };
        let sums = |values: Vec<Option<i128>>| -> ArrayRef { Arc::new(Decimal128Array::from(values)) };
        let fits = narrow(&calculation(Kind::Integer), &sums(vec![Some(i64::MAX.into()), None])).unwrap();
        assert_eq!(fits.as_primitive::<Int64Type>(), &Int64Array::from(vec![Some(i64::MAX), None]));
        let error =
            narrow(&calculation(Kind::Integer), &sums(vec![Some(i128::from(i64::MAX) + 1)])).unwrap_err();
        assert_eq!(error.code(), "measureOverflow");
        let kind = Kind::Decimal { precision: 3, scale: 1 };
        assert!(narrow(&calculation(kind), &sums(vec![Some(999)])).is_ok());
        assert_eq!(
            narrow(&calculation(kind), &sums(vec![Some(-1000)])).unwrap_err().code(),
            "measureOverflow"
        );
    }

    #[test]
    fn a_decimal_becomes_the_nearest_double() {
        assert_eq!(nearest("1", 1), 0.1);
        assert_eq!(nearest("-12345678901234567890123456789", 20), -123456789.01234567);
    }
}
