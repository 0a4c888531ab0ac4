//! Tables column by column, batch by batch, on several threads.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use arrow::array::{ArrayRef, RecordBatch, StringBuilder};
use arrow::datatypes::{DataType, Field, Schema};
use arrow::error::ArrowError;

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

    /// A column of texts that `write` writes, row by row.
    pub(super) fn texts(
        name: impl Into<String>,
        write: impl Fn(usize, &mut Texts) + Send + Sync + 'a,
    ) -> Self {
        Self::new(name, DataType::Utf8, move |rows| {
            let mut texts = Texts::new(rows.len(), 36);
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
    /// For so many texts of about so many bytes each.
    pub(super) fn new(texts: usize, bytes: usize) -> Self {
        Self { builder: StringBuilder::with_capacity(texts, texts * bytes), overflow: None }
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
        self.write(first.as_ref());
        for text in texts {
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

/// Makes a table with so many rows.
pub(super) fn table(rows: usize, columns: Vec<Column<'_>>, threads: usize) -> Result<Table, UnifyError> {
    let schema = Arc::new(Schema::new(columns.iter().map(|column| column.field.clone()).collect::<Vec<_>>()));
    let batches = rows.div_ceil(BATCH_ROWS);
    let batch = |number: usize| {
        let start = number * BATCH_ROWS;
        let rows = start..rows.min(start + BATCH_ROWS);
        let arrays =
            columns.iter().map(|column| (column.make)(rows.clone())).collect::<Result<Vec<_>, _>>()?;
        Ok(RecordBatch::try_new(schema.clone(), arrays)?)
    };
    let batches = parallel(batches, threads, batch)?;
    Ok(Table { schema, batches })
}

/// The results of so many pieces of work, in their order, whoever did them.
pub(super) fn parallel<T: Send>(
    pieces: usize,
    threads: usize,
    work: impl Fn(usize) -> Result<T, UnifyError> + Sync,
) -> Result<Vec<T>, UnifyError> {
    let threads = threads.clamp(1, pieces.max(1));
    let next = AtomicUsize::new(0);
    let mut done = gather(threads, || {
        let mut done = Vec::new();
        loop {
            let piece = next.fetch_add(1, Ordering::Relaxed);
            if piece >= pieces {
                return Ok(done);
            }
            done.push((piece, work(piece)?));
        }
    })?;
    done.sort_unstable_by_key(|(piece, _)| *piece);
    Ok(done.into_iter().map(|(_, made)| made).collect())
}
