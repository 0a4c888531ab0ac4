//! Aggregates as plans of the query engine: join, filter, group.

use super::error::MeasureError;
use super::exact_sum::exact_sum;
use super::finish::{aggregate_column, finish};
use super::scalar::scalar_expression;
use crate::conditions::{Kind, OnlyAttributes, column_name, expression};
use crate::definitions::{CUSTOMER, MeasureKind};
use crate::relationships::{CUSTOMER_ID, Tables, joined_rows};
use datafusion::arrow::array::{ArrayRef, AsArray, RecordBatch, StringArray, UInt32Array};
use datafusion::arrow::compute::{cast as cast_array, concat_batches, take};
use datafusion::arrow::datatypes::{DataType, FieldRef};
use datafusion::arrow::row::{RowConverter, SortField};
use datafusion::common::Column;
use datafusion::functions::core::named_struct;
use datafusion::functions::expr_fn::date_trunc;
use datafusion::functions_aggregate::expr_fn::{count, count_distinct, max, median, min, sum};
use datafusion::logical_expr::{Expr, ExprFunctionExt, cast, lit};
use datafusion::prelude::DataFrame;
use insight::calculations::Aggregate;
use insight::measures::{CheckedMeasure, Dimension};
use lang::rule::Function;
use std::collections::HashMap;
use std::sync::Arc;

/// Doubles without a second zero.
fn one_zero(argument: Expr, kind: Kind) -> Expr {
    if kind == Kind::Double { argument + lit(0.0f64) } else { argument }
}

/// The wanted value in the pair of an order and a value.
pub(super) const PAIR_VALUE: &str = "value";

/// What the engine calculates for one aggregate.
pub(super) struct Parts {
    /// The first column: the value, or the sum of an average.
    pub(super) value: String,
    /// The second column of an average: the count.
    pub(super) count: Option<String>,
}

/// Calculates one measure: the customer (but for business measures), the dimensions, the calculations; ordered by
/// the first two. For a customer attribute, every one of `customers` has a row.
pub(super) async fn calculate(
    tables: &Tables<'_>,
    measure: &CheckedMeasure,
    customers: Option<&StringArray>,
) -> Result<RecordBatch, MeasureError> {
    let keys = keys(measure);
    // Aggregates that read the measure's own rows are calculated with its groups; each other one by itself.
    let is_shared =
        |aggregate: &Aggregate| aggregate.tree == measure.tree && aggregate.filter == measure.filter;
    let shared: Vec<&Aggregate> = measure.aggregates.iter().filter(|it| is_shared(it)).collect();
    let rows = filtered(tables, &measure.tree, measure.filter.as_ref()).await?;
    let (own, found) = grouped(rows, &keys, &shared, &measure.name).await?;
    let groups = match customers {
        Some(customers) => {
            let ids: ArrayRef = Arc::new(customers.clone());
            RecordBatch::try_from_iter([(CUSTOMER_ID, ids)])?
        }
        None => own.clone(),
    };
    let mut found = found.into_iter();
    let mut columns = Vec::new();
    for aggregate in &measure.aggregates {
        if is_shared(aggregate) {
            let values = found.next().ok_or_else(|| MeasureError::internal("an aggregate is missing"))?;
            columns.push(for_groups(&groups, &own, &values, aggregate)?);
            continue;
        }
        let rows = filtered(tables, &aggregate.tree, aggregate.filter.as_ref()).await?;
        let (own, values) = grouped(rows, &keys, &[aggregate], &measure.name).await?;
        let Some(values) = values.first() else { continue };
        columns.push(for_groups(&groups, &own, values, aggregate)?);
    }
    finish(tables, measure, &groups, &columns).await
}

/// The value of an aggregate for each customer who has rows: `CustomerId` and the value, in this order.
pub(crate) async fn per_customer(
    tables: &Tables<'_>,
    aggregate: &Aggregate,
    of: &str,
) -> Result<(StringArray, ArrayRef), MeasureError> {
    let rows = filtered(tables, &aggregate.tree, aggregate.filter.as_ref()).await?;
    let keys = [customer_key()];
    let (groups, mut found) = grouped(rows, &keys, &[aggregate], of).await?;
    let ids = cast_array(groups.column(0), &DataType::Utf8)?.as_string::<i32>().clone();
    Ok((ids, found.remove(0)))
}

async fn filtered(
    tables: &Tables<'_>,
    tree: &crate::relationships::JoinTree,
    filter: Option<&crate::conditions::Predicate>,
) -> Result<DataFrame, MeasureError> {
    let rows = joined_rows(tables, tree).await?;
    Ok(match filter {
        Some(filter) => rows.filter(expression(filter, &OnlyAttributes)?)?,
        None => rows,
    })
}

