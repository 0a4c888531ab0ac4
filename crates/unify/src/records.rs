//! The records of one entity: its rows with a primary key, equal keys collapsed.

use std::cmp::Ordering;
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};

use super::error::UnifyError;
use super::input::Input;
use super::keys::Keys;
use super::limits::Limits;
use super::plan::{EntityPlan, is_text};
use super::values::TypedArray;

/// One entity, ready to be compared. Records are numbered in the order of their primary keys, so that no order of
/// rows shows in a result; of rows with equal primary key the first is the record.
#[derive(Debug)]
pub(crate) struct Records {
    pub(crate) schema: SchemaRef,
    pub(crate) batches: Vec<RecordBatch>,
    /// Where each record stands.
    pub(crate) rows: Vec<RowAt>,
    keys: Keys,
    /// The records in the order of their rows; empty where that is their own order.
    source_order: Vec<u32>,
    /// Rows delivered.
    pub(crate) source_rows: u64,
    /// Rows without a primary key; they are left out.
    pub(crate) without_key: u64,
}

/// The place of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct RowAt {
    pub(crate) batch: u32,
    pub(crate) row: u32,
}

impl RowAt {
    /// The place of no row.
    pub(crate) const NONE: Self = Self { batch: u32::MAX, row: u32::MAX };
}

impl Records {
    pub(crate) fn read(input: &Input, plan: &EntityPlan, limits: &Limits) -> Result<Self, UnifyError> {
        let schema = plain_schema(&input.schema);
        let batches = plain_batches(input, &schema)?;
        let source_rows: u64 = batches.iter().map(|batch| batch.num_rows() as u64).sum();
        // Two numbers below the limit of the type stay free for marks.
        if source_rows > limits.rows.min(u64::from(u32::MAX) - 2) {
            return Err(UnifyError::SourceTooLarge { entity: input.entity.clone(), limit: limits.rows });
        }
        let mut keys = Keys::new(!is_text(schema.field(plan.key).data_type()));
        let mut rows = Vec::new();
        let mut without_key = 0;
        for (batch, columns) in (0u32..).zip(&batches) {
            let Some(array) = columns.columns().get(plan.key) else { continue };
            let array = match array.data_type() {
                DataType::Dictionary(..) => cast(array, &DataType::Utf8)?,
                _ => array.clone(),
            };
            let Some(array) = TypedArray::new(&array) else { continue };
            let mut whole = String::new();
            for row in 0..columns.num_rows() {
                let key = array.text(row).or_else(|| {
                    whole.clear();
                    whole.push_str(&array.whole_number(row)?.to_string());
                    Some(whole.as_str())
                });
                match key.filter(|key| !key.is_empty()) {
                    None => without_key += 1,
                    Some(key) => {
                        keys.push(key);
                        rows.push(RowAt { batch, row: row as u32 });
                    }
                }
            }
        }
        let order = keys.order();
        let keys = keys.pick(&order);
        let rows: Vec<RowAt> = order.iter().filter_map(|place| rows.get(*place as usize).copied()).collect();
        let source_order = source_order(&rows);
        Ok(Self { schema, batches, rows, keys, source_order, source_rows, without_key })
    }

    /// The number of records.
    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    /// The primary key of a record, as text.
    pub(crate) fn key(&self, record: u32) -> &str {
        self.keys.get(record)
    }

    /// The primary keys, in order.
    pub(crate) fn into_keys(self) -> Keys {
        self.keys
    }

    /// The record with a primary key.
    pub(crate) fn find(&self, key: &[u8]) -> Option<u32> {
        self.keys.find(key)
    }

    /// How two primary keys stand to each other.
    pub(crate) fn compare_keys(&self, one: &str, other: &str) -> Ordering {
        self.keys.compare(one, other)
    }

    /// The records in the order of their rows.
    pub(crate) fn in_source_order(&self) -> impl Iterator<Item = u32> {
        let at = |place: u32| self.source_order.get(place as usize).copied().unwrap_or(place);
        (0..self.len() as u32).map(at)
    }

    /// One column of every batch; none where its type cannot be compared.
    pub(crate) fn typed(&self, column: usize) -> Vec<Option<TypedArray<'_>>> {
        self.batches.iter().map(|batch| batch.columns().get(column).and_then(TypedArray::new)).collect()
    }

    /// One column of every batch, as it came: texts may be views, long or dictionaries.
    pub(crate) fn raw(&self, column: usize) -> Vec<ArrayRef> {
        self.batches.iter().filter_map(|batch| batch.columns().get(column).cloned()).collect()
    }
}

/// The records by the places of their rows; empty when that is their own order.
fn source_order(rows: &[RowAt]) -> Vec<u32> {
    if rows.is_sorted() {
        return Vec::new();
    }
    let mut records: Vec<(RowAt, u32)> = rows.iter().copied().zip(0..).collect();
    records.sort_unstable();
    records.into_iter().map(|(_, record)| record).collect()
}

/// The schema with all text as `Utf8`.
fn plain_schema(schema: &SchemaRef) -> SchemaRef {
    let plain = |field: &Arc<Field>| -> Field {
        let data_type = if is_text(field.data_type()) { DataType::Utf8 } else { field.data_type().clone() };
        Field::new(field.name(), data_type, true)
    };
    Arc::new(Schema::new(schema.fields().iter().map(plain).collect::<Vec<_>>()))
}

/// The batches with the columns of the schema, in its order.
fn plain_batches(input: &Input, schema: &SchemaRef) -> Result<Vec<RecordBatch>, UnifyError> {
    let mut batches = Vec::with_capacity(input.batches.len());
    for batch in input.batches.iter().filter(|batch| batch.num_rows() > 0) {
        let mut columns = Vec::with_capacity(schema.fields().len());
        let mut fields = Vec::with_capacity(schema.fields().len());
        for field in schema.fields() {
            let mismatch = || UnifyError::SchemaMismatch {
                entity: input.entity.clone(),
                attribute: field.name().clone(),
            };
            let column = batch.column_by_name(field.name()).ok_or_else(mismatch)?;
            let found = column.data_type();
            if found != field.data_type() && !(is_text(found) && is_text(field.data_type())) {
                return Err(mismatch());
            }
            fields.push(Field::new(field.name(), found.clone(), true));
            columns.push(column.clone());
        }
        let schema = if fields.iter().eq(schema.fields().iter().map(AsRef::as_ref)) {
            schema.clone()
        } else {
            Arc::new(Schema::new(fields))
        };
        batches.push(RecordBatch::try_new(schema, columns)?);
    }
    Ok(batches)
}
