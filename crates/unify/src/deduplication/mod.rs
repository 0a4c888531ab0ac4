//! Deduplication: which rows of one entity are one customer.
//!
//! Every active rule runs on every row. Rows that a rule joins are one group, and groups that share a row are one.
//! What people decided comes first: pairs that always match are joined before any rule is tried, and where pairs
//! that never match would come together, the best pairs are joined first and the others refused.

mod disputes;
mod edges;
mod groups;

pub(crate) use groups::{EntityGroups, Groups, Hit};

use self::disputes::Disputes;
use self::edges::{Edge, Trial};
use super::custom::Decisions;
use super::error::UnifyError;
use super::input::Progress;
use super::report::RuleReport;
use super::run::Run;
use super::sets::Sets;

/// What one rule found.
struct Tried<'a> {
    /// Its place among the plan's rules of deduplication.
    number: u32,
    entity: usize,
    /// None where no decision can dispute what it found.
    trial: Option<Trial<'a>>,
    edges: Vec<Edge>,
    report: RuleReport,
}

/// Groups the records of every entity. `sets` holds what always matches, and gets what the rules join.
pub(super) fn run(
    run: Run<'_>,
    decisions: &Decisions,
    sets: &mut Sets,
    progress: &dyn Fn(Progress),
) -> Result<Groups, UnifyError> {
    let mut tried = Vec::new();
    for (number, plan) in (0u32..).zip(&run.plan.deduplication).filter(|(_, plan)| plan.active) {
        let Some(rule) = run.begin(plan, progress)? else { continue };
        let mut trial = Trial::new(rule, &run);
        let (edges, report) = trial.run(&run).map_err(|error| run.named(error, plan))?;
        let trial = Some(trial).filter(|_| !decisions.is_empty());
        tried.push(Tried { number, entity: plan.on, trial, edges, report });
    }
    let disputes = Disputes::settle(&run, decisions, sets, &mut tried);
    for tried in &tried {
        for edge in &tried.edges {
            sets.union(
                run.space.number(tried.entity as u32, edge.one),
                run.space.number(tried.entity as u32, edge.other),
            );
        }
    }
    let entities = (0..run.records.len()).map(|entity| groups(&run, entity, sets, &mut tried)).collect();
    let mut reports: Vec<RuleReport> = Vec::new();
    for (tried, refused) in tried.into_iter().zip(disputes.refused) {
        reports.push(RuleReport { refused, ..tried.report });
    }
    Ok(Groups::new(entities, reports, disputes.records))
}

/// The groups of one entity, with the best score of every record under every rule.
fn groups(run: &Run<'_>, entity: usize, sets: &mut Sets, tried: &mut [Tried<'_>]) -> EntityGroups {
    let count = run.count(entity);
    let start = run.space.number(entity as u32, 0);
    let mut hits = Vec::new();
    let mut best: Vec<f64> = Vec::new();
    for tried in tried.iter_mut().filter(|tried| tried.entity == entity && !tried.edges.is_empty()) {
        best.clear();
        best.resize(count, 0.0);
        for edge in std::mem::take(&mut tried.edges) {
            for record in [edge.one, edge.other] {
                if let Some(score) = best.get_mut(record as usize) {
                    *score = score.max(edge.score);
                }
            }
        }
        let found = (0u32..).zip(&best).filter(|(_, score)| **score > 0.0);
        let before = hits.len();
        hits.extend(found.map(|(record, score)| Hit { record, rule: tried.number, score: *score }));
        tried.report.matched = (hits.len() - before) as u64;
    }
    let marks: Vec<u32> = (0..count as u32).map(|record| sets.find(start + record)).collect();
    EntityGroups::new(start, &marks, hits)
}
