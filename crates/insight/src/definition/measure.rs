//! Measures: calculated numbers, for the business or per customer.

use super::template::Template;
use super::text::{CalculationText, DimensionText, RuleText, SqlText};
use lang::attribute::AttributeRef;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A calculated number, or one per customer or dimension value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "RawMeasure", into = "RawMeasure")]
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
    pub by: Vec<DimensionText>,
    /// Values that count as other values.
    pub replace: Vec<Replace>,
    /// Relationships that the paths must use.
    pub via: Vec<String>,
    /// Whether it is calculated.
    pub state: MeasureState,
    /// Labels, at most [`super::MAX_TAGS`].
    pub tags: Vec<String>,
    /// A query instead of calculations.
    pub sql: Option<SqlText>,
    /// What the calculation and the filter stand for, where they were given as a template.
    pub template: Option<Template>,
}

impl Measure {
    /// A measure with one calculation and nothing else.
    pub fn new(name: &str, kind: MeasureKind, calculate: CalculationText) -> Self {
        Self {
            name: name.to_owned(),
            description: None,
            kind,
            calculations: vec![MeasureCalculation { name: name.to_owned(), calculate }],
            filter: None,
            by: Vec::new(),
            replace: Vec::new(),
            via: Vec::new(),
            state: MeasureState::default(),
            tags: Vec::new(),
            sql: None,
            template: None,
        }
    }
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

/// Whether a measure is calculated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum MeasureState {
    /// Calculated in every refresh.
    #[default]
    Active,
    /// Kept as it was when it was last calculated; nothing may read it.
    Inactive,
}

impl MeasureState {
    fn is_active(&self) -> bool {
        *self == Self::Active
    }
}

/// Whole numbers in the place of missing or given values of an attribute, wherever the calculations read it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Replace {
    /// The attribute, a number.
    pub attribute: AttributeRef,
    /// What a missing value counts as.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nulls: Option<i64>,
    /// What other values count as: from the number, as text, to its replacement.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub values: BTreeMap<String, i64>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawMeasure {
    name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    #[serde(rename = "type")]
    kind: MeasureKind,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    calculate: Option<RawCalculate>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    template: Option<Template>,
    #[serde(rename = "where", default, skip_serializing_if = "Option::is_none")]
    filter: Option<RuleText>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    by: Vec<DimensionText>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    replace: Vec<Replace>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    via: Vec<String>,
    #[serde(default, skip_serializing_if = "MeasureState::is_active")]
    state: MeasureState,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    tags: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sql: Option<SqlText>,
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum RawCalculate {
    One(CalculationText),
    Named(BTreeMap<String, CalculationText>),
}

impl TryFrom<RawMeasure> for Measure {
    type Error = String;

    fn try_from(raw: RawMeasure) -> Result<Self, String> {
        let (name, mut filter, mut template) = (raw.name.clone(), raw.filter, raw.template);
        let calculations = match (raw.calculate, &mut template) {
            (Some(_), Some(_)) => return Err("a measure has a template or a calculation".to_owned()),
            (None, None) => Vec::new(),
            (None, Some(template)) => {
                template.also = filter.take();
                filter = template.filter()?;
                vec![MeasureCalculation { name, calculate: template.calculation()? }]
            }
            (Some(RawCalculate::One(calculate)), None) => vec![MeasureCalculation { name, calculate }],
            (Some(RawCalculate::Named(named)), None) => {
                named.into_iter().map(|(name, calculate)| MeasureCalculation { name, calculate }).collect()
            }
        };
        Ok(Self {
            name: raw.name,
            description: raw.description,
            kind: raw.kind,
            calculations,
            filter,
            by: raw.by,
            replace: raw.replace,
            via: raw.via,
            state: raw.state,
            tags: raw.tags,
            sql: raw.sql,
            template,
        })
    }
}

impl From<Measure> for RawMeasure {
    fn from(it: Measure) -> Self {
        let calculate = match it.calculations.as_slice() {
            _ if it.template.is_some() => None,
            [] => None,
            [one] if one.name == it.name => Some(RawCalculate::One(one.calculate.clone())),
            _ => {
                let named = it.calculations.into_iter().map(|c| (c.name, c.calculate));
                Some(RawCalculate::Named(named.collect()))
            }
        };
        let filter = match &it.template {
            Some(template) => template.also().cloned(),
            None => it.filter,
        };
        Self {
            name: it.name,
            description: it.description,
            kind: it.kind,
            calculate,
            filter,
            template: it.template,
            by: it.by,
            replace: it.replace,
            via: it.via,
            state: it.state,
            tags: it.tags,
            sql: it.sql,
        }
    }
}
