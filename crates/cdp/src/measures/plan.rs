//! A checked measure as a plan of the query engine: join, filter, group.

use super::error::MeasureError;
use super::exact_sum::exact_sum;
use super::finish::finish;
use crate::conditions::{Attribute, Kind, column_name, expression};
use crate::definitions::{CUSTOMER, MeasureKind};
use crate::relationships::{CUSTOMER_ID, Tables, joined_rows};
use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::compute::concat_batches;
use datafusion::arrow::datatypes::DataType;
use datafusion::common::Column;
use datafusion::functions_aggregate::expr_fn::{count, count_distinct, max, min, sum};
use datafusion::logical_expr::{Expr, cast, lit};
use insight::measures::{CheckedCalculation, CheckedMeasure};
use lang::rule::Function;

/// What the engine calculates for one calculation.
pub(super) struct Parts {
    /// The first column: the value, or the sum of an average.
    pub(super) value: String,
    /// The second column of an average: the count.
    pub(super) count: Option<String>,
}

/// Calculates one measure: the customer (but for business measures), the dimensions, the calculations; ordered by
/// the first two.
pub(super) async fn calculate(
    tables: &Tables<'_>,
    measure: &CheckedMeasure,
) -> Result<RecordBatch, MeasureError> {
    let mut rows = joined_rows(tables, &measure.tree).await?;
    if let Some(filter) = &measure.filter {
        rows = rows.filter(expression(filter))?;
    }
    let groups = groups(measure);
    let mut aggregates = Vec::new();
    let mut parts = Vec::new();
    for (at, calculation) in measure.calculations.iter().enumerate() {
        parts.push(add_aggregates(at, calculation, &mut aggregates));
    }
    let keys: Vec<Expr> = groups.iter().map(|(column, key)| key.clone().alias(column)).collect();
    let order = groups.iter().map(|(name, _)| column(name).sort(true, false)).collect::<Vec<_>>();
    let mut result = rows.aggregate(keys, aggregates)?;
    if !order.is_empty() {
        result = result.sort(order)?;
    }
    let schema = result.schema().as_arrow().clone();
    let batches = result.collect().await?;
    let result = concat_batches(&std::sync::Arc::new(schema), &batches)?;
    finish(measure, &result, &parts)
}

fn groups(measure: &CheckedMeasure) -> Vec<(String, Expr)> {
    let mut groups = Vec::new();
    if measure.kind != MeasureKind::Business {
        let key = cast(column(&column_name(CUSTOMER, CUSTOMER_ID)), DataType::Utf8);
        groups.push((CUSTOMER_ID.to_owned(), key));
    }
    for dimension in &measure.dimensions {
        let key = column(&dimension.attribute.column());
        // Both zeros are one group.
        let key = if dimension.attribute.kind == Kind::Double { key + lit(0.0f64) } else { key };
        groups.push((dimension.name.clone(), key));
    }
    groups
}

fn add_aggregates(at: usize, calculation: &CheckedCalculation, aggregates: &mut Vec<Expr>) -> Parts {
    let value = format!("#{at}");
    let Some(attribute) = &calculation.attribute else {
        aggregates.push(count(lit(1i64)).alias(&value));
        return Parts { value, count: None };
    };
    let argument = column(&attribute.column());
    let aggregate = match calculation.function {
        Function::Count if calculation.distinct => count_distinct(argument.clone()),
        Function::Count => count(argument.clone()),
        Function::Min => min(argument.clone()),
        Function::Max => max(argument.clone()),
        Function::Sum | Function::Avg => sum_of(attribute),
    };
    aggregates.push(aggregate.alias(&value));
    let counted = (calculation.function == Function::Avg).then(|| format!("#{at}.count"));
    if let Some(counted) = &counted {
        aggregates.push(count(argument).alias(counted));
    }
    Parts { value, count: counted }
}

/// A sum that cannot wrap and does not depend on the order: integers in wider decimals, doubles exactly.
fn sum_of(attribute: &Attribute) -> Expr {
    let argument = column(&attribute.column());
    match attribute.kind {
        Kind::Double => exact_sum().call(vec![cast(argument, DataType::Float64)]),
        // The engine adds ten digits to a sum's type, room for ten thousand million rows.
        Kind::Decimal { precision, scale } if precision > 28 => {
            let scale = i8::try_from(scale).unwrap_or(0);
            sum(cast(argument, DataType::Decimal256(precision, scale)))
        }
        Kind::Decimal { .. } => sum(argument),
        _ => sum(cast(argument, DataType::Decimal128(20, 0))),
    }
}

fn column(name: &str) -> Expr {
    Expr::Column(Column::new_unqualified(name))
}
