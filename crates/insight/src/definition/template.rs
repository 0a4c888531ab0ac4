//! Templates of measures: usual numbers about activities, said by a name instead of a calculation.

use super::activity::UNIFIED_ACTIVITY;
use super::text::{CalculationText, RuleText};
use serde::{Deserialize, Serialize};

/// A usual number about activities. It stands for a calculation and a filter over [`UNIFIED_ACTIVITY`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Template {
    /// Which number.
    pub name: TemplateName,
    /// The activities that count, by their names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub activities: Vec<String>,
    /// The types of activities that count. Without both, those of [`TemplateName::types`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub types: Vec<String>,
    /// The attribute with the money or the points; [`TemplateName::value`] when not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// The attribute with the time; `ActivityTime` when not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timestamp: Option<String>,
    /// The first day that counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
    /// The last day that counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    /// How far back activities count, as `90 days`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<String>,
    /// The measure's own filter, as it was written.
    #[serde(skip)]
    pub(super) also: Option<RuleText>,
}

/// The templates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum TemplateName {
    /// The mean value of a transaction.
    AverageTransactionValue,
    /// The sum of the values.
    TotalTransactionValue,
    /// The sum of the values, over the days that have some.
    AverageDailyRevenue,
    /// The sum of the values, over the months that have some.
    AverageMonthlyRevenue,
    /// The sum of the values, over the years that have some.
    AverageYearlyRevenue,
    /// How many transactions there are.
    TransactionCount,
    /// The sum of the points that were added.
    LoyaltyPointsEarned,
    /// The sum of the points that were taken away.
    LoyaltyPointsRedeemed,
    /// The points that are left.
    LoyaltyPointsBalance,
    /// The days between the first and the last activity.
    ActiveCustomerLifespan,
    /// The days since the first activity of the membership.
    LoyaltyMembershipDuration,
    /// The days since the last transaction.
    TimeSinceLastPurchase,
}

impl TemplateName {
    /// The types that count when neither activities nor types are chosen; all when there are none.
    pub fn types(self) -> &'static [&'static str] {
        match self {
            Self::LoyaltyPointsEarned
            | Self::LoyaltyPointsRedeemed
            | Self::LoyaltyPointsBalance
            | Self::LoyaltyMembershipDuration => &["Loyalty"],
            Self::ActiveCustomerLifespan => &[],
            _ => &["SalesOrder"],
        }
    }

    /// The attribute that is calculated with when none is chosen.
    pub fn value(self) -> &'static str {
        match self {
            Self::LoyaltyPointsEarned | Self::LoyaltyPointsRedeemed | Self::LoyaltyPointsBalance => "Points",
            _ => "Amount",
        }
    }
}

impl Template {
    /// What is calculated.
    ///
    /// # Errors
    /// A name in it cannot be part of a calculation.
    pub(super) fn calculation(&self) -> Result<CalculationText, String> {
        CalculationText::try_from(self.formula())
    }

    fn formula(&self) -> String {
        let (value, time) = (self.value(), self.time());
        match self.name {
            TemplateName::AverageTransactionValue => format!("avg({value})"),
            TemplateName::TotalTransactionValue
            | TemplateName::LoyaltyPointsEarned
            | TemplateName::LoyaltyPointsBalance => format!("sum({value})"),
            TemplateName::LoyaltyPointsRedeemed => format!("-sum({value})"),
            TemplateName::AverageDailyRevenue => format!(
                "sum({value}) / countDistinct(year({time}) * 10000 + month({time}) * 100 + day({time}))"
            ),
            TemplateName::AverageMonthlyRevenue => {
                format!("sum({value}) / countDistinct(year({time}) * 100 + month({time}))")
            }
            TemplateName::AverageYearlyRevenue => format!("sum({value}) / countDistinct(year({time}))"),
            TemplateName::TransactionCount => format!("count({UNIFIED_ACTIVITY})"),
            TemplateName::ActiveCustomerLifespan => {
                format!("max(daysSince({time})) - min(daysSince({time}))")
            }
            TemplateName::LoyaltyMembershipDuration => format!("max(daysSince({time}))"),
            TemplateName::TimeSinceLastPurchase => format!("min(daysSince({time}))"),
        }
    }

