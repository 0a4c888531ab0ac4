//! Views: sessions, projections, overlays.

use lake::{SessionOptions, StagingLimits};

use crate::support::*;

#[tokio::test]
async fn every_type_comes_back_as_it_was_written_by_both_ways_of_reading() {
    let t = test_lake().await;
    let rows = every_type();
    replace(&t.lake, "Odd name: ü", std::slice::from_ref(&rows)).await;
    let view = t.lake.view_latest().await.unwrap();
    assert_eq!(view.collect("Odd name: ü", None).await.unwrap(), std::slice::from_ref(&rows));
    let session = view.session().unwrap();
    let queried = session.sql("SELECT * FROM \"Odd name: ü\"").await.unwrap().collect().await.unwrap();
    assert_eq!(queried, [rows]);
}

#[tokio::test]
async fn rows_keep_their_order_over_many_files_and_row_groups() {
    let t = test_lake().await;
    let limits = StagingLimits { row_group_rows: 1_000, file_bytes: 10_000, ..StagingLimits::default() };
    let part = |from: i64| batch(vec![("Id", ints((from..from + 10_000).map(|i| Some(i * i % 100_003))))]);
    let parts: Vec<_> = (0..6).map(|i| part(i * 10_000)).collect();
    let table = stage_as(&t.lake, "Numbers", parts[0].schema(), &parts, limits).await.unwrap();
    assert!(table.files().count() > 3, "{}", table.files().count());
    let view = t.lake.view_latest().await.unwrap().with_staged("Numbers", &table);
    let read = view.collect("Numbers", None).await.unwrap();
    let read = datafusion::arrow::compute::concat_batches(&parts[0].schema(), &read).unwrap();
    assert_eq!(read, datafusion::arrow::compute::concat_batches(&parts[0].schema(), &parts).unwrap());
    let queried =
        view.session().unwrap().sql("SELECT Id FROM Numbers").await.unwrap().collect().await.unwrap();
    assert_eq!(datafusion::arrow::compute::concat_batches(&parts[0].schema(), &queried).unwrap(), read);
    let many =
        SessionOptions { target_partitions: 4, memory_limit: Some(64 << 20), ..SessionOptions::default() };
    let sum = view.session_with(&many).unwrap().sql("SELECT sum(Id), count(*) FROM Numbers").await.unwrap();
    let one = view.session().unwrap().sql("SELECT sum(Id), count(*) FROM Numbers").await.unwrap();
    assert_eq!(sum.collect().await.unwrap(), one.collect().await.unwrap());
}

#[tokio::test]
async fn staged_content_hides_the_published_one_only_in_its_own_view() {
    let t = test_lake().await;
    replace(&t.lake, "Customer", &[batch(vec![("Id", ints([Some(1)]))])]).await;
    let view = t.lake.view_latest().await.unwrap();
    let staged = stage(&t.lake, "Customer", &[batch(vec![("Id", ints([Some(8), Some(9)]))])]).await.unwrap();
    let over = view.with_staged("Customer", &staged);
    assert_eq!(number(&over, "SELECT count(*) FROM Customer").await, 2);
    assert_eq!(number(&view, "SELECT max(Id) FROM customer").await, 1);
    assert!(over.without("Customer").entities().is_empty());
    let wrong = view.read("Custommer", None).await.err().unwrap();
    assert_eq!(wrong.to_string(), "there is no entity Custommer in snapshot 1; did you mean Customer?");
    let wrong = view.read("Customer", Some(&["id"])).await.err().unwrap();
    assert_eq!(wrong.to_string(), "there is no column id in Customer; did you mean Id?");
}

#[tokio::test]
async fn only_the_wanted_columns_are_read_in_the_wanted_order() {
    let t = test_lake().await;
    replace(&t.lake, "Every", &[every_type()]).await;
    let view = t.lake.view_latest().await.unwrap();
    let read = view.collect("Every", Some(&["money", "text"])).await.unwrap();
    assert_eq!(read, [every_type().project(&[7, 0]).unwrap()]);
}

#[tokio::test]
async fn an_entity_without_rows_is_an_entity() {
    let t = test_lake().await;
    replace(&t.lake, "Empty", &[]).await;
    let view = t.lake.view_latest().await.unwrap();
    assert_eq!(view.rows("Empty"), Some(0));
    assert!(view.collect("Empty", None).await.unwrap().is_empty());
    assert_eq!(number(&view, "SELECT count(Id) FROM Empty").await, 0);
}
