//! The ids of customers: a person keeps one id over all refreshes, through merges, splits and edits of the rows.

mod assign;
mod assignment;
mod clusters;
mod customer_id;
mod identity;
mod pin;

pub(crate) use assign::assign;
pub use assignment::{Assigned, Assignment};
pub(crate) use clusters::ClustersOf;
pub use customer_id::CustomerId;
pub use identity::Identity;
pub use pin::Pin;
