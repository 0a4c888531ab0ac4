//! The guides are true: every condition and calculation that they show means something.
#![allow(clippy::panic, reason = "a test that cannot go on may stop")]

use insight::conditions::{Attributes, Catalog, Kind};
use insight::definition::{
    CalculationText, Measure, MeasureKind, RuleText, Segment, SegmentRule, SegmentState, SetOperator,
};
use insight::relationships::{Edge, EdgeKind, Graph};
use insight::{measures, segments};

const SEGMENTS: &str = include_str!("../../../docs/guide/segments.md");
const MEASURES: &str = include_str!("../../../docs/guide/measures.md");

/// The lines of a guide's blocks of one sort.
fn lines<'g>(guide: &'g str, sort: &str) -> Vec<&'g str> {
    let start = format!("```{sort}\n");
    let blocks = guide.split(start.as_str()).skip(1).filter_map(|block| block.split("```").next());
    blocks.flat_map(str::lines).collect()
}

fn graph() -> Graph {
    let mut graph = Graph::default();
    let key = |from: &str, to: &str| EdgeKind::Key { from: from.to_owned(), to: to.to_owned() };
    let edge =
        |from: &str, to: &str, kind| Edge { name: None, from: from.to_owned(), to: to.to_owned(), kind };
    graph.add(edge("Shop_Orders", "Customer", key("Person", "CustomerId")));
    graph.add(edge("Customer", "Customer_Measure", EdgeKind::Measures));
    graph
}

fn catalog() -> Catalog {
    let known = |attributes: &[(&str, Kind)]| {
        Attributes::Known(attributes.iter().map(|(name, kind)| ((*name).to_owned(), Some(*kind))).collect())
    };
    let price = Kind::Decimal { precision: 10, scale: 2 };
    let mut catalog = Catalog::new();
    let customer = [
        ("CustomerId", Kind::Text),
        ("State", Kind::Text),
        ("FirstName", Kind::Text),
        ("Age", Kind::Integer),
        ("Income", price),
        ("Active", Kind::Bool),
        ("Born", Kind::Date),
        ("Seen", Kind::Time { instant: true }),
    ];
    catalog.add("Customer", known(&customer));
    let orders = [
        ("Person", Kind::Text),
        ("Price", price),
        ("Quantity", Kind::Integer),
        ("Channel", Kind::Text),
        ("OrderedOn", Kind::Date),
    ];
    catalog.add("Shop_Orders", known(&orders));
    catalog
}

fn measure(name: &str, kind: MeasureKind, calculate: &str) -> Measure {
    Measure::new(
        name,
        kind,
        CalculationText::parse(calculate).unwrap_or_else(|said| panic!("{calculate}: {said:?}")),
    )
}

fn defined() -> Vec<Measure> {
    vec![
        measure("Spend", MeasureKind::CustomerAttribute, "sum(Shop_Orders.Price)"),
        measure("Revenue", MeasureKind::Business, "sum(Shop_Orders.Price)"),
    ]
}

#[test]
fn every_condition_of_the_guide_is_right() {
    let (graph, catalog) = (graph(), measures::known_measures(&graph(), &catalog(), &defined()));
    let mut catalog = catalog;
    catalog.add_segment("BigSpenders", SegmentState::Active);
    let conditions = lines(SEGMENTS, "condition");
    assert!(conditions.len() > 50, "the conditions are found");
    for text in conditions {
        let where_ = RuleText::parse(text).unwrap_or_else(|said| panic!("{text}: {said:?}"));
        let rule = SegmentRule { set: SetOperator::First, where_, via: Vec::new() };
        let outcome = segments::check_one(&graph, &catalog, &Segment::new("It", vec![rule]));
        assert!(outcome.segment.is_some(), "{text}: {:?} {:?}", outcome.problems, outcome.unknown);
    }
}

#[test]
fn every_calculation_of_the_guide_is_right() {
    let (graph, catalog) = (graph(), measures::known_measures(&graph(), &catalog(), &defined()));
    let calculations = lines(MEASURES, "calculation");
    assert!(calculations.len() > 20, "the calculations are found");
    for text in calculations {
        let outcome =
            measures::check_one(&graph, &catalog, &measure("It", MeasureKind::CustomerAttribute, text));
        assert!(outcome.measure.is_some(), "{text}: {:?} {:?}", outcome.problems, outcome.unknown);
    }
}
