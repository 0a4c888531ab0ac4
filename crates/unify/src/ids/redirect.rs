//! Where an id leads now, and what happened to it.

use std::collections::{BTreeMap, HashSet};

use arrow::array::{Array, RecordBatch};

use super::CustomerId;
use super::lineage::{Event, EventKind, events};
use super::previous::{id_at, texts};
use crate::error::UnifyError;

/// The ids of one snapshot with everything that happened to them.
#[derive(Debug, Clone, Default)]
pub struct Lineage {
    live: HashSet<CustomerId>,
    /// Former ids as `Customer` has them, with their customer.
    former: BTreeMap<CustomerId, CustomerId>,
    events: Vec<Event>,
    /// The events of each id, as the one that it happened to or as the other.
    of: BTreeMap<CustomerId, Vec<u32>>,
}

impl Lineage {
    /// Reads `Customer` (`CustomerId`, `PreviousCustomerId`) and `CustomerLineage` of one snapshot.
    ///
    /// # Errors
    /// `UnifyError::Arrow` where an attribute cannot be read as the type that it should have.
    pub fn read(customer: &[RecordBatch], lineage: &[RecordBatch]) -> Result<Self, UnifyError> {
        let mut read = Self { events: events(lineage)?, ..Self::default() };
        for batch in customer {
            let Some(ids) = texts(batch, "CustomerId")? else { continue };
            let former = texts(batch, "PreviousCustomerId")?;
            for row in 0..batch.num_rows() {
                let Some(id) = id_at(&ids, row) else { continue };
                read.live.insert(id);
                let former = former.as_ref().filter(|former| former.is_valid(row));
                let former = former.into_iter().flat_map(|former| former.value(row).split(';'));
                read.former.extend(former.filter_map(|text| Some((text.parse().ok()?, id))));
            }
        }
        for (at, event) in (0u32..).zip(&read.events) {
            for id in [Some(event.customer), event.other].into_iter().flatten() {
                read.of.entry(id).or_default().push(at);
            }
        }
        Ok(read)
    }

    /// Whether a customer has this id now.
    pub fn is_live(&self, id: CustomerId) -> bool {
        self.live.contains(&id)
    }

    /// Whether anybody ever had this id, as far as is known.
    pub fn is_known(&self, id: CustomerId) -> bool {
        self.is_live(id) || self.of.contains_key(&id) || self.former.contains_key(&id)
    }

    /// What happened to an id, and to others because of it, in the order in which it happened.
    pub fn history(&self, id: CustomerId) -> impl Iterator<Item = &Event> {
        self.of.get(&id).into_iter().flatten().filter_map(|at| self.events.get(*at as usize))
    }

    /// The customers that have the records of an id now: itself if it lives, else the one that it was merged into,
    /// over any number of merges; and those that were split from it or from one on the way. Empty when all its
    /// records are gone, or nobody ever had it.
    pub fn redirect(&self, id: CustomerId) -> Vec<CustomerId> {
        let mut found = Vec::new();
        let merges = self.merges(id);
        // An id that came back after a merge is asked for as what it was at last.
        let begun = if self.is_live(id) { merges.last() } else { merges.iter().rev().nth(1) };
        let mut open = vec![(id, begun.map_or(0, |merge| merge.run))];
        let mut seen = HashSet::new();
        while let Some((id, after)) = open.pop() {
            if !seen.insert((id, after)) {
                continue;
            }
            if self.is_live(id) && !found.contains(&id) {
                found.push(id);
            }
            self.follow(id, after, &mut open);
        }
        if found.is_empty() {
            found.extend(self.former.get(&id));
        }
        found
    }

    /// Where the records that an id had after a run went from there.
    fn follow(&self, id: CustomerId, after: i64, open: &mut Vec<(CustomerId, i64)>) {
        let merge = self.merges(id).into_iter().find(|merge| merge.run > after);
        let until = merge.map_or(i64::MAX, |merge| merge.run);
        let is_split = |event: &&Event| event.kind == EventKind::SplitFrom && event.other == Some(id);
        let splits: Vec<&Event> = self.history(id).filter(is_split).collect();
        let splits = splits.iter().rev().filter(|split| after < split.run && split.run <= until);
        open.extend(splits.map(|split| (split.customer, split.run)));
        open.extend(merge.and_then(|merge| Some((merge.other?, merge.run))));
    }

    fn merges(&self, id: CustomerId) -> Vec<&Event> {
        let is_merge = |event: &&Event| event.kind == EventKind::MergedInto && event.customer == id;
        self.history(id).filter(is_merge).collect()
    }
}
