//! Columns put together from rows of several entities.

use std::hint::black_box;

use arrow::array::{Array, ArrayRef, new_null_array};
use arrow::compute::{cast, interleave};
use arrow::datatypes::DataType;

use super::filled::Values;
use super::table::Texts;
use crate::error::UnifyError;
use crate::records::{Records, RowAt};

/// Columns of several entities from which one column takes its values.
pub(super) struct Pool {
    values: Vec<Values>,
    /// Where the values of each source start.
    starts: Vec<usize>,
    data_type: DataType,
}

/// A value of a pool: its place among the values, and the row.
pub(super) type Pick = (usize, usize);

impl Pool {
    /// The sources are columns of records. Texts stay as they came, all else is turned into one type.
    pub(super) fn new(sources: &[(&Records, usize)], data_type: &DataType) -> Result<Self, UnifyError> {
        let mut values = Vec::new();
        let mut starts = Vec::with_capacity(sources.len());
        for (records, column) in sources {
            starts.push(values.len());
            for array in records.raw(*column) {
                let same = *data_type == DataType::Utf8 || array.data_type() == data_type;
                values.push(Values::new(if same { array } else { cast(&array, data_type)? })?);
            }
        }
        Ok(Self { values, starts, data_type: data_type.clone() })
    }

    /// The value of a source in a row, if it is filled.
    pub(super) fn pick(&self, source: usize, at: RowAt) -> Option<Pick> {
        let values = self.starts.get(source)?.checked_add(at.batch as usize)?;
        let pick = (values, at.row as usize);
        self.values.get(values)?.is_filled(pick.1).then_some(pick)
    }

    /// The values of a pick.
    pub(super) fn values(&self, pick: Pick) -> Option<&Values> {
        self.values.get(pick.0)
    }

    /// The picked values as one column.
    pub(super) fn column(&self, picks: impl Iterator<Item = Option<Pick>>) -> Result<ArrayRef, UnifyError> {
        if self.data_type == DataType::Utf8 {
            return self.texts(picks.collect());
        }
        // The first array is the null.
        let null = new_null_array(&self.data_type, 1);
        let others = self.values.iter().map(|values| match values {
            Values::Others(array) => array.as_ref(),
            _ => null.as_ref(),
        });
        let arrays: Vec<&dyn Array> = std::iter::once(null.as_ref()).chain(others).collect();
        let picks = picks.map(|pick| pick.map_or((0, 0), |(values, row)| (values + 1, row)));
        Ok(interleave(&arrays, &picks.collect::<Vec<_>>())?)
    }

    /// The picked texts. First their places are looked up, then one byte of each is read: so the processor waits for
    /// many of them at the same time, not for one after the other when they are copied.
    fn texts(&self, picks: Vec<Option<Pick>>) -> Result<ArrayRef, UnifyError> {
        let text = |pick: &Option<Pick>| pick.and_then(|pick| self.values.get(pick.0)?.text(pick.1));
        let found: Vec<Option<&str>> = picks.iter().map(text).collect();
        let bytes = found.iter().flatten().map(|text| text.len()).sum();
        let touched = found.iter().flatten().filter_map(|text| text.as_bytes().first());
        black_box(touched.fold(0u8, |all, byte| all ^ byte));
        let mut texts = Texts::new(found.len(), bytes);
        found.into_iter().for_each(|text| texts.push_option(text));
        texts.finish()
    }
}
