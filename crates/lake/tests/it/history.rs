//! Whatever was published: every old snapshot still holds exactly what it held.

use std::collections::BTreeMap;

use datafusion::arrow::array::ArrayRef;
use datafusion::arrow::compute::concat_batches;
use datafusion::arrow::record_batch::RecordBatch;
use lake::{Change, Keep, Lake, StagingLimits};
use proptest::prelude::*;
use store::SnapshotId;

use crate::support::*;

/// A column: which name, whether as texts, and its values.
type Column = (u8, bool, Vec<Option<i64>>);

/// One thing that happens to a lake.
#[derive(Debug, Clone)]
enum Step {
    /// In one snapshot, these entities get these columns (in this order, of these types) and rows, or are dropped.
    Publish(BTreeMap<u8, Option<Vec<Column>>>),
    /// Staged, and never published.
    GiveUp(u8),
    /// All but so many snapshots expire, and the files are swept.
    Expire(usize),
}

fn step() -> impl Strategy<Value = Step> {
    let column =
        |rows| (0..4_u8, any::<bool>(), proptest::collection::vec(proptest::option::of(-9..9_i64), rows));
    let content = (0..40_usize).prop_flat_map(move |rows| proptest::collection::vec(column(rows), 1..4));
    let change = proptest::option::weighted(0.85, content);
    prop_oneof![
        8 => proptest::collection::btree_map(0..3_u8, change, 0..3).prop_map(Step::Publish),
        1 => (0..3_u8).prop_map(Step::GiveUp),
        1 => (1..4_usize).prop_map(Step::Expire),
    ]
}

/// Columns of the same name: the first one counts.
fn rows(columns: &[Column]) -> RecordBatch {
    let mut seen = Vec::new();
    let mut kept: Vec<(&str, ArrayRef)> = Vec::new();
    for (name, as_text, values) in columns {
        let name = ["a", "B", "ü", "d e"][usize::from(*name)];
        if !seen.contains(&name) {
            seen.push(name);
            let texts_of: Vec<Option<String>> = values.iter().map(|v| v.map(|v| format!("t{v}"))).collect();
            let as_texts: Vec<Option<&str>> = texts_of.iter().map(Option::as_deref).collect();
            kept.push((name, if *as_text { texts(&as_texts) } else { ints(values.clone()) }));
        }
    }
    batch(kept)
}

fn entity(index: u8) -> String {
    ["Customer", "Ä", "x.y/z"][usize::from(index)].to_owned()
}

type Model = BTreeMap<String, RecordBatch>;

async fn apply(t: &TestLake, step: &Step, model: &Model) -> Option<(SnapshotId, Model)> {
    let limits = StagingLimits { row_group_rows: 7, file_bytes: 600, ..StagingLimits::default() };
    match step {
        Step::Publish(changes) => {
            let (mut made, mut model) = (Vec::new(), model.clone());
            for (index, content) in changes {
                let entity = entity(*index);
                match content {
                    Some(columns) => {
                        let rows = rows(columns);
                        let parts: Vec<_> = (0..rows.num_rows())
                            .step_by(5)
                            .map(|i| rows.slice(i, 5.min(rows.num_rows() - i)))
                            .collect();
                        let table = stage_as(&t.lake, &entity, rows.schema(), &parts, limits).await.unwrap();
                        model.insert(entity.clone(), rows);
                        made.push(Change::Replace { entity, table });
                    }
                    None if model.remove(&entity).is_some() => made.push(Change::Drop { entity }),
                    None => {}
                }
            }
            Some((publish(&t.lake, made).await.unwrap(), model))
        }
        Step::GiveUp(index) => {
            let rows = batch(vec![("lost", ints([Some(1)]))]);
            stage(&t.lake, &entity(*index), &[rows]).await.unwrap();
            None
        }
        Step::Expire(keep) => {
            t.lake.expire(Keep::Last(*keep)).await.unwrap();
            t.lake.sweep_after(std::time::Duration::ZERO).await.unwrap();
            None
        }
    }
}

async fn holds(lake: &Lake, snapshot: SnapshotId, model: &Model) {
    let view = lake.view(snapshot).await.unwrap();
    let names: Vec<String> = view.entities().into_iter().map(|info| info.name).collect();
    assert_eq!(names, model.keys().cloned().collect::<Vec<_>>(), "snapshot {snapshot}");
    let session = view.session().unwrap();
    for (name, rows) in model {
        let schema = view.schema(name).unwrap();
        let read = concat_batches(&schema, &view.collect(name, None).await.unwrap()).unwrap();
        assert_eq!(&read, rows, "{name} at snapshot {snapshot}");
        let queried =
            session.sql(&format!("SELECT * FROM \"{name}\"")).await.unwrap().collect().await.unwrap();
        assert_eq!(
            &concat_batches(&schema, &queried).unwrap(),
            rows,
            "{name} at snapshot {snapshot}, by query"
        );
    }
}

async fn run(steps: Vec<Step>) {
    let t = test_lake().await;
    let mut history: BTreeMap<SnapshotId, Model> = [(SnapshotId::new(0), Model::new())].into();
    for step in &steps {
        let (_, newest) = history.last_key_value().unwrap();
        if let Some((snapshot, model)) = apply(&t, step, newest).await {
            history.insert(snapshot, model);
        }
        let listed = t.lake.snapshots().await.unwrap();
        history = history.split_off(&listed[0].id);
        assert_eq!(
            listed.iter().map(|s| s.id).collect::<Vec<_>>(),
            history.keys().copied().collect::<Vec<_>>()
        );
    }
    for (snapshot, model) in &history {
        holds(&t.lake, *snapshot, model).await;
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn every_old_snapshot_reads_exactly_what_it_held(steps in proptest::collection::vec(step(), 1..10)) {
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(run(steps));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn readers_during_publishes_see_one_snapshot_or_the_next_and_never_a_mix() {
    let t = test_lake().await;
    let content = |n: i64| batch(vec![("N", ints([Some(n)]))]);
    let both = async |n: i64| {
        let mut changes = Vec::new();
        for entity in ["A", "B"] {
            let table = stage(&t.lake, entity, &[content(n)]).await.unwrap();
            changes.push(Change::Replace { entity: entity.into(), table });
        }
        publish(&t.lake, changes).await.unwrap()
    };
    both(1).await;
    let lake = t.lake.clone();
    let reader = tokio::spawn(async move {
        let (mut last, mut seen) = (0, std::collections::BTreeSet::new());
        while last < 20 {
            let view = lake.view_latest().await.unwrap();
            let a = number(&view, "SELECT A.N FROM A").await;
            let b = number(&view, "SELECT B.N FROM B").await;
            assert_eq!((a, b), (view.snapshot().number(), view.snapshot().number()));
            assert!(a >= last, "{a} after {last}");
            last = a;
            seen.insert(a);
        }
        seen.len()
    });
    for n in 2..=20 {
        both(n).await;
    }
    assert!(reader.await.unwrap() > 1);
}
