//! Groups that rules and decisions want differently.

use std::collections::{BTreeMap, HashSet};

use super::Tried;
use super::edges::Edge;
use crate::custom::Decisions;
use crate::run::Run;
use crate::sets::Sets;

/// What became of the groups that would have held rows which never match.
pub(super) struct Disputes {
    /// For every rule that was tried the pairs that were refused.
    pub(super) refused: Vec<u64>,
    /// The records of these groups.
    pub(super) records: HashSet<u32>,
}

impl Disputes {
    /// Finds the groups in which the rules would bring rows together that never match, takes their pairs out of what
    /// the rules found, and joins them best first: by score, then match order of the entity, order of the rules, and
    /// primary keys. Pairs that stay together are put back.
    pub(super) fn settle(
        run: &Run<'_>,
        decisions: &Decisions,
        sets: &mut Sets,
        tried: &mut [Tried<'_>],
    ) -> Self {
        let mut refused = vec![0; tried.len()];
        let disputed = disputed(run, decisions, sets, tried);
        if disputed.is_empty() {
            return Self { refused, records: disputed };
        }
        let mut all: Vec<(usize, Edge)> = Vec::new();
        for (at, tried) in tried.iter_mut().enumerate() {
            let number = |record: u32| run.space.number(tried.entity as u32, record);
            tried.edges.retain(|edge| !disputed.contains(&number(edge.one)));
            let mut records: Vec<u32> = disputed
                .iter()
                .map(|number| run.space.place(*number))
                .filter(|place| place.0 as usize == tried.entity)
                .map(|place| place.1)
                .collect();
            records.sort_unstable();
            let edges = tried.trial.iter().flat_map(|trial| trial.all_edges(&records));
            all.extend(edges.map(|edge| (at, edge)));
        }
        let order = |(at, edge): &(usize, Edge)| (*at, edge.one, edge.other);
        all.sort_by(|a, b| {
            let entity = |it: &(usize, Edge)| tried.get(it.0).map(|tried| tried.entity);
            b.1.score.total_cmp(&a.1.score).then(entity(a).cmp(&entity(b))).then(order(a).cmp(&order(b)))
        });
        for (at, edge) in all {
            let Some(tried) = tried.get_mut(at) else { continue };
            let number = |record: u32| run.space.number(tried.entity as u32, record);
            if sets.union(number(edge.one), number(edge.other)) {
                tried.edges.push(edge);
            } else if let Some(refused) = refused.get_mut(at) {
                *refused += 1;
            }
        }
        Self { refused, records: disputed }
    }
}

/// The records of the groups that would hold rows which never match.
fn disputed(run: &Run<'_>, decisions: &Decisions, sets: &Sets, tried: &[Tried<'_>]) -> HashSet<u32> {
    if decisions.is_empty() {
        return HashSet::new();
    }
    let mut loose = sets.loose();
    for tried in tried {
        for edge in &tried.edges {
            let number = |record: u32| run.space.number(tried.entity as u32, record);
            loose.union(number(edge.one), number(edge.other));
        }
    }
    let mut bad = HashSet::new();
    for (one, other) in &decisions.never {
        if loose.find(*one) == loose.find(*other) {
            bad.insert(loose.find(*one));
        }
    }
    let mut pins: BTreeMap<u32, u32> = BTreeMap::new();
    for (record, customer) in &decisions.pins {
        let set = loose.find(*record);
        if *pins.entry(set).or_insert(*customer) != *customer {
            bad.insert(set);
        }
    }
    if bad.is_empty() {
        return HashSet::new();
    }
    (0..run.space.len() as u32).filter(|record| bad.contains(&loose.find(*record))).collect()
}
