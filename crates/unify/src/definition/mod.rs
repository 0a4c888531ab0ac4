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
pub use probabilistic::{Probabilistic, Retrain, Signal, SignalKind};

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

impl Unification {
    /// The entities that are read: those of the match order, then those that hold lists. Each stands here once.
    pub fn reads(&self) -> Vec<&str> {
        let ordered = self.match_.order.iter().map(|ordered| ordered.entity.as_str());
        let labels = self.match_.probabilistic.iter().filter_map(|it| it.labels.as_deref());
        let mut entities = Vec::new();
        for entity in ordered.chain(self.custom.entities()).chain(labels) {
            if !entities.contains(&entity) {
                entities.push(entity);
            }
        }
        entities
    }

    /// The entities that are made.
    pub fn makes(&self) -> Vec<String> {
        let fixed = [CUSTOMER, ALTERNATE_KEY, CONFLATION_MATCH_PAIRS, UNIFICATION_LINKS, CUSTOMER_LINEAGE]
            .map(str::to_owned);
        let deduplicated = self.deduplication.iter().map(|it| deduplication_entity(&it.entity));
        let model = self.match_.probabilistic.iter().map(|_| UNIFICATION_MODEL.to_owned());
        fixed.into_iter().chain(deduplicated).chain(model).collect()
    }
}

/// The entity with one row per profile.
pub const CUSTOMER: &str = "Customer";

/// The entity that tells which customer a source row belongs to.
pub const ALTERNATE_KEY: &str = "AlternateKey";

/// The entity that tells what matching found.
pub const CONFLATION_MATCH_PAIRS: &str = "ConflationMatchPairs";

/// The entity that holds what matching by probability learned, where the definition asks for it.
pub const UNIFICATION_MODEL: &str = "UnificationModel";

/// The entity that tells which rule put which row where it is.
pub const UNIFICATION_LINKS: &str = "UnificationLinks";

/// The entity that tells what happened to the ids of customers.
pub const CUSTOMER_LINEAGE: &str = "CustomerLineage";

/// The entity that tells what deduplication found in an entity, given by its full name.
pub fn deduplication_entity(entity: &str) -> String {
    format!("Deduplication_{entity}")
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
