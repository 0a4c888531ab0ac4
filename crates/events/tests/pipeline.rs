//! Event → dispatch → delivery → receiver, against a real SQLite file.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on may stop")]

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use events::subscriptions::{Want, replace};
use events::thresholds::{Direction, Observation, Watched, evaluate, states};
use events::{Attempt, Delivery, EventType, NewEvent, Receiver, Recorded, Threshold, Workers, record};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use store::{SnapshotId, Tx};
use testkit::Room;

#[derive(Default, Clone)]
struct Notes {
    taken: Arc<Mutex<Vec<String>>>,
    answers: Arc<Mutex<Vec<Attempt>>>,
}

#[async_trait]
impl Receiver for Notes {
    fn name(&self) -> &'static str {
        "notes"
    }
    async fn attempt(&self, _: &Delivery) -> Attempt {
        self.answers.lock().unwrap().pop().unwrap_or(Attempt::Taken)
    }
    async fn accept(&self, _: &mut Tx, delivery: &Delivery) -> events::Result<String> {
        self.taken.lock().unwrap().push(format!("{} → {}", delivery.event.subject, delivery.target));
        Ok("noted".to_owned())
    }
}

fn happening(subject: &str) -> NewEvent {
    NewEvent {
        kind: EventType::DataSourceRefreshFailed,
        cause: format!("job 1 {subject}"),
        subject: subject.to_owned(),
        data: json!({"dataSource": subject}),
        at: Timestamp::UNIX_EPOCH,
    }
}

fn want(data_source: Option<&str>) -> Want {
    let filter: BTreeMap<_, _> =
        data_source.map(|name| ("dataSource".to_owned(), name.to_owned())).into_iter().collect();
    Want { kind: EventType::DataSourceRefreshFailed, filter }
}

#[tokio::test]
async fn an_event_reaches_each_subscriber_that_wants_it_once_however_often_its_cause_is_recorded() {
    let room = Room::open().await;
    let store = room.store.clone();
    let notes = Notes::default();
    let mut tx = store.write().await.unwrap();
    replace(&mut tx, "notes", "all", &[want(None)]).await.unwrap();
    replace(&mut tx, "notes", "shop", &[want(Some("Shop"))]).await.unwrap();
    assert!(matches!(record(&mut tx, happening("Shop")).await.unwrap(), Recorded::New(_)));
    assert!(matches!(record(&mut tx, happening("Shop")).await.unwrap(), Recorded::Known(_)));
    record(&mut tx, happening("Loyalty")).await.unwrap();
    tx.commit().await.unwrap();

    let workers = Workers::new(store.clone(), vec![Arc::new(notes.clone())]);
    workers.run_until_idle().await.unwrap();
    workers.run_until_idle().await.unwrap();
    let mut taken = notes.taken.lock().unwrap().clone();
    taken.sort();
    assert_eq!(taken, ["Loyalty → all", "Shop → all", "Shop → shop"]);
    let listed = events::list(&store, 10).await.unwrap();
    assert!(listed.iter().flat_map(|e| &e.deliveries).all(|d| d.status == "delivered"));
    assert_eq!(events::reconcile(&store).await.unwrap(), 0);
}

#[tokio::test]
async fn an_event_that_was_rolled_back_never_happened() {
    let room = Room::open().await;
    let store = room.store.clone();
    let mut tx = store.write().await.unwrap();
    record(&mut tx, happening("Shop")).await.unwrap();
    drop(tx);
    assert!(events::list(&store, 10).await.unwrap().is_empty());
    assert_eq!(store.pending(store::Queue::Dispatch).await.unwrap(), 0);
}

#[tokio::test]
async fn a_delivery_that_is_not_taken_is_tried_again_when_the_other_side_said() {
    let room = Room::open().await;
    let (store, clock) = (room.store.clone(), room.clock.clone());
    let notes = Notes::default();
    notes
        .answers
        .lock()
        .unwrap()
        .push(Attempt::Later { reason: "busy".to_owned(), after: Some(Duration::from_secs(60)) });
    let mut tx = store.write().await.unwrap();
    replace(&mut tx, "notes", "all", &[want(None)]).await.unwrap();
    record(&mut tx, happening("Shop")).await.unwrap();
    tx.commit().await.unwrap();
    let workers = Workers::new(store.clone(), vec![Arc::new(notes.clone())]);
    workers.run_until_idle().await.unwrap();
    assert!(notes.taken.lock().unwrap().is_empty());
    let status = |listed: &[events::EventRecord]| listed[0].deliveries[0].status.clone();
    assert_eq!(status(&events::list(&store, 1).await.unwrap()), "pending");
    clock.advance(SignedDuration::from_secs(61));
    workers.run_until_idle().await.unwrap();
    assert_eq!(notes.taken.lock().unwrap().len(), 1);
    assert_eq!(status(&events::list(&store, 1).await.unwrap()), "delivered");
}

