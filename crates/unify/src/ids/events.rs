//! What happened to ids in one run, for the lineage.

use super::CustomerId;
use super::assign::Giving;
use super::clusters::Clusters;
use super::lineage::{Event, EventKind};
use super::parts::{Part, old};
use super::previous::{Previous, State};
use crate::intern::NONE;

/// Gathers the events of a run. The first run of all gives every profile its first id: that is no event, since
/// `Customer` says as much.
pub(super) struct Events<'a, C> {
    giving: &'a Giving<'a, C>,
    is_first: bool,
    /// The events, each with the id that it is about and its place among the events about that id.
    events: Vec<(CustomerId, u32, Event)>,
}

impl<'a, C: Clusters> Events<'a, C> {
    pub(super) fn new(giving: &'a Giving<'a, C>) -> Self {
        Self { giving, is_first: giving.identity.previous.is_empty(), events: Vec::new() }
    }

    fn previous(&self) -> &'a Previous {
        &self.giving.identity.previous
    }

    fn push(&mut self, about: CustomerId, customer: CustomerId, kind: EventKind, other: Option<CustomerId>) {
        let at = self.giving.identity.at;
        self.push_at(about, Event { customer, kind, other, record: None, at, run: self.run() });
    }

    fn push_at(&mut self, about: CustomerId, event: Event) {
        self.events.push((about, self.events.len() as u32, event));
    }

    fn run(&self) -> i64 {
        self.previous().run + 1
    }

    /// What happened to the id of a profile, and to the ids that its records had.
    pub(super) fn of_profile(&mut self, profile: u32, id: CustomerId, number: Option<u32>, own: &[Part]) {
        let life = number.map(|number| self.previous().life(number)).unwrap_or_default();
        match life.state {
            State::Live => {}
            State::Taken if !life.born => {
                if !self.is_first {
                    self.push(id, id, EventKind::Created, None);
                }
            }
            State::Taken | State::Retired => self.push(id, id, EventKind::Returned, None),
        }
        let mut others: Vec<&Part> = own.iter().filter(|part| Some(part.old) != number).collect();
        others.sort_by_cached_key(|part| self.giving.rank(part));
        for part in others {
            let Some(other) = self.giving.numbers.id(part.old) else { continue };
            if self.giving.belongs(part) {
                self.birth(id, part.old, other);
                self.push(id, other, EventKind::MergedInto, Some(id));
            } else {
                self.push(id, id, EventKind::SplitFrom, Some(other));
            }
        }
        if let Some(Some((entity, record))) = self.giving.claims.pinned.get(&profile) {
            let other = old(self.giving.had, *entity, *record);
            let other = self.giving.numbers.id(other).filter(|_| other != NONE);
            self.push(id, id, EventKind::Pinned, other);
        }
    }

    /// Says when an id was created that ends now, where the lineage does not know.
    fn birth(&mut self, about: CustomerId, number: u32, id: CustomerId) {
        let life = self.previous().life(number);
        if let Some(at) = life.created_on().filter(|_| !life.born) {
            let (kind, run) = (EventKind::Created, self.run());
            self.push_at(about, Event { customer: id, kind, other: None, record: None, at, run });
        }
    }

    /// Retires the ids without records. All events, in an order that depends on nothing but themselves.
    pub(super) fn finish(mut self) -> Vec<Event> {
        let is_gone = |number: u32| {
            let home = self.giving.homes.get(number as usize);
            home.is_none_or(|home| *home == NONE) && self.previous().life(number).state == State::Live
        };
        let count = self.previous().lives.len() as u32;
        let gone: Vec<bool> = (0..count).map(is_gone).collect();
        if gone.contains(&true) {
            self.retire(&gone);
        }
        self.events.sort_unstable();
        self.events.into_iter().map(|(.., event)| event).collect()
    }

    fn retire(&mut self, gone: &[bool]) {
        for (number, _) in (0u32..).zip(gone).filter(|(_, gone)| **gone) {
            if let Some(id) = self.giving.numbers.id(number) {
                self.birth(id, number, id);
            }
        }
        let (kind, at, run) = (EventKind::Retired, self.giving.identity.at, self.run());
        for (entity, keys) in &self.previous().entities {
            for (row, number) in keys.ids.iter().enumerate() {
                let is_gone = gone.get(*number as usize).copied().unwrap_or(false);
                let (true, Some(key)) = (is_gone, keys.key(row)) else { continue };
                let record = Some(CustomerId::of_record(entity, key, 0));
                let Some(customer) = self.giving.numbers.id(*number) else { continue };
                let event = Event { customer, kind, other: None, record, at, run };
                // After all else about the id; among themselves they stand in the order of their records.
                self.events.push((customer, u32::MAX, event));
            }
        }
    }
}
