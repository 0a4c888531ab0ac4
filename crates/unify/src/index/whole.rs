//! What a whole run over the rows would have found, from what an index keeps.

use super::Index;
use super::at::At;
use super::people::People;
use crate::custom::Decisions;
use crate::deduplication::{EntityGroups, Groups};
use crate::matching::{ALWAYS, Link, Links};
use crate::records::Records;
use crate::sets::Sets;
use crate::solve::Found;
use crate::space::Space;

/// Groups, links and profiles over records that are numbered by their keys.
#[derive(Debug)]
pub(crate) struct Whole {
    groups: Groups,
    links: Links,
    sets: Sets,
    space: Space,
    decisions: Decisions,
}

impl Whole {
    pub(crate) fn found(&mut self) -> Found<'_> {
        let Self { groups, links, sets, space, decisions } = self;
        Found { groups, links, probabilistic: None, sets, space, warnings: &decisions.warnings }
    }

    /// The decisions of people, and the profiles, which may grow by what the decisions allow.
    pub(crate) fn decided(&mut self) -> (&Decisions, &mut Sets) {
        let mut sets = Sets::new(self.space.len(), &self.decisions);
        for number in 0..self.space.len() as u32 {
            sets.union(self.sets.find(number), number);
        }
        self.sets = sets;
        (&self.decisions, &mut self.sets)
    }
}

/// How the records of the index are numbered by their keys.
pub(super) struct Numbering {
    /// For each entity and number the record of the index.
    pub(super) own: Vec<Vec<u32>>,
    /// For each entity and record of the index its number; none for those that are deleted.
    numbers: Vec<Vec<Option<u32>>>,
}

impl Numbering {
    fn new(people: &[People], records: &[Records]) -> Self {
        let mut numbering = Self { own: Vec::new(), numbers: Vec::new() };
        for (people, records) in people.iter().zip(records) {
            let mut numbers = vec![None; people.len()];
            let own: Vec<u32> = people.numbers(records).into_iter().map(Option::unwrap_or_default).collect();
            for (number, record) in (0u32..).zip(&own) {
                if let Some(place) = numbers.get_mut(*record as usize) {
                    *place = Some(number);
                }
            }
            numbering.own.push(own);
            numbering.numbers.push(numbers);
        }
        numbering
    }

    /// The number of a record of the index.
    pub(super) fn number(&self, at: At) -> Option<u32> {
        self.numbers.get(at.entity as usize)?.get(at.record as usize).copied().flatten()
    }

    /// The record of the index with a number.
    pub(super) fn at(&self, entity: usize, number: u32) -> At {
        let own = self.own.get(entity).and_then(|own| own.get(number as usize));
        At::new(entity, own.copied().unwrap_or(u32::MAX))
    }
}

impl Index {
    /// What a whole run over records would have found; the index has taken all their changes in. The counts of
    /// pairs that were compared are missing.
    pub(crate) fn whole(&self, records: &[Records]) -> Whole {
        let space = Space::new(records);
        let numbering = Numbering::new(&self.columns.people, records);
        let mut units = self.units(&space, &numbering);
        let mut groups = self.groups(records, &space, &numbering, &mut units);
        let mut sets = units.clone();
        let of: Vec<Vec<Option<Link>>> = (0..records.len())
            .map(|entity| self.links_of(entity, &groups, &space, &numbering, &mut units))
            .collect();
        for (entity, links) in (0u32..).zip(&of) {
            for link in links.iter().flatten() {
                sets.union(space.number(link.left.0, link.left.1), space.number(entity, link.right));
            }
        }
        let mut links = Links { of, rules: Vec::new() };
        groups.rules = self.own_reports(&groups, &numbering);
        links.rules = self.match_reports(&groups, &links, &numbering);
        Whole { groups, links, sets, decisions: self.decisions(records, &space), space }
    }

    /// The sets of records that decisions and deduplication have made.
    fn units(&self, space: &Space, numbering: &Numbering) -> Sets {
        let mut sets = Sets::new(space.len(), &Decisions::default());
        for (entity, own) in (0u32..).zip(&numbering.own) {
            for (number, record) in (0u32..).zip(own) {
                let at = At { entity, record: *record };
                let unit = self.state.units.of(at);
                if let Some(first) = numbering.number(unit).filter(|_| unit != at) {
                    sets.union(space.number(unit.entity, first), space.number(entity, number));
                }
            }
        }
        sets
    }

    fn groups(&self, records: &[Records], space: &Space, numbering: &Numbering, units: &mut Sets) -> Groups {
        let mut entities = Vec::with_capacity(records.len());
        for (entity, records) in records.iter().enumerate() {
            let start = space.number(entity as u32, 0);
            let marks: Vec<u32> = (0..records.len() as u32).map(|it| units.find(start + it)).collect();
            let hits = self.hits.numbered(entity, |record| numbering.number(At::new(entity, record)));
            entities.push(EntityGroups::new(start, &marks, hits));
        }
        Groups::new(entities, Vec::new(), Default::default())
    }

    /// The link of every group of an entity.
    fn links_of(
        &self,
        entity: usize,
        groups: &Groups,
        space: &Space,
        numbering: &Numbering,
        units: &mut Sets,
    ) -> Vec<Option<Link>> {
        let start = space.number(entity as u32, 0);
        let mut link = |group: u32| {
            let right = groups.members(entity, group).first().copied()?;
            let first = units.find(start + right);
            if first < start {
                return Some(Link {
                    rule: ALWAYS,
                    left: space.place(first),
                    right,
                    score: 1.0,
                    candidates: 1,
                });
            }
            let link = self.state.links.get(self.state.units.of(numbering.at(entity, right)))?;
            Some(Link {
                rule: link.rule,
                left: (link.left.entity, numbering.number(link.left)?),
                right: numbering.number(link.right)?,
                score: link.score,
                candidates: link.candidates,
            })
        };
        (0..groups.len(entity) as u32).map(&mut link).collect()
    }

    /// The decisions of people, and which of them could not be followed.
    fn decisions(&self, records: &[Records], space: &Space) -> Decisions {
        let mut decisions = self.listed.among(records);
        if !decisions.is_empty() {
            let mut sets = Sets::new(space.len(), &decisions);
            decisions.join(&self.plan, records, space, &mut sets);
        }
        decisions
    }

    /// For each of an entity's records, by their new numbers, the record of the index; none for those that are new.
    /// Then the records of the index that are no more.
    pub(crate) fn known(&self, entity: usize, records: &Records) -> (Vec<Option<u32>>, Vec<u32>) {
        let Some(people) = self.columns.people.get(entity) else { return Default::default() };
        let alive = |record: &u32| people.is_alive(*record);
        let known: Vec<Option<u32>> =
            people.numbers(records).into_iter().map(|record| record.filter(alive)).collect();
        let mut is_there = vec![false; people.len()];
        for record in known.iter().flatten() {
            if let Some(place) = is_there.get_mut(*record as usize) {
                *place = true;
            }
        }
        let gone = (0..people.len() as u32).filter(alive);
        let gone = gone.filter(|record| is_there.get(*record as usize) == Some(&false)).collect();
        (known, gone)
    }

    /// The primary key of a record of the index.
    pub(crate) fn key(&self, entity: usize, record: u32) -> &str {
        self.columns.key(At::new(entity, record))
    }

    /// The record of the index with a primary key.
    pub(crate) fn record(&self, entity: usize, key: &str) -> Option<u32> {
        self.columns.find(entity, key).map(|at| at.record)
    }
}
