//! The runner end to end: a real store in a temporary folder, a manual clock, and a connector that remembers.

// Helpers of tests are outside of test functions, where the lints do not know them as tests.
#![allow(clippy::unwrap_used, clippy::panic)]

mod common;

use std::time::Duration;

use common::{Answer, House, actions, definition, event_definition, manual};
use flow::history::{self, RunFilter};
use flow::machine::{ActionStatus, Caller, RunStatus};
use flow::{Accepted, TriggerFired, connections, definitions};
use jiff::SignedDuration;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

const S: fn(i64) -> SignedDuration = SignedDuration::from_secs;

fn get(name: &str, after: &[&str]) -> (String, Value) {
    let after: serde_json::Map<String, Value> =
        after.iter().map(|name| ((*name).to_owned(), json!(["Succeeded"]))).collect();
    let action = json!({
        "type": "Http", "runAfter": after, "inputs": {"method": "GET", "uri": format!("https://x.example/{name}")}
    });
    (name.to_owned(), action)
}

#[tokio::test]
async fn a_flow_runs_from_its_trigger_to_its_end_and_the_history_tells() {
    let house = House::new().await;
    house
        .put(
            "hello",
            &definition(json!({
                "Ask": get("Ask", &[]).1,
                "Say": {"type": "Compose", "inputs": "got @{body('Ask')}", "runAfter": {"Ask": ["Succeeded"]}}
            })),
        )
        .await;
    house.connector.answer(|_| Answer::Now(200, json!("an answer")));
    let id = house.start("hello", manual("k1")).await.unwrap();
    house.runner().run_until_idle().await.unwrap();

    let run = history::run(&house.store, &id).await.unwrap().unwrap();
    assert_eq!(run.summary.status, RunStatus::Succeeded);
    assert_eq!(run.trigger.outputs, json!({"body": {"who": "Ada"}}));
    let lines: Vec<(&str, ActionStatus)> =
        run.actions.iter().map(|action| (action.path.as_str(), action.status)).collect();
    assert_eq!(lines, [("Ask", ActionStatus::Succeeded), ("Say", ActionStatus::Succeeded)]);
    assert_eq!(run.actions[1].outputs, Some(json!("got an answer")));
    assert_eq!(house.store.pending(store::Queue::Run).await.unwrap(), 0, "no work is left");
}

#[tokio::test]
async fn the_same_key_never_starts_a_second_run() {
    let house = House::new().await;
    house.put("once", &definition(json!({"A": get("A", &[]).1}))).await;
    let first = house.start("once", manual("same")).await;
    let again = house.start("once", manual("same")).await;
    house.runner().run_until_idle().await.unwrap();
    let after = house.start("once", manual("same")).await;
    house.runner().run_until_idle().await.unwrap();
    assert_eq!((&first, &first), (&again, &after));
    assert_eq!(house.connector.calls().len(), 1);
    assert_ne!(house.start("once", manual("other")).await, first);
}

#[tokio::test]
async fn a_wait_is_a_row_and_ends_at_its_time_after_a_restart() {
    let mut house = House::new().await;
    let wait = json!({"type": "Wait", "inputs": {"interval": {"count": 3, "unit": "Hour"}}});
    let mut after = get("After", &["Nap"]).1;
    after["runAfter"] = json!({"Nap": ["Succeeded"]});
    house.put("sleepy", &definition(json!({"Nap": wait, "After": after}))).await;
    let id = house.start("sleepy", manual("k")).await.unwrap();
    house.runner().run_until_idle().await.unwrap();
    assert_eq!(house.status(&id).await, RunStatus::Running);
    let begun = house.clock_now();
    assert_eq!(house.store.next_due(store::Queue::Run).await.unwrap(), Some(begun + S(3 * 3600)));

    house.reopen().await;
    house.clock.advance(S(3 * 3600 - 1));
    house.runner().run_until_idle().await.unwrap();
    assert_eq!(house.connector.calls().len(), 0, "one second early, nothing happens");
    house.clock.advance(S(1));
    house.runner().run_until_idle().await.unwrap();
    assert_eq!(house.status(&id).await, RunStatus::Succeeded);
    assert_eq!(house.connector.calls().len(), 1);
}

