//! Activities: rows of source entities that tell what customers did, and when.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The entity with the rows of all activities.
pub const UNIFIED_ACTIVITY: &str = "UnifiedActivity";

/// How the rows of one entity become activities of customers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Activity {
    /// The activity's name; what the timeline calls it.
    pub name: String,
    /// What it is, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The source entity, by its full name.
    pub entity: String,
    /// Its type: `SalesOrder`, `SalesOrderLine`, `Loyalty`, `Subscription`, `Feedback`, or a word of the user's own.
    #[serde(rename = "type")]
    pub activity_type: String,
    /// The attribute that says when, a date or a time.
    pub timestamp: String,
    /// The attribute that says what happened: the title in the timeline.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<String>,
    /// The attribute with more about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// The attribute with a web address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The name of a picture for the timeline.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub icon: Option<String>,
    /// Whether the timeline and the API show it.
    #[serde(default = "yes", skip_serializing_if = "is_true")]
    pub show_in_timeline: bool,
    /// Columns of [`UNIFIED_ACTIVITY`] by their names, such as `Amount`, and the attributes that fill them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub fields: BTreeMap<String, String>,
}

fn yes() -> bool {
    true
}

fn is_true(it: &bool) -> bool {
    *it
}

/// The columns of [`UNIFIED_ACTIVITY`] that are always there, in order. Fields come after them.
pub const ACTIVITY_COLUMNS: [&str; 12] = [
    "ActivityId",
    "CustomerId",
    "ActivityTime",
    "ActivityType",
    "ActivityTypeDisplay",
    "Title",
    "Description",
    "URL",
    "SourceEntityName",
    "SourceActivityId",
    "RangeIndex",
    "ShowInTimeline",
];

impl Activity {
    /// The attributes that it reads, with repetitions.
    pub fn attributes(&self) -> impl Iterator<Item = &str> {
        let named = [Some(&self.timestamp), self.event.as_ref(), self.detail.as_ref(), self.url.as_ref()];
        named.into_iter().flatten().chain(self.fields.values()).map(String::as_str)
    }
}
