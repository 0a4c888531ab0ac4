//! Ids that are not the system's to give: those of pins, and those that are made from attributes.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::clusters::Clusters;
use super::known::Numbers;
use super::parts::old;
use super::{CustomerId, Pin};
use crate::intern::NONE;

/// Which profile has which id, whatever the rules say.
#[derive(Debug, Default)]
pub(super) struct Claims {
    /// By number of the id: its profile.
    pub(super) claimants: Vec<u32>,
    /// By profile: the number of its id. Empty when there is no claim at all.
    pub(super) of: Vec<u32>,
    /// The profiles that have their id from a pin, and of each the smallest
    /// pinned record that did not have it before, if there is one.
    pub(super) pinned: BTreeMap<u32, Option<(u32, u32)>>,
}

/// A row with its pin: the number of the id, the profile, and the record.
#[derive(Debug, Clone, Copy)]
struct Found {
    id: u32,
    profile: u32,
    record: (u32, u32),
}

impl Claims {
    /// The id that a profile claims.
    pub(super) fn of(&self, profile: u32) -> Option<u32> {
        self.of.get(profile as usize).copied().filter(|id| *id != NONE)
    }

    /// Settles who has which id: pins come first, then ids made from attributes. All of these ids are numbered, so
    /// that nobody else gets them.
    pub(super) fn settle(
        clusters: &impl Clusters,
        pins: &[Pin],
        custom: &[Option<CustomerId>],
        had: &[Vec<u32>],
        numbers: &mut Numbers<'_>,
    ) -> Self {
        let found = find(clusters, pins, numbers);
        let wanted: Vec<(u32, u32)> = (0u32..)
            .zip(custom)
            .filter_map(|(profile, id)| Some((numbers.number((*id)?), profile)))
            .collect();
        if found.is_empty() && wanted.is_empty() {
            return Self::default();
        }
        let mut claims = Self {
            claimants: vec![NONE; numbers.len()],
            of: vec![NONE; clusters.profiles() as usize],
            ..Self::default()
        };
        claims.pin(found, had);
        claims.want(clusters, wanted, had);
        claims
    }

    /// Of one profile and id the pair with the most pinned rows comes first; of equal ones that with the smallest
    /// row. Each profile has one id, each id one profile.
    fn pin(&mut self, mut found: Vec<Found>, had: &[Vec<u32>]) {
        found.sort_by_key(|found| (found.profile, found.id, found.record));
        let mut pairs: Vec<&[Found]> =
            found.chunk_by(|a, b| (a.profile, a.id) == (b.profile, b.id)).collect();
        pairs.sort_by_key(|pair| (Reverse(pair.len()), pair.first().map(|found| found.record)));
        for pair in pairs {
            let Some(first) = pair.first() else { continue };
            if self.claim(first.id, first.profile) {
                let mut records = pair.iter().map(|found| found.record);
                let moved = records.find(|(entity, record)| old(had, *entity, *record) != first.id);
                self.pinned.insert(first.profile, moved);
            }
        }
    }

    /// Of several profiles that make one id the one that had it before, with most of its records, has it; else that
    /// with the smallest record.
    fn want(&mut self, clusters: &impl Clusters, mut wanted: Vec<(u32, u32)>, had: &[Vec<u32>]) {
        wanted.sort_unstable();
        for same in wanted.chunk_by_mut(|a, b| a.0 == b.0) {
            if same.len() > 1 {
                same.sort_by_cached_key(|(id, profile)| {
                    let members = clusters.members(*profile);
                    let kept = members.iter().filter(|(entity, record)| old(had, *entity, *record) == *id);
                    (Reverse(kept.count()), members.first().copied())
                });
            }
            for (id, profile) in same {
                if self.claim(*id, *profile) {
                    break;
                }
            }
        }
    }

    fn claim(&mut self, id: u32, profile: u32) -> bool {
        let (Some(claimant), Some(of)) =
            (self.claimants.get_mut(id as usize), self.of.get_mut(profile as usize))
        else {
            return false;
        };
        let is_free = *claimant == NONE && *of == NONE;
        if is_free {
            (*claimant, *of) = (profile, id);
        }
        is_free
    }
}

/// The rows of the pins that are in a profile.
fn find(clusters: &impl Clusters, pins: &[Pin], numbers: &mut Numbers<'_>) -> Vec<Found> {
    let found = |pin: &Pin| {
        let id = numbers.number(pin.customer);
        let record = place(clusters, pin)?;
        Some(Found { id, profile: clusters.profile(record.0, record.1)?, record })
    };
    pins.iter().filter_map(found).collect()
}

fn place(clusters: &impl Clusters, pin: &Pin) -> Option<(u32, u32)> {
    let entity = (0..clusters.entities() as u32).find(|entity| clusters.name(*entity) == pin.entity)?;
    Some((entity, clusters.find(entity, &pin.key)?))
}
