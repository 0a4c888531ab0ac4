//! Merge: one row per profile, from the rows of its records.

mod alternate_key;
mod customer;
mod gather;
mod keys;
mod links;
mod match_pairs;
mod winner;

pub(super) use alternate_key::alternate_key;
pub(super) use customer::customer;
pub(super) use links::links;
pub(super) use match_pairs::match_pairs;
pub(super) use winner::Winners;

use super::deduplication::Groups;
use super::ids::Assignment;
use super::plan::Plan;
use super::profiles::Profiles;
use super::records::Records;

/// All that the tables are made from.
#[derive(Clone, Copy)]
pub(super) struct Unification<'a> {
    pub(super) plan: &'a Plan,
    pub(super) records: &'a [Records],
    pub(super) groups: &'a Groups,
    pub(super) profiles: &'a Profiles,
    pub(super) winners: &'a Winners,
    /// The ids of the profiles.
    pub(super) ids: &'a Assignment,
}
