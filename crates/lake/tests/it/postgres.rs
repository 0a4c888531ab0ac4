//! The same catalog in PostgreSQL.

use std::time::Duration;

use lake::{Change, ExpireReport, Keep, StagingLimits};
use sqlx::{AnyConnection, Connection};
use store::SnapshotId;

use crate::support::*;

/// A lake in a fresh database of the server at `WEIR_TEST_POSTGRES` (`postgres://user@host:port`), whose user may
/// make databases; `None`, with a printed reason, where the variable is not set.
async fn postgres_lake() -> Option<TestLake> {
    let Ok(server) = std::env::var("WEIR_TEST_POSTGRES") else {
        println!("skipped: WEIR_TEST_POSTGRES is not set; it names a PostgreSQL server that tests may use");
        return None;
    };
    sqlx::any::install_default_drivers();
    let folder = tempfile::tempdir().unwrap();
    let name = format!("weir_lake_{}", uuid::Uuid::now_v7().simple());
    let mut connection = AnyConnection::connect(&format!("{server}/postgres")).await.unwrap();
    sqlx::query(sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}")))
        .execute(&mut connection)
        .await
        .unwrap();
    Some(test_lake_in(&format!("{server}/{name}"), folder).await)
}

#[tokio::test]
async fn the_whole_life_of_an_entity_is_the_same_in_postgresql() {
    let Some(t) = postgres_lake().await else { return };
    replace(&t.lake, "Every", &[every_type()]).await;
    let limits = StagingLimits { row_group_rows: 100, file_bytes: 1_000, ..StagingLimits::default() };
    let numbers = batch(vec![("Id", ints((0..1_000).map(Some))), ("New", texts(&[None; 1_000]))]);
    let table = stage_as(&t.lake, "Numbers", numbers.schema(), &[numbers], limits).await.unwrap();
    publish(&t.lake, vec![Change::Replace { entity: "Numbers".into(), table }]).await.unwrap();
    let other = batch(vec![("New", ints([Some(1)])), ("Id", ints([None]))]);
    replace(&t.lake, "Numbers", std::slice::from_ref(&other)).await;
    drop_entity(&t.lake, "Every").await;

    let at = async |snapshot| t.lake.view(SnapshotId::new(snapshot)).await.unwrap();
    assert_eq!(at(3).await.collect("Every", None).await.unwrap(), [every_type()]);
    assert_eq!(number(&at(2).await, "SELECT sum(Id) FROM Numbers").await, 499_500);
    assert_eq!(at(4).await.collect("Numbers", None).await.unwrap(), [other]);
    assert_eq!(at(4).await.entities().len(), 1);
    let listed = t.lake.snapshots().await.unwrap();
    assert_eq!(listed[4].changes, "dropped_table:1");
    let expired = t.lake.expire(Keep::Last(1)).await.unwrap();
    assert_eq!(expired, ExpireReport { snapshots: 4, files: 2 });
    assert_eq!(t.lake.sweep_after(Duration::ZERO).await.unwrap().expired, expired.files);
    assert_eq!(t.lake.expire(Keep::Last(1)).await.unwrap(), ExpireReport::default());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn publishes_at_the_same_time_come_one_after_the_other() {
    let Some(t) = postgres_lake().await else { return };
    let mut tasks = Vec::new();
    for i in 0..8 {
        let lake = t.lake.clone();
        tasks.push(tokio::spawn(
            async move { replace(&lake, &format!("E{i}"), &[every_type()]).await.number() },
        ));
    }
    let mut made = Vec::new();
    for task in tasks {
        made.push(task.await.unwrap());
    }
    made.sort_unstable();
    assert_eq!(made, (1..=8).collect::<Vec<_>>());
    let view = t.lake.view_latest().await.unwrap();
    assert_eq!(view.entities().len(), 8);
    assert_eq!(view.collect("E3", None).await.unwrap(), [every_type()]);
}
