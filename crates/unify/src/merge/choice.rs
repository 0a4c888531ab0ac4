//! The policies: which source gives an attribute of the profile its value, or a group of attributes their values.

use std::collections::HashMap;

use arrow::array::{ArrayRef, new_null_array};
use arrow::datatypes::DataType;

use super::Unification;
use super::gather::{Pick, Pool};
use super::key::{Key, key};
use super::rows::Rows;
use crate::error::UnifyError;
use crate::plan::{AttributePlan, Policy, SourceAttribute};
use crate::records::RowAt;
use crate::values::{Age, TypedArray};

/// Attributes of the profile that are chosen together: mostly one.
pub(super) struct Unit<'a> {
    unification: Unification<'a>,
    rows: &'a Rows,
    policy: Policy,
    attributes: Vec<Attribute<'a>>,
    /// For every source what tells how recent its rows are, where the policy asks.
    ages: Vec<Option<Ages<'a>>>,
}

struct Attribute<'a> {
    plan: &'a AttributePlan,
    pool: Pool,
    /// For every source the places of its values, row by row.
    places: Vec<&'a [RowAt]>,
}

struct Ages<'a> {
    arrays: Vec<Option<TypedArray<'a>>>,
    places: &'a [RowAt],
}

/// Where the values of a row come from: the source, and the place of its values where it is not the winner's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Chosen {
    source: u32,
    at: Option<RowAt>,
}

impl<'a> Unit<'a> {
    pub(super) fn new(
        unification: Unification<'a>,
        rows: &'a Rows,
        attributes: &[&'a AttributePlan],
    ) -> Result<Self, UnifyError> {
        let first = attributes.first();
        let sources = first.map_or(&[][..], |first| &first.sources);
        let ages = sources.iter().map(|source| {
            let arrays = unification.records.get(source.entity)?.typed(source.recency?);
            Some(Ages { arrays, places: rows.places(source.entity, source.recency?) })
        });
        let made = attributes.iter().map(|plan| Attribute::new(unification, rows, plan));
        Ok(Self {
            unification,
            rows,
            policy: first.map_or(Policy::Importance, |first| first.policy),
            ages: ages.collect(),
            attributes: made.collect::<Result<_, _>>()?,
        })
    }

    /// Where the values of a row come from; none where no source has any.
    pub(super) fn choose(&self, row: usize) -> Option<Chosen> {
        let filled = |source: &usize| self.attributes.iter().any(|it| it.own(*source, row).is_some());
        let mut sources = (0..self.sources().len()).filter(filled);
        let source = match self.policy {
            Policy::Importance => sources.next(),
            Policy::MostRecent => self.by_age(sources, row, std::cmp::Ordering::Greater),
            Policy::LeastRecent => self.by_age(sources, row, std::cmp::Ordering::Less),
            Policy::MostFrequent => return self.most_frequent(row),
        };
        source.map(|source| Chosen { source: source as u32, at: None })
    }

    /// The value of a single attribute that is taken by importance.
    pub(super) fn first(&self, row: usize) -> Option<Pick> {
        match (self.policy, self.attributes.as_slice()) {
            (Policy::Importance, [only]) => (0..only.places.len()).find_map(|source| only.own(source, row)),
            _ => None,
        }
    }

    /// The value of one attribute of the unit.
    pub(super) fn value(&self, attribute: usize, row: usize, chosen: Chosen) -> Option<Pick> {
        let attribute = self.attributes.get(attribute)?;
        match chosen.at {
            Some(at) => attribute.pool.pick(chosen.source as usize, at),
            None => attribute.own(chosen.source as usize, row),
        }
    }

    /// Picked values of one attribute of the unit as a column.
    pub(super) fn column(
        &self,
        attribute: usize,
        rows: usize,
        picks: impl Iterator<Item = Option<Pick>>,
    ) -> Result<ArrayRef, UnifyError> {
        match self.attributes.get(attribute) {
            Some(attribute) => attribute.pool.column(picks),
            None => Ok(new_null_array(&DataType::Null, rows)),
        }
    }

    fn sources(&self) -> &'a [SourceAttribute] {
        self.attributes.first().map_or(&[], |first| &first.plan.sources)
    }

