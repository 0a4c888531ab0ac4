//! Who is who, as people decide it and as it was: pins, and the lineage of customer ids.
//!
//! A pin says whose row a record is. The next refresh follows it; until then nothing changes but the list of pins.

mod error;
mod ids;
mod pins;
mod unmerge;

pub use error::IdentityError;
pub(crate) use ids::previous;
pub use ids::{Ids, LineageEvent};
pub use pins::{Decision, StoredPin, pins, put, remove};
pub use unmerge::{Unmerged, unmerge};

/// The result of everything in this module.
pub type Result<T> = std::result::Result<T, IdentityError>;
