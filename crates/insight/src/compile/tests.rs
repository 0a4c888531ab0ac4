//! The index gives what definitions mean.

use super::oracle::{Row, World};
use super::*;
use crate::conditions::{Catalog, Now, Value};
use crate::definition::{Measure, Segment};
use crate::index::Builder;
use crate::measures::known_measures;
use crate::relationships::{Edge, EdgeKind, Graph};
use crate::segments::known_segments;
use arrow::array::{
    Array, ArrayRef, Date32Array, Decimal128Array, Float64Array, Int64Array, RecordBatch, StringArray,
};
use proptest::prelude::*;
use std::sync::Arc;

const COLUMNS: [(&str, &[(&str, Kind)]); 3] = [
    (
        "Customer",
        &[
            ("CustomerId", Kind::Text),
            ("No", Kind::Integer),
            ("Age", Kind::Integer),
            ("Town", Kind::Text),
            ("Money", Kind::Decimal { precision: 6, scale: 2 }),
            ("Score", Kind::Double),
        ],
    ),
    ("Shops", &[("Id", Kind::Integer), ("Kind", Kind::Text)]),
    (
        "Visits",
        &[
            ("Who", Kind::Integer),
            ("Shop", Kind::Integer),
            ("Minutes", Kind::Integer),
            ("Paid", Kind::Decimal { precision: 6, scale: 2 }),
            ("On", Kind::Date),
            ("Joy", Kind::Double),
            ("Word", Kind::Text),
        ],
    ),
];

fn graph() -> Graph {
    let mut graph = Graph::default();
    for (from, attribute, to, key) in [("Visits", "Who", "Customer", "No"), ("Visits", "Shop", "Shops", "Id")]
    {
        let kind = EdgeKind::Key { from: attribute.into(), to: key.into() };
        graph.add(Edge { name: None, from: from.into(), to: to.into(), kind });
    }
    let (from, to) = ("Customer".to_owned(), "Customer_Measure".to_owned());
    graph.add(Edge { name: None, from, to, kind: EdgeKind::Measures });
    graph
}

fn batch(entity: &str, rows: &[Row]) -> RecordBatch {
    let (_, columns) = COLUMNS.iter().find(|(name, _)| *name == entity).unwrap();
    let column = |(name, kind): &(&str, Kind)| {
        let cells = rows.iter().map(|row| row.get(&(entity.to_owned(), (*name).to_owned())));
        let array: ArrayRef = match kind {
            Kind::Integer => Arc::new(
                cells
                    .map(|it| {
                        it.map(|it| match it {
                            Value::Integer(it) => *it,
                            _ => panic!(),
                        })
                    })
                    .collect::<Int64Array>(),
            ),
            Kind::Decimal { .. } => {
                let digits = cells.map(|it| {
                    it.map(|it| match it {
                        Value::Decimal(it) => *it,
                        _ => panic!(),
                    })
                });
                Arc::new(digits.collect::<Decimal128Array>().with_data_type(kind.data_type()))
            }
            Kind::Double => Arc::new(
                cells
                    .map(|it| {
                        it.map(|it| match it {
                            Value::Double(it) => *it,
                            _ => panic!(),
                        })
                    })
                    .collect::<Float64Array>(),
            ),
            Kind::Date => Arc::new(
                cells
                    .map(|it| {
                        it.map(|it| match it {
                            Value::Date(it) => *it,
                            _ => panic!(),
                        })
                    })
                    .collect::<Date32Array>(),
            ),
            _ => Arc::new(
                cells
                    .map(|it| {
                        it.map(|it| match it {
                            Value::Text(it) => it.clone(),
                            _ => panic!(),
                        })
                    })
                    .collect::<StringArray>(),
            ),
        };
        ((*name).to_owned(), array, true)
    };
    RecordBatch::try_from_iter_with_nullable(columns.iter().map(column)).unwrap()
}

