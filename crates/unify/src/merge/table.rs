//! Tables column by column, batch by batch, on several threads.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use arrow::array::{ArrayRef, RecordBatch, StringBuilder};
use arrow::datatypes::{DataType, Field, Schema};
use arrow::error::ArrowError;

use super::Unification;
use crate::error::UnifyError;
use crate::input::Table;
use crate::threads::gather;

/// Rows of one output batch. The split is always the same, so that equal content is equal bytes. Tests have few rows,
/// and several batches all the same.
pub(super) const BATCH_ROWS: usize = if cfg!(test) { 64 } else { 8192 };

/// Makes one column for some rows of a table.
type Make<'a> = Box<dyn Fn(Range<usize>) -> Result<ArrayRef, UnifyError> + Send + Sync + 'a>;

/// One column of a table that is being made.
pub(super) struct Column<'a> {
    field: Field,
    make: Make<'a>,
}

impl<'a> Column<'a> {
    pub(super) fn new(
        name: impl Into<String>,
        data_type: DataType,
        make: impl Fn(Range<usize>) -> Result<ArrayRef, UnifyError> + Send + Sync + 'a,
    ) -> Self {
        Self { field: Field::new(name, data_type, true), make: Box::new(make) }
    }

    /// A column of texts of about so many bytes that `write` writes, row by row.
    pub(super) fn texts(
        name: impl Into<String>,
        bytes: usize,
        write: impl Fn(usize, &mut Texts) + Send + Sync + 'a,
    ) -> Self {
        Self::new(name, DataType::Utf8, move |rows| {
            let mut texts = Texts::new(rows.len(), rows.len() * bytes);
            rows.for_each(|row| write(row, &mut texts));
            texts.finish()
        })
    }

    /// A column without null.
    pub(super) fn required(self) -> Self {
        Self { field: self.field.with_nullable(false), ..self }
    }
}

/// Texts of one column that are being written.
pub(super) struct Texts {
    builder: StringBuilder,
    /// The bytes that one batch cannot hold.
    overflow: Option<usize>,
}

impl Texts {
    /// For so many texts of about so many bytes in all.
    pub(super) fn new(texts: usize, bytes: usize) -> Self {
        Self { builder: StringBuilder::with_capacity(texts, bytes), overflow: None }
    }

    pub(super) fn push(&mut self, text: &str) {
        if self.fits(text) {
            self.builder.append_value(text);
        }
    }

    pub(super) fn push_option(&mut self, text: Option<&str>) {
        match text {
            Some(text) => self.push(text),
            None => self.builder.append_null(),
        }
    }

    /// The texts joined by `;`; null where there is none.
    pub(super) fn push_joined<T: AsRef<str>>(&mut self, mut texts: impl Iterator<Item = T>) {
        let Some(first) = texts.next() else { return self.builder.append_null() };
        let Some(second) = texts.next() else { return self.push(first.as_ref()) };
        self.write(first.as_ref());
        for text in std::iter::once(second).chain(texts) {
            self.write(";");
            self.write(text.as_ref());
        }
        self.builder.append_value("");
    }

    /// Writes a part of the text of this row.
    fn write(&mut self, part: &str) {
        if self.fits(part) {
            // Writing into memory does not fail.
            let _ = std::fmt::Write::write_str(&mut self.builder, part);
        }
    }

    fn fits(&mut self, more: &str) -> bool {
        let bytes = self.builder.values_slice().len().saturating_add(more.len());
        if i32::try_from(bytes).is_err() {
            self.overflow = Some(bytes);
        }
        self.overflow.is_none()
    }

    /// The column, or an error where one batch cannot hold it.
    pub(super) fn finish(mut self) -> Result<ArrayRef, UnifyError> {
        match self.overflow {
            Some(bytes) => Err(ArrowError::OffsetOverflowError(bytes).into()),
            None => Ok(Arc::new(self.builder.finish())),
        }
    }
}

/// Batches that one thread makes of a column before it takes the next piece of work.
const BATCHES_AT_A_TIME: usize = 16;

/// Makes a table with so many rows.
///
/// It is made column by column, not batch by batch: rows come from everywhere, and the values of one column of the
/// sources fit the processor's cache where those of all columns do not.
pub(super) fn table(
    unification: Unification<'_>,
    rows: usize,
    columns: Vec<Column<'_>>,
) -> Result<Table, UnifyError> {
    let schema = Arc::new(Schema::new(columns.iter().map(|column| column.field.clone()).collect::<Vec<_>>()));
    let batches = rows.div_ceil(BATCH_ROWS);
    let parts = batches.div_ceil(BATCHES_AT_A_TIME);
    let made = parallel(unification, columns.len() * parts, |piece| {
        let Some(column) = columns.get(piece / parts.max(1)) else { return Ok(Vec::new()) };
        let first = (piece % parts) * BATCHES_AT_A_TIME;
        let batches = first..batches.min(first + BATCHES_AT_A_TIME);
        batches.map(|batch| (column.make)(batch_rows(batch, rows))).collect()
    })?;
    let array = |column: usize, batch: usize| {
        let part = made.get(column * parts + batch / BATCHES_AT_A_TIME)?;
        part.get(batch % BATCHES_AT_A_TIME).cloned()
    };
    let batch = |batch: usize| {
        let arrays = (0..columns.len()).filter_map(|column| array(column, batch)).collect();
        Ok(RecordBatch::try_new(schema.clone(), arrays)?)
    };
    let batches = (0..batches).map(batch).collect::<Result<Vec<_>, UnifyError>>()?;
    Ok(Table { schema, batches })
}

/// The rows of a batch of a table with so many rows.
pub(super) fn batch_rows(batch: usize, rows: usize) -> Range<usize> {
    let start = batch * BATCH_ROWS;
    start..rows.min(start + BATCH_ROWS)
}

/// The results of so many pieces of work, in their order, whoever did them.
pub(super) fn parallel<T: Send>(
    unification: Unification<'_>,
    pieces: usize,
    work: impl Fn(usize) -> Result<T, UnifyError> + Sync,
) -> Result<Vec<T>, UnifyError> {
    let threads = unification.options.threads.clamp(1, pieces.max(1));
    let next = AtomicUsize::new(0);
    let mut done = gather(threads, || {
        let mut done = Vec::new();
        loop {
            let piece = next.fetch_add(1, Ordering::Relaxed);
            if piece >= pieces {
                return Ok(done);
            }
            if unification.cancel.is_cancelled() {
                return Err(UnifyError::Cancelled);
            }
            done.push((piece, work(piece)?));
        }
    })?;
    done.sort_unstable_by_key(|(piece, _)| *piece);
    Ok(done.into_iter().map(|(_, made)| made).collect())
}
