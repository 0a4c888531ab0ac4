//! The winner: the row that speaks for several rows of one entity, and the rows that give single attributes instead.
//!
//! Of equally good rows the one with the largest primary key wins. Records are numbered in the order of their keys,
//! so that is the last of them.

use std::cmp::Ordering;

use super::filled::{Counts, Filled};
use crate::error::UnifyError;
use crate::intern::NONE;
use crate::plan::{EntityPlan, Plan, Prefer};
use crate::profiles::Profiles;
use crate::records::Records;
use crate::values::{Age, TypedArray};

/// The winners of many sets of rows, by entity, then by set.
#[derive(Debug)]
pub(crate) struct Winners {
    entities: Vec<EntityWinners>,
}

/// The winners of sets of rows of one entity.
#[derive(Debug)]
pub(crate) struct EntityWinners {
    /// For every set the winner; `NONE` for a set without rows.
    pub(crate) of: Vec<u32>,
    /// Columns that other rows give, with these rows.
    pub(crate) attributes: Vec<(usize, Vec<u32>)>,
}

impl Winners {
    /// The winners of every entity in each profile.
    pub(crate) fn of_profiles(
        plan: &Plan,
        records: &[Records],
        profiles: &Profiles,
    ) -> Result<Self, UnifyError> {
        let count = profiles.len();
        let entities = plan.entities.iter().zip(records).enumerate();
        let mut judges: Vec<Judge<'_>> = entities
            .map(|(entity, (of, records))| Judge::new(plan, entity, of, records, count))
            .collect::<Result<_, _>>()?;
        let mut rows = Vec::new();
        for set in 0..count {
            for of_entity in profiles.members(set).chunk_by(|a, b| a.0 == b.0) {
                let Some((entity, _)) = of_entity.first() else { continue };
                rows.clear();
                rows.extend(of_entity.iter().map(|row| row.1));
                if let Some(judge) = judges.get_mut(*entity as usize) {
                    judge.decide(set, &rows);
                }
            }
        }
        Ok(Self { entities: judges.into_iter().map(|judge| judge.winners).collect() })
    }

    pub(crate) fn entity(&self, entity: usize) -> Option<&EntityWinners> {
        self.entities.get(entity)
    }
}

/// Decides who wins in sets of rows of one entity.
pub(crate) struct Judge<'a> {
    prefer: Prefer,
    /// The columns that other rows may give.
    preferences: &'a [(usize, Prefer)],
    /// How many columns each row fills, where a preference asks.
    filled: Option<Counts>,
    records: &'a Records,
    /// The columns that preferences look at, once each.
    ages: Vec<(usize, Vec<Option<TypedArray<'a>>>)>,
    /// For each preference whether its column is filled.
    given: Vec<Filled>,
    pub(crate) winners: EntityWinners,
}

/// How good a row is.
enum Merit {
    Filled(u16),
    /// Unknown ages come last.
    Latest(Option<Age>),
    Earliest(Option<Age>),
}

impl<'a> Judge<'a> {
    pub(crate) fn new(
        plan: &'a Plan,
        entity: usize,
        of: &'a EntityPlan,
        records: &'a Records,
        sets: usize,
    ) -> Result<Self, UnifyError> {
        let winner = plan.winners.get(entity);
        let prefer = winner.map_or(Prefer::MostFilled, |winner| winner.prefer);
        let preferences = winner.map_or(&[][..], |winner| &winner.attributes);
        let mut ages: Vec<(usize, Vec<_>)> = Vec::new();
        for prefer in preferences.iter().map(|it| it.1).chain([prefer]) {
            if let Prefer::MostRecent(column) | Prefer::LeastRecent(column) = prefer
                && ages.iter().all(|it| it.0 != column)
            {
                ages.push((column, records.typed(column)));
            }
        }
        let attributes = preferences.iter().map(|(column, _)| (*column, vec![NONE; sets])).collect();
        let mut wishes = preferences.iter().map(|it| it.1).chain([prefer]);
        let asked = wishes.any(|prefer| matches!(prefer, Prefer::MostFilled));
        let filled = asked.then(|| Counts::new(records, of.mapped.iter().map(|attribute| attribute.column)));
        let given = preferences.iter().map(|(column, _)| Filled::new(records, *column));
        Ok(Self {
            prefer,
            preferences,
            filled: filled.transpose()?,
            records,
            ages,
            given: given.collect::<Result<_, _>>()?,
            winners: EntityWinners { of: vec![NONE; sets], attributes },
        })
    }

    /// Finds the winner of a set of rows, which stand in the order of their keys.
    pub(crate) fn decide(&mut self, set: usize, rows: &[u32]) {
        let winner = match rows {
            [only] => *only,
            rows => self.best(rows, self.prefer).unwrap_or(NONE),
        };
        if let Some(place) = self.winners.of.get_mut(set) {
            *place = winner;
        }
        for at in 0..self.preferences.len() {
            let given = if rows.len() == 1 { Some(winner) } else { self.best_filled(rows, at) };
            let place = self.winners.attributes.get_mut(at).and_then(|(_, of)| of.get_mut(set));
            if let Some(place) = place {
                *place = given.unwrap_or(winner);
            }
        }
    }

    fn best(&self, rows: &[u32], prefer: Prefer) -> Option<u32> {
        let merits = rows.iter().map(|row| (self.merit(*row, prefer), *row));
        let best = merits.reduce(|best, next| if next.0.at_least(&best.0) { next } else { best });
        best.map(|(_, row)| row)
    }

    /// The best of the rows that have a value.
    fn best_filled(&self, rows: &[u32], preference: usize) -> Option<u32> {
        let filled = self.given.get(preference)?;
        let prefer = self.preferences.get(preference)?.1;
        let rows: Vec<u32> = rows.iter().copied().filter(|row| filled.record(self.records, *row)).collect();
        self.best(&rows, prefer)
    }

    fn merit(&self, row: u32, prefer: Prefer) -> Merit {
        match prefer {
            Prefer::MostFilled => {
                Merit::Filled(self.filled.as_ref().map_or(0, |counts| counts.record(self.records, row)))
            }
            Prefer::MostRecent(column) => Merit::Latest(self.age(row, column)),
            Prefer::LeastRecent(column) => Merit::Earliest(self.age(row, column)),
        }
    }

    fn age(&self, row: u32, column: usize) -> Option<Age> {
        let at = self.records.rows.get(row as usize)?;
        let (_, arrays) = self.ages.iter().find(|it| it.0 == column)?;
        arrays.get(at.batch as usize)?.as_ref()?.age(at.row as usize)
    }
}

impl Merit {
    fn at_least(&self, other: &Self) -> bool {
        let known = |one: &Option<Age>, other: &Option<Age>, worse: Ordering| match (one, other) {
            (Some(one), Some(other)) => one.compare(*other) != worse,
            (one, other) => one.is_some() || other.is_none(),
        };
        match (self, other) {
            (Self::Filled(one), Self::Filled(other)) => one >= other,
            (Self::Latest(one), Self::Latest(other)) => known(one, other, Ordering::Less),
            (Self::Earliest(one), Self::Earliest(other)) => known(one, other, Ordering::Greater),
            _ => false,
        }
    }
}
