//! An index of a unification: it is kept between refreshes, and finds what rows that come, change or go do to the
//! profiles without looking at the others.
//!
//! Its result is that of a whole run over the rows as they are now. What a change can touch is found by the values of
//! the rows, old and new: records that share the exact values of a rule with them, records of a value that becomes too
//! frequent or stops to be, and the units and links around those. They are taken apart and put together again; all
//! else stays.

mod at;
mod columns;
mod counts;
mod crowding;
mod decided;
mod delta;
mod hits;
mod links;
mod people;
mod postings;
mod profiles;
mod regroup;
mod relink;
mod rule;
mod units;
mod whole;

use std::collections::{BTreeMap, BTreeSet, HashSet};

use tokio_util::sync::CancellationToken;

pub use delta::{Change, Delta, Member};

use self::at::{At, Map, Set};
use self::columns::{Columns, Edit};
use self::crowding::{Flips, Shift};
use self::decided::Decided;
use self::hits::Hits;
use self::links::Link;
use self::people::People;
use self::profiles::{Before, State};
use self::regroup::Regroup;
use self::relink::Relink;
use self::rule::RuleIndex;
use self::units::Units;
use crate::custom::{Listed, NamedRow};
use crate::definition::Unification;
use crate::error::{Problem, UnifyError};
use crate::ids::{Identity, Pin};
use crate::input::Input;
use crate::limits::Options;
use crate::matching::ALWAYS;
use crate::plan::{Plan, RulePlan};
use crate::probabilistic::Question;
use crate::records::Records;
use crate::rules::{Counts, Rule};
use crate::solve::{Solved, solve};

/// A unification that follows changes of its rows.
#[derive(Debug)]
pub struct Index {
    plan: Plan,
    options: Options,
    columns: Columns,
    /// The rules of deduplication and of match that are used.
    own: Vec<RuleIndex>,
    matching: Vec<RuleIndex>,
    listed: Listed,
    /// The rows that lists and pins name.
    named: BTreeSet<NamedRow>,
    decided: Decided,
    state: State,
    hits: Hits,
    /// For each match rule, by its place, the partners that decisions have refused.
    refused: Map<u32, u64>,
}

impl Index {
    /// Unifies the inputs, and keeps what is needed to follow their changes. Lists of pairs, of aliases and of
    /// bypassed values are read once: when they change, the index has to be made anew.
    ///
    /// # Errors
    /// Those of `run`.
    pub fn new(
        unification: &Unification,
        inputs: &[Input],
        options: &Options,
        pins: &[Pin],
        cancel: &CancellationToken,
    ) -> Result<Self, UnifyError> {
        let plan = Plan::new(unification, inputs, &options.limits)?;
        let read = |entity: &crate::plan::EntityPlan| {
            inputs.get(entity.input).map(|input| Records::read(input, entity, &options.limits))
        };
        let records = plan.entities.iter().filter_map(read).collect::<Result<Vec<_>, _>>()?;
        let identity = Identity { pins: pins.to_vec(), ..Identity::default() };
        let question = Question { unification, inputs, identity: &identity, keep: false };
        let solved = solve(question, (&plan, &records), options, &|_| {}, cancel)?;
        let listed = Listed::new(unification, &plan, inputs, pins);
        Ok(Self::of(plan, options.clone(), records, solved, listed))
    }

    /// The index of what a whole run has found.
    pub(crate) fn of(
        plan: Plan,
        options: Options,
        records: Vec<Records>,
        solved: Solved,
        listed: Listed,
    ) -> Self {
        let sizes: Vec<usize> = records.iter().map(Records::len).collect();
        let state = state(&sizes, &solved);
        let mut people = Vec::new();
        let mut attributes = Vec::new();
        for records in records {
            attributes.push(records.schema.fields().iter().map(|field| field.name().clone()).collect());
            people.push(People::new(records.into_keys()));
        }
        let mut columns = Columns::new(&plan, attributes, people, solved.features, solved.forms);
        let size = |entity: usize| sizes.get(entity).copied().unwrap_or(0);
        let mut rules = |plans: &[RulePlan]| -> Vec<RuleIndex> {
            let active = (0u32..).zip(plans).filter(|(_, plan)| plan.active);
            let Columns { features, tables, .. } = &mut columns;
            active
                .filter_map(|(number, plan)| {
                    RuleIndex::new(number, plan, features, tables, &size, options.limits.sharing)
                })
                .collect()
        };
        let (own, matching) = (rules(&plan.deduplication), rules(&plan.rules));
        let decided = Decided::new(&listed, &columns);
        let pairs = listed.always.iter().chain(&listed.never).flat_map(|(one, other)| [one, other]);
        let named = pairs.chain(listed.pins.values().flatten()).cloned().collect();
        let refused = matching.iter().zip(&solved.links.rules).map(|(rule, it)| (rule.number, it.refused));
        let refused = refused.collect();
        let hits = Hits::new(solved.groups.into_hits());
        Self { plan, options, columns, own, matching, listed, named, decided, state, hits, refused }
    }

