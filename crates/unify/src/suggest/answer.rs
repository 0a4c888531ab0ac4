//! What is suggested, for programs and people. Examples hold values of rows: this is never written into a log.

use serde::Serialize;

use crate::definition::{DeduplicationRule, MatchRule, SignalKind, Unification};
use crate::explain::RuleStage;
use crate::probabilistic::Atom;
use crate::semantic::EntitySuggestion;

/// Suggested rules for some entities, with what speaks for them.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Suggestions {
    /// What the attributes of each entity seem to mean.
    pub meanings: Vec<EntitySuggestion>,
    /// The rules, by entity in match order, deduplication first, then in the order in which they are to be tried.
    pub rules: Vec<SuggestedRule>,
    /// How pairs were found among all the pairs that there are.
    pub blocking: Blocking,
    /// What a person should know.
    pub notes: Vec<Note>,
    /// Everything as a definition that can be run; none where there is no rule.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unification: Option<Unification>,
}

/// One rule and what it would do.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SuggestedRule {
    /// What it belongs to.
    pub stage: RuleStage,
    /// The entity whose rows look for a partner.
    pub on: String,
    /// The entities in which they look.
    pub lefts: Vec<String>,
    /// Its name.
    pub name: String,
    /// The rule.
    pub rule: WrittenRule,
    /// Pairs of rows that fulfil it: exactly those that it finds in a run.
    pub pairs: u64,
    /// Those of them that no rule before it finds.
    pub added_pairs: u64,
    /// Pairs that fulfil all conditions but are an exception.
    pub excepted: u64,
    /// Rows (for a match rule, deduplicated rows) that it matches in a run of all suggested rules.
    pub matched: u64,
    /// The expected share of its pairs that are one customer, 0 to 1: the mean probability.
    pub precision: f64,
    /// The expected share of all pairs of one customer that it finds, 0 to 1, among those that were compared.
    pub recall: f64,
    /// What it adds to the recall of the rules before it.
    pub added_recall: f64,
    /// Pairs that would merge, of every kind that there is, the commonest kinds first.
    pub merged: Vec<Example>,
    /// Pairs that would not, though little is missing.
    pub not_merged: Vec<Example>,
}

/// A rule of either stage, as it stands in a definition.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum WrittenRule {
    /// A rule within one entity.
    Deduplication(DeduplicationRule),
    /// A rule between entities.
    Match(MatchRule),
}

/// A pair of rows.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Example {
    /// The probability that they are one customer, 0 to 1.
    pub probability: f64,
    /// How many pairs agree and differ in the same way.
    pub alike: u64,
    /// The attribute of the one condition that does not hold; none for pairs that merge and for exceptions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fails: Option<String>,
    /// The two rows.
    pub rows: [ExampleRow; 2],
}

/// One row of an example.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ExampleRow {
    /// The row's entity.
    pub entity: String,
    /// Its primary key.
    pub key: String,
    /// Its values of all signals.
    pub values: Vec<ExampleValue>,
}

/// One value of an example.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ExampleValue {
    /// What it is.
    pub signal: SignalKind,
    /// The attribute.
    pub attribute: String,
    /// Whether the rule compares it.
    pub used: bool,
    /// The value as it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// The value as a rule compares it, where that is another text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub compared: Option<String>,
}

/// How pairs were found: not every row is compared with every other one.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Blocking {
    /// Pairs that there are.
    pub possible: f64,
    /// Different pairs that were compared.
    pub pairs: u64,
    /// Expected matches among them.
    pub matches: f64,
    /// Expected matches that no key brought, at least; estimated from those that only one or two keys brought (Chao
    /// 1984).
    pub missed: f64,
    /// The keys.
    pub keys: Vec<BlockingKey>,
}

/// Rows that agree on all parts of a key are compared.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BlockingKey {
    /// The parts.
    pub parts: Vec<Atom>,
    /// Rows that have a value for every part.
    pub records: u64,
    /// Different values that more than one row has.
    pub blocks: u64,
    /// Rows that may share a value; those of commoner ones are not compared by this key.
    pub most: u32,
    /// Pairs that it brought.
    pub pairs: u64,
    /// Expected matches among them.
    pub matches: f64,
    /// Expected matches that no other key brought: what would be missed without it.
    pub only_matches: f64,
    /// What is too common.
    pub refused: Refused,
}

/// Values of a key that too many rows share.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Refused {
    /// Different values.
    pub values: u64,
    /// Rows that have one of them.
    pub records: u64,
    /// Pairs of rows that share one, which this key does not compare.
    pub pairs: u64,
    /// The commonest of them.
    pub commonest: Vec<RefusedValue>,
}

/// A value that too many rows share.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RefusedValue {
    /// The values of the parts, as one of the rows has them.
    pub values: Vec<String>,
    /// The rows that share it.
    pub records: u64,
    /// Why it is refused.
    pub reason: RefusedReason,
}

/// Why a value is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum RefusedReason {
    /// It stands where nothing is known.
    Default,
    /// Too many rows share it.
    Common,
}

/// What a person should know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "code", rename_all = "camelCase", rename_all_fields = "camelCase")]
#[allow(missing_docs, reason = "the fields are what the variant speaks of")]
pub enum Note {
    /// No entity is about people.
    NoPeople,
    /// An entity has no primary key of one attribute: it cannot be unified.
    KeyMissing { entity: String },
    /// An entity has nothing that tells people apart.
    NoSignals { entity: String },
    /// An entity has nothing in common with those above it.
    NothingInCommon { entity: String },
    /// Hardly any pairs seem to be one customer.
    NothingAlike { entity: String, stage: RuleStage },
    /// No rule is precise enough.
    NothingPrecise { entity: String, stage: RuleStage },
}

impl std::fmt::Display for Note {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NoPeople => write!(f, "no entity seems to be about people"),
            Self::KeyMissing { entity } => {
                write!(f, "{entity} has no primary key of one attribute, which unification needs")
            }
            Self::NoSignals { entity } => {
                write!(f, "{entity} has no attributes that tell people apart: no names, addresses or numbers")
            }
            Self::NothingInCommon { entity } => {
                write!(f, "{entity} has no attributes in common with the entities above it")
            }
            Self::NothingAlike { entity, stage: RuleStage::Deduplication } => {
                write!(f, "hardly any rows of {entity} seem to be one customer")
            }
            Self::NothingAlike { entity, stage: RuleStage::Match } => {
                write!(f, "hardly any rows of {entity} seem to be a customer of the entities above it")
            }
            Self::NothingPrecise { entity, .. } => {
                write!(f, "no rule for {entity} is precise enough; a lower precision finds more")
            }
        }
    }
}
