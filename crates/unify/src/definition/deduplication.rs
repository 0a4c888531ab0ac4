//! Deduplication: which rows of one entity are one customer, and which of them speaks.

use serde::{Deserialize, Serialize};

use super::compare::{Normalization, Precision};
use super::{is_yes, yes};

/// The deduplication of one entity. Every rule runs on every row; groups that share a row are one group.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Deduplication {
    /// The entity's full name.
    pub entity: String,
    /// When two of its rows are the same customer.
    #[serde(default)]
    pub rules: Vec<DeduplicationRule>,
    /// Which row of a group speaks for it.
    #[serde(default, skip_serializing_if = "Preference::is_default")]
    pub winner: Preference,
    /// Attributes that are taken from another row of the group than the winner.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attributes: Vec<AttributePreference>,
}

/// When two rows of one entity are the same customer: all conditions hold, and no exception.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeduplicationRule {
    /// The rule's name, shown with its counts.
    pub name: String,
    /// All of these must hold.
    pub conditions: Vec<OwnCondition>,
    /// A pair that meets all conditions of one exception is no match.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exceptions: Vec<OwnException>,
    /// Whether the rule is used.
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    pub active: bool,
}

/// One comparison of an attribute with itself, in two rows of one entity (or two profiles).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OwnCondition {
    /// The attribute.
    pub attribute: String,
    /// What is done to both values before they are compared.
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

/// Pairs that a rule over one entity must leave alone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OwnException {
    /// A name for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// All of these must hold for the exception to apply.
    pub conditions: Vec<OwnCondition>,
}

/// Which of several rows is preferred. Of equally good rows the one with the largest primary key is.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "prefer")]
pub enum Preference {
    /// The row with the most filled attributes.
    #[default]
    MostFilled,
    /// The row with the latest date or largest number.
    MostRecent {
        /// The attribute with the date or number.
        by: String,
    },
    /// The row with the earliest date or smallest number.
    LeastRecent {
        /// The attribute with the date or number.
        by: String,
    },
}

impl Preference {
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// An attribute of a deduplicated entity that is not simply taken from the winner.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AttributePreference {
    /// The attribute.
    pub name: String,
    /// Which row's value it gets, of the rows that have one.
    #[serde(flatten)]
    pub preference: Preference,
}
