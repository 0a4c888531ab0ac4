//! Writing the rows of a query for people and programs, as they come.

mod csv;
mod json;
mod parquet;
mod table;

use std::io::Write;
use std::str::FromStr;

use datafusion::arrow::record_batch::RecordBatch;
use datafusion::execution::SendableRecordBatchStream;
use futures::StreamExt;

pub use self::csv::CsvOptions;
pub use self::table::TableOptions;

use crate::query::explain;
use crate::{LakeError, Result};

/// How rows are written.
#[derive(Debug, Clone)]
pub enum Format {
    /// A table for people; not all rows of a long result.
    Table(TableOptions),
    /// Comma-separated values with a header (RFC 4180).
    Csv(CsvOptions),
    /// One JSON object a line.
    JsonLines,
    /// A Parquet file.
    Parquet,
}

impl FromStr for Format {
    type Err = LakeError;

    fn from_str(text: &str) -> Result<Self> {
        Ok(match text {
            "table" => Self::Table(TableOptions::default()),
            "csv" => Self::Csv(CsvOptions::default()),
            "jsonl" => Self::JsonLines,
            "parquet" => Self::Parquet,
            _ => {
                let detail = "a format is table, csv, jsonl or parquet".to_owned();
                return Err(LakeError::Name { name: text.to_owned(), detail });
            }
        })
    }
}

/// What was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Written {
    /// How many rows.
    pub rows: u64,
    /// Whether there were more: only a table leaves rows out, and says so itself.
    pub more: bool,
}

/// Takes the batches of a result one after the other.
trait Sink {
    /// Writes rows; false if no more are wanted.
    fn batch(&mut self, batch: &RecordBatch) -> Result<bool>;
    /// Ends the output.
    fn end(self: Box<Self>) -> Result<Written>;
}

/// Writes all rows of `stream` to `to`, without holding more than a table's worth of them.
pub async fn write(
    mut stream: SendableRecordBatchStream,
    format: &Format,
    to: &mut (dyn Write + Send),
) -> Result<Written> {
    let schema = stream.schema();
    let mut sink: Box<dyn Sink + Send + '_> = match format {
        Format::Table(options) => Box::new(table::TableSink::new(&schema, options, to)),
        Format::Csv(options) => Box::new(csv::CsvSink::begin(&schema, options, to)?),
        Format::JsonLines => Box::new(json::JsonSink::new(to)),
        Format::Parquet => Box::new(parquet::ParquetSink::begin(schema, to)?),
    };
    while let Some(batch) = stream.next().await {
        if !sink.batch(&batch.map_err(explain)?)? {
            break;
        }
    }
    sink.end()
}

/// Counts the rows of a batch.
fn add_rows(rows: &mut u64, batch: &RecordBatch) {
    *rows = rows.saturating_add(u64::try_from(batch.num_rows()).unwrap_or(u64::MAX));
}
