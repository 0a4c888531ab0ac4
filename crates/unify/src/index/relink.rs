//! Match for units whose partners may be others now.

use super::at::{At, Map, Set};
use super::columns::Columns;
use super::decided::{Decided, Mark};
use super::links::Link;
use super::profiles::{Before, State};
use super::rule::RuleIndex;
use crate::rules::{Rule, Scratch};

/// The match rules, and what they work on.
pub(super) struct Relink<'a> {
    pub(super) columns: &'a Columns,
    pub(super) rules: &'a [(&'a RuleIndex, Rule<'a>)],
    pub(super) decided: &'a Decided,
}

/// A record above that fulfils a rule with a unit.
#[derive(Debug, Clone, Copy)]
struct Candidate {
    unit: At,
    left: At,
    right: At,
    score: f64,
    count: u64,
}

impl Relink<'_> {
    /// Finds the partners of units again, entity by entity, and gives how many looked, and for the rules, by their
    /// numbers, how many partners decisions have refused.
    pub(super) fn run(
        &self,
        units: &Set<At>,
        entities: usize,
        state: &mut State,
        before: &mut Before,
    ) -> (u64, Map<u32, u64>) {
        let marked: Set<At> = self.decided.marked().into_iter().map(|at| state.units.of(at)).collect();
        let mut by_entity: Vec<(Vec<At>, Vec<At>)> = vec![Default::default(); entities];
        for unit in units.union(&marked) {
            let highest = state.units.members(unit).iter().map(|it| it.entity).min().unwrap_or(0);
            if let Some((free, held)) = by_entity.get_mut(highest as usize) {
                if marked.contains(unit) { held.push(*unit) } else { free.push(*unit) }
            }
        }
        let mut scratch = Scratch::default();
        let mut marks = Map::default();
        let mut refused = Map::default();
        for (entity, (free, held)) in by_entity.iter().enumerate() {
            for unit in free {
                let link = self.first_rule(entity, *unit, state, &mut scratch);
                self.set(*unit, link, state, before);
            }
            for (rule, count) in self.together(entity, held, state, before, &mut marks, &mut scratch) {
                refused.insert(rule, count);
            }
        }
        (by_entity.iter().map(|(free, held)| (free.len() + held.len()) as u64).sum(), refused)
    }

    fn set(&self, unit: At, link: Option<Link>, state: &mut State, before: &mut Before) {
        if state.links.get(unit) == link.as_ref() {
            return;
        }
        before.remember(unit, state);
        if let Some(link) = &link {
            before.remember(state.units.of(link.left), state);
        }
        state.links.set(unit, link);
    }

    fn rules(&self, entity: usize) -> impl Iterator<Item = &(&RuleIndex, Rule<'_>)> {
        self.rules.iter().filter(move |(index, _)| index.on == entity)
    }

    /// The link of a unit about which nothing was decided.
    fn first_rule(&self, entity: usize, unit: At, state: &State, scratch: &mut Scratch) -> Option<Link> {
        self.rules(entity).find_map(|(index, rule)| {
            let candidates = self.candidates(index, rule, unit, state, scratch);
            let best = candidates
                .into_iter()
                .reduce(|best, next| if self.better(&next, &best) { next } else { best })?;
            Some(link(index.number, &best))
        })
    }

    fn better(&self, one: &Candidate, other: &Candidate) -> bool {
        let by_left = || self.columns.compare(&one.left, &other.left).is_lt();
        one.score > other.score || (one.score == other.score && by_left())
    }

    /// The records above that fulfil a rule with a unit, each once with its best score.
    fn candidates(
        &self,
        index: &RuleIndex,
        rule: &Rule<'_>,
        unit: At,
        state: &State,
        scratch: &mut Scratch,
    ) -> Vec<Candidate> {
        let mut found: Vec<Candidate> = Vec::new();
        let members = state.units.members(&unit).iter();
        let mut rights: Vec<At> = members.copied().filter(|it| it.entity as usize == index.on).collect();
        rights.sort_by(|one, other| self.columns.compare(one, other));
        for right in &rights {
            index.partners(right.record, rule, self.columns, scratch, |left, score| {
                found.push(Candidate { unit, left, right: *right, score, count: 0 });
            });
        }
        if rights.len() > 1 {
            // The sort is stable: of equal scores the first record of the unit stays in front.
            found.sort_by(|a, b| a.left.cmp(&b.left).then(b.score.total_cmp(&a.score)));
            found.dedup_by_key(|candidate| candidate.left);
        }
        let count = found.len() as u64;
        found.iter_mut().for_each(|candidate| candidate.count = count);
        found
    }

    /// The links of all units of an entity about which something was decided: the best pairs come first, and those
    /// that decisions forbid are passed over; they are counted for each rule. `marks` holds the decisions of profiles,
    /// by their topmost units.
    fn together(
        &self,
        entity: usize,
        units: &[At],
        state: &mut State,
        before: &mut Before,
        marks: &mut Map<At, Mark>,
        scratch: &mut Scratch,
    ) -> Vec<(u32, u64)> {
        let mut refused = Vec::new();
        let mut open: Set<At> = units.iter().copied().collect();
        for (index, rule) in self.rules(entity) {
            let mut candidates = Vec::new();
            for unit in units.iter().filter(|unit| open.contains(unit)) {
                candidates.extend(self.candidates(index, rule, *unit, state, scratch));
            }
            let first = |unit: At| {
                let members = state.units.members(&unit).iter().copied();
                members.min_by(|one, other| self.columns.compare(one, other)).unwrap_or(unit)
            };
            candidates.sort_by(|a, b| {
                let lefts = || self.columns.compare(&a.left, &b.left);
                let units = || self.columns.compare(&first(a.unit), &first(b.unit));
                b.score.total_cmp(&a.score).then_with(lefts).then_with(units)
            });
            let mut passed = 0;
            for candidate in candidates {
                let unit = candidate.unit;
                if !open.contains(&unit) {
                    continue;
                }
                let own = self.decided.mark(state.units.members(&unit));
                let mark = marks.entry(state.top(state.units.of(candidate.left))).or_default();
                if self.decided.allows(mark, &own) {
                    mark.join(own);
                    open.remove(&unit);
                    self.set(unit, Some(link(index.number, &candidate)), state, before);
                } else {
                    passed += 1;
                }
            }
            refused.push((index.number, passed));
        }
        for unit in units.iter().filter(|unit| open.contains(unit)) {
            self.set(*unit, None, state, before);
            marks.entry(*unit).or_default().join(self.decided.mark(state.units.members(unit)));
        }
        refused
    }
}

fn link(rule: u32, best: &Candidate) -> Link {
    Link { rule, left: best.left, right: best.right, score: best.score, candidates: best.count }
}
