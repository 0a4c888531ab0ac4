//! The ids of the run before, read from the tables that it left.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, StringArray, TimestampMicrosecondArray};
use arrow::compute::cast;
use arrow::datatypes::DataType;

use super::CustomerId;
use super::known::Known;
use super::lineage::{self, Event, EventKind};
use crate::error::UnifyError;
use crate::intern::NONE;

/// Which record had which id, and what is known of every id that was ever given.
#[derive(Debug, Clone, Default)]
pub struct Previous {
    pub(super) known: Known,
    /// By number of the id.
    pub(super) lives: Vec<Life>,
    /// How many records had each id, by its number.
    pub(super) records: Vec<u32>,
    /// By full name of the entity.
    pub(super) entities: BTreeMap<String, OldKeys>,
    /// The records of retired ids, as the ids that they would found.
    pub(super) retired: HashMap<CustomerId, u32>,
    /// The former ids of the few that have some, by number.
    pub(super) former: HashMap<u32, Vec<CustomerId>>,
    /// The events so far.
    pub(super) lineage: Vec<RecordBatch>,
    /// The number of the last run that wrote an event.
    pub(super) run: i64,
}

/// What became of one id.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Life {
    pub(super) state: State,
    /// The lineage says when it was created.
    pub(super) born: bool,
    created_on: Moment,
    modified_on: Moment,
}

impl Life {
    /// When it was first given, as far as is known.
    pub(super) fn created_on(self) -> Option<i64> {
        self.created_on.known()
    }

    /// When its records or its former ids last changed, as far as is known.
    pub(super) fn modified_on(self) -> Option<i64> {
        self.modified_on.known()
    }
}

/// A moment that may be unknown, in the room of a number: there are as many as customers.
#[derive(Debug, Clone, Copy)]
struct Moment(i64);

impl Moment {
    fn known(self) -> Option<i64> {
        (self.0 != i64::MIN).then_some(self.0)
    }
}

impl Default for Moment {
    fn default() -> Self {
        Self(i64::MIN)
    }
}

impl From<Option<i64>> for Moment {
    fn from(at: Option<i64>) -> Self {
        at.map_or_else(Self::default, Self)
    }
}

/// Where an id stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum State {
    /// It was given once, or it was promised: nobody else gets it.
    #[default]
    Taken,
    /// A customer has it.
    Live,
    /// Its customer's records are all gone.
    Retired,
}

/// The records of one entity and the numbers of their ids.
#[derive(Debug, Clone, Default)]
pub(super) struct OldKeys {
    arrays: Vec<StringArray>,
    /// The place of each key: array and row.
    places: Vec<(u32, u32)>,
    pub(super) ids: Vec<u32>,
}

impl OldKeys {
    pub(super) fn len(&self) -> usize {
        self.ids.len()
    }

    pub(super) fn key(&self, row: usize) -> Option<&str> {
        let (array, row) = *self.places.get(row)?;
        let array = self.arrays.get(array as usize)?;
        ((row as usize) < array.len()).then(|| array.value(row as usize))
    }
}

impl Previous {
    /// Reads the tables of the run before: `Customer` (`CustomerId`, `PreviousCustomerId`, `CustomerId_CreatedOn`,
    /// `CustomerId_ModifiedOn`), `AlternateKey` (`EntityName`, `AlternateValue`, `CustomerId`) and
    /// `CustomerLineage`. Tables and attributes that are not there yet tell nothing; the order of rows says nothing
    /// but in the lineage.
    ///
    /// # Errors
    /// `UnifyError::Arrow` where an attribute cannot be read as the type that it should have.
    pub fn read(
        customer: &[RecordBatch],
        alternate_key: &[RecordBatch],
        lineage: &[RecordBatch],
    ) -> Result<Self, UnifyError> {
        let mut previous = Self::default();
        let customers = customer.iter().map(RecordBatch::num_rows).sum();
        previous.known.reserve(customers);
        previous.lives.reserve(customers);
        previous.records.reserve(customers);
        for batch in customer {
            previous.read_customers(batch)?;
        }
        for batch in alternate_key {
            previous.read_keys(batch)?;
        }
        for (life, _) in previous.lives.iter_mut().zip(&previous.records).filter(|(_, records)| **records > 0)
        {
            life.state = State::Live;
        }
        previous.read_lineage(lineage)?;
        Ok(previous)
    }

