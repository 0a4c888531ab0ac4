//! What conditions mean, by texts.

use super::aggregate::{Cell, aggregate};
use super::{Row, World};
use lang::rule::{
    Comparison, Condition, DatePart, Literal, Number, Operand, Operator, Path, Quantifier, Test, TextMatch,
};
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

/// What is known beside the row.
pub(crate) struct Frame<'w> {
    pub(crate) world: &'w World,
    /// The members of other segments.
    pub(crate) segments: &'w BTreeMap<String, BTreeSet<String>>,
}

/// When the oracle's moments are.
pub(crate) const NOW: &str = "2020-02-28T18:00:00Z";

/// Tests of dates and times that depend on [`NOW`]. The oracle knows what these few come to.
pub(super) const MOMENT_TESTS: &[&str] = &[
    "NOT within last 1 day",
    "NOT within last 1 month",
    "NOT year to date",
    "= today",
    "!= today - 1 day",
    "<= today",
    "> today - 1 month",
    ">= now - 1 day",
    "< now",
    "NOT between today - 1 day and now",
    "NOT in (today, today + 1 day)",
];

/// The day or time of a moment that is written like this.
fn moment_text(literal: &str) -> &'static str {
    match literal {
        "today" => "2020-02-28",
        "today - 1 day" => "2020-02-27",
        "today + 1 day" => "2020-02-29",
        "today - 1 month" => "2020-01-28",
        "now" => "2020-02-28T18:00:00",
        "now - 1 day" => "2020-02-27T18:00:00",
        "now - 1 month" => "2020-01-28T18:00:00",
        other => panic!("{other}"),
    }
}

/// Whether a condition holds for a joined row; nothing when it is unknown. Names without entity are `home`'s.
pub(crate) fn holds(condition: &Condition, row: &Row, home: &str, frame: &Frame<'_>) -> Option<bool> {
    match condition {
        Condition::And(parts) => any_of(parts, row, home, frame, false).map(|fails| !fails),
        Condition::Or(parts) => any_of(parts, row, home, frame, true),
        Condition::Not(inner) => holds(inner, row, home, frame).map(|holds| !holds),
        Condition::Test(test) => test_holds(test, row, home, frame),
        Condition::InSegment { name, .. } => {
            Some(frame.segments[&name.value].contains(&row["Customer.CustomerId"]))
        }
    }
}

/// Whether one of the parts is `wanted`; nothing when one of the others is unknown.
fn any_of(parts: &[Condition], row: &Row, home: &str, frame: &Frame<'_>, wanted: bool) -> Option<bool> {
    let truths: Vec<Option<bool>> = parts.iter().map(|part| holds(part, row, home, frame)).collect();
    if truths.contains(&Some(wanted)) {
        return Some(true);
    }
    if truths.contains(&None) { None } else { Some(false) }
}

fn cell_of(path: &Path, row: &Row, home: &str) -> Option<String> {
    let entity = path.entity.as_ref().map_or(home, |entity| entity.value.as_str());
    row.get(&format!("{entity}.{}", path.name.value)).cloned()
}

fn value_of(operand: &Operand, row: &Row, home: &str, frame: &Frame<'_>) -> Option<Cell> {
    match operand {
        Operand::Attribute(path) => cell_of(path, row, home).map(Cell::Text),
        Operand::Part { part, path, .. } => Some(Cell::Text(part_of(*part, &cell_of(path, row, home)?))),
        Operand::Aggregate(it) => {
            let rows = frame.world.rows_of_customer(it, &row["Customer.CustomerId"]);
            aggregate(it, &rows, frame)
        }
    }
}

pub(super) fn part_of(part: DatePart, cell: &str) -> String {
    let number = |from: usize, to: usize| cell[from..to].parse::<i64>().unwrap();
    let part = match part {
        DatePart::Year => number(0, 4),
        DatePart::Quarter => (number(5, 7) + 2) / 3,
        DatePart::Month => number(5, 7),
        DatePart::Day => number(8, 10),
        // 2020-02-24 was a Monday.
        DatePart::Weekday => number(8, 10) - 23,
        DatePart::Hour => number(11, 13),
    };
    part.to_string()
}

