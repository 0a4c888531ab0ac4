//! What people decided about the records of an index.

use super::at::{At, Map, Set};
use super::columns::Columns;
use crate::custom::{Decisions, Listed, NamedRow};

/// The decisions about records that are there now.
#[derive(Debug, Default)]
pub(super) struct Decided {
    pub(super) decisions: Decisions<At>,
    /// For each record those that it always matches, with the places of the pairs.
    always: Map<At, Vec<(usize, At)>>,
    /// For each record those that it never matches.
    never: Map<At, Vec<At>>,
    /// For each record that is pinned its customer.
    pins: Map<At, u32>,
}

/// The decisions that hold for a unit or a profile.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Mark {
    pin: Option<u32>,
    held: Vec<At>,
}

impl Decided {
    pub(super) fn new(listed: &Listed, columns: &Columns) -> Self {
        let find = |row: &NamedRow| columns.find(row.0 as usize, &row.1);
        let decisions = listed.resolve(find, |one, other| columns.compare(one, other));
        let mut always: Map<At, Vec<(usize, At)>> = Map::default();
        for (place, (one, other)) in decisions.always.iter().enumerate() {
            always.entry(*one).or_default().push((place, *other));
            always.entry(*other).or_default().push((place, *one));
        }
        let mut never: Map<At, Vec<At>> = Map::default();
        for (one, other) in &decisions.never {
            never.entry(*one).or_default().push(*other);
            never.entry(*other).or_default().push(*one);
        }
        let pins = decisions.pins.iter().copied().collect();
        Self { decisions, always, never, pins }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.decisions.is_empty()
    }

    /// The records that a record always matches, with the places of the pairs.
    pub(super) fn always(&self, at: At) -> &[(usize, At)] {
        self.always.get(&at).map_or(&[], Vec::as_slice)
    }

    /// The records that keep others apart.
    pub(super) fn marked(&self) -> Set<At> {
        let pinned = self.decisions.pins.iter().map(|pin| pin.0);
        self.never.keys().copied().chain(pinned).collect()
    }

    /// The decisions that keep some records apart, by their numbers.
    pub(super) fn local(&self, numbers: &Map<At, u32>) -> Decisions {
        let number = |at: &At| numbers.get(at).copied();
        let never = self.decisions.never.iter();
        let pins = self.decisions.pins.iter();
        Decisions {
            never: never.filter_map(|(one, other)| Some((number(one)?, number(other)?))).collect(),
            pins: pins.filter_map(|(at, customer)| Some((number(at)?, *customer))).collect(),
            ..Decisions::default()
        }
    }

    /// What holds for a unit with some members.
    pub(super) fn mark(&self, members: &[At]) -> Mark {
        Mark {
            pin: members.iter().find_map(|at| self.pins.get(at).copied()),
            held: members.iter().copied().filter(|at| self.never.contains_key(at)).collect(),
        }
    }

    /// Whether two sets of records may be one.
    pub(super) fn allows(&self, one: &Mark, other: &Mark) -> bool {
        if matches!((one.pin, other.pin), (Some(one), Some(other)) if one != other) {
            return false;
        }
        let partners = one.held.iter().filter_map(|at| self.never.get(at)).flatten();
        !partners.into_iter().any(|partner| other.held.contains(partner))
    }
}

impl Mark {
    pub(super) fn join(&mut self, other: Self) {
        self.pin = self.pin.or(other.pin);
        self.held.extend(other.held);
    }
}
