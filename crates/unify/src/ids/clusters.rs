//! What ids are given to: the records of every profile, and their keys.

use std::cmp::Ordering;

use crate::intern::NONE;
use crate::plan::Plan;
use crate::profiles::Profiles;
use crate::records::Records;

/// Records of several entities in profiles. Entities are numbered in match order, the records of each in the order of
/// their keys; so the smaller of two records is the one that is smaller as a pair of numbers.
pub(crate) trait Clusters {
    /// The number of entities.
    fn entities(&self) -> usize;
    /// The full name of an entity.
    fn name(&self, entity: u32) -> &str;
    /// The number of records of an entity.
    fn records(&self, entity: u32) -> u32;
    /// The primary key of a record, as text. Keys of one entity are different.
    fn key(&self, entity: u32, record: u32) -> &str;
    /// How two keys of an entity stand to each other.
    fn compare(&self, entity: u32, one: &str, other: &str) -> Ordering;
    /// The record with a key.
    fn find(&self, entity: u32, key: &str) -> Option<u32>;
    /// The profile of a record, unless it is left out.
    fn profile(&self, entity: u32, record: u32) -> Option<u32>;
    /// The number of profiles.
    fn profiles(&self) -> u32;
    /// The records `(entity, record)` of a profile, in order.
    fn members(&self, profile: u32) -> &[(u32, u32)];
}

/// The profiles of a run.
pub(crate) struct ClustersOf<'a> {
    pub(crate) plan: &'a Plan,
    pub(crate) records: &'a [Records],
    pub(crate) profiles: &'a Profiles,
}

impl Clusters for ClustersOf<'_> {
    fn entities(&self) -> usize {
        self.records.len()
    }

    fn name(&self, entity: u32) -> &str {
        self.plan.entities.get(entity as usize).map_or("", |entity| &entity.name)
    }

    fn records(&self, entity: u32) -> u32 {
        self.records.get(entity as usize).map_or(0, Records::len) as u32
    }

    fn key(&self, entity: u32, record: u32) -> &str {
        self.records.get(entity as usize).map_or("", |records| records.key(record))
    }

    fn compare(&self, entity: u32, one: &str, other: &str) -> Ordering {
        self.records.get(entity as usize).map_or(Ordering::Equal, |records| records.compare_keys(one, other))
    }

    fn find(&self, entity: u32, key: &str) -> Option<u32> {
        self.records.get(entity as usize)?.find(key.as_bytes())
    }

    fn profile(&self, entity: u32, record: u32) -> Option<u32> {
        let profile = *self.profiles.of.get(entity as usize)?.get(record as usize)?;
        (profile != NONE).then_some(profile)
    }

    fn profiles(&self) -> u32 {
        self.profiles.len() as u32
    }

    fn members(&self, profile: u32) -> &[(u32, u32)] {
        self.profiles.members(profile as usize)
    }
}
