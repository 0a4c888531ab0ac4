//! The rows of `<Source>_<Entity>_corrupt`: what was left out, from where, and why.
//!
//! Columns: `File`, `Line` (the physical line where the record starts, 1 for the first; in Parquet the number
//! of the row), `Column` (the first that does not fit), `Reason` (code and words), `Detail` (all that does not
//! fit), `Record` (how the record begins, when it could not be taken apart), then every column of the input as
//! text. A column of the input that has one of these names gets a number behind it.

use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Builder, RecordBatch, StringBuilder};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use arrow::error::ArrowError;

use crate::files::cells::CellKind;
use crate::files::rows::{BadRecord, Reason};
use crate::limits::{Limits, excerpt};
use crate::names::Names;

/// The columns before those of the input.
const OWN: [&str; 6] = ["File", "Line", "Column", "Reason", "Detail", "Record"];

/// Why one row does not fit.
#[derive(Clone, Debug)]
pub(crate) struct Fault<'a> {
    pub(crate) file: &'a str,
    pub(crate) line: u64,
    pub(crate) column: Option<String>,
    pub(crate) reason: Reason,
    pub(crate) detail: String,
}

/// The batch of quarantined rows being built.
pub(crate) struct Quarantined {
    schema: SchemaRef,
    file: StringBuilder,
    line: Int64Builder,
    texts: [StringBuilder; 4],
    columns: Vec<StringBuilder>,
    rows: usize,
    bytes: usize,
    excerpt: usize,
}

impl Quarantined {
    /// For an input with these columns.
    pub(crate) fn new<'a>(columns: impl Iterator<Item = &'a str>, limits: &Limits) -> Self {
        let mut names = Names::default();
        OWN.iter().for_each(|name| drop(names.unique(name)));
        let mut fields: Vec<Field> = OWN
            .iter()
            .map(|name| {
                Field::new(*name, if *name == "Line" { DataType::Int64 } else { DataType::Utf8 }, true)
            })
            .collect();
        fields.extend(columns.map(|name| Field::new(names.unique(name), DataType::Utf8, true)));
        let columns = fields.iter().skip(OWN.len()).map(|_| StringBuilder::new()).collect();
        Self {
            schema: Arc::new(Schema::new(fields)),
            file: StringBuilder::new(),
            line: Int64Builder::new(),
            texts: std::array::from_fn(|_| StringBuilder::new()),
            columns,
            rows: 0,
            bytes: 0,
            excerpt: limits.excerpt_bytes,
        }
    }

    pub(crate) fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }

    pub(crate) fn rows(&self) -> usize {
        self.rows
    }

    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Adds a record that could not be taken apart.
    pub(crate) fn record(&mut self, file: &str, bad: BadRecord) {
        let (line, reason, detail) = (bad.line, bad.reason, bad.detail);
        self.start(Fault { file, line, column: None, reason, detail }, Some(&bad.raw));
        self.columns.iter_mut().for_each(StringBuilder::append_null);
    }

    /// Adds a row whose values do not fit; `cells` gives the text of each column of the input.
    pub(crate) fn row<'a>(&mut self, fault: Fault<'_>, mut cells: impl Iterator<Item = (CellKind, &'a str)>) {
        self.start(fault, None);
        for column in &mut self.columns {
            match cells.next() {
                Some((kind, text)) if kind != CellKind::Null => {
                    let text = excerpt(text, self.excerpt);
                    self.bytes += text.len();
                    column.append_value(text);
                }
                _ => column.append_null(),
            }
        }
    }

    fn start(&mut self, fault: Fault<'_>, record: Option<&str>) {
        let reason = format!("{}: {}", fault.reason.code(), fault.reason.words());
        let detail = excerpt(&fault.detail, self.excerpt);
        self.bytes += fault.file.len() + reason.len() + detail.len() + record.map_or(0, str::len);
        self.file.append_value(fault.file);
        self.line.append_value(i64::try_from(fault.line).unwrap_or(i64::MAX));
        let [columns, reasons, details, records] = &mut self.texts;
        columns.append_option(fault.column);
        reasons.append_value(reason);
        details.append_value(detail);
        records.append_option(record);
        self.rows += 1;
    }

    /// The rows so far; the batch is empty afterwards.
    pub(crate) fn take(&mut self) -> Result<RecordBatch, ArrowError> {
        self.rows = 0;
        self.bytes = 0;
        let mut columns: Vec<ArrayRef> = vec![Arc::new(self.file.finish()), Arc::new(self.line.finish())];
        let texts = self.texts.iter_mut().chain(&mut self.columns);
        columns.extend(texts.map(|text| Arc::new(text.finish()) as ArrayRef));
        RecordBatch::try_new(self.schema.clone(), columns)
    }
}