fn test_holds(test: &Test, row: &Row, home: &str, frame: &Frame<'_>) -> Option<bool> {
    let cell = value_of(&test.operand, row, home, frame);
    if let Operator::IsNull { negated } = &test.operator {
        return Some(cell.is_none() != *negated);
    }
    let fold = |text: &str| if test.ignore_case { text.to_lowercase() } else { text.to_owned() };
    let cell = match cell? {
        Cell::Text(text) => Cell::Text(fold(&text)),
        number => number,
    };
    let order = |literal: &Literal| compare(&cell, literal, &fold);
    let between = |low: &Literal, high: &Literal| order(low).is_ge() && order(high).is_le();
    let matches = |kind: TextMatch, text: &str| {
        let (Cell::Text(cell), text) = (&cell, fold(text)) else { panic!("a text") };
        match kind {
            TextMatch::Contains => cell.contains(&text),
            TextMatch::StartsWith => cell.starts_with(&text),
            TextMatch::EndsWith => cell.ends_with(&text),
        }
    };
    Some(match &test.operator {
        Operator::Compare { comparison, value } => is(*comparison, order(&value.value)),
        Operator::CompareList { comparison, quantifier, values } => {
            quantified(*quantifier, values.iter().map(|value| is(*comparison, order(&value.value))))
        }
        Operator::In { values, negated } => {
            values.iter().any(|value| order(&value.value).is_eq()) != *negated
        }
        Operator::Between { low, high, negated } => between(&low.value, &high.value) != *negated,
        Operator::Match { kind, text, negated } => matches(*kind, &text.value) != *negated,
        Operator::MatchList { kind, quantifier, texts, negated } => {
            quantified(*quantifier, texts.iter().map(|text| matches(*kind, &text.value))) != *negated
        }
        Operator::WithinLast { period, negated } => {
            let Cell::Text(text) = &cell else { panic!("a date") };
            let (base, now) =
                if text.len() == 19 { ("now", moment_text("now")) } else { ("today", moment_text("today")) };
            let from = moment_text(&format!("{base} - {period}"));
            (text.as_str() >= from && text.as_str() <= now) != *negated
        }
        Operator::YearToDate { negated } => {
            let Cell::Text(text) = &cell else { panic!("a date") };
            let now = moment_text(if text.len() == 19 { "now" } else { "today" });
            (text.as_str() >= "2020-01-01" && text.as_str() <= now) != *negated
        }
        Operator::IsNull { .. } => unreachable!("answered above"),
    })
}

fn is(comparison: Comparison, order: Ordering) -> bool {
    match comparison {
        Comparison::Equal => order.is_eq(),
        Comparison::NotEqual => order.is_ne(),
        Comparison::Less => order.is_lt(),
        Comparison::LessOrEqual => order.is_le(),
        Comparison::Greater => order.is_gt(),
        Comparison::GreaterOrEqual => order.is_ge(),
    }
}

fn quantified(quantifier: Quantifier, mut truths: impl Iterator<Item = bool>) -> bool {
    match quantifier {
        Quantifier::Any => truths.any(|truth| truth),
        Quantifier::All => truths.all(|truth| truth),
    }
}

/// A cell against a literal: numbers as millionths, everything else as text; a time against a date by its first ten
/// letters.
fn compare(cell: &Cell, literal: &Literal, fold: &impl Fn(&str) -> String) -> Ordering {
    let cell = match (cell, literal) {
        (Cell::Exact(value), Literal::Number(number)) => return exactly(*value, *number),
        (Cell::Double(value), Literal::Number(number)) => {
            return value.partial_cmp(&number.as_f64()).unwrap();
        }
        (Cell::Text(text), _) => text.as_str(),
        other => panic!("{other:?}"),
    };
    match literal {
        Literal::Number(number) => exactly(super::millionths(Number::parse(cell).unwrap()), *number),
        Literal::Bool(value) => cell.cmp(&value.to_string()),
        Literal::Text(text) => text_order(cell, &fold(text)),
        Literal::Moment(moment) => {
            let text = moment_text(&moment.to_string());
            // A date is compared with the day of a moment.
            text_order(cell, if cell.len() == 10 { &text[..10] } else { text })
        }
    }
}

fn text_order(cell: &str, text: &str) -> Ordering {
    if cell.len() == 19 && text.len() == 10 {
        return cell[..10].cmp(text);
    }
    if cell.len() == 19 { cell.cmp(&text.replace(' ', "T")) } else { cell.cmp(text) }
}

/// Millionths against a number that may have more digits.
fn exactly(millionths: i128, number: Number) -> Ordering {
    (millionths * 10i128.pow(u32::from(number.scale()))).cmp(&(number.unscaled() * 1_000_000))
}
