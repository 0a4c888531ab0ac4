//! What the rules of deduplication found for each record, while records come and go.

use super::at::{At, Map};
use crate::deduplication::Hit;

/// The best score of every record under every rule that joined it with another one of its unit.
#[derive(Debug, Default)]
pub(super) struct Hits {
    /// As a whole run has found them, for each entity by record, then by rule.
    base: Vec<Vec<Hit>>,
    /// Records for which that has changed, with their rules and scores.
    changed: Map<At, Vec<(u32, f64)>>,
}

/// The rules and scores of some records.
pub(super) type Scores = Map<At, Vec<(u32, f64)>>;

impl Hits {
    pub(super) fn new(base: Vec<Vec<Hit>>) -> Self {
        Self { base, changed: Map::default() }
    }

    /// The rules and scores of a record.
    pub(super) fn of(&self, at: At) -> Vec<(u32, f64)> {
        if let Some(changed) = self.changed.get(&at) {
            return changed.clone();
        }
        let base = self.base.get(at.entity as usize).map_or(&[][..], Vec::as_slice);
        let start = base.partition_point(|hit| hit.record < at.record);
        let own = base.iter().skip(start).take_while(|hit| hit.record == at.record);
        own.map(|hit| (hit.rule, hit.score)).collect()
    }

    /// Takes the rules and scores of records in, instead of those that they had.
    pub(super) fn set(&mut self, scores: Scores) {
        self.changed.extend(scores);
    }

    /// All that was found in an entity, with the numbers that records have elsewhere; in no order.
    pub(super) fn numbered(&self, entity: usize, number: impl Fn(u32) -> Option<u32>) -> Vec<Hit> {
        let base = self.base.get(entity).map_or(&[][..], Vec::as_slice).iter().copied();
        let base = base.filter(|hit| !self.changed.contains_key(&At::new(entity, hit.record)));
        let changed = self.changed.iter().filter(|(at, _)| at.entity as usize == entity);
        let changed = changed.flat_map(|(at, found)| {
            found.iter().map(|(rule, score)| Hit { record: at.record, rule: *rule, score: *score })
        });
        let numbered = |hit: Hit| Some(Hit { record: number(hit.record)?, ..hit });
        base.chain(changed).filter_map(numbered).collect()
    }
}

/// Notes that a rule has joined a record with another one.
pub(super) fn raise(scores: &mut Vec<(u32, f64)>, rule: u32, score: f64) {
    match scores.iter_mut().find(|known| known.0 == rule) {
        Some(known) => known.1 = known.1.max(score),
        None => scores.push((rule, score)),
    }
}