/// The groups in their order, and for each aggregate its values in that order.
async fn grouped(
    rows: DataFrame,
    keys: &[(String, Expr)],
    aggregates: &[&Aggregate],
    of: &str,
) -> Result<(RecordBatch, Vec<ArrayRef>), MeasureError> {
    let mut expressions = Vec::new();
    let mut parts = Vec::new();
    for (at, aggregate) in aggregates.iter().enumerate() {
        parts.push(add_expressions(at, aggregate, &mut expressions)?);
    }
    if keys.is_empty() && expressions.is_empty() {
        // Without keys there is one group, also where nothing is calculated over its rows.
        expressions.push(count(lit(1i64)).alias("#rows"));
    }
    let by = keys.iter().map(|(name, key)| key.clone().alias(name)).collect();
    let order: Vec<_> = keys.iter().map(|(name, _)| column(name).sort(true, false)).collect();
    let mut result = rows.aggregate(by, expressions)?;
    if !order.is_empty() {
        result = result.sort(order)?;
    }
    let schema = Arc::new(result.schema().as_arrow().clone());
    let batches = result.collect().await.map_err(|error| MeasureError::calculating(error, of))?;
    let result = concat_batches(&schema, &batches)?;
    let values = aggregates.iter().zip(&parts);
    let values = values
        .map(|(aggregate, parts)| aggregate_column(aggregate, &result, parts, of))
        .collect::<Result<_, _>>()?;
    let columns: Vec<usize> = (0..keys.len()).collect();
    Ok((result.project(&columns)?, values))
}

/// The values of an aggregate in the order of the measure's groups; a group that it has not is without rows.
fn for_groups(
    groups: &RecordBatch,
    own: &RecordBatch,
    values: &ArrayRef,
    aggregate: &Aggregate,
) -> Result<ArrayRef, MeasureError> {
    if groups.num_columns() == 0 {
        return Ok(Arc::clone(values));
    }
    if groups.columns() == own.columns() {
        return Ok(Arc::clone(values));
    }
    let fields = groups.schema();
    let sorts = fields.fields().iter().map(|field: &FieldRef| SortField::new(field.data_type().clone()));
    let converter = RowConverter::new(sorts.collect())?;
    let (wanted, known) =
        (converter.convert_columns(groups.columns())?, converter.convert_columns(own.columns())?);
    let places: HashMap<_, _> = known.iter().enumerate().map(|(at, row)| (row, at)).collect();
    let places: UInt32Array =
        wanted.iter().map(|row| places.get(&row).and_then(|at| u32::try_from(*at).ok())).collect();
    let found = take(values, &places, None)?;
    if aggregate.function == Function::Count {
        super::entity::zero_for_none(&found, aggregate.kind)
    } else {
        Ok(found)
    }
}

fn customer_key() -> (String, Expr) {
    (CUSTOMER_ID.to_owned(), cast(column(&column_name(CUSTOMER, CUSTOMER_ID)), DataType::Utf8))
}

fn keys(measure: &CheckedMeasure) -> Vec<(String, Expr)> {
    let customer = (measure.kind != MeasureKind::Business).then(customer_key);
    let dimensions =
        measure.dimensions.iter().map(|dimension| (dimension.name.clone(), group_key(dimension)));
    customer.into_iter().chain(dimensions).collect()
}

fn group_key(dimension: &Dimension) -> Expr {
    let key = column(&dimension.attribute.column());
    match (dimension.bucket, dimension.attribute.kind) {
        (Some(bucket), _) => {
            // As if instants were times on the wall in UTC: their period is the one there.
            let time =
                cast(key, DataType::Timestamp(datafusion::arrow::datatypes::TimeUnit::Microsecond, None));
            cast(date_trunc(lit(bucket.name()), time), DataType::Date32)
        }
        // Both zeros are one group.
        (None, Kind::Double) => key + lit(0.0f64),
        (None, _) => key,
    }
}

fn add_expressions(
    at: usize,
    aggregate: &Aggregate,
    expressions: &mut Vec<Expr>,
) -> Result<Parts, MeasureError> {
    let value = format!("#{at}");
    let Some(scalar) = &aggregate.argument else {
        expressions.push(count(lit(1i64)).alias(&value));
        return Ok(Parts { value, count: None });
    };
    let (argument, kind) = scalar_expression(scalar);
    let expression = match aggregate.function {
        Function::Count if aggregate.distinct => count_distinct(argument.clone()),
        Function::Count => count(argument.clone()),
        Function::Min => min(one_zero(argument.clone(), kind)),
        Function::Max => max(one_zero(argument.clone(), kind)),
        Function::Median => median(cast(argument.clone(), DataType::Float64)),
        Function::Sum | Function::Avg => sum_of(argument.clone(), kind),
        Function::First | Function::Last | Function::ArgMin | Function::ArgMax => {
            at_end(aggregate, argument.clone())?
        }
    };
    expressions.push(expression.alias(&value));
    let counted = (aggregate.function == Function::Avg).then(|| format!("#{at}.count"));
    if let Some(counted) = &counted {
        expressions.push(count(argument).alias(counted));
    }
    Ok(Parts { value, count: counted })
}

/// The argument of the row at an end of the order; among equals, the argument at that end: the smallest or greatest
/// pair of both. (`first_value` with two orders of one row's values does not look at the second one in every plan.)
fn at_end(aggregate: &Aggregate, argument: Expr) -> Result<Expr, MeasureError> {
    let Some(by) = &aggregate.by else { return Err(MeasureError::internal("an order is missing")) };
    let order = column(&by.column());
    let order = if by.kind == Kind::Double { order + lit(0.0f64) } else { order };
    let known = argument.clone().is_not_null().and(order.clone().is_not_null());
    let pair = named_struct().call(vec![lit("by"), order, lit(PAIR_VALUE), argument]);
    let end = if aggregate.function.takes_greatest() { max(pair) } else { min(pair) };
    Ok(end.filter(known).build()?)
}

/// A sum that cannot wrap and does not depend on the order: integers in wider decimals, doubles exactly.
fn sum_of(argument: Expr, kind: Kind) -> Expr {
    match kind {
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
