//! The keys of records for all blocking rules at once: rules share their parts.

use std::sync::Mutex;

use super::blocking::{Atom, BlockingRule, Blocks, joined};
use super::prepared::Prepared;
use super::record::{Extra, Record};
use super::threads;

/// Makes the keys of a record for some rules.
#[derive(Debug)]
pub(crate) struct KeyMaker {
    atoms: Vec<Atom>,
    /// For each rule the places of its parts among the atoms.
    places: Vec<Vec<usize>>,
}

impl KeyMaker {
    pub(crate) fn new(rules: &[BlockingRule]) -> Self {
        let mut atoms: Vec<Atom> = Vec::new();
        for atom in rules.iter().flat_map(|rule| &rule.atoms) {
            if !atoms.contains(atom) {
                atoms.push(*atom);
            }
        }
        let place = |atom: &Atom| atoms.iter().position(|it| it == atom).unwrap_or_default();
        let places = rules.iter().map(|rule| rule.atoms.iter().map(place).collect()).collect();
        Self { atoms, places }
    }

    /// The keys of a record, each with the number of its rule. `hashes` is only a buffer.
    pub(crate) fn keys(
        &self,
        record: &Record,
        extras: &[Extra],
        hashes: &mut Vec<Option<u64>>,
    ) -> impl Iterator<Item = (usize, u64)> {
        hashes.clear();
        hashes.extend(self.atoms.iter().map(|atom| atom.hash(record, extras)));
        let hashes = &*hashes;
        let hash = |place: &usize| hashes.get(*place).copied().flatten();
        self.places
            .iter()
            .enumerate()
            .filter_map(move |(rule, places)| Some((rule, joined(places.iter().map(hash))?)))
    }
}

/// The keys of all records for all rules, found in one pass.
pub(crate) struct Keys {
    /// For each part of the records and each rule its entries, until they are taken.
    parts: Vec<Vec<Mutex<Vec<u64>>>>,
}

/// Records of one piece of work.
const AT_ONCE: usize = 65_536;

impl Keys {
    pub(crate) fn new(rules: &[BlockingRule], prepared: &Prepared, threads: usize) -> Self {
        let maker = KeyMaker::new(rules);
        let starts: Vec<usize> = (0..prepared.len()).step_by(AT_ONCE).collect();
        let parts = threads::map(&starts, threads, |start| {
            let mut entries = vec![Vec::new(); rules.len()];
            let mut hashes = Vec::new();
            for (at, record) in prepared.records.iter().enumerate().skip(*start).take(AT_ONCE) {
                for (rule, key) in maker.keys(record, prepared.extras_of(at), &mut hashes) {
                    if let Some(entries) = entries.get_mut(rule) {
                        entries.push(Blocks::entry(key, at));
                    }
                }
            }
            entries.into_iter().map(Mutex::new).collect()
        });
        Self { parts }
    }

    /// The blocks of a rule. This takes its keys: they can be asked for once.
    pub(crate) fn blocks(&self, rule: usize) -> Blocks {
        let mut entries = Vec::new();
        let own = || self.parts.iter().filter_map(|part| part.get(rule)?.lock().ok());
        entries.reserve_exact(own().map(|part| part.len()).sum());
        for mut part in own() {
            entries.extend_from_slice(&part);
            *part = Vec::new();
        }
        Blocks::of(entries)
    }
}
