//! Deduplication around records that have changed.

use std::collections::{BTreeMap, VecDeque};

use super::at::{At, Map, Set};
use super::columns::Columns;
use super::decided::Decided;
use super::hits::{Hits, Scores, raise};
use super::profiles::{Before, State};
use super::rule::RuleIndex;
use crate::custom::Decisions;
use crate::rules::{Rule, Scratch};
use crate::sets::Sets;

/// The rules of deduplication, and what they work on.
pub(super) struct Regroup<'a> {
    pub(super) columns: &'a Columns,
    pub(super) rules: &'a [(&'a RuleIndex, Rule<'a>)],
    pub(super) decided: &'a Decided,
}

/// Why two records are one unit.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Edge {
    one: At,
    other: At,
    why: Why,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Why {
    /// By its place among the pairs that always match.
    Always(usize),
    Rule {
        number: u32,
        score: f64,
    },
}

/// The part of the records that a change can touch.
#[derive(Default)]
struct Region {
    /// Records whose pairs are all known.
    probed: Set<At>,
    waiting: VecDeque<At>,
    /// Units that are taken as they are.
    kept: Set<At>,
    edges: Vec<Edge>,
}

impl Regroup<'_> {
    /// Makes the units around records that have changed, and gives the new ones and what the rules found for their
    /// records. `seeds` are such records, deleted ones too, and others whose pairs may be different.
    pub(super) fn run(
        &self,
        seeds: &[At],
        hits: &Hits,
        state: &mut State,
        before: &mut Before,
    ) -> (Vec<At>, Scores) {
        let mut region = Region::default();
        for seed in seeds {
            self.tear(state.units.of(*seed), state, &mut region);
            self.wait(*seed, &mut region);
        }
        let mut scratch = Scratch::default();
        loop {
            while let Some(at) = region.waiting.pop_front() {
                self.probe(at, state, &mut region, &mut scratch);
            }
            // Where decisions keep records apart, every pair counts.
            let kept = self.kept_in_conflict(state, &region);
            if kept.is_empty() {
                break;
            }
            for unit in kept {
                self.tear(unit, state, &mut region);
            }
        }
        let parts = self.parts(state, &mut region);
        let mut old: Vec<At> = region.kept.iter().copied().collect();
        old.extend(seeds.iter().chain(&region.probed).map(|at| state.units.of(*at)));
        old.sort_unstable();
        old.dedup();
        for unit in &old {
            before.remember(*unit, state);
        }
        for unit in old {
            state.links.set(unit, None);
            state.units.dissolve(unit);
        }
        let mut made = Vec::new();
        for (members, disputed) in parts {
            if let Some(unit) = state.units.make(members) {
                state.units.set_disputed(unit, disputed);
                before.is_new(unit);
                made.push(unit);
            }
        }
        (made, scores(&region, hits, state))
    }

    /// Takes a unit apart: the pairs of all its members are looked for.
    fn tear(&self, unit: At, state: &State, region: &mut Region) {
        region.kept.remove(&unit);
        for member in state.units.members(&unit) {
            self.wait(*member, region);
        }
    }

    fn wait(&self, at: At, region: &mut Region) {
        if self.columns.is_alive(at) && region.probed.insert(at) {
            region.waiting.push_back(at);
        }
    }

    fn probe(&self, at: At, state: &State, region: &mut Region, scratch: &mut Scratch) {
        let mut found = Vec::new();
        for (index, rule) in self.rules.iter().filter(|(index, _)| index.on == at.entity as usize) {
            if !index.is_used(at.record, self.columns) {
                continue;
            }
            let why = |score| Why::Rule { number: index.number, score };
            index.partners(at.record, rule, self.columns, scratch, |other, score| {
                found.push((other, why(score)))
            });
        }
        found.extend(self.decided.always(at).iter().map(|(place, other)| (*other, Why::Always(*place))));
        for (other, why) in found.into_iter().filter(|(other, _)| *other != at) {
            let ordered = self.columns.compare(&at, &other).is_le();
            let (one, two) = if ordered { (at, other) } else { (other, at) };
            region.edges.push(Edge { one, other: two, why });
            if region.probed.contains(&other) {
                continue;
            }
            let unit = state.units.of(other);
            if state.units.is_disputed(unit) {
                self.tear(unit, state, region);
            } else {
                region.kept.insert(unit);
            }
        }
    }

    /// The records of the region with numbers, in their order, and the sets that they form without decisions.
    fn loose(&self, state: &State, region: &Region) -> (Vec<At>, Map<At, u32>, Sets) {
        let mut records: Vec<At> = region.probed.iter().copied().collect();
        for unit in &region.kept {
            records.extend(state.units.members(unit).iter().filter(|it| !region.probed.contains(it)));
        }
        records.sort_by(|one, other| self.columns.compare(one, other));
        let numbers: Map<At, u32> = records.iter().copied().zip(0..).collect();
        let mut sets = Sets::new(records.len(), &Decisions::default());
        let mut join = |one: &At, other: &At| {
            if let (Some(one), Some(other)) = (numbers.get(one), numbers.get(other)) {
                sets.union(*one, *other);
            }
        };
        for unit in &region.kept {
            state.units.members(unit).iter().for_each(|member| join(unit, member));
        }
        region.edges.iter().for_each(|edge| join(&edge.one, &edge.other));
        (records, numbers, sets)
    }

    /// The units that are taken as they are, in sets that decisions do not allow.
    fn kept_in_conflict(&self, state: &State, region: &Region) -> Vec<At> {
        if self.decided.is_empty() {
            return Vec::new();
        }
        let (_, numbers, mut sets) = self.loose(state, region);
        let bad = self.conflicts(&numbers, &mut sets);
        let mut set = |unit: &At| numbers.get(unit).map(|number| sets.find(*number));
        region.kept.iter().copied().filter(|unit| set(unit).is_some_and(|set| bad.contains(&set))).collect()
    }

    /// The sets that hold rows which are decided to be different.
    fn conflicts(&self, numbers: &Map<At, u32>, sets: &mut Sets) -> Set<u32> {
        let mut bad = Set::default();
        for (one, other) in &self.decided.decisions.never {
            if let (Some(one), Some(other)) = (numbers.get(one), numbers.get(other)) {
                let set = sets.find(*one);
                if set == sets.find(*other) {
                    bad.insert(set);
                }
            }
        }
        let mut pins: Map<u32, u32> = Map::default();
        for (at, customer) in &self.decided.decisions.pins {
            let Some(number) = numbers.get(at) else { continue };
            let set = sets.find(*number);
            if *pins.entry(set).or_insert(*customer) != *customer {
                bad.insert(set);
            }
        }
        bad
    }

    /// The units of the region, and whether decisions had a part in them.
    fn parts(&self, state: &State, region: &mut Region) -> Vec<(Vec<At>, bool)> {
        let (records, numbers, mut sets) = self.loose(state, region);
        let bad = self.conflicts(&numbers, &mut sets);
        let mut strict = Sets::new(records.len(), &self.decided.local(&numbers));
        if !bad.is_empty() {
            region.edges.sort_by(|one, other| self.best_first(one, other));
            for edge in &region.edges {
                let ends = (numbers.get(&edge.one), numbers.get(&edge.other));
                if let (Some(one), Some(other)) = ends
                    && bad.contains(&sets.find(*one))
                {
                    strict.union(*one, *other);
                }
            }
        }
        let mut parts: BTreeMap<(u32, bool), Vec<At>> = BTreeMap::new();
        for (number, at) in (0u32..).zip(records) {
            let loose = sets.find(number);
            let disputed = bad.contains(&loose);
            let part = if disputed { strict.find(number) } else { loose };
            parts.entry((part, disputed)).or_default().push(at);
        }
        parts.into_iter().map(|((_, disputed), members)| (members, disputed)).collect()
    }

    /// Decisions first, then by score, match order of the entity, order of the rules, and primary keys.
    fn best_first(&self, a: &Edge, b: &Edge) -> std::cmp::Ordering {
        let ends =
            || self.columns.compare(&a.one, &b.one).then_with(|| self.columns.compare(&a.other, &b.other));
        match (a.why, b.why) {
            (Why::Always(one), Why::Always(other)) => one.cmp(&other),
            (Why::Always(_), Why::Rule { .. }) => std::cmp::Ordering::Less,
            (Why::Rule { .. }, Why::Always(_)) => std::cmp::Ordering::Greater,
            (Why::Rule { number: one, score: s }, Why::Rule { number: other, score: t }) => {
                t.total_cmp(&s).then(a.one.entity.cmp(&b.one.entity)).then(one.cmp(&other)).then_with(ends)
            }
        }
    }
}

