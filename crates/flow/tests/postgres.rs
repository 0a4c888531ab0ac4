//! The journal over PostgreSQL: the same statements, the same promises.

// Helpers of tests are outside of test functions, where the lints do not know them as tests.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)]

mod common;

use std::sync::Arc;

use common::{House, definition, manual};
use flow::Accepted;
use flow::history::{self, RunFilter};
use flow::machine::{Caller, RunStatus};
use serde_json::json;
use sqlx::{AnyConnection, Connection};
use store::{RunId, Store};
use tokio_util::sync::CancellationToken;

/// A store in a fresh database of the server at `WEIR_TEST_POSTGRES` (`postgres://user@host:port`), whose user may
/// make databases; nothing, with a printed reason, where the variable is not set.
async fn postgres() -> Option<Store> {
    let Ok(server) = std::env::var("WEIR_TEST_POSTGRES") else {
        println!("skipped: WEIR_TEST_POSTGRES is not set; it names a PostgreSQL server that tests may use");
        return None;
    };
    sqlx::any::install_default_drivers();
    let name = format!("weir_flow_{}", RunId::fresh());
    let mut connection = AnyConnection::connect(&format!("{server}/postgres")).await.unwrap();
    let make = sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}"));
    sqlx::query(make).execute(&mut connection).await.unwrap();
    let clock = Arc::new(store::SystemClock);
    Some(Store::open(&format!("{server}/{name}"), clock).await.unwrap())
}

#[tokio::test]
async fn runs_start_end_and_are_told_in_postgresql_as_in_sqlite() {
    let Some(store) = postgres().await else { return };
    let mut house = House::new().await;
    house.store = store;
    let call = json!({"type": "Http", "inputs": {"method": "POST", "uri": "https://x.example/"}});
    let wait = json!({"type": "Wait", "inputs": {"interval": {"count": 1, "unit": "Second"}}, "runAfter": {"Call": ["Succeeded"]}});
    house.put("short", &definition(json!({"Call": call}))).await;
    house.put("waits", &definition(json!({"Call": call, "Wait": wait}))).await;
    let runner = house.runner();
    let journal = runner.journal().clone();
    let stop = CancellationToken::new();
    let running = tokio::spawn(runner.run(stop.clone()));
    let mut started = Vec::new();
    for (n, flow) in ["short", "waits", "short", "short"].into_iter().enumerate() {
        let fired = manual(&format!("k{}", n.min(2)));
        if let Accepted::Started(run) = journal.start(flow, fired, Caller::default()).await.unwrap() {
            started.push(run);
        }
    }
    assert_eq!(started.len(), 3, "two firings have one key");
    started.push(house.start("waits", manual("queued")).await.unwrap());
    for run in &started {
        house.wait_for_end(run).await;
        assert_eq!(house.status(run).await, RunStatus::Succeeded);
        assert_eq!(house.facts(run, "runEnded").await.len(), 1);
    }
    assert_eq!(house.facts_left().await, 0);
    stop.cancel();
    running.await.unwrap();
    assert_eq!(house.store.pending(store::Queue::Run).await.unwrap(), 0);
    assert_eq!(history::runs(&house.store, &RunFilter::default()).await.unwrap().len(), 4);
    let nothing = history::Retention { runs: 0, ..history::Retention::default() };
    assert_eq!(history::prune(&house.store, nothing).await.unwrap(), 4);
}
