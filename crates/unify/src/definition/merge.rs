//! Merge: which values the profile gets, its id, and the clusters of profiles.

use lang::attribute::{AttributeRef, QualifiedAttribute};
use serde::{Deserialize, Serialize};

use super::deduplication::DeduplicationRule;

/// The merge step.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Merge {
    /// The attributes of the profile that are said by hand. Attributes that stand in no `from` are combined by
    /// semantic type or name, by importance in match order; the rest stay single.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attributes: Vec<MergeAttribute>,
    /// Attributes of the profile that are taken together from one source, such as an address.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<MergeGroup>,
    /// Source attributes that are not combined with others.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub separate: Vec<QualifiedAttribute>,
    /// Source attributes that are not in the profile.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exclude: Vec<QualifiedAttribute>,
    /// New names for attributes that were combined or left single without being said by hand.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rename: Vec<Rename>,
    /// The attributes of the profile that stand first, in this order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub order: Vec<String>,
    /// At most 5 attributes from which the ids of customers are made; the system's own ids when empty. Of each entry
    /// the first filled one, in match order, counts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub customer_id: Vec<QualifiedAttribute>,
    /// Groups of profiles, such as households.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub clusters: Vec<Cluster>,
}

/// Attributes that are taken together from one source: at most 10 attributes and 15 sources.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MergeGroup {
    /// Its name, for people.
    pub name: String,
    /// The attributes of the profile.
    pub attributes: Vec<String>,
    /// Where they may come from, the most important first. A source whose attributes are all null is passed over.
    pub from: Vec<GroupSource>,
    /// Which source wins.
    #[serde(flatten)]
    pub policy: MergePolicy,
}

/// One source of a group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GroupSource {
    /// The entity's full name.
    pub entity: String,
    /// Its attributes, one for each attribute of the group, in the same order.
    pub attributes: Vec<String>,
}

/// A new name for an attribute of the profile.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Rename {
    /// One of the source attributes that it is made from.
    pub from: QualifiedAttribute,
    /// Its name in the profile.
    pub to: String,
}

/// Groups of profiles: profiles of one cluster share an id.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Cluster {
    /// The attribute of the profile that holds the cluster's id.
    pub name: String,
    /// When two profiles are in one cluster, over attributes of the profile. Without rules profiles with the same
    /// last name and the same address are (semantic types `Person.LastName` and `Location.Address`).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<DeduplicationRule>,
}

/// One attribute of the profile.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MergeAttribute {
    /// Its name in the profile.
    pub name: String,
    /// Where its value may come from, the most important first.
    pub from: Vec<QualifiedAttribute>,
    /// Which value wins.
    #[serde(flatten)]
    pub policy: MergePolicy,
}

/// Which of several values the profile gets.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(from = "RawMergePolicy", into = "RawMergePolicy")]
pub enum MergePolicy {
    /// The first that is not null, in the order of `from`.
    #[default]
    Importance,
    /// The value of the row with the latest date or largest number.
    MostRecent {
        /// The date or number to look at: one attribute of each entity in `from`, or a name that all have.
        by: Vec<AttributeRef>,
    },
    /// The value of the row with the earliest date or smallest number.
    LeastRecent {
        /// The date or number to look at: one attribute of each entity in `from`, or a name that all have.
        by: Vec<AttributeRef>,
    },
    /// The value that most rows of the profile have; of equally frequent ones the first in the order of `from`.
    MostFrequent,
}

#[derive(Clone, Copy, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum RawPolicy {
    #[default]
    Importance,
    MostRecent,
    LeastRecent,
    MostFrequent,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawMergePolicy {
    #[serde(default)]
    policy: RawPolicy,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    by: Vec<AttributeRef>,
}

impl From<RawMergePolicy> for MergePolicy {
    fn from(raw: RawMergePolicy) -> Self {
        match raw.policy {
            RawPolicy::Importance => Self::Importance,
            RawPolicy::MostRecent => Self::MostRecent { by: raw.by },
            RawPolicy::LeastRecent => Self::LeastRecent { by: raw.by },
            RawPolicy::MostFrequent => Self::MostFrequent,
        }
    }
}

impl From<MergePolicy> for RawMergePolicy {
    fn from(it: MergePolicy) -> Self {
        let (policy, by) = match it {
            MergePolicy::Importance => (RawPolicy::Importance, Vec::new()),
            MergePolicy::MostRecent { by } => (RawPolicy::MostRecent, by),
            MergePolicy::LeastRecent { by } => (RawPolicy::LeastRecent, by),
            MergePolicy::MostFrequent => (RawPolicy::MostFrequent, Vec::new()),
        };
        Self { policy, by }
    }
}
