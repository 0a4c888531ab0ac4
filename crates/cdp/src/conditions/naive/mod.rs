//! A second opinion for tests: small random worlds, random conditions over them, and what they mean by nested loops
//! over texts, without plans, types or indexes.
//!
//! The world: customers; people who are customers through `AlternateKey`; visits of people (the foreign key is text,
//! the key a whole number) in shops.

mod aggregate;
mod holds;

pub(crate) use aggregate::{aggregate, arithmetic, number};
pub(crate) use holds::{Frame, NOW, holds};

use super::sample;
use crate::definitions::{Definitions, QualifiedAttribute, Relationship};
use crate::relationships::Graph;
use datafusion::prelude::SessionContext;
use lang::rule::{Condition, Number, Operand, Path};
use proptest::prelude::*;
use std::collections::BTreeMap;

/// One row: the cell of each column, missing ones left out. Joined rows have columns `Entity.Attribute`.
pub(crate) type Row = BTreeMap<String, String>;

/// Every entity's rows.
#[derive(Debug, Clone)]
pub(crate) struct World {
    tables: BTreeMap<&'static str, Vec<Row>>,
}

/// Each entity's columns with their types.
const COLUMNS: &[(&str, &[(&str, &str)])] = &[
    (
        "Customer",
        &[
            ("CustomerId", "text"),
            ("Age", "int"),
            ("Town", "text"),
            ("Money", "decimal(6,2)"),
            ("Score", "double"),
            ("Flag", "bool"),
            ("Day", "date"),
            ("Seen", "time"),
        ],
    ),
    (
        "AlternateKey",
        &[
            ("DataSourceName", "text"),
            ("EntityName", "text"),
            ("AlternateValue", "text"),
            ("CustomerId", "text"),
        ],
    ),
    ("S_People", &[("Id", "int"), ("Town", "text")]),
    (
        "S_Visits",
        &[("Id", "int"), ("Person", "text"), ("Shop", "int"), ("Minutes", "int"), ("Paid", "decimal(6,2)")],
    ),
    ("S_Shops", &[("Id", "int"), ("Kind", "text")]),
];

/// From the customer outwards.
const CHAIN: &[&str] = &["Customer", "S_People", "S_Visits", "S_Shops"];

impl World {
    /// The world as tables.
    pub(crate) fn session(&self) -> SessionContext {
        let session = SessionContext::new();
        for (entity, columns) in COLUMNS {
            let header: Vec<String> = columns.iter().map(|(name, kind)| format!("{name}:{kind}")).collect();
            let cell = |row: &Row, name: &str| match row.get(name).map(String::as_str) {
                None => String::new(),
                Some("") => "\"\"".to_owned(),
                Some(text) => text.to_owned(),
            };
            let line =
                |row: &Row| columns.iter().map(|(name, _)| cell(row, name)).collect::<Vec<_>>().join(",");
            let lines: Vec<String> = self.rows(entity).iter().map(line).collect();
            sample::register(
                &session,
                entity,
                &sample::rows(&format!("{}\n{}", header.join(","), lines.join("\n"))),
            );
        }
        session
    }

    pub(crate) fn rows(&self, entity: &str) -> &[Row] {
        self.tables.get(entity).map_or(&[], Vec::as_slice)
    }

    /// The rows of `start` joined to everything between it and `end`, by nested loops.
    pub(crate) fn joined(&self, start: &str, ends: &[&str]) -> Vec<Row> {
        let place = |entity: &str| CHAIN.iter().position(|name| *name == entity).unwrap();
        let first = ends.iter().map(|end| place(end)).min().unwrap_or(usize::MAX).min(place(start));
        let last = ends.iter().map(|end| place(end)).max().unwrap_or(0).max(place(start));
        let mut rows = self.named(CHAIN[first]);
        for pair in CHAIN[first..=last].windows(2) {
            let right = self.named(pair[1]);
            let both = rows.iter().flat_map(|left| right.iter().map(move |right| (left, right)));
            rows = both
                .filter(|(left, right)| self.related(left, right, pair[1]))
                .map(|(left, right)| {
                    left.iter().chain(right).map(|(name, cell)| (name.clone(), cell.clone())).collect()
                })
                .collect();
        }
        rows
    }

