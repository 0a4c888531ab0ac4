//! Matching by probability, beside the rules.

use lang::attribute::QualifiedAttribute;
use serde::{Deserialize, Serialize};

/// Matching by probability: a Fellegi–Sunter model learns from the data how much each agreement says, and rows are
/// one customer where the probability reaches the threshold. It works over all entities of the match order, within
/// each of them too.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Probabilistic {
    /// The lowest probability of a match, above 0 and below 1.
    #[serde(default = "default_threshold")]
    pub threshold: f64,
    /// What is compared; found by semantic types when nothing is said.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub signals: Vec<Signal>,
    /// An entity of pairs that people have judged: `Entity1`, `Entity1Key`, `Entity2`, `Entity2Key`, `Match`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub labels: Option<String>,
    /// When a model is learned anew.
    #[serde(default, skip_serializing_if = "Retrain::is_default")]
    pub retrain: Retrain,
}

/// When a model is learned anew. With one model the same rows always match the same way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Retrain {
    /// When the one of the run before does not fit: what is compared or what people have judged is not the same, or
    /// there are far more or far fewer rows than it was learned from.
    #[default]
    WhenNeeded,
    /// In every run.
    Always,
}

impl Retrain {
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

fn default_threshold() -> f64 {
    0.85
}

/// One thing that tells customers apart, and the attribute of each entity that holds it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Signal {
    /// What it is; decides how values are normalized and compared.
    pub kind: SignalKind,
    /// One attribute of each entity that has it.
    pub attributes: Vec<QualifiedAttribute>,
}

/// What a signal is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum SignalKind {
    /// A given name.
    FirstName,
    /// A family name.
    LastName,
    /// A whole name.
    FullName,
    /// An e-mail address.
    Email,
    /// A telephone number.
    Phone,
    /// Street and house number.
    Street,
    /// A town.
    City,
    /// A postal code.
    PostalCode,
    /// A date of birth.
    BirthDate,
    /// A number that identifies a person in several entities.
    Identifier,
    /// Any other text.
    Text,
    /// A word from a short list, such as a sex or a country.
    Category,
}
