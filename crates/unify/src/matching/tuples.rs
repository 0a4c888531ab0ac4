//! Records by what a rule compares: records whose compared values are all equal are judged once, together.

use crate::intern::{Interner, NONE};

/// The different rows of compared values (one number per comparison of the rule) of the entities above.
pub(super) struct Left {
    pub(super) tuples: Interner<u32>,
    /// For each tuple the record that stands for it: the first in match order of the entities, then by primary key.
    pub(super) first: Vec<(u32, u32)>,
    /// For each tuple how many records have it.
    pub(super) count: Vec<u32>,
}

impl Left {
    pub(super) fn new() -> Self {
        Self { tuples: Interner::new(), first: Vec::new(), count: Vec::new() }
    }

    /// Takes a record; records come in the order in which they are preferred.
    pub(super) fn add(&mut self, tuple: &[u32], entity: u32, record: u32) {
        let (number, new) = self.tuples.intern(tuple);
        if new {
            self.first.push((entity, record));
            self.count.push(0);
        }
        if let Some(count) = self.count.get_mut(number as usize) {
            *count = count.saturating_add(1);
        }
    }

    pub(super) fn count(&self, tuple: u32) -> u32 {
        self.count.get(tuple as usize).copied().unwrap_or(0)
    }
}

/// Reads the compared values of one record into `tuple`; false when a condition has no value, so that the record
/// cannot match.
pub(super) fn read(columns: &[Option<&[u32]>], conditions: usize, record: u32, tuple: &mut Vec<u32>) -> bool {
    tuple.clear();
    let value = |column: &Option<&[u32]>| {
        column.and_then(|column| column.get(record as usize)).copied().unwrap_or(NONE)
    };
    tuple.extend(columns.iter().map(value));
    tuple.iter().take(conditions).all(|value| *value != NONE)
}
