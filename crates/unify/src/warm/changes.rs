//! What changed between two runs: rows that came, that look different to matching, and that went.

use arrow::array::{RecordBatch, UInt32Array};
use arrow::compute::take_record_batch;
use arrow::datatypes::{Field, Schema};

use super::contents;
use crate::error::UnifyError;
use crate::index::{Change, Index};
use crate::plan::Plan;
use crate::records::Records;

use std::sync::Arc;

/// The changes of all entities.
#[derive(Debug, Default)]
pub(super) struct Changes {
    entities: Vec<EntityChanges>,
}

#[derive(Debug, Default)]
struct EntityChanges {
    /// The numbers of the records now, and the records of the index that they replace.
    upserts: Vec<(u32, Option<u32>)>,
    /// Records of the index that are gone.
    gone: Vec<u32>,
}

impl Changes {
    /// Compares the records as they are now with those of the index, by the hashes of both.
    pub(super) fn of(index: &Index, before: &[Vec<u128>], records: &[Records], now: &[Vec<u128>]) -> Self {
        let mut entities = Vec::with_capacity(records.len());
        for (entity, ((records, before), now)) in records.iter().zip(before).zip(now).enumerate() {
            let (known, gone) = index.known(entity, records);
            let hash = |record: Option<u32>| before.get(record? as usize);
            let upserts = (0u32..).zip(known).zip(now);
            let upserts = upserts.filter(|((_, record), now)| hash(*record) != Some(now));
            entities.push(EntityChanges { upserts: upserts.map(|(it, _)| it).collect(), gone });
        }
        Self { entities }
    }

    /// For each entity the numbers of the rows that came or look different, with the records of the index that they
    /// replace, and the records of the index that are gone.
    pub(super) fn of_entities(&self) -> impl Iterator<Item = (&[(u32, Option<u32>)], &[u32])> {
        self.entities.iter().map(|it| (it.upserts.as_slice(), it.gone.as_slice()))
    }

    /// The number of rows.
    pub(super) fn count(&self) -> u64 {
        self.entities.iter().map(|it| (it.upserts.len() + it.gone.len()) as u64).sum()
    }

    /// Rows that came or look different: the entity, the record of the index that they replace, and their numbers.
    pub(super) fn upserts(&self) -> impl Iterator<Item = (usize, Option<u32>, u32)> {
        let entities = self.entities.iter().enumerate();
        entities.flat_map(|(entity, it)| it.upserts.iter().map(move |(number, old)| (entity, *old, *number)))
    }

    /// The changes as an index takes them.
    pub(super) fn rows(
        &self,
        plan: &Plan,
        records: &[Records],
        index: &Index,
    ) -> Result<Vec<Change>, UnifyError> {
        let compared = contents::compared(plan, records, &[]);
        let mut changes = Vec::new();
        for (entity, (it, records)) in self.entities.iter().zip(records).enumerate() {
            let Some((of, compared)) = plan.entities.get(entity).zip(compared.get(entity)) else { continue };
            let mut columns = compared.clone();
            columns.push(of.key);
            columns.sort_unstable();
            columns.dedup();
            changes.push(Change {
                entity: of.name.clone(),
                upserts: upserts(&it.upserts, records, &columns)?,
                deletes: it.gone.iter().map(|record| index.key(entity, *record).to_owned()).collect(),
            });
        }
        Ok(changes)
    }
}

/// The rows of some records, with some columns.
fn upserts(
    numbers: &[(u32, Option<u32>)],
    records: &Records,
    columns: &[usize],
) -> Result<Vec<RecordBatch>, UnifyError> {
    let mut rows: Vec<Vec<u32>> = vec![Vec::new(); records.batches.len()];
    for (number, _) in numbers {
        let Some(at) = records.rows.get(*number as usize) else { continue };
        if let Some(rows) = rows.get_mut(at.batch as usize) {
            rows.push(at.row);
        }
    }
    let mut batches = Vec::new();
    for (rows, batch) in rows.into_iter().zip(&records.batches).filter(|(rows, _)| !rows.is_empty()) {
        let taken = take_record_batch(&batch.project(columns)?, &UInt32Array::from(rows))?;
        let arrays = taken.columns().iter().map(contents::plain).collect::<Result<Vec<_>, _>>()?;
        let schema = taken.schema();
        let fields = schema.fields().iter().zip(&arrays);
        let fields = fields.map(|(field, array)| Field::new(field.name(), array.data_type().clone(), true));
        batches.push(RecordBatch::try_new(Arc::new(Schema::new(fields.collect::<Vec<_>>())), arrays)?);
    }
    Ok(batches)
}
