//! Measures that are queries: what a query must give, and its rows as the measure's.

use super::error::MeasureError;
use crate::conditions::Kind;
use crate::definitions::{CUSTOMER, Measure, MeasureKind};
use crate::relationships::{CUSTOMER_ID, JoinTree};
use datafusion::arrow::array::{Array, ArrayRef, AsArray, RecordBatch, StringArray, UInt32Array};
use datafusion::arrow::compute::{cast, concat_batches, take};
use datafusion::arrow::datatypes::{DataType, Field, FieldRef, Schema};
use datafusion::arrow::row::{RowConverter, SortField};
use datafusion::prelude::SessionContext;
use insight::calculations::{Formula, Term};
use insight::conditions::Attribute;
use insight::measures::{CheckedCalculation, CheckedMeasure, Dimension};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

/// Most rows of a measure that is a query.
pub const MAX_QUERY_ROWS: usize = 10_000_000;

/// The rows of a query in the types that entities are written with; `CustomerId` is text.
pub(super) async fn rows(
    session: &SessionContext,
    measure: &Measure,
    sql: &str,
) -> Result<RecordBatch, MeasureError> {
    let (schema, batches) = lake::query::collect(session, sql, MAX_QUERY_ROWS).await?;
    let found = concat_batches(&schema, &batches)?;
    let mut names = BTreeSet::new();
    let mut columns: Vec<(Field, ArrayRef)> = Vec::new();
    for (field, column) in schema.fields().iter().zip(found.columns()) {
        let wrong = |why: &str| query_error(measure, format!("its column {:?} {why}", field.name()));
        if !names.insert(field.name().to_lowercase()) {
            return Err(wrong("is there twice; give each a name with AS"));
        }
        let kind = if field.name() == CUSTOMER_ID { Kind::Text } else { Kind::of(field.data_type()) };
        if kind == Kind::Other {
            return Err(wrong("holds values that measures cannot have; cast it"));
        }
        columns.push((Field::new(field.name(), kind.data_type(), true), cast(column, &kind.data_type())?));
    }
    let (fields, columns): (Vec<Field>, Vec<ArrayRef>) = columns.into_iter().unzip();
    let rows = RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)?;
    shape(measure, &rows)?;
    Ok(rows)
}

/// What the rows of each kind of measure must look like.
fn shape(measure: &Measure, rows: &RecordBatch) -> Result<(), MeasureError> {
    let has_customer = rows.column_by_name(CUSTOMER_ID);
    match (measure.kind, has_customer) {
        (MeasureKind::Business, Some(_)) => {
            Err(query_error(measure, "it gives CustomerId: make it a customerMeasure".to_owned()))
        }
        (MeasureKind::CustomerAttribute | MeasureKind::CustomerMeasure, None) => {
            Err(query_error(measure, "it does not give CustomerId".to_owned()))
        }
        (MeasureKind::CustomerAttribute, Some(_)) if rows.num_columns() != 2 => {
            let message =
                format!("it gives {} columns; CustomerId and one value are wanted", rows.num_columns());
            Err(query_error(measure, message))
        }
        (_, Some(ids)) if ids.null_count() > 0 => {
            Err(query_error(measure, "it gives rows without CustomerId".to_owned()))
        }
        _ => Ok(()),
    }
}

/// The value of each customer, from rows of `CustomerId` and a value.
pub(super) fn per_customer(
    measure: &Measure,
    rows: &RecordBatch,
    customers: &StringArray,
) -> Result<(ArrayRef, Kind), MeasureError> {
    let missing = || MeasureError::internal("a column is missing");
    let ids =
        rows.column_by_name(CUSTOMER_ID).and_then(|ids| ids.as_string_opt::<i32>()).ok_or_else(missing)?;
    let schema = rows.schema();
    let value = schema.fields().iter().position(|field| field.name() != CUSTOMER_ID).ok_or_else(missing)?;
    let mut places = HashMap::new();
    for (row, id) in ids.iter().enumerate() {
        let id = id.unwrap_or_default();
        if places.insert(id, row).is_some() {
            return Err(query_error(measure, format!("it gives several rows for customer {id}")));
        }
    }
    let place = |id: Option<&str>| places.get(id?).and_then(|row| u32::try_from(*row).ok());
    let wanted: UInt32Array = customers.iter().map(place).collect();
    let column = take(rows.column(value), &wanted, None)?;
    let kind = Kind::of(column.data_type());
    Ok((column, kind))
}