    /// Takes rows in that came, changed or went.
    ///
    /// # Errors
    /// `UnifyError::Invalid` for an entity that is not in the match order, `UnifyError::SchemaMismatch` for a batch
    /// that lacks an attribute. The index is as it was then.
    pub fn apply(&mut self, changes: &[Change]) -> Result<Delta, UnifyError> {
        let edits = self.read(changes)?;
        self.own.iter_mut().chain(&mut self.matching).for_each(|rule| rule.counts = Counts::default());
        let born: Set<At> =
            edits.iter().map(|edit| edit.0).filter(|at| !self.columns.is_alive(*at)).collect();
        let (changed, same): (Vec<_>, Vec<_>) =
            edits.into_iter().partition(|(at, edit)| self.columns.changes(*at, edit));
        let mut before = Before::default();
        let lost = self.decided.marked();
        let (seeds, asking) = self.commit(&changed);
        let own = compiled(&self.own, &self.plan.deduplication, &self.columns, &self.options);
        let regroup = Regroup { columns: &self.columns, rules: &own, decided: &self.decided };
        let (made, scores) = regroup.run(&seeds, &self.hits, &mut self.state, &mut before);
        self.hits.set(scores);
        let kept = self.decided.marked();
        let released = lost.difference(&kept).chain(&asking).map(|at| self.state.units.of(*at));
        let mut units: Set<At> = made.into_iter().chain(released).collect();
        units.retain(|unit| self.columns.is_alive(*unit));
        let matching = compiled(&self.matching, &self.plan.rules, &self.columns, &self.options);
        let relink = Relink { columns: &self.columns, rules: &matching, decided: &self.decided };
        let (relinked, refused) = relink.run(&units, self.plan.entities.len(), &mut self.state, &mut before);
        self.refused = refused;
        // Rows that changed where no rule looks change their profile all the same.
        for (at, _) in &same {
            before.remember(self.state.units.of(*at), &self.state);
        }
        let touched: Set<At> = changed.iter().chain(&same).map(|edit| edit.0).collect();
        Ok(Delta { changed: changed.len() as u64, relinked, ..self.delta(before, &born, &touched) })
    }

    /// What becomes of each record, in their order.
    fn read(&mut self, changes: &[Change]) -> Result<Vec<(At, Edit)>, UnifyError> {
        let mut edits = Vec::new();
        for change in changes {
            let entity = self.plan.entities.iter().position(|entity| entity.name == change.entity);
            let Some(entity) = entity else {
                let (place, entity) = ("a change".to_owned(), change.entity.clone());
                return Err(UnifyError::Invalid(vec![Problem::EntityNotOrdered { place, entity }]));
            };
            for batch in &change.upserts {
                self.columns.read(entity, batch, &mut edits).map_err(|error| match error {
                    UnifyError::SchemaMismatch { attribute, .. } => {
                        UnifyError::SchemaMismatch { entity: change.entity.clone(), attribute }
                    }
                    other => other,
                })?;
            }
            for key in &change.deletes {
                let known = self.columns.people.get(entity).and_then(|people| people.find(key));
                if let Some(record) = known {
                    edits.push((At::new(entity, record), self.columns.deletion(entity)));
                }
            }
        }
        // Of several edits of one record the last counts.
        edits.reverse();
        edits.sort_by_key(|edit| edit.0);
        edits.dedup_by_key(|edit| edit.0);
        edits.retain(|(at, edit)| edit.alive || self.columns.is_alive(*at));
        Ok(edits)
    }

