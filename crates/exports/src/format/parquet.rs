//! A Parquet file, zstd compressed.

use std::io::Write;
use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;

use crate::limits::{ROW_GROUP_BYTES, ROW_GROUP_ROWS};
use crate::{ExportError, Result};

pub(super) type ParquetWriter<W> = ArrowWriter<W>;

pub(super) fn begin<W: Write + Send>(schema: &SchemaRef, to: W) -> Result<ParquetWriter<W>> {
    let level = ZstdLevel::try_new(3).map_err(failed)?;
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(level))
        .set_max_row_group_row_count(Some(ROW_GROUP_ROWS))
        .set_max_row_group_bytes(Some(ROW_GROUP_BYTES))
        .build();
    ArrowWriter::try_new(to, Arc::clone(schema), Some(properties)).map_err(failed)
}

pub(super) fn failed(error: ParquetError) -> ExportError {
    ExportError::Format { format: "Parquet", detail: error.to_string() }
}
