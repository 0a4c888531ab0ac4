//! One customer, whole: the profile, the source rows it is made from, measures, segments and the timeline.

mod error;
mod profile;
mod rows;
mod timeline;

pub use error::CustomerError;
pub use profile::{Profile, SourceKey, profile};
pub use timeline::{ActivityType, MAX_PAGE, Timeline, TimelineQuery, timeline};

/// The result of everything in this module.
pub type Result<T> = std::result::Result<T, CustomerError>;
