//! Columns put together from rows of several entities.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, StringArray, new_null_array};
use arrow::compute::{cast, interleave};
use arrow::datatypes::{DataType, Field, Schema};
use arrow::error::ArrowError;

use crate::error::UnifyError;
use crate::input::Table;
use crate::records::{Records, RowAt};

/// Rows of one output batch. The split is always the same, so that equal content is equal bytes.
pub(super) const BATCH_ROWS: usize = 8192;

/// Whether a row has a value that is not empty text.
pub(super) fn is_filled(array: &ArrayRef, row: usize) -> bool {
    !array.is_null(row) && array.as_string_opt::<i32>().is_none_or(|texts| !texts.value(row).is_empty())
}

/// Columns of several entities from which one column takes its values.
pub(super) struct Pool {
    arrays: Vec<ArrayRef>,
    /// Where the arrays of each source start.
    starts: Vec<usize>,
    null: usize,
}

/// A value of a pool.
pub(super) type Pick = (usize, usize);

impl Pool {
    /// The sources are columns of records, all turned into one type.
    pub(super) fn new(sources: &[(&Records, usize)], data_type: &DataType) -> Result<Self, UnifyError> {
        let mut arrays = Vec::new();
        let mut starts = Vec::new();
        for (records, column) in sources {
            starts.push(arrays.len());
            for array in records.arrays(*column)? {
                arrays.push(if array.data_type() == data_type { array } else { cast(&array, data_type)? });
            }
        }
        let null = arrays.len();
        arrays.push(new_null_array(data_type, 1));
        Ok(Self { arrays, starts, null })
    }

    /// The value of a source in a row, if it is filled.
    pub(super) fn pick(&self, source: usize, at: RowAt) -> Option<Pick> {
        let array = self.starts.get(source)?.checked_add(at.batch as usize)?;
        let pick = (array, at.row as usize);
        is_filled(self.arrays.get(array)?, pick.1).then_some(pick)
    }

    /// The picked values as one column.
    pub(super) fn column(&self, picks: impl Iterator<Item = Option<Pick>>) -> Result<ArrayRef, UnifyError> {
        let picks: Vec<Pick> = picks.map(|pick| pick.unwrap_or((self.null, 0))).collect();
        let arrays: Vec<&dyn Array> = self.arrays.iter().map(|array| array.as_ref()).collect();
        Ok(interleave(&arrays, &picks)?)
    }
}

/// A column of texts that are made for it, or an error where one batch cannot hold them.
pub(super) fn texts<T: AsRef<str>>(values: impl Iterator<Item = Option<T>>) -> Result<ArrayRef, UnifyError> {
    let values: Vec<Option<T>> = values.collect();
    let bytes = values.iter().flatten().map(|text| text.as_ref().len()).fold(0, usize::saturating_add);
    if i32::try_from(bytes).is_err() {
        return Err(ArrowError::OffsetOverflowError(bytes).into());
    }
    Ok(Arc::new(values.iter().map(Option::as_ref).collect::<StringArray>()))
}

/// Makes one column for the rows of an output batch; the rows are numbers of what the table has one row for.
pub(super) type Make<'a> = Box<dyn Fn(&[usize]) -> Result<ArrayRef, UnifyError> + 'a>;

/// One column of a table that is being made.
pub(super) struct Column<'a> {
    field: Field,
    make: Make<'a>,
}

impl<'a> Column<'a> {
    pub(super) fn new(
        name: impl Into<String>,
        data_type: DataType,
        make: impl Fn(&[usize]) -> Result<ArrayRef, UnifyError> + 'a,
    ) -> Self {
        Self { field: Field::new(name, data_type, true), make: Box::new(make) }
    }

    /// A column without null.
    pub(super) fn required(self) -> Self {
        Self { field: self.field.with_nullable(false), ..self }
    }
}

/// Makes a table of the rows, batch after batch.
pub(super) fn table(rows: &[usize], columns: Vec<Column<'_>>) -> Result<Table, UnifyError> {
    let schema = Arc::new(Schema::new(columns.iter().map(|column| column.field.clone()).collect::<Vec<_>>()));
    let mut batches = Vec::with_capacity(rows.len().div_ceil(BATCH_ROWS));
    for rows in rows.chunks(BATCH_ROWS) {
        let arrays = columns.iter().map(|column| (column.make)(rows)).collect::<Result<Vec<_>, _>>()?;
        batches.push(RecordBatch::try_new(schema.clone(), arrays)?);
    }
    Ok(Table { schema, batches })
}
