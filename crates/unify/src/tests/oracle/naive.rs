//! The naive program: every pair of rows under every rule, in the words of the specification.

use std::collections::BTreeSet;

use super::generate::{ALIASES, BYPASSED, Case};
use super::{COLUMNS, ENTITIES, Found, Profiles};
use crate::definition::*;

/// What the naive program finds.
#[derive(Debug)]
pub(super) struct Solved {
    pub(super) profiles: Profiles,
    pub(super) found: Found,
}

/// A row: its entity and its key.
type At = (usize, usize);

fn steps(mut value: String, steps: &[Normalization]) -> String {
    if steps.contains(&Normalization::LowerCase) {
        value = value.to_lowercase();
    }
    if steps.contains(&Normalization::Symbols) {
        value.retain(|c| c.is_alphanumeric() || c.is_whitespace());
    }
    if steps.contains(&Normalization::Whitespace) {
        value.retain(|c| !c.is_whitespace());
    }
    if value.trim().is_empty() { String::new() } else { value }
}

fn compared(value: &Option<String>, condition: &Condition) -> Option<String> {
    let normal = |value: &str| steps(value.to_owned(), &condition.normalize);
    let bypassed =
        |value: &String| condition.bypass.is_some() && BYPASSED.iter().any(|listed| normal(listed) == *value);
    let mut value = normal(value.as_ref()?);
    if bypassed(&value) {
        return None;
    }
    let aliases = ALIASES.iter().filter(|alias| condition.alias.is_some() && normal(alias.0) == value);
    if let Some(alias) = aliases.map(|alias| normal(alias.1)).min() {
        value = alias;
    }
    (!value.is_empty() && !bypassed(&value)).then_some(value)
}

/// A rule of match or deduplication.
struct Rule<'a> {
    name: &'a str,
    conditions: Vec<Condition>,
    exceptions: Vec<Vec<Condition>>,
    lefts: Vec<usize>,
    on: usize,
    within: bool,
}

type Row = [Option<String>];

impl Rule<'_> {
    fn score_of(&self, condition: &Condition, left: &Row, right: &Row) -> Option<f64> {
        let column = |name: &str| COLUMNS.iter().position(|column| *column == name).unwrap();
        let base = compared(&left[column(&condition.left.attribute)], condition)?;
        let other = compared(&right[column(&condition.right)], condition)?;
        let (one, two) = (base.chars().count(), other.chars().count());
        let chars = if self.within { one.max(two) } else { one } as f64;
        let score = (chars - strsim::levenshtein(&base, &other) as f64) / chars;
        (score >= condition.precision.score()).then_some(score)
    }

    fn score(&self, left: &Row, right: &Row) -> Option<f64> {
        let scores: Option<Vec<f64>> =
            self.conditions.iter().map(|it| self.score_of(it, left, right)).collect();
        let excepted = |conditions: &Vec<Condition>| {
            conditions.iter().all(|it| self.score_of(it, left, right).is_some())
        };
        if self.exceptions.iter().any(excepted) {
            return None;
        }
        Some(scores?.iter().sum::<f64>() / self.conditions.len() as f64)
    }

    /// The values of a row that a part of the conditions compares; none when one of all conditions is missing.
    fn values(&self, row: &Row, left: bool, part: impl Fn(&Condition) -> bool) -> Option<Vec<String>> {
        let mut values = Vec::new();
        for condition in &self.conditions {
            let name = if left { &condition.left.attribute } else { &condition.right };
            let column = COLUMNS.iter().position(|column| column == name).unwrap();
            let value = compared(&row[column], condition)?;
            if part(condition) {
                values.push(value);
            }
        }
        Some(values)
    }

    /// The rows above that the rule may use: not those whose values too many share.
    fn usable(&self, case: &Case) -> BTreeSet<At> {
        let is_exact = |condition: &Condition| condition.precision.score() >= 1.0;
        let exact = self.conditions.iter().filter(|it| is_exact(it)).count();
        let rows = || {
            self.lefts.iter().flat_map(|entity| {
                case.entities[*entity]
                    .iter()
                    .enumerate()
                    .map(move |(key, row)| ((*entity, key), row.as_slice()))
            })
        };
        let blocks: Vec<(At, Vec<String>, Vec<String>)> = rows()
            .filter_map(|(at, row)| {
                Some((at, self.values(row, true, is_exact)?, self.values(row, true, |_| true)?))
            })
            .collect();
        let different: BTreeSet<_> = blocks.iter().map(|it| &it.1).collect();
        let sharing = case.sharing as usize;
        let usable = |it: &&(At, Vec<String>, Vec<String>)| {
            let block = blocks.iter().filter(|other| other.1 == it.1).count();
            let tuple = blocks.iter().filter(|other| other.2 == it.2).count();
            let is_default = block * different.len() > sharing * blocks.len();
            let refused = exact > 0 && block > sharing && (exact == self.conditions.len() || is_default);
            !refused && tuple <= sharing
        };
        blocks.iter().filter(usable).map(|it| it.0).collect()
    }
}

