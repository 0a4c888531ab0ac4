//! Who is who, as people decide it and as it was: pins, and the lineage of customer ids.
//!
//! A pin says whose row a record is. The next refresh follows it; until then nothing changes but the list of pins.

mod decide;
mod error;
mod ids;
mod pins;

pub use decide::{Unmerged, pin, unmerge};
pub use error::IdentityError;
pub(crate) use ids::previous;
pub use ids::{Ids, LineageEvent, customer_id};
pub use pins::{Decision, StoredPin, pins, remove};

/// The result of everything in this module.
pub type Result<T> = std::result::Result<T, IdentityError>;
