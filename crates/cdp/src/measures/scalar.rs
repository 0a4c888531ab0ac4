//! Arithmetic over attributes as an expression of the query engine.

use crate::conditions::Kind;
use datafusion::arrow::array::ArrayRef;
use datafusion::common::Column;
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::{ColumnarValue, Expr, Volatility, cast, create_udf};
use insight::calculations::{ColumnError, Input, Scalar};
use std::sync::Arc;

/// The scalar over joined rows, and the kind of its values.
///
/// The engine's own arithmetic rounds, overflows and divides differently, so it is given the room's.
pub(super) fn scalar_expression(scalar: &Scalar) -> (Expr, Kind) {
    let kind = scalar.result_kind().unwrap_or(Kind::Other);
    let column = |name: String| Expr::Column(Column::new_unqualified(name));
    if let Some(attribute) = scalar.leaf().and_then(Input::plain) {
        return (column(attribute.column()), kind);
    }
    let inputs: Vec<_> = scalar.leaves();
    let columns: Vec<Expr> = inputs
        .iter()
        .map(|input| cast(column(input.attribute.column()), input.attribute.kind.data_type()))
        .collect();
    let types = inputs.iter().map(|input| input.attribute.kind.data_type()).collect();
    // The name tells two scalars apart.
    let name = format!("{scalar:?}");
    let owned = scalar.clone();
    let calculate = move |arguments: &[ColumnarValue]| calculate(&owned, kind, arguments);
    let function = create_udf(&name, types, kind.data_type(), Volatility::Immutable, Arc::new(calculate));
    (function.call(columns), kind)
}

fn calculate(scalar: &Scalar, kind: Kind, arguments: &[ColumnarValue]) -> Result<ColumnarValue> {
    let columns: Vec<ArrayRef> = ColumnarValue::values_to_arrays(arguments)?;
    let rows = columns.first().map_or(0, |column| column.len());
    let result = scalar.over(kind, &columns, rows).map_err(|error| match error {
        ColumnError::Overflow(overflow) => DataFusionError::External(Box::new(overflow)),
        ColumnError::Arrow(error) => error.into(),
    })?;
    Ok(ColumnarValue::Array(result))
}
