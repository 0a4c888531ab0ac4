//! Runs that have to do with others: lines before a flow, arrays that are split, flows that call flows, calls back.

// Helpers of tests are outside of test functions, where the lints do not know them as tests.
#![allow(clippy::unwrap_used, clippy::panic)]

mod common;

use std::sync::Arc;

use common::{Answer, House, definition, manual};
use flow::connectors::{Connector, Connectors, NoSecrets};
use flow::machine::{Caller, RunStatus};
use flow::{FlowError, Runner, RunnerOptions, TriggerFired, history};
use jiff::SignedDuration;
use serde_json::{Value, json};
use store::RunId;

fn triggered(settings: Value, actions: Value) -> String {
    let mut trigger = json!({"type": "Request", "kind": "Http", "inputs": {"schema": {}}});
    trigger.as_object_mut().unwrap().extend(settings.as_object().unwrap().clone());
    json!({"triggers": {"manual": trigger}, "actions": actions}).to_string()
}

fn with_body(key: &str, body: Value) -> TriggerFired {
    TriggerFired { outputs: json!({"headers": {}, "body": body}), ..manual(key) }
}

fn nap() -> Value {
    json!({"Nap": {"type": "Wait", "inputs": {"interval": {"count": 1, "unit": "Minute"}}}})
}

async fn bodies(house: &House, status: RunStatus) -> Vec<Value> {
    let all = history::runs(&house.store, &history::RunFilter::default()).await.unwrap();
    let mut found = Vec::new();
    for run in all.iter().filter(|run| run.status == status) {
        let detail = history::run(&house.store, &run.id).await.unwrap().unwrap();
        found.push(detail.trigger.outputs["body"].clone());
    }
    found.sort_by_key(Value::to_string);
    found
}

#[tokio::test]
async fn runs_beyond_the_concurrency_begin_in_order_when_others_end() {
    let house = House::new().await;
    let settings = json!({"splitOn": "@triggerBody()",
        "runtimeConfiguration": {"concurrency": {"runs": 2, "maximumWaitingRuns": 3}}});
    house.put("line", &triggered(settings, nap())).await;
    assert!(house.start("line", with_body("k", json!([1, 2, 3, 4, 5]))).await.is_some());
    house.start("line", with_body("k", json!([1, 2, 3, 4, 5]))).await;
    house.runner().run_until_idle().await.unwrap();
    assert_eq!(
        bodies(&house, RunStatus::Running).await,
        [json!(1), json!(2)],
        "the same key starts them once"
    );
    assert_eq!(bodies(&house, RunStatus::Waiting).await, [json!(3), json!(4), json!(5)]);

    let mut tx = house.store.write().await.unwrap();
    let refused = flow::start(&mut tx, "line", with_body("other", json!([6]))).await;
    assert!(matches!(refused, Err(FlowError::Throttled { .. })), "{refused:?}");
    drop(tx);

    house.clock.advance(SignedDuration::from_secs(60));
    house.runner().run_until_idle().await.unwrap();
    assert_eq!(bodies(&house, RunStatus::Succeeded).await, [json!(1), json!(2)]);
    assert_eq!(bodies(&house, RunStatus::Running).await, [json!(3), json!(4)]);
    assert_eq!(bodies(&house, RunStatus::Waiting).await, [json!(5)]);
    house.clock.advance(SignedDuration::from_secs(60));
    house.runner().run_until_idle().await.unwrap();
    house.clock.advance(SignedDuration::from_secs(60));
    house.runner().run_until_idle().await.unwrap();
    assert_eq!(bodies(&house, RunStatus::Succeeded).await.len(), 5);
}

#[tokio::test]
async fn a_run_that_waits_can_be_cancelled_and_a_flow_without_limit_lets_all_in() {
    let house = House::new().await;
    let one = json!({"runtimeConfiguration": {"concurrency": {"runs": 1}}});
    house.put("line", &triggered(one, nap())).await;
    let mut ids: Vec<RunId> = Vec::new();
    for key in ["a", "b", "c"] {
        ids.push(house.start("line", with_body(key, json!(key))).await.unwrap());
    }
    house.runner().run_until_idle().await.unwrap();
    assert!(house.cancel(&ids[1]).await);
    house.runner().run_until_idle().await.unwrap();
    assert_eq!(house.status(&ids[1]).await, RunStatus::Cancelled);
    assert_eq!(house.status(&ids[2]).await, RunStatus::Waiting);
    house.put("line", &triggered(json!({}), nap())).await;
    house.runner().run_until_idle().await.unwrap();
    assert_eq!(house.status(&ids[2]).await, RunStatus::Running);
}

