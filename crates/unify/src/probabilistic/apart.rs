//! Why records stayed two customers: what clustering and blocking say of them.

use serde::{Deserialize, Serialize};

use super::blocking::{BlockingRule, Blocks};
use super::compare::Comparison;
use super::component::bounded;
use super::model::Model;
use super::prepared::Prepared;

/// How alike two groups of records are, as clustering sees them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Distance {
    /// The mean weight of all pairs between them (average linkage).
    pub(crate) mean: f64,
    /// The pair that speaks most against: its places in the two groups, and its weight.
    pub(crate) against: (usize, usize, f64),
    /// A pair that contradicts itself in a fact, by its places, and the comparison that says so.
    pub(crate) contradiction: Option<(usize, usize, Comparison)>,
}

/// A blocking key that two records share.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SharedKey {
    /// The rule with that key.
    pub rule: BlockingRule,
    /// The records that have it.
    pub records: u64,
}

impl SharedKey {
    /// Whether so many records have the key that none of their pairs are compared by it.
    pub fn is_too_frequent(&self) -> bool {
        self.records > u64::from(self.rule.most)
    }
}

impl Model {
    /// How alike two groups of records are; none when one of them is empty.
    pub(crate) fn distance(&self, prepared: &Prepared, ones: &[u32], others: &[u32]) -> Option<Distance> {
        let judge = self.judge();
        let mut against: Option<(usize, usize, f64)> = None;
        let (mut sum, mut contradiction) = (0.0, None);
        for (at, one) in ones.iter().enumerate() {
            for (to, other) in others.iter().enumerate() {
                let pair = prepared.pair(*one, *other)?;
                let weight = bounded(judge.weight(&pair));
                sum += weight;
                contradiction = contradiction.or_else(|| Some((at, to, judge.contradiction(&pair)?)));
                if against.is_none_or(|(_, _, least)| weight < least) {
                    against = Some((at, to, weight));
                }
            }
        }
        let mean = sum / (ones.len() * others.len()) as f64;
        Some(Distance { mean, against: against?, contradiction })
    }

    /// The other record of a group that one of them is most like, where that is more than `weight`.
    pub(crate) fn closer(&self, prepared: &Prepared, one: u32, group: &[u32], weight: f64) -> Option<usize> {
        let judge = self.judge();
        let mut best = (weight, None);
        for (at, other) in group.iter().enumerate().filter(|(_, other)| **other != one) {
            let weight = judge.weight(&prepared.pair(one, *other)?);
            if weight > best.0 {
                best = (weight, Some(at));
            }
        }
        best.1
    }

    /// The blocking keys that two of all records share, with how many records have each.
    pub(crate) fn shared_keys(&self, prepared: &Prepared, one: u32, other: u32) -> Vec<SharedKey> {
        let key = |rule: &BlockingRule, at: usize| {
            let record = prepared.records.get(at)?;
            rule.key(record, prepared.extras_of(at)).map(Blocks::key)
        };
        let shared = |rule: &BlockingRule| {
            let wanted = key(rule, one as usize)?;
            if key(rule, other as usize) != Some(wanted) {
                return None;
            }
            let records = (0..prepared.len()).filter(|at| key(rule, *at) == Some(wanted)).count() as u64;
            Some(SharedKey { rule: rule.clone(), records })
        };
        self.rules.iter().filter_map(shared).collect()
    }
}
