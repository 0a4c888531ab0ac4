//! Reading whole files: cases that are data, and cases that must be made (sizes, encodings, compression).

mod cases;
mod databases;
mod delta;
mod made;
mod parquet;
mod parts;
mod pieces;
mod properties;
mod sheets;

use std::cell::RefCell;
use std::path::Path;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{DataType, Float64Type, Int64Type, SchemaRef};
use arrow::util::display::{ArrayFormatter, FormatOptions};
use serde_json::{Map, Value, json};
use tokio_util::sync::CancellationToken;

use super::{EntitySink, KnownColumns, Limits, ReadReport, ReadRequest, SinkError, SourceError, read};
use crate::definition::{Quarantine, SourceEntity};

/// A sink that keeps all rows as JSON.
#[derive(Default)]
pub(super) struct Kept {
    pub(super) schema: Option<SchemaRef>,
    pub(super) rows: Vec<Value>,
    pub(super) corrupt: Vec<Value>,
    pub(super) largest_batch: usize,
}

impl EntitySink for Kept {
    fn schema(&mut self, rows: &SchemaRef, _: &SchemaRef) -> Result<(), SinkError> {
        assert!(self.schema.is_none(), "the schema comes once");
        self.schema = Some(rows.clone());
        Ok(())
    }
    fn rows(&mut self, batch: RecordBatch) -> Result<(), SinkError> {
        assert_eq!(Some(batch.schema()), self.schema, "every batch has the schema that was announced");
        self.largest_batch = self.largest_batch.max(batch.num_rows());
        self.rows.extend(to_json(&batch));
        Ok(())
    }
    fn quarantine(&mut self, batch: RecordBatch) -> Result<(), SinkError> {
        self.corrupt.extend(to_json(&batch));
        Ok(())
    }
}

fn to_json(batch: &RecordBatch) -> Vec<Value> {
    let options = FormatOptions::default();
    let schema = batch.schema();
    let value = |column: &dyn Array, row: usize| {
        if column.is_null(row) {
            return Value::Null;
        }
        match column.data_type() {
            DataType::Int64 => json!(column.as_primitive::<Int64Type>().value(row)),
            DataType::Float64 => json!(column.as_primitive::<Float64Type>().value(row)),
            DataType::Boolean => json!(column.as_boolean().value(row)),
            _ => json!(ArrayFormatter::try_new(column, &options).unwrap().value(row).to_string()),
        }
    };
    let row = |row: usize| {
        let pairs = schema.fields().iter().zip(batch.columns());
        let members: Map<String, Value> =
            pairs.map(|(field, column)| (field.name().clone(), value(column.as_ref(), row))).collect();
        Value::Object(members)
    };
    (0..batch.num_rows()).map(row).collect()
}

/// An entity of one file.
pub(super) fn entity(file: &str, primary_key: &str) -> SourceEntity {
    serde_json::from_value(json!({ "name": "things", "file": file, "primaryKey": primary_key })).unwrap()
}

/// Reads an entity.
pub(super) fn read_entity(
    folder: &Path,
    entity: &SourceEntity,
    quarantine: Quarantine,
    known: Option<&KnownColumns>,
    limits: Limits,
) -> (Result<ReadReport, SourceError>, Kept) {
    let mut kept = Kept::default();
    let request = ReadRequest { entity, folder, quarantine, known, limits };
    let last = RefCell::new(0);
    let progress = |progress: super::Progress| {
        assert!(progress.bytes <= progress.total_bytes && progress.bytes >= *last.borrow());
        *last.borrow_mut() = progress.bytes;
    };
    let report = read(&request, &mut kept, &progress, &CancellationToken::new());
    if let Ok(report) = &report {
        assert_eq!(report.rows_kept, kept.rows.len() as u64);
        assert_eq!(report.quarantined, kept.corrupt.len() as u64);
        assert_eq!(report.rows_read, report.rows_kept + report.quarantined);
    }
    (report, kept)
}

/// Writes one file and reads it as an entity whose key is `id`.
pub(super) fn read_bytes(
    name: &str,
    bytes: &[u8],
    limits: Limits,
) -> (Result<ReadReport, SourceError>, Kept) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(name), bytes).unwrap();
    read_entity(folder.path(), &entity(name, "id"), Quarantine::default(), None, limits)
}