#[tokio::test]
async fn a_refused_delivery_ends_as_failed_with_the_reason() {
    let room = Room::open().await;
    let store = room.store.clone();
    let notes = Notes::default();
    notes.answers.lock().unwrap().push(Attempt::Refused("gone".to_owned()));
    let mut tx = store.write().await.unwrap();
    replace(&mut tx, "notes", "all", &[want(None)]).await.unwrap();
    record(&mut tx, happening("Shop")).await.unwrap();
    tx.commit().await.unwrap();
    Workers::new(store.clone(), vec![Arc::new(notes.clone())]).run_until_idle().await.unwrap();
    let delivery = events::list(&store, 1).await.unwrap().remove(0).deliveries.remove(0);
    assert_eq!((delivery.status.as_str(), delivery.detail.as_deref()), ("failed", Some("gone")));
    assert!(notes.taken.lock().unwrap().is_empty());
}

fn big_spenders() -> Threshold {
    serde_json::from_value(json!({"name": "big", "segment": "BigSpenders", "level": 1000, "rearmBelow": 950}))
        .unwrap()
}

fn size(value: Option<f64>) -> Observation {
    Observation { watched: Watched::Segment { name: "BigSpenders".to_owned() }, dimension: None, value }
}

#[tokio::test]
async fn one_crossing_is_one_event_per_snapshot_and_a_missing_value_holds_the_level() {
    let room = Room::open().await;
    let store = room.store.clone();
    let mut sentences = Vec::new();
    for (snapshot, value) in
        [(1, Some(950.0)), (2, None), (3, Some(1012.0)), (3, Some(1012.0)), (4, Some(1020.0))]
    {
        let mut tx = store.write().await.unwrap();
        let at = Timestamp::UNIX_EPOCH;
        let found = evaluate(&mut tx, &[big_spenders()], SnapshotId::new(snapshot), at, &[size(value)])
            .await
            .unwrap();
        sentences.extend(found.into_iter().map(|crossing| crossing.sentence));
        tx.commit().await.unwrap();
    }
    assert_eq!(sentences, ["BigSpenders rose above 1,000 (950 → 1,012)"]);
    let listed = events::list(&store, 10).await.unwrap();
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0].data["segment"], "BigSpenders");
    assert_eq!(listed[0].data["previousValue"], 950.0);
    assert_eq!(states(&store).await.unwrap()[0].value, 1020.0);
}

#[tokio::test]
async fn each_dimension_value_crosses_by_itself() {
    let room = Room::open().await;
    let store = room.store.clone();
    let threshold: Threshold = serde_json::from_value(
        json!({"name": "t", "measure": "Revenue", "level": 10, "direction": "either"}),
    )
    .unwrap();
    assert_eq!(threshold.direction, Direction::Either);
    let watched = Watched::Measure { name: "Revenue".to_owned(), calculation: "Revenue".to_owned() };
    let observe = |dimension: &str, value| Observation {
        watched: watched.clone(),
        dimension: Some(dimension.to_owned()),
        value: Some(value),
    };
    let rounds = [[observe("a", 9.0), observe("b", 11.0)], [observe("a", 11.0), observe("b", 9.0)]];
    let mut ways = Vec::new();
    for (n, observations) in rounds.into_iter().enumerate() {
        let mut tx = store.write().await.unwrap();
        let snapshot = SnapshotId::new(n as i64);
        let found = evaluate(
            &mut tx,
            std::slice::from_ref(&threshold),
            snapshot,
            Timestamp::UNIX_EPOCH,
            &observations,
        );
        ways.extend(
            found.await.unwrap().into_iter().map(|c| (c.dimension.unwrap(), c.direction.to_string())),
        );
        tx.commit().await.unwrap();
    }
    assert_eq!(ways, [("a".to_owned(), "above".to_owned()), ("b".to_owned(), "below".to_owned())]);
}
