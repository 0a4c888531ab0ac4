//! Weir's side: the tables that it reads, the definitions that it follows, and the clusters that it writes.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result};
use arrow::array::{ArrayRef, RecordBatch, UInt32Array};
use arrow::datatypes::{DataType, Schema, SchemaRef};
use parquet::arrow::ArrowWriter;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder,
};
use parquet::basic::Encoding;
use parquet::file::metadata::ParquetMetaData;
use parquet::file::properties::WriterProperties;
use unify::definition::Unification;

use crate::programs::Kind;

/// Rows of a batch.
const BATCH: usize = 65_536;

/// A table: its entity, its file without the ending, and its primary key.
#[derive(Debug, Clone, Copy)]
pub struct Table {
    /// The name of the data source.
    pub data_source: &'static str,
    /// The full name of the entity.
    pub entity: &'static str,
    /// The file's name.
    pub file: &'static str,
    /// The primary key.
    pub key: &'static str,
}

/// The tables in match order.
#[must_use]
pub fn tables(kind: Kind, data: &Path) -> Vec<Table> {
    let table = |data_source, entity, file, key| Table { data_source, entity, file, key };
    match kind {
        Kind::People => vec![
            table("Crm", "Crm_contacts", "crm.parquet", "contact_guid"),
            table("Loyalty", "Loyalty_members", "loyalty.parquet", "LoyaltyId"),
            table("Shop", "Shop_contacts", "shop.parquet", "ContactId"),
        ],
        Kind::Febrl => [table("A", "A_people", "a.parquet", "id"), table("B", "B_people", "b.parquet", "id")]
            .into_iter()
            .filter(|table| data.join(table.file).exists())
            .collect(),
    }
}

/// Reads a definition from JSON; signals and order of tables that are not there are left out.
///
/// # Errors
/// When it is none.
pub fn definition(text: &str, tables: &[Table]) -> Result<Unification> {
    let mut definition: Unification = serde_json::from_str(text).context("a definition")?;
    let there = |entity: &str| tables.iter().any(|table| table.entity == entity);
    definition.match_.order.retain(|entry| there(&entry.entity));
    definition.match_.rules.retain(|rule| there(&rule.on));
    definition.deduplication.retain(|it| there(&it.entity));
    for signal in definition.match_.probabilistic.iter_mut().flat_map(|it| &mut it.signals) {
        signal.attributes.retain(|attribute| there(&attribute.entity));
    }
    Ok(definition)
}

/// Reads the columns of a table that are wanted.
///
/// # Errors
/// When the file cannot be read.
pub fn batches(path: &Path, wanted: impl Fn(&str) -> bool) -> Result<(SchemaRef, ParquetRecordBatchReader)> {
    let file = File::open(path).with_context(|| format!("cannot open {}", path.display()))?;
    let builder = ParquetRecordBatchReaderBuilder::try_new(file)?.with_batch_size(BATCH);
    let columns = builder.schema().fields().iter().enumerate().filter(|(_, field)| wanted(field.name()));
    let mask = ProjectionMask::roots(builder.parquet_schema(), columns.map(|(at, _)| at));
    let reader = builder.with_projection(mask).build()?;
    let schema = arrow::array::RecordBatchReader::schema(&reader);
    Ok((schema, reader))
}

/// Reads the columns of a table that are wanted in the form that is quickest to read: texts are not copied, and where
/// all of a column stands in a dictionary, it stays there. Gives also the number of rows.
///
/// # Errors
/// When the file cannot be read.
pub fn quick_batches(
    path: &Path,
    wanted: impl Fn(&str) -> bool,
) -> Result<(usize, ParquetRecordBatchReader)> {
    let file = File::open(path).with_context(|| format!("cannot open {}", path.display()))?;
    let plain = ArrowReaderMetadata::load(&file, ArrowReaderOptions::new())?;
    let fields = plain.schema().fields().iter().enumerate();
    let fields = fields.map(|(at, field)| match field.data_type() {
        DataType::Utf8 if in_dictionary(plain.metadata(), at) => {
            let keys = Box::new(DataType::Int32);
            field.as_ref().clone().with_data_type(DataType::Dictionary(keys, Box::new(DataType::Utf8)))
        }
        DataType::Utf8 => field.as_ref().clone().with_data_type(DataType::Utf8View),
        _ => field.as_ref().clone(),
    });
    let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
    let options = ArrowReaderOptions::new().with_schema(schema);
    let quick = ArrowReaderMetadata::try_new(Arc::clone(plain.metadata()), options)?;
    let builder = ParquetRecordBatchReaderBuilder::new_with_metadata(file, quick).with_batch_size(BATCH);
    let columns = builder.schema().fields().iter().enumerate().filter(|(_, field)| wanted(field.name()));
    let mask = ProjectionMask::roots(builder.parquet_schema(), columns.map(|(at, _)| at));
    let rows = usize::try_from(builder.metadata().file_metadata().num_rows())?;
    Ok((rows, builder.with_projection(mask).build()?))
}

/// Whether no page of a column has values outside of a dictionary.
fn in_dictionary(metadata: &ParquetMetaData, column: usize) -> bool {
    let mut chunks = metadata.row_groups().iter().map(|group| group.column(column));
    chunks.all(|chunk| {
        let of_pages = chunk.page_encoding_stats_mask();
        of_pages.is_some_and(|mask| mask.is_only(Encoding::RLE_DICTIONARY))
    })
}

/// Writes `id` and `cluster` of every record.
///
/// # Errors
/// When the file cannot be written.
pub fn write_clusters(path: &Path, parts: impl Iterator<Item = Result<(ArrayRef, ArrayRef)>>) -> Result<()> {
    let file = File::create(path).with_context(|| format!("cannot write {}", path.display()))?;
    let mut file = Some(file);
    let mut writer: Option<ArrowWriter<File>> = None;
    // Every id is another one: a dictionary would only be given up again.
    let properties = WriterProperties::builder().set_column_dictionary_enabled("id".into(), false).build();
    for part in parts {
        let (ids, clusters) = part?;
        let batch = RecordBatch::try_from_iter([("id", ids), ("cluster", clusters)])?;
        if let Some(file) = file.take() {
            writer = Some(ArrowWriter::try_new(file, batch.schema(), Some(properties.clone()))?);
        }
        writer.as_mut().context("a file")?.write(&batch)?;
    }
    if let Some(writer) = writer {
        writer.close()?;
    }
    Ok(())
}

/// The primary keys of a batch.
///
/// # Errors
/// When there is no such column.
pub fn keys(batch: &RecordBatch, key: &str) -> Result<ArrayRef> {
    batch.column_by_name(key).cloned().with_context(|| format!("there is no column {key}"))
}

/// Numbers of clusters as a column.
#[must_use]
pub fn numbers(clusters: &[u32]) -> ArrayRef {
    Arc::new(UInt32Array::from(clusters.to_vec()))
}
