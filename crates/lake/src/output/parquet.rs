//! A Parquet file, zstd compressed.

use std::io::Write;

use datafusion::arrow::datatypes::SchemaRef;
use datafusion::arrow::record_batch::RecordBatch;
use datafusion::parquet::arrow::ArrowWriter;
use datafusion::parquet::basic::{Compression, ZstdLevel};
use datafusion::parquet::errors::ParquetError;
use datafusion::parquet::file::properties::WriterProperties;

use super::{Sink, Written, add_rows};
use crate::limits::{ROW_GROUP_BYTES, ROW_GROUP_ROWS};
use crate::query::explain;
use crate::{LakeError, Result};

pub(super) struct ParquetSink<'a> {
    writer: ArrowWriter<&'a mut (dyn Write + Send)>,
    rows: u64,
}

fn failed(error: ParquetError) -> LakeError {
    explain(error.into())
}

impl<'a> ParquetSink<'a> {
    pub(super) fn begin(schema: SchemaRef, to: &'a mut (dyn Write + Send)) -> Result<Self> {
        let level = ZstdLevel::try_new(3).map_err(failed)?;
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(level))
            .set_max_row_group_row_count(Some(ROW_GROUP_ROWS))
            .set_max_row_group_bytes(Some(ROW_GROUP_BYTES))
            .build();
        let writer = ArrowWriter::try_new(to, schema, Some(properties)).map_err(failed)?;
        Ok(Self { writer, rows: 0 })
    }
}

impl Sink for ParquetSink<'_> {
    fn batch(&mut self, batch: &RecordBatch) -> Result<bool> {
        self.writer.write(batch).map_err(failed)?;
        add_rows(&mut self.rows, batch);
        Ok(true)
    }

    fn end(self: Box<Self>) -> Result<Written> {
        self.writer.into_inner().map_err(failed)?.flush().map_err(LakeError::Output)?;
        Ok(Written { rows: self.rows, more: false })
    }
}