    /// Whether nothing was ever unified.
    pub(super) fn is_empty(&self) -> bool {
        self.known.len() == 0
    }

    pub(super) fn life(&self, number: u32) -> Life {
        self.lives.get(number as usize).copied().unwrap_or_default()
    }

    /// How many records had an id.
    pub(super) fn records(&self, number: u32) -> usize {
        self.records.get(number as usize).map_or(0, |records| *records as usize)
    }

    fn number(&mut self, id: CustomerId, likely: u32) -> u32 {
        let number = self.known.number_near(id, likely);
        if number as usize >= self.lives.len() {
            self.lives.resize(number as usize + 1, Life::default());
            self.records.resize(number as usize + 1, 0);
        }
        number
    }

    fn read_customers(&mut self, batch: &RecordBatch) -> Result<(), UnifyError> {
        let Some(ids) = texts(batch, "CustomerId")? else { return Ok(()) };
        let former = texts(batch, "PreviousCustomerId")?;
        let created = moments(batch, "CustomerId_CreatedOn")?;
        let modified = moments(batch, "CustomerId_ModifiedOn")?;
        let at = |column: &Option<TimestampMicrosecondArray>, row: usize| {
            column.as_ref().and_then(|column| column.is_valid(row).then(|| column.value(row)))
        };
        for row in 0..batch.num_rows() {
            let Some(id) = id_at(&ids, row) else { continue };
            let number = self.number(id, self.known.len() as u32);
            if let Some(life) = self.lives.get_mut(number as usize) {
                life.state = State::Live;
                life.created_on = at(&created, row).into();
                life.modified_on = at(&modified, row).into();
            }
            let Some(former) = former.as_ref().filter(|it| it.is_valid(row)) else { continue };
            let former: Vec<CustomerId> =
                former.value(row).split(';').filter_map(|id| id.parse().ok()).collect();
            for id in &former {
                self.number(*id, 0);
            }
            if !former.is_empty() {
                self.former.insert(number, former);
            }
        }
        Ok(())
    }

    fn read_keys(&mut self, batch: &RecordBatch) -> Result<(), UnifyError> {
        let entities = texts(batch, "EntityName")?;
        let keys = texts(batch, "AlternateValue")?;
        let (Some(entities), Some(keys), Some(ids)) = (entities, keys, texts(batch, "CustomerId")?) else {
            return Ok(());
        };
        let mut from = 0;
        while from < batch.num_rows() {
            // Rows of one entity stand together.
            let entity = entities.value(from);
            let to = (from..batch.num_rows()).find(|row| entities.value(*row) != entity);
            let rows = from..to.unwrap_or(batch.num_rows());
            from = rows.end;
            let mut read = self.entities.remove(entity).unwrap_or_default();
            self.read_keys_of(&mut read, &keys, &ids, rows);
            self.entities.insert(entity.to_owned(), read);
        }
        Ok(())
    }

    fn read_keys_of(
        &mut self,
        read: &mut OldKeys,
        keys: &StringArray,
        ids: &StringArray,
        rows: Range<usize>,
    ) {
        let array = read.arrays.len() as u32;
        read.arrays.push(keys.clone());
        let mut last = read.ids.last().copied().unwrap_or(NONE);
        for row in rows {
            let Some(id) = id_at(ids, row).filter(|_| keys.is_valid(row)) else { continue };
            // Profiles are numbered as their first rows come.
            last = self.number(id, last.wrapping_add(1));
            if let Some(records) = self.records.get_mut(last as usize) {
                *records += 1;
            }
            read.places.push((array, row as u32));
            read.ids.push(last);
        }
    }

