//! Doing what the machine wants done: calls to connectors, outside any transaction.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use store::Store;
use tokio::task::{Id, JoinError, JoinSet};

use crate::connections;
use crate::connectors::{
    CallOutcome, CallRequest, Connection, Connectors, HTTP_OPERATION, Route, SecretResolver,
};
use crate::machine::{ActionPath, Effect, Message};

/// What calls need.
pub(super) struct Caller {
    pub(super) store: Store,
    pub(super) connectors: Connectors,
    pub(super) secrets: Arc<dyn SecretResolver>,
    pub(super) call_duration: Duration,
}

impl Caller {
    /// Makes one attempt.
    async fn call(&self, effect: Effect) -> CallOutcome {
        let route = match self.route(&effect) {
            Ok(route) => route,
            Err(missing) => return CallOutcome::permanent("ConnectorNotFound", missing),
        };
        let connection = match self.connection(&effect, &route).await {
            Ok(connection) => connection,
            Err(outcome) => return outcome,
        };
        let now = self.store.clock().now();
        let longest = SignedDuration::try_from(self.call_duration).unwrap_or(SignedDuration::MAX);
        let latest = now.checked_add(longest).unwrap_or(Timestamp::MAX);
        let deadline = effect.deadline.map_or(latest, |deadline| deadline.min(latest));
        let allowed = Duration::try_from(deadline.duration_since(now)).unwrap_or_default();
        let request = CallRequest {
            operation_id: route.operation_id.clone(),
            connection,
            parameters: effect.parameters,
            idempotency_key: effect.idempotency_key,
            deadline,
        };
        match tokio::time::timeout(allowed, route.connector.call(request)).await {
            Ok(outcome) => outcome,
            Err(_) => CallOutcome::Retryable {
                code: "NoResponse".to_owned(),
                message: format!(
                    "'{}' did not answer within {} seconds.",
                    route.connector.name(),
                    allowed.as_secs()
                ),
                retry_after: None,
            },
        }
    }

    fn route(&self, effect: &Effect) -> Result<Route, String> {
        let target = &effect.target;
        if target.api_id == "http" && target.operation_id == HTTP_OPERATION {
            let connector = self.connectors.get("http").cloned();
            let connector = connector.ok_or("this instance has no 'http' connector")?;
            return Ok(Route { connector, operation_id: HTTP_OPERATION.to_owned() });
        }
        self.connectors.route(&target.api_id, &target.operation_id)
    }

    async fn connection(&self, effect: &Effect, route: &Route) -> Result<Option<Connection>, CallOutcome> {
        let kind = route.connector.name();
        let needed = route.connector.manifest().needs_connection;
        let Some(name) = &effect.target.connection else {
            if needed {
                let message =
                    format!("The action names no connection (host.connectionName); '{kind}' needs one.");
                return Err(CallOutcome::permanent("ConnectionNotFound", message));
            }
            return Ok(None);
        };
        match connections::open(&self.store, self.secrets.as_ref(), name, kind).await {
            Ok(Ok(connection)) => Ok(Some(connection)),
            Ok(Err(_)) if !needed => Ok(None),
            Ok(Err(none)) => Err(CallOutcome::permanent(none.code, none.message)),
            Err(error) => Err(CallOutcome::Retryable {
                code: error.code().to_owned(),
                message: error.to_string(),
                retry_after: None,
            }),
        }
    }
}

/// The calls of one run that are under way. Dropped, they are given up (and made again later).
pub(super) struct Calls {
    caller: Arc<Caller>,
    tasks: JoinSet<CallOutcome>,
    under_way: HashMap<Id, (ActionPath, u32)>,
    at_most: usize,
}

impl Calls {
    pub(super) fn new(caller: Arc<Caller>, at_most: usize) -> Self {
        Self { caller, tasks: JoinSet::new(), under_way: HashMap::new(), at_most }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.tasks.is_empty()
    }

    /// Begins those that are not under way, as far as there is room.
    pub(super) fn begin(&mut self, effects: Vec<Effect>) {
        let mut running: HashSet<ActionPath> =
            self.under_way.values().map(|(path, _)| path.clone()).collect();
        for effect in effects {
            if self.tasks.len() >= self.at_most {
                return;
            }
            if !running.insert(effect.path.clone()) {
                continue;
            }
            let who = (effect.path.clone(), effect.attempt);
            let caller = Arc::clone(&self.caller);
            let task = self.tasks.spawn(async move { caller.call(effect).await });
            self.under_way.insert(task.id(), who);
        }
    }

    /// The next answer; never comes when no call is under way.
    pub(super) async fn next(&mut self) -> Message {
        while let Some(ended) = self.tasks.join_next_with_id().await {
            if let Some(message) = self.message(ended) {
                return message;
            }
        }
        std::future::pending().await
    }

    /// An answer that is already there.
    pub(super) fn ready(&mut self) -> Option<Message> {
        let ended = self.tasks.try_join_next_with_id()?;
        self.message(ended)
    }

    fn message(&mut self, ended: Result<(Id, CallOutcome), JoinError>) -> Option<Message> {
        let (id, outcome) = match ended {
            Ok(ended) => ended,
            // A connector that panics fails its own call, nothing else.
            Err(error) => (
                error.id(),
                CallOutcome::permanent("ConnectorFailed", "The connector broke off; the log says more."),
            ),
        };
        let (path, attempt) = self.under_way.remove(&id)?;
        Some(Message::Replied { path, attempt, outcome })
    }
}