/// Sets of rows that never grow to hold a pair that never matches.
struct Sets<'a> {
    case: &'a Case,
    sets: Vec<BTreeSet<At>>,
}

impl Sets<'_> {
    fn of(&self, at: At) -> usize {
        self.sets.iter().position(|set| set.contains(&at)).unwrap()
    }

    fn union(&mut self, one: At, other: At) -> bool {
        let (one, other) = (self.of(one), self.of(other));
        if one == other {
            return true;
        }
        let both: BTreeSet<At> = self.sets[one].union(&self.sets[other]).copied().collect();
        let never = self.case.unification.custom.never_match.as_ref();
        let Some(RowPairs::Pairs(never)) = never else { return false };
        // A pair that was together before (because both decisions were said) is no reason.
        let parted = |pair: &RowPair| {
            let ends = ends(pair);
            ends[0] != ends[1]
                && ends.iter().all(|end| both.contains(end))
                && self.sets[one].contains(&ends[0]) != self.sets[one].contains(&ends[1])
        };
        let pin = |set: &BTreeSet<At>| {
            let pins = self.case.pins.iter().filter(|pin| set.contains(&place(&pin.entity, &pin.key)));
            pins.map(|pin| pin.customer).next()
        };
        let pins = (pin(&self.sets[one]), pin(&self.sets[other]));
        if never.iter().any(parted) || matches!(pins, (Some(a), Some(b)) if a != b) {
            return false;
        }
        self.sets[one] = both;
        self.sets.remove(other);
        true
    }
}

fn place(entity: &str, key: &str) -> At {
    (ENTITIES.iter().position(|name| *name == entity).unwrap(), key.parse().unwrap())
}

fn ends(pair: &RowPair) -> [At; 2] {
    [place(&pair.entity1, &pair.entity1_key), place(&pair.entity2, &pair.entity2_key)]
}

pub(super) fn solve(case: &Case) -> Solved {
    let all = case
        .entities
        .iter()
        .enumerate()
        .flat_map(|(entity, rows)| (0..rows.len()).map(move |key| (entity, key)));
    let mut sets = Sets { case, sets: all.map(|at| BTreeSet::from([at])).collect() };
    let exists = |at: &At| at.1 < case.entities[at.0].len();
    let mut pins: Vec<_> = case.pins.iter().map(|pin| (pin.customer, place(&pin.entity, &pin.key))).collect();
    pins.retain(|pin| exists(&pin.1));
    pins.sort();
    for same in pins.chunk_by(|one, other| one.0 == other.0) {
        same.iter().skip(1).for_each(|pin| {
            sets.union(same[0].1, pin.1);
        });
    }
    if let Some(RowPairs::Pairs(always)) = &case.unification.custom.always_match {
        let mut always: Vec<[At; 2]> =
            always.iter().map(ends).filter(|ends| ends.iter().all(exists)).collect();
        always.iter_mut().for_each(|ends| ends.sort());
        always.sort();
        always.iter().for_each(|[one, other]| {
            sets.union(*one, *other);
        });
    }
    let mut found = deduplicate(case, &mut sets);
    found.extend(match_(case, &mut sets));
    found.sort();
    let mut profiles: Profiles = sets.sets.iter().filter_map(|set| profile(case, set)).collect();
    profiles.sort();
    Solved { profiles, found }
}

fn profile(case: &Case, set: &BTreeSet<At>) -> Option<Vec<Vec<usize>>> {
    let of = |entity: usize| set.iter().filter(|at| at.0 == entity).map(|at| at.1).collect::<Vec<_>>();
    let profile: Vec<Vec<usize>> = (0..ENTITIES.len()).map(of).collect();
    let present: Vec<usize> = (0..ENTITIES.len()).filter(|it| !profile[*it].is_empty()).collect();
    (present.len() > 1 || case.unification.match_.order[present[0]].include_all).then_some(profile)
}