    fn named(&self, entity: &str) -> Vec<Row> {
        let name =
            |row: &Row| row.iter().map(|(name, cell)| (format!("{entity}.{name}"), cell.clone())).collect();
        self.rows(entity).iter().map(name).collect()
    }

    fn related(&self, left: &Row, right: &Row, entity: &str) -> bool {
        let same = |one: &str, other: &str| left.get(one).is_some() && left.get(one) == right.get(other);
        match entity {
            "S_People" => self.rows("AlternateKey").iter().any(|key| {
                key.get("CustomerId") == left.get("Customer.CustomerId")
                    && key.get("AlternateValue") == right.get("S_People.Id")
                    && key.get("EntityName").map(String::as_str) == Some("S_People")
            }),
            "S_Visits" => same("S_People.Id", "S_Visits.Person"),
            _ => same("S_Visits.Shop", "S_Shops.Id"),
        }
    }
}

/// The relationships of every world.
pub(crate) fn graph() -> Graph {
    let definitions: Definitions = serde_json::from_value(serde_json::json!({
        "instance": "naive",
        "dataSources": [{"name": "S", "kind": "files", "path": ".", "entities": [
            {"name": "People", "file": "x", "primaryKey": "Id"}]}],
        "unification": {"match": {"order": ["S_People"]}},
    }))
    .unwrap();
    let attribute = |entity: &str, attribute: &str| QualifiedAttribute {
        entity: entity.into(),
        attribute: attribute.into(),
    };
    let relationship = |from, to| Relationship { name: None, from, to };
    crate::relationships::graph(&Definitions {
        relationships: vec![
            relationship(attribute("S_Visits", "Person"), attribute("S_People", "Id")),
            relationship(attribute("S_Visits", "Shop"), attribute("S_Shops", "Id")),
        ],
        ..definitions
    })
}

/// A number of at most six digits behind the point, as a whole number.
pub(crate) fn millionths(number: Number) -> i128 {
    number.unscaled() * 10i128.pow(6 - u32::from(number.scale()))
}

/// The entities that a condition names.
pub(crate) fn entities(condition: &Condition) -> Vec<&'static str> {
    // What aggregates name is about rows of their own.
    let mut found = Vec::new();
    let mut open = vec![condition];
    while let Some(condition) = open.pop() {
        match condition {
            Condition::And(parts) | Condition::Or(parts) => open.extend(parts),
            Condition::Not(inner) => open.push(inner),
            Condition::InSegment { .. } => {}
            Condition::Test(test) => match &test.operand {
                Operand::Attribute(path) | Operand::Part { path, .. } => found.extend(in_chain(path)),
                Operand::Aggregate(_) => {}
            },
        }
    }
    found
}

pub(crate) fn in_chain(path: &Path) -> Option<&'static str> {
    let name = path.entity.as_ref().map(|entity| entity.value.as_str());
    CHAIN.iter().find(|entity| name == Some(**entity)).copied()
}

