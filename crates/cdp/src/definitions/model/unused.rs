//! When full refreshes stop computing what nobody uses.

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

/// Full refreshes leave out segments and measures that nothing uses. Nothing is deleted, and no definition changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AutoDeactivation {
    /// This many days after its definition was last changed, or it was last refreshed by name.
    pub after_days: u16,
}

impl AutoDeactivation {
    /// How long something must have been unused.
    pub fn after(self) -> SignedDuration {
        SignedDuration::from_hours(i64::from(self.after_days) * 24)
    }
}
