//! Match: each row of a lower entity finds its partner above.
//!
//! Entities are taken in match order; an entity is compared only with those above it. For one record a rule is tried
//! only when the earlier rules of its entity found nothing. Of several partners the one with the highest score
//! wins, then the one whose entity stands first in match order, then the one with the lowest primary key.

mod blocks;
mod score;
mod search;
mod segments;
mod tuples;

use std::collections::HashMap;

use tokio_util::sync::CancellationToken;

use self::blocks::Blocks;
use self::search::Search;
use self::tuples::Left;
use super::deduplication::Groups;
use super::error::UnifyError;
use super::input::{Progress, Stage};
use super::intern::{Interner, NONE};
use super::limits::Options;
use super::plan::{Form, Plan, RulePlan};
use super::records::Records;
use super::report::{Bypassed, RuleReport};
use super::values::Values;

/// Why a record belongs to the profile of a record above.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Link {
    /// The rule, by its place in the plan.
    pub(super) rule: u32,
    /// The entity and the record above.
    pub(super) left: (u32, u32),
    /// The record of the group that matched; of several the first.
    pub(super) right: u32,
    /// The mean score of the rule's conditions.
    pub(super) score: f64,
    /// How many records above fulfilled the rule.
    pub(super) candidates: u64,
}

/// Everything that the match step found.
#[derive(Debug)]
pub(super) struct Links {
    /// For every entity and deduplication group its link; none for groups that matched nothing.
    pub(super) of: Vec<Vec<Option<Link>>>,
    /// One for every rule of the plan.
    pub(super) rules: Vec<RuleReport>,
}

/// The columns that rules compare, in the form in which they compare them.
pub(super) struct Columns(HashMap<(usize, usize, Form), Vec<u32>>);

impl Columns {
    pub(super) fn read<'a>(
        rules: impl Iterator<Item = &'a RulePlan>,
        records: &[Records],
        values: &mut Values,
    ) -> Self {
        let mut columns = HashMap::new();
        for rule in rules {
            for comparison in &rule.comparisons {
                let lefts = rule
                    .lefts
                    .iter()
                    .zip(&comparison.left)
                    .filter_map(|(entity, column)| column.map(|column| (*entity, column)));
                for (entity, column) in lefts.chain([(rule.on, comparison.right)]) {
                    let Some(source) = records.get(entity) else { continue };
                    columns
                        .entry((entity, column, comparison.form.clone()))
                        .or_insert_with_key(|(_, _, form)| source.column(column, &form.normalizer, values));
                }
            }
        }
        Self(columns)
    }

    /// The columns of one entity for all comparisons of a rule; `left` is its place among the rule's entities above,
    /// none for the rule's own entity.
    pub(super) fn of<'a>(
        &'a self,
        rule: &RulePlan,
        entity: usize,
        left: Option<usize>,
    ) -> Vec<Option<&'a [u32]>> {
        let column = |comparison: &super::plan::Comparison| {
            let column = match left {
                None => comparison.right,
                Some(at) => comparison.left.get(at).copied().flatten()?,
            };
            self.0.get(&(entity, column, comparison.form.clone())).map(Vec::as_slice)
        };
        rule.comparisons.iter().map(column).collect()
    }
}

pub(super) fn run(
    plan: &Plan,
    records: &[Records],
    groups: &Groups,
    options: &Options,
    progress: &dyn Fn(Progress),
    cancel: &CancellationToken,
) -> Result<Links, UnifyError> {
    let mut values = Values::new();
    let columns = Columns::read(plan.rules.iter(), records, &mut values);
    let mut links = Links {
        of: (0..records.len()).map(|entity| vec![None; groups.len(entity)]).collect(),
        rules: Vec::with_capacity(plan.rules.len()),
    };
    for (number, rule) in plan.rules.iter().enumerate().filter(|(_, rule)| rule.active) {
        let entity = plan.entities.get(rule.on).map(|entity| entity.name.clone()).unwrap_or_default();
        let stage = Stage::Match { entity: entity.clone(), rule: rule.name.clone() };
        progress(Progress { stage, done: number, total: plan.rules.len() });
        if cancel.is_cancelled() {
            return Err(UnifyError::Cancelled);
        }
        let trial =
            Trial { number: number as u32, rule, records, groups, columns: &columns, values: &values };
        let Some(of) = links.of.get_mut(rule.on) else { continue };
        let mut report = trial.run(of, options, cancel).map_err(|error| named(error, &entity))?;
        report.on = entity;
        links.rules.push(report);
    }
    Ok(links)
}

fn named(error: UnifyError, name: &str) -> UnifyError {
    match error {
        UnifyError::TooManyComparisons { rule, limit, .. } => {
            UnifyError::TooManyComparisons { entity: name.to_owned(), rule, limit }
        }
        other => other,
    }
}