fn index(folder: &std::path::Path, world: &World) -> Index {
    let mut builder = Builder::create(folder, &graph()).unwrap();
    for (entity, columns) in COLUMNS {
        let names = columns.iter().map(|(name, _)| (*name).to_owned()).collect();
        let rows = world.tables.get(entity).cloned().unwrap_or_default();
        let halves = rows.split_at(rows.len() / 2);
        let batches = [Ok(batch(entity, halves.0)), Ok(batch(entity, halves.1))];
        match entity {
            "Customer" => builder.customers(&names, batches).unwrap(),
            _ => builder.table(entity, &names, batches).unwrap(),
        }
    }
    builder.finish().unwrap()
}

fn any_rows(entity: &'static str, most: usize) -> BoxedStrategy<Vec<Row>> {
    let (_, columns) = COLUMNS.iter().find(|(name, _)| *name == entity).unwrap();
    let mut row: BoxedStrategy<Row> = Just(Row::new()).boxed();
    for (name, kind) in columns.iter().filter(|(name, _)| !["CustomerId", "No", "Id"].contains(name)) {
        let value: BoxedStrategy<Value> = match kind {
            Kind::Integer => (-1i64..6).prop_map(Value::Integer).boxed(),
            Kind::Decimal { .. } => (-300i128..900).prop_map(Value::Decimal).boxed(),
            Kind::Double => {
                proptest::sample::select(vec![-0.5, 0.0, 0.1, 0.2, 0.25, 3.0]).prop_map(Value::Double).boxed()
            }
            Kind::Date => (18_300i32..18_400).prop_map(Value::Date).boxed(),
            _ => proptest::sample::select(vec!["", "Ulm", "ulm", "Bonn", "Köln", "a", "b"])
                .prop_map(|it| Value::Text(it.into()))
                .boxed(),
        };
        let cell = proptest::option::weighted(0.8, value);
        row = (row, cell)
            .prop_map(move |(mut row, cell)| {
                cell.map(|cell| row.insert((entity.to_owned(), (*name).to_owned()), cell));
                row
            })
            .boxed();
    }
    proptest::collection::vec(row, 0..most).boxed()
}

fn any_world() -> impl Strategy<Value = World> {
    (any_rows("Customer", 7), any_rows("Shops", 4), any_rows("Visits", 25)).prop_map(
        |(mut customers, mut shops, visits)| {
            for (at, row) in customers.iter_mut().enumerate() {
                row.insert(("Customer".into(), "CustomerId".into()), Value::Text(format!("C{at}")));
                if at != 2 {
                    row.insert(("Customer".into(), "No".into()), Value::Integer(at as i64));
                }
            }
            for (at, row) in shops.iter_mut().enumerate() {
                row.insert(("Shops".into(), "Id".into()), Value::Integer(at as i64));
            }
            let tables =
                [("Customer", customers), ("Shops", shops), ("Visits", visits)].into_iter().collect();
            World { tables, ..World::default() }
        },
    )
}

fn any_of(texts: &'static [&'static str]) -> BoxedStrategy<String> {
    proptest::sample::select(texts).prop_map(str::to_owned).boxed()
}

fn compared(operand: BoxedStrategy<String>, values: &'static [&'static str]) -> BoxedStrategy<String> {
    let value = || proptest::sample::select(values);
    let comparison = proptest::sample::select(&["=", "!=", "<", "<=", ">", ">="][..]);
    prop_oneof![
        (operand.clone(), comparison, value()).prop_map(|(left, is, right)| format!("{left} {is} {right}")),
        (operand.clone(), value(), value())
            .prop_map(|(left, low, high)| format!("{left} between {low} and {high}")),
        (operand.clone(), value(), value())
            .prop_map(|(left, one, other)| format!("{left} not in ({one}, {other})")),
        operand.prop_map(|left| format!("{left} is not null")),
    ]
    .boxed()
}

const NUMBERS: &[&str] = &["0", "1", "2.5", "-0.5", "3", "0.25", "4.5"];

fn texts(operand: BoxedStrategy<String>) -> BoxedStrategy<String> {
    let words = any_of(&[
        "contains 'l'",
        "starts with 'U'",
        "= 'ulm' ignore case",
        "< 'C'",
        "!= 'Ulm'",
        "in ('Bonn', 'x', '')",
        "is null",
        ">= 'Kz'",
        "contains 'ö' ignore case",
    ]);
    (operand, words).prop_map(|(left, right)| format!("{left} {right}")).boxed()
}

