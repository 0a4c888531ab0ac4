//! The engine's groups as the measure's rows: canonical types, exact sums narrowed with a check, averages divided.

use super::error::MeasureError;
use super::plan::{PAIR_VALUE, Parts};
use crate::conditions::Kind;
use crate::definitions::MeasureKind;
use crate::relationships::{CUSTOMER_ID, CUSTOMER_MEASURE, Tables};
use datafusion::arrow::array::{
    Array, ArrayRef, AsArray, Decimal128Array, Float64Array, Int64Array, RecordBatch, StringArray,
};
use datafusion::arrow::compute::{cast, concat_batches, is_null, nullif};
use datafusion::arrow::datatypes::{
    DataType, Decimal128Type, Decimal256Type, Field, Float64Type, Int64Type, Schema,
};
use insight::calculations::{Aggregate, Amount, Cells, ColumnError, Formula, Term};
use insight::conditions::Attribute;
use insight::measures::CheckedMeasure;
use lang::rule::Function;
use std::collections::HashMap;
use std::sync::Arc;

/// The rows as the measure's entity has them, from its groups and the values of its aggregates.
pub(super) async fn finish(
    tables: &Tables<'_>,
    measure: &CheckedMeasure,
    groups: &RecordBatch,
    aggregates: &[ArrayRef],
) -> Result<RecordBatch, MeasureError> {
    let mut fields = Vec::new();
    let mut columns: Vec<ArrayRef> = Vec::new();
    let mut add = |name: &str, nullable: bool, column: ArrayRef| {
        fields.push(Field::new(name, column.data_type().clone(), nullable));
        columns.push(column);
    };
    if measure.kind != MeasureKind::Business {
        add(CUSTOMER_ID, false, cast(of(groups, CUSTOMER_ID)?, &DataType::Utf8)?);
    }
    for dimension in &measure.dimensions {
        let column = cast(of(groups, &dimension.name)?, &dimension.kind().data_type())?;
        add(&dimension.name, true, column);
    }
    let rows = if groups.num_columns() == 0 { 1 } else { groups.num_rows() };
    let operands = Operands::of(tables, measure, groups, aggregates).await?;
    for calculation in &measure.calculations {
        let column = match &calculation.formula {
            Formula::Leaf(Term::Aggregate(at)) => {
                let column =
                    aggregates.get(*at).ok_or_else(|| MeasureError::internal("an aggregate is missing"))?;
                Arc::clone(column)
            }
            formula => {
                let of = |term: &Term, row| operands.amount(term, row);
                formula.column(calculation.kind, rows, of).map_err(|error| match error {
                    ColumnError::Overflow(_) => {
                        MeasureError::Overflow { calculation: calculation.name.clone() }
                    }
                    ColumnError::Arrow(error) => error.into(),
                })?
            }
        };
        add(&calculation.name, true, column);
    }
    Ok(RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)?)
}

/// What the formulas of a measure are made of, by row.
struct Operands {
    aggregates: Vec<Cells>,
    /// The customer of each row, where rows have one.
    customers: Option<StringArray>,
    measures: HashMap<Attribute, MeasureValues>,
}

enum MeasureValues {
    /// The same in every row.
    Number(Cells),
    /// By the customer: the row that has the value.
    PerCustomer(HashMap<String, usize>, Cells),
}

impl Operands {
    async fn of(
        tables: &Tables<'_>,
        measure: &CheckedMeasure,
        groups: &RecordBatch,
        aggregates: &[ArrayRef],
    ) -> Result<Self, MeasureError> {
        let cells = measure.aggregates.iter().zip(aggregates);
        let aggregates =
            cells.map(|(aggregate, column)| Cells::new(column, aggregate.kind)).collect::<Result<_, _>>()?;
        let customers = match measure.kind {
            MeasureKind::Business => None,
            _ => Some(cast(of(groups, CUSTOMER_ID)?, &DataType::Utf8)?.as_string::<i32>().clone()),
        };
        let mut measures = HashMap::new();
        for term in measure.calculations.iter().flat_map(|calculation| calculation.formula.leaves()) {
            if let Term::Measure(attribute) = term
                && !measures.contains_key(attribute)
            {
                measures.insert(attribute.clone(), measure_values(tables, attribute).await?);
            }
        }
        Ok(Self { aggregates, customers, measures })
    }

