//! What an index knows about the rows: their keys, their compared values, and where to find those.

use std::cmp::Ordering;

use arrow::array::RecordBatch;

use super::at::At;
use super::people::People;
use super::rule::Tables;
use crate::custom::Forms;
use crate::error::UnifyError;
use crate::features::{Features, Lookup, NONE};
use crate::plan::Plan;
use crate::values::TypedArray;

/// The rows of all entities.
#[derive(Debug)]
pub(super) struct Columns {
    pub(super) people: Vec<People>,
    pub(super) features: Features,
    pub(super) tables: Tables,
    lookups: Vec<Lookup>,
    forms: Forms,
    /// For each entity the names of its attributes, and the place of its primary key among them.
    attributes: Vec<(Vec<String>, usize)>,
    /// For each entity the places of its columns among the features.
    places: Vec<Vec<usize>>,
}

/// What becomes of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Edit {
    pub(super) alive: bool,
    /// The new values, one for each column of the entity.
    values: Vec<u32>,
    /// The row of the batch that it is read from.
    row: u32,
}

impl Columns {
    pub(super) fn new(
        plan: &Plan,
        attributes: Vec<Vec<String>>,
        people: Vec<People>,
        mut features: Features,
        forms: Forms,
    ) -> Self {
        let lookups = features.domains().iter().map(Lookup::new).collect();
        let keys = plan.entities.iter().map(|entity| entity.key);
        let attributes = attributes.into_iter().zip(keys).collect();
        let mut places = vec![Vec::new(); plan.entities.len()];
        for (place, (entity, ..)) in features.sources().iter().enumerate() {
            if let Some(of) = places.get_mut(*entity) {
                of.push(place);
            }
        }
        Self { people, features, tables: Tables::default(), lookups, forms, attributes, places }
    }

    /// The number of records of an entity, deleted ones too.
    pub(super) fn len(&self, entity: usize) -> usize {
        self.people.get(entity).map_or(0, People::len)
    }

    pub(super) fn key(&self, at: At) -> &str {
        self.people.get(at.entity as usize).map_or("", |people| people.key(at.record))
    }

    pub(super) fn is_alive(&self, at: At) -> bool {
        self.people.get(at.entity as usize).is_some_and(|people| people.is_alive(at.record))
    }

    /// The record of a key, if it is alive.
    pub(super) fn find(&self, entity: usize, key: &str) -> Option<At> {
        let at = At::new(entity, self.people.get(entity)?.find(key)?);
        self.is_alive(at).then_some(at)
    }

    /// By match order of the entity, then by primary key.
    pub(super) fn compare(&self, one: &At, other: &At) -> Ordering {
        let keys = || {
            let people = self.people.get(one.entity as usize);
            people.map_or(Ordering::Equal, |people| people.compare(one.record, other.record))
        };
        one.entity.cmp(&other.entity).then_with(keys)
    }

    /// Reads rows that are new or replace those with their keys. Of several with one key the last counts.
    pub(super) fn read(
        &mut self,
        entity: usize,
        batch: &RecordBatch,
        edits: &mut Vec<(At, Edit)>,
    ) -> Result<(), UnifyError> {
        let Self { people, features, lookups, forms, attributes, places, .. } = self;
        let Some((names, key)) = attributes.get(entity) else { return Ok(()) };
        let Some(people) = people.get_mut(entity) else { return Ok(()) };
        let array = |column: usize| {
            let array =
                names.get(column).and_then(|name| batch.column_by_name(name)).and_then(TypedArray::new);
            let attribute = || names.get(column).cloned().unwrap_or_default();
            array.ok_or_else(|| UnifyError::SchemaMismatch { entity: String::new(), attribute: attribute() })
        };
        let keys = array(*key)?;
        let mut columns = Vec::new();
        for place in places.get(entity).into_iter().flatten() {
            let Some((_, column, form)) = features.sources().get(*place) else { continue };
            let domain = features.at(*place).map_or(0, |feature| feature.domain);
            columns.push((array(*column)?, forms.get(form), domain));
        }
        let (mut out, mut spare) = (String::new(), String::new());
        let start = edits.len();
        for row in 0..batch.num_rows() {
            keys.write_plain(row, &mut out);
            if out.is_empty() {
                continue;
            }
            let at = At::new(entity, people.number(&out));
            edits
                .push((at, Edit { alive: true, values: Vec::with_capacity(columns.len()), row: row as u32 }));
        }
        // Column by column, so that each domain's tables stay near.
        for (array, form, domain) in &columns {
            let texts = features.domains().get_mut(*domain);
            let Some((lookup, texts)) = lookups.get_mut(*domain).zip(texts) else { continue };
            for (_, edit) in edits.iter_mut().skip(start) {
                out.clear();
                if let Some(form) = form {
                    array.write(edit.row as usize, form, &mut out, &mut spare);
                }
                edit.values.push(lookup.number(&out, texts));
            }
        }
        Ok(())
    }

    /// What a record becomes when it is deleted.
    pub(super) fn deletion(&self, entity: usize) -> Edit {
        Edit { alive: false, values: vec![NONE; self.places.get(entity).map_or(0, Vec::len)], row: 0 }
    }

    /// Whether an edit changes anything that is compared.
    pub(super) fn changes(&self, at: At, edit: &Edit) -> bool {
        let places = self.places.get(at.entity as usize).into_iter().flatten();
        self.is_alive(at) != edit.alive
            || places.zip(&edit.values).any(|(place, value)| self.features.value(*place, at.record) != *value)
    }

    /// Carries an edit out.
    pub(super) fn set(&mut self, at: At, edit: &Edit) {
        if let Some(people) = self.people.get_mut(at.entity as usize) {
            people.set_alive(at.record, edit.alive);
        }
        for (place, value) in self.places.get(at.entity as usize).into_iter().flatten().zip(&edit.values) {
            self.features.set(*place, at.record, *value);
        }
        for table in self.tables.of.get(at.entity as usize).into_iter().flatten() {
            let Some(postings) = self.tables.postings.get_mut(*table) else { continue };
            let values = postings.columns.iter().map(|column| self.features.value(*column, at.record));
            let values: Option<Vec<u32>> = values.map(|value| (value != NONE).then_some(value)).collect();
            if let Some(values) = values {
                postings.add(at.record, &values);
            }
        }
    }
}