fn row_tests() -> BoxedStrategy<String> {
    prop_oneof![
        compared(any_of(&["Visits.Minutes", "Visits.Paid", "Visits.Joy", "Age", "Money", "Score"]), NUMBERS),
        compared(
            any_of(&["month(Visits.On)", "day(Visits.On)", "weekday(Visits.On)"]),
            &["1", "2", "3", "15"]
        ),
        compared(any_of(&["Visits.On"]), &["'2020-02-10'", "'2020-03-01'", "'2020-05-30'"]),
        texts(any_of(&["Visits.Word", "Shops.Kind", "Town"])),
        any_of(&["Visits.On within last 30 days", "not Visits.On within last 2 weeks"]),
    ]
    .boxed()
}

fn aggregates() -> BoxedStrategy<String> {
    let filter = any_of(&[
        "",
        "",
        " where Visits.Minutes > 1",
        " where Visits.On within last 20 days",
        " where Shops.Kind is not null",
        " where Word = 'ulm' ignore case or Joy is null",
    ]);
    let call = any_of(&[
        "count(Visits",
        "count(Visits.Paid",
        "count(distinct Visits.Minutes",
        "count(distinct Visits.Word",
        "sum(Visits.Paid",
        "sum(Visits.Joy",
        "sum(Visits.Minutes",
        "avg(Visits.Paid",
        "avg(Visits.Joy",
        "avg(Visits.Minutes",
        "min(Visits.Paid",
        "max(Visits.Joy",
        "median(Visits.Minutes",
        "median(Visits.Paid",
        "first(Visits.Paid by Visits.On",
        "argMax(Visits.Minutes by Visits.Joy",
        "last(Visits.Joy by Visits.Minutes",
        "sum(Visits.Paid * Visits.Minutes",
        "max(Visits.Minutes - Visits.Paid / 2",
        "sum(Visits.Minutes % 4",
        "max(daysSince(Visits.On)",
        "sum(daysSince(Visits.On) * Visits.Minutes",
        "count(distinct year(Visits.On) * 100 + month(Visits.On)",
        "min(weekday(Visits.On)",
    ]);
    (call, filter).prop_map(|(call, filter)| format!("{call}{filter})")).boxed()
}

fn conditions() -> BoxedStrategy<String> {
    let customer = || {
        prop_oneof![
            compared(any_of(&["Age", "Money", "Score", "Spent", "Ratio"]), NUMBERS),
            compared(aggregates(), NUMBERS),
            texts(any_of(&["Town"])),
        ]
    };
    let tree = |leaf: BoxedStrategy<String>| {
        leaf.prop_recursive(2, 5, 2, |inner| {
            prop_oneof![
                (inner.clone(), inner.clone()).prop_map(|(one, other)| format!("({one} and {other})")),
                (inner.clone(), inner.clone()).prop_map(|(one, other)| format!("({one} or {other})")),
                inner.prop_map(|inner| format!("not ({inner})")),
            ]
        })
        .boxed()
    };
    prop_oneof![tree(customer().boxed()), tree(prop_oneof![row_tests(), customer()].boxed()), row_tests()]
        .boxed()
}