    fn read_lineage(&mut self, batches: &[RecordBatch]) -> Result<(), UnifyError> {
        let mut retired = Vec::new();
        let mut former = FormerIds::default();
        for event in lineage::events(batches)? {
            self.run = self.run.max(event.run);
            let number = self.number(event.customer, 0);
            self.read_event(&event, number);
            match (event.kind, event.record, event.other) {
                (EventKind::Retired, Some(record), _) => retired.push((record, number)),
                (EventKind::Returned, ..) => former.leaves(event.customer),
                (EventKind::MergedInto, _, Some(other)) => former.merged(event.customer, other),
                _ => {}
            }
            if let Some(other) = event.other {
                self.number(other, 0);
            }
        }
        retired.retain(|(_, number)| self.life(*number).state == State::Retired);
        for (_, number) in &retired {
            let ids = self.known.id(*number).and_then(|id| former.of.remove(&id));
            self.former.extend(ids.map(|ids| (*number, ids)));
        }
        self.retired = retired.into_iter().collect();
        self.lineage = batches.to_vec();
        Ok(())
    }

    fn read_event(&mut self, event: &Event, number: u32) {
        let Some(life) = self.lives.get_mut(number as usize) else { return };
        // What the tables of customers say is true now; the lineage tells of all others.
        let is_live = life.state == State::Live;
        match event.kind {
            EventKind::Created => {
                life.born = true;
                life.created_on = life.created_on().or(Some(event.at)).into();
            }
            EventKind::Retired if !is_live => life.state = State::Retired,
            EventKind::Returned | EventKind::MergedInto if !is_live => life.state = State::Taken,
            _ => {}
        }
    }
}

/// Former ids as the lineage tells them, for ids that are no longer in `Customer`.
#[derive(Default)]
struct FormerIds {
    of: HashMap<CustomerId, Vec<CustomerId>>,
    /// Whose former id each is.
    holder: HashMap<CustomerId, CustomerId>,
}

impl FormerIds {
    /// An id becomes a former one of another, with all its own.
    fn merged(&mut self, id: CustomerId, into: CustomerId) {
        let own = self.of.remove(&id).unwrap_or_default();
        for id in own.into_iter().chain([id]) {
            self.holder.insert(id, into);
            self.of.entry(into).or_default().push(id);
        }
    }

    /// An id lives again.
    fn leaves(&mut self, id: CustomerId) {
        let holder = self.holder.remove(&id).and_then(|holder| self.of.get_mut(&holder));
        if let Some(ids) = holder {
            ids.retain(|former| *former != id);
        }
    }
}

/// A column of texts, if it is there.
pub(super) fn texts(batch: &RecordBatch, name: &str) -> Result<Option<StringArray>, UnifyError> {
    Ok(column(batch, name, &DataType::Utf8)?.and_then(|column| column.as_string_opt().cloned()))
}

/// A column of moments, if it is there.
pub(super) fn moments(
    batch: &RecordBatch,
    name: &str,
) -> Result<Option<TimestampMicrosecondArray>, UnifyError> {
    Ok(column(batch, name, &lineage::moment())?.and_then(|column| column.as_primitive_opt().cloned()))
}

/// A column in the type that it should have, if it is there.
pub(super) fn column(
    batch: &RecordBatch,
    name: &str,
    data_type: &DataType,
) -> Result<Option<ArrayRef>, UnifyError> {
    let Some(column) = batch.column_by_name(name) else { return Ok(None) };
    Ok(Some(if column.data_type() == data_type { column.clone() } else { cast(column, data_type)? }))
}

/// The id in a row, if there is one.
pub(super) fn id_at(ids: &StringArray, row: usize) -> Option<CustomerId> {
    (row < ids.len() && ids.is_valid(row)).then(|| CustomerId::read(ids.value(row))).flatten()
}
