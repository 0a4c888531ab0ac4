//! The keys of an entity's records while records come and go.

use std::cmp::Ordering;
use std::collections::HashMap;

use crate::features::{Directory, hash};
use crate::keys::Keys;
use crate::records::Records;

/// The records of one entity. A record keeps its number when it is deleted, and gets it back when its key returns.
#[derive(Debug, Default)]
pub(super) struct People {
    /// The keys in order, as they were when the index was made.
    base: Keys,
    places: Directory,
    /// Later keys, numbered from the end of the base.
    added: Keys,
    numbers: HashMap<String, u32>,
    alive: Vec<bool>,
}

impl People {
    pub(super) fn new(base: Keys) -> Self {
        let alive = vec![true; base.len()];
        let added = base.like();
        let places = Directory::new(base.len(), |record| Some(hash(base.get(record).as_bytes())));
        Self { base, places, added, numbers: HashMap::new(), alive }
    }

    /// The number of records, deleted ones too.
    pub(super) fn len(&self) -> usize {
        self.alive.len()
    }

    pub(super) fn key(&self, record: u32) -> &str {
        match record.checked_sub(self.base.len() as u32) {
            None => self.base.get(record),
            Some(added) => self.added.get(added),
        }
    }

    /// The record of a key, alive or not.
    pub(super) fn find(&self, key: &str) -> Option<u32> {
        let known = self.places.find(hash(key.as_bytes())).find(|record| self.base.get(*record) == key);
        known.or_else(|| self.numbers.get(key).copied())
    }

    /// The record of a key, a new one if need be. It is not alive yet when it is new.
    pub(super) fn number(&mut self, key: &str) -> u32 {
        if let Some(record) = self.find(key) {
            return record;
        }
        let record = self.alive.len() as u32;
        self.added.push(key);
        self.numbers.insert(key.to_owned(), record);
        self.alive.push(false);
        record
    }

    /// For each of other records, in the order of their keys, the record of its key; none for keys that are new.
    pub(super) fn numbers(&self, others: &Records) -> Vec<Option<u32>> {
        let mut next = 0;
        let number = |other: u32| {
            let key = others.key(other);
            let base = self.base.len() as u32;
            while next < base && self.base.compare(self.base.get(next), key).is_lt() {
                next += 1;
            }
            let known = next < base && self.base.get(next) == key;
            if known { Some(next) } else { self.numbers.get(key).copied() }
        };
        (0..others.len() as u32).map(number).collect()
    }

    pub(super) fn is_alive(&self, record: u32) -> bool {
        self.alive.get(record as usize).copied().unwrap_or(false)
    }

    pub(super) fn set_alive(&mut self, record: u32, alive: bool) {
        if let Some(place) = self.alive.get_mut(record as usize) {
            *place = alive;
        }
    }

    /// How the keys of two records stand to each other.
    pub(super) fn compare(&self, one: u32, other: u32) -> Ordering {
        if (one.max(other) as usize) < self.base.len() {
            return one.cmp(&other);
        }
        self.base.compare(self.key(one), self.key(other))
    }
}