fn deduplicate(case: &Case, sets: &mut Sets<'_>) -> Found {
    let mut edges = Vec::new();
    for (on, deduplication) in case.unification.deduplication.iter().enumerate() {
        for (number, rule) in deduplication.rules.iter().enumerate().filter(|(_, rule)| rule.active) {
            let condition = |own: &OwnCondition| Condition {
                left: own.attribute.parse().unwrap(),
                right: own.attribute.clone(),
                normalize: own.normalize.clone(),
                alias: own.alias.clone(),
                bypass: own.bypass.clone(),
                precision: own.precision,
            };
            let conditions = |all: &[OwnCondition]| all.iter().map(condition).collect::<Vec<_>>();
            let rule = Rule {
                name: &rule.name,
                conditions: conditions(&rule.conditions),
                exceptions: rule.exceptions.iter().map(|it| conditions(&it.conditions)).collect(),
                lefts: vec![on],
                on,
                within: true,
            };
            let usable: Vec<At> = rule.usable(case).into_iter().collect();
            for (at, one) in usable.iter().enumerate() {
                for other in &usable[at + 1..] {
                    let rows = &case.entities[on];
                    if let Some(score) = rule.score(&rows[one.1], &rows[other.1]) {
                        edges.push((score, on, number, *one, *other, rule.name.to_owned()));
                    }
                }
            }
        }
    }
    edges.sort_by(|a, b| b.0.total_cmp(&a.0).then((a.1, a.2, a.3, a.4).cmp(&(b.1, b.2, b.3, b.4))));
    let mut kept = Vec::new();
    for edge in edges {
        if sets.union(edge.3, edge.4) {
            kept.push(edge);
        }
    }
    let mut found = Found::new();
    for (on, deduplication) in case.unification.deduplication.iter().enumerate() {
        for (number, rule) in deduplication.rules.iter().enumerate() {
            for key in 0..case.entities[on].len() {
                let own = |edge: &&(f64, usize, usize, At, At, String)| {
                    (edge.1, edge.2) == (on, number) && [edge.3, edge.4].contains(&(on, key))
                };
                let best = kept.iter().filter(own).map(|edge| edge.0).max_by(f64::total_cmp);
                if let Some(score) = best {
                    let row = [
                        "deduplication",
                        &rule.name,
                        ENTITIES[on],
                        &key.to_string(),
                        "",
                        "",
                        &shown(score),
                        "",
                    ];
                    found.push(row.map(str::to_owned).to_vec());
                }
            }
        }
    }
    found
}

fn shown(score: f64) -> String {
    format!("{score:?}")
}

fn match_(case: &Case, sets: &mut Sets<'_>) -> Found {
    let mut found = Found::new();
    for (on, entity) in ENTITIES.iter().enumerate().skip(1) {
        let mut open: Vec<Vec<At>> = Vec::new();
        for set in &sets.sets {
            let own: Vec<At> = set.iter().filter(|at| at.0 == on).copied().collect();
            if !own.is_empty() && set.iter().all(|at| at.0 >= on) {
                open.push(own);
            }
        }
        open.sort();
        let rules = case.unification.match_.rules.iter().filter(|rule| rule.on == *entity && rule.active);
        for rule in rules {
            let named = rule.conditions.iter().find_map(|it| it.left.entity.as_deref());
            let rule = Rule {
                name: &rule.name,
                conditions: rule.conditions.clone(),
                exceptions: rule.exceptions.iter().map(|it| it.conditions.clone()).collect(),
                lefts: (0..on).filter(|it| named.is_none_or(|name| name == ENTITIES[*it])).collect(),
                on,
                within: false,
            };
            found.extend(try_rule(&rule, case, &mut open, sets));
        }
    }
    found
}

/// Tries one rule on the groups that are open, and takes those that find a partner out.
fn try_rule(rule: &Rule<'_>, case: &Case, open: &mut Vec<Vec<At>>, sets: &mut Sets<'_>) -> Found {
    let usable = rule.usable(case);
    let mut candidates = Vec::new();
    for group in open.iter() {
        for left in &usable {
            let above = &case.entities[left.0][left.1];
            let score = |at: &At| Some((rule.score(above, &case.entities[at.0][at.1])?, *at));
            let best = group.iter().filter_map(score).reduce(|a, b| if b.0 > a.0 { b } else { a });
            if let Some((score, right)) = best {
                candidates.push((score, *left, group[0], right));
            }
        }
    }
    candidates.sort_by(|a, b| b.0.total_cmp(&a.0).then((a.1, a.2).cmp(&(b.1, b.2))));
    let mut found = Found::new();
    for (score, left, group, right) in &candidates {
        let Some(at) = open.iter().position(|it| it[0] == *group) else { continue };
        if !sets.union(*left, *group) {
            continue;
        }
        open.remove(at);
        let count = candidates.iter().filter(|it| it.2 == *group).count().to_string();
        let (key, partner) = (right.1.to_string(), left.1.to_string());
        let (on, above) = (ENTITIES[rule.on], ENTITIES[left.0]);
        found.push(
            ["match", rule.name, on, &key, above, &partner, &shown(*score), &count]
                .map(str::to_owned)
                .to_vec(),
        );
    }
    found
}