/// One rule on the records of its entity that have no link yet.
struct Trial<'a> {
    number: u32,
    rule: &'a RulePlan,
    records: &'a [Records],
    groups: &'a Groups,
    columns: &'a Columns,
    values: &'a Values,
}

impl Trial<'_> {
    fn run(
        &self,
        links: &mut [Option<Link>],
        options: &Options,
        cancel: &CancellationToken,
    ) -> Result<RuleReport, UnifyError> {
        let limits = &options.limits;
        let left = self.left();
        let exact = (0..self.rule.conditions)
            .filter(|at| self.rule.comparisons.get(*at).is_some_and(|comparison| comparison.is_exact()))
            .collect();
        let blocks = Blocks::new(&left, exact, limits.sharing);
        let search = Search::new(self.rule, self.values, &left, &blocks, limits.fuzzy_chars);
        let (tuples, open) = self.right(links);
        let (found, compared) = search.run(&tuples, options, cancel)?;
        let mut report = RuleReport {
            on: String::new(),
            rule: self.rule.name.clone(),
            tried: links.iter().filter(|link| link.is_none()).count() as u64,
            with_values: open.len() as u64,
            compared,
            matched: 0,
            ambiguous: 0,
            blocks: blocks.len() as u64,
            largest_block: blocks.largest() as u64,
            indexed: search.is_indexed(),
            bypassed: bypassed(&left, limits.sharing),
        };
        for (record, tuple) in open {
            let Some(found) = found.get(tuple as usize).copied().flatten() else { continue };
            let Some(above) = left.first.get(found.left as usize) else { continue };
            let Some(group) = self.groups.of(self.rule.on, record) else { continue };
            let link = Link {
                rule: self.number,
                left: *above,
                right: record,
                score: found.score,
                candidates: found.candidates,
            };
            let Some(place) = links.get_mut(group as usize) else { continue };
            report.matched += u64::from(place.is_none());
            report.ambiguous += u64::from(place.is_none() && found.candidates > 1);
            if place.is_none_or(|best| {
                link.score > best.score || (link.score == best.score && link.left < best.left)
            }) {
                *place = Some(link);
            }
        }
        Ok(report)
    }

    /// The tuples of the entities above, preferred ones first.
    fn left(&self) -> Left {
        let mut left = Left::new();
        let mut tuple = Vec::new();
        for (at, entity) in self.rule.lefts.iter().enumerate() {
            let columns = self.columns.of(self.rule, *entity, Some(at));
            let Some(records) = self.records.get(*entity) else { continue };
            for record in 0..records.len() as u32 {
                if tuples::read(&columns, self.rule.conditions, record, &mut tuple) {
                    left.add(&tuple, *entity as u32, record);
                }
            }
        }
        left
    }

    /// The tuples of the records without a link, and which record has which.
    fn right(&self, links: &[Option<Link>]) -> (Interner<u32>, Vec<(u32, u32)>) {
        let columns = self.columns.of(self.rule, self.rule.on, None);
        let mut tuples = Interner::new();
        let mut open = Vec::new();
        let mut tuple = Vec::new();
        let records = self.records.get(self.rule.on).map_or(0, Records::len);
        for record in 0..records as u32 {
            let group = self.groups.of(self.rule.on, record).and_then(|group| links.get(group as usize));
            let is_open = group.is_some_and(Option::is_none);
            if is_open && tuples::read(&columns, self.rule.conditions, record, &mut tuple) {
                open.push((record, tuples.intern(&tuple).0));
            }
        }
        (tuples, open)
    }
}

/// What too many records above share.
fn bypassed(left: &Left, sharing: u32) -> Bypassed {
    let shared = left.count.iter().filter(|count| **count > sharing);
    let records = shared.clone().map(|count| u64::from(*count)).sum();
    Bypassed { values: shared.count() as u64, records }
}

/// The mean score of a pair of records of one entity that fulfils a rule. The longer of two texts is the base.
pub(super) fn judge_own(rule: &RulePlan, values: &Values, left: &[u32], right: &[u32]) -> Option<f64> {
    let compare = |at: usize| -> Option<f64> {
        let (left, right) = (*left.get(at)?, *right.get(at)?);
        if left == NONE || right == NONE {
            return None;
        }
        if left == right {
            return Some(1.0);
        }
        let threshold = rule.comparisons.get(at)?.threshold;
        if threshold >= 1.0 {
            return None;
        }
        let chars = values.shape(left).chars.max(values.shape(right).chars);
        let (one, other) = (values.text(left).chars(), values.text(right).chars());
        let distance = rapidfuzz::distance::levenshtein::distance(one, other);
        Some(score::score(chars, distance as u32)).filter(|score| *score >= threshold)
    };
    let mut total = 0.0;
    for at in 0..rule.conditions {
        total += compare(at)?;
    }
    let excepted = rule.exceptions.iter().any(|exception| exception.clone().all(|at| compare(at).is_some()));
    (!excepted).then_some(total / rule.conditions as f64)
}
