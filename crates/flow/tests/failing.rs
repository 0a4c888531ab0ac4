//! Flows that keep failing, in a real store.

// Helpers of tests are outside of test functions, where the lints do not know them as tests.
#![allow(clippy::unwrap_used, clippy::panic)]

mod common;

use common::{Answer, House, definition, manual};
use flow::{definitions, failing};
use jiff::SignedDuration;
use serde_json::{Value, json};

const FORTNIGHT: SignedDuration = SignedDuration::from_hours(14 * 24);

fn call() -> Value {
    json!({"Send": {"type": "Http", "runAfter": {},
        "inputs": {"method": "POST", "uri": "https://a.example/x", "retryPolicy": {"type": "none"}}}})
}

/// A run, some hours after the last one.
async fn run(house: &House, hours: i64, status: u16) {
    house.clock.advance(SignedDuration::from_hours(hours));
    house.connector.answer(move |_| Answer::Now(status, Value::Null));
    let key = house.clock_now().to_string();
    house.start("f", manual(&key)).await;
    house.runner().run_until_idle().await.unwrap();
}

async fn pause_all(house: &House) -> Vec<failing::Paused> {
    let mut paused = Vec::new();
    for flow in failing::hopeless(&house.store, FORTNIGHT).await.unwrap() {
        let mut tx = house.store.write().await.unwrap();
        paused.extend(failing::pause(&house.store, &mut tx, &flow).await.unwrap());
        tx.commit().await.unwrap();
    }
    paused
}

#[tokio::test]
async fn a_flow_is_paused_when_all_its_runs_failed_for_long_and_only_then() {
    let house = House::new().await;
    house.put("f", &definition(call())).await;
    run(&house, 1, 401).await;
    run(&house, 24 * 10, 401).await;
    run(&house, 24, 200).await;
    for _ in 0..3 {
        run(&house, 24 * 4, 401).await;
    }
    assert_eq!(pause_all(&house).await, [], "it did well twelve days ago");
    run(&house, 24 * 7, 401).await;
    let paused = pause_all(&house).await;
    assert_eq!(paused.len(), 1);
    assert_eq!((paused[0].failures, paused[0].action.as_deref()), (4, Some("Send")));
    assert_eq!(paused[0].error.as_ref().unwrap().code, "Unauthorized");
    let (flow, _) = definitions::get(&house.store, "f").await.unwrap().unwrap();
    assert!(!flow.active);
    assert!(flow.paused.unwrap().reason.starts_with("Unauthorized"));
    assert_eq!(house.start("f", manual("more")).await, None, "a paused flow starts no runs");
    assert_eq!(pause_all(&house).await, [], "it is paused once");
}

#[tokio::test]
async fn a_flow_that_is_turned_on_again_gets_another_chance() {
    let house = House::new().await;
    house.put("f", &definition(call())).await;
    for _ in 0..4 {
        run(&house, 24 * 5, 401).await;
    }
    assert_eq!(pause_all(&house).await.len(), 1);
    let mut tx = house.store.write().await.unwrap();
    definitions::set_active(&mut tx, "f", true).await.unwrap();
    tx.commit().await.unwrap();
    run(&house, 24, 401).await;
    assert_eq!(pause_all(&house).await, []);
    let (flow, _) = definitions::get(&house.store, "f").await.unwrap().unwrap();
    assert_eq!((flow.active, flow.paused), (true, None));
}

#[tokio::test]
async fn the_digest_tells_how_many_runs_failed_where_why_and_what_helps() {
    let house = House::new().await;
    house.put("f", &definition(call())).await;
    let since = house.clock_now();
    run(&house, 1, 200).await;
    run(&house, 1, 503).await;
    run(&house, 1, 401).await;
    let digest = failing::digest(&house.store, since, house.clock_now() + SignedDuration::from_secs(1)).await;
    let digest = digest.unwrap();
    assert_eq!(digest.len(), 1);
    assert_eq!((digest[0].failures, digest[0].runs), (2, 3));
    assert_eq!((digest[0].action.as_deref(), digest[0].hint), (Some("Send"), failing::Hint::Connection));
    let later = house.clock_now() + SignedDuration::from_hours(1);
    assert_eq!(failing::digest(&house.store, later, later + FORTNIGHT).await.unwrap(), []);
}
