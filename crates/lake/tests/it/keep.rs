//! Expiry and sweep: what goes, and what must not.

use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::SignedDuration;
use lake::{Change, ExpireReport, Keep, Lake, SweepReport, limits};
use store::SnapshotId;

use crate::support::*;

/// All Parquet files in the folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => found.extend(files(&path)),
            false if path.extension().is_some_and(|e| e == "parquet") => found.push(path),
            false => {}
        }
    }
    found.sort();
    found
}

async fn one_row(t: &TestLake, value: i64) -> SnapshotId {
    replace(&t.lake, "Customer", &[batch(vec![("Id", ints([Some(value)]))])]).await
}

#[tokio::test]
async fn what_a_killed_task_left_is_never_seen_and_swept_after_its_grace() {
    let t = test_lake().await;
    one_row(&t, 1).await;
    let staged = stage(&t.lake, "Customer", &[batch(vec![("Id", ints([Some(2)]))])]).await.unwrap();
    // The process ends here: another one opens the same lake, and knows nothing of what was staged.
    let after = Lake::open(t.lake.store().clone(), t.lake.data_path()).await.unwrap();
    assert_eq!(number(&after.view_latest().await.unwrap(), "SELECT max(Id) FROM Customer").await, 1);
    assert_eq!(after.sweep().await.unwrap(), SweepReport::default(), "still in its grace");
    assert_eq!(files(t.folder.path()).len(), 2);
    t.clock.advance(SignedDuration::try_from(limits::SWEEP_GRACE).unwrap());
    let swept = after.sweep().await.unwrap();
    assert_eq!((swept.orphans, swept.expired), (1, 0));
    assert!(swept.bytes > 0);
    assert!(!staged.files().next().unwrap().exists());
    assert_eq!(number(&after.view_latest().await.unwrap(), "SELECT max(Id) FROM Customer").await, 1);
}

#[tokio::test]
async fn files_of_live_stagers_and_staged_tables_are_not_swept() {
    let t = test_lake().await;
    let rows = batch(vec![("Id", ints([Some(1)]))]);
    let mut stager = t.lake.stage("Customer", rows.schema()).await.unwrap();
    stager.write(&rows).await.unwrap();
    assert_eq!(t.lake.sweep_after(Duration::ZERO).await.unwrap(), SweepReport::default());
    let staged = stager.finish().await.unwrap();
    assert_eq!(t.lake.sweep_after(Duration::ZERO).await.unwrap(), SweepReport::default());
    let view = t.lake.view_latest().await.unwrap().with_staged("Customer", &staged);
    drop(staged);
    assert_eq!(t.lake.sweep_after(Duration::ZERO).await.unwrap(), SweepReport::default(), "a view reads it");
    assert_eq!(number(&view, "SELECT max(Id) FROM Customer").await, 1);
    drop(view);
    assert_eq!(t.lake.sweep_after(Duration::ZERO).await.unwrap().orphans, 1);
}

#[tokio::test]
async fn files_are_not_swept_between_publish_and_commit() {
    let t = test_lake().await;
    let table = stage(&t.lake, "Customer", &[batch(vec![("Id", ints([Some(1)]))])]).await.unwrap();
    let mut tx = t.lake.store().write().await.unwrap();
    let change = vec![Change::Replace { entity: "Customer".into(), table }];
    t.lake.publish(&mut tx, change, commit("slow")).await.unwrap();
    assert_eq!(t.lake.sweep_after(Duration::ZERO).await.unwrap(), SweepReport::default());
    tx.commit().await.unwrap();
    assert_eq!(t.lake.sweep_after(Duration::ZERO).await.unwrap(), SweepReport::default());
    assert_eq!(number(&t.lake.view_latest().await.unwrap(), "SELECT max(Id) FROM Customer").await, 1);
}

#[tokio::test]
async fn a_stager_that_is_given_up_removes_its_files() {
    let t = test_lake().await;
    let rows = batch(vec![("Id", ints([Some(1)]))]);
    let mut stager = t.lake.stage("Customer", rows.schema()).await.unwrap();
    stager.write(&rows).await.unwrap();
    assert_eq!(files(t.folder.path()).len(), 1);
    drop(stager);
    assert!(files(t.folder.path()).is_empty());
}

#[tokio::test]
async fn expired_snapshots_are_gone_and_their_files_follow_after_the_grace() {
    let t = test_lake().await;
    for value in 1..=5 {
        t.clock.advance(SignedDuration::from_hours(1));
        one_row(&t, value).await;
    }
    drop_entity(&t.lake, "Customer").await;
    replace(&t.lake, "Other", &[]).await;
    let expired = t.lake.expire(Keep::Last(3)).await.unwrap();
    assert_eq!(expired, ExpireReport { snapshots: 5, files: 4 });
    assert_eq!(t.lake.view(SnapshotId::new(4)).await.unwrap_err().code(), "unknownSnapshot");
    assert_eq!(
        number(&t.lake.view(SnapshotId::new(5)).await.unwrap(), "SELECT max(Id) FROM Customer").await,
        5
    );
    assert_eq!(t.lake.sweep().await.unwrap(), SweepReport::default(), "other processes may still read");
    let swept = t.lake.sweep_after(Duration::ZERO).await.unwrap();
    assert_eq!((swept.expired, swept.orphans), (4, 0));
    assert_eq!(files(t.folder.path()).len(), 1);
    let since = Keep::Since("2026-11-20T16:00:00Z".parse().unwrap());
    assert_eq!(t.lake.expire(since).await.unwrap(), ExpireReport { snapshots: 2, files: 1 });
    assert_eq!(t.lake.sweep_after(Duration::ZERO).await.unwrap().expired, 1);
    assert_eq!(
        t.lake.expire(Keep::Last(0)).await.unwrap(),
        ExpireReport::default(),
        "the newest always stays"
    );
}

#[tokio::test]
async fn a_snapshot_that_somebody_reads_does_not_expire() {
    let t = test_lake().await;
    one_row(&t, 1).await;
    let view = t.lake.view_latest().await.unwrap();
    one_row(&t, 2).await;
    one_row(&t, 3).await;
    assert_eq!(t.lake.expire(Keep::Last(1)).await.unwrap(), ExpireReport { snapshots: 1, files: 0 });
    t.lake.sweep_after(Duration::ZERO).await.unwrap();
    assert_eq!(number(&view, "SELECT max(Id) FROM Customer").await, 1);
    drop(view);
    assert_eq!(t.lake.expire(Keep::Last(1)).await.unwrap(), ExpireReport { snapshots: 2, files: 2 });
}
