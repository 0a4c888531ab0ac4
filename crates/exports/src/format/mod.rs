//! Rows as bytes: comma-separated values, JSON lines, Parquet. Moments are written in UTC.

mod csv;
mod parquet;

use std::io::Write;
use std::sync::Arc;

use arrow::array::make_array;
use arrow::datatypes::{DataType, Schema, SchemaRef};
use arrow::error::ArrowError;
use arrow::json::writer::{LineDelimited, Writer as JsonWriter, WriterBuilder};
use arrow::record_batch::{RecordBatch, RecordBatchOptions};

pub use self::csv::CsvOptions;

use crate::definition::{FileFormat, Files};
use crate::{ExportError, Result};

/// Writes batches to `W`, one after the other.
pub struct Writer<W: Write + Send> {
    kind: Kind<W>,
}

enum Kind<W: Write + Send> {
    Csv(csv::CsvWriter<W>),
    /// One object a line; nulls are written, decimals are numbers with all their digits.
    Json(Box<JsonWriter<W, LineDelimited>>),
    Parquet(Box<parquet::ParquetWriter<W>>),
}

impl<W: Write + Send> Writer<W> {
    /// A writer of comma-separated values; the header is written at once.
    ///
    /// # Errors
    /// When `to` cannot be written, or the delimiter cannot delimit.
    pub fn csv(schema: &SchemaRef, options: CsvOptions, to: W) -> Result<Self> {
        Ok(Self { kind: Kind::Csv(csv::CsvWriter::begin(schema, options, to)?) })
    }

    /// A writer of one JSON object a line.
    pub fn json_lines(to: W) -> Self {
        let writer = WriterBuilder::new().with_explicit_nulls(true).build::<_, LineDelimited>(to);
        Self { kind: Kind::Json(Box::new(writer)) }
    }

    /// A writer of a Parquet file, zstd compressed.
    ///
    /// # Errors
    /// When a column's type has no form in Parquet.
    pub fn parquet(schema: &SchemaRef, to: W) -> Result<Self> {
        Ok(Self { kind: Kind::Parquet(Box::new(parquet::begin(schema, to)?)) })
    }

    /// The writer that `files` asks for.
    pub(crate) fn of(schema: &SchemaRef, files: &Files, to: W) -> Result<Self> {
        match files.format {
            FileFormat::Csv => Self::csv(schema, CsvOptions::of(files), to),
            FileFormat::Jsonl => Ok(Self::json_lines(to)),
            FileFormat::Parquet => Self::parquet(schema, to),
        }
    }

    /// Writes rows.
    ///
    /// # Errors
    /// When a value cannot be written, or the output refuses.
    pub fn batch(&mut self, batch: &RecordBatch) -> Result<()> {
        match &mut self.kind {
            Kind::Csv(writer) => writer.batch(batch),
            Kind::Json(writer) => writer.write(&in_utc(batch)?).map_err(|error| failed("JSON", &error)),
            Kind::Parquet(writer) => writer.write(batch).map_err(parquet::failed),
        }
    }

    /// The output. What it holds so far may be taken out of it; nothing may be put in.
    pub(crate) fn output(&mut self) -> &mut W {
        match &mut self.kind {
            Kind::Csv(writer) => writer.output(),
            Kind::Json(writer) => writer.get_mut(),
            Kind::Parquet(writer) => writer.inner_mut(),
        }
    }

    /// Ends the output and gives it back.
    ///
    /// # Errors
    /// When the output refuses.
    pub fn finish(self) -> Result<W> {
        match self.kind {
            Kind::Csv(writer) => Ok(writer.finish()),
            Kind::Json(mut writer) => {
                writer.finish().map_err(|error| failed("JSON", &error))?;
                Ok(writer.into_inner())
            }
            Kind::Parquet(writer) => writer.into_inner().map_err(parquet::failed),
        }
    }
}

pub(crate) fn failed(format: &'static str, error: &ArrowError) -> ExportError {
    ExportError::Format { format, detail: error.to_string() }
}

/// The batch with its moments in UTC. Texts of moments are the same everywhere then, and no table of time zones
/// is needed to write them.
pub(crate) fn in_utc(batch: &RecordBatch) -> Result<RecordBatch> {
    let wrong = |error: ArrowError| failed("text", &error);
    let (mut fields, mut columns) = (Vec::new(), Vec::new());
    for (field, column) in batch.schema_ref().fields().iter().zip(batch.columns()) {
        let DataType::Timestamp(unit, Some(_)) = field.data_type() else {
            fields.push(Arc::clone(field));
            columns.push(Arc::clone(column));
            continue;
        };
        let utc = DataType::Timestamp(*unit, Some("+00:00".into()));
        // Only the label changes: values are counted from one moment in every zone.
        let data = column.to_data().into_builder().data_type(utc.clone()).build().map_err(wrong)?;
        fields.push(Arc::new(field.as_ref().clone().with_data_type(utc)));
        columns.push(make_array(data));
    }
    let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    RecordBatch::try_new_with_options(Arc::new(Schema::new(fields)), columns, &options).map_err(wrong)
}
