//! Doing what the machine wants done: calls to connectors, outside any transaction.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use store::{RunId, Store};
use tokio::task::{Id, JoinError, JoinSet};

use crate::connections;
use crate::connectors::secrets::{Marks, unmark};
use crate::connectors::{
    Budgets, CallOutcome, CallRequest, Connection, Connectors, HTTP_OPERATION, Rate, Route, SecretResolver,
};
use crate::machine::{ActionPath, Call, Deed, Effect, Message, StartChild};
use crate::{FlowError, Result as FlowResult, children};

/// What calls need.
pub(crate) struct Caller {
    pub(super) store: Store,
    pub(super) connectors: Connectors,
    pub(super) secrets: Arc<dyn SecretResolver>,
    pub(super) call_duration: Duration,
    pub(super) budgets: Budgets,
}

/// What became of an effect.
enum Became {
    /// A call was answered, or a flow could not be started.
    Answered(CallOutcome),
    /// A flow was started, as this run.
    Started(RunId),
}

impl Caller {
    /// Makes one attempt.
    async fn attempt(&self, effect: Effect, marks: &Marks) -> Became {
        match &effect.deed {
            Deed::Call(call) | Deed::Subscribe(call) | Deed::Unsubscribe(call) => {
                Became::Answered(self.call(&effect, call, marks).await)
            }
            Deed::StartChild(child) => match self.start_child(&effect, child).await {
                Ok(Ok(run)) => Became::Started(run),
                Ok(Err(outcome)) => Became::Answered(outcome),
                Err(error) => Became::Answered(unanswered(&error)),
            },
        }
    }

    async fn start_child(
        &self,
        effect: &Effect,
        child: &StartChild,
    ) -> FlowResult<Result<RunId, CallOutcome>> {
        let mut tx = self.store.write().await?;
        let started = children::start(&mut tx, child, &effect.idempotency_key).await?;
        tx.commit().await?;
        Ok(started)
    }

    pub(crate) async fn call(&self, effect: &Effect, call: &Call, marks: &Marks) -> CallOutcome {
        let route = match self.route(call) {
            Ok(route) => route,
            Err(missing) => return CallOutcome::permanent("ConnectorNotFound", missing),
        };
        let connection = match self.connection(call, &route).await {
            Ok(connection) => connection,
            Err(outcome) => return outcome,
        };
        let now = self.store.clock().now();
        // What ends a subscription is never held up.
        let counted = !matches!(effect.deed, Deed::Unsubscribe(_));
        let budget = budget_of(call, &route, connection.as_ref()).filter(|_| counted);
        if let Some((name, rate)) = &budget
            && let Err(after) = self.budgets.enter(name, *rate, &effect.idempotency_key, now)
        {
            return CallOutcome::Later { after };
        }
        let longest = SignedDuration::try_from(self.call_duration).unwrap_or(SignedDuration::MAX);
        let latest = now.checked_add(longest).unwrap_or(Timestamp::MAX);
        let deadline = effect.deadline.map_or(latest, |deadline| deadline.min(latest));
        let allowed = Duration::try_from(deadline.duration_since(now)).unwrap_or_default();
        let mut parameters = call.parameters.clone();
        if let Err(error) = unmark(&mut parameters, marks, self.secrets.as_ref()).await {
            return CallOutcome::permanent("SecretNotFound", format!("A parameter of the flow: {error}."));
        }
        let request = CallRequest {
            operation_id: route.operation_id.clone(),
            connection,
            parameters,
            idempotency_key: effect.idempotency_key.clone(),
            deadline,
        };
        let outcome = match tokio::time::timeout(allowed, route.connector.call(request)).await {
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
        };
        let now = self.store.clock().now();
        if let (Some((name, _)), Some(asked)) = (&budget, asked_to_wait(&outcome, now)) {
            self.budgets.pause(name, asked, now);
        }
        outcome
    }