fn definitions(
    conditions: &[String],
    aggregates: &[String],
    filter: Option<&String>,
) -> (Vec<Segment>, Vec<Measure>) {
    let segment = |value| serde_json::from_value::<Segment>(value);
    let mut segments: Vec<Segment> = Vec::new();
    for (at, condition) in conditions.iter().enumerate() {
        segments.extend(segment(serde_json::json!({"name": format!("S{at}"), "where": condition})));
    }
    if let [one, two, three, ..] = conditions {
        segments.extend(segment(
            serde_json::json!({"name": "Sets", "rules": [{"where": one}, {"union": two}, {"except": three}]}),
        ));
        segments.extend(segment(
            serde_json::json!({"name": "Nested", "where": "in segment S1 and not in segment S0"}),
        ));
    }
    let mut measures = vec![
        serde_json::json!({"name": "Spent", "type": "customerAttribute", "calculate": "sum(Visits.Paid)"}),
        serde_json::json!({"name": "Ratio", "type": "customerAttribute", "calculate": "sum(Visits.Minutes) / count(Visits) + Spent"}),
    ];
    for (at, aggregate) in aggregates.iter().enumerate() {
        measures.push(serde_json::json!({"name": format!("A{at}"), "type": "customerAttribute", "calculate": aggregate}));
        for (kind, short) in [("business", "B"), ("customerMeasure", "C")] {
            for (number, by) in [
                vec![],
                vec!["Visits.Word"],
                vec!["Shops.Kind", "month(Visits.On)"],
                vec!["Customer.Town", "Visits.Minutes"],
            ]
            .into_iter()
            .enumerate()
            {
                let mut measure = serde_json::json!({"name": format!("{short}{at}x{number}"), "type": kind, "by": by,
                    "calculate": {"One": aggregate, "Two": "count(distinct Visits.Who)", "Three": "sum(Visits.Paid) * 2 - count(Visits)"}});
                if let (1, Some(filter)) = (number, filter) {
                    measure["where"] = serde_json::json!(filter);
                }
                measures.push(measure);
            }
        }
    }
    (segments, measures.into_iter().filter_map(|it| serde_json::from_value(it).ok()).collect())
}

fn checked(segments: &[Segment], measures: &[Measure]) -> (Vec<CheckedSegment>, Vec<CheckedMeasure>) {
    let mut catalog = Catalog::new();
    for (entity, columns) in COLUMNS {
        let known = columns.iter().map(|(name, kind)| ((*name).to_owned(), Some(*kind))).collect();
        catalog.add(entity, crate::conditions::Attributes::Known(known));
    }
    let now = Now::new("2020-04-05T10:00:00Z".parse().unwrap(), jiff::tz::TimeZone::UTC);
    let graph = graph();
    let catalog = known_segments(&known_measures(&graph, &catalog, measures), segments);
    let segments = segments.iter().filter_map(|it| crate::segments::check_one(&graph, &catalog, it).segment);
    let segments: Vec<_> = segments.map(|it| it.at(&now)).collect();
    let measures = measures.iter().filter_map(|it| crate::measures::check_one(&graph, &catalog, it).measure);
    (segments, measures.map(|it| it.at(&now)).collect())
}

fn cell(column: &MeasureColumn, index: &Index, at: usize) -> Option<Value> {
    let number = column.number(at)?;
    Some(match column.kind {
        Kind::Integer => Value::Integer(number),
        Kind::Decimal { .. } => Value::Decimal(i128::from(number)),
        Kind::Double => Value::Double(column.double(at)?),
        Kind::Date => Value::Date(i32::try_from(number).unwrap()),
        _ => {
            let array = column.array(index);
            Value::Text(arrow::array::AsArray::as_string::<i32>(&array).value(at).to_owned())
        }
    })
}

