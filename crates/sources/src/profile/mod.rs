//! What the columns of an entity hold, found while its rows pass: counts, distinct values, the most frequent values,
//! the spread of numbers and times, the lengths of texts, and whether a column could identify rows.
//!
//! Counts, smallest and largest values and lengths are exact. Distinct values (within about 2 %), frequent values and
//! quantiles are estimates of fixed size. Nothing here grows with the number of rows.

mod distinct;
mod frequent;
mod spread;

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::datatypes::{
    DataType, Date32Type, Decimal128Type, Float64Type, Int64Type, SchemaRef, TimestampMicrosecondType,
};
use arrow::util::display::{ArrayFormatter, FormatOptions};
use serde::{Deserialize, Serialize};

use crate::error::SinkError;
use crate::output::EntitySink;
use distinct::{Distinct, hash};
use frequent::Frequent;
use spread::Spread;

/// The most frequent values that are told.
const TOP_VALUES: usize = 100;
/// Characters of a value that are told.
const SHOWN_CHARS: usize = 100;

/// What one column holds.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ColumnProfile {
    /// The column.
    pub name: String,
    /// Rows.
    pub rows: u64,
    /// Rows without a value.
    pub missing: u64,
    /// Different values, about.
    pub distinct: u64,
    /// The most frequent values with their counts, about, the most frequent first.
    pub top: Vec<TopValue>,
    /// The smallest value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<String>,
    /// The largest value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<String>,
    /// The values below which 5, 25, 50, 75 and 95 of 100 are, about.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub quantiles: Vec<String>,
    /// How many values, about, are in each of 20 equal steps from the smallest to the largest.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub histogram: Vec<u64>,
    /// The shortest, the longest and the mean length of texts, in characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lengths: Option<Lengths>,
    /// Whether it could be the primary key: a value in every row, and no two alike as far as can be told.
    pub suggested_key: bool,
}

/// A frequent value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TopValue {
    /// The value as text.
    pub value: String,
    /// How often it comes.
    pub count: u64,
}

/// Lengths of texts.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Lengths {
    /// The shortest.
    pub min: u64,
    /// The longest.
    pub max: u64,
    /// The mean.
    pub mean: f64,
}

#[derive(Default)]
struct Column {
    name: String,
    rows: u64,
    missing: u64,
    distinct: Distinct,
    frequent: Frequent,
    spread: Spread,
    texts: Option<Ends>,
    lengths: (u64, u64, u64),
}

/// The smallest and the largest text, each with its first bytes as a number.
struct Ends {
    min: (u64, String),
    max: (u64, String),
}

impl Ends {
    fn new(text: &str) -> Self {
        let end = (first_bytes(text), text.to_owned());
        Self { min: end.clone(), max: end }
    }

    fn add(&mut self, text: &str) {
        let first = first_bytes(text);
        // Most texts are told from both ends by their first bytes.
        if first <= self.min.0 && text < self.min.1.as_str() {
            self.min.0 = first;
            text.clone_into(&mut self.min.1);
        } else if first >= self.max.0 && text > self.max.1.as_str() {
            self.max.0 = first;
            text.clone_into(&mut self.max.1);
        }
    }
}

/// The first eight bytes, in the order of texts.
fn first_bytes(text: &str) -> u64 {
    let bytes = text.as_bytes();
    match bytes.first_chunk() {
        Some(first) => u64::from_be_bytes(*first),
        None => bytes.iter().rev().fold(0, |rest, byte| (rest >> 8) | (u64::from(*byte) << 56)),
    }
}

/// A sink that looks at the rows that pass, on a thread of its own.
pub(crate) struct Profiling<'a> {
    sink: &'a mut dyn EntitySink,
    thread: Option<Thread>,
    types: Vec<DataType>,
}

struct Thread {
    rows: SyncSender<RecordBatch>,
    found: JoinHandle<Vec<Column>>,
}

/// Batches that wait to be looked at.
const WAITING: usize = 4;

impl<'a> Profiling<'a> {
    pub(crate) fn new(sink: &'a mut dyn EntitySink) -> Self {
        Self { sink, thread: None, types: Vec::new() }
    }

    /// What was found.
    pub(crate) fn finish(self) -> Vec<ColumnProfile> {
        let Some(Thread { rows, found }) = self.thread else { return Vec::new() };
        drop(rows);
        let columns = found.join().unwrap_or_default();
        columns.into_iter().zip(&self.types).map(|(column, kind)| column.finish(kind)).collect()
    }
}

/// Looks at batches until no more come.
fn look(mut columns: Vec<Column>, batches: &Receiver<RecordBatch>) -> Vec<Column> {
    for batch in batches {
        for (column, array) in columns.iter_mut().zip(batch.columns()) {
            column.add(array);
        }
    }
    columns
}