#[tokio::test]
async fn an_empty_array_and_a_body_that_is_no_array_are_recorded_as_skipped() {
    let house = House::new().await;
    house.put("split", &triggered(json!({"splitOn": "@triggerBody()?['rows']"}), nap())).await;
    assert_eq!(house.start("split", with_body("a", json!({"rows": []}))).await, None);
    let runs = || async { history::runs(&house.store, &history::RunFilter::default()).await.unwrap() };
    assert_eq!(runs().await.remove(0).status, RunStatus::Skipped);
    assert_eq!(house.start("split", with_body("b", json!({"rows": 7}))).await, None);
    let only =
        runs().await.into_iter().find(|run| run.error.as_ref().unwrap().message.contains("must")).unwrap();
    assert_eq!(only.status, RunStatus::Skipped);
}

#[tokio::test]
async fn a_flow_waits_for_the_response_of_the_flow_that_it_starts() {
    let house = House::new().await;
    let child = json!({
        "Sum": {"type": "Compose", "inputs": "@add(triggerBody()['n'], 1)"},
        "R": {"type": "Response", "inputs": {"statusCode": 200, "body": "@outputs('Sum')"}, "runAfter": {"Sum": ["Succeeded"]}},
        "After": {"type": "Wait", "inputs": {"interval": {"count": 1, "unit": "Hour"}}, "runAfter": {"R": ["Succeeded"]}}});
    house.put("child", &definition(child)).await;
    house.put("mute", &definition(nap())).await;
    let lost = json!({"T": {"type": "Terminate", "inputs": {"runStatus": "Failed"}},
        "R": {"type": "Response", "inputs": {"statusCode": 200}, "runAfter": {"T": ["Succeeded"]}}});
    house.put("lost", &definition(lost)).await;
    let call = |flow: &str| json!({"type": "Workflow", "inputs": {"host": {"workflowReferenceName": flow}, "body": {"n": 41}}});
    let parent = json!({"Child": call("child"), "Mute": call("mute"), "Lost": call("lost"), "None": call("nobody"),
        "Use": {"type": "Compose", "inputs": "@body('Child')", "runAfter": {"Child": ["Succeeded"]}}});
    house.put("parent", &definition(parent)).await;
    let run = house.start("parent", manual("p")).await.unwrap();
    house.runner().run_until_idle().await.unwrap();
    let detail = history::run(&house.store, &run).await.unwrap().unwrap();
    let code = |name: &str| {
        let action = detail.actions.iter().find(|action| action.name == name).unwrap();
        action.error.as_ref().map_or("OK".to_owned(), |error| error.code.clone())
    };
    assert_eq!(detail.summary.status, RunStatus::Failed);
    assert_eq!(code("Child"), "OK");
    assert_eq!(code("Mute"), "NestedWorkflowDoesNotContainResponseAction");
    assert_eq!(code("Lost"), "NoResponse");
    assert_eq!(code("None"), "WorkflowNotFound");
    let used = detail.actions.iter().find(|action| action.name == "Use").unwrap();
    assert_eq!(used.outputs, Some(json!(42)));
}

#[tokio::test]
async fn what_a_caller_gets_is_stored_when_the_response_is_given() {
    let house = House::new().await;
    house
        .put("f", &definition(json!({"R": {"type": "Response", "inputs": {"statusCode": 202, "body": "x"}}})))
        .await;
    let mut tx = house.store.write().await.unwrap();
    let caller = Caller { waits: true, ..Caller::default() };
    let run = flow::start_called(&mut tx, "f", manual("k"), caller).await.unwrap().unwrap();
    tx.commit().await.unwrap();
    assert_eq!(flow::response(&house.store, &run).await.unwrap(), None);
    house.runner().run_until_idle().await.unwrap();
    let response = flow::response(&house.store, &run).await.unwrap().unwrap();
    assert_eq!(response, json!({"statusCode": 202, "headers": null, "body": "x"}));
}

