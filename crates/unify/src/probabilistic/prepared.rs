//! Records of all entities, normalised once: the input of training, matching and the index.

use arrow::array::RecordBatch;

use crate::definition::{Signal, SignalKind};

use super::column::{Column, Value};
use super::compare::Comparison;
use super::hash;
use super::index::RecordId;
use super::record::{Extra, Place, Reader, Record};

/// How many comparisons a model can have: four bits each of 64, and four for marks.
pub(crate) const MAX_COMPARISONS: usize = 15;

/// Which column of which entity holds which signal, and what pairs are compared by.
#[derive(Debug, Clone, PartialEq)]
pub struct Layout {
    pub(crate) entities: Vec<EntityLayout>,
    pub(crate) comparisons: Vec<Comparison>,
    pub(crate) extras: usize,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct EntityLayout {
    pub(crate) name: String,
    key: String,
    fields: Vec<(String, Place)>,
}

impl Layout {
    /// From the signals and the entities (full name and primary key), in match order. Signals beyond the fifteenth
    /// comparison are left out.
    pub fn new(signals: &[Signal], entities: &[(String, String)]) -> Self {
        let places = places(signals);
        let entities = entities
            .iter()
            .map(|(name, key)| EntityLayout {
                name: name.clone(),
                key: key.clone(),
                fields: fields(name, signals, &places),
            })
            .collect();
        let comparisons = comparisons(&places);
        let extras = places.iter().filter(|place| matches!(place, Place::Extra(..))).count();
        Self { entities, comparisons, extras }
    }
}

/// Where the values of each signal go. Of telephones and e-mail addresses the first has a place of its own.
fn places(signals: &[Signal]) -> Vec<Place> {
    let mut places: Vec<Place> = Vec::with_capacity(signals.len());
    let mut extras = 0;
    for signal in signals {
        let kind = signal.kind;
        let taken = places.contains(&Place::Person(kind));
        let single = matches!(kind, SignalKind::Phone | SignalKind::Email | SignalKind::BirthDate) && taken;
        let place = match kind {
            SignalKind::Identifier | SignalKind::Text | SignalKind::Category => Place::Extra(extras, kind),
            _ if single => Place::Extra(extras, SignalKind::Identifier),
            _ => Place::Person(kind),
        };
        extras += usize::from(matches!(place, Place::Extra(..)));
        places.push(place);
    }
    places
}

/// For each signal the number of its value among the extra values; none where it has a place of its own.
pub(crate) fn signal_extras(signals: &[Signal]) -> Vec<Option<usize>> {
    let number = |place: Place| match place {
        Place::Extra(number, _) => Some(number),
        Place::Person(_) => None,
    };
    places(signals).into_iter().map(number).collect()
}

fn fields(entity: &str, signals: &[Signal], places: &[Place]) -> Vec<(String, Place)> {
    let mut fields = Vec::new();
    for (signal, place) in signals.iter().zip(places) {
        for attribute in signal.attributes.iter().filter(|it| it.entity == entity) {
            fields.push((attribute.attribute.clone(), *place));
        }
    }
    fields
}

fn comparisons(places: &[Place]) -> Vec<Comparison> {
    let has = |kinds: &[SignalKind]| kinds.iter().any(|kind| places.contains(&Place::Person(*kind)));
    let mut comparisons = Vec::new();
    if has(&[SignalKind::FirstName, SignalKind::FullName]) {
        comparisons.push(Comparison::First);
    }
    if has(&[SignalKind::LastName, SignalKind::FullName]) {
        comparisons.push(Comparison::Last);
    }
    if has(&[SignalKind::Email]) {
        comparisons.push(Comparison::Email);
    }
    if has(&[SignalKind::Phone]) {
        comparisons.push(Comparison::Phone);
    }
    if has(&[SignalKind::Street, SignalKind::City, SignalKind::PostalCode]) {
        comparisons.push(Comparison::Address);
    }
    if has(&[SignalKind::BirthDate]) {
        comparisons.push(Comparison::Birth);
    }
    for place in places {
        comparisons.extend(match place {
            Place::Extra(number, SignalKind::Text) => Some(Comparison::Text(*number)),
            Place::Extra(number, SignalKind::Category) => Some(Comparison::Category(*number)),
            Place::Extra(number, _) => Some(Comparison::Identifier(*number)),
            Place::Person(_) => None,
        });
    }
    comparisons.truncate(MAX_COMPARISONS);
    comparisons
}

/// Normalised records in the order in which they were read, entity after entity.
#[derive(Debug, Clone, Default)]
pub struct Prepared {
    pub(crate) records: Vec<Record>,
    /// A hash of entity and primary key: what order, chance and ties go by.
    pub(crate) ids: Vec<u64>,
    /// The extra values, those of one record together.
    pub(crate) extra_values: Vec<Extra>,
    pub(crate) extras: usize,
}

impl Prepared {
    /// The number of records.
    pub fn len(&self) -> usize {
        self.records.len()
    }

