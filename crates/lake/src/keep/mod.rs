//! Keeping the lake small: expiring old snapshots, and deleting files that nobody needs.

mod expire;
mod sweep;

pub use self::expire::{ExpireReport, Keep};
pub use self::sweep::SweepReport;
