//! Kills the runner at random points, again and again, and checks the promises: nothing that is finished in
//! the journal is ever executed again, what is executed again has the same idempotency key, and every run ends.

// Helpers of tests are outside of test functions, where the lints do not know them as tests.
#![allow(clippy::unwrap_used, clippy::panic)]

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use common::{House, definition, manual};
use flow::connectors::{CallOutcome, CallRequest, Connector, Manifest};
use flow::history;
use flow::machine::RunStatus;
use jiff::SignedDuration;
use serde_json::{Value, json};
use store::{RunId, Store};
use tokio_util::sync::CancellationToken;

/// What was called over all lives of the process.
#[derive(Default)]
struct Seen {
    /// Address → the keys it was called with.
    keys: BTreeMap<String, BTreeSet<String>>,
    /// Calls for actions that were finished in the journal when the call arrived.
    after_the_end: Vec<String>,
    calls: usize,
}

/// Looks into the journal whenever it is called.
struct Witness {
    store: Store,
    run: RunId,
    seen: Arc<Mutex<Seen>>,
}

#[async_trait]
impl Connector for Witness {
    fn name(&self) -> &'static str {
        "http"
    }

    fn manifest(&self) -> &'static Manifest {
        &Manifest::EMPTY
    }

    async fn call(&self, request: CallRequest) -> CallOutcome {
        let uri = request.parameters["uri"].as_str().unwrap().to_owned();
        let finished = finished(&self.store, &self.run).await;
        {
            let mut seen = self.seen.lock().unwrap();
            seen.calls += 1;
            seen.keys.entry(uri.clone()).or_default().insert(request.idempotency_key);
            if finished.contains(&uri) {
                seen.after_the_end.push(uri.clone());
            }
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
        CallOutcome::ok(json!({"uri": uri}))
    }
}

/// The addresses of the actions that the journal calls finished.
async fn finished(store: &Store, run: &RunId) -> BTreeSet<String> {
    let facts = history::facts(store, run).await.unwrap();
    let facts: Vec<Value> = facts.into_iter().map(|fact| serde_json::to_value(fact).unwrap()).collect();
    let ended: BTreeSet<String> = facts
        .iter()
        .filter(|fact| fact["fact"] == "actionFinished")
        .map(|fact| fact["path"].to_string())
        .collect();
    let started = facts.iter().filter(|fact| fact["fact"] == "actionStarted");
    started
        .filter(|fact| ended.contains(&fact["path"].to_string()))
        .filter_map(|fact| fact["inputs"]["uri"].as_str().map(str::to_owned))
        .collect()
}

/// A sequence, a concurrent loop, a wait, variables, and a scope that catches: a bit of everything.
fn flow_under_test() -> String {
    let get = |uri: &str, after: Value| json!({"type": "Http", "runAfter": after, "inputs": {"method": "POST", "uri": uri}});
    definition(json!({
        "Count": {"type": "InitializeVariable", "inputs": {"variables": [{"name": "n", "type": "integer", "value": 0}]}},
        "First": get("first", json!({"Count": ["Succeeded"]})),
        "Each": {
            "type": "Foreach", "foreach": "@range(0, 8)", "runAfter": {"First": ["Succeeded"]},
            "runtimeConfiguration": {"concurrency": {"repetitions": 3}},
            "actions": {
                "Send": get("send/@{item()}", json!({})),
                "Add": {"type": "IncrementVariable", "inputs": {"name": "n", "value": 1},
                        "runAfter": {"Send": ["Succeeded"]}},
                "Tell": get("tell/@{item()}", json!({"Add": ["Succeeded"]}))
            }
        },
        "Nap": {"type": "Wait", "inputs": {"interval": {"count": 1, "unit": "Minute"}}, "runAfter": {"Each": ["Succeeded"]}},
        "Last": get("last", json!({"Nap": ["Succeeded"]})),
        "Sum": {"type": "Compose", "inputs": "@variables('n')", "runAfter": {"Last": ["Succeeded"]}}
    }))
}

async fn one_life(house: &House, witness: Witness, millis: u64) {
    let stop = CancellationToken::new();
    let runner = house.runner_with(Arc::new(witness));
    let life = tokio::spawn(runner.run(stop));
    tokio::time::sleep(Duration::from_millis(millis)).await;
    life.abort(); // kill -9: nothing is said to anybody
    let _ = life.await;
}

/// Numbers that look random and are the same each time (SplitMix64).
fn next(seed: &mut u64) -> u64 {
    *seed = seed.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mixed = (*seed ^ (*seed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB) >> 33
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whenever_the_process_dies_finished_actions_stay_finished_and_every_run_ends() {
    let mut seed = 20_260_105;
    let mut again = 0;
    for round in 0..4 {
        let mut house = House::new().await;
        house.put("tough", &flow_under_test()).await;
        let run = house.start("tough", manual(&format!("k{round}"))).await.unwrap();
        let seen = Arc::new(Mutex::new(Seen::default()));
        let mut lives = 0;
        while house.status(&run).await != RunStatus::Succeeded {
            lives += 1;
            assert!(lives < 200, "the run is stuck: {:?}", house.status(&run).await);
            let witness = Witness { store: house.store.clone(), run: run.clone(), seen: Arc::clone(&seen) };
            // On a busy machine a life gets nowhere; later ones are longer.
            one_life(&house, witness, 3 + next(&mut seed) % 30 + lives).await;
            house.reopen().await;
            house.clock.advance(SignedDuration::from_secs(7));
        }
        let detail = history::run(&house.store, &run).await.unwrap().unwrap();
        let sum = detail.actions.iter().find(|action| action.name == "Sum").unwrap();
        assert_eq!(sum.outputs, Some(json!(8)), "each increment counts once");
        let seen = seen.lock().unwrap();
        assert_eq!(seen.after_the_end, [] as [&str; 0]);
        assert_eq!(seen.keys.len(), 18, "every call was made: {:?}", seen.keys.keys());
        assert!(seen.keys.values().all(|keys| keys.len() == 1), "{:?}", seen.keys);
        let distinct: BTreeSet<&String> = seen.keys.values().flatten().collect();
        assert_eq!(distinct.len(), 18, "each action has its own key");
        again += seen.calls - 18;
    }
    assert!(again > 0, "no life ended during a call: the test kills at the wrong moments");
}
