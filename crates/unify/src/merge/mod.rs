//! Merge: one row per profile, from the rows of its records, and the tables that tell how it came about.

mod alternate_key;
mod choice;
mod clusters;
mod custom_key;
mod customer;
mod deduplication;
mod filled;
mod gather;
mod key;
mod keys;
mod links;
mod match_pairs;
mod rows;
mod table;
mod winner;

pub(super) use alternate_key::alternate_key;
pub(super) use custom_key::custom_ids;
pub(super) use customer::customer;
pub(super) use deduplication::deduplication;
pub(super) use links::links;
pub(super) use match_pairs::match_pairs;
pub(super) use rows::Rows;
pub(super) use winner::Winners;

use tokio_util::sync::CancellationToken;

use super::deduplication::Groups;
use super::ids::Assignment;
use super::input::Input;
use super::limits::Options;
use super::matching::Links;
use super::plan::Plan;
use super::profiles::Profiles;
use super::records::Records;
use crate::definition::Custom;

/// All that the tables are made from.
#[derive(Clone, Copy)]
pub(super) struct Unification<'a> {
    pub(super) plan: &'a Plan,
    pub(super) records: &'a [Records],
    pub(super) groups: &'a Groups,
    pub(super) links: &'a Links,
    pub(super) profiles: &'a Profiles,
    /// The winners of every profile.
    pub(super) winners: &'a Winners,
    /// The ids of the profiles.
    pub(super) ids: &'a Assignment,
    pub(super) inputs: &'a [Input],
    /// The lists that rules over profiles may name.
    pub(super) custom: &'a Custom,
    pub(super) options: &'a Options,
    pub(super) cancel: &'a CancellationToken,
}
