//! What the rules say of a pair of rows, for programs and people.

use serde::{Deserialize, Serialize};

/// What is said of one pair.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Judgement {
    /// What people decided of this very pair.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided: Option<Decided>,
    /// The rules that compare such rows, in the order in which they are tried.
    pub rules: Vec<RuleVerdict>,
}

/// What people decided of a pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Decided {
    /// They are the same customer.
    AlwaysMatch,
    /// They are different customers.
    NeverMatch,
}

/// What a rule belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum RuleStage {
    /// It compares the rows of one entity with each other.
    Deduplication,
    /// It compares the rows of an entity with those of entities above.
    Match,
}

/// What one rule says of a pair.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RuleVerdict {
    /// What the rule belongs to.
    pub stage: RuleStage,
    /// The entity whose rows look for a partner.
    pub on: String,
    /// Its name.
    pub rule: String,
    /// Whether it is used.
    pub active: bool,
    /// What came of it.
    pub outcome: Outcome,
    /// The mean score of the conditions, 0 to 1; none where one of them has nothing to compare.
    pub score: Option<f64>,
    /// The conditions, as written.
    pub conditions: Vec<ConditionVerdict>,
    /// The exceptions, as written.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exceptions: Vec<ExceptionVerdict>,
}

impl RuleVerdict {
    /// The first condition that does not hold.
    pub fn first_failure(&self) -> Option<&ConditionVerdict> {
        self.conditions.iter().find(|condition| !condition.holds)
    }
}

/// What came of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Outcome {
    /// All conditions hold, and no exception.
    Fulfilled,
    /// A condition does not hold.
    Failed,
    /// All conditions hold, and an exception does too.
    Excepted,
}

/// What one condition says of a pair.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ConditionVerdict {
    /// The value of the row above; within one entity of the row with the smaller key.
    pub left: Shown,
    /// The value of the other row.
    pub right: Shown,
    /// The lowest score that holds; 1 for equality.
    pub needed: f64,
    /// How alike they are, 0 to 1; none where one has nothing to compare.
    pub score: Option<f64>,
    /// Whether that is enough.
    pub holds: bool,
}

/// A value of a comparison.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Shown {
    /// The row's entity.
    pub entity: String,
    /// The row's primary key.
    pub key: String,
    /// The attribute; empty where the entity lacks it.
    pub attribute: String,
    /// The value as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// The value as it is compared: normalized, and replaced by its alias.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compared: Option<String>,
    /// Why there is nothing to compare.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub without: Option<Without>,
}

/// Why there is nothing to compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Without {
    /// The row has no value.
    Missing,
    /// Normalization leaves nothing of the value.
    Empty,
    /// The value is on a list of those that are never used.
    Bypassed,
}

/// What one exception says of a pair.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ExceptionVerdict {
    /// Its name, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Whether all its conditions hold.
    pub applies: bool,
    /// The conditions.
    pub conditions: Vec<ConditionVerdict>,
}
