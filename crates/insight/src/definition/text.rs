//! The texts inside measures and segments. Serialised each is its text.

use lang::attribute::{AttributeRef, RefError};
use lang::diagnose::Diagnostic;
use lang::rule::{Calculation, Condition, DatePart, parse_calculation, parse_condition};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

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

/// A dimension: an attribute, or the period of a date (`month(Shop_Orders.OrderedOn)`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DimensionText {
    /// The period: year, quarter, month or day.
    pub bucket: Option<DatePart>,
    /// The attribute.
    pub attribute: AttributeRef,
}

impl FromStr for DimensionText {
    type Err = RefError;

    fn from_str(text: &str) -> Result<Self, RefError> {
        let call = text.trim().strip_suffix(')').and_then(|text| text.split_once('('));
        let bucket = call.and_then(|(name, inner)| Some((DatePart::parse(name.trim())?, inner)));
        match bucket.filter(|(part, _)| !matches!(part, DatePart::Weekday | DatePart::Hour)) {
            Some((part, inner)) => Ok(Self { bucket: Some(part), attribute: inner.parse()? }),
            None => Ok(Self { bucket: None, attribute: text.parse()? }),
        }
    }
}

impl fmt::Display for DimensionText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.bucket {
            Some(part) => write!(f, "{}({})", part.name(), self.attribute),
            None => self.attribute.fmt(f),
        }
    }
}

impl TryFrom<String> for DimensionText {
    type Error = RefError;

    fn try_from(text: String) -> Result<Self, RefError> {
        text.parse()
    }
}

impl From<DimensionText> for String {
    fn from(it: DimensionText) -> Self {
        it.to_string()
    }
}

/// A query that only reads, instead of rules or calculations. What it may be is checked by the query engine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SqlText(pub String);
