//! The winner: the row that speaks for an entity in a profile which has several of its rows.
//!
//! It is the first in source order, as for rows with equal primary key.

use crate::intern::NONE;
use crate::profiles::Profiles;

/// The winners of all profiles.
#[derive(Debug)]
pub(crate) struct Winners {
    entities: usize,
    /// For every profile and entity the winner's record; `NONE` where the profile has no record of the entity.
    of: Vec<u32>,
}

impl Winners {
    pub(crate) fn new(entities: usize, profiles: &Profiles) -> Self {
        let mut of = vec![NONE; entities * profiles.len()];
        for profile in 0..profiles.len() {
            for rows in profiles.members(profile).chunk_by(|a, b| a.0 == b.0) {
                let Some((entity, first)) = rows.first().copied() else { continue };
                if let Some(place) = of.get_mut(profile * entities + entity as usize) {
                    *place = first;
                }
            }
        }
        Self { entities, of }
    }

    /// The winner of an entity in a profile.
    pub(crate) fn get(&self, profile: usize, entity: usize) -> Option<u32> {
        self.of.get(profile * self.entities + entity).copied().filter(|record| *record != NONE)
    }
}
