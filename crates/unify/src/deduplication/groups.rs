//! Deduplication groups: the rows of one entity that are one customer.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use crate::report::RuleReport;

/// The groups of every entity. A record without duplicates is a group of its own.
#[derive(Debug, Default)]
pub(crate) struct Groups {
    entities: Vec<EntityGroups>,
    /// One for every rule that was tried.
    pub(crate) rules: Vec<RuleReport>,
    /// The records, by their numbers in the space of all, of groups that decisions have kept apart from others.
    disputed: HashSet<u32>,
}

/// The groups of one entity, numbered by the first of their records.
#[derive(Debug, Default)]
pub(crate) struct EntityGroups {
    /// For every record its group.
    of: Vec<u32>,
    /// The records of all groups, group after group, ascending within one.
    members: Vec<u32>,
    /// Where each group starts in `members`, and at last where all end.
    starts: Vec<u32>,
    /// What the rules found, by record, then by rule.
    hits: Vec<Hit>,
}

/// A rule joined a record with another one of its group.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Hit {
    pub(crate) record: u32,
    /// The rule, by its place among the plan's rules of deduplication.
    pub(crate) rule: u32,
    /// The best score of the pairs that the rule made with this record.
    pub(crate) score: f64,
}

impl EntityGroups {
    /// The groups of records with the same mark, with what the rules found, in any order. A mark is the smallest
    /// record of a set, by its number in the space in which this entity begins at `first`.
    pub(crate) fn new(first: u32, marks: &[u32], mut hits: Vec<Hit>) -> Self {
        // A set that begins in this entity is marked by its first record.
        let mut own = vec![u32::MAX; marks.len()];
        let mut others = HashMap::new();
        let mut of = Vec::with_capacity(marks.len());
        let mut sizes: Vec<u32> = Vec::new();
        for mark in marks {
            let own = mark.checked_sub(first).and_then(|record| own.get_mut(record as usize));
            let group = own.unwrap_or_else(|| others.entry(*mark).or_insert(u32::MAX));
            if *group == u32::MAX {
                *group = sizes.len() as u32;
                sizes.push(0);
            }
            if let Some(size) = sizes.get_mut(*group as usize) {
                *size += 1;
            }
            of.push(*group);
        }
        let mut end = 0;
        let mut starts = Vec::with_capacity(sizes.len() + 1);
        for size in sizes {
            starts.push(end);
            end += size;
        }
        let mut next = starts.clone();
        starts.push(end);
        let mut members = vec![0; end as usize];
        for (record, group) in (0u32..).zip(&of) {
            let Some(at) = next.get_mut(*group as usize) else { continue };
            if let Some(place) = members.get_mut(*at as usize) {
                *place = record;
            }
            *at += 1;
        }
        hits.sort_unstable_by_key(|hit| (hit.record, hit.rule));
        Self { of, members, starts, hits }
    }
}

impl Groups {
    pub(crate) fn new(entities: Vec<EntityGroups>, rules: Vec<RuleReport>, disputed: HashSet<u32>) -> Self {
        Self { entities, rules, disputed }
    }

    /// The records, by their numbers in the space of all, of groups that decisions have kept apart from others.
    pub(crate) fn disputed(&self) -> &HashSet<u32> {
        &self.disputed
    }

    /// What the rules of deduplication found in every entity, by record, then by rule.
    pub(crate) fn into_hits(self) -> Vec<Vec<Hit>> {
        self.entities.into_iter().map(|groups| groups.hits).collect()
    }

    /// How many records of an entity a rule of deduplication has joined with others.
    pub(crate) fn joined_by(&self, entity: usize, rule: u32) -> u64 {
        let hits = self.entities.get(entity).map_or(&[][..], |groups| &groups.hits);
        hits.iter().filter(|hit| hit.rule == rule).count() as u64
    }

    /// The number of groups of an entity.
    pub(crate) fn len(&self, entity: usize) -> usize {
        self.entities.get(entity).map_or(0, |groups| groups.starts.len().saturating_sub(1))
    }

    /// The group of a record.
    pub(crate) fn of(&self, entity: usize, record: u32) -> Option<u32> {
        self.entities.get(entity)?.of.get(record as usize).copied()
    }

    /// The records of a group, ascending.
    pub(crate) fn members(&self, entity: usize, group: u32) -> &[u32] {
        let Some(groups) = self.entities.get(entity) else { return &[] };
        let at = group as usize;
        match (groups.starts.get(at), groups.starts.get(at + 1)) {
            (Some(start), Some(end)) => groups.members.get(*start as usize..*end as usize).unwrap_or(&[]),
            _ => &[],
        }
    }

    /// What the rules of deduplication found for some records, by record, then by rule.
    pub(crate) fn hits(&self, entity: usize, records: Range<u32>) -> &[Hit] {
        let Some(groups) = self.entities.get(entity) else { return &[] };
        let before = |record: u32| groups.hits.partition_point(|hit| hit.record < record);
        groups.hits.get(before(records.start)..before(records.end)).unwrap_or(&[])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_are_numbered_by_their_first_record() {
        let marks = [2, 11, 2, 13, 11];
        let hit = |record, rule| Hit { record, rule, score: 1.0 };
        let hits = vec![hit(4, 0), hit(1, 1), hit(1, 0)];
        let groups = Groups::new(vec![EntityGroups::new(10, &marks, hits)], Vec::new(), HashSet::new());
        assert_eq!(groups.len(0), 3);
        assert_eq!((0..5).filter_map(|it| groups.of(0, it)).collect::<Vec<_>>(), [0, 1, 0, 2, 1]);
        assert_eq!(groups.members(0, 1), [1, 4]);
        assert_eq!(groups.hits(0, 1..2), [hit(1, 0), hit(1, 1)]);
        assert!(groups.hits(0, 0..1).is_empty() && groups.members(0, 3).is_empty());
    }
}
