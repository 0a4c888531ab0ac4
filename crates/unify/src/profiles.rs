//! Which records are one customer: every record belongs to the profile of its partner above, or begins its own.

use super::intern::NONE;
use super::plan::Plan;
use super::records::Records;
use super::sets::Sets;
use super::space::Space;

/// The profiles, in match order of the entity and order of primary keys of the record that began each.
#[derive(Debug)]
pub(crate) struct Profiles {
    /// The records `(entity, record)` of all profiles, profile after profile; within one by match order of the
    /// entity, then order of primary keys.
    members: Vec<(u32, u32)>,
    /// Where each profile starts in `members`, and at last where all end.
    starts: Vec<u32>,
    /// For every entity and record its profile; `NONE` for records that are left out.
    pub(crate) of: Vec<Vec<u32>>,
}

impl Profiles {
    /// Puts the records together. A profile whose records all come from one entity is unmatched: it is kept only
    /// when that entity includes all its records.
    pub(crate) fn new(plan: &Plan, space: &Space, records: &[Records], sets: &mut Sets) -> Self {
        let (mut of, begun) = join(space, records, sets);
        let kept = kept(plan, &of, begun);
        for profile in of.iter_mut().flatten() {
            *profile = kept.get(*profile as usize).copied().unwrap_or(NONE);
        }
        let count = kept.iter().filter(|number| **number != NONE).count();
        let (members, starts) = members(&of, count);
        Self { members, starts, of }
    }

    pub(crate) fn len(&self) -> usize {
        self.starts.len().saturating_sub(1)
    }

    pub(crate) fn members(&self, profile: usize) -> &[(u32, u32)] {
        match (self.starts.get(profile), self.starts.get(profile + 1)) {
            (Some(start), Some(end)) => self.members.get(*start as usize..*end as usize).unwrap_or(&[]),
            _ => &[],
        }
    }

    /// Whether a profile has records of more than one entity.
    pub(crate) fn is_matched(&self, profile: usize) -> bool {
        let members = self.members(profile);
        members.first().map(|member| member.0) != members.last().map(|member| member.0)
    }
}

/// For every record its profile, numbered as they begin, and how many there are.
fn join(space: &Space, records: &[Records], sets: &mut Sets) -> (Vec<Vec<u32>>, u32) {
    // The smallest record of a set stands for it, so that a profile begins with the record that stands for it.
    let mut numbers = vec![NONE; space.len()];
    let mut begun = 0u32;
    let of = (0u32..).zip(records).map(|(entity, records)| {
        let start = space.number(entity, 0);
        let profile = |record: u32| {
            let number = numbers.get_mut(sets.find(start + record) as usize);
            number.map_or(NONE, |number| {
                if *number == NONE {
                    *number = begun;
                    begun += 1;
                }
                *number
            })
        };
        (0..records.len() as u32).map(profile).collect()
    });
    (of.collect(), begun)
}

/// The final number of every profile that was begun; `NONE` for those that are left out.
fn kept(plan: &Plan, of: &[Vec<u32>], begun: u32) -> Vec<u32> {
    const SEVERAL: u32 = NONE - 1;
    let mut entity_of = vec![NONE; begun as usize];
    for (entity, profiles) in (0u32..).zip(of) {
        for profile in profiles {
            if let Some(seen) = entity_of.get_mut(*profile as usize) {
                *seen = if *seen == NONE || *seen == entity { entity } else { SEVERAL };
            }
        }
    }
    let mut next = 0;
    let mut number = |entity: u32| {
        let all = plan.entities.get(entity as usize).is_some_and(|entity| entity.include_all);
        if entity != SEVERAL && !all {
            return NONE;
        }
        next += 1;
        next - 1
    };
    entity_of.into_iter().map(&mut number).collect()
}

fn members(of: &[Vec<u32>], count: usize) -> (Vec<(u32, u32)>, Vec<u32>) {
    let mut starts = vec![0u32; count + 1];
    for profile in of.iter().flatten().filter(|profile| **profile != NONE) {
        if let Some(size) = starts.get_mut(*profile as usize + 1) {
            *size += 1;
        }
    }
    let mut end = 0;
    for start in &mut starts {
        end += *start;
        *start = end;
    }
    let mut next = starts.clone();
    let mut members = vec![(0, 0); end as usize];
    for (entity, profiles) in (0u32..).zip(of) {
        for (record, profile) in (0u32..).zip(profiles) {
            let Some(at) = next.get_mut(*profile as usize).filter(|_| *profile != NONE) else { continue };
            if let Some(place) = members.get_mut(*at as usize) {
                *place = (entity, record);
            }
            *at += 1;
        }
    }
    (members, starts)
}