    /// Whether there is no record.
    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// The ids of the records.
    pub fn record_ids(&self) -> Vec<RecordId> {
        self.ids.iter().map(|id| RecordId(*id)).collect()
    }

    /// Some of the records, by their numbers, in this order.
    pub fn select(&self, numbers: &[usize]) -> Self {
        let mut some = Self { extras: self.extras, ..Self::default() };
        for number in numbers {
            some.records.extend(self.records.get(*number));
            some.ids.extend(self.ids.get(*number));
            some.extra_values.extend_from_slice(self.extras_of(*number));
        }
        some
    }

    /// Gives it so many records; those that are new have no values yet.
    pub(crate) fn resize(&mut self, records: usize) {
        self.records.resize(records, Record::default());
        self.ids.resize(records, 0);
        self.extra_values.resize(records * self.extras, [0; 32]);
    }

    /// All records as room to read into.
    pub(crate) fn room(&mut self) -> Room<'_> {
        let Self { records, ids, extra_values, extras } = self;
        Room { records, ids, extra_values, extras: *extras }
    }

    /// Makes room for more records.
    pub(crate) fn reserve(&mut self, records: usize) {
        self.records.reserve_exact(records);
        self.ids.reserve_exact(records);
        self.extra_values.reserve_exact(records * self.extras);
    }

    /// Puts parts together, in this order.
    pub fn from_parts(parts: Vec<Self>) -> Self {
        let mut parts = parts.into_iter();
        let Some(mut whole) = parts.next() else { return Self::default() };
        let rest = parts.as_slice();
        whole.records.reserve_exact(rest.iter().map(Self::len).sum());
        whole.ids.reserve_exact(rest.iter().map(Self::len).sum());
        whole.extra_values.reserve_exact(rest.iter().map(|part| part.extra_values.len()).sum());
        for part in parts {
            whole.records.extend_from_slice(&part.records);
            whole.ids.extend_from_slice(&part.ids);
            whole.extra_values.extend_from_slice(&part.extra_values);
        }
        whole
    }

    /// Puts parts together so that each record gets its number. A part comes with the numbers of its records.
    pub(crate) fn ordered<'a>(
        count: usize,
        extras: usize,
        parts: impl Iterator<Item = (Self, &'a Vec<(u32, usize)>)>,
    ) -> Self {
        let mut all = Self {
            records: vec![Record::default(); count],
            ids: vec![0; count],
            extra_values: vec![[0; 32]; count * extras],
            extras,
        };
        for (part, numbers) in parts {
            for (at, (number, _)) in numbers.iter().enumerate() {
                let to = *number as usize;
                if let (Some(to), Some(from)) = (all.records.get_mut(to), part.records.get(at)) {
                    *to = *from;
                }
                if let (Some(to), Some(from)) = (all.ids.get_mut(to), part.ids.get(at)) {
                    *to = *from;
                }
                let values = all.extra_values.iter_mut().skip(to * extras);
                values.zip(part.extras_of(at)).for_each(|(to, from)| *to = *from);
            }
        }
        all
    }

    pub(crate) fn extras_of(&self, record: usize) -> &[Extra] {
        self.extra_values.get(record * self.extras..(record + 1) * self.extras).unwrap_or(&[])
    }
}

