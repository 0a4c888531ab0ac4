//! Measures and segments.

mod activity;

use std::collections::BTreeMap;

use lang::diagnose::Diagnostic;
use lang::rule::{Calculation, Condition, parse_calculation, parse_condition};
use serde::{Deserialize, Serialize};

use lang::attribute::AttributeRef;

pub use activity::{ACTIVITY_COLUMNS, Activity, UNIFIED_ACTIVITY};

/// The entity that tells which segments a customer is in.
pub const SEGMENT_MEMBERSHIP: &str = "SegmentMembership";

/// A condition over attributes: `State = 'California' and Gender = 'Female'`. Serialised it is its text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RuleText {
    text: String,
    condition: Condition,
}

/// A calculation: `sum(eCommerce_eCommercePurchases.TotalPrice)`. Serialised it is its text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CalculationText {
    text: String,
    calculation: Calculation,
}

impl RuleText {
    /// Reads a condition.
    ///
    /// # Errors
    /// Everything that is wrong with the text.
    pub fn parse(text: impl Into<String>) -> Result<Self, Vec<Diagnostic>> {
        let text = text.into();
        Ok(Self { condition: parse_condition(&text)?, text })
    }

    /// The text as it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What it says; its places are those of [`RuleText::text`].
    pub fn condition(&self) -> &Condition {
        &self.condition
    }
}

impl CalculationText {
    /// Reads a calculation.
    ///
    /// # Errors
    /// Everything that is wrong with the text.
    pub fn parse(text: impl Into<String>) -> Result<Self, Vec<Diagnostic>> {
        let text = text.into();
        Ok(Self { calculation: parse_calculation(&text)?, text })
    }

    /// The text as it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What it says; its places are those of [`CalculationText::text`].
    pub fn calculation(&self) -> &Calculation {
        &self.calculation
    }
}

impl TryFrom<String> for RuleText {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(text).map_err(first_message)
    }
}

impl TryFrom<String> for CalculationText {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(text).map_err(first_message)
    }
}

impl From<RuleText> for String {
    fn from(it: RuleText) -> Self {
        it.text
    }
}

impl From<CalculationText> for String {
    fn from(it: CalculationText) -> Self {
        it.text
    }
}

fn first_message(diagnostics: Vec<Diagnostic>) -> String {
    diagnostics.first().map(ToString::to_string).unwrap_or_default()
}

/// A calculated number, or one per customer or dimension value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(from = "RawMeasure", into = "RawMeasure")]
pub struct Measure {
    /// The measure's name.
    pub name: String,
    /// What it is, for people.
    pub description: Option<String>,
    /// What its rows stand for.
    pub kind: MeasureKind,
    /// What is calculated; at least one. A single calculation has the measure's name.
    pub calculations: Vec<MeasureCalculation>,
    /// Which rows count; all when not given.
    pub filter: Option<RuleText>,
    /// The dimensions.
    pub by: Vec<AttributeRef>,
}

/// The kinds of measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum MeasureKind {
    /// About the whole business: one row, or one per dimension value.
    Business,
    /// One value per customer, an attribute of the profile.
    CustomerAttribute,
    /// One row per customer and dimension value.
    CustomerMeasure,
}

/// One calculation of a measure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MeasureCalculation {
    /// The column's name.
    pub name: String,
    /// What is calculated.
    pub calculate: CalculationText,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawMeasure {
    name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    #[serde(rename = "type")]
    kind: MeasureKind,
    calculate: RawCalculate,
    #[serde(rename = "where", default, skip_serializing_if = "Option::is_none")]
    filter: Option<RuleText>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    by: Vec<AttributeRef>,
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum RawCalculate {
    One(CalculationText),
    Named(BTreeMap<String, CalculationText>),
}

impl From<RawMeasure> for Measure {
    fn from(raw: RawMeasure) -> Self {
        let calculations = match raw.calculate {
            RawCalculate::One(calculate) => vec![MeasureCalculation { name: raw.name.clone(), calculate }],
            RawCalculate::Named(named) => {
                named.into_iter().map(|(name, calculate)| MeasureCalculation { name, calculate }).collect()
            }
        };
        Self {
            name: raw.name,
            description: raw.description,
            kind: raw.kind,
            calculations,
            filter: raw.filter,
            by: raw.by,
        }
    }
}

impl From<Measure> for RawMeasure {
    fn from(it: Measure) -> Self {
        let calculate = match it.calculations.as_slice() {
            [one] if one.name == it.name => RawCalculate::One(one.calculate.clone()),
            _ => RawCalculate::Named(it.calculations.into_iter().map(|c| (c.name, c.calculate)).collect()),
        };
        Self {
            name: it.name,
            description: it.description,
            kind: it.kind,
            calculate,
            filter: it.filter,
            by: it.by,
        }
    }
}

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
}

/// One rule of a segment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SegmentRule {
    /// What it does to the customers that the rules before it gave.
    pub set: SetOperator,
    /// Which customers it gives.
    pub where_: RuleText,
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
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum RawSegmentRule {
    Where(RuleText),
    Union(RuleText),
    Intersect(RuleText),
    Except(RuleText),
}

impl From<RawSegment> for Segment {
    fn from(raw: RawSegment) -> Self {
        let first = raw.where_.map(RawSegmentRule::Where);
        let rules = first.into_iter().chain(raw.rules).map(SegmentRule::from).collect();
        Self { name: raw.name, description: raw.description, rules, state: raw.state }
    }
}

impl From<Segment> for RawSegment {
    fn from(it: Segment) -> Self {
        let (where_, rules) = match it.rules.as_slice() {
            [SegmentRule { set: SetOperator::First, where_ }] => (Some(where_.clone()), Vec::new()),
            _ => (None, it.rules.into_iter().map(RawSegmentRule::from).collect()),
        };
        Self { name: it.name, description: it.description, where_, rules, state: it.state }
    }
}

impl From<RawSegmentRule> for SegmentRule {
    fn from(raw: RawSegmentRule) -> Self {
        let (set, where_) = match raw {
            RawSegmentRule::Where(text) => (SetOperator::First, text),
            RawSegmentRule::Union(text) => (SetOperator::Union, text),
            RawSegmentRule::Intersect(text) => (SetOperator::Intersect, text),
            RawSegmentRule::Except(text) => (SetOperator::Except, text),
        };
        Self { set, where_ }
    }
}

impl From<SegmentRule> for RawSegmentRule {
    fn from(it: SegmentRule) -> Self {
        match it.set {
            SetOperator::First => Self::Where(it.where_),
            SetOperator::Union => Self::Union(it.where_),
            SetOperator::Intersect => Self::Intersect(it.where_),
            SetOperator::Except => Self::Except(it.where_),
        }
    }
}
