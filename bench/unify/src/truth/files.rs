//! Reading columns of Parquet files as text.

use std::fs::File;
use std::path::Path;

use anyhow::{Context, Result};
use arrow::array::{Array, RecordBatch, StringArray};
use arrow::compute::cast;
use arrow::datatypes::DataType;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

/// Calls a function with the named columns of every row.
pub(super) fn rows(path: &Path, columns: &[&str], mut each: impl FnMut(&[&str]) -> Result<()>) -> Result<()> {
    let name = || path.display().to_string();
    let file = File::open(path).with_context(|| format!("cannot open {}", name()))?;
    let reader = ParquetRecordBatchReaderBuilder::try_new(file).with_context(name)?.build()?;
    for batch in reader {
        let batch = batch.with_context(name)?;
        let texts: Vec<StringArray> =
            columns.iter().map(|column| texts(&batch, column)).collect::<Result<_>>().with_context(name)?;
        let mut row = vec![""; columns.len()];
        for at in 0..batch.num_rows() {
            for (value, texts) in row.iter_mut().zip(&texts) {
                *value = texts.value(at);
            }
            each(&row).with_context(name)?;
        }
    }
    Ok(())
}

fn texts(batch: &RecordBatch, column: &str) -> Result<StringArray> {
    let array = batch.column_by_name(column).with_context(|| format!("there is no column {column}"))?;
    let texts = cast(array, &DataType::Utf8)?;
    anyhow::ensure!(texts.null_count() == 0, "column {column} has nulls");
    texts.as_any().downcast_ref().cloned().context("a column that is no text")
}