/// What the rules found for the records of the region. All pairs of a probed record are known; others keep what they
/// had, because a pair that is no more would have had them probed.
fn scores(region: &Region, hits: &Hits, state: &State) -> Scores {
    let mut scores: Scores = region.probed.iter().map(|at| (*at, Vec::new())).collect();
    for edge in &region.edges {
        let Why::Rule { number, score } = edge.why else { continue };
        if state.units.of(edge.one) != state.units.of(edge.other) {
            continue;
        }
        for at in [edge.one, edge.other] {
            raise(scores.entry(at).or_insert_with(|| hits.of(at)), number, score);
        }
    }
    scores
}

/// For each rule the pairs that it would join and that decisions keep apart.
pub(super) fn refused_pairs(rules: &[(&RuleIndex, Rule<'_>)], columns: &Columns, state: &State) -> Vec<u64> {
    let mut scratch = Scratch::default();
    let mut refused = vec![0; rules.len()];
    let disputed: Vec<At> = state.units.disputed().collect();
    for at in disputed.iter().flat_map(|unit| state.units.members(unit)).filter(|at| columns.is_alive(**at)) {
        for ((index, rule), refused) in rules.iter().zip(&mut refused) {
            if index.on != at.entity as usize || !index.is_used(at.record, columns) {
                continue;
            }
            // A pair is seen from both its ends.
            index.partners(at.record, rule, columns, &mut scratch, |other, _| {
                let apart = *at < other && state.units.of(*at) != state.units.of(other);
                *refused += u64::from(apart);
            });
        }
    }
    refused
}
