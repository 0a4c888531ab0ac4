//! Links from units to the records above that they matched.

use super::at::{At, Map};

/// Why a unit belongs to the profile of a record above.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Link {
    /// The rule, by its place in the plan.
    pub(super) rule: u32,
    pub(super) left: At,
    /// The record of the unit that matched; of several the first.
    pub(super) right: At,
    pub(super) score: f64,
    pub(super) candidates: u64,
}

/// The links of all units.
#[derive(Debug, Default)]
pub(super) struct Links {
    of: Map<At, Link>,
    /// The units that matched a record.
    below: Map<At, Vec<At>>,
}

impl Links {
    pub(super) fn get(&self, unit: At) -> Option<&Link> {
        self.of.get(&unit)
    }

    /// The units that matched a record.
    pub(super) fn below(&self, left: At) -> &[At] {
        self.below.get(&left).map_or(&[], Vec::as_slice)
    }

    pub(super) fn set(&mut self, unit: At, link: Option<Link>) {
        if let Some(before) = self.of.remove(&unit) {
            let below = self.below.get_mut(&before.left);
            if let Some(below) = below {
                below.retain(|it| *it != unit);
                if below.is_empty() {
                    self.below.remove(&before.left);
                }
            }
        }
        if let Some(link) = link {
            self.of.insert(unit, link);
            self.below.entry(link.left).or_default().push(unit);
        }
    }
}
