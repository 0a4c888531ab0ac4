//! The shape of a measure's template.

use super::table::{ANY_TEXT, may, must, object, word};
use super::text::{DAY, NAME, PERIOD};
use super::{Object, Shape};

pub(super) static TEMPLATE: Object = object(
    "Template",
    "A usual number about activities; it stands for a calculation and a filter over `UnifiedActivity`.",
    &[
        must(
            "name",
            Shape::Word(&[
                word("averageTransactionValue", "The mean value of a transaction."),
                word("totalTransactionValue", "The sum of the values."),
                word("averageDailyRevenue", "The sum of the values, over the days that have some."),
                word("averageMonthlyRevenue", "The sum of the values, over the months that have some."),
                word("averageYearlyRevenue", "The sum of the values, over the years that have some."),
                word("transactionCount", "How many transactions there are."),
                word("loyaltyPointsEarned", "The sum of the points above 0."),
                word("loyaltyPointsRedeemed", "The sum of the points below 0, without its sign."),
                word("loyaltyPointsBalance", "The sum of all points."),
                word("activeCustomerLifespan", "The days between the first and the last activity."),
                word("loyaltyMembershipDuration", "The days since the first activity of the membership."),
                word("timeSinceLastPurchase", "The days since the last transaction."),
            ]),
            "Which number.",
        ),
        may(
            "activities",
            Shape::List { of: &ANY_TEXT, least: 1 },
            "The activities that count, by their names.",
        ),
        may(
            "types",
            Shape::List { of: &Shape::Text(&NAME), least: 1 },
            "The types of activities that count; when neither these nor activities are given, `Loyalty` for loyalty, all for the lifespan and `SalesOrder` for the rest.",
        ),
        may(
            "value",
            Shape::Text(&NAME),
            "The attribute with the money or points; `Amount`, or `Points` for points, when not given.",
        ),
        may("timestamp", Shape::Text(&NAME), "The attribute with the time; `ActivityTime` when not given."),
        may("since", Shape::Text(&DAY), "The first day that counts."),
        may("until", Shape::Text(&DAY), "The last day that counts."),
        may("within", Shape::Text(&PERIOD), "How far back activities count, e.g. `90 days`."),
    ],
);
