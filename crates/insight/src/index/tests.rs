//! Tests of the index.

use super::*;
use crate::relationships::{Edge, Graph};
use arrow::array::{ArrayRef, Float64Array, Int64Array, RecordBatch, StringArray};
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::sync::Arc;

fn batch(columns: Vec<(&str, ArrayRef)>) -> RecordBatch {
    RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(name, column)| (name, column, true)))
        .unwrap()
}

fn texts(values: &[Option<&str>]) -> ArrayRef {
    Arc::new(StringArray::from(values.to_vec()))
}

fn numbers(values: &[Option<i64>]) -> ArrayRef {
    Arc::new(Int64Array::from(values.to_vec()))
}

fn graph() -> Graph {
    let mut graph = Graph::default();
    for (from, attribute, to, key) in [
        ("Visits", "Who", "Customer", "No"),
        ("Visits", "Shop", "Shops", "Id"),
        ("Stamps", "Visit", "Visits", "Id"),
    ] {
        let kind = EdgeKind::Key { from: attribute.into(), to: key.into() };
        graph.add(Edge { name: None, from: from.into(), to: to.into(), kind });
    }
    graph
}

fn names(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// Customers b, a, c; shops; visits; stamps of visits.
fn build(folder: &std::path::Path) -> Index {
    let graph = graph();
    let mut builder = Builder::create(folder, &graph).unwrap();
    let customers = batch(vec![
        ("CustomerId", texts(&[Some("b"), Some("a"), Some("c")])),
        ("No", numbers(&[Some(2), Some(1), None])),
        ("Town", texts(&[Some("Ulm"), None, Some("Bonn")])),
    ]);
    builder.customers(&names(&["Town"]), [Ok(customers)]).unwrap();
    let shops =
        batch(vec![("Id", texts(&[Some("7"), Some("8")])), ("Kind", texts(&[Some("kiosk"), Some("mall")]))]);
    builder.table("Shops", &names(&["Kind"]), [Ok(shops)]).unwrap();
    let visits = batch(vec![
        ("Id", numbers(&[Some(10), Some(11), Some(12), Some(13)])),
        ("Who", numbers(&[Some(2), Some(9), Some(1), Some(2)])),
        ("Shop", numbers(&[Some(8), Some(7), None, Some(7)])),
        ("Minutes", numbers(&[Some(5), Some(-300), None, Some(70_000)])),
    ]);
    builder.table("Visits", &names(&["Minutes"]), [Ok(visits.slice(0, 1)), Ok(visits.slice(1, 3))]).unwrap();
    let stamps = batch(vec![
        ("Visit", numbers(&[Some(13), Some(12), Some(11), None])),
        ("Worth", Arc::new(Float64Array::from(vec![Some(-0.5), None, Some(2.0), Some(1.0)])) as ArrayRef),
    ]);
    builder.table("Stamps", &names(&["Worth"]), [Ok(stamps)]).unwrap();
    builder.finish().unwrap()
}

fn values(table: &Table, column: &str) -> Vec<Option<i64>> {
    let column = table.column(column).unwrap();
    (0..table.rows).map(|row| column.value(row)).collect()
}

#[test]
fn rows_stand_with_their_customers_and_those_without_one_at_the_end() {
    let folder = tempfile::tempdir().unwrap();
    let built = build(folder.path());
    for index in [&built, &Index::open(folder.path()).unwrap()] {
        let ids: Vec<_> = (0..3).map(|at| index.customer_id(at).unwrap()).collect();
        assert_eq!(ids, ["a", "b", "c"]);
        assert_eq!((index.customer_place("b"), index.customer_place("z")), (Some(1), None));
        let visits = &index.tables[index.table("Visits").unwrap()];
        assert_eq!(values(visits, "Minutes"), [None, Some(5), Some(70_000), Some(-300)]);
        assert_eq!((visits.rows_of(0..1), visits.rows_of(1..2), visits.owned()), (0..1, 1..3, 3));
        let shops: Vec<u64> = (0..4).map(|row| visits.links[0].rows.codes().get(row)).collect();
        assert_eq!(shops, [0, 2, 1, 1]);
        let stamps = &index.tables[index.table("Stamps").unwrap()];
        let worth: Vec<_> = values(stamps, "Worth").into_iter().map(|it| it.map(key_double)).collect();
        assert_eq!(worth, [None, Some(-0.5), Some(2.0), Some(1.0)]);
        let town = index.tables[0].column("Town").unwrap();
        assert_eq!(values(&index.tables[0], "Town"), [None, Some(1), Some(0)]);
        assert_eq!(town.dictionary.as_ref().unwrap().text(1), "Ulm");
    }
}

#[test]
fn a_file_that_is_cut_or_changed_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    build(folder.path());
    let path = std::fs::read_dir(folder.path()).unwrap().next().unwrap().unwrap().path();
    let whole = std::fs::read(&path).unwrap();
    for cut in [0, 7, 8, 100, whole.len() / 2, whole.len() - 1] {
        std::fs::write(&path, &whole[..cut]).unwrap();
        let error = Index::open(folder.path()).unwrap_err();
        assert!(matches!(error.code(), "indexDamaged" | "indexUnavailable"), "{cut}: {error}");
    }
    for at in (whole.len() - 600..whole.len()).step_by(7) {
        let mut changed = whole.clone();
        changed[at] ^= 0x21;
        std::fs::write(&path, &changed).unwrap();
        assert_eq!(Index::open(folder.path()).unwrap_err().code(), "indexDamaged", "{at}");
    }
}