impl EntitySink for Profiling<'_> {
    fn schema(&mut self, rows: &SchemaRef, quarantine: &SchemaRef) -> Result<(), SinkError> {
        let column =
            |field: &arrow::datatypes::FieldRef| Column { name: field.name().clone(), ..Column::default() };
        let columns = rows.fields().iter().map(column).collect();
        let (rows_to, batches) = sync_channel(WAITING);
        let found =
            std::thread::Builder::new().name("profile".into()).spawn(move || look(columns, &batches))?;
        self.thread = Some(Thread { rows: rows_to, found });
        self.types = rows.fields().iter().map(|field| field.data_type().clone()).collect();
        self.sink.schema(rows, quarantine)
    }

    fn rows(&mut self, batch: RecordBatch) -> Result<(), SinkError> {
        if let Some(thread) = &self.thread {
            thread.rows.send(batch.clone())?;
        }
        self.sink.rows(batch)
    }

    fn quarantine(&mut self, batch: RecordBatch) -> Result<(), SinkError> {
        self.sink.quarantine(batch)
    }
}

impl Column {
    fn add(&mut self, array: &ArrayRef) {
        self.rows += array.len() as u64;
        self.missing += array.null_count() as u64;
        match array.data_type() {
            DataType::Utf8 => self.texts(array.as_string::<i32>()),
            DataType::Int64 => {
                self.numbers(array.as_primitive::<Int64Type>(), |it| it as f64, i64::to_le_bytes)
            }
            DataType::Float64 => self.numbers(array.as_primitive::<Float64Type>(), |it| it, f64::to_le_bytes),
            DataType::Date32 => {
                self.numbers(array.as_primitive::<Date32Type>(), f64::from, |it| i64::from(it).to_le_bytes());
            }
            DataType::Timestamp(..) => {
                self.numbers(
                    array.as_primitive::<TimestampMicrosecondType>(),
                    |it| it as f64,
                    i64::to_le_bytes,
                );
            }
            DataType::Decimal128(_, scale) => {
                let unit = 10_f64.powi(i32::from(*scale));
                let array = array.as_primitive::<Decimal128Type>();
                self.numbers(array, |it| it as f64 / unit, i128::to_le_bytes);
            }
            DataType::Boolean => {
                for value in array.as_boolean().iter().flatten() {
                    let text = if value { "true" } else { "false" };
                    let hash = hash(text.as_bytes());
                    self.distinct.add(hash);
                    self.frequent.add(hash, || text.to_owned());
                }
            }
            _ => {}
        }
    }

    fn texts(&mut self, array: &arrow::array::StringArray) {
        let ascii = array.value_data().is_ascii();
        for text in array.iter().flatten() {
            let hash = hash(text.as_bytes());
            self.distinct.add(hash);
            self.frequent.add(hash, || shown(text));
            let length = if ascii { text.len() } else { text.chars().count() } as u64;
            let (min, max, sum) = self.lengths;
            self.lengths = match &mut self.texts {
                None => {
                    self.texts = Some(Ends::new(text));
                    (length, length, length)
                }
                Some(ends) => {
                    ends.add(text);
                    (min.min(length), max.max(length), sum + length)
                }
            };
        }
    }

    fn numbers<T: arrow::datatypes::ArrowPrimitiveType, const N: usize>(
        &mut self,
        array: &arrow::array::PrimitiveArray<T>,
        number: impl Fn(T::Native) -> f64,
        bytes: impl Fn(T::Native) -> [u8; N],
    ) {
        let options = FormatOptions::default();
        let formatter = ArrayFormatter::try_new(array, &options).ok();
        let shown = |row: usize| formatter.as_ref().map(|it| it.value(row).to_string()).unwrap_or_default();
        for (row, value) in array.iter().enumerate() {
            let Some(value) = value else { continue };
            let hash = hash(&bytes(value));
            self.distinct.add(hash);
            self.frequent.add(hash, || shown(row));
            self.spread.add(number(value), || shown(row));
        }
    }

    fn finish(self, data_type: &DataType) -> ColumnProfile {
        let values = self.rows - self.missing;
        let distinct = self.distinct.estimate().min(values);
        let lengths = self.texts.as_ref().map(|_| Lengths {
            min: self.lengths.0,
            max: self.lengths.1,
            mean: self.lengths.2 as f64 / values.max(1) as f64,
        });
        let (min, max) = match self.texts {
            Some(Ends { min: (_, min), max: (_, max) }) => (Some(shown(&min)), Some(shown(&max))),
            None => (self.spread.min(), self.spread.max()),
        };
        let repeats = self.frequent.repeats();
        let integral = matches!(data_type, DataType::Utf8 | DataType::Int64 | DataType::Decimal128(_, 0));
        ColumnProfile {
            name: self.name,
            rows: self.rows,
            missing: self.missing,
            distinct,
            top: self.frequent.top(TOP_VALUES),
            min,
            max,
            quantiles: self.spread.quantiles(),
            histogram: self.spread.histogram(values),
            lengths,
            // The estimate may be a few per cent off; a value that was seen twice settles it.
            suggested_key: integral
                && values > 0
                && self.missing == 0
                && !repeats
                && distinct as f64 >= values as f64 * 0.95,
        }
    }
}

/// As much of a text as is told.
fn shown(text: &str) -> String {
    let end = text.char_indices().nth(SHOWN_CHARS).map_or(text.len(), |(end, _)| end);
    text.get(..end).unwrap_or(text).to_owned()
}

#[cfg(test)]
mod tests;
