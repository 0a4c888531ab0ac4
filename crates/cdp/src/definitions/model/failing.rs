//! What becomes of flows that keep failing.

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use super::Schedule;

/// Who hears of flows that fail, and when such a flow is paused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FailingFlows {
    /// The connection that mails go through; no mails without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connection: Option<String>,
    /// Who gets the mails.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub to: Vec<String>,
    /// When the digest of the failures since the last one is sent, as cron lines.
    #[serde(default = "each_morning")]
    pub digest: Vec<String>,
    /// The time zone of the cron lines.
    #[serde(default = "utc")]
    pub time_zone: String,
    /// A flow is paused when all its runs failed for this many days; 0: never.
    #[serde(default = "fortnight")]
    pub pause_after_days: u16,
}

impl Default for FailingFlows {
    /// What holds when the definitions say nothing: flows are paused, and nobody gets mail.
    fn default() -> Self {
        Self {
            connection: None,
            to: Vec::new(),
            digest: each_morning(),
            time_zone: utc(),
            pause_after_days: fortnight(),
        }
    }
}

impl FailingFlows {
    /// How long a flow may fail before it is paused; none: for ever.
    pub fn patience(&self) -> Option<SignedDuration> {
        let days = i64::from(self.pause_after_days);
        (days > 0).then(|| SignedDuration::from_hours(days * 24))
    }

    /// When the digest is sent.
    pub fn schedule(&self) -> Schedule {
        Schedule { cron: self.digest.clone(), time_zone: self.time_zone.clone(), missed: Default::default() }
    }
}

fn each_morning() -> Vec<String> {
    vec!["0 7 * * *".to_owned()]
}

fn utc() -> String {
    "UTC".to_owned()
}

/// The documented fortnight of Power Automate.
fn fortnight() -> u16 {
    14
}
