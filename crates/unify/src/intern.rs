//! The number that means no number.

/// The number of no record, no text, no profile.
pub(crate) const NONE: u32 = u32::MAX;
