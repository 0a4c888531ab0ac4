//! The records of all entities in one row of numbers: by match order of the entity, then by primary key.

use crate::records::Records;

/// Where the records of each entity begin.
#[derive(Debug, Clone, Default)]
pub(crate) struct Space {
    starts: Vec<u32>,
}

impl Space {
    pub(crate) fn new(records: &[Records]) -> Self {
        Self::of(records.iter().map(Records::len))
    }

    /// A space of entities with so many records; the caller keeps the sum below `u32::MAX`.
    pub(crate) fn of(sizes: impl Iterator<Item = usize>) -> Self {
        let mut end = 0u32;
        let mut starts = vec![0];
        for size in sizes {
            end = end.saturating_add(size as u32);
            starts.push(end);
        }
        Self { starts }
    }

    /// The number of records.
    pub(crate) fn len(&self) -> usize {
        self.starts.last().copied().unwrap_or(0) as usize
    }

    /// The number of a record.
    pub(crate) fn number(&self, entity: u32, record: u32) -> u32 {
        self.starts.get(entity as usize).copied().unwrap_or(0).saturating_add(record)
    }

    /// The entity and the record of a number.
    pub(crate) fn place(&self, number: u32) -> (u32, u32) {
        let after = self.starts.partition_point(|start| *start <= number);
        let entity = after.saturating_sub(1);
        let start = self.starts.get(entity).copied().unwrap_or(0);
        (entity as u32, number.saturating_sub(start))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_an_entity_and_a_record() {
        let space = Space::of([3, 0, 2].into_iter());
        assert_eq!(space.len(), 5);
        let places: Vec<(u32, u32)> = (0..5).map(|number| space.place(number)).collect();
        assert_eq!(places, [(0, 0), (0, 1), (0, 2), (2, 0), (2, 1)]);
        assert!(
            places.iter().zip(0..).all(|((entity, record), number)| space.number(*entity, *record) == number)
        );
    }
}