/// Where the values of some rows go.
pub(crate) struct Room<'a> {
    pub(crate) records: &'a mut [Record],
    pub(crate) ids: &'a mut [u64],
    pub(crate) extra_values: &'a mut [Extra],
    pub(crate) extras: usize,
}

impl Room<'_> {
    /// Takes the room of the first rows; none when there is not so much.
    pub(crate) fn take(&mut self, rows: usize) -> Option<Self> {
        let (records, ids) = (take(&mut self.records, rows)?, take(&mut self.ids, rows)?);
        let extra_values = take(&mut self.extra_values, rows * self.extras)?;
        Some(Self { records, ids, extra_values, extras: self.extras })
    }
}

fn take<'a, T>(from: &mut &'a mut [T], count: usize) -> Option<&'a mut [T]> {
    let (first, rest) = std::mem::take(from).split_at_mut_checked(count)?;
    *from = rest;
    Some(first)
}

impl EntityLayout {
    /// Reads all rows of a batch into room for just as many.
    pub(crate) fn read_all(&self, reader: &mut Reader, batch: &RecordBatch, room: Room<'_>) {
        self.read(reader, batch, 0..batch.num_rows(), room);
    }

    /// Reads some rows of a batch, in the given order, into room for just as many. Attributes that the batch does
    /// not have are missing values.
    pub(crate) fn read(
        &self,
        reader: &mut Reader,
        batch: &RecordBatch,
        rows: impl Iterator<Item = usize> + Clone,
        room: Room<'_>,
    ) {
        // Column after column: the code for one kind of value stays hot.
        for (name, place) in &self.fields {
            let Some(array) = batch.column_by_name(name) else { continue };
            let column = Column::new(array);
            if let (Some(values), Some((kind, usual))) = (column.dictionary(), reader.usual(*place)) {
                let keys = rows.clone().map(|row| column.key(row));
                usual.read_keys(kind, values, keys.zip(room.records.iter_mut()));
                continue;
            }
            for (at, row) in rows.clone().enumerate() {
                let value = column.value(row);
                if let Some(record) = room.records.get_mut(at) {
                    let extras = room.extra_values.get_mut(at * room.extras..(at + 1) * room.extras);
                    reader.read(*place, value, record, extras.unwrap_or(&mut []));
                }
            }
        }
        self.read_ids(batch, rows, room.ids);
    }

    fn read_ids(&self, batch: &RecordBatch, rows: impl Iterator<Item = usize>, ids: &mut [u64]) {
        let seed = hash::bytes(self.name.as_bytes());
        let column = batch.column_by_name(&self.key).map(Column::new);
        for (row, id) in rows.zip(ids) {
            let key = match column.as_ref().map_or(Value::Missing, |column| column.value(row)) {
                Value::Text(key) => hash::bytes(key.as_bytes()),
                Value::Int(key) | Value::Date(key) => hash::bytes(key.to_string().as_bytes()),
                Value::Missing => 0,
            };
            *id = hash::pair(seed, key);
        }
    }
}

/// Reads rows of one entity.
#[derive(Debug)]
pub struct EntityReader<'a> {
    layout: &'a EntityLayout,
    reader: Reader,
    out: Prepared,
}

impl<'a> EntityReader<'a> {
    /// Reads rows of the entity with this place in the match order; none when there is no such entity.
    pub fn new(layout: &'a Layout, entity: usize) -> Option<Self> {
        let of = layout.entities.get(entity)?;
        let out = Prepared { extras: layout.extras, ..Prepared::default() };
        Some(Self { layout: of, reader: Reader::new(), out })
    }

    /// Reads all rows of a batch. Attributes that the batch does not have are missing values.
    pub fn read(&mut self, batch: &RecordBatch) {
        self.read_rows(batch, 0..batch.num_rows());
    }

    /// Reads some rows of a batch, in the given order.
    pub fn read_rows(&mut self, batch: &RecordBatch, rows: impl Iterator<Item = usize> + Clone) {
        let first = self.out.len();
        self.out.resize(first + rows.clone().count());
        let mut room = self.out.room();
        let _ = room.take(first);
        self.layout.read(&mut self.reader, batch, rows, room);
    }

    /// The records that were read.
    pub fn finish(self) -> Prepared {
        self.out
    }
}
