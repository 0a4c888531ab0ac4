//! The parts of old customers in new profiles, and which profile each old id belongs to.

use super::clusters::Clusters;
use crate::intern::NONE;

/// The records of one profile that had one id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Part {
    /// The number of the id.
    pub(super) old: u32,
    /// The profile.
    pub(super) profile: u32,
    /// How many records.
    pub(super) records: u32,
}

/// All parts, profile after profile.
pub(super) fn parts(clusters: &impl Clusters, had: &[Vec<u32>]) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::with_capacity(clusters.profiles() as usize);
    let mut olds: Vec<u32> = Vec::new();
    for profile in 0..clusters.profiles() {
        olds.clear();
        let members = clusters.members(profile).iter();
        olds.extend(members.map(|(entity, record)| old(had, *entity, *record)).filter(|old| *old != NONE));
        if olds.len() > 1 {
            olds.sort_unstable();
        }
        for same in olds.chunk_by(|a, b| a == b) {
            let Some(old) = same.first() else { continue };
            parts.push(Part { old: *old, profile, records: same.len() as u32 });
        }
    }
    parts
}

/// The number of the id that a record had.
pub(super) fn old(had: &[Vec<u32>], entity: u32, record: u32) -> u32 {
    had.get(entity as usize).and_then(|had| had.get(record as usize)).copied().unwrap_or(NONE)
}

/// The smallest record of a part.
fn smallest(clusters: &impl Clusters, had: &[Vec<u32>], part: Part) -> Option<(u32, u32)> {
    let mut members = clusters.members(part.profile).iter().copied();
    members.find(|(entity, record)| old(had, *entity, *record) == part.old)
}

/// For every old id the profile that it belongs to: the one that claims it, or else the one with its largest part,
/// of equally large ones the one with the smallest record. `NONE` for ids without records.
pub(super) fn homes(
    clusters: &impl Clusters,
    had: &[Vec<u32>],
    parts: &[Part],
    claimants: &[u32],
    ids: usize,
) -> Vec<u32> {
    const NO_PART: Part = Part { old: NONE, profile: NONE, records: 0 };
    let mut largest = vec![NO_PART; ids];
    for part in parts {
        let Some(best) = largest.get_mut(part.old as usize) else { continue };
        let better = part.records > best.records
            || part.records == best.records && {
                let record = |part| {
                    smallest(clusters, had, part)
                        .map(|(entity, record)| (entity, clusters.key(entity, record)))
                };
                record(*part) < record(*best)
            };
        if better {
            *best = *part;
        }
    }
    let claimant = |old: usize| claimants.get(old).copied().filter(|profile| *profile != NONE);
    largest.iter().enumerate().map(|(old, part)| claimant(old).unwrap_or(part.profile)).collect()
}