/// The measure that the rows look like: the numbers at the end are calculations, everything before them is a
/// dimension.
///
/// # Errors
/// Two rows of a business measure have the same dimensions: its history could not tell them apart.
pub(super) fn as_checked(measure: &Measure, rows: &RecordBatch) -> Result<CheckedMeasure, MeasureError> {
    let schema = rows.schema();
    let fields: Vec<&FieldRef> = schema.fields().iter().filter(|field| field.name() != CUSTOMER_ID).collect();
    let kind = |field: &FieldRef| Kind::of(field.data_type());
    let keys = fields.iter().rposition(|field| !kind(field).is_number()).map_or(0, |at| at + 1);
    let (mut dimensions, mut calculations) = (Vec::new(), Vec::new());
    for (at, field) in fields.into_iter().enumerate() {
        let (name, kind) = (field.name().clone(), kind(field));
        let attribute = Attribute { entity: measure.name.clone(), name: name.clone(), kind };
        if at < keys {
            dimensions.push(Dimension { name, attribute, bucket: None });
        } else {
            calculations.push(CheckedCalculation {
                name,
                formula: Formula::Leaf(Term::Measure(attribute)),
                kind,
            });
        }
    }
    if measure.kind == MeasureKind::Business && has_twice(rows, &dimensions)? {
        let message =
            "two rows have the same dimensions; numbers at the end are calculations, so cast a key to text";
        return Err(query_error(measure, message.to_owned()));
    }
    let (name, kind, tree) = (measure.name.clone(), measure.kind, JoinTree::new(CUSTOMER));
    let (aggregates, filter, reads) = (Vec::new(), None, BTreeSet::new());
    Ok(CheckedMeasure { name, kind, tree, filter, dimensions, aggregates, calculations, reads })
}

/// Whether two rows have the same values of these columns; without columns, whether there are two rows.
fn has_twice(rows: &RecordBatch, dimensions: &[Dimension]) -> Result<bool, MeasureError> {
    let columns = dimensions.iter().filter_map(|dimension| rows.column_by_name(&dimension.name).cloned());
    let columns: Vec<ArrayRef> = columns.collect();
    if columns.is_empty() {
        return Ok(rows.num_rows() > 1);
    }
    let sorts = columns.iter().map(|column| SortField::new(column.data_type().clone())).collect();
    let keys = RowConverter::new(sorts)?.convert_columns(&columns)?;
    let mut seen = HashSet::new();
    Ok(!keys.iter().all(|key| seen.insert(key)))
}

/// The customer's key as the first column, and rows ordered by everything that is no number.
pub(super) fn ordered(rows: &RecordBatch) -> Result<RecordBatch, MeasureError> {
    use datafusion::arrow::compute::{SortColumn, lexsort_to_indices};
    let schema = rows.schema();
    let is_key = |at: &usize| schema.fields().get(*at).is_some_and(|field| field.name() == CUSTOMER_ID);
    let mut places: Vec<usize> = (0..rows.num_columns()).filter(is_key).collect();
    places.extend((0..rows.num_columns()).filter(|at| !is_key(at)));
    let rows = rows.project(&places)?;
    let by = rows.columns().iter().filter(|column| column.data_type() != &DataType::Null);
    let by: Vec<SortColumn> =
        by.map(|values| SortColumn { values: Arc::clone(values), options: None }).collect();
    if by.is_empty() {
        return Ok(rows);
    }
    let order = lexsort_to_indices(&by, None)?;
    let columns = rows.columns().iter().map(|column| take(column, &order, None)).collect::<Result<_, _>>()?;
    Ok(RecordBatch::try_new(rows.schema(), columns)?)
}

fn query_error(measure: &Measure, message: String) -> MeasureError {
    MeasureError::Query { message: format!("the query of {}: {message}", measure.name) }
}
