//! Changes laid over what was read before: rows that are new or changed replace those of the same primary key, the
//! others stay.
//!
//! All of it are sinks around a sink, so that every kind of input can be read in parts. What grows with the input is
//! one hash for each changed row.

use std::collections::HashMap;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, RecordBatch, new_null_array};
use arrow::compute::{cast, filter_record_batch};
use arrow::datatypes::{Date32Type, Int64Type, SchemaRef, TimestampMicrosecondType};
use arrow::row::{RowConverter, SortField};

use crate::error::{SinkError, SourceError};
use crate::keys::{self, Hash};
use crate::output::EntitySink;
use crate::reader::PreviousRows;

/// The places of some columns.
pub(crate) fn places(schema: &SchemaRef, names: &[String]) -> Result<Vec<usize>, SinkError> {
    let place = |name: &String| {
        schema.index_of(name).map_err(|_| SinkError::from(format!("there is no column {name:?}")))
    };
    names.iter().map(place).collect()
}

/// What is known of a changed key: the moment of its latest change, which change that is, and whether the row is
/// gone (or another one stands in its place already).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Change {
    at: i64,
    number: u64,
    gone: bool,
}

/// The latest change of every changed key.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    latest: HashMap<Hash, Change>,
}

impl Changes {
    /// Takes note of a change; a later moment wins, then what was read later.
    fn note(&mut self, key: Hash, change: Change) {
        let latest = self.latest.entry(key).or_insert(change);
        *latest = change.max(*latest);
    }

    /// Whether a row of before stays: it has not changed, or is later than its change, which then counts no more.
    fn stays(&mut self, key: Option<Hash>, at: i64) -> bool {
        match key.and_then(|key| self.latest.get_mut(&key)) {
            None => true,
            Some(latest) if at > latest.at => {
                latest.gone = true;
                true
            }
            Some(_) => false,
        }
    }
}

/// The columns that rows are laid onto.
pub(crate) struct Onto {
    pub(crate) rows: SchemaRef,
    pub(crate) quarantine: SchemaRef,
}

/// What a sink in between does with rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// Takes note of changes and passes nothing on.
    Noting { deleted: bool },
    /// Passes on the rows of before that stay.
    Base,
    /// Passes on the latest row of each changed key.
    Changed,
    /// Takes note of the keys and passes everything on.
    Passing,
}

/// A sink that takes note of changes, or passes on what is the latest.
pub(crate) struct Merging<'a> {
    sink: &'a mut dyn EntitySink,
    changes: &'a mut Changes,
    part: Part,
    /// The attributes of the key, and the one that says when.
    keys: &'a [String],
    column: Option<&'a str>,
    onto: Option<&'a Onto>,
    found: (Vec<usize>, Option<usize>),
    /// The number of the row at hand: those of one part of the input are the same in every pass.
    number: u64,
    /// Rows that were passed on.
    pub(crate) kept: u64,
}

impl<'a> Merging<'a> {
    /// A sink for one part of the input, the parts numbered in the order in which they were written.
    pub(crate) fn new(
        sink: &'a mut dyn EntitySink,
        changes: &'a mut Changes,
        keys: &'a [String],
        column: Option<&'a str>,
        part: Part,
        part_number: u64,
        onto: Option<&'a Onto>,
    ) -> Self {
        let (found, number) = ((Vec::new(), None), part_number << 40);
        Self { sink, changes, part, keys, column, onto, found, number, kept: 0 }
    }

    /// Which rows are passed on.
    fn select(&mut self, batch: &RecordBatch) -> BooleanArray {
        let at = moments(batch, self.found.1);
        let mut kept = Vec::with_capacity(batch.num_rows());
        for (row, key) in keys::of_batch(batch, &self.found.0).into_iter().enumerate() {
            let at = at.as_ref().and_then(|at| at.get(row).copied());
            let number = self.number + row as u64;
            kept.push(match (self.part, key) {
                (Part::Noting { deleted }, Some(key)) => {
                    self.changes.note(key, Change { at: at.unwrap_or(i64::MIN), number, gone: deleted });
                    false
                }
                (Part::Passing, Some(key)) => {
                    self.changes.note(key, Change { at: i64::MAX, number, gone: false });
                    true
                }
                (Part::Base, key) => self.changes.stays(key, at.unwrap_or(i64::MIN)),
                (Part::Changed, Some(key)) => {
                    self.changes.latest.get(&key).is_some_and(|it| !it.gone && it.number == number)
                }
                (Part::Passing, None) => true,
                (Part::Noting { .. } | Part::Changed, None) => false,
            });
        }
        self.number += batch.num_rows() as u64;
        BooleanArray::from(kept)
    }
}

impl EntitySink for Merging<'_> {
    fn schema(&mut self, rows: &SchemaRef, quarantine: &SchemaRef) -> Result<(), SinkError> {
        let column = self.column.map(|column| rows.index_of(column)).transpose()?;
        self.found = (places(rows, self.keys)?, column);
        match self.part {
            Part::Base | Part::Passing => self.sink.schema(rows, quarantine),
            Part::Noting { .. } | Part::Changed => Ok(()),
        }
    }

    fn rows(&mut self, batch: RecordBatch) -> Result<(), SinkError> {
        let selected = self.select(&batch);
        if selected.true_count() == 0 {
            return Ok(());
        }
        let mut batch = filter_record_batch(&batch, &selected)?;
        if let Some(onto) = self.onto {
            batch = adapt(&batch, &onto.rows)?;
        }
        self.kept += batch.num_rows() as u64;
        self.sink.rows(batch)
    }

    fn quarantine(&mut self, batch: RecordBatch) -> Result<(), SinkError> {
        match (self.part, self.onto) {
            (Part::Noting { .. }, _) => Ok(()),
            (_, Some(onto)) => self.sink.quarantine(adapt(&batch, &onto.quarantine)?),
            (_, None) => self.sink.quarantine(batch),
        }
    }
}