#[tokio::test]
async fn a_retry_waits_as_a_row_and_keeps_its_key() {
    let mut house = House::new().await;
    house.put("retry", &definition(json!({"A": get("A", &[]).1}))).await;
    house
        .connector
        .answer(|n| if n < 2 { Answer::Now(503, json!(null)) } else { Answer::Now(200, json!(null)) });
    let id = house.start("retry", manual("k")).await.unwrap();
    house.runner().run_until_idle().await.unwrap();
    assert_eq!(house.status(&id).await, RunStatus::Running);
    house.reopen().await;
    house.clock.advance(S(10));
    house.runner().run_until_idle().await.unwrap();
    let calls = house.connector.calls();
    assert_eq!(calls.len(), 2);
    assert_eq!(calls[0].key, calls[1].key);
    let run = history::run(&house.store, &id).await.unwrap().unwrap();
    assert_eq!((run.summary.status, run.actions[0].retries.len()), (RunStatus::Succeeded, 1));
}

#[tokio::test]
async fn a_cancelled_run_ends_although_its_call_never_answers() {
    let house = House::new().await;
    house.put("stuck", &definition(actions([get("A", &[]), get("B", &["A"])]))).await;
    house.connector.answer(|_| Answer::Never);
    let id = house.start("stuck", manual("k")).await.unwrap();
    let stop = CancellationToken::new();
    let running = tokio::spawn(house.runner().run(stop.clone()));
    house.connector.wait_for_calls(1).await;
    house.cancel(&id).await;
    house.wait_for_end(&id).await;
    stop.cancel();
    running.await.unwrap();
    let run = history::run(&house.store, &id).await.unwrap().unwrap();
    assert_eq!(run.summary.status, RunStatus::Cancelled);
    let lines: Vec<_> = run.actions.iter().map(|action| (action.name.as_str(), action.status)).collect();
    assert_eq!(lines, [("A", ActionStatus::Cancelled)], "B never started");
    assert!(!house.cancel(&id).await, "it has ended already");
}

#[tokio::test]
async fn a_run_that_waits_can_be_cancelled() {
    let house = House::new().await;
    let wait = json!({"type": "Wait", "inputs": {"interval": {"count": 3, "unit": "Day"}}});
    house.put("sleepy", &definition(json!({"Nap": wait}))).await;
    let id = house.start("sleepy", manual("k")).await.unwrap();
    house.runner().run_until_idle().await.unwrap();
    house.cancel(&id).await;
    house.runner().run_until_idle().await.unwrap();
    assert_eq!(house.status(&id).await, RunStatus::Cancelled);
}

#[tokio::test]
async fn a_graceful_stop_keeps_the_answers_that_come_in_time_and_parks_the_run() {
    let mut house = House::new().await;
    house.put("park", &definition(actions([get("A", &[]), get("B", &["A"])]))).await;
    house.connector.answer(|_| Answer::After(Duration::from_millis(150), 200));
    let id = house.start("park", manual("k")).await.unwrap();
    let stop = CancellationToken::new();
    let running = tokio::spawn(house.runner().run(stop.clone()));
    house.connector.wait_for_calls(1).await;
    stop.cancel();
    running.await.unwrap();
    assert_eq!(house.status(&id).await, RunStatus::Running);
    house.reopen_gracefully().await;
    house.runner().run_until_idle().await.unwrap();
    let names: Vec<String> = house.connector.calls().into_iter().map(|call| call.uri).collect();
    assert_eq!(names, ["https://x.example/A", "https://x.example/B"], "A's answer was kept, B came later");
    assert_eq!(house.status(&id).await, RunStatus::Succeeded);
}

