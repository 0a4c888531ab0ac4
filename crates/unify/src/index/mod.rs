//! An index of a unification: it is kept between refreshes, and finds what rows that come, change or go do to the
//! profiles without looking at the others.
//!
//! Its result is that of a whole run over the rows as they are now. What a change can touch is found by the values of
//! the rows, old and new: records that share the exact values of a rule with them, records of a value that becomes too
//! frequent or stops to be, and the units and links around those. They are taken apart and put together again; all
//! else stays.

mod at;
mod columns;
mod crowding;
mod decided;
mod delta;
mod links;
mod people;
mod postings;
mod profiles;
mod regroup;
mod relink;
mod rule;
mod units;

use std::collections::{BTreeMap, BTreeSet};

use tokio_util::sync::CancellationToken;

pub use delta::{Change, Delta, Member};

use self::at::{At, Map, Set};
use self::columns::{Columns, Edit};
use self::decided::Decided;
use self::links::Link;
use self::people::People;
use self::profiles::{Before, State};
use self::regroup::Regroup;
use self::relink::Relink;
use self::rule::{Flipped, RuleIndex, Shifts};
use self::units::Units;
use crate::custom::{Listed, NamedRow};
use crate::definition::Unification;
use crate::error::{Problem, UnifyError};
use crate::ids::Pin;
use crate::input::Input;
use crate::limits::Options;
use crate::matching::ALWAYS;
use crate::plan::{Plan, RulePlan};
use crate::records::Records;
use crate::rules::Rule;
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
}

