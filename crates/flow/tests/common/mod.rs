//! What the tests of the runner share: a house with a store, a clock, and connectors that remember.

#![allow(dead_code, reason = "each test binary uses a part")]

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use flow::connectors::{
    CallOutcome, CallRequest, Connector, Connectors, Foreign, Manifest, NoSecrets, Operation, SecretError,
    SecretReference, SecretResolver,
};
use flow::machine::RunStatus;
use flow::{Runner, RunnerOptions, TriggerFired, definitions, history};
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use store::{ManualClock, RunId, Store};

/// How the connector answers.
#[derive(Debug, Clone)]
pub(crate) enum Answer {
    Now(u16, Value),
    After(Duration, u16),
    Never,
    Panic,
}

/// One call that arrived.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(crate) key: String,
    pub(crate) uri: String,
    pub(crate) parameters: Value,
    pub(crate) config: Value,
}

type Answerer = Box<dyn Fn(usize, &str) -> Answer + Send + Sync>;

/// A connector that remembers its calls.
pub(crate) struct Remembers {
    name: &'static str,
    calls: Mutex<Vec<Call>>,
    answer: Mutex<Answerer>,
}

impl Remembers {
    fn new(name: &'static str) -> Arc<Self> {
        let answer: Answerer = Box::new(|_, _| Answer::Now(200, Value::Null));
        Arc::new(Self { name, calls: Mutex::default(), answer: Mutex::new(answer) })
    }

    /// Answers by the number of the call, from 1.
    pub(crate) fn answer(&self, answer: impl Fn(usize) -> Answer + Send + Sync + 'static) {
        *self.answer.lock().unwrap() = Box::new(move |number, _| answer(number));
    }

    /// Answers by the address that is called.
    pub(crate) fn answer_to(&self, answer: impl Fn(&str) -> Answer + Send + Sync + 'static) {
        *self.answer.lock().unwrap() = Box::new(move |_, uri| answer(uri));
    }

    pub(crate) fn calls(&self) -> Vec<Call> {
        self.calls.lock().unwrap().clone()
    }

    pub(crate) async fn wait_for_calls(&self, count: usize) {
        for _ in 0..1000 {
            if self.calls().len() >= count {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("{count} calls were expected, {} came", self.calls().len());
    }
}

#[async_trait]
impl Connector for Remembers {
    fn name(&self) -> &'static str {
        self.name
    }

    fn manifest(&self) -> &'static Manifest {
        const OPERATIONS: &[Operation] = &[Operation::new("PostMessageToConversation", "", "", &[])
            .also(&[Foreign { api: "shared_teams", ids: &["PostMessageToConversation"] }])];
        const TEAMS: Manifest =
            Manifest { needs_connection: true, operations: OPERATIONS, ..Manifest::EMPTY };
        const HTTP: Manifest = Manifest::EMPTY;
        if self.name == "http" { &HTTP } else { &TEAMS }
    }

    async fn call(&self, request: CallRequest) -> CallOutcome {
        let uri = request.parameters["uri"].as_str().unwrap_or_default().to_owned();
        let number = {
            let mut calls = self.calls.lock().unwrap();
            calls.push(Call {
                key: request.idempotency_key.clone(),
                uri: uri.clone(),
                config: request.connection.map(|connection| connection.config).unwrap_or_default(),
                parameters: request.parameters,
            });
            calls.len()
        };
        let answer = (self.answer.lock().unwrap())(number, &uri);
        let (status_code, body) = match answer {
            Answer::Now(status, body) => (status, body),
            Answer::After(pause, status) => {
                tokio::time::sleep(pause).await;
                (status, Value::Null)
            }
            Answer::Never => std::future::pending().await,
            Answer::Panic => panic!("the connector breaks off, as the test wants"),
        };
        CallOutcome::Response { status_code, headers: Default::default(), body }
    }
}

struct OneSecret;

#[async_trait]
impl SecretResolver for OneSecret {
    async fn resolve(&self, reference: &SecretReference) -> Result<secrecy::SecretString, SecretError> {
        match reference {
            SecretReference::Vault(name) if name == "teams-url" => {
                Ok("https://secret.example/".to_owned().into())
            }
            other => NoSecrets.resolve(other).await,
        }
    }
}

/// An instance in a temporary folder.
pub(crate) struct House {
    dir: tempfile::TempDir,
    pub(crate) clock: ManualClock,
    pub(crate) store: Store,
    pub(crate) connector: Arc<Remembers>,
    pub(crate) teams: Arc<Remembers>,
}

