//! `CustomerLineage`: what happened to ids, one row per event, appended to by every run.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray};
use arrow::compute::filter_record_batch;
use arrow::datatypes::{DataType, Field, Int64Type, Schema, SchemaRef, TimeUnit};

use super::previous::{Previous, column, id_at, moments, texts};
use super::{Assignment, CustomerId};
use crate::error::UnifyError;
use crate::input::Table;

/// Something that happened to an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Event {
    /// The id that it happened to.
    pub customer: CustomerId,
    /// What happened.
    pub kind: EventKind,
    /// The other id, where there is one.
    pub other: Option<CustomerId>,
    /// Of a retired id one of its records: UUID version 5 of entity and primary key, so that the record is known
    /// again and the lineage keeps no key of a row that is gone.
    pub record: Option<CustomerId>,
    /// When, in microseconds since 1970 UTC.
    pub at: i64,
    /// The number of the run that wrote it: the first run with events is 1.
    pub run: i64,
}

/// What can happen to an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EventKind {
    /// It was given for the first time.
    Created,
    /// Records of the other id, which lives on, belong to this one now.
    SplitFrom,
    /// A person decided that rows of the other id are this customer.
    Pinned,
    /// It is in use again: a record of it is back, or a person pinned a row to an id that was a former one.
    Returned,
    /// Its records belong to the other id now.
    MergedInto,
    /// All its records are gone; one row for each of them.
    Retired,
}

impl EventKind {
    const ALL: [Self; 6] =
        [Self::Created, Self::SplitFrom, Self::Pinned, Self::Returned, Self::MergedInto, Self::Retired];

    /// The word for it in the table.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::SplitFrom => "splitFrom",
            Self::Pinned => "pinned",
            Self::Returned => "returned",
            Self::MergedInto => "mergedInto",
            Self::Retired => "retired",
        }
    }

    fn read(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

/// The type of moments.
pub(super) fn moment() -> DataType {
    DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()))
}

fn schema() -> SchemaRef {
    let field = |name, data_type, nullable| Field::new(name, data_type, nullable);
    Arc::new(Schema::new(vec![
        field("CustomerId", DataType::Utf8, false),
        field("Event", DataType::Utf8, false),
        field("OtherCustomerId", DataType::Utf8, true),
        field("RecordId", DataType::Utf8, true),
        field("At", moment(), false),
        field("Run", DataType::Int64, false),
        field("Job", DataType::Utf8, true),
    ]))
}

/// The events of a lineage, in the order of its rows. Rows that say nothing that is known here are passed over.
///
/// # Errors
/// `UnifyError::Arrow` where an attribute cannot be read as the type that it should have.
pub(super) fn events(batches: &[RecordBatch]) -> Result<Vec<Event>, UnifyError> {
    let mut events = Vec::with_capacity(batches.iter().map(RecordBatch::num_rows).sum());
    for batch in batches {
        let (Some(customers), Some(kinds)) = (texts(batch, "CustomerId")?, texts(batch, "Event")?) else {
            continue;
        };
        let (others, records) = (texts(batch, "OtherCustomerId")?, texts(batch, "RecordId")?);
        let at = moments(batch, "At")?;
        let runs = column(batch, "Run", &DataType::Int64)?;
        let runs = runs.as_ref().and_then(|runs| {
            use arrow::array::AsArray;
            runs.as_primitive_opt::<Int64Type>()
        });
        for row in 0..batch.num_rows() {
            let (Some(customer), Some(kind)) = (id_at(&customers, row), EventKind::read(kinds.value(row)))
            else {
                continue;
            };
            let id = |column: &Option<StringArray>| column.as_ref().and_then(|column| id_at(column, row));
            events.push(Event {
                customer,
                kind,
                other: id(&others),
                record: id(&records),
                at: at.as_ref().map_or(0, |at| at.value(row)),
                run: runs.map_or(0, |runs| runs.value(row)),
            });
        }
    }
    Ok(events)
}

