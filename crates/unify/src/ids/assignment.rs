//! The result: the id of every profile, what it was called before, and since when.

use super::CustomerId;
use super::lineage::Event;

/// The ids of all profiles, in the order of the profiles.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Assignment {
    /// One for each profile; all are different.
    pub(crate) ids: Vec<CustomerId>,
    /// When each id was first given, in microseconds since 1970 UTC.
    pub(crate) created_on: Vec<i64>,
    /// When the rows or the former ids of each profile last changed, in microseconds since 1970 UTC.
    pub(crate) modified_on: Vec<i64>,
    /// The former ids of the few profiles that have some, by profile.
    pub(crate) former: Vec<(u32, Vec<CustomerId>)>,
    /// What happened to ids in this run.
    pub(crate) events: Vec<Event>,
}

/// The id of one profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Assigned<'a> {
    /// Its id.
    pub id: CustomerId,
    /// The ids that it had before and that lead to it now, in the order in which it absorbed them.
    pub former: &'a [CustomerId],
    /// When the id was first given, in microseconds since 1970 UTC.
    pub created_on: i64,
    /// When its rows or its former ids last changed, in microseconds since 1970 UTC.
    pub modified_on: i64,
}

impl Assignment {
    /// The number of profiles.
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// Whether there is no profile.
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// What a profile is called.
    pub fn get(&self, profile: usize) -> Option<Assigned<'_>> {
        Some(Assigned {
            id: *self.ids.get(profile)?,
            former: self.former(profile),
            created_on: *self.created_on.get(profile)?,
            modified_on: *self.modified_on.get(profile)?,
        })
    }

    /// The id of a profile.
    pub fn id(&self, profile: usize) -> Option<CustomerId> {
        self.ids.get(profile).copied()
    }

    /// The former ids of a profile, in the order in which it absorbed them.
    pub fn former(&self, profile: usize) -> &[CustomerId] {
        let found = self.former.binary_search_by_key(&profile, |(profile, _)| *profile as usize);
        found.ok().and_then(|at| self.former.get(at)).map_or(&[], |(_, former)| former)
    }
}