#[tokio::test]
async fn whoever_lost_the_lease_writes_nothing() {
    let house = House::new().await;
    house.put("race", &definition(json!({"A": get("A", &[]).1}))).await;
    house.connector.answer(|n| {
        if n == 1 {
            Answer::After(Duration::from_millis(400), 500)
        } else {
            Answer::Now(200, json!("second"))
        }
    });
    let id = house.start("race", manual("k")).await.unwrap();
    let slow = house.runner();
    let slow = tokio::spawn(async move { slow.run_until_idle().await });
    house.connector.wait_for_calls(1).await;
    house.store.free_all_leases().await.unwrap();
    house.runner().run_until_idle().await.unwrap();
    slow.await.unwrap().unwrap();
    let run = history::run(&house.store, &id).await.unwrap().unwrap();
    assert_eq!(run.summary.status, RunStatus::Succeeded);
    assert_eq!(run.actions[0].outputs.as_ref().unwrap()["body"], "second");
    assert_eq!(house.facts(&id, "runEnded").await.len(), 1);
}

#[tokio::test]
async fn a_run_keeps_the_version_that_it_started_with() {
    let house = House::new().await;
    let version = |text: &str| {
        definition(json!({
            "Nap": {"type": "Wait", "inputs": {"interval": {"count": 1, "unit": "Hour"}}},
            "Say": {"type": "Compose", "inputs": text, "runAfter": {"Nap": ["Succeeded"]}}
        }))
    };
    house.put("pinned", &version("old")).await;
    let old = house.start("pinned", manual("k1")).await.unwrap();
    house.runner().run_until_idle().await.unwrap();
    house.put("pinned", &version("new")).await;
    let new = house.start("pinned", manual("k2")).await.unwrap();
    house.clock.advance(S(3600));
    house.runner().run_until_idle().await.unwrap();
    house.clock.advance(S(3600));
    house.runner().run_until_idle().await.unwrap();
    for (id, text) in [(old, "old"), (new, "new")] {
        let run = history::run(&house.store, &id).await.unwrap().unwrap();
        assert_eq!(run.actions[1].outputs, Some(json!(text)));
    }
}

