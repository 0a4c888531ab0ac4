//! One JSON object a line; null columns are written, decimals are numbers with all their digits.

use std::io::Write;

use datafusion::arrow::json::writer::{LineDelimited, Writer, WriterBuilder};
use datafusion::arrow::record_batch::RecordBatch;

use super::{Sink, Written, add_rows};
use crate::query::explain;
use crate::{LakeError, Result};

pub(super) struct JsonSink<'a> {
    writer: Writer<&'a mut (dyn Write + Send), LineDelimited>,
    rows: u64,
}

impl<'a> JsonSink<'a> {
    pub(super) fn new(to: &'a mut (dyn Write + Send)) -> Self {
        let writer = WriterBuilder::new().with_explicit_nulls(true).build::<_, LineDelimited>(to);
        Self { writer, rows: 0 }
    }
}

impl Sink for JsonSink<'_> {
    fn batch(&mut self, batch: &RecordBatch) -> Result<bool> {
        self.writer.write(batch).map_err(|error| explain(error.into()))?;
        add_rows(&mut self.rows, batch);
        Ok(true)
    }

    fn end(mut self: Box<Self>) -> Result<Written> {
        self.writer.finish().map_err(|error| explain(error.into()))?;
        self.writer.into_inner().flush().map_err(LakeError::Output)?;
        Ok(Written { rows: self.rows, more: false })
    }
}
