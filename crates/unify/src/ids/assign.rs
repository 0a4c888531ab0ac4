//! Which id each profile gets.
//!
//! An old id belongs to the profile with the largest part of its records. Of the ids that belong to one profile the
//! oldest lives on and the others become its former ids; a profile to which none belongs gets a new one. What people
//! have pinned and ids made from attributes come before all this.

use std::cmp::Reverse;

use super::claims::Claims;
use super::clusters::Clusters;
use super::events::Events;
use super::known::Numbers;
use super::parts::{Part, homes, parts};
use super::previous::State;
use super::trace::trace;
use super::{Assignment, CustomerId, Identity};
use crate::intern::NONE;

/// Gives every profile its id. `custom` has for every profile the id that is made from its attributes, if there is
/// one; it may be empty.
pub(crate) fn assign(
    clusters: &impl Clusters,
    identity: &Identity,
    custom: &[Option<CustomerId>],
) -> Assignment {
    let had = trace(clusters, &identity.previous);
    let parts = parts(clusters, &had);
    let mut numbers = Numbers::new(&identity.previous.known);
    let claims = Claims::settle(clusters, &identity.pins, custom, &had, &mut numbers);
    let homes = homes(clusters, &had, &parts, &claims.claimants, numbers.len());
    let giving = Giving { clusters, identity, had: &had, claims: &claims, homes: &homes, numbers: &numbers };
    giving.all(&parts)
}

/// All that giving ids needs.
pub(super) struct Giving<'a, C> {
    pub(super) clusters: &'a C,
    pub(super) identity: &'a Identity,
    pub(super) had: &'a [Vec<u32>],
    pub(super) claims: &'a Claims,
    pub(super) homes: &'a [u32],
    pub(super) numbers: &'a Numbers<'a>,
}

impl<C: Clusters> Giving<'_, C> {
    fn all(&self, parts: &[Part]) -> Assignment {
        let count = self.clusters.profiles() as usize;
        let mut made = Assignment {
            ids: Vec::with_capacity(count),
            created_on: Vec::with_capacity(count),
            modified_on: Vec::with_capacity(count),
            ..Assignment::default()
        };
        let mut events = Events::new(self);
        let mut own = parts.chunk_by(|a, b| a.profile == b.profile).peekable();
        for profile in 0..self.clusters.profiles() {
            let own = own.next_if(|own| own.first().is_some_and(|part| part.profile == profile));
            let own = own.unwrap_or_default();
            let number = self.claims.of(profile).or_else(|| self.survivor(own));
            let id = number.and_then(|number| self.numbers.id(number));
            let id = id.unwrap_or_else(|| self.new_id(profile));
            let life = number.map(|number| self.identity.previous.life(number)).unwrap_or_default();
            let at = self.identity.at;
            made.ids.push(id);
            made.created_on.push(life.created_on().unwrap_or(at));
            let former = self.former(number, own);
            let is_same = number.is_some_and(|number| self.is_same(profile, number, own, &former));
            made.modified_on.push(life.modified_on().filter(|_| is_same).unwrap_or(at));
            if !former.is_empty() {
                made.former.push((profile, former));
            }
            events.of_profile(profile, id, number, own);
        }
        made.events = events.finish();
        made
    }

    /// Whether an old id belongs to a profile.
    pub(super) fn belongs(&self, part: &Part) -> bool {
        self.homes.get(part.old as usize) == Some(&part.profile)
    }

    /// Who comes first of the ids that belong to one profile: one that lives before one that is retired, then the
    /// oldest, then the one with the largest part, then the smallest.
    pub(super) fn rank(&self, part: &Part) -> impl Ord + use<C> {
        let life = self.identity.previous.life(part.old);
        let is_retired = life.state != State::Live;
        let created_on = life.created_on().unwrap_or(i64::MAX);
        (is_retired, created_on, Reverse(part.records), self.numbers.id(part.old))
    }

    fn survivor(&self, own: &[Part]) -> Option<u32> {
        let first = match own {
            [part] => Some(part).filter(|part| self.belongs(part)),
            _ => own.iter().filter(|part| self.belongs(part)).min_by_key(|part| self.rank(part)),
        };
        first.map(|part| part.old)
    }

    /// An id that nobody ever had, from the profile's smallest record.
    fn new_id(&self, profile: u32) -> CustomerId {
        let (entity, record) = self.clusters.members(profile).first().copied().unwrap_or_default();
        let (name, key) = (self.clusters.name(entity), self.clusters.key(entity, record));
        let attempts = (0..=u32::MAX).map(|attempt| CustomerId::of_record(name, key, attempt));
        let mut free = attempts.filter(|id| self.numbers.find(*id).is_none());
        free.next().unwrap_or_else(|| CustomerId::of_record(name, key, 0))
    }

    /// What the profile was called before: the former ids of its id, then of each id that it absorbs the former
    /// ids and that id. The latest stand last. An id that lives is nobody's former id.
    fn former(&self, number: Option<u32>, own: &[Part]) -> Vec<CustomerId> {
        let previous = &self.identity.previous;
        let is_plain = own.iter().all(|part| Some(part.old) == number || !self.belongs(part));
        if is_plain && number.is_none_or(|number| !previous.former.contains_key(&number)) {
            return Vec::new();
        }
        let mut absorbed: Vec<&Part> =
            own.iter().filter(|part| Some(part.old) != number && self.belongs(part)).collect();
        absorbed.sort_by_cached_key(|part| self.rank(part));
        let mut former = Vec::new();
        for old in number.into_iter().chain(absorbed.iter().map(|part| part.old)) {
            former.extend(previous.former.get(&old).into_iter().flatten());
            former.extend(self.numbers.id(old).filter(|_| Some(old) != number));
        }
        let mut seen = std::collections::HashSet::new();
        former.retain(|id| {
            let old = self.numbers.find(*id);
            let lives = old.is_some_and(|old| Some(old) == number || self.is_claimed(old));
            !lives && seen.insert(*id)
        });
        former
    }

    /// Whether a profile claims an id: only so can a former id live again.
    fn is_claimed(&self, old: u32) -> bool {
        self.claims.claimants.get(old as usize).is_some_and(|profile| *profile != NONE)
    }

    /// Whether a profile has the records and the former ids that its id had before.
    fn is_same(&self, profile: u32, number: u32, own: &[Part], former: &[CustomerId]) -> bool {
        let previous = &self.identity.previous;
        let size = self.clusters.members(profile).len();
        let same_records = previous.records(number) == size
            && matches!(own, [part] if part.old == number && part.records as usize == size);
        same_records && previous.former.get(&number).map_or(&[][..], Vec::as_slice) == former
    }
}
