//! Publishing: what readers see, before, after and in between.

use lake::{Change, Lake};
use store::SnapshotId;

use crate::support::*;

#[tokio::test]
async fn a_fresh_lake_has_snapshot_zero_and_no_entities() {
    let t = test_lake().await;
    assert_eq!(t.lake.latest().await.unwrap(), SnapshotId::new(0));
    assert!(t.lake.view_latest().await.unwrap().entities().is_empty());
    let again = Lake::open(t.lake.store().clone(), &t.folder.path().join("lake")).await.unwrap();
    assert_eq!(again.snapshots().await.unwrap().len(), 1);
}

#[tokio::test]
async fn every_old_snapshot_keeps_its_rows_and_columns() {
    let t = test_lake().await;
    let named = batch(vec![("Id", ints([Some(1)])), ("Name", texts(&[Some("Ann")]))]);
    let one = replace(&t.lake, "Customer", &[named]).await;
    let retyped = batch(vec![
        ("Id", ints([Some(1), Some(2)])),
        ("Name", ints([Some(7), None])),
        ("New", texts(&[None, Some("x")])),
    ]);
    let two = replace(&t.lake, "Customer", &[retyped]).await;
    let three =
        replace(&t.lake, "Customer", &[batch(vec![("New", texts(&[Some("y")])), ("Id", ints([Some(3)]))])])
            .await;
    let four = drop_entity(&t.lake, "Customer").await;
    assert_eq!((one.number(), two.number(), three.number(), four.number()), (1, 2, 3, 4));

    let at = async |snapshot| t.lake.view(snapshot).await.unwrap();
    assert_rows(&shown(&at(one).await, "Customer").await, &["| Id | Name |", "| 1  | Ann  |"]);
    assert_rows(
        &shown(&at(two).await, "Customer").await,
        &["| Id | Name | New |", "| 1  | 7    |     |", "| 2  |      | x   |"],
    );
    assert_rows(&shown(&at(three).await, "Customer").await, &["| New | Id |", "| y   | 3  |"]);
    assert_eq!(
        queried(&at(two).await, "SELECT * FROM Customer").await,
        shown(&at(two).await, "Customer").await
    );
    assert!(at(four).await.entities().is_empty());
    assert_eq!(t.lake.view(SnapshotId::new(5)).await.unwrap_err().code(), "unknownSnapshot");
}

fn assert_rows(table: &str, rows: &[&str]) {
    let found: Vec<&str> = table.lines().filter(|line| line.starts_with('|')).collect();
    assert_eq!(found, rows);
}

#[tokio::test]
async fn an_uncommitted_publish_changes_nothing_for_readers() {
    let t = test_lake().await;
    let table = stage(&t.lake, "Customer", &[batch(vec![("Id", ints([Some(1)]))])]).await.unwrap();
    let change = || vec![Change::Replace { entity: "Customer".into(), table: table.clone() }];
    let mut tx = t.lake.store().write().await.unwrap();
    let planned = t.lake.publish(&mut tx, change(), commit("given up")).await.unwrap();
    assert_eq!(t.lake.latest().await.unwrap(), SnapshotId::new(0));
    drop(tx);
    assert!(t.lake.view_latest().await.unwrap().entities().is_empty());
    assert_eq!(publish(&t.lake, change()).await.unwrap(), planned);
    assert_eq!(t.lake.view(planned).await.unwrap().rows("Customer"), Some(1));
}

#[tokio::test]
async fn rows_staged_for_other_columns_than_the_table_has_now_are_refused() {
    let t = test_lake().await;
    let first = stage(&t.lake, "Customer", &[batch(vec![("A", ints([Some(1)]))])]).await.unwrap();
    replace(&t.lake, "Customer", &[batch(vec![("B", ints([Some(1)]))])]).await;
    let late = publish(&t.lake, vec![Change::Replace { entity: "Customer".into(), table: first }]).await;
    assert_eq!(late.unwrap_err().code(), "lakeCatalogChanged");
    assert_eq!(t.lake.latest().await.unwrap(), SnapshotId::new(1));
}

#[tokio::test]
async fn changes_that_do_not_fit_together_are_refused() {
    let t = test_lake().await;
    replace(&t.lake, "Customer", &[batch(vec![("Id", ints([Some(1)]))])]).await;
    let code = async |changes| publish(&t.lake, changes).await.unwrap_err().code();
    let drop = |entity: &str| Change::Drop { entity: entity.into() };
    assert_eq!(code(vec![drop("Customer"), drop("Customer")]).await, "lakeChanges");
    assert_eq!(code(vec![drop("Costumer")]).await, "unknownEntity");
    let other = stage(&t.lake, "customer", &[batch(vec![("Id", ints([Some(1)]))])]).await.unwrap();
    assert_eq!(
        code(vec![Change::Replace { entity: "Other".into(), table: other.clone() }]).await,
        "lakeChanges"
    );
    assert_eq!(code(vec![Change::Replace { entity: "customer".into(), table: other }]).await, "lakeName");
    assert_eq!(t.lake.latest().await.unwrap(), SnapshotId::new(1), "nothing was published in part");
}

#[tokio::test]
async fn a_snapshot_says_why_it_was_made() {
    let t = test_lake().await;
    replace(&t.lake, "Customer", &[batch(vec![("Id", ints([Some(1)]))])]).await;
    let listed = t.lake.snapshots().await.unwrap().pop().unwrap();
    assert_eq!(listed.message.as_deref(), Some("test"));
    assert_eq!(listed.extra, Some(serde_json::json!({"job": "job_1"})));
    assert_eq!(listed.changes, "created_table:\"main\".\"Customer\",inserted_into_table:1");
    assert_eq!(listed.time.to_string(), "2026-11-20T10:00:00Z");
}