/// What becomes of the blocks of a rule: whether each was refused before.
type Touched = Map<Vec<u32>, bool>;

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
        let solved = solve(unification, &plan, (&records, inputs), (options, pins), &|_| {}, cancel)?;
        let listed = Listed::new(unification, &plan, inputs, pins);
        Ok(Self::of(plan, options.clone(), records, solved, listed))
    }

    fn of(plan: Plan, options: Options, records: Vec<Records>, solved: Solved, listed: Listed) -> Self {
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
        Self { plan, options, columns, own, matching, listed, named, decided, state }
    }

    /// Takes rows in that came, changed or went.
    ///
    /// # Errors
    /// `UnifyError::Invalid` for an entity that is not in the match order, `UnifyError::SchemaMismatch` for a batch
    /// that lacks an attribute. The index is as it was then.
    pub fn apply(&mut self, changes: &[Change]) -> Result<Delta, UnifyError> {
        let edits = self.read(changes)?;
        let born: Set<At> = edits.keys().copied().filter(|at| !self.columns.is_alive(*at)).collect();
        let changed: BTreeMap<At, Edit> = edits
            .iter()
            .filter(|(at, edit)| self.columns.changes(**at, edit))
            .map(|(at, edit)| (*at, edit.clone()))
            .collect();
        let mut before = Before::default();
        let lost = self.decided.marked();
        let (seeds, asking) = self.commit(&changed);
        let entities = self.plan.entities.len();
        let own = compiled(&self.own, &self.plan.deduplication, &self.columns, &self.options);
        let regroup = Regroup { columns: &self.columns, rules: &own, decided: &self.decided };
        let made = regroup.run(&seeds, &mut self.state, &mut before);
        let mut units: Set<At> =
            made.into_iter().chain(asking.iter().map(|at| self.state.units.of(*at))).collect();
        let released = lost.difference(&self.decided.marked()).copied().collect::<Vec<_>>();
        units.extend(released.iter().map(|at| self.state.units.of(*at)));
        units.retain(|unit| self.columns.is_alive(*unit));
        let matching = compiled(&self.matching, &self.plan.rules, &self.columns, &self.options);
        let relink = Relink { columns: &self.columns, rules: &matching, decided: &self.decided };
        let relinked = relink.run(&units, entities, &mut self.state, &mut before);
        // Rows that changed where no rule looks change their profile all the same.
        for at in edits.keys().filter(|at| !changed.contains_key(at)) {
            before.remember(self.state.units.of(*at), &self.state);
        }
        Ok(self.delta(before, &born, &edits, changed.len() as u64, relinked))
    }

    /// What becomes of each record.
    fn read(&mut self, changes: &[Change]) -> Result<BTreeMap<At, Edit>, UnifyError> {
        let mut edits = BTreeMap::new();
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
                    edits.insert(At::new(entity, record), self.columns.deletion(entity));
                }
            }
        }
        edits.retain(|at, edit| edit.alive || self.columns.is_alive(*at));
        Ok(edits)
    }

    /// Carries edits out. Gives the records whose pairs within their entity may be others now, and those that may
    /// find other partners.
    fn commit(&mut self, changed: &BTreeMap<At, Edit>) -> (Vec<At>, Vec<At>) {
        let rules = self.own.len() + self.matching.len();
        let mut shifts: Vec<Shifts> = Vec::new();
        shifts.resize_with(rules, Shifts::default);
        let mut touched: Vec<Touched> = vec![Touched::default(); rules];
        let all = || self.own.iter().chain(&self.matching);
        let note = |columns: &Columns, at: At, by: i64, shifts: &mut [Shifts], touched: &mut [Touched]| {
            for ((rule, shifts), touched) in all().zip(shifts).zip(touched) {
                rule.shift(at, by, &columns.features, shifts, touched);
            }
        };
        for at in changed.keys() {
            note(&self.columns, *at, -1, &mut shifts, &mut touched);
        }
        for (at, edit) in changed {
            self.columns.set(*at, edit);
        }
        for at in changed.keys() {
            note(&self.columns, *at, 1, &mut shifts, &mut touched);
        }
        if changed.keys().any(|at| self.named.contains(&(at.entity, self.columns.key(*at).to_owned()))) {
            self.decided = Decided::new(&self.listed, &self.columns);
        }
        let mut flipped = Vec::with_capacity(rules);
        for (rule, shifts) in self.own.iter_mut().chain(&mut self.matching).zip(&shifts) {
            flipped.push(rule.update(shifts, &self.columns.tables.postings, &self.columns.features));
        }
        let mut seeds: BTreeSet<At> = changed.keys().copied().collect();
        for (rule, flipped) in self.own.iter().zip(&flipped) {
            seeds.extend(self.seeds(rule, flipped));
        }
        let mut asking = BTreeSet::new();
        for ((rule, touched), flipped) in self
            .matching
            .iter()
            .zip(touched.iter().skip(self.own.len()))
            .zip(flipped.iter().skip(self.own.len()))
        {
            self.asking(rule, touched, flipped, &mut asking);
        }
        (seeds.into_iter().collect(), asking.into_iter().collect())
    }

    /// The records of values that a rule of deduplication refuses now and did not, or the other way round.
    fn seeds(&self, rule: &RuleIndex, flipped: &Flipped) -> Vec<At> {
        let (postings, features) = (&self.columns.tables.postings, &self.columns.features);
        let blocks = flipped.blocks.iter().flat_map(|block| rule.asking(block, postings, features));
        let tuples = flipped.tuples.iter().flat_map(|tuple| rule.with_tuple(tuple, postings, features));
        blocks.chain(tuples).map(|record| At::new(rule.on, record)).collect()
    }

    /// The records for which a match rule may find others above than before.
    fn asking(&self, rule: &RuleIndex, touched: &Touched, flipped: &Flipped, asking: &mut BTreeSet<At>) {
        let touched = touched.iter().filter(|(block, refused)| !(**refused && rule.refuses(block)));
        let (postings, features) = (&self.columns.tables.postings, &self.columns.features);
        for block in touched.map(|(block, _)| block).chain(&flipped.blocks) {
            for record in rule.asking(block, postings, features) {
                let at = At::new(rule.on, record);
                // An earlier rule has found a partner, and still does unless its own block is touched.
                let link = self.state.links.get(self.state.units.of(at));
                if link.is_none_or(|link| link.rule >= rule.number) {
                    asking.insert(at);
                }
            }
        }
    }

    /// What has become of the profiles that were remembered.
    fn delta(
        &self,
        before: Before,
        born: &Set<At>,
        edits: &BTreeMap<At, Edit>,
        changed: u64,
        relinked: u64,
    ) -> Delta {
        let mut tops = BTreeSet::new();
        let old = before.profiles.iter().flatten().chain(edits.keys());
        for at in old.filter(|at| self.columns.is_alive(**at)) {
            tops.insert(self.state.top(self.state.units.of(*at)));
        }
        let mut after: Vec<Vec<At>> =
            tops.into_iter().map(|top| self.ordered(self.state.records(top))).collect();
        let mut old: Vec<Vec<At>> = before.profiles;
        old.iter_mut().for_each(|profile| profile.retain(|at| !born.contains(at)));
        let mut old: Vec<Vec<At>> = old.into_iter().map(|profile| self.ordered(profile)).collect();
        let same: BTreeSet<Vec<At>> = {
            let after: BTreeSet<&Vec<At>> = after.iter().collect();
            let untouched = |profile: &&Vec<At>| profile.iter().all(|at| !edits.contains_key(at));
            old.iter().filter(|it| after.contains(it)).filter(untouched).cloned().collect()
        };
        old.retain(|profile| !same.contains(profile) && self.is_kept(profile));
        after.retain(|profile| !same.contains(profile) && self.is_kept(profile));
        let named = |profiles: &[Vec<At>]| {
            let mut named: Vec<Vec<Member>> = profiles.iter().map(|profile| self.named(profile)).collect();
            named.sort_unstable();
            named
        };
        Delta { before: named(&old), after: named(&after), changed, relinked }
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