/// Any world of a few rows.
pub(crate) fn any_world() -> impl Strategy<Value = World> {
    let id =
        |names: &'static [&'static str]| proptest::option::weighted(0.8, proptest::sample::select(names));
    let number = |most: i32| proptest::option::weighted(0.8, 0..most);
    let money = || {
        proptest::option::weighted(
            0.8,
            (-300i32..900).prop_map(|cents| format!("{:.2}", f64::from(cents) / 100.0)),
        )
    };
    let town = || id(&["", "Ulm", "ulm", "Bonn", "Köln"]);
    let customer =
        (number(6), town(), money(), number(8), proptest::option::of(any::<bool>()), number(4), number(6));
    let people = proptest::collection::vec((id(&["C0", "C1", "C2", "C7", "C99"]), town()), 0..12);
    let visits = proptest::collection::vec(
        (id(&["0", "1", "2", "3", "9", "77", "x"]), number(4), number(5), money()),
        0..20,
    );
    let shops = proptest::collection::vec(id(&["kiosk", "Mall"]), 0..3);
    (proptest::collection::vec(customer, 0..16), people, visits, shops).prop_map(
        |(customers, people, visits, shops)| {
            let mut tables = Tables::new();
            add_customers(&mut tables, customers);
            add_people(&mut tables, people);
            add_visits(&mut tables, visits, shops);
            World { tables }
        },
    )
}

type Tables = BTreeMap<&'static str, Vec<Row>>;
type Name = Option<&'static str>;
type Customer = (Option<i32>, Name, Option<String>, Option<i32>, Option<bool>, Option<i32>, Option<i32>);
type Visit = (Name, Option<i32>, Option<i32>, Option<String>);

fn row(cells: Vec<(&str, Option<String>)>) -> Row {
    cells.into_iter().filter_map(|(name, cell)| Some((name.to_owned(), cell?))).collect()
}

fn text(cell: Option<&str>) -> Option<String> {
    cell.map(str::to_owned)
}

fn digits(cell: Option<i32>) -> Option<String> {
    cell.map(|number| number.to_string())
}

fn add_customers(tables: &mut Tables, customers: Vec<Customer>) {
    for (at, (age, town, money, quarters, flag, day, seen)) in customers.into_iter().enumerate() {
        tables.entry("Customer").or_default().push(row(vec![
            ("CustomerId", Some(format!("C{at}"))),
            ("Age", digits(age)),
            ("Town", text(town)),
            ("Money", money),
            ("Score", quarters.map(|quarters| (f64::from(quarters - 4) / 4.0).to_string())),
            ("Flag", flag.map(|flag| flag.to_string())),
            ("Day", day.map(|day| format!("2020-02-{:02}", 27 + day % 3))),
            ("Seen", seen.map(|half| format!("2020-02-{:02}T{:02}:00:00", 27 + half / 2, half % 2 * 12))),
        ]));
    }
}

fn add_people(tables: &mut Tables, people: Vec<(Name, Name)>) {
    for (at, (customer, town)) in people.into_iter().enumerate() {
        tables
            .entry("S_People")
            .or_default()
            .push(row(vec![("Id", Some(at.to_string())), ("Town", text(town))]));
        // As unification does, only customers that exist are in the key table.
        let known = tables.get("Customer").map_or(0, Vec::len);
        let exists = customer.filter(|id| (0..known).any(|at| format!("C{at}") == **id));
        for (entity, customer) in [("S_People", exists), ("S_Other", Some("C0"))] {
            tables.entry("AlternateKey").or_default().extend(customer.map(|customer| {
                row(vec![
                    ("DataSourceName", text(Some("S"))),
                    ("EntityName", text(Some(entity))),
                    ("AlternateValue", Some(at.to_string())),
                    ("CustomerId", text(Some(customer))),
                ])
            }));
        }
    }
}

fn add_visits(tables: &mut Tables, visits: Vec<Visit>, shops: Vec<Name>) {
    for (at, (person, shop, minutes, paid)) in visits.into_iter().enumerate() {
        tables.entry("S_Visits").or_default().push(row(vec![
            ("Id", Some(at.to_string())),
            ("Person", text(person)),
            ("Shop", digits(shop)),
            ("Minutes", digits(minutes)),
            ("Paid", paid),
        ]));
    }
    for (at, kind) in shops.into_iter().enumerate() {
        tables
            .entry("S_Shops")
            .or_default()
            .push(row(vec![("Id", Some(at.to_string())), ("Kind", text(kind))]));
    }
}

