//! Weir's side: a data source of one file, read into a Parquet file as the data lake writes it.

/// The lake's own file, by a symbolic link: the lake as a whole would bring its query engine along.
#[cfg_attr(
    not(test),
    expect(dead_code, reason = "only the lake asks for the size of a file that is being written")
)]
mod encoding;

use std::fs::{self, File};
use std::path::Path;
use std::sync::Arc;

use ::{arrow, parquet};
use anyhow::{Context, Result};
use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use encoding::Encoder;
use outbound::AddressPolicy;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;
use serde_json::{Map, json};
use sources::definition::{DataSource, SourceEntity};
use sources::{Access, Before, EntitySink, Limits, ReadReport, ReadRequest, Reader, SinkError, read};
use tokio_util::sync::CancellationToken;

/// Rows of a row group, as in the data lake.
const GROUP_ROWS: usize = 131_072;

/// A sink that writes the rows that fit to one Parquet file.
struct ParquetSink {
    file: File,
    encoder: Option<Encoder<File>>,
}

impl ParquetSink {
    fn finish(self) -> Result<()> {
        self.encoder.context("no schema came")?.finish()?;
        Ok(self.file.sync_all()?)
    }
}

impl EntitySink for ParquetSink {
    fn schema(&mut self, rows: &SchemaRef, _: &SchemaRef) -> Result<(), SinkError> {
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::try_new(3)?))
            .set_max_row_group_row_count(Some(GROUP_ROWS));
        self.encoder = Some(Encoder::new(self.file.try_clone()?, Arc::clone(rows), properties));
        Ok(())
    }

    fn rows(&mut self, batch: RecordBatch) -> Result<(), SinkError> {
        Ok(self.encoder.as_mut().ok_or("rows before their schema")?.write(&batch)?)
    }

    fn quarantine(&mut self, _: RecordBatch) -> Result<(), SinkError> {
        Ok(())
    }
}

/// Reads a file, writes the rows and what was found. `profiles`: columns are profiled, as the program does it.
///
/// # Errors
/// When the file cannot be read, or the results cannot be written.
pub(crate) fn ingest(file: &Path, out: &Path, report: &Path, profiles: bool) -> Result<()> {
    // A relative path would be taken for one inside the source's folder.
    let file = &fs::canonicalize(file).with_context(|| format!("cannot find {}", file.display()))?;
    let folder = file.parent().context("the file has no folder")?;
    let name = file.file_name().and_then(|name| name.to_str()).context("the file has no name")?;
    let entity = json!({"name": "customers", "file": name, "primaryKey": "customer_id"});
    let source = json!({"name": "shop", "kind": "files", "path": folder, "entities": [&entity]});
    let (source, entity): (DataSource, SourceEntity) =
        (serde_json::from_value(source)?, serde_json::from_value(entity)?);
    let mut sink = ParquetSink { file: File::create(out)?, encoder: None };
    let cancel = CancellationToken::new();
    let found = if profiles {
        let access = Access::new(folder.to_owned(), folder.to_owned(), AddressPolicy::public_only());
        let mut reader = Reader::new(&source, &access, jiff::Timestamp::UNIX_EPOCH, &cancel);
        reader.read(&entity, Before::default(), &mut sink, &|_| {})?
    } else {
        let (quarantine, limits) = (source.quarantine, Limits::default());
        let request = ReadRequest { entity: &entity, folder, quarantine, known: None, limits };
        read(&request, &mut sink, &|_| {}, &cancel)?
    };
    sink.finish()?;
    fs::write(report, serde_json::to_string(&figures(&found))?)?;
    Ok(())
}

fn figures(found: &ReadReport) -> serde_json::Value {
    let columns: Map<_, _> = found
        .columns
        .iter()
        .map(|column| (column.name.clone(), json!(column.attribute_type.to_string())))
        .collect();
    json!({"rows": found.rows_kept, "quarantined": found.quarantined, "columns": columns})
}