/// The lineage with new events after the old ones. Of ids that retire again the earlier retirement and return are
/// dropped, so that a source that comes and goes does not grow it without end.
///
/// # Errors
/// `UnifyError::Arrow` where the old rows cannot be read.
pub(crate) fn append(previous: &Previous, ids: &Assignment, job: &str) -> Result<Table, UnifyError> {
    let (old, new) = (&previous.lineage, &ids.events);
    let schema = schema();
    let mut again = Again::of(new);
    let mut batches = Vec::with_capacity(old.len() + 1);
    for batch in old {
        let batch = conform(batch, &schema)?;
        batches.push(if again.ids.is_empty() { batch } else { again.without_past(&batch)? });
    }
    if !new.is_empty() {
        batches.push(batch(new, job, &schema)?);
    }
    batches.retain(|batch| batch.num_rows() > 0);
    Ok(Table { schema, batches })
}

fn conform(batch: &RecordBatch, schema: &SchemaRef) -> Result<RecordBatch, UnifyError> {
    let mut columns = Vec::with_capacity(schema.fields().len());
    for field in schema.fields() {
        let found = column(batch, field.name(), field.data_type())?;
        columns
            .push(found.unwrap_or_else(|| arrow::array::new_null_array(field.data_type(), batch.num_rows())));
    }
    Ok(RecordBatch::try_new(schema.clone(), columns)?)
}

/// The ids that retire, with whether each is retired where the old rows have been read to.
struct Again {
    ids: HashMap<CustomerId, bool>,
}

impl Again {
    fn of(events: &[Event]) -> Self {
        let retired = events.iter().filter(|event| event.kind == EventKind::Retired);
        Self { ids: retired.map(|event| (event.customer, false)).collect() }
    }

    /// The rows without earlier retirements of these ids, and without the returns from them.
    fn without_past(&mut self, batch: &RecordBatch) -> Result<RecordBatch, UnifyError> {
        let (ids, kinds) = (texts(batch, "CustomerId")?, texts(batch, "Event")?);
        let (Some(ids), Some(kinds)) = (ids, kinds) else { return Ok(batch.clone()) };
        let mut stays = |row: usize| {
            let Some(is_retired) = id_at(&ids, row).and_then(|id| self.ids.get_mut(&id)) else { return true };
            match EventKind::read(kinds.value(row)) {
                Some(EventKind::Retired) => {
                    *is_retired = true;
                    false
                }
                Some(EventKind::Returned) => !std::mem::take(is_retired),
                Some(EventKind::MergedInto) => {
                    *is_retired = false;
                    true
                }
                _ => true,
            }
        };
        let mask: BooleanArray = (0..batch.num_rows()).map(|row| Some(stays(row))).collect();
        Ok(filter_record_batch(batch, &mask)?)
    }
}

fn batch(events: &[Event], job: &str, schema: &SchemaRef) -> Result<RecordBatch, UnifyError> {
    let text = |id: CustomerId| id.to_string();
    let texts = |value: &dyn Fn(&Event) -> Option<String>| -> ArrayRef {
        Arc::new(events.iter().map(value).collect::<StringArray>())
    };
    let at: TimestampMicrosecondArray = events.iter().map(|event| Some(event.at)).collect();
    let job = Some(job).filter(|job| !job.is_empty());
    let columns: Vec<ArrayRef> = vec![
        texts(&|event| Some(text(event.customer))),
        texts(&|event| Some(event.kind.as_str().to_owned())),
        texts(&|event| event.other.map(text)),
        texts(&|event| event.record.map(text)),
        Arc::new(at.with_timezone("UTC")),
        Arc::new(Int64Array::from_iter_values(events.iter().map(|event| event.run))),
        texts(&|_| job.map(str::to_owned)),
    ];
    Ok(RecordBatch::try_new(schema.clone(), columns)?)
}
