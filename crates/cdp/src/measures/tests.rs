//! Measures against nested loops over rows.

use super::*;
use crate::conditions::naive::{self, Row, World, any_condition, any_world};
use crate::definitions::{CalculationText, Measure, MeasureCalculation, MeasureKind, RuleText};
use crate::relationships::CUSTOMER_MEASURE;
use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::util::display::{ArrayFormatter, FormatOptions};
use lang::rule::Number;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

const FILTER: &[(&str, &str)] = &[
    ("Minutes", "int"),
    ("S_Visits.Paid", "decimal"),
    ("S_Shops.Kind", "text"),
    ("S_People.Town", "text"),
    ("Customer.Age", "int"),
    ("Customer.Seen", "time"),
];

const FUNCTIONS: &[&str] = &[
    "sum(S_Visits.Minutes)",
    "avg(S_Visits.Minutes)",
    "min(S_Visits.Minutes)",
    "max(S_Visits.Minutes)",
    "count(S_Visits.Minutes)",
    "countDistinct(S_Visits.Minutes)",
    "sum(S_Visits.Paid)",
    "min(S_Visits.Paid)",
    "count(S_Visits)",
];

fn measure(kind: MeasureKind, calculate: &str, filter: Option<&str>, by: &[&str]) -> Measure {
    let calculate = CalculationText::parse(calculate).unwrap();
    Measure {
        name: "Result".into(),
        description: None,
        kind,
        calculations: vec![MeasureCalculation { name: "Result".into(), calculate }],
        filter: filter.map(|text| RuleText::parse(text).unwrap()),
        by: by.iter().map(|path| path.parse().unwrap()).collect(),
    }
}

/// What a function gives for these cells, in millionths; nothing for no value.
fn calculate(function: &str, cells: &[Option<&String>]) -> Option<i128> {
    let found: Vec<i128> =
        cells.iter().flatten().map(|cell| naive::millionths(Number::parse(cell).unwrap())).collect();
    let million = 1_000_000;
    match function.split('(').next().unwrap() {
        "count" if function == "count(S_Visits)" => Some(cells.len() as i128 * million),
        "count" => Some(found.len() as i128 * million),
        "countDistinct" => Some(found.iter().collect::<BTreeSet<_>>().len() as i128 * million),
        _ if found.is_empty() => None,
        "sum" => Some(found.iter().sum()),
        // Minutes are whole: to the millionth, as a double is rounded when it is read back.
        "avg" => Some((found.iter().sum::<i128>() as f64 / found.len() as f64).round() as i128),
        "min" => found.iter().min().copied(),
        _ => found.iter().max().copied(),
    }
}

/// The rows' groups: the texts of the key columns, then the calculation.
fn expected(
    world: &World,
    measure: &Measure,
    function: &str,
    keys: &[&str],
) -> BTreeMap<Vec<String>, Option<i128>> {
    let condition = measure.filter.as_ref().map(RuleText::condition);
    let mut ends: Vec<&str> = condition.map(naive::entities).unwrap_or_default();
    ends.extend(keys.iter().map(|key| key.split('.').next().unwrap()));
    let attribute = function.trim_end_matches(')').split('(').nth(1).unwrap();
    let mut groups: BTreeMap<Vec<String>, Vec<Row>> = BTreeMap::new();
    for row in world.joined("S_Visits", &ends) {
        if condition.is_none_or(|condition| naive::holds(condition, &row, "S_Visits") == Some(true)) {
            let key = keys.iter().map(|key| row.get(*key).cloned().unwrap_or_else(|| NO_VALUE.to_owned()));
            groups.entry(key.collect()).or_default().push(row);
        }
    }
    if keys.is_empty() {
        groups.entry(Vec::new()).or_default();
    }
    let value = |rows: &Vec<Row>| {
        let cells: Vec<_> = rows.iter().map(|row| row.get(attribute)).collect();
        calculate(function, &cells)
    };
    groups.iter().map(|(key, rows)| (key.clone(), value(rows))).collect()
}

fn found(rows: &RecordBatch) -> BTreeMap<Vec<String>, Option<i128>> {
    let options = FormatOptions::default().with_null(NO_VALUE);
    let texts: Vec<_> =
        rows.columns().iter().map(|column| ArrayFormatter::try_new(column, &options).unwrap()).collect();
    let mut groups = BTreeMap::new();
    for row in 0..rows.num_rows() {
        let mut cells: Vec<String> = texts.iter().map(|text| text.value(row).to_string()).collect();
        let value = cells.pop().filter(|cell| cell != NO_VALUE);
        let value = value.map(|cell| (cell.parse::<f64>().unwrap() * 1e6).round() as i128);
        assert_eq!(groups.insert(cells, value), None, "each group is one row");
    }
    groups
}

async fn results(world: &World, measure: &Measure) -> RecordBatch {
    let results = evaluate(&world.session(), &naive::graph(), std::slice::from_ref(measure)).await.unwrap();
    assert!(results.failed.is_empty(), "{:?}", results.failed);
    let entity = results.entities.into_iter().next().unwrap();
    let own = if measure.kind == MeasureKind::CustomerAttribute { CUSTOMER_MEASURE } else { "Result" };
    assert_eq!(entity.name, own);
    entity.rows
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn a_measure_is_what_nested_loops_say(
        world in any_world(),
        function in proptest::sample::select(FUNCTIONS),
        filter in proptest::option::of(any_condition(FILTER)),
        by in proptest::sample::subsequence(vec!["S_Shops.Kind", "S_People.Town", "Customer.Flag"], 0..3),
        kind in proptest::sample::select(vec![
            MeasureKind::Business, MeasureKind::CustomerMeasure, MeasureKind::CustomerAttribute,
        ]),
    ) {
        let by = if kind == MeasureKind::CustomerAttribute { Vec::new() } else { by };
        let measure = measure(kind, function, filter.as_deref(), &by);
        let keys: Vec<&str> = match kind {
            MeasureKind::Business => by,
            _ => std::iter::once("Customer.CustomerId").chain(by).collect(),
        };
        let mut expected = expected(&world, &measure, function, &keys);
        if kind == MeasureKind::CustomerAttribute {
            let nothing = function.starts_with("count").then_some(0);
            for customer in world.rows("Customer") {
                expected.entry(vec![customer["CustomerId"].clone()]).or_insert(nothing);
            }
        }
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let found = found(&runtime.block_on(results(&world, &measure)));
        prop_assert_eq!(found, expected, "{:?}", measure);
    }
}
