//! Tests of matching by probability as a whole.

use std::collections::BTreeSet;
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, StringArray};
use proptest::prelude::*;

use crate::definition::{Signal, SignalKind};

use super::*;

const FIRST: [&str; 8] = ["Anna", "Bob", "Robert", "Carla", "Karla", "Debby", "Deborah", "Émile"];
const LAST: [&str; 6] = ["Smith", "Smyth", "Oneil", "García", "Garcia", "Li"];

/// One row: given name, family name, e-mail address, telephone, birth date.
type Row = [Option<String>; 5];

const COLUMNS: [(&str, SignalKind); 5] = [
    ("First", SignalKind::FirstName),
    ("Last", SignalKind::LastName),
    ("Mail", SignalKind::Email),
    ("Phone", SignalKind::Phone),
    ("Birth", SignalKind::BirthDate),
];

fn layout() -> Layout {
    let signal = |(name, kind): &(&str, SignalKind)| Signal {
        kind: *kind,
        attributes: vec![format!("A_A.{name}").parse().unwrap()],
    };
    let signals: Vec<Signal> = COLUMNS.iter().map(signal).collect();
    Layout::new(&signals, &[("A_A".into(), "Id".into())])
}

/// A row from a few numbers, so that chance makes people alike.
fn row(number: u64) -> Row {
    let digit = |at: u32, end: u64| (number / 10u64.pow(at)) % 10 % end;
    let first = FIRST[digit(0, 8) as usize];
    let last = LAST[digit(1, 6) as usize];
    let some = |at: u32, text: String| (digit(at, 10) > 1).then_some(text);
    [
        some(2, first.to_owned()),
        some(3, last.to_owned()),
        some(4, format!("{first}.{last}{}@x.org", digit(5, 3))),
        some(6, format!("555 010 {:02}{:02}", digit(7, 10), digit(1, 6))),
        some(8, format!("19{}0-0{}-11", digit(9, 10), digit(10, 9) + 1)),
    ]
}

fn prepared(rows: &[(u32, Row)]) -> Prepared {
    let layout = layout();
    let mut reader = EntityReader::new(&layout, 0).unwrap();
    reader.read(&batch(rows));
    reader.finish()
}

fn batch(rows: &[(u32, Row)]) -> RecordBatch {
    let keys: StringArray = rows.iter().map(|(key, _)| Some(key.to_string())).collect();
    let mut columns: Vec<(&str, ArrayRef)> = vec![("Id", Arc::new(keys))];
    for (at, (name, _)) in COLUMNS.iter().enumerate() {
        let values: StringArray = rows.iter().map(|(_, row)| row[at].clone()).collect();
        columns.push((name, Arc::new(values)));
    }
    RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(name, column)| (name, column, true)))
        .unwrap()
}

type Partition = BTreeSet<Vec<RecordId>>;

fn partition(clusters: Vec<Vec<RecordId>>) -> Partition {
    let sorted = |mut cluster: Vec<RecordId>| {
        cluster.sort_unstable();
        cluster
    };
    clusters.into_iter().map(sorted).collect()
}

fn clusters_of(prepared: &Prepared, clustering: &Clustering) -> Partition {
    let mut clusters = vec![Vec::new(); clustering.count as usize];
    for (id, cluster) in prepared.ids.iter().zip(&clustering.clusters) {
        clusters[*cluster as usize].push(RecordId(*id));
    }
    partition(clusters)
}

fn rows(count: u32, seed: u64) -> Vec<(u32, Row)> {
    (0..count).map(|key| (key, row(hash::mix(seed ^ u64::from(key))))).collect()
}

fn options(threads: usize) -> MatchOptions {
    MatchOptions { threshold: 0.9, always: Vec::new(), never: Vec::new(), labels: Vec::new(), threads }
}

fn train(prepared: &mut Prepared, threads: usize) -> (Model, Clustering) {
    let (model, matched) = Model::train(&layout(), prepared, &options(threads)).unwrap();
    (model, matched.clustering)
}

fn model() -> Model {
    train(&mut prepared(&rows(400, 1)), 1).0
}

