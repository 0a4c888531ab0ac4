//! The rows of a table that has one for each of some profiles: which profiles, and where the values of each entity
//! come from.

use super::Unification;
use crate::features::sort::sort;
use crate::records::{Records, RowAt};

/// Profiles in the order of a table, and the places of their winners.
pub(crate) struct Rows {
    profiles: Vec<u32>,
    /// By entity, then by row; `RowAt::NONE` where the profile has no record of the entity.
    winners: Vec<Vec<RowAt>>,
    /// The same for columns that other rows than the winner give: entity, column, places.
    attributes: Vec<(usize, usize, Vec<RowAt>)>,
}

impl Rows {
    /// All profiles, in the order of their ids. So the content of a table does not depend on the order of the rows.
    pub(crate) fn all(unification: Unification<'_>) -> Self {
        let count = unification.profiles.len() as u32;
        let id = |profile: u32| unification.ids.id(profile as usize);
        let prefix = |profile: u32| id(profile).map_or(0, |id| id.prefix());
        let mut order = sort((0..count).map(|profile| (prefix(profile), profile)).collect());
        for alike in order.chunk_by_mut(|one, other| one.0 == other.0).filter(|alike| alike.len() > 1) {
            alike.sort_unstable_by_key(|(_, profile)| id(*profile));
        }
        let profiles = order.into_iter().map(|(_, profile)| profile).collect();
        Self::with(unification, profiles)
    }

    /// Those rows whose profile fulfils a condition.
    pub(super) fn filter(&self, keep: impl Fn(u32) -> bool) -> Self {
        let kept: Vec<usize> = (0..self.profiles.len())
            .filter(|row| self.profiles.get(*row).is_some_and(|profile| keep(*profile)))
            .collect();
        let places = |of: &Vec<RowAt>| kept.iter().filter_map(|row| of.get(*row).copied()).collect();
        Self {
            profiles: kept.iter().filter_map(|row| self.profiles.get(*row).copied()).collect(),
            winners: self.winners.iter().map(places).collect(),
            attributes: self.attributes.iter().map(|(e, c, of)| (*e, *c, places(of))).collect(),
        }
    }

    fn with(unification: Unification<'_>, profiles: Vec<u32>) -> Self {
        let mut rows = Self { profiles, winners: Vec::new(), attributes: Vec::new() };
        for (entity, records) in unification.records.iter().enumerate() {
            let Some(winners) = unification.winners.entity(entity) else { continue };
            let places = |of: &[u32]| -> Vec<RowAt> {
                let record = |profile: &u32| of.get(*profile as usize).copied();
                rows.profiles.iter().map(|profile| place(records, record(profile))).collect()
            };
            let own = places(&winners.of);
            let attributes: Vec<_> =
                winners.attributes.iter().map(|(column, of)| (entity, *column, places(of))).collect();
            rows.winners.push(own);
            rows.attributes.extend(attributes);
        }
        rows
    }

    pub(super) fn len(&self) -> usize {
        self.profiles.len()
    }

    /// The profile of a row.
    pub(super) fn profile(&self, row: usize) -> usize {
        self.profiles.get(row).map_or(usize::MAX, |profile| *profile as usize)
    }

    /// Where the winners of an entity stand, row by row.
    pub(super) fn winners(&self, entity: usize) -> &[RowAt] {
        self.winners.get(entity).map_or(&[], Vec::as_slice)
    }

    /// Where the values of one attribute of an entity stand, row by row: mostly the winners.
    pub(super) fn places(&self, entity: usize, column: usize) -> &[RowAt] {
        let own = self.attributes.iter().find(|it| (it.0, it.1) == (entity, column));
        own.map_or_else(|| self.winners(entity), |(_, _, places)| places)
    }
}

fn place(records: &Records, record: Option<u32>) -> RowAt {
    record.and_then(|record| records.rows.get(record as usize).copied()).unwrap_or(RowAt::NONE)
}