    fn amount(&self, term: &Term, row: usize) -> Option<Amount> {
        match term {
            Term::Aggregate(at) => self.aggregates.get(*at)?.amount(row),
            Term::Measure(attribute) => match self.measures.get(attribute)? {
                MeasureValues::Number(cells) => cells.amount(0),
                MeasureValues::PerCustomer(places, cells) => {
                    let customers = self.customers.as_ref()?;
                    cells.amount(*places.get(customers.value(row))?)
                }
            },
        }
    }
}

async fn measure_values(tables: &Tables<'_>, attribute: &Attribute) -> Result<MeasureValues, MeasureError> {
    let table = tables.table(&attribute.entity).await?;
    let schema = Arc::new(table.schema().as_arrow().clone());
    let rows = concat_batches(&schema, &table.collect().await?)?;
    let cells = Cells::new(of(&rows, &attribute.name)?, attribute.kind)?;
    if attribute.entity != CUSTOMER_MEASURE {
        return Ok(MeasureValues::Number(cells));
    }
    let ids = cast(of(&rows, CUSTOMER_ID)?, &DataType::Utf8)?;
    let ids = ids.as_string::<i32>().iter().enumerate();
    let places = ids.filter_map(|(row, id)| Some((id?.to_owned(), row))).collect();
    Ok(MeasureValues::PerCustomer(places, cells))
}

fn of<'a>(result: &'a RecordBatch, name: &str) -> Result<&'a ArrayRef, MeasureError> {
    result.column_by_name(name).ok_or_else(|| MeasureError::internal("a column is missing"))
}

/// The value itself, out of its pair with an order where it is one. A pair that is missing has no value.
fn value_of(column: &ArrayRef) -> Result<ArrayRef, MeasureError> {
    let Some(pairs) = column.as_struct_opt() else { return Ok(Arc::clone(column)) };
    let value = pairs.column_by_name(PAIR_VALUE).ok_or_else(|| internal("a pair has no value"))?;
    Ok(nullif(value, &is_null(pairs)?)?)
}

fn internal(what: &str) -> MeasureError {
    MeasureError::internal(what)
}

/// The values of one aggregate in the type of its kind. `name` is the measure's, for errors.
pub(super) fn aggregate_column(
    aggregate: &Aggregate,
    result: &RecordBatch,
    parts: &Parts,
    name: &str,
) -> Result<ArrayRef, MeasureError> {
    let value = &value_of(of(result, &parts.value)?)?;
    match aggregate.function {
        Function::Avg => {
            let count = of(result, parts.count.as_deref().unwrap_or_default())?;
            average(value, count)
        }
        Function::Sum => narrow(aggregate.kind, name, value),
        _ => Ok(cast(value, &aggregate.kind.data_type())?),
    }
}

/// A sum in the type that it is promised in, or an error when it does not fit.
fn narrow(kind: Kind, name: &str, sums: &ArrayRef) -> Result<ArrayRef, MeasureError> {
    let overflow = || MeasureError::Overflow { calculation: name.to_owned() };
    match kind {
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
            Ok(cast(&(Arc::new(sums.with_data_type(kind.data_type())) as ArrayRef), &kind.data_type())?)
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
        let sums = |values: Vec<Option<i128>>| -> ArrayRef { Arc::new(Decimal128Array::from(values)) };
        let fits = narrow(Kind::Integer, "Total", &sums(vec![Some(i64::MAX.into()), None])).unwrap();
        assert_eq!(fits.as_primitive::<Int64Type>(), &Int64Array::from(vec![Some(i64::MAX), None]));
        let error = narrow(Kind::Integer, "Total", &sums(vec![Some(i128::from(i64::MAX) + 1)])).unwrap_err();
        assert_eq!(error.code(), "measureOverflow");
        let kind = Kind::Decimal { precision: 3, scale: 1 };
        assert!(narrow(kind, "Total", &sums(vec![Some(999)])).is_ok());
        assert_eq!(narrow(kind, "Total", &sums(vec![Some(-1000)])).unwrap_err().code(), "measureOverflow");
    }

    #[test]
    fn a_decimal_becomes_the_nearest_double() {
        assert_eq!(nearest("1", 1), 0.1);
        assert_eq!(nearest("-12345678901234567890123456789", 20), -123456789.01234567);
    }
}
