//! Relationships, and unification: map, match, merge.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::names::{AttributeRef, QualifiedAttribute};

/// A foreign key: many rows of `from` belong to one row of `to`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Relationship {
    /// A name for people and for paths that must be told apart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The foreign key.
    pub from: QualifiedAttribute,
    /// The key that it points to.
    pub to: QualifiedAttribute,
}

impl Relationship {
    /// Its name; without one, what it connects.
    pub fn label(&self) -> String {
        self.name.clone().unwrap_or_else(|| format!("{} -> {}", self.from, self.to))
    }
}

/// How rows of several entities become one profile per customer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Unification {
    /// Which attributes take part; all attributes of entities that are not listed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub map: Vec<EntityMap>,
    /// Which rows are the same customer.
    #[serde(rename = "match")]
    pub match_: Match,
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

/// The match step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Match {
    /// The entities in order; the first is the primary one. An entity may match only those above it.
    pub order: Vec<MatchOrder>,
    /// The rules. For one entity, a later rule is tried only where the earlier ones found nothing.
    #[serde(default)]
    pub rules: Vec<MatchRule>,
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

/// What can be done to a value before it is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Normalization {
    /// Lower case.
    LowerCase,
    /// No white space.
    Whitespace,
    /// No punctuation and symbols.
    Symbols,
    /// Number symbols and Roman numerals as digits.
    Numerals,
    /// Letters without accents.
    UnicodeToAscii,
    /// Telephone numbers as digits.
    TypePhone,
    /// Nicknames and titles in one form.
    TypeName,
    /// Common words of addresses shortened.
    TypeAddress,
    /// No company noise words.
    TypeOrganization,
}

impl Normalization {
    /// The name in the definitions.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::LowerCase => "lower-case",
            Self::Whitespace => "whitespace",
            Self::Symbols => "symbols",
            Self::Numerals => "numerals",
            Self::UnicodeToAscii => "unicode-to-ascii",
            Self::TypePhone => "type-phone",
            Self::TypeName => "type-name",
            Self::TypeAddress => "type-address",
            Self::TypeOrganization => "type-organization",
        }
    }
}

/// How alike two texts must be: (length − Levenshtein distance) / length of the base text.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum Precision {
    /// Equal.
    #[default]
    Exact,
    /// At least 0.3.
    Low,
    /// At least 0.6.
    Medium,
    /// At least 0.8.
    High,
    /// At least this, above 0 and at most 1.
    Custom(f64),
}

impl Precision {
    /// The lowest score that is a match, 0 to 1.
    pub fn score(self) -> f64 {
        match self {
            Self::Exact => 1.0,
            Self::Low => 0.3,
            Self::Medium => 0.6,
            Self::High => 0.8,
            Self::Custom(score) => score,
        }
    }
}

impl Serialize for Precision {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Exact => to.serialize_str("exact"),
            Self::Low => to.serialize_str("low"),
            Self::Medium => to.serialize_str("medium"),
            Self::High => to.serialize_str("high"),
            Self::Custom(score) => to.serialize_f64(*score),
        }
    }
}

impl<'de> Deserialize<'de> for Precision {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(rename_all = "lowercase")]
        enum Word {
            Exact,
            Low,
            Medium,
            High,
        }
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Either {
            Word(Word),
            Score(f64),
            Custom { custom: f64 },
        }
        Ok(match Either::deserialize(from)? {
            Either::Word(Word::Exact) => Self::Exact,
            Either::Word(Word::Low) => Self::Low,
            Either::Word(Word::Medium) => Self::Medium,
            Either::Word(Word::High) => Self::High,
            Either::Score(score) | Either::Custom { custom: score } => Self::Custom(score),
        })
    }
}

/// The merge step.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Merge {
    /// The attributes of the profile that are said by hand. Attributes that stand in no `from` are combined by
    /// semantic type or name, by importance in match order; the rest stay single.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attributes: Vec<MergeAttribute>,
}

/// One attribute of the profile.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "RawMergeAttribute", into = "RawMergeAttribute")]
pub struct MergeAttribute {
    /// Its name in the profile.
    pub name: String,
    /// Where its value may come from, the most important first.
    pub from: Vec<QualifiedAttribute>,
    /// Which value wins.
    pub policy: MergePolicy,
}

/// Which of several values the profile gets.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
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
}

#[derive(Clone, Copy, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum RawPolicy {
    #[default]
    Importance,
    MostRecent,
    LeastRecent,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawMergeAttribute {
    name: String,
    from: Vec<QualifiedAttribute>,
    #[serde(default)]
    policy: RawPolicy,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    by: Vec<AttributeRef>,
}

impl From<RawMergeAttribute> for MergeAttribute {
    fn from(raw: RawMergeAttribute) -> Self {
        let policy = match raw.policy {
            RawPolicy::Importance => MergePolicy::Importance,
            RawPolicy::MostRecent => MergePolicy::MostRecent { by: raw.by },
            RawPolicy::LeastRecent => MergePolicy::LeastRecent { by: raw.by },
        };
        Self { name: raw.name, from: raw.from, policy }
    }
}

impl From<MergeAttribute> for RawMergeAttribute {
    fn from(it: MergeAttribute) -> Self {
        let (policy, by) = match it.policy {
            MergePolicy::Importance => (RawPolicy::Importance, Vec::new()),
            MergePolicy::MostRecent { by } => (RawPolicy::MostRecent, by),
            MergePolicy::LeastRecent { by } => (RawPolicy::LeastRecent, by),
        };
        Self { name: it.name, from: it.from, policy, by }
    }
}