fn sorted(mut rows: Vec<Vec<Option<Value>>>) -> Vec<String> {
    let mut rows: Vec<String> =
        rows.drain(..).map(|row| format!("{row:?}").replace("-0.0)", "0.0)")).collect();
    rows.sort();
    rows
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]
    #[test]
    fn the_index_says_what_definitions_mean(
        world in any_world(),
        conditions in proptest::collection::vec(conditions(), 4),
        aggregates in proptest::collection::vec(aggregates(), 2),
        filter in proptest::option::of(row_tests()),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let index = index(folder.path(), &world);
        let (segments, measures) = definitions(&conditions, &aggregates, filter.as_ref());
        let (segments, measures) = checked(&segments, &measures);
        let program = Program::compile(&index, &segments, &measures);
        // A condition that is refused leaves its segment out; whoever asks for that segment is not computed either.
        prop_assert!(program.unfit().iter().all(|it| it.why.contains("the segment")), "{:?}", program.unfit());
        let results = program.run(&index, 1);
        let mut world = world;
        for measure in measures.iter().filter(|it| it.name == "Spent").chain(measures.iter().filter(|it| it.name != "Spent")) {
            let expected = world.measure(measure);
            let found: Vec<Vec<Option<Value>>> = match results.attributes.iter().find(|it| it.name == measure.name) {
                Some(column) => (0..column.len()).map(|at| vec![Some(Value::Integer(at as i64)), cell(column, &index, at)]).collect(),
                None => {
                    let table = results.tables.iter().find(|it| it.name == measure.name).unwrap();
                    let row = |at: usize| {
                        let customer = table.customers.as_ref().map(|it| Value::Integer(i64::from(it[at])));
                        std::iter::once(customer).chain(table.columns.iter().map(|it| cell(it, &index, at))).collect()
                    };
                    (0..table.columns[0].len()).map(row).collect()
                }
            };
            prop_assert_eq!(sorted(found), sorted(expected), "{:?}", measure);
        }
        for segment in &segments {
            let Some(found) = results.segments.iter().find(|it| it.name == segment.name) else { continue };
            let expected: Vec<usize> = world.segment(segment).into_iter().collect();
            prop_assert_eq!(found.members.places().collect::<Vec<_>>(), expected, "{:?}", segment);
            for at in 0..index.customers() {
                let [rule] = segment.rules.as_slice() else { break };
                let Ok(why) = explain(&index, rule, at) else { continue };
                let taken = why.truth == Some(true) || why.rows.is_some_and(|(some, _)| some > 0);
                prop_assert_eq!(taken, found.members.contains(at), "{:?}", why);
            }
            prop_assert_eq!(found.rules.last().map(|it| it.total), Some(found.members.count()));
            prop_assert_eq!(found.members.bitmap().len(), found.members.count());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]
    #[test]
    fn new_rows_change_what_a_full_run_would_change(
        world in any_world(),
        conditions in proptest::collection::vec(conditions(), 4),
        aggregates in proptest::collection::vec(aggregates(), 2),
        kept in 0usize..25,
    ) {
        // Without foreign keys to shops, and without their conditions.
        let (segments, measures) = definitions(&conditions, &aggregates, None);
        let (segments, measures) = checked(&segments, &measures);
        let mut graph = graph();
        graph = graph.edges().iter().filter(|edge| edge.to != "Shops").fold(Graph::default(), |mut all, edge| {
            all.add(edge.clone());
            all
        });
        let visits = world.tables["Visits"].clone();
        let (old, new) = visits.split_at(kept.min(visits.len()));
        let build = |rows: &[Row]| {
            let folder = tempfile::tempdir().unwrap();
            let mut builder = Builder::create(folder.path(), &graph).unwrap();
            let names = |at: usize| COLUMNS[at].1.iter().map(|(name, _)| (*name).to_owned()).collect();
            builder.customers(&names(0), [Ok(batch("Customer", &world.tables["Customer"]))]).unwrap();
            builder.table("Visits", &names(2), [Ok(batch("Visits", rows))]).unwrap();
            (builder.finish().unwrap(), folder)
        };
        let ((index, _one), (full, _other)) = (build(old), build(&visits));
        let customer = |row: &Row| match row.get(&("Visits".into(), "Who".into())) {
            Some(Value::Integer(who)) if (0..world.tables["Customer"].len() as i64).contains(who) && *who != 2 => Some(*who as u32),
            _ => None,
        };
        let rows = crate::index::NewRows {
            entity: "Visits".into(), rows: batch("Visits", new), customers: new.iter().map(customer).collect(),
        };
        let Ok(delta) = index.delta(&rows) else { return Ok(()) };
        // What does not fit is left to another engine.
        let program = Program::compile(&index, &segments, &measures);
        let fits = |name: &str| !program.unfit().iter().any(|it| it.name == name);
        let segments: Vec<_> = segments.into_iter().filter(|it| fits(&it.name)).collect();
        let measures: Vec<_> = measures.into_iter().filter(|it| fits(&it.name)).collect();
        let mut kept = KeptResults::compute(&index, &segments, &measures, 2).unwrap();
        let expected = Program::compile(&full, &segments, &measures).run(&full, 2);
        kept.refresh(&delta, &segments, &measures, 1).unwrap();
        let results = kept.results;
        prop_assert_eq!(&results.segments, &expected.segments);
        for (own, other) in results.attributes.iter().zip(&expected.attributes) {
            prop_assert_eq!(own.array(&index).to_data(), other.array(&full).to_data());
        }
    }
}