impl House {
    pub(crate) async fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let clock = ManualClock::at("2026-01-05T10:00:00Z".parse().unwrap());
        let store = Store::open_file(&dir.path().join("weir.db"), Arc::new(clock.clone())).await.unwrap();
        Self { dir, clock, store, connector: Remembers::new("http"), teams: Remembers::new("teams") }
    }

    /// As after a crash: whoever had leases is dead.
    pub(crate) async fn reopen(&mut self) {
        self.reopen_gracefully().await;
        self.store.free_all_leases().await.unwrap();
    }

    /// As after a stop: all leases were given back.
    pub(crate) async fn reopen_gracefully(&mut self) {
        self.store.close().await;
        let path = self.dir.path().join("weir.db");
        self.store = Store::open_file(&path, Arc::new(self.clock.clone())).await.unwrap();
    }

    pub(crate) fn runner(&self) -> Runner {
        self.runner_with(Arc::clone(&self.connector) as Arc<dyn Connector>)
    }

    pub(crate) fn runner_with(&self, http: Arc<dyn Connector>) -> Runner {
        let connectors = Connectors::new().with(http).with(Arc::clone(&self.teams) as Arc<dyn Connector>);
        Runner::new(self.store.clone(), connectors, Arc::new(OneSecret), RunnerOptions::default())
    }

    pub(crate) fn clock_now(&self) -> Timestamp {
        store::Clock::now(&self.clock)
    }

    pub(crate) async fn put(&self, name: &str, document: &str) {
        let mut tx = self.store.write().await.unwrap();
        definitions::put(&mut tx, name, document).await.unwrap();
        tx.commit().await.unwrap();
    }

    pub(crate) async fn start(&self, flow: &str, fired: TriggerFired) -> Option<RunId> {
        let mut tx = self.store.write().await.unwrap();
        let id = flow::start(&mut tx, flow, fired).await.unwrap();
        tx.commit().await.unwrap();
        id
    }

    pub(crate) async fn cancel(&self, id: &RunId) -> bool {
        let mut tx = self.store.write().await.unwrap();
        let asked = flow::cancel(&mut tx, id).await.unwrap();
        tx.commit().await.unwrap();
        asked
    }

    pub(crate) async fn status(&self, id: &RunId) -> RunStatus {
        history::run(&self.store, id).await.unwrap().unwrap().summary.status
    }

    pub(crate) async fn wait_for_end(&self, id: &RunId) {
        for _ in 0..1000 {
            if self.status(id).await.is_terminal() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("{id} does not end");
    }

    /// The facts of one kind, as stored.
    pub(crate) async fn facts(&self, id: &RunId, kind: &str) -> Vec<Value> {
        let facts = history::facts(&self.store, id).await.unwrap();
        let facts = facts.into_iter().map(|fact| serde_json::to_value(fact).unwrap());
        facts.filter(|fact| fact["fact"] == kind).collect()
    }

    pub(crate) async fn facts_left(&self) -> i64 {
        sqlx::query_scalar("SELECT COUNT(*) FROM run_fact").fetch_one(self.store.pool()).await.unwrap()
    }

    /// Everything that runs left in the store, as text.
    pub(crate) async fn everything_stored(&self) -> String {
        let mut facts = Vec::new();
        let runs: Vec<(String, String, Option<String>)> =
            sqlx::query_as("SELECT id, trigger_fired, error_message FROM run")
                .fetch_all(self.store.pool())
                .await
                .unwrap();
        for (id, ..) in &runs {
            facts.extend(history::facts(&self.store, &id.parse().unwrap()).await.unwrap());
        }
        format!("{facts:?} {runs:?}")
    }
}

/// A definition that is started by hand.
pub(crate) fn definition(actions: Value) -> String {
    json!({"triggers": {"manual": {"type": "Request", "kind": "Button", "inputs": {"schema": {}}}}, "actions": actions})
        .to_string()
}

/// A definition that an event starts.
pub(crate) fn event_definition(operation: &str, parameters: Value, conditions: Value) -> String {
    json!({
        "triggers": {"When": {"type": "OpenApiConnectionWebhook", "conditions": conditions, "inputs": {
            "host": {"apiId": "/providers/Microsoft.PowerApps/apis/shared_customerinsights",
                     "connectionName": "shared_customerinsights", "operationId": operation},
            "parameters": parameters}}},
        "actions": {"Say": {"type": "Compose", "inputs": "@triggerBody()"}}
    })
    .to_string()
}

/// Actions by name, in order.
pub(crate) fn actions<const N: usize>(actions: [(String, Value); N]) -> Value {
    Value::Object(actions.into_iter().collect::<Map<String, Value>>())
}

/// A firing by hand.
pub(crate) fn manual(key: &str) -> TriggerFired {
    TriggerFired {
        name: String::new(),
        outputs: json!({"body": {"who": "Ada"}}),
        key: key.to_owned(),
        origin: "ada".to_owned(),
    }
}
