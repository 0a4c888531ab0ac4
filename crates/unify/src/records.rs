//! The records of one entity: its rows with a primary key, equal keys collapsed.

use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};

use super::error::UnifyError;
use super::input::Input;
use super::keys::Keys;
use super::limits::Limits;
use super::normalize::Normalizer;
use super::plan::{EntityPlan, is_text};
use super::values::{TypedArray, Values, Writer};

/// One entity, ready to be compared. Records are numbered in the order of their primary keys, so that no order of
/// rows shows in a result; of rows with equal primary key the first is the record.
#[derive(Debug)]
pub(crate) struct Records {
    pub(crate) schema: SchemaRef,
    pub(crate) batches: Vec<RecordBatch>,
    /// Where each record stands.
    pub(crate) rows: Vec<RowAt>,
    keys: Keys,
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
            let Some(array) = TypedArray::new(array) else { continue };
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
        let rows = order.iter().filter_map(|place| rows.get(*place as usize).copied()).collect();
        Ok(Self { schema, batches, rows, keys, source_rows, without_key })
    }

    /// The number of records.
    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    /// The primary key of a record, as text.
    pub(crate) fn key(&self, record: u32) -> &str {
        self.keys.get(record)
    }

    /// The record with a primary key.
    #[allow(dead_code, reason = "pins will need it")]
    pub(crate) fn find(&self, key: &[u8]) -> Option<u32> {
        self.keys.find(key)
    }

    /// The compared form of one column, a number per record.
    pub(crate) fn column(&self, column: usize, normalizer: &Normalizer, values: &mut Values) -> Vec<u32> {
        let arrays = self.typed(column);
        let mut writer = Writer::new();
        let number = |at: &RowAt| match arrays.get(at.batch as usize) {
            Some(Some(array)) => writer.number(array, at.row as usize, normalizer, values),
            _ => super::intern::NONE,
        };
        self.rows.iter().map(number).collect()
    }

    /// One column of every batch; none where its type cannot be compared.
    pub(crate) fn typed(&self, column: usize) -> Vec<Option<TypedArray<'_>>> {
        self.batches.iter().map(|batch| batch.columns().get(column).and_then(TypedArray::new)).collect()
    }

    /// One column of every batch.
    pub(crate) fn arrays(&self, column: usize) -> Vec<ArrayRef> {
        self.batches.iter().filter_map(|batch| batch.columns().get(column).cloned()).collect()
    }
}

/// The schema with all text as `Utf8`.
fn plain_schema(schema: &SchemaRef) -> SchemaRef {
    let plain = |field: &Arc<Field>| -> Field {
        let data_type = if is_text(field.data_type()) { DataType::Utf8 } else { field.data_type().clone() };
        Field::new(field.name(), data_type, true)
    };
    Arc::new(Schema::new(schema.fields().iter().map(plain).collect::<Vec<_>>()))
}

fn plain_batches(input: &Input, schema: &SchemaRef) -> Result<Vec<RecordBatch>, UnifyError> {
    let mut batches = Vec::with_capacity(input.batches.len());
    for batch in input.batches.iter().filter(|batch| batch.num_rows() > 0) {
        let mut columns = Vec::with_capacity(schema.fields().len());
        for field in schema.fields() {
            let mismatch = || UnifyError::SchemaMismatch {
                entity: input.entity.clone(),
                attribute: field.name().clone(),
            };
            let column = batch.column_by_name(field.name()).ok_or_else(mismatch)?;
            columns.push(match column.data_type() {
                same if same == field.data_type() => column.clone(),
                text if is_text(text) && *field.data_type() == DataType::Utf8 => {
                    cast(column, &DataType::Utf8)?
                }
                _ => return Err(mismatch()),
            });
        }
        batches.push(RecordBatch::try_new(schema.clone(), columns)?);
    }
    Ok(batches)
}
