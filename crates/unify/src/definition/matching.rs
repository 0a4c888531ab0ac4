//! Match: in which order entities are taken, and the rules by which their rows find a partner.

use lang::attribute::AttributeRef;
use serde::{Deserialize, Deserializer, Serialize};

use super::compare::{Normalization, Precision};
use super::probabilistic::Probabilistic;
use super::{is_yes, yes};

/// The match step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Match {
    /// The entities in order; the first is the primary one. An entity may match only those above it.
    pub order: Vec<MatchOrder>,
    /// The rules. For one entity, a later rule is tried only where the earlier ones found nothing.
    #[serde(default)]
    pub rules: Vec<MatchRule>,
    /// Matching by probability, beside the rules.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probabilistic: Option<Probabilistic>,
}

/// One entity of the match order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MatchOrder {
    /// The entity's full name.
    pub entity: String,
    /// Whether rows that match nothing become profiles of their own.
    pub include_all: bool,
}

impl<'de> Deserialize<'de> for MatchOrder {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Either {
            Name(String),
            #[serde(rename_all = "camelCase")]
            Full {
                entity: String,
                include_all: Option<bool>,
            },
        }
        let (entity, include_all) = match Either::deserialize(from)? {
            Either::Name(entity) => (entity, None),
            Either::Full { entity, include_all } => (entity, include_all),
        };
        Ok(Self { entity, include_all: include_all.unwrap_or(true) })
    }
}

/// When two rows are the same customer: all conditions hold, and no exception.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MatchRule {
    /// The entity (full name) whose rows look for a partner.
    pub on: String,
    /// The rule's name, shown with its counts.
    pub name: String,
    /// All of these must hold.
    pub conditions: Vec<Condition>,
    /// A pair that meets all conditions of one exception is no match.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exceptions: Vec<Exception>,
    /// Whether the rule is used.
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    pub active: bool,
}

/// One comparison of a match rule.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Condition {
    /// An attribute of an entity above `on`: of that entity, or of every entity above that has it.
    pub left: AttributeRef,
    /// An attribute of `on`.
    pub right: String,
    /// What is done to both values before they are compared. Unification decides the order in which they work.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub normalize: Vec<Normalization>,
    /// The list of aliases that is applied to both values.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alias: Option<String>,
    /// The list of values that are never used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bypass: Option<String>,
    /// How alike the values must be.
    #[serde(default)]
    pub precision: Precision,
}

/// Pairs that a rule must leave alone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Exception {
    /// A name for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// All of these must hold for the exception to apply.
    pub conditions: Vec<Condition>,
}