#[tokio::test]
async fn an_action_is_called_back_under_its_secret_and_unsubscribes() {
    let house = House::new().await;
    house.connector.answer(|_| Answer::Now(200, Value::Null));
    let hook = json!({"H": {"type": "HttpWebhook", "inputs": {
        "subscribe": {"method": "POST", "uri": "https://a.example/subscribe", "body": "@listCallbackUrl()"},
        "unsubscribe": {"method": "POST", "uri": "https://a.example/unsubscribe"}}}});
    house.put("hook", &definition(hook)).await;
    let run = house.start("hook", manual("k")).await.unwrap();
    let connectors = Connectors::new().with(Arc::clone(&house.connector) as Arc<dyn Connector>);
    let options =
        RunnerOptions { address: Some("https://weir.example".to_owned()), ..RunnerOptions::default() };
    let runner = Runner::new(house.store.clone(), connectors, Arc::new(NoSecrets), options);
    runner.run_until_idle().await.unwrap();
    let url = house.connector.calls()[0].parameters["body"].as_str().unwrap().to_owned();
    let token = url.strip_prefix(&format!("https://weir.example/api/flow-callbacks/{run}/")).unwrap();
    let sent = json!({"headers": {}, "body": {"ok": true}});
    for wrong in ["", "%", "00000000000000000000000000000000"] {
        assert!(!flow::call_back(&house.store, &run, wrong, sent.clone()).await.unwrap(), "{wrong}");
    }
    assert!(flow::call_back(&house.store, &run, token, sent.clone()).await.unwrap());
    runner.run_until_idle().await.unwrap();
    assert_eq!(house.status(&run).await, RunStatus::Succeeded);
    assert_eq!(house.connector.calls()[1].uri, "https://a.example/unsubscribe");
    assert!(!flow::call_back(&house.store, &run, token, sent).await.unwrap(), "nobody waits any more");
}

fn clocked(kind: &str, trigger: Value) -> String {
    let mut all = json!({"type": kind});
    all.as_object_mut().unwrap().extend(trigger.as_object().unwrap().clone());
    let say = json!({"Say": {"type": "Compose", "inputs": "@triggerOutputs()"}});
    json!({"triggers": {"When": all}, "actions": say}).to_string()
}

#[tokio::test]
async fn no_window_is_left_out_and_a_new_version_goes_on_where_the_old_one_was() {
    let house = House::new().await;
    let recurrence = json!({"frequency": "Hour", "interval": 1, "startTime": "2026-01-05T06:30:00Z"});
    let trigger = |delay: &str| json!({"recurrence": recurrence, "inputs": {"delay": delay}});
    house.put("windows", &clocked("SlidingWindow", trigger("PT1M"))).await;
    house.runner().run_until_idle().await.unwrap();
    let ends = |bodies: &[Value]| -> Vec<String> {
        bodies.iter().map(|body| body["windowEndTime"].as_str().unwrap()[11..16].to_owned()).collect()
    };
    let first = bodies(&house, RunStatus::Succeeded).await;
    assert_eq!(ends(&first), ["07:30", "08:30", "09:30"]);
    assert_eq!(first[0]["windowStartTime"], "2026-01-05T06:30:00Z");
    house.put("windows", &clocked("SlidingWindow", trigger("PT2M"))).await;
    house.clock.advance(SignedDuration::from_mins(91));
    house.runner().run_until_idle().await.unwrap();
    assert_eq!(ends(&bodies(&house, RunStatus::Succeeded).await), ["07:30", "08:30", "09:30", "10:30"]);
    house.clock.advance(SignedDuration::from_mins(1));
    house.runner().run_until_idle().await.unwrap();
    assert_eq!(bodies(&house, RunStatus::Succeeded).await.len(), 5);
}

#[tokio::test]
async fn an_address_is_asked_at_each_tick_and_fires_when_it_has_something() {
    let house = House::new().await;
    house.connector.answer(|number| Answer::Now(if number == 2 { 200 } else { 202 }, json!({"n": number})));
    let poll = json!({"recurrence": {"frequency": "Minute", "interval": 5},
        "inputs": {"method": "GET", "uri": "https://a.example/@{toLower('NEWS')}"}});
    house.put("poll", &clocked("Http", poll)).await;
    for _ in 0..3 {
        house.runner().run_until_idle().await.unwrap();
        house.clock.advance(SignedDuration::from_mins(5));
    }
    let uris: Vec<String> = house.connector.calls().iter().map(|call| call.uri.clone()).collect();
    assert_eq!(uris, ["https://a.example/news"; 3]);
    assert_eq!(bodies(&house, RunStatus::Succeeded).await, [json!({"n": 2})]);
}
