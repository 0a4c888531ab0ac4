//! The partners of records: those of their keys that agree well enough.

use super::{AT_ONCE, Index};
use crate::probabilistic::component::{FLOOR, Link};
use crate::probabilistic::hash::HashedMap;
use crate::probabilistic::threads;

/// Pairs that are read ahead: their records are on the way while others are compared.
const AHEAD: usize = 16;

/// What was found for some records.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) links: Vec<Link>,
    /// Rules and keys that more records have than are compared.
    pub(super) common: Vec<(usize, u64)>,
}

/// The keys of some records for one rule.
#[derive(Debug, Clone, Default)]
struct Lookups {
    keys: Vec<u64>,
    /// For each key the place of its record.
    places: Vec<u32>,
}

impl Index {
    /// Finds the links of records.
    pub(super) fn find(&self, records: &[u32]) -> Found {
        let parts: Vec<&[u32]> = records.chunks(AT_ONCE).collect();
        let start = |_| HashedMap::default();
        let work = |weights: &mut HashedMap<f32>, part: &&[u32]| self.find_some(part, weights);
        let mut all = Found::default();
        for part in threads::map_with(&parts, self.threads, start, work).0 {
            all.links.extend(part.links);
            all.common.extend(part.common);
        }
        all
    }

    /// The links of some records; `weights` are those of the patterns so far.
    fn find_some(&self, records: &[u32], weights: &mut HashedMap<f32>) -> Found {
        let mut found = Found::default();
        let mut near = self.near(records, &mut found.common);
        near.sort_unstable();
        near.dedup();
        let mut ahead = 0;
        for chunk in near.chunks(AHEAD) {
            // A look at each record brings it near before the comparisons, which wait for one another.
            for pair in chunk {
                let record = self.prepared.records.get(*pair as u32 as usize);
                ahead ^= record.map_or(0, |record| u64::from(record.first[0]) ^ record.rarity);
            }
            for pair in chunk {
                let Some(record) = records.get((pair >> 32) as usize) else { continue };
                let (left, right) = (*record.min(&(*pair as u32)), *record.max(&(*pair as u32)));
                let Some(pair) = self.prepared.pair(left, right) else { continue };
                let code = pair.code(&self.model.comparisons);
                let weight = *weights.entry(code).or_insert_with(|| self.judge.weight_of_code(code) as f32);
                if weight >= FLOOR {
                    found.links.push(Link { left, right, weight });
                }
            }
        }
        std::hint::black_box(ahead);
        found
    }

    /// The pairs of records and others that share a key with them: the place of the record in the high half, the
    /// other one in the low half. Keys that too many have bring no pairs.
    fn near(&self, records: &[u32], common: &mut Vec<(usize, u64)>) -> Vec<u64> {
        let mut near = Vec::new();
        let mut spans = Vec::new();
        for (rule, (lookups, postings)) in self.lookups(records).iter().zip(&self.postings).enumerate() {
            let most = self.model.rules.get(rule).map_or(0, |rule| rule.most) as usize;
            postings.spans(&lookups.keys, &mut spans);
            for ((key, span), place) in lookups.keys.iter().zip(&spans).zip(&lookups.places) {
                let before = near.len();
                let own = records.get(*place as usize).copied();
                let others = postings.of(*key, *span).filter(|other| self.is_alive(*other));
                let pairs = others.take(most + 1);
                near.extend(pairs.map(|other| u64::from(*place) << 32 | u64::from(other)));
                if near.len() - before > most {
                    near.truncate(before);
                    common.push((rule, *key));
                } else {
                    near_without(&mut near, before, own);
                }
            }
        }
        near
    }

    /// For each rule the keys of the records.
    fn lookups(&self, records: &[u32]) -> Vec<Lookups> {
        let mut lookups = vec![Lookups::default(); self.postings.len()];
        let mut hashes = Vec::new();
        for (place, record) in (0u32..).zip(records) {
            let Some(own) = self.prepared.records.get(*record as usize) else { continue };
            let extras = self.prepared.extras_of(*record as usize);
            for (rule, key) in self.maker.keys(own, extras, &mut hashes) {
                if let Some(lookups) = lookups.get_mut(rule) {
                    lookups.keys.push(key);
                    lookups.places.push(place);
                }
            }
        }
        lookups
    }
}

/// Takes a record itself out of its pairs.
fn near_without(near: &mut Vec<u64>, from: usize, own: Option<u32>) {
    let at = near.iter().skip(from).position(|pair| Some(*pair as u32) == own);
    if let Some(at) = at {
        near.swap_remove(from + at);
    }
}
