//! Profiles as trees of units, and what they were before a change.

use super::at::{At, Set};
use super::links::Links;
use super::units::Units;

/// Who is one customer now.
#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) units: Units,
    pub(super) links: Links,
}

impl State {
    /// The unit at the top of a unit's profile.
    pub(super) fn top(&self, unit: At) -> At {
        let mut at = unit;
        while let Some(link) = self.links.get(at) {
            at = self.units.of(link.left);
        }
        at
    }

    /// The units of the profile with a unit on top, that one first.
    pub(super) fn tree(&self, top: At) -> Vec<At> {
        let mut units = vec![top];
        let mut next = 0;
        while let Some(unit) = units.get(next).copied() {
            for member in self.units.members(&unit) {
                units.extend_from_slice(self.links.below(*member));
            }
            next += 1;
        }
        units
    }

    /// The records of the profile with a unit on top.
    pub(super) fn records(&self, top: At) -> Vec<At> {
        self.tree(top).iter().flat_map(|unit| self.units.members(unit).iter().copied()).collect()
    }
}

/// The profiles that a change touches, as they were.
#[derive(Debug, Default)]
pub(super) struct Before {
    seen: Set<At>,
    /// The records of each.
    pub(super) profiles: Vec<Vec<At>>,
}

impl Before {
    /// Remembers the profile of a unit. Whoever changes a unit or its link calls this first, so that a profile that
    /// is not remembered yet is still what it was.
    pub(super) fn remember(&mut self, unit: At, state: &State) {
        if self.seen.contains(&unit) {
            return;
        }
        let top = state.top(unit);
        let tree = state.tree(top);
        self.profiles.push(state.records(top));
        self.seen.extend(tree);
    }

    /// A unit that is new has no past.
    pub(super) fn is_new(&mut self, unit: At) {
        self.seen.insert(unit);
    }
}