    fn route(&self, call: &Call) -> Result<Route, String> {
        let target = &call.target;
        if target.api_id == "http" && target.operation_id == HTTP_OPERATION {
            let connector = self.connectors.get("http").cloned();
            let connector = connector.ok_or("this instance has no 'http' connector")?;
            return Ok(Route { connector, operation_id: HTTP_OPERATION.to_owned() });
        }
        self.connectors.route(&target.api_id, &target.operation_id)
    }

    async fn connection(&self, call: &Call, route: &Route) -> Result<Option<Connection>, CallOutcome> {
        let kinds = route.connector.kinds();
        let kind = kinds.join("' or '");
        let needed = route.connector.manifest().needs_connection;
        let Some(name) = &call.target.connection else {
            if needed {
                let message =
                    format!("The action names no connection (host.connectionName); '{kind}' needs one.");
                return Err(CallOutcome::permanent("ConnectionNotFound", message));
            }
            return Ok(None);
        };
        match connections::open(&self.store, self.secrets.as_ref(), name, &kinds).await {
            Ok(Ok(connection)) => Ok(Some(connection)),
            Ok(Err(_)) if !needed => Ok(None),
            Ok(Err(none)) => Err(CallOutcome::permanent(none.code, none.message)),
            Err(error) => Err(unanswered(&error)),
        }
    }
}

/// The store failed; it may work another time.
fn unanswered(error: &FlowError) -> CallOutcome {
    CallOutcome::Retryable { code: error.code().to_owned(), message: error.to_string(), retry_after: None }
}

/// Whose budget a call counts in: that of its connection, or of a connector that needs none and has a limit.
fn budget_of(call: &Call, route: &Route, connection: Option<&Connection>) -> Option<(String, Option<Rate>)> {
    let usual = route.connector.manifest().rate;
    match (connection, usual) {
        (Some(connection), _) => Some((connection.name.clone(), connection.rate().or(usual))),
        (None, Some(_)) => {
            let name = call.target.connection.as_deref().unwrap_or_else(|| route.connector.name());
            Some((name.to_owned(), usual))
        }
        (None, None) => None,
    }
}

/// How long a target asks to be left alone.
fn asked_to_wait(outcome: &CallOutcome, now: Timestamp) -> Option<Duration> {
    match outcome {
        CallOutcome::Response { status_code: 429 | 503, headers, .. } => {
            headers.get("retry-after").and_then(|header| crate::machine::retry_after(header, now))
        }
        CallOutcome::Retryable { retry_after, .. } => *retry_after,
        _ => None,
    }
}

/// The calls of one run that are under way. Dropped, they are given up (and made again later).
pub(super) struct Calls {
    caller: Arc<Caller>,
    marks: Arc<Marks>,
    tasks: JoinSet<Became>,
    under_way: HashMap<Id, (ActionPath, u32)>,
    at_most: usize,
}

impl Calls {
    pub(super) fn new(caller: Arc<Caller>, marks: Arc<Marks>, at_most: usize) -> Self {
        Self { caller, marks, tasks: JoinSet::new(), under_way: HashMap::new(), at_most }
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
            let (caller, marks) = (Arc::clone(&self.caller), Arc::clone(&self.marks));
            let task = self.tasks.spawn(async move { caller.attempt(effect, &marks).await });
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

    fn message(&mut self, ended: Result<(Id, Became), JoinError>) -> Option<Message> {
        let (id, became) = match ended {
            Ok(ended) => ended,
            // A connector that panics fails its own call, nothing else.
            Err(error) => {
                let message = "The connector broke off; the log says more.";
                (error.id(), Became::Answered(CallOutcome::permanent("ConnectorFailed", message)))
            }
        };
        let (path, attempt) = self.under_way.remove(&id)?;
        Some(match became {
            Became::Answered(outcome) => Message::Replied { path, attempt, outcome },
            Became::Started(run) => Message::Accepted { path, reference: run.to_string() },
        })
    }
}
