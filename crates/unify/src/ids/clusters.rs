//! What ids are given to: the records of every profile, and their keys.

use crate::intern::NONE;
use crate::plan::Plan;
use crate::profiles::Profiles;
use crate::records::Records;

/// Records of several entities in profiles. Entities are numbered in match order, records and profiles as they come;
/// nothing about an id depends on the numbers of records and profiles.
#[allow(dead_code, reason = "previous ids will need the rest")]
pub(crate) trait Clusters {
    /// The number of entities.
    fn entities(&self) -> usize;
    /// The full name of an entity.
    fn name(&self, entity: u32) -> &str;
    /// The number of records of an entity.
    fn records(&self, entity: u32) -> u32;
    /// The primary key of a record, as text. Keys of one entity are different.
    fn key(&self, entity: u32, record: u32) -> &[u8];
    /// The record with a key.
    fn find(&self, entity: u32, key: &[u8]) -> Option<u32>;
    /// The profile of a record, unless it is left out.
    fn profile(&self, entity: u32, record: u32) -> Option<u32>;
    /// The number of profiles.
    fn profiles(&self) -> u32;
    /// The records `(entity, record)` of a profile.
    fn members(&self, profile: u32) -> &[(u32, u32)];

    /// The smallest of some records: by match order of the entity, then by the bytes of the key.
    fn smallest(&self, records: impl Iterator<Item = (u32, u32)>) -> Option<(u32, u32)> {
        records.min_by(|a, b| (a.0, self.key(a.0, a.1)).cmp(&(b.0, self.key(b.0, b.1))))
    }
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

    fn key(&self, entity: u32, record: u32) -> &[u8] {
        self.records.get(entity as usize).map_or(&[], |records| records.key(record).as_bytes())
    }

    fn find(&self, entity: u32, key: &[u8]) -> Option<u32> {
        self.records.get(entity as usize)?.find(key)
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
