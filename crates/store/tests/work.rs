//! The work rows, against a real SQLite file.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on may stop")]

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use store::{Lease, NewWork, Queue, Settle, Store, StoreError};
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

#[tokio::test]
async fn lanes_take_turns_however_much_waits_in_one_of_them() {
    let room = Room::open().await;
    let store = &room.store;
    let mut tx = store.write().await.unwrap();
    let due = tx.now();
    for n in 0..100 {
        tx.enqueue_in(Queue::Run, "flood", &format!("flood{n:03}"), due).await.unwrap();
    }
    for lane in ["b", "c"] {
        let late = due + SignedDuration::from_secs(1);
        tx.enqueue_in(Queue::Run, lane, lane, late).await.unwrap();
    }
    tx.commit().await.unwrap();
    room.clock.advance(SignedDuration::from_secs(1));
    let claimed = keys(store).await;
    assert_eq!(claimed.len(), 10);
    assert!(claimed.contains(&"b".to_owned()) && claimed.contains(&"c".to_owned()), "{claimed:?}");
    assert!(keys(store).await.iter().all(|key| key.starts_with("flood")));
}

#[tokio::test]
async fn what_is_settled_in_bulk_is_as_if_each_were_settled_alone() {
    let room = Room::open().await;
    let store = &room.store;
    for key in ["done", "again", "kept", "later", "lost"] {
        enqueue(store, key, 0).await;
    }
    let leases = store.claim(Queue::Run, 10, LEASE).await.unwrap();
    let lease = |key: &str| leases.iter().find(|lease| lease.key == key).unwrap();
    enqueue(store, "again", 0).await;
    let mut tx = store.write().await.unwrap();
    tx.withdraw(Queue::Run, "lost").await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = store.write().await.unwrap();
    let at = clock_in(store, 30);
    let held = tx
        .settle(
            Queue::Run,
            &[
                (lease("done"), Settle::Finish),
                (lease("again"), Settle::Finish),
                (lease("lost"), Settle::Finish),
                (lease("kept"), Settle::Keep(LEASE * 2)),
                (lease("later"), Settle::Reschedule(at)),
            ],
        )
        .await
        .unwrap();
    tx.commit().await.unwrap();
    assert_eq!(held, [true, true, false, true, true]);
    assert_eq!(keys(store).await, ["again"]);
    room.clock.advance(SignedDuration::from_secs(30));
    assert_eq!(keys(store).await, ["later"]);
    room.clock.advance(SignedDuration::from_secs(89));
    assert_eq!(keys(store).await, ["again", "later"], "leases of a minute ran out, that of two did not");
    room.clock.advance(SignedDuration::from_secs(1));
    assert_eq!(keys(store).await, ["kept"]);
}

#[tokio::test]
async fn new_work_may_have_a_holder_from_the_first_moment_on() {
    let room = Room::open().await;
    let store = &room.store;
    let (now, until) = (clock_in(store, 0), clock_in(store, 60));
    let new = |key, holder| NewWork { key, lane: "", due: now, holder };
    let mut tx = store.write().await.unwrap();
    tx.enqueue_all(Queue::Run, &[new("free", None), new("mine", Some(("me", until)))]).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(keys(store).await, ["free"]);
    let mut tx = store.write().await.unwrap();
    tx.finish(&Lease::of_new(Queue::Run, "mine", "me")).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(store.pending(Queue::Run).await.unwrap(), 1);
}
