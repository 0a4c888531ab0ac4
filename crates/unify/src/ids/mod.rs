//! The ids of customers: a person keeps one id over all refreshes, through merges, splits and edits of the rows.

mod assign;
mod assignment;
mod claims;
mod clusters;
mod customer_id;
mod events;
mod identity;
mod known;
mod lineage;
mod parts;
mod pin;
mod previous;
mod redirect;
mod trace;

pub(crate) use assign::assign;
pub use assignment::{Assigned, Assignment};
pub(crate) use clusters::ClustersOf;
pub use customer_id::CustomerId;
pub use identity::Identity;
pub(crate) use lineage::append;
pub use lineage::{Event, EventKind};
pub use pin::{Pin, RowName, UnmergeError, unmerge};
pub use previous::Previous;
pub use redirect::Lineage;

#[cfg(test)]
mod tests;
