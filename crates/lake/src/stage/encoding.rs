//! A Parquet file whose columns are encoded as its first rows suggest.
//!
//! Parquet keeps a dictionary of each column's values. When nearly all of them differ, that costs more time than all
//! else, and makes the file larger. The benchmark of reading files has a link to this file, so it names its libraries
//! by way of the module above it.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::Write;
use std::sync::Arc;

use super::arrow::array::{Array, ArrayRef, AsArray};
use super::arrow::datatypes::{
    DataType, Decimal128Type, Float64Type, Int64Type, SchemaRef, TimeUnit, TimestampMicrosecondType,
};
use super::arrow::record_batch::RecordBatch;
use super::parquet::arrow::ArrowWriter;
use super::parquet::basic::Encoding;
use super::parquet::errors::Result;
use super::parquet::file::metadata::ParquetMetaData;
use super::parquet::file::properties::WriterPropertiesBuilder;
use super::parquet::schema::types::ColumnPath;

/// Rows by which encodings are chosen.
const FIRST_ROWS: usize = 8_192;
/// Bytes of rows in memory after which no more of them are waited for.
const FIRST_BYTES: usize = 16 << 20;
/// Fewer values than this say nothing.
const LEAST_VALUES: usize = FIRST_ROWS / 8;

/// Writes a Parquet file; the first rows wait until there are enough of them to choose by.
pub(super) struct Encoder<W: Write + Send> {
    schema: SchemaRef,
    /// Taken when the writer is made.
    ready: Option<(W, WriterPropertiesBuilder)>,
    first: Vec<RecordBatch>,
    first_rows: usize,
    first_bytes: usize,
    writer: Option<ArrowWriter<W>>,
}

impl<W: Write + Send> Encoder<W> {
    /// An encoder with these properties, apart from encodings.
    pub(super) fn new(file: W, schema: SchemaRef, properties: WriterPropertiesBuilder) -> Self {
        let ready = Some((file, properties));
        Self { schema, ready, first: Vec::new(), first_rows: 0, first_bytes: 0, writer: None }
    }

    /// Adds rows.
    pub(super) fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        if let Some(writer) = &mut self.writer {
            return writer.write(batch);
        }
        self.first.push(batch.clone());
        self.first_rows += batch.num_rows();
        let bytes = |column: &ArrayRef| column.to_data().get_slice_memory_size().unwrap_or_default();
        self.first_bytes += batch.columns().iter().map(bytes).sum::<usize>();
        if self.first_rows < FIRST_ROWS && self.first_bytes < FIRST_BYTES { Ok(()) } else { self.begin() }
    }

    /// Bytes so far, those not yet encoded included.
    pub(super) fn bytes(&self) -> usize {
        let written =
            |writer: &ArrowWriter<W>| writer.bytes_written().saturating_add(writer.in_progress_size());
        self.writer.as_ref().map_or(self.first_bytes, written)
    }

    /// Ends the file.
    pub(super) fn finish(mut self) -> Result<ParquetMetaData> {
        self.begin()?;
        let failed = || super::parquet::errors::ParquetError::General("the file was not begun".to_owned());
        self.writer.ok_or_else(failed)?.close()
    }

    /// Chooses the encodings, unless they are chosen.
    fn begin(&mut self) -> Result<()> {
        let Some((file, properties)) = self.ready.take() else { return Ok(()) };
        let properties = choose(&self.schema, &self.first, properties).build();
        let mut writer = ArrowWriter::try_new(file, Arc::clone(&self.schema), Some(properties))?;
        for batch in std::mem::take(&mut self.first) {
            writer.write(&batch)?;
        }
        self.writer = Some(writer);
        Ok(())
    }
}

/// Columns whose values are nearly all different get no dictionary; whole numbers are then kept as differences.
fn choose(
    schema: &SchemaRef,
    first: &[RecordBatch],
    mut properties: WriterPropertiesBuilder,
) -> WriterPropertiesBuilder {
    for (index, field) in schema.fields().iter().enumerate() {
        let column: Vec<&ArrayRef> = first.iter().filter_map(|batch| batch.columns().get(index)).collect();
        if !nearly_unique(&column) {
            continue;
        }
        let path = ColumnPath::new(vec![field.name().clone()]);
        if matches!(field.data_type(), DataType::Int64 | DataType::Timestamp(..)) {
            properties = properties.set_column_encoding(path.clone(), Encoding::DELTA_BINARY_PACKED);
        }
        properties = properties.set_column_dictionary_enabled(path, false);
    }
    properties
}