/// Any condition over these attributes (as they are written, with their type), nested a few levels.
pub(crate) fn any_condition(
    attributes: &'static [(&'static str, &'static str)],
) -> impl Strategy<Value = String> {
    let test = proptest::sample::select(attributes).prop_flat_map(|(path, kind)| any_test(path, kind));
    test.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(one, other)| format!("({one} and {other})")),
            (inner.clone(), inner.clone()).prop_map(|(one, other)| format!("({one} or {other})")),
            inner.prop_map(|inner| format!("not ({inner})")),
        ]
    })
}

fn any_test(path: &'static str, kind: &'static str) -> impl Strategy<Value = String> {
    let literals: &'static [&'static str] = match kind {
        "part" => &["1", "2", "6", "27", "28", "2020", "12"],
        "int" | "count" => &["0", "2", "3", "2.5", "-1", "99999999999999999999"],
        "decimal" => &["0", "1.5", "-0.01", "2.005", "1e9", "-1e9"],
        "double" => &["0", "0.25", "-0.5", "0.3", "7"],
        "bool" => &["true", "false"],
        "date" => &["'2020-02-27'", "'2020-02-28'", "'2020-02-29'", "'2020-03-01'"],
        "time" => &["'2020-02-27'", "'2020-02-28'", "'2020-02-28T12:00:00'", "'2020-02-29 00:00:00'"],
        _ => &["'Ulm'", "'ulm'", "''", "'Bonn'", "'KÖLN'", "'kiosk'"],
    };
    let literal = || proptest::sample::select(literals);
    let comparison = comparison_of(kind);
    let negation = || proptest::sample::select(&["", "not "][..]);
    let case =
        || proptest::sample::select(if kind == "text" { &["", " ignore case"][..] } else { &[""][..] });
    let words = words_of();
    let compared = (comparison, literal(), case())
        .prop_map(move |(op, value, case)| format!("{path} {op} {value}{case}"));
    let listed = (negation(), literal(), literal(), case())
        .prop_map(move |(not, one, other, case)| format!("{path} {not}in ({one}, {other}){case}"));
    let missing = negation().prop_map(move |not| format!("{path} is {not}null"));
    let matched = (negation(), words, proptest::sample::select(&["'U'", "'l'", "''", "'ö'"][..]), case())
        .prop_map(move |(not, words, text, case)| format!("{path} {not}{words} {text}{case}"));
    let between = (negation(), literal(), literal())
        .prop_map(move |(not, low, high)| format!("{path} {not}between {low} and {high}"));
    let quantifier = || proptest::sample::select(&["any", "all"][..]);
    let many = (comparison_of(kind), quantifier(), literal(), literal(), case())
        .prop_map(move |(op, word, one, other, case)| format!("{path} {op} {word} ({one}, {other}){case}"));
    let many_texts = (negation(), words_of(), quantifier(), case())
        .prop_map(move |(not, words, word, case)| format!("{path} {not}{words} {word} ('U', 'l'){case}"));
    let moved = (negation(), proptest::sample::select(holds::MOMENT_TESTS))
        .prop_map(move |(not, test)| format!("{path} {}", test.replace("NOT ", not)));
    match kind {
        "text" => prop_oneof![compared, listed, missing, matched, many, many_texts].boxed(),
        "bool" => prop_oneof![compared, listed, missing].boxed(),
        "count" => prop_oneof![compared, listed, between, many].boxed(),
        "date" | "time" => prop_oneof![compared, listed, missing, between, moved].boxed(),
        _ => prop_oneof![compared, listed, missing, between, many].boxed(),
    }
}

fn comparison_of(kind: &str) -> impl Strategy<Value = &'static str> + use<> {
    let all = if kind == "bool" { &["=", "!="][..] } else { &["=", "!=", "<", "<=", ">", ">="][..] };
    proptest::sample::select(all)
}

fn words_of() -> impl Strategy<Value = &'static str> {
    proptest::sample::select(&["contains", "starts with", "ends with"][..])
}
