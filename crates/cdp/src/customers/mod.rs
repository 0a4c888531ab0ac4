//! Finding customers, and one customer, whole: the profile, the source rows it is made from, measures, segments and
//! the timeline.

mod error;
mod profile;
mod rows;
mod search;
mod timeline;

pub use error::CustomerError;
pub use profile::{Profile, SourceKey, live, profile};
pub use search::{FoundCustomers, Wanted, find};
pub(crate) use search::{index_folder, sweep};
pub use timeline::{ActivityType, MAX_PAGE, Timeline, TimelineQuery, timeline};

/// The result of everything in this module.
pub type Result<T> = std::result::Result<T, CustomerError>;
