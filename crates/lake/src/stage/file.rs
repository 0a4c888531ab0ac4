//! Writing one Parquet file of an entity.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::PathBuf;
use std::sync::Arc;

use datafusion::arrow::datatypes::{Schema, SchemaRef};
use datafusion::arrow::record_batch::RecordBatch;
use datafusion::parquet::arrow::PARQUET_FIELD_ID_META_KEY;
use datafusion::parquet::basic::{Compression, ZstdLevel};
use datafusion::parquet::file::properties::WriterProperties;

use super::encoding::Encoder;
use super::stats;
use super::{StagedFile, StagingLimits};
use crate::catalog::columns::Assignment;
use crate::{LakeError, Result};

/// Length of what follows the Parquet footer: its length, and the magic bytes.
const TRAILER_BYTES: i64 = 8;

/// A Parquet file that is being written.
pub(super) struct FileWriter {
    path: PathBuf,
    name: String,
    /// The handle that is left when the encoder is done.
    file: File,
    encoder: Encoder<File>,
    rows: usize,
    saw_nan: Vec<bool>,
}

impl FileWriter {
    pub(super) fn create(
        path: PathBuf,
        name: String,
        file_schema: &SchemaRef,
        limits: &StagingLimits,
    ) -> Result<Self> {
        let file = File::options().read(true).write(true).create_new(true).open(&path);
        let file = file.map_err(LakeError::io(&path))?;
        let level = ZstdLevel::try_new(3).map_err(LakeError::parquet(&path))?;
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(level))
            .set_max_row_group_row_count(Some(limits.row_group_rows))
            .set_max_row_group_bytes(Some(limits.row_group_bytes))
            .set_created_by(concat!("weir ", env!("CARGO_PKG_VERSION")).to_owned());
        let shared = file.try_clone().map_err(LakeError::io(&path))?;
        let encoder = Encoder::new(shared, Arc::clone(file_schema), properties);
        Ok(Self { path, name, file, encoder, rows: 0, saw_nan: vec![false; file_schema.fields().len()] })
    }

    pub(super) fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        for (saw, column) in self.saw_nan.iter_mut().zip(batch.columns()) {
            *saw = *saw || stats::has_nan(column);
        }
        self.rows += batch.num_rows();
        self.encoder.write(batch).map_err(LakeError::parquet(&self.path))
    }

    /// Bytes so far, those not yet encoded included.
    pub(super) fn bytes(&self) -> usize {
        self.encoder.bytes()
    }

    /// Ends the file and makes its content durable.
    pub(super) fn finish(self, schema: &Schema, assignment: &Assignment) -> Result<StagedFile> {
        let parquet = self.encoder.finish().map_err(LakeError::parquet(&self.path))?;
        let (bytes, footer_bytes) = lengths(&self.file).map_err(LakeError::io(&self.path))?;
        self.file.sync_all().map_err(LakeError::io(&self.path))?;
        let mut columns = Vec::with_capacity(assignment.columns.len());
        for (index, (assigned, saw_nan)) in assignment.columns.iter().zip(&self.saw_nan).enumerate() {
            let column = (assigned.column.id, assigned.column.kind.as_str());
            let stats = stats::column_stats(&parquet, schema, index, column, *saw_nan)
                .map_err(LakeError::parquet(&self.path))?;
            columns.push(stats);
        }
        let rows = i64::try_from(self.rows).unwrap_or(i64::MAX);
        Ok(StagedFile { path: self.path, name: self.name, rows, bytes, footer_bytes, columns })
    }
}

/// The lengths of the file and of its footer, read back from the file.
fn lengths(mut file: &File) -> std::io::Result<(i64, i64)> {
    let end = file.seek(SeekFrom::End(-TRAILER_BYTES))?;
    let (mut length, mut magic) = ([0; 4], [0; 4]);
    file.read_exact(&mut length)?;
    file.read_exact(&mut magic)?;
    if &magic != b"PAR1" {
        return Err(std::io::Error::other("the file was not written to its end"));
    }
    let bytes = i64::try_from(end).unwrap_or(i64::MAX).saturating_add(TRAILER_BYTES);
    Ok((bytes, i64::from(u32::from_le_bytes(length))))
}

/// `schema` with every column's id as its Parquet field id.
pub(super) fn with_field_ids(schema: &Schema, assignment: &Assignment) -> SchemaRef {
    let fields = schema.fields().iter().zip(&assignment.columns).map(|(field, assigned)| {
        let id = (PARQUET_FIELD_ID_META_KEY.to_owned(), assigned.column.id.to_string());
        field.as_ref().clone().with_metadata([id].into())
    });
    Arc::new(Schema::new(fields.collect::<Vec<_>>()))
}
