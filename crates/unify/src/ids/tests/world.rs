//! Runs one after the other over profiles that a test names, with the tables that each leaves for the next.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, StringArray, TimestampMicrosecondArray};

use crate::ids::clusters::Clusters;
use crate::ids::{Assignment, CustomerId, Identity, Lineage, Pin, Previous, append, assign};

/// A record: entity and key.
pub(super) type Row = (String, String);

/// Profiles by their records. Entities are in the order of their names.
pub(super) struct Named {
    entities: Vec<String>,
    records: Vec<Vec<String>>,
    profiles: Vec<Vec<(u32, u32)>>,
    of: BTreeMap<(u32, u32), u32>,
}

impl Named {
    pub(super) fn new(profiles: &[Vec<Row>]) -> Self {
        let mut entities: Vec<String> = profiles.iter().flatten().map(|row| row.0.clone()).collect();
        entities.sort();
        entities.dedup();
        let mut records = vec![Vec::new(); entities.len()];
        let entity_of = |row: &Row| entities.binary_search(&row.0).unwrap();
        for row in profiles.iter().flatten() {
            records[entity_of(row)].push(row.1.clone());
        }
        records.iter_mut().for_each(|keys| keys.sort());
        let place = |row: &Row| {
            let entity = entity_of(row);
            (entity as u32, records[entity].binary_search(&row.1).unwrap() as u32)
        };
        let members = |rows: &Vec<Row>| {
            let mut members: Vec<(u32, u32)> = rows.iter().map(place).collect();
            members.sort();
            members
        };
        let profiles: Vec<Vec<(u32, u32)>> = profiles.iter().map(members).collect();
        let numbered = (0u32..).zip(&profiles);
        let of = numbered.flat_map(|(profile, rows)| rows.iter().map(move |row| (*row, profile))).collect();
        Self { entities, records, profiles, of }
    }
}

impl Clusters for Named {
    fn entities(&self) -> usize {
        self.entities.len()
    }
    fn name(&self, entity: u32) -> &str {
        &self.entities[entity as usize]
    }
    fn records(&self, entity: u32) -> u32 {
        self.records[entity as usize].len() as u32
    }
    fn key(&self, entity: u32, record: u32) -> &str {
        &self.records[entity as usize][record as usize]
    }
    fn compare(&self, _: u32, one: &str, other: &str) -> Ordering {
        one.cmp(other)
    }
    fn find(&self, entity: u32, key: &str) -> Option<u32> {
        self.records[entity as usize].iter().position(|own| own == key).map(|at| at as u32)
    }
    fn profile(&self, entity: u32, record: u32) -> Option<u32> {
        self.of.get(&(entity, record)).copied()
    }
    fn profiles(&self) -> u32 {
        self.profiles.len() as u32
    }
    fn members(&self, profile: u32) -> &[(u32, u32)] {
        &self.profiles[profile as usize]
    }
}

/// What a run leaves for the next one.
#[derive(Default)]
pub(super) struct World {
    customer: Vec<RecordBatch>,
    alternate_key: Vec<RecordBatch>,
    lineage: Vec<RecordBatch>,
    pub(super) at: i64,
}

impl World {
    /// A run: the ids of the profiles.
    pub(super) fn run(
        &mut self,
        profiles: &[Vec<Row>],
        pins: &[Pin],
        custom: &[Option<CustomerId>],
    ) -> Assignment {
        self.at += 1;
        let previous = Previous::read(&self.customer, &self.alternate_key, &self.lineage).unwrap();
        let identity = Identity {
            previous,
            pins: pins.to_vec(),
            at: self.at,
            job: format!("job {}", self.at),
            learned: None,
        };
        let made = assign(&Named::new(profiles), &identity, custom);
        self.lineage = append(&identity.previous, &made, &identity.job).unwrap().batches;
        self.customer = vec![customers(&made)];
        self.alternate_key = vec![keys(profiles, &made)];
        made
    }

    /// Makes the tables those of a version that had no dates and no lineage.
    pub(super) fn forget(&mut self) {
        self.lineage.clear();
        self.customer = self.customer.iter().map(|batch| batch.project(&[0]).unwrap()).collect();
    }

    /// Turns the rows of the tables around.
    pub(super) fn turn(&mut self) {
        for batches in [&mut self.customer, &mut self.alternate_key] {
            for batch in batches {
                let rows: arrow::array::UInt32Array = (0..batch.num_rows() as u32).rev().collect();
                *batch = arrow::compute::take_record_batch(batch, &rows).unwrap();
            }
        }
    }

    pub(super) fn lineage(&self) -> Lineage {
        Lineage::read(&self.customer, &self.lineage).unwrap()
    }
}

fn customers(made: &Assignment) -> RecordBatch {
    let all = || (0..made.len()).map(|profile| made.get(profile).unwrap());
    let ids: StringArray = all().map(|it| Some(it.id.to_string())).collect();
    let former = all().map(|it| {
        let ids: Vec<String> = it.former.iter().map(ToString::to_string).collect();
        (!ids.is_empty()).then(|| ids.join(";"))
    });
    let moments = |at: &mut dyn Iterator<Item = i64>| -> ArrayRef {
        Arc::new(at.map(Some).collect::<TimestampMicrosecondArray>().with_timezone("UTC"))
    };
    RecordBatch::try_from_iter_with_nullable([
        ("CustomerId", Arc::new(ids) as ArrayRef, false),
        ("PreviousCustomerId", Arc::new(former.collect::<StringArray>()) as ArrayRef, true),
        ("CustomerId_CreatedOn", moments(&mut all().map(|it| it.created_on)), true),
        ("CustomerId_ModifiedOn", moments(&mut all().map(|it| it.modified_on)), true),
    ])
    .unwrap()
}

fn keys(profiles: &[Vec<Row>], made: &Assignment) -> RecordBatch {
    let mut rows: Vec<(&Row, CustomerId)> = Vec::new();
    for (profile, records) in profiles.iter().enumerate() {
        rows.extend(records.iter().map(|row| (row, made.id(profile).unwrap())));
    }
    rows.sort_by_key(|(row, _)| row.0.clone());
    let texts = |value: &dyn Fn(&(&Row, CustomerId)) -> String| -> ArrayRef {
        Arc::new(rows.iter().map(|row| Some(value(row))).collect::<StringArray>())
    };
    RecordBatch::try_from_iter([
        ("EntityName", texts(&|(row, _)| row.0.clone())),
        ("AlternateValue", texts(&|(row, _)| row.1.clone())),
        ("CustomerId", texts(&|(_, id)| id.to_string())),
    ])
    .unwrap()
}
