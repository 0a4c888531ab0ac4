//! Records followed from the run before: which id each record had.

use std::cmp::Ordering;
use std::collections::HashMap;

use super::CustomerId;
use super::clusters::Clusters;
use super::previous::{OldKeys, Previous};
use crate::intern::NONE;

/// For every entity and record the number of the id that it had, or of the retired id that it had last; `NONE` for
/// records that had none.
pub(super) fn trace(clusters: &impl Clusters, previous: &Previous) -> Vec<Vec<u32>> {
    let mut had = Vec::with_capacity(clusters.entities());
    for entity in 0..clusters.entities() as u32 {
        let mut of = match previous.entities.get(clusters.name(entity)) {
            Some(keys) => follow(clusters, entity, keys),
            None => vec![NONE; clusters.records(entity) as usize],
        };
        if !previous.retired.is_empty() {
            recall(clusters, entity, &previous.retired, &mut of);
        }
        had.push(of);
    }
    had
}

/// Finds the records of one entity among its keys of before.
fn follow(clusters: &impl Clusters, entity: u32, keys: &OldKeys) -> Vec<u32> {
    let count = clusters.records(entity);
    let mut of = Vec::with_capacity(count as usize);
    let mut seen = vec![false; keys.len()];
    let mut unknown = Vec::new();
    let mut next = 0;
    // Both stand in the order of the keys, unless the definition or another version changed that order.
    for record in 0..count {
        let key = clusters.key(entity, record);
        if keys.key(next) != Some(key) {
            next = advance(keys, next, |old| clusters.compare(entity, old, key) == Ordering::Less);
        }
        let found = keys.key(next) == Some(key);
        match (found, keys.ids.get(next), seen.get_mut(next)) {
            (true, Some(id), Some(seen)) => {
                of.push(*id);
                *seen = true;
                next += 1;
            }
            _ => {
                of.push(NONE);
                unknown.push(record);
            }
        }
    }
    look_up(clusters, entity, keys, &seen, &unknown, &mut of);
    of
}

/// The first row from `next` on whose key is not less, where the keys are in order: steps that double, then halve.
fn advance(keys: &OldKeys, next: usize, is_less: impl Fn(&str) -> bool) -> usize {
    let passes = |row: usize| keys.key(row).is_some_and(&is_less);
    if !passes(next) {
        return next;
    }
    let mut step = 1;
    while passes(next + step) {
        step *= 2;
    }
    let (mut low, mut high) = (next + step / 2 + 1, next + step);
    while low < high {
        let middle = low + (high - low) / 2;
        if passes(middle) { low = middle + 1 } else { high = middle }
    }
    low
}

/// Finds the records that the walk did not find.
fn look_up(
    clusters: &impl Clusters,
    entity: u32,
    keys: &OldKeys,
    seen: &[bool],
    unknown: &[u32],
    of: &mut [u32],
) {
    let rest = || seen.iter().enumerate().filter(|(_, seen)| !**seen);
    if unknown.is_empty() || rest().next().is_none() {
        return;
    }
    let mut rows: HashMap<&str, u32> = HashMap::with_capacity(rest().count());
    for (row, _) in rest() {
        if let (Some(key), Some(id)) = (keys.key(row), keys.ids.get(row)) {
            rows.entry(key).or_insert(*id);
        }
    }
    for record in unknown {
        let id = rows.get(clusters.key(entity, *record));
        if let (Some(id), Some(of)) = (id, of.get_mut(*record as usize)) {
            *of = *id;
        }
    }
}

/// Finds records of retired ids among those that had no id.
fn recall(clusters: &impl Clusters, entity: u32, retired: &HashMap<CustomerId, u32>, of: &mut [u32]) {
    let name = clusters.name(entity);
    for (record, of) in (0u32..).zip(of).filter(|(_, of)| **of == NONE) {
        let founded = CustomerId::of_record(name, clusters.key(entity, record), 0);
        *of = retired.get(&founded).copied().unwrap_or(NONE);
    }
}