#[test]
fn two_customers_of_one_id_are_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let mut builder = Builder::create(folder.path(), &Graph::default()).unwrap();
    let twice = batch(vec![("CustomerId", texts(&[Some("a"), Some("a")]))]);
    assert_eq!(builder.customers(&names(&[]), [Ok(twice)]).unwrap_err().code(), "indexUnfit");
}

proptest! {
    #[test]
    fn every_number_comes_back(
        values in proptest::collection::vec(proptest::option::of(prop_oneof![
            -3i64..300, any::<i32>().prop_map(i64::from), i64::MIN / 2 + 1..i64::MAX / 2
        ]), 1..40)
    ) {
        let folder = tempfile::tempdir().unwrap();
        let mut builder = Builder::create(folder.path(), &Graph::default()).unwrap();
        let ids: Vec<String> = (0..values.len()).map(|at| format!("{at:03}")).collect();
        let rows = batch(vec![("CustomerId", Arc::new(StringArray::from(ids)) as ArrayRef), ("N", numbers(&values))]);
        builder.customers(&names(&["N"]), [Ok(rows)]).unwrap();
        let index = builder.finish().unwrap();
        prop_assert_eq!(self::values(&index.tables[0], "N"), values);
    }
}

#[test]
fn columns_that_may_be_left_out_are_when_they_have_too_many_texts_and_foreign_keys_still_lead_there() {
    let folder = tempfile::tempdir().unwrap();
    let mut builder = Builder::create(folder.path(), &graph()).unwrap();
    let customers = batch(vec![
        ("CustomerId", texts(&[Some("b"), Some("a"), Some("c")])),
        ("No", texts(&[Some("2"), Some("1"), Some("3")])),
        ("Town", texts(&[Some("Ulm"), Some("Bonn"), Some("Jena")])),
        ("Tier", texts(&[Some("gold"), None, Some("gold")])),
    ]);
    for attribute in ["No", "Town", "Tier"] {
        builder.may_leave_out("Customer", attribute, 2);
    }
    builder.customers(&names(&["No", "Town", "Tier"]), [Ok(customers)]).unwrap();
    let visits = batch(vec![
        ("Id", numbers(&[Some(1), Some(2), Some(3)])),
        ("Who", texts(&[Some("2"), Some("9"), Some("1")])),
    ]);
    builder.table("Visits", &names(&[]), [Ok(visits)]).unwrap();
    let left_out: Vec<&str> = builder.left_out().iter().map(|it| it.attribute.as_str()).collect();
    assert_eq!(left_out, ["No", "Town"]);
    let index = builder.finish().unwrap();
    assert!(index.tables[0].column("Tier").is_some());
    assert!(index.tables[0].column("Town").is_none() && index.tables[0].column("No").is_none());
    let visits = &index.tables[index.table("Visits").unwrap()];
    assert_eq!((visits.rows_of(0..1), visits.rows_of(1..2)), (0..1, 1..2), "a has one visit, and so has b");
}

#[test]
fn a_changed_byte_is_found_by_the_check_and_by_programs_that_read_it() {
    let folder = tempfile::tempdir().unwrap();
    let index = build(folder.path());
    index.verify().unwrap();
    let path = folder.path().join("insight.index");
    let bytes = std::fs::read(&path).unwrap();
    // The first section is the first column's texts or codes, behind the first bytes.
    let mut changed = bytes.clone();
    changed[64] ^= 1;
    std::fs::remove_file(&path).unwrap();
    std::fs::write(&path, &changed).unwrap();
    match Index::open(folder.path()) {
        Ok(index) => assert_eq!(index.verify().unwrap_err().code(), "indexDamaged"),
        Err(error) => assert_eq!(error.code(), "indexDamaged"),
    }
}

#[test]
fn measures_stand_beside_their_customers_and_only_theirs() {
    let (folder, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let index = build(folder.path());
    let of = |ids: [&str; 3]| {
        let mut builder = Builder::create(&other.path().join(ids[0]), &Graph::default()).unwrap();
        let ids = ids.map(Some);
        let rows = batch(vec![("CustomerId", texts(&ids)), ("Spend", numbers(&[Some(3), None, Some(1)]))]);
        builder.customers(&names(&["Spend"]), [Ok(rows)]).unwrap();
        builder.finish().unwrap()
    };
    let both = index.clone().with_customers_of("Measures", &of(["c", "b", "a"])).unwrap();
    let spend = both.tables[0].column(&beside("Measures", "Spend")).unwrap();
    assert_eq!([0, 1, 2].map(|place| spend.value(place)), [Some(1), None, Some(3)]);
    assert!(index.with_customers_of("Measures", &of(["c", "b", "x"])).is_err());
}
