//! The second pass over one piece: a typed column of each column of text, and the rows that do not fit.

use std::collections::HashSet;
use std::ops::Range;

use arrow::array::{Array, BooleanArray, RecordBatch};
use arrow::compute::filter_record_batch;
use arrow::datatypes::{FieldRef, SchemaRef};

use crate::error::SourceError;
use crate::files::pieces::Pass;
use crate::files::records::Records;
use crate::files::rows::Reason;
use crate::keys::{Hash, of_batch};
use crate::limits::excerpt;
use crate::output::batch_error;
use crate::types::build::Column;
use crate::types::convert::{Value, convert};
use crate::types::plan::Plan;

/// How the columns of one file become typed.
pub(super) struct Typing<'a> {
    pub(super) plans: &'a [Plan],
    /// The cell of each column.
    pub(super) places: &'a [usize],
    /// Columns that must have a value: those of the primary key.
    pub(super) required: &'a [usize],
    /// Columns by which rows are told apart.
    pub(super) keys: &'a [usize],
    pub(super) schema: SchemaRef,
}

/// Why a row does not fit.
pub(super) struct RowFault {
    pub(super) row: usize,
    pub(super) reason: Reason,
    /// The column that is named.
    pub(super) column: usize,
    pub(super) detail: String,
}

/// The rows of a piece.
pub(super) struct Fitting {
    /// Those that fit.
    pub(super) batch: RecordBatch,
    /// Which they are.
    pub(super) rows: Vec<usize>,
    /// Those that do not.
    pub(super) faults: Vec<RowFault>,
    /// The keys of those that fit; empty when they do not matter.
    pub(super) keys: Vec<Option<Hash>>,
}

/// A value that is not of its column's type, or a missing one that must not be.
struct Misfit {
    row: usize,
    column: usize,
    why: String,
    reason: Reason,
}

impl Pass for Typing<'_> {
    type Found = Result<Fitting, SourceError>;

    fn look(&self, records: &Records) -> Self::Found {
        let mut misfits = Vec::new();
        let column = |field: &FieldRef| Column::new(field.data_type(), records.len());
        let mut columns: Vec<Column> = self.schema.fields().iter().map(column).collect();
        for rows in records.blocks() {
            for (number, column) in columns.iter_mut().enumerate() {
                self.fill(column, number, records, rows.clone(), &mut misfits);
            }
        }
        let arrays = columns.iter_mut().map(Column::finish).collect();
        let batch = RecordBatch::try_new(self.schema.clone(), arrays).map_err(batch_error)?;
        self.require(&batch, &mut misfits);
        self.fitting(batch, misfits)
    }
}

impl Typing<'_> {
    /// Adds the values of some rows to a column.
    fn fill(
        &self,
        column: &mut Column,
        number: usize,
        records: &Records,
        rows: Range<usize>,
        misfits: &mut Vec<Misfit>,
    ) {
        let (Some(plan), Some(place)) = (self.plans.get(number), self.places.get(number)) else { return };
        for row in rows {
            let cell = records.cell(row, *place);
            match convert(cell, plan) {
                Ok(value) => column.push(value, cell.text),
                Err(why) => {
                    let why = format!("{}: {:?} {why}", plan.source, excerpt(cell.text, 200));
                    misfits.push(Misfit { row, column: number, why, reason: Reason::TypeMismatch });
                    column.push(Value::Null, "");
                }
            }
        }
    }

    /// Finds the missing values of the primary key: the first of each row.
    fn require(&self, batch: &RecordBatch, misfits: &mut Vec<Misfit>) {
        let mut missing: Vec<(usize, usize)> = Vec::new();
        for column in self.required {
            let Some(array) = batch.columns().get(*column).filter(|array| array.null_count() > 0) else {
                continue;
            };
            // What is no value because it does not fit is told already.
            let told: HashSet<usize> =
                misfits.iter().filter(|misfit| misfit.column == *column).map(|misfit| misfit.row).collect();
            let rows = (0..array.len()).filter(|row| array.is_null(*row) && !told.contains(row));
            missing.extend(rows.map(|row| (row, *column)));
        }
        missing.sort_by_key(|(row, _)| *row);
        missing.dedup_by_key(|(row, _)| *row);
        misfits.extend(missing.into_iter().map(|(row, column)| {
            let source = self.plans.get(column).map(|plan| plan.source.as_str()).unwrap_or_default();
            let why = format!("{source}: the primary key has no value");
            Misfit { row, column, why, reason: Reason::MissingKey }
        }));
    }

    /// Takes out the rows that do not fit.
    fn fitting(&self, batch: RecordBatch, mut misfits: Vec<Misfit>) -> Result<Fitting, SourceError> {
        let mut fits = vec![true; batch.num_rows()];
        // Within a row, values that do not fit come before those that are missing, each in the order of the columns.
        misfits.sort_by_key(|misfit| misfit.row);
        let mut faults: Vec<RowFault> = Vec::new();
        for Misfit { row, column, why, reason } in misfits {
            if let Some(fits) = fits.get_mut(row) {
                *fits = false;
            }
            match faults.last_mut().filter(|fault| fault.row == row) {
                Some(fault) => {
                    fault.detail.push_str("; ");
                    fault.detail.push_str(&why);
                }
                None => faults.push(RowFault { row, reason, column, detail: why }),
            }
        }
        let rows = fits.iter().enumerate().filter(|(_, fits)| **fits).map(|(row, _)| row).collect();
        let batch = match faults.is_empty() {
            true => batch,
            false => filter_record_batch(&batch, &BooleanArray::from(fits)).map_err(batch_error)?,
        };
        let keys = if self.keys.is_empty() { Vec::new() } else { of_batch(&batch, self.keys) };
        Ok(Fitting { batch, rows, faults, keys })
    }
}