    /// Carries edits out. Gives the records whose pairs within their entity may be others now, and those that may
    /// find other partners.
    fn commit(&mut self, changed: &[(At, Edit)]) -> (Vec<At>, Vec<At>) {
        let mut shifts: Vec<Shift> = vec![Shift::default(); self.columns.tables.crowds.len()];
        self.shift(changed, -1, &mut shifts);
        for (at, edit) in changed {
            self.columns.set(*at, edit);
        }
        self.shift(changed, 1, &mut shifts);
        let is_named = |at: &At| self.named.contains(&(at.entity, self.columns.key(*at).to_owned()));
        if !self.named.is_empty() && changed.iter().any(|(at, _)| is_named(at)) {
            self.decided = Decided::new(&self.listed, &self.columns);
        }
        let Columns { tables, features, .. } = &mut self.columns;
        let crowds = tables.crowds.iter_mut().zip(&shifts);
        let flips: Vec<Flips> =
            crowds.map(|(crowd, shift)| crowd.update(shift, &tables.postings, features)).collect();
        let mut seeds: Vec<At> = changed.iter().map(|edit| edit.0).collect();
        for rule in &self.own {
            self.seeds(rule, &flips, &mut seeds);
        }
        let mut asking = Vec::new();
        for rule in &self.matching {
            self.asking(rule, &shifts, &flips, &mut asking);
        }
        for all in [&mut seeds, &mut asking] {
            all.sort_unstable();
            all.dedup();
        }
        (seeds, asking)
    }

    fn shift(&self, changed: &[(At, Edit)], by: i64, shifts: &mut [Shift]) {
        for (crowd, shift) in self.columns.tables.crowds.iter().zip(shifts) {
            for (at, _) in changed {
                crowd.shift(*at, by, &self.columns.features, shift);
            }
        }
    }

    /// The records of values that a rule of deduplication refuses now and did not, or the other way round.
    fn seeds(&self, rule: &RuleIndex, flips: &[Flips], seeds: &mut Vec<At>) {
        let flipped = |crowd: Option<usize>| crowd.and_then(|crowd| flips.get(crowd)).into_iter().flatten();
        for block in flipped(Some(rule.block)) {
            seeds.extend(rule.asking(block, &self.columns).map(|record| At::new(rule.on, record)));
        }
        for tuple in flipped(rule.tuple) {
            seeds.extend(
                rule.with_tuple(tuple, &self.columns).into_iter().map(|record| At::new(rule.on, record)),
            );
        }
    }

    /// The records for which a match rule may find others above than before.
    fn asking(&self, rule: &RuleIndex, shifts: &[Shift], flips: &[Flips], asking: &mut Vec<At>) {
        let shifted = shifts.get(rule.block).into_iter().flatten();
        let touched =
            shifted.filter(|(block, (_, refused))| !(*refused && rule.refuses(block, &self.columns)));
        let flipped = flips.get(rule.block).into_iter().flatten();
        for block in touched.map(|(block, _)| block).chain(flipped) {
            for record in rule.asking(block, &self.columns) {
                let at = At::new(rule.on, record);
                // An earlier rule has found a partner, and still does unless its own block is touched.
                let link = self.state.links.get(self.state.units.of(at));
                if link.is_none_or(|link| link.rule >= rule.number) {
                    asking.push(at);
                }
            }
        }
    }

    /// What has become of the profiles that were remembered.
    fn delta(&self, before: Before, born: &Set<At>, touched: &Set<At>) -> Delta {
        let mut tops: Vec<At> = before.profiles.iter().flatten().chain(touched).copied().collect();
        tops.retain(|at| self.columns.is_alive(*at));
        tops.iter_mut().for_each(|at| *at = self.state.top(self.state.units.of(*at)));
        tops.sort_unstable();
        tops.dedup();
        let mut after = self.in_order(tops.into_iter().map(|top| self.state.records(top)).collect());
        let mut old = before.profiles;
        old.iter_mut().for_each(|profile| profile.retain(|at| !born.contains(at)));
        let mut old = self.in_order(old);
        let is_touched = |profile: &Vec<At>| profile.iter().any(|at| touched.contains(at));
        let same: HashSet<Vec<At>> = {
            let after: HashSet<&Vec<At>> = after.iter().collect();
            let stays = |profile: &&Vec<At>| !is_touched(profile) && after.contains(profile);
            old.iter().filter(stays).cloned().collect()
        };
        old.retain(|profile| !same.contains(profile) && self.is_kept(profile));
        after.retain(|profile| !same.contains(profile) && self.is_kept(profile));
        let named = |profiles: &[Vec<At>]| profiles.iter().map(|profile| self.named(profile)).collect();
        Delta { before: named(&old), after: named(&after), ..Delta::default() }
    }

