//! The work rows, against a real SQLite file.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on may stop")]

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use store::{Queue, Store, StoreError};
use testkit::Room;

const LEASE: Duration = Duration::from_secs(60);

async fn enqueue(store: &Store, key: &str, in_secs: i64) {
    let mut tx = store.write().await.unwrap();
    let due = tx.now() + SignedDuration::from_secs(in_secs);
    tx.enqueue(Queue::Run, key, due).await.unwrap();
    tx.commit().await.unwrap();
}

async fn keys(store: &Store) -> Vec<String> {
    store.claim(Queue::Run, 10, LEASE).await.unwrap().into_iter().map(|lease| lease.key).collect()
}

#[tokio::test]
async fn work_is_claimed_when_it_is_due_and_by_one_worker() {
    let room = Room::open().await;
    let (clock, store) = (&room.clock, &room.store);
    enqueue(store, "now", 0).await;
    enqueue(store, "later", 10).await;
    assert_eq!(keys(store).await, ["now"]);
    assert!(keys(store).await.is_empty());
    clock.advance(SignedDuration::from_secs(10));
    assert_eq!(keys(store).await, ["later"]);
}

#[tokio::test]
async fn a_lease_that_ran_out_lets_another_worker_in_and_the_first_can_write_nothing() {
    let room = Room::open().await;
    let (clock, store) = (&room.clock, &room.store);
    enqueue(store, "a", 0).await;
    let first = store.claim(Queue::Run, 1, LEASE).await.unwrap().remove(0);
    clock.advance(SignedDuration::from_secs(61));
    let second = store.claim(Queue::Run, 1, LEASE).await.unwrap().remove(0);
    assert_eq!(second.attempts, 2);
    let mut tx = store.write().await.unwrap();
    assert!(matches!(tx.finish(&first).await, Err(StoreError::LeaseLost { .. })));
    drop(tx);
    assert!(store.renew(&first, LEASE).await.is_err());
    store.renew(&second, LEASE).await.unwrap();
    let mut tx = store.write().await.unwrap();
    tx.finish(&second).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(store.pending(Queue::Run).await.unwrap(), 0);
}

#[tokio::test]
async fn work_that_is_enqueued_again_while_it_is_done_stays_due() {
    let room = Room::open().await;
    let store = &room.store;
    enqueue(store, "a", 0).await;
    let lease = store.claim(Queue::Run, 1, LEASE).await.unwrap().remove(0);
    enqueue(store, "a", 0).await;
    let mut tx = store.write().await.unwrap();
    tx.finish(&lease).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(keys(store).await, ["a"]);
}

#[tokio::test]
async fn a_reschedule_gives_way_to_an_earlier_wish() {
    let room = Room::open().await;
    let (clock, store) = (&room.clock, &room.store);
    enqueue(store, "a", 0).await;
    let lease = store.claim(Queue::Run, 1, LEASE).await.unwrap().remove(0);
    let mut tx = store.write().await.unwrap();
    tx.reschedule(&lease, clock_in(store, 3600)).await.unwrap();
    tx.commit().await.unwrap();
    assert!(keys(store).await.is_empty());
    enqueue(store, "a", 5).await;
    clock.advance(SignedDuration::from_secs(5));
    assert_eq!(keys(store).await, ["a"]);
}

fn clock_in(store: &Store, secs: i64) -> Timestamp {
    store.clock().now() + SignedDuration::from_secs(secs)
}

#[tokio::test]
async fn a_commit_wakes_a_waiting_worker() {
    let room = Room::open().await;
    let store = &room.store;
    let waiting = store.clone();
    let waiter = tokio::spawn(async move { waiting.wait(Queue::Run, Duration::from_secs(30)).await });
    tokio::time::sleep(Duration::from_millis(50)).await;
    enqueue(store, "a", 0).await;
    tokio::time::timeout(Duration::from_secs(5), waiter).await.expect("woken").unwrap().unwrap();
}

#[tokio::test]
async fn what_was_committed_is_there_after_the_store_is_opened_again() {
    let room = Room::open().await;
    let store = &room.store;
    enqueue(store, "a", 0).await;
    drop(store.claim(Queue::Run, 1, LEASE).await.unwrap());
    let again = room.reopen().await.unwrap();
    again.free_all_leases().await.unwrap();
    assert_eq!(keys(&again).await, ["a"]);
}

#[tokio::test]
async fn an_instance_keeps_its_id_and_no_two_instances_share_one() {
    let (one, other) = (Room::open().await, Room::open().await);
    let id = async |store: &Store| {
        let mut tx = store.write().await.unwrap();
        let id = tx.instance_id().await.unwrap();
        tx.commit().await.unwrap();
        id
    };
    let first = id(&one.store).await;
    assert_eq!(id(&one.reopen().await.unwrap()).await, first);
    assert_ne!(id(&other.store).await, first);
}
