//! Segments: named sets of customers.

use super::text::{RuleText, SqlText};
use lang::attribute::AttributeRef;
use serde::{Deserialize, Serialize};

/// A named set of customers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "RawSegment", into = "RawSegment")]
pub struct Segment {
    /// The segment's name; the name of its output entity too.
    pub name: String,
    /// What it is, for people.
    pub description: Option<String>,
    /// Applied in order; the first has [`SetOperator::First`], the others have not.
    pub rules: Vec<SegmentRule>,
    /// Whether it is computed.
    pub state: SegmentState,
    /// When it is computed.
    pub kind: SegmentType,
    /// Attributes of related entities that are columns of its entity, beside those of Customer.
    pub project: Vec<AttributeRef>,
    /// Labels, at most [`super::MAX_TAGS`].
    pub tags: Vec<String>,
    /// Every test of a text ignores case.
    pub ignore_case: bool,
    /// A query instead of rules.
    pub sql: Option<SqlText>,
}

impl Segment {
    /// An active, dynamic segment with these rules and nothing else.
    pub fn new(name: &str, rules: Vec<SegmentRule>) -> Self {
        Self {
            name: name.to_owned(),
            description: None,
            rules,
            state: SegmentState::default(),
            kind: SegmentType::default(),
            project: Vec::new(),
            tags: Vec::new(),
            ignore_case: false,
            sql: None,
        }
    }

    /// The relationships that all of its rules together name.
    pub fn via(&self) -> Vec<String> {
        let mut found: Vec<String> = Vec::new();
        for name in self.rules.iter().flat_map(|rule| &rule.via) {
            if !found.contains(name) {
                found.push(name.clone());
            }
        }
        found
    }
}

/// When a segment is computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum SegmentType {
    /// In every refresh.
    #[default]
    Dynamic,
    /// Only on request.
    Static,
}

impl SegmentType {
    fn is_dynamic(&self) -> bool {
        *self == Self::Dynamic
    }
}

/// One rule of a segment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SegmentRule {
    /// What it does to the customers that the rules before it gave.
    pub set: SetOperator,
    /// Which customers it gives.
    pub where_: RuleText,
    /// Relationships that its paths must use.
    pub via: Vec<String>,
}

/// How a rule's customers meet those of the rules before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SetOperator {
    /// Nothing came before.
    First,
    /// Those of either.
    Union,
    /// Those of both.
    Intersect,
    /// Those before, without these.
    Except,
}

/// Whether a segment is computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum SegmentState {
    /// Computed in every refresh.
    #[default]
    Active,
    /// Kept as it was when it was last computed.
    Inactive,
    /// Not ready: checked for its form only.
    Draft,
}

impl SegmentState {
    fn is_active(&self) -> bool {
        *self == Self::Active
    }
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawSegment {
    name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    #[serde(rename = "where", default, skip_serializing_if = "Option::is_none")]
    where_: Option<RuleText>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    rules: Vec<RawSegmentRule>,
    #[serde(default, skip_serializing_if = "SegmentState::is_active")]
    state: SegmentState,
    #[serde(rename = "type", default, skip_serializing_if = "SegmentType::is_dynamic")]
    kind: SegmentType,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    project: Vec<AttributeRef>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    tags: Vec<String>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    ignore_case: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sql: Option<SqlText>,
}

#[derive(Serialize, Deserialize)]
struct RawSegmentRule {
    #[serde(flatten)]
    set: RawSet,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    via: Vec<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum RawSet {
    Where(RuleText),
    Union(RuleText),
    Intersect(RuleText),
    Except(RuleText),
}

impl From<RawSegment> for Segment {
    fn from(raw: RawSegment) -> Self {
        let short = |where_| SegmentRule { set: SetOperator::First, where_, via: Vec::new() };
        let first = raw.where_.map(short);
        Self {
            name: raw.name,
            description: raw.description,
            rules: first.into_iter().chain(raw.rules.into_iter().map(SegmentRule::from)).collect(),
            state: raw.state,
            kind: raw.kind,
            project: raw.project,
            tags: raw.tags,
            ignore_case: raw.ignore_case,
            sql: raw.sql,
        }
    }
}

impl From<Segment> for RawSegment {
    fn from(it: Segment) -> Self {
        let (where_, rules) = match it.rules.as_slice() {
            [SegmentRule { set: SetOperator::First, where_, via }] if via.is_empty() => {
                (Some(where_.clone()), Vec::new())
            }
            _ => (None, it.rules.into_iter().map(RawSegmentRule::from).collect()),
        };
        Self {
            name: it.name,
            description: it.description,
            where_,
            rules,
            state: it.state,
            kind: it.kind,
            project: it.project,
            tags: it.tags,
            ignore_case: it.ignore_case,
            sql: it.sql,
        }
    }
}

impl From<RawSegmentRule> for SegmentRule {
    fn from(RawSegmentRule { set, via }: RawSegmentRule) -> Self {
        let (set, where_) = match set {
            RawSet::Where(text) => (SetOperator::First, text),
            RawSet::Union(text) => (SetOperator::Union, text),
            RawSet::Intersect(text) => (SetOperator::Intersect, text),
            RawSet::Except(text) => (SetOperator::Except, text),
        };
        Self { set, where_, via }
    }
}

impl From<SegmentRule> for RawSegmentRule {
    fn from(it: SegmentRule) -> Self {
        let set = match it.set {
            SetOperator::First => RawSet::Where(it.where_),
            SetOperator::Union => RawSet::Union(it.where_),
            SetOperator::Intersect => RawSet::Intersect(it.where_),
            SetOperator::Except => RawSet::Except(it.where_),
        };
        Self { set, via: it.via }
    }
}