    /// Profiles in the order of their first records, and their records in order.
    fn in_order(&self, profiles: Vec<Vec<At>>) -> Vec<Vec<At>> {
        let mut profiles: Vec<Vec<At>> = profiles.into_iter().map(|profile| self.ordered(profile)).collect();
        profiles.retain(|profile| !profile.is_empty());
        profiles.sort_by(|one, other| match (one.first(), other.first()) {
            (Some(one), Some(other)) => self.columns.compare(one, other),
            _ => one.len().cmp(&other.len()),
        });
        profiles
    }

    fn ordered(&self, mut profile: Vec<At>) -> Vec<At> {
        profile.sort_by(|one, other| self.columns.compare(one, other));
        profile
    }

    fn named(&self, profile: &[At]) -> Vec<Member> {
        let member = |at: &At| Member { entity: at.entity as usize, key: self.columns.key(*at).to_owned() };
        profile.iter().map(member).collect()
    }

    /// Whether a profile is one: rows of a single entity are when that entity includes all its rows.
    fn is_kept(&self, profile: &[At]) -> bool {
        let (Some(first), Some(last)) = (profile.first(), profile.last()) else { return false };
        let includes = |at: &At| self.plan.entities.get(at.entity as usize).is_some_and(|it| it.include_all);
        first.entity != last.entity || includes(first)
    }

    /// All profiles: the rows of each, by match order of the entity and primary key.
    pub fn profiles(&self) -> Vec<Vec<Member>> {
        let mut profiles = Vec::new();
        for entity in 0..self.plan.entities.len() {
            for record in 0..self.columns.len(entity) as u32 {
                let at = At::new(entity, record);
                let is_top = self.state.units.of(at) == at && self.state.links.get(at).is_none();
                if is_top && self.columns.is_alive(at) {
                    let profile = self.ordered(self.state.records(at));
                    profiles.extend(self.is_kept(&profile).then(|| self.named(&profile)));
                }
            }
        }
        profiles.sort_unstable();
        profiles
    }
}

#[cfg(test)]
impl Index {
    /// All links: unit's record, rule, record above, score and number of candidates.
    pub(crate) fn links(&self) -> Vec<(Member, u32, Member, String, u64)> {
        let member = |at: At| self.named(&[at]).remove(0);
        let mut links = Vec::new();
        for entity in 0..self.plan.entities.len() {
            for record in 0..self.columns.len(entity) as u32 {
                let at = At::new(entity, record);
                if let Some(link) = self.state.links.get(at) {
                    let Link { rule, left, right, score, candidates } = *link;
                    links.push((member(right), rule, member(left), score.to_string(), candidates));
                }
            }
        }
        links.sort();
        links
    }
}

/// Units and links as a whole run has found them.
fn state(sizes: &[usize], solved: &Solved) -> State {
    let mut state = State { units: Units::new(sizes), ..State::default() };
    let mut sets = solved.units.clone();
    let place = |number: u32| {
        let (entity, record) = solved.space.place(number);
        At { entity, record }
    };
    let mut units: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for number in 0..solved.space.len() as u32 {
        let first = sets.find(number);
        if first != number {
            units.entry(first).or_insert_with(|| vec![first]).push(number);
        }
    }
    for members in units.into_values() {
        state.units.make(members.into_iter().map(place).collect());
    }
    for number in solved.groups.disputed() {
        state.units.set_disputed(state.units.of(place(*number)), true);
    }
    for (entity, groups) in solved.links.of.iter().enumerate() {
        for link in groups.iter().flatten().filter(|link| link.rule != ALWAYS) {
            let right = At::new(entity, link.right);
            let left = At { entity: link.left.0, record: link.left.1 };
            let (rule, score, candidates) = (link.rule, link.score, link.candidates);
            state.links.set(state.units.of(right), Some(Link { rule, left, right, score, candidates }));
        }
    }
    state
}

/// The rules with the columns as they are now.
fn compiled<'a>(
    rules: &'a [RuleIndex],
    plans: &'a [RulePlan],
    columns: &'a Columns,
    options: &Options,
) -> Vec<(&'a RuleIndex, Rule<'a>)> {
    let rule = |index: &'a RuleIndex| {
        let plan = plans.get(index.number as usize)?;
        let sizes = |entity: usize| columns.len(entity);
        Some((index, Rule::new(plan, &columns.features, sizes, options.limits.fuzzy_chars)?))
    };
    rules.iter().filter_map(rule).collect()
}
