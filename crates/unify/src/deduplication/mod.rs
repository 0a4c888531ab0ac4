//! Deduplication: which rows of one entity are one customer.
//!
//! Every active rule runs on every row. Rows that a rule joins are one group, and groups that share a row are one.

mod groups;

use std::collections::HashMap;

pub(crate) use groups::{EntityGroups, Groups, Hit};

use super::intern::NONE;
use super::limits::Limits;
use super::matching::{Columns, judge_own};
use super::plan::{Plan, RulePlan};
use super::records::Records;
use super::union::UnionFind;
use super::values::Values;

/// Groups the records of every entity.
pub(super) fn run(plan: &Plan, records: &[Records], limits: &Limits) -> Groups {
    let mut values = Values::new();
    let columns = Columns::read(plan.deduplication.iter(), records, &mut values);
    let entities = records.iter().enumerate().map(|(entity, records)| {
        let rules = (0u32..).zip(&plan.deduplication);
        let rules = rules.filter(|(_, rule)| rule.on == entity && rule.active);
        let mut joined = UnionFind::new(records.len());
        let mut hits = Vec::new();
        for (number, rule) in rules {
            let mut best: HashMap<u32, f64> = HashMap::new();
            for (one, other, score) in pairs(rule, &columns, &values, records, limits) {
                joined.union(one, other);
                for record in [one, other] {
                    let so_far = best.entry(record).or_insert(score);
                    *so_far = so_far.max(score);
                }
            }
            hits.extend(best.into_iter().map(|(record, score)| Hit { record, rule: number, score }));
        }
        let marks: Vec<u32> = (0..records.len() as u32).map(|record| joined.find(record)).collect();
        let mark = |record: u32| marks.get(record as usize).copied().unwrap_or(NONE);
        EntityGroups::new(records.len(), records.len(), mark, hits)
    });
    Groups::new(entities.collect())
}

/// The pairs of records that a rule joins, with their scores.
fn pairs(
    rule: &RulePlan,
    columns: &Columns,
    values: &Values,
    records: &Records,
    limits: &Limits,
) -> Vec<(u32, u32, f64)> {
    let columns = columns.of(rule, rule.on, None);
    let tuple = |record: u32| -> Vec<u32> {
        let value = |column: &Option<&[u32]>| {
            column.and_then(|column| column.get(record as usize)).copied().unwrap_or(NONE)
        };
        columns.iter().map(value).collect()
    };
    let exact = |at: &usize| rule.comparisons.get(*at).is_some_and(super::plan::Comparison::is_exact);
    let exact: Vec<usize> = (0..rule.conditions).filter(exact).collect();
    let mut blocks: HashMap<Vec<u32>, Vec<(u32, Vec<u32>)>> = HashMap::new();
    for record in 0..records.len() as u32 {
        let tuple = tuple(record);
        if tuple.iter().take(rule.conditions).all(|value| *value != NONE) {
            let key = exact.iter().filter_map(|at| tuple.get(*at).copied()).collect();
            blocks.entry(key).or_default().push((record, tuple));
        }
    }
    let mut pairs = Vec::new();
    for block in
        blocks.into_values().filter(|block| exact.is_empty() || block.len() <= limits.sharing as usize)
    {
        for (at, (one, left)) in block.iter().enumerate() {
            for (other, right) in block.iter().skip(at + 1) {
                if let Some(score) = judge_own(rule, values, left, right) {
                    pairs.push((*one, *other, score));
                }
            }
        }
    }
    pairs
}