/// When each row was changed, in microseconds or units of the column; none for a column that is not given.
fn moments(batch: &RecordBatch, column: Option<usize>) -> Option<Vec<i64>> {
    let column = batch.columns().get(column?)?;
    let at = |row: usize| {
        if column.is_null(row) {
            return i64::MIN;
        }
        if let Some(times) = column.as_primitive_opt::<TimestampMicrosecondType>() {
            times.value(row)
        } else if let Some(days) = column.as_primitive_opt::<Date32Type>() {
            i64::from(days.value(row)) * 86_400_000_000
        } else {
            column.as_primitive_opt::<Int64Type>().map_or(i64::MIN, |numbers| numbers.value(row))
        }
    };
    Some((0..batch.num_rows()).map(at).collect())
}

/// Passes on the rows that were there before and have not changed since. With a `column`, a row that is later than
/// its change stays, and the change is dropped.
pub(crate) fn keep_unchanged(
    previous: &mut dyn PreviousRows,
    schema: &SchemaRef,
    changes: &mut Changes,
    keys: &[String],
    column: Option<&str>,
    sink: &mut dyn EntitySink,
) -> Result<u64, SourceError> {
    let found = places(schema, keys).map_err(SourceError::Sink)?;
    let column = column.and_then(|column| schema.index_of(column).ok());
    let mut count = 0;
    while let Some(batch) = previous.next() {
        let batch = adapt(&batch.map_err(SourceError::Sink)?, schema).map_err(SourceError::Sink)?;
        let at = moments(&batch, column);
        let mut kept = Vec::with_capacity(batch.num_rows());
        for (row, key) in keys::of_batch(&batch, &found).into_iter().enumerate() {
            let at = at.as_ref().and_then(|at| at.get(row).copied()).unwrap_or(i64::MIN);
            kept.push(changes.stays(key, at));
        }
        let batch = filter_record_batch(&batch, &BooleanArray::from(kept))
            .map_err(|error| SourceError::Sink(Box::new(error)))?;
        count += batch.num_rows() as u64;
        if batch.num_rows() > 0 {
            sink.rows(batch).map_err(SourceError::Sink)?;
        }
    }
    Ok(count)
}

/// Rows in other columns: a column that they do not have has no values.
pub(crate) fn adapt(batch: &RecordBatch, schema: &SchemaRef) -> Result<RecordBatch, SinkError> {
    let column = |field: &arrow::datatypes::FieldRef| -> Result<ArrayRef, SinkError> {
        match batch.column_by_name(field.name()) {
            None => Ok(new_null_array(field.data_type(), batch.num_rows())),
            Some(found) if found.data_type() == field.data_type() => Ok(found.clone()),
            Some(found) => Ok(cast(found, field.data_type())?),
        }
    };
    let columns = schema.fields().iter().map(column).collect::<Result<Vec<_>, _>>()?;
    Ok(RecordBatch::try_new(schema.clone(), columns)?)
}

/// Whether rows of before can be laid under rows of now: every column is there still, with the same type.
pub(crate) fn fits(before: &SchemaRef, now: &SchemaRef) -> bool {
    before.fields().iter().all(|field| {
        now.field_with_name(field.name()).is_ok_and(|other| other.data_type() == field.data_type())
    })
}

/// A sink that hashes the rows that pass, whatever their order: the sum of their hashes.
pub(crate) struct Hashing<'a> {
    sink: &'a mut dyn EntitySink,
    converter: Option<RowConverter>,
    columns: Vec<u8>,
    sum: u128,
}

impl<'a> Hashing<'a> {
    pub(crate) fn new(sink: &'a mut dyn EntitySink) -> Self {
        Self { sink, converter: None, columns: Vec::new(), sum: 0 }
    }

    /// The hash of the columns and of all rows.
    pub(crate) fn finish(&self) -> String {
        let mut hasher = blake3::Hasher::new();
        hasher.update(&self.columns).update(&self.sum.to_le_bytes());
        hasher.finalize().to_hex().to_string()
    }
}

impl EntitySink for Hashing<'_> {
    fn schema(&mut self, rows: &SchemaRef, quarantine: &SchemaRef) -> Result<(), SinkError> {
        let fields = rows.fields().iter().map(|field| SortField::new(field.data_type().clone())).collect();
        self.converter = Some(RowConverter::new(fields)?);
        self.columns = format!("{rows:?}").into_bytes();
        self.sink.schema(rows, quarantine)
    }

    fn rows(&mut self, batch: RecordBatch) -> Result<(), SinkError> {
        let converter = self.converter.as_mut().ok_or("rows came before their schema")?;
        for row in &converter.convert_columns(batch.columns())? {
            let hash = blake3::hash(row.as_ref());
            let (first, _) = hash.as_bytes().split_at(16);
            self.sum = self.sum.wrapping_add(first.try_into().map_or(0, u128::from_le_bytes));
        }
        self.sink.rows(batch)
    }

    fn quarantine(&mut self, batch: RecordBatch) -> Result<(), SinkError> {
        self.sink.quarantine(batch)
    }
}
