//! The values of one column as they came, batch by batch: whether a row has one, and which text.

use arrow::array::{Array, ArrayRef, AsArray, LargeStringArray, StringArray, StringViewArray};
use arrow::compute::cast;
use arrow::datatypes::DataType;

use crate::error::UnifyError;
use crate::records::{Records, RowAt};

/// One column of an entity, batch by batch.
pub(super) struct Filled {
    batches: Vec<Values>,
}

/// One column of one batch.
pub(super) enum Values {
    Texts(StringArray),
    Views(StringViewArray),
    Large(LargeStringArray),
    Others(ArrayRef),
}

impl Filled {
    pub(super) fn new(records: &Records, column: usize) -> Result<Self, UnifyError> {
        Ok(Self { batches: records.raw(column).into_iter().map(Values::new).collect::<Result<_, _>>()? })
    }

    pub(super) fn record(&self, records: &Records, record: u32) -> bool {
        records.rows.get(record as usize).is_some_and(|at| self.at(*at))
    }

    /// Adds one to the number of every row that has a value.
    fn count(&self, counts: &mut [Vec<u16>]) {
        for (values, counts) in self.batches.iter().zip(counts) {
            for (row, count) in counts.iter_mut().enumerate() {
                *count = count.saturating_add(values.is_filled(row).into());
            }
        }
    }

    fn at(&self, at: RowAt) -> bool {
        self.batches.get(at.batch as usize).is_some_and(|values| values.is_filled(at.row as usize))
    }
}

/// For every row the number of some columns that it fills. All columns are read once, row after row, before anybody
/// asks: that costs less than to jump to a few rows of each.
pub(super) struct Counts {
    batches: Vec<Vec<u16>>,
}

impl Counts {
    pub(super) fn new(records: &Records, columns: impl Iterator<Item = usize>) -> Result<Self, UnifyError> {
        let mut batches = records.batches.iter().map(|batch| vec![0; batch.num_rows()]).collect::<Vec<_>>();
        for column in columns {
            Filled::new(records, column)?.count(&mut batches);
        }
        Ok(Self { batches })
    }

    pub(super) fn record(&self, records: &Records, record: u32) -> u16 {
        let count = records.rows.get(record as usize).and_then(|at| {
            let batch = self.batches.get(at.batch as usize)?;
            batch.get(at.row as usize).copied()
        });
        count.unwrap_or(0)
    }
}

impl Values {
    pub(super) fn new(array: ArrayRef) -> Result<Self, UnifyError> {
        let array = match array.data_type() {
            DataType::Dictionary(..) => cast(&array, &DataType::Utf8)?,
            _ => array,
        };
        let texts = array.as_string_opt::<i32>().cloned().map(Self::Texts);
        let views = || array.as_string_view_opt().cloned().map(Self::Views);
        let large = || array.as_string_opt::<i64>().cloned().map(Self::Large);
        Ok(texts.or_else(views).or_else(large).unwrap_or(Self::Others(array)))
    }

    /// Whether a row has a value: neither null nor empty text.
    pub(super) fn is_filled(&self, row: usize) -> bool {
        match self {
            Self::Texts(texts) => !texts.is_null(row) && texts.value_length(row) != 0,
            Self::Others(array) => !array.is_null(row),
            _ => self.text(row).is_some(),
        }
    }

    /// The text of a row; none where it is null or empty, or no text.
    pub(super) fn text(&self, row: usize) -> Option<&str> {
        let text = match self {
            Self::Texts(texts) if !texts.is_null(row) => texts.value(row),
            Self::Views(texts) if !texts.is_null(row) => texts.value(row),
            Self::Large(texts) if !texts.is_null(row) => texts.value(row),
            _ => return None,
        };
        (!text.is_empty()).then_some(text)
    }
}
