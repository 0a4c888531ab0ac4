//! Keys that too many records have only before or only after a change.

use super::{AT_ONCE, Index};
use crate::probabilistic::blocking::Blocks;
use crate::probabilistic::hash::HashedMap;
use crate::probabilistic::prepared::Prepared;
use crate::probabilistic::threads;

/// A key that a record had which is gone.
#[derive(Debug, Clone, Copy)]
pub(super) struct Gone {
    rule: usize,
    key: u64,
    /// Whether the record with new values has another key, or there is none.
    moved: bool,
}

impl Index {
    /// The keys of records that go, each with the place of the new one that takes its place.
    pub(super) fn gone_keys(&self, gone: &[(u32, Option<usize>)], upserts: &Prepared) -> Vec<Gone> {
        let parts: Vec<&[(u32, Option<usize>)]> = gone.chunks(AT_ONCE).collect();
        let work = |part: &&[(u32, Option<usize>)]| {
            let (mut keys, mut hashes) = (Vec::new(), Vec::new());
            let mut now: Vec<Option<u64>> = Vec::new();
            for (number, at) in *part {
                now.clear();
                now.resize(self.postings.len(), None);
                if let Some((record, at)) = at.and_then(|at| Some((upserts.records.get(at)?, at))) {
                    for (rule, key) in self.maker.keys(record, upserts.extras_of(at), &mut hashes) {
                        if let Some(place) = now.get_mut(rule) {
                            *place = Some(Blocks::key(key));
                        }
                    }
                }
                let Some(record) = self.prepared.records.get(*number as usize) else { continue };
                let extras = self.prepared.extras_of(*number as usize);
                keys.extend(self.maker.keys(record, extras, &mut hashes).map(|(rule, key)| {
                    let key = Blocks::key(key);
                    Gone { rule, key, moved: now.get(rule).copied().flatten() != Some(key) }
                }));
            }
            keys
        };
        threads::map(&parts, self.threads, work).concat()
    }

    /// The keys that have become too common, or no longer are, after records have gone and others have come, the
    /// first of which is `first`. `common` are the keys of the new ones that are too common now.
    pub(super) fn turned(&self, common: &[(usize, u64)], gone: &[Gone], first: u32) -> Vec<(usize, u64)> {
        let common = common.iter().map(|(rule, key)| (*rule, Blocks::key(*key)));
        let moved = gone.iter().filter(|gone| gone.moved).map(|gone| (gone.rule, gone.key));
        let mut keys: Vec<(usize, u64)> = common.chain(moved).collect();
        keys.sort_unstable();
        keys.dedup();
        // The low bits of keys are free.
        let named = |rule: usize, key: u64| key | rule as u64;
        let mut counts: HashedMap<usize> = keys.iter().map(|(rule, key)| (named(*rule, *key), 0)).collect();
        for gone in gone {
            if let Some(count) = counts.get_mut(&named(gone.rule, gone.key)) {
                *count += 1;
            }
        }
        let parts: Vec<&[(usize, u64)]> =
            keys.chunk_by(|a, b| a.0 == b.0).flat_map(|keys| keys.chunks(AT_ONCE)).collect();
        let turned = threads::map(&parts, self.threads, |part| {
            let Some((rule, _)) = part.first() else { return Vec::new() };
            self.turned_of(*rule, part, first, |key| counts.get(&named(*rule, key)).copied().unwrap_or(0))
        });
        turned.concat()
    }

    fn turned_of(
        &self,
        rule: usize,
        keys: &[(usize, u64)],
        first: u32,
        gone: impl Fn(u64) -> usize,
    ) -> Vec<(usize, u64)> {
        let Some(postings) = self.postings.get(rule) else { return Vec::new() };
        let most = self.model.rules.get(rule).map_or(0, |rule| rule.most) as usize;
        let plain: Vec<u64> = keys.iter().map(|(_, key)| *key).collect();
        let mut spans = Vec::new();
        postings.spans(&plain, &mut spans);
        let turns = |key: u64, span| {
            let new = postings.later(key).take_while(|record| *record >= first).count();
            let rest = postings.of(key, span).filter(|record| *record < first && self.is_alive(*record));
            let rest = rest.take(most + 1).count();
            (rest + gone(key) > most) != (rest + new > most)
        };
        let turned = plain.iter().zip(&spans).filter(|(key, span)| turns(**key, **span));
        turned.map(|(key, _)| (rule, *key)).collect()
    }
}