/// Whether more than nine of ten values differ from all others, among the first rows. The batches that they came in
/// do not matter.
fn nearly_unique(column: &[&ArrayRef]) -> bool {
    let mut different = HashSet::new();
    let (mut rows, mut values) = (0, 0);
    for piece in column {
        let piece = piece.slice(0, piece.len().min(FIRST_ROWS - rows));
        rows += piece.len();
        values += piece.len() - piece.null_count();
        different.extend(hashes(&piece));
    }
    values >= LEAST_VALUES && different.len() * 10 > values * 9
}

/// The hashes of the values; none for a type that is always better off with a dictionary, or has none.
fn hashes(array: &ArrayRef) -> Vec<u64> {
    match array.data_type() {
        DataType::Utf8 => of(array.as_string::<i32>().iter()),
        DataType::Int64 => of(array.as_primitive::<Int64Type>().iter()),
        DataType::Timestamp(TimeUnit::Microsecond, _) => {
            of(array.as_primitive::<TimestampMicrosecondType>().iter())
        }
        DataType::Decimal128(..) => of(array.as_primitive::<Decimal128Type>().iter()),
        DataType::Float64 => of(array.as_primitive::<Float64Type>().iter().map(|it| it.map(f64::to_bits))),
        _ => Vec::new(),
    }
}

fn of<T: Hash>(values: impl Iterator<Item = Option<T>>) -> Vec<u64> {
    let hash = |value: T| {
        let mut hasher = DefaultHasher::new();
        value.hash(&mut hasher);
        hasher.finish()
    };
    values.flatten().map(hash).collect()
}

#[cfg(test)]
mod tests {
    use super::super::arrow::array::{Int64Array, StringArray};
    use super::super::arrow::datatypes::{Field, Schema};
    use super::super::parquet::file::properties::WriterProperties;
    use super::*;

    /// Writes rows in batches of a size; tells which columns have a dictionary.
    fn dictionaries(rows: i64, batch: i64) -> Vec<bool> {
        let field = |name, kind| Field::new(name, kind, true);
        let fields = [("id", DataType::Int64), ("mail", DataType::Utf8), ("town", DataType::Utf8)];
        let schema = Arc::new(Schema::new(fields.map(|(name, kind)| field(name, kind)).to_vec()));
        let mut file = Vec::new();
        let mut encoder = Encoder::new(&mut file, schema.clone(), WriterProperties::builder());
        for start in (0..rows).step_by(batch as usize) {
            let rows = start..rows.min(start + batch);
            let ids: Vec<i64> = rows.clone().map(|row| row * 7).collect();
            let mails: Vec<String> = rows.clone().map(|row| format!("{row}@example.org")).collect();
            let towns: Vec<String> = rows.map(|row| format!("town {}", row % 100)).collect();
            let columns: Vec<ArrayRef> = vec![
                Arc::new(Int64Array::from(ids)),
                Arc::new(StringArray::from(mails)),
                Arc::new(StringArray::from(towns)),
            ];
            encoder.write(&RecordBatch::try_new(schema.clone(), columns).unwrap()).unwrap();
            assert!(encoder.bytes() > 0);
        }
        let metadata = encoder.finish().unwrap();
        assert_eq!(metadata.file_metadata().num_rows(), rows);
        assert_eq!(file.first_chunk(), Some(b"PAR1"));
        metadata.row_group(0).columns().iter().map(|it| it.dictionary_page_offset().is_some()).collect()
    }

    #[test]
    fn columns_whose_values_nearly_all_differ_have_no_dictionary_however_the_rows_come() {
        for batch in [700, 8_192, 30_000] {
            assert_eq!(dictionaries(20_000, batch), [false, false, true]);
        }
    }

    #[test]
    fn a_few_rows_choose_nothing() {
        assert_eq!(dictionaries(10, 4), [true, true, true]);
    }
}