#[tokio::test]
async fn conditions_that_are_not_met_are_recorded_as_a_skipped_firing() {
    let house = House::new().await;
    let document = event_definition(
        "OnSegmentThresholdCrossed",
        json!({"segment": "BigSpenders"}),
        json!([{"expression": "@greater(triggerBody()?['value'], 10)"}]),
    );
    house.put("picky", &document).await;
    let fired = |value: i64| TriggerFired {
        name: String::new(),
        outputs: json!({"body": {"value": value}}),
        key: format!("evt {value}"),
        origin: "evt_1".to_owned(),
    };
    assert_eq!(house.start("picky", fired(10)).await, None);
    let started = house.start("picky", fired(11)).await.unwrap();
    house.runner().run_until_idle().await.unwrap();
    assert_eq!(house.status(&started).await, RunStatus::Succeeded);
    let filter = RunFilter { status: Some(RunStatus::Skipped), ..RunFilter::default() };
    let skipped = history::runs(&house.store, &filter).await.unwrap();
    assert_eq!(skipped.len(), 1);
    assert_eq!(skipped[0].error.as_ref().unwrap().message, "Condition 1 of the trigger was not met.");

    let mut tx = house.store.write().await.unwrap();
    definitions::set_active(&mut tx, "picky", false).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(house.start("picky", fired(12)).await, None, "it is turned off");
    assert_eq!(history::runs(&house.store, &RunFilter::default()).await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_clock_fires_each_tick_once_and_does_not_replay_missed_ones() {
    let mut house = House::new().await;
    let document = json!({
        "triggers": {"Every_hour": {"type": "Recurrence", "recurrence": {
            "frequency": "Hour", "interval": 1, "startTime": "2026-01-05T10:30:00Z"}}},
        "actions": {"Say": {"type": "Compose", "inputs": "@triggerBody()?['scheduledTime']"}}
    });
    house.put("hourly", &document.to_string()).await;
    let runs = async |house: &House| -> Vec<String> {
        house.runner().run_until_idle().await.unwrap();
        let mut found = Vec::new();
        for run in history::runs(&house.store, &RunFilter::default()).await.unwrap() {
            let run = history::run(&house.store, &run.id).await.unwrap().unwrap();
            found.push(run.actions[0].outputs.clone().unwrap().as_str().unwrap().to_owned());
        }
        found.sort();
        found
    };
    assert_eq!(runs(&house).await, [] as [&str; 0], "it is 10:00");
    house.clock.advance(S(1800));
    assert_eq!(runs(&house).await, ["2026-01-05T10:30:00Z"]);
    assert_eq!(runs(&house).await.len(), 1);
    house.reopen().await;
    house.clock.advance(S(3 * 3600 + 60));
    assert_eq!(runs(&house).await, ["2026-01-05T10:30:00Z", "2026-01-05T11:30:00Z"], "12:30 is not replayed");
    house.clock.advance(S(3600));
    assert_eq!(runs(&house).await.last().unwrap(), "2026-01-05T14:30:00Z");
}

#[tokio::test]
async fn a_secure_parameter_brings_its_secret_to_the_call_and_to_nowhere_else() {
    let house = House::new().await;
    let document = json!({
        "parameters": {"Sig": {"type": "SecureString", "defaultValue": "${secret:teams-url}"}},
        "triggers": {"manual": {"type": "Request", "inputs": {}}},
        "actions": {
            "Make": {"type": "Compose", "inputs": "x=@{parameters('sig')}"},
            "Ask": {"type": "Http", "runAfter": {"Make": ["Succeeded"]}, "inputs": {
                "method": "POST", "uri": "https://x.example/?@{outputs('Make')}", "body": "${secret:teams-url}"}}
        }
    });
    house.put("leaky", &document.to_string()).await;
    house.connector.answer(|_| Answer::Now(200, json!("fine")));
    let id = house.start("leaky", manual("k1")).await.unwrap();
    house.runner().run_until_idle().await.unwrap();
    assert_eq!(house.status(&id).await, RunStatus::Succeeded);
    let call = house.connector.calls().pop().unwrap();
    assert_eq!(call.parameters["uri"], "https://x.example/?x=https://secret.example/");
    assert_eq!(call.parameters["body"], "${secret:teams-url}", "what is no parameter is left alone");
    let everything = house.everything_stored().await;
    assert!(!everything.contains("secret.example"), "the secret is in the store");
    let run = history::run(&house.store, &id).await.unwrap().unwrap();
    let shown = serde_json::to_string(&run).unwrap();
    assert!(!shown.contains("secret#"), "the mark is in the history: {shown}");
}

#[tokio::test]
async fn a_connection_brings_its_secrets_to_the_call_and_to_nowhere_else() {
    let house = House::new().await;
    let action = json!({"type": "OpenApiConnection", "inputs": {
        "host": {"apiId": "/providers/Microsoft.PowerApps/apis/shared_teams", "connectionName": "marketing",
                 "operationId": "PostMessageToConversation"},
        "parameters": {"poster": "Flow bot", "body/messageBody": "hi ${secret:teams-url}"}}});
    house.put("post", &definition(json!({"Post": action}))).await;
    let id = house.start("post", manual("k1")).await.unwrap();
    house.runner().run_until_idle().await.unwrap();
    let run = history::run(&house.store, &id).await.unwrap().unwrap();
    let error = run.actions[0].error.clone().unwrap();
    assert_eq!(error.code, "ConnectionNotFound");
    assert!(error.message.contains("There is no connection 'marketing'"), "{}", error.message);

    let mut tx = house.store.write().await.unwrap();
    let connection = connections::Connection {
        name: "marketing".to_owned(),
        kind: "teams".to_owned(),
        config: json!({"url": "${secret:teams-url}"}),
    };
    connections::put(&mut tx, &connection).await.unwrap();
    tx.commit().await.unwrap();
    let id = house.start("post", manual("k2")).await.unwrap();
    house.runner().run_until_idle().await.unwrap();
    assert_eq!(house.status(&id).await, RunStatus::Succeeded);
    let call = house.teams.calls().pop().unwrap();
    assert_eq!(call.config, json!({"url": "https://secret.example/"}));
    assert_eq!(
        call.parameters["body/messageBody"], "hi ${secret:teams-url}",
        "what a run computed is left alone"
    );
    let everything = house.everything_stored().await;
    assert!(!everything.contains("secret.example"), "the secret is in the store");
}

#[tokio::test]
async fn what_a_flow_hides_is_not_shown_and_a_panic_fails_only_its_call() {
    let house = House::new().await;
    let mut secret = get("Secret", &[]).1;
    secret["runtimeConfiguration"] = json!({"secureData": {"properties": ["inputs", "outputs"]}});
    let compose = |value: &str, after: &str| json!({"type": "Compose", "inputs": value, "runAfter": {after: ["Succeeded"]}});
    let loops = json!({"type": "Foreach", "foreach": "@createArray(outputs('Copy'))", "runAfter": {"Copy": ["Succeeded"]},
        "actions": {"Inner": {"type": "Compose", "inputs": "@item()"}}});
    let keep = json!({"type": "SetVariable", "inputs": {"name": "kept", "value": "@string(body('Secret'))"},
        "runAfter": {"Copy": ["Succeeded"]}});
    let declare =
        json!({"type": "InitializeVariable", "inputs": {"variables": [{"name": "kept", "type": "string"}]}});
    secret["runAfter"] = json!({"Declare": ["Succeeded"]});
    let document = definition(actions([
        ("Declare".to_owned(), declare),
        ("Secret".to_owned(), secret),
        get("Boom", &[]),
        ("Copy".to_owned(), compose("@body('secret')", "Secret")),
        ("Keep".to_owned(), keep),
        ("Loop".to_owned(), loops),
        ("Open".to_owned(), compose("plain to see", "Loop")),
    ]));
    house.put("hide", &document).await;
    house.connector.answer_to(|uri| {
        if uri.ends_with("Boom") { Answer::Panic } else { Answer::Now(200, json!("password")) }
    });
    let id = house.start("hide", manual("k")).await.unwrap();
    house.runner().run_until_idle().await.unwrap();
    let run = history::run(&house.store, &id).await.unwrap().unwrap();
    let shown = serde_json::to_string(&run).unwrap();
    assert!(!shown.contains("password") && !shown.contains("x.example/Secret"), "{shown}");
    assert!(shown.contains("plain to see"));
    let boom = run.actions.iter().find(|action| action.name == "Boom").unwrap();
    assert_eq!(boom.error.as_ref().unwrap().code, "ConnectorFailed");
}

#[tokio::test]
async fn a_refused_document_changes_nothing_and_says_why() {
    let house = House::new().await;
    let good = definition(json!({"A": {"type": "Compose", "inputs": 1}}));
    house.put("flow", &good).await;
    let bad = definition(json!({"A": {"type": "Compose", "inputs": "@nonsense("}}));
    let mut tx = house.store.write().await.unwrap();
    let error = definitions::put(&mut tx, "flow", &bad).await.unwrap_err();
    drop(tx);
    assert_eq!(error.code(), "flowRefused");
    let (_, document) = definitions::get(&house.store, "flow").await.unwrap().unwrap();
    assert_eq!(document, good, "byte for byte");
}

#[tokio::test]
async fn the_history_is_bounded_by_age_and_by_number() {
    let house = House::new().await;
    house.put("flow", &definition(json!({"A": {"type": "Compose", "inputs": 1}}))).await;
    for n in 0..5 {
        house.start("flow", manual(&format!("k{n}"))).await.unwrap();
        house.runner().run_until_idle().await.unwrap();
        house.clock.advance(S(60));
    }
    let kept = async || history::runs(&house.store, &RunFilter::default()).await.unwrap().len();
    let day = Duration::from_secs(86_400);
    let prune = async |age, runs| {
        history::prune(&house.store, history::Retention { age, runs, bytes: u64::MAX }).await.unwrap()
    };
    assert_eq!((prune(day, 5).await, kept().await), (0, 5));
    assert_eq!((prune(day, 4).await, kept().await), (1, 4));
    assert_eq!((prune(Duration::from_secs(130), 100).await, kept().await), (2, 2));
    assert_eq!(house.facts_left().await, 0, "the facts of runs that ended are in their records");
    let all: i64 = sqlx::query_scalar("SELECT SUM(LENGTH(record) + LENGTH(trigger_fired)) FROM run")
        .fetch_one(house.store.pool())
        .await
        .unwrap();
    let bytes = u64::try_from(all).unwrap() - 1;
    let small = history::Retention { bytes, ..history::Retention::default() };
    assert_eq!(
        (history::prune(&house.store, small).await.unwrap(), kept().await),
        (1, 1),
        "two are too large"
    );
    assert_eq!((prune(day, 0).await, kept().await), (1, 0));
    let free: i64 = sqlx::query_scalar("PRAGMA freelist_count").fetch_one(house.store.pool()).await.unwrap();
    assert_eq!(free, 0, "the space is given back");
}

#[tokio::test]
async fn what_is_started_through_the_journal_runs_at_once_and_keeps_only_a_record() {
    let house = House::new().await;
    house.put("flow", &definition(actions([get("A", &[]), get("B", &["A"])]))).await;
    let runner = house.runner();
    let journal = runner.journal().clone();
    let stop = CancellationToken::new();
    let running = tokio::spawn(runner.run(stop.clone()));
    let starts = (0..50).map(|n| {
        let journal = journal.clone();
        tokio::spawn(async move {
            journal.start("flow", manual(&format!("k{}", n / 2)), Caller::default()).await.unwrap()
        })
    });
    let mut started = Vec::new();
    for start in starts.collect::<Vec<_>>() {
        if let Accepted::Started(id) = start.await.unwrap() {
            started.push(id);
        }
    }
    assert_eq!(started.len(), 25, "two firings with one key are one run");
    for id in &started {
        house.wait_for_end(id).await;
        assert_eq!(house.facts(id, "actionFinished").await.len(), 2);
    }
    assert_eq!(house.connector.calls().len(), 50);
    assert_eq!(house.facts_left().await, 0);
    assert_eq!(
        journal.start("other", manual("k"), Caller::default()).await.unwrap_err().code(),
        "unknownFlow"
    );
    stop.cancel();
    running.await.unwrap();
    assert_eq!(house.store.pending(store::Queue::Run).await.unwrap(), 0);
}

#[tokio::test]
async fn a_first_step_that_was_not_written_is_decided_the_same_again() {
    let mut house = House::new().await;
    let mut call = get("Call", &["Make"]).1;
    call["inputs"]["body"] = json!("@outputs('Make')");
    let make = json!({"type": "Compose", "inputs": "@{guid()} @{utcNow()} @{rand(0, 1000000)}"});
    house.put("flow", &definition(json!({"Make": make, "Call": call}))).await;
    house.connector.answer(|_| Answer::Never);
    let runner = house.runner();
    let journal = runner.journal().clone();
    let life = tokio::spawn(runner.run(CancellationToken::new()));
    let Accepted::Started(id) = journal.start("flow", manual("k"), Caller::default()).await.unwrap() else {
        panic!("not started")
    };
    house.connector.wait_for_calls(1).await;
    life.abort(); // kill -9, before anything but the start is on disk
    let _ = life.await;
    drop(journal);
    assert_eq!(house.facts_left().await, 0);
    house.reopen().await;
    house.clock.advance(S(90));
    house.connector.answer(|_| Answer::Now(200, Value::Null));
    house.runner().run_until_idle().await.unwrap();
    let calls = house.connector.calls();
    assert_eq!(calls.len(), 2);
    assert_eq!((&calls[0].key, &calls[0].parameters), (&calls[1].key, &calls[1].parameters));
    assert_eq!(house.status(&id).await, RunStatus::Succeeded);
}

#[tokio::test]
async fn a_run_that_waits_for_an_answer_shows_what_it_did() {
    let house = House::new().await;
    let compose = json!({"type": "Compose", "inputs": 1});
    house.put("flow", &definition(json!({"One": compose, "Call": get("Call", &["One"]).1}))).await;
    house.connector.answer(|_| Answer::Never);
    let stop = CancellationToken::new();
    let running = tokio::spawn(house.runner().run(stop.clone()));
    let id = house.start("flow", manual("k")).await.unwrap();
    for _ in 0..500 {
        if house.facts(&id, "actionStarted").await.len() == 2 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(house.facts(&id, "actionStarted").await.len(), 2);
    assert_eq!(house.status(&id).await, RunStatus::Running);
    running.abort();
}