    /// The source whose row is furthest in one direction. Rows of unknown age come last; of equally old ones the
    /// first source wins.
    fn by_age(
        &self,
        sources: impl Iterator<Item = usize>,
        row: usize,
        better: std::cmp::Ordering,
    ) -> Option<usize> {
        let age = |source: usize| -> Option<Age> {
            let ages = self.ages.get(source)?.as_ref()?;
            let at = ages.places.get(row)?;
            ages.arrays.get(at.batch as usize)?.as_ref()?.age(at.row as usize)
        };
        let wins = |next: Option<Age>, best: Option<Age>| match (next, best) {
            (Some(next), Some(best)) => next.compare(best) == better,
            (next, best) => next.is_some() && best.is_none(),
        };
        let aged = sources.map(|source| (source, age(source)));
        let best = aged.reduce(|best, next| if wins(next.1, best.1) { next } else { best });
        best.map(|(source, _)| source)
    }

    /// The values that most rows of the profile have, winners or not. Of equally frequent ones the first source
    /// wins, then its winner, then the largest primary key.
    fn most_frequent(&self, row: usize) -> Option<Chosen> {
        let mut seen: HashMap<Vec<Key<'_>>, usize> = HashMap::new();
        let mut found: Vec<(u32, Chosen)> = Vec::new();
        for (source, attribute) in self.sources().iter().enumerate() {
            for at in self.all_places(attribute.entity, row) {
                let picks = self.attributes.iter().map(|it| it.pool.pick(source, at));
                let picks: Vec<Option<Pick>> = picks.collect();
                if picks.iter().all(Option::is_none) {
                    continue;
                }
                let keys = picks.iter().zip(&self.attributes).map(|(pick, it)| key(&it.pool, *pick));
                let place = *seen.entry(keys.collect()).or_insert(found.len());
                match found.get_mut(place) {
                    Some((count, _)) => *count += 1,
                    None => found.push((1, Chosen { source: source as u32, at: Some(at) })),
                }
            }
        }
        let best = found.into_iter().reduce(|best, next| if next.0 > best.0 { next } else { best });
        best.map(|(_, chosen)| chosen)
    }

    /// All rows of an entity in the profile: the winner, then the others from the largest primary key down.
    fn all_places(&self, entity: usize, row: usize) -> impl Iterator<Item = RowAt> {
        let winner = self.rows.winners(entity).get(row).copied().filter(|at| *at != RowAt::NONE);
        let members = self.unification.members_of(self.rows.profile(row), entity);
        let records = self.unification.records.get(entity);
        let place = move |record: &u32| records?.rows.get(*record as usize).copied();
        let others = members.iter().rev().map(|(_, record)| record).filter_map(place);
        winner.into_iter().chain(others.filter(move |at| Some(*at) != winner))
    }
}

impl<'a> Attribute<'a> {
    fn new(
        unification: Unification<'a>,
        rows: &'a Rows,
        plan: &'a AttributePlan,
    ) -> Result<Self, UnifyError> {
        let sources = plan.sources.iter();
        let columns: Option<Vec<_>> =
            sources.map(|it| Some((unification.records.get(it.entity)?, it.column))).collect();
        let pool = Pool::new(&columns.unwrap_or_default(), &plan.data_type)?;
        let places = plan.sources.iter().map(|it| rows.places(it.entity, it.column)).collect();
        Ok(Self { plan, pool, places })
    }

    /// The value of a source in a row, if it is filled.
    fn own(&self, source: usize, row: usize) -> Option<Pick> {
        self.pool.pick(source, *self.places.get(source)?.get(row)?)
    }
}
