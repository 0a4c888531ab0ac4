//! Measures against nested loops over rows.

use super::*;
use crate::conditions::Now;
use crate::conditions::naive::{self, Frame, Row, World, any_condition, any_world};
use crate::definitions::{CalculationText, Measure, MeasureKind, RuleText};
use crate::insights::Engine;
use crate::relationships::CUSTOMER_MEASURE;
use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::util::display::{ArrayFormatter, FormatOptions};
use lang::rule::{Aggregate, Term};
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
    "median(S_Visits.Paid)",
    "sum(S_Visits.Minutes * S_Visits.Paid) / count(S_Visits.Paid)",
    "count(S_Visits where Paid > 1.5) + 2 * sum(S_Visits.Minutes where S_Shops.Kind = 'kiosk')",
    "sum(daysSince(Customer.Day) * S_Visits.Minutes) + max(hour(Customer.Seen) + S_Visits.Minutes)",
    "countDistinct(year(Customer.Day) * 100 + month(Customer.Day) + 0 * S_Visits.Minutes)",
    "avg(S_Visits.Minutes) ^ 2 - -max(S_Visits.Paid) % 2",
    "argMax(S_Visits.Paid by S_Visits.Minutes)",
    "first(S_Visits.Minutes by Customer.Seen where Customer.Day <= today)",
    "1 / (count(S_Visits) - 1)",
];

fn measure(kind: MeasureKind, calculate: &str, filter: Option<&str>, by: &[&str]) -> Measure {
    let calculate = CalculationText::parse(calculate).unwrap();
    Measure {
        filter: filter.map(|text| RuleText::parse(text).unwrap()),
        by: by.iter().map(|path| path.parse().unwrap()).collect(),
        ..Measure::new("Result", kind, calculate)
    }
}

/// The rows' groups: the texts of the key columns, then the calculation. `customers` have a group each.
fn expected(
    world: &World,
    measure: &Measure,
    keys: &[&'static str],
    customers: bool,
) -> BTreeMap<Vec<String>, Option<i128>> {
    let segments = BTreeMap::new();
    let frame = Frame { world, segments: &segments };
    let condition = measure.filter.as_ref().map(RuleText::condition);
    let calculation = measure.calculations[0].calculate.calculation();
    // The rows that are there for an aggregate: joins are inner.
    let rows = |aggregate: Option<&Aggregate>| {
        let mut ends: Vec<&str> = Vec::new();
        ends.extend(condition.map(naive::entities).unwrap_or_default());
        let all = ["Customer", "S_People", "S_Visits", "S_Shops"];
        ends.extend(all.iter().filter(|entity| keys.iter().any(|key| key.contains(*entity))));
        let read = aggregate.into_iter().flat_map(Aggregate::paths);
        ends.extend(read.filter_map(naive::in_chain));
        let mut rows = world.joined("S_Visits", &ends);
        let taken = |row: &Row| naive::holds(condition.unwrap(), row, "S_Visits", &frame) == Some(true);
        rows.retain(|row| condition.is_none() || taken(row));
        rows
    };
    let key_of = |row: &Row| -> Vec<String> { keys.iter().map(|key| key_text(row, key)).collect() };
    let mut groups: BTreeSet<Vec<String>> = rows(None).iter().map(key_of).collect();
    if keys.is_empty() {
        groups.insert(Vec::new());
    }
    if customers {
        groups = world.rows("Customer").iter().map(|row| vec![row["CustomerId"].clone()]).collect();
    }
    let value = |group: &Vec<String>| {
        let leaf = |term: &Term| match term {
            Term::Aggregate(aggregate) => {
                let mut rows = rows(Some(aggregate.as_ref()));
                rows.retain(|row| key_of(row) == *group);
                naive::aggregate(aggregate, &rows, &frame)
            }
            Term::Measure(_) => None,
        };
        naive::number(naive::arithmetic(calculation, &leaf))
    };
    groups.iter().map(|group| (group.clone(), value(group))).collect()
}

fn key_text(row: &Row, key: &str) -> String {
    let none = || NO_VALUE.to_owned();
    match key.strip_suffix(')').and_then(|key| key.split_once('(')) {
        None => row.get(key).cloned().unwrap_or_else(none),
        Some((bucket, key)) => row.get(key).map_or_else(none, |date| match bucket {
            "day" => date[..10].to_owned(),
            "month" => format!("{}-01", &date[..7]),
            "quarter" => format!("{}-01-01", &date[..4]), // all of the world is in the first
            _ => format!("{}-01-01", &date[..4]),
        }),
    }
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

async fn results(world: &World, measure: &Measure, engine: Engine) -> RecordBatch {
    let (graph, now) = (naive::graph(), Now::new(naive::NOW.parse().unwrap(), jiff::tz::TimeZone::UTC));
    let task = Task {
        index: None,
        graph: &graph,
        measures: std::slice::from_ref(measure),
        now: &now,
        measures_are_current: true,
        engine,
    };
    let results = evaluate(&world.session(), task, |_| true).await.unwrap();
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
        by in proptest::sample::subsequence(vec!["S_Shops.Kind", "S_People.Town", "Customer.Flag", "month(Customer.Seen)", "day(Customer.Day)"], 0..3),
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
        let expected = expected(&world, &measure, &keys, kind == MeasureKind::CustomerAttribute);
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        for engine in [Engine::Index, Engine::Query] {
            let found = found(&runtime.block_on(results(&world, &measure, engine)));
            prop_assert_eq!(&found, &expected, "{:?} {:?}", engine, measure);
        }
    }
}
