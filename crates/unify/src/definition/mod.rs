//! The definition of a unification, as people write it: map, deduplicate, match, merge.

mod compare;
mod custom;
mod deduplication;
mod matching;
mod merge;
mod probabilistic;

use serde::{Deserialize, Serialize};

pub use compare::{Normalization, Precision};
pub use custom::{AliasList, AliasPairs, BypassList, BypassValues, Custom, RowPair, RowPairs};
pub use deduplication::{
    AttributePreference, Deduplication, DeduplicationRule, OwnCondition, OwnException, Preference,
};
pub use matching::{Condition, Exception, Match, MatchOrder, MatchRule};
pub use merge::{Cluster, GroupSource, Merge, MergeAttribute, MergeGroup, MergePolicy, Rename};
pub use probabilistic::{Probabilistic, Signal, SignalKind};

/// How rows of several entities become one profile per customer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Unification {
    /// Which attributes take part; all attributes of entities that are not listed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub map: Vec<EntityMap>,
    /// Which rows of one entity are the same customer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub deduplication: Vec<Deduplication>,
    /// Which rows of different entities are the same customer.
    #[serde(rename = "match")]
    pub match_: Match,
    /// What people know better than rules: pairs that always or never match, aliases, values that mean nothing.
    #[serde(default, skip_serializing_if = "Custom::is_empty")]
    pub custom: Custom,
    /// Which values the profile gets.
    #[serde(default)]
    pub merge: Merge,
}

/// What the map step says about one entity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EntityMap {
    /// The entity's full name.
    pub entity: String,
    /// Only these attributes take part, when `only` is true; otherwise they are given a semantic type and the
    /// others take part as they are.
    #[serde(default)]
    pub attributes: Vec<MapAttribute>,
    /// Whether attributes that are not listed are left out.
    #[serde(default)]
    pub only: bool,
}

/// What the map step says about one attribute.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MapAttribute {
    /// The attribute's name.
    pub name: String,
    /// Its meaning, e.g. `Identity.Service.Email`.
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    pub semantic_type: Option<String>,
}

pub(super) fn yes() -> bool {
    true
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde calls it with a reference")]
pub(super) fn is_yes(it: &bool) -> bool {
    *it
}