fn full(model: &Model, rows: &[(u32, Row)]) -> Partition {
    partition(Index::build(model.clone(), prepared(rows), &options(1)).unwrap().clusters())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn after_any_changes_the_clusters_are_those_of_a_full_run(
        steps in proptest::collection::vec(
            proptest::collection::vec((0u32..160, proptest::option::of(any::<u64>())), 0..30), 1..5),
        most in 2u32..6,
    ) {
        let mut model = model();
        // Small limits, so that keys become too common and stop being so.
        model.rules.iter_mut().for_each(|rule| rule.most = most);
        let mut now: std::collections::BTreeMap<u32, Row> = rows(120, 2).into_iter().collect();
        let start: Vec<(u32, Row)> = now.clone().into_iter().collect();
        let mut index = Index::build(model.clone(), prepared(&start), &options(2)).unwrap();
        for step in steps {
            let mut changes = Changes::default();
            let mut upserts = std::collections::BTreeMap::new();
            for (key, change) in step {
                upserts.remove(&key);
                match change {
                    Some(number) => { upserts.insert(key, row(number)); }
                    None => { now.remove(&key); }
                }
                changes.deletes.push(RecordId::new("A_A", &key.to_string()));
                now.remove(&key);
            }
            now.extend(upserts.clone());
            let upserts: Vec<(u32, Row)> = upserts.into_iter().collect();
            changes.upserts = prepared(&upserts);
            index.apply(&changes).unwrap();
            let rows: Vec<(u32, Row)> = now.clone().into_iter().collect();
            prop_assert_eq!(partition(index.clusters()), full(&model, &rows));
        }
    }

    #[test]
    fn neither_threads_nor_the_order_of_rows_change_anything(seed in any::<u64>(), threads in 1usize..4) {
        let mut rows = rows(300, 3);
        let mut one = prepared(&rows);
        let (expected, clustering) = train(&mut one, 1);
        let expected_clusters = clusters_of(&one, &clustering);
        rows.sort_by_key(|(key, _)| hash::mix(seed ^ u64::from(*key)));
        let mut other = prepared(&rows);
        let (model, clustering) = train(&mut other, threads);
        prop_assert_eq!(model, expected);
        prop_assert_eq!(clusters_of(&other, &clustering), expected_clusters);
    }

    #[test]
    fn values_of_any_kind_are_read(values in proptest::collection::vec(".{0,40}", 25)) {
        let rows: Vec<(u32, Row)> = values
            .chunks(5)
            .zip(0u32..)
            .map(|(chunk, key)| (key, std::array::from_fn(|at| chunk.get(at).cloned())))
            .collect();
        let mut prepared = prepared(&rows);
        let (_, clustering) = train(&mut prepared, 1);
        prop_assert_eq!(clustering.clusters.len(), rows.len());
    }
}

#[test]
fn a_million_equal_values_are_not_compared_with_one_another() {
    let row: Row = std::array::from_fn(|_| Some("noemail@example.com".to_owned()));
    let rows: Vec<(u32, Row)> = (0..20_000).map(|key| (key, row.clone())).collect();
    let mut prepared = prepared(&rows);
    let (_, clustering) = train(&mut prepared, 1);
    assert_eq!(clustering.count, 20_000);
}

#[test]
fn a_model_that_was_written_down_matches_the_same() {
    let model = model();
    let text = serde_json::to_string(&model).unwrap();
    let read: Model = serde_json::from_str(&text).unwrap();
    let rows = rows(200, 5);
    assert_eq!(full(&model, &rows), full(&read, &rows));
}

#[test]
fn what_people_say_outweighs_the_model() {
    let [mut a, mut b, c] = [row(12_345_678_901), row(12_345_678_901), row(98_765_432_109)];
    a[0] = Some("Anna".into());
    b[0] = Some("Anna".into());
    let rows = vec![(1, a), (2, b), (3, c)];
    let id = |key: &str| RecordId::new("A_A", key);
    let build = |always: &[(RecordId, RecordId)], never: &[(RecordId, RecordId)]| {
        let options = MatchOptions { always: always.to_vec(), never: never.to_vec(), ..options(1) };
        partition(Index::build(model(), prepared(&rows), &options).unwrap().clusters())
    };
    assert!(build(&[], &[(id("1"), id("2"))]).contains(&vec![id("1")]));
    let joined = build(&[(id("1"), id("3"))], &[]);
    assert!(joined.iter().any(|cluster| cluster.contains(&id("1")) && cluster.contains(&id("3"))));
}

#[test]
fn quite_different_birth_dates_are_never_one_customer_unless_people_say_so() {
    let mut model = model();
    let birth = model.comparisons.iter().position(|it| *it == Comparison::Birth).unwrap();
    // Hardly any match contradicts a date.
    model.mixture.pairs[..2].fill(500.0);
    for class in &mut model.mixture.levels[..2] {
        class[birth][usize::from(Comparison::Birth.different())] = 1e-4;
    }
    let person = |birth: Option<&str>| -> Row {
        let [first, last, mail, phone] = ["Émile", "García", "emile.garcia@x.org", "555 010 1234"];
        [Some(first), Some(last), Some(mail), Some(phone), birth].map(|it| it.map(str::to_owned))
    };
    let rows = [(1, person(Some("1971-03-14"))), (2, person(None)), (3, person(Some("1984-10-25")))];
    let id = |key: &str| RecordId::new("A_A", key);
    let build = |always: &[(RecordId, RecordId)]| {
        let options = MatchOptions { always: always.to_vec(), ..options(1) };
        partition(Index::build(model.clone(), prepared(&rows), &options).unwrap().clusters())
    };
    let together = |clusters: &Partition| {
        clusters.iter().any(|cluster| cluster.contains(&id("1")) && cluster.contains(&id("3")))
    };
    let clusters = build(&[]);
    assert!(!together(&clusters) && clusters.len() == 2, "{clusters:?}");
    assert!(together(&build(&[(id("1"), id("3"))])));
}

#[test]
fn an_explanation_adds_up() {
    let rows = rows(400, 1);
    let mut prepared = prepared(&rows);
    let (model, _) = train(&mut prepared, 1);
    for other in 1..50 {
        let explanation = model.explain(&prepared, 0, other).unwrap();
        let sum: f64 = explanation.signals.iter().map(|signal| signal.weight).sum();
        assert!((explanation.prior + sum - explanation.weight).abs() < 1e-9);
        assert!((0.0..=1.0).contains(&explanation.probability));
    }
}
