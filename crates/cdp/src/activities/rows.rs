//! The rows of `UnifiedActivity`: ids made from keys, counted while they pass.

use std::collections::BTreeMap;
use std::sync::Arc;

use datafusion::arrow::array::{
    Array, ArrayRef, AsArray, Int64Array, RecordBatch, StringArray, StringBuilder,
};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimestampMicrosecondType};
use datafusion::error::{DataFusionError, Result};
use datafusion::execution::SendableRecordBatchStream;
use futures::StreamExt;
use insight::definition::ACTIVITY_COLUMNS;
use uuid::Uuid;

use super::error::ActivityError;
use super::plan::key;
use crate::conditions::Kind;

/// What the ids of activities are made under.
const NAMESPACE: Uuid = Uuid::from_u128(0x6f1c_2f4e_9d1a_5b70_8c44_3a51_77e0_ac71);
const MICROS_PER_SECOND: i64 = 1_000_000;

/// How many rows an activity gave.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ActivityCount {
    /// The rows that lead to a customer and have a time.
    pub rows: u64,
}

/// The rows of all activities, batch by batch.
pub struct Rows {
    engine: Option<SendableRecordBatchStream>,
    keys: usize,
    fields: Vec<String>,
    schema: SchemaRef,
    /// By the activity's name.
    pub counts: BTreeMap<String, ActivityCount>,
}

impl Rows {
    pub(super) fn new(
        engine: SendableRecordBatchStream,
        keys: usize,
        fields: BTreeMap<String, Kind>,
    ) -> Self {
        let schema = schema(&fields);
        let fields = fields.into_keys().collect();
        Self { engine: Some(engine), keys, fields, schema, counts: BTreeMap::new() }
    }

    pub(super) fn none(fields: BTreeMap<String, Kind>) -> std::result::Result<Self, ActivityError> {
        let (schema, fields) = (schema(&fields), fields.into_keys().collect());
        Ok(Self { engine: None, keys: 0, fields, schema, counts: BTreeMap::new() })
    }

    /// The columns of `UnifiedActivity`.
    pub fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// The next rows, none at the end.
    ///
    /// # Errors
    /// An entity cannot be read.
    pub async fn next(&mut self) -> std::result::Result<Option<RecordBatch>, ActivityError> {
        let Some(engine) = &mut self.engine else { return Ok(None) };
        match engine.next().await {
            None => Ok(None),
            Some(batch) => Ok(Some(self.finished(&batch?)?)),
        }
    }

    fn finished(&mut self, batch: &RecordBatch) -> Result<RecordBatch> {
        let names = strings(batch, "ActivityTypeDisplay")?;
        for name in names.iter().flatten() {
            match self.counts.get_mut(name) {
                Some(count) => count.rows += 1,
                None => _ = self.counts.insert(name.to_owned(), ActivityCount { rows: 1 }),
            }
        }
        let keys = (0..self.keys).map(|at| strings(batch, &key(at))).collect::<Result<Vec<_>>>()?;
        let (ids, sources) = ids(&names, &keys);
        let times = cast(of(batch, "ActivityTime")?, &Kind::Time { instant: true }.data_type())?;
        let index = |time: Option<i64>| time.map(|micros| micros.div_euclid(MICROS_PER_SECOND));
        let index: Int64Array = times.as_primitive::<TimestampMicrosecondType>().iter().map(index).collect();
        let mut columns: Vec<ArrayRef> = Vec::new();
        let fields = self.fields.iter().map(String::as_str);
        for (name, field) in ACTIVITY_COLUMNS.into_iter().chain(fields).zip(self.schema.fields()) {
            columns.push(match name {
                "ActivityId" => Arc::clone(&ids),
                "SourceActivityId" => Arc::clone(&sources),
                "RangeIndex" => Arc::new(index.clone()),
                "ActivityTime" => Arc::clone(&times),
                name => cast(of(batch, name)?, field.data_type())?,
            });
        }
        Ok(RecordBatch::try_new(Arc::clone(&self.schema), columns)?)
    }
}

fn schema(fields: &BTreeMap<String, Kind>) -> SchemaRef {
    let fixed = ACTIVITY_COLUMNS.into_iter().map(|name| {
        let (kind, nullable) = match name {
            "ActivityTime" => (Kind::Time { instant: true }, false),
            "RangeIndex" => (Kind::Integer, false),
            "ShowInTimeline" => (Kind::Bool, false),
            "Title" | "Description" | "URL" => (Kind::Text, true),
            _ => (Kind::Text, false),
        };
        Field::new(name, kind.data_type(), nullable)
    });
    let fields = fields.iter().map(|(name, kind)| Field::new(name, kind.data_type(), true));
    Arc::new(Schema::new(fixed.chain(fields).collect::<Vec<_>>()))
}

fn of<'b>(batch: &'b RecordBatch, name: &str) -> Result<&'b ArrayRef> {
    let missing = || DataFusionError::Internal(format!("the column {name} is missing"));
    batch.column_by_name(name).ok_or_else(missing)
}

fn strings(batch: &RecordBatch, name: &str) -> Result<StringArray> {
    Ok(cast(of(batch, name)?, &DataType::Utf8)?.as_string::<i32>().clone())
}

/// The ids of rows, and their keys as one text.
fn ids(names: &StringArray, keys: &[StringArray]) -> (ArrayRef, ArrayRef) {
    let (mut ids, mut sources) = (StringBuilder::new(), StringBuilder::new());
    let (mut hashed, mut source) = (Vec::new(), String::new());
    let mut id = [0; uuid::fmt::Hyphenated::LENGTH];
    for row in 0..names.len() {
        hashed.clear();
        source.clear();
        let parts = keys.iter().filter(|key| key.is_valid(row)).map(|key| key.value(row));
        for (at, part) in std::iter::once(names.value(row)).chain(parts).enumerate() {
            // With its length, so that (a;b, c) and (a, b;c) differ.
            hashed.extend_from_slice(&(part.len() as u64).to_le_bytes());
            hashed.extend_from_slice(part.as_bytes());
            if at > 1 {
                source.push(';');
            }
            if at > 0 {
                source.push_str(part);
            }
        }
        ids.append_value(Uuid::new_v5(&NAMESPACE, &hashed).hyphenated().encode_lower(&mut id));
        sources.append_value(&source);
    }
    (Arc::new(ids.finish()), Arc::new(sources.finish()))
}