    /// Which rows count: those of the measure's own filter, in parentheses and first, and of the template.
    ///
    /// # Errors
    /// A name or day in it cannot be part of a condition.
    pub(super) fn filter(&self) -> Result<Option<RuleText>, String> {
        let mut parts: Vec<String> = self.also.iter().map(|also| format!("({})", also.text())).collect();
        parts.extend(chosen("ActivityTypeDisplay", &self.activities));
        let types = match (self.activities.as_slice(), self.types.as_slice()) {
            ([], []) => self.name.types().iter().map(|name| (*name).to_owned()).collect(),
            (_, types) => types.to_vec(),
        };
        parts.extend(chosen("ActivityType", &types));
        let time = self.time();
        parts.extend(self.since.as_ref().map(|day| format!("{time} >= {}", quoted(day))));
        parts.extend(self.until.as_ref().map(|day| format!("{time} <= {}", quoted(day))));
        parts.extend(self.within.as_ref().map(|period| format!("{time} within last {period}")));
        let value = self.value();
        match self.name {
            TemplateName::AverageDailyRevenue
            | TemplateName::AverageMonthlyRevenue
            | TemplateName::AverageYearlyRevenue => parts.push(format!("{value} is not null")),
            TemplateName::LoyaltyPointsEarned => parts.push(format!("{value} > 0")),
            TemplateName::LoyaltyPointsRedeemed => parts.push(format!("{value} < 0")),
            _ => {}
        }
        if parts.is_empty() { Ok(None) } else { RuleText::try_from(parts.join(" and ")).map(Some) }
    }

    fn value(&self) -> String {
        format!("{UNIFIED_ACTIVITY}.{}", self.value.as_deref().unwrap_or(self.name.value()))
    }

    fn time(&self) -> String {
        format!("{UNIFIED_ACTIVITY}.{}", self.timestamp.as_deref().unwrap_or("ActivityTime"))
    }

    /// The measure's own filter, as it was written.
    pub fn also(&self) -> Option<&RuleText> {
        self.also.as_ref()
    }
}

/// The test that a column is one of some texts; none without texts.
fn chosen(column: &str, texts: &[String]) -> Option<String> {
    let list: Vec<String> = texts.iter().map(|text| quoted(text)).collect();
    (!list.is_empty()).then(|| format!("{UNIFIED_ACTIVITY}.{column} in ({})", list.join(", ")))
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use crate::definition::Measure;
    use serde_json::{Value, json};

    fn measure(template: &Value) -> Measure {
        let value = json!({"name": "It", "type": "customerAttribute", "template": template, "where": "Channel = 'Web' or Age > 3"});
        let measure: Measure = serde_json::from_value(value.clone()).unwrap();
        assert_eq!(serde_json::to_value(&measure).unwrap(), value, "it is written as it was read");
        measure
    }

    #[test]
    fn a_template_stands_for_a_calculation_and_a_filter() {
        let measure = measure(&json!({
            "name": "averageYearlyRevenue", "activities": ["Bob's shop"], "value": "Price",
            "timestamp": "PaidOn", "since": "2024-01-01", "within": "2 years",
        }));
        assert_eq!(
            measure.calculations[0].calculate.text(),
            "sum(UnifiedActivity.Price) / countDistinct(year(UnifiedActivity.PaidOn))"
        );
        assert_eq!(
            measure.filter.unwrap().text(),
            "(Channel = 'Web' or Age > 3) and UnifiedActivity.ActivityTypeDisplay in ('Bob''s shop') and \
             UnifiedActivity.PaidOn >= '2024-01-01' and UnifiedActivity.PaidOn within last 2 years and \
             UnifiedActivity.Price is not null"
        );
    }

    #[test]
    fn a_period_that_is_none_is_an_error() {
        let value = json!({"name": "It", "type": "business", "template": {"name": "transactionCount", "within": "ages"}});
        assert!(serde_json::from_value::<Measure>(value).is_err());
    }
}
