//! Where a run stands: the fold of its facts.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value, json};
use store::RunId;

use super::fact::{ActionError, ActionPath, Doing, Fact, Payload, Trigger};
use super::plan::Plan;
use super::status::{ActionStatus, RunStatus};

/// One failed attempt of an action.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Attempt {
    /// When it failed.
    pub at: Timestamp,
    /// Why.
    pub error: ActionError,
    /// When the next one began.
    pub next: Timestamp,
}

/// The record of one execution of an action.
#[derive(Debug, Clone)]
pub struct Record {
    /// How it is doing.
    pub status: ActionStatus,
    /// The code.
    pub code: String,
    /// When it began.
    pub started: Timestamp,
    /// When it ended.
    pub ended: Option<Timestamp>,
    /// What expressions see: `{name, status, code, startTime, endTime, inputs, outputs, error}`.
    pub(super) view: Value,
    /// Why it did not end well.
    pub error: Option<ActionError>,
    /// Attempts that failed and were followed by another.
    pub attempts: Vec<Attempt>,
    /// What it does.
    pub doing: Doing,
    /// When it is timed out.
    pub deadline: Option<Timestamp>,
    /// The iterations of a loop.
    pub iterations: Iterations,
    /// Properties that the flow tracks.
    pub tracked: Option<Payload>,
    /// What it is on the other side: the id of the run that it started.
    pub reference: Option<String>,
    /// Calls that were answered and followed by another, not counting failed attempts.
    pub(super) requests: u32,
    /// What the present call is made with, when it is not the first.
    pub(super) request: Option<Payload>,
    /// When the present attempt begins; none for the start of the action.
    pub(super) next: Option<Timestamp>,
    /// Attempts that had failed before the present call.
    pub(super) failed_before: usize,
    /// The items of the pages so far.
    pub(super) items: Vec<Value>,
    /// Whether the present call asks if the work is done.
    pub(super) polling: bool,
    /// Whether the other side took it, so that the answer is waited for.
    pub(super) accepted: bool,
}

/// The iterations of a loop, as far as they went.
#[derive(Debug, Clone, Default)]
pub struct Iterations {
    /// How many were opened.
    pub opened: u32,
    /// How many were closed.
    pub closed: u32,
    /// Whether any failed, or timed out.
    pub worst: Option<ActionStatus>,
    /// What the last closed one came to.
    pub last: Option<ActionStatus>,
}

/// A variable.
#[derive(Debug, Clone)]
pub struct Variable {
    /// Its name, as declared.
    pub name: String,
    /// Its type, in lower case.
    pub kind: String,
    /// Its value. Owned, so that appending does not copy.
    pub value: Value,
}

/// Some actions that are being run: those of the run itself, of a branch, or of one iteration of a loop.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Frame {
    /// The container; none for the run itself.
    pub(super) owner: Option<ActionPath>,
    /// The iteration, if the container is a loop.
    pub(super) iteration: Option<u32>,
    /// The branch of the container.
    pub(super) branch: String,
}

impl Frame {
    /// The iterations around the frame's actions.
    pub(super) fn at(&self) -> Vec<u32> {
        let mut at = self.owner.as_ref().map(|owner| owner.at.clone()).unwrap_or_default();
        at.extend(self.iteration);
        at
    }
}

/// What a run answered to its caller.
#[derive(Debug, Clone, PartialEq)]
pub struct Response {
    /// When.
    pub at: Timestamp,
    /// By which action.
    pub path: ActionPath,
    /// `{statusCode, headers, body}`
    pub answer: Payload,
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq)]
pub struct End {
    /// When.
    pub at: Timestamp,
    /// How.
    pub status: RunStatus,
    /// Why, unless it ended well.
    pub error: Option<ActionError>,
}

/// How a run began.
#[derive(Debug, Clone, PartialEq)]
pub struct Begin {
    /// When.
    pub at: Timestamp,
    /// By what.
    pub trigger: Trigger,
    /// When it is timed out.
    pub deadline: Timestamp,
    /// What expressions see of the trigger.
    pub(super) view: Value,
}

/// Where a run stands.
#[derive(Debug, Clone)]
pub struct State {
    pub(super) plan: Arc<Plan>,
    pub(super) run: RunId,
    pub(super) flow: String,
    pub(super) begin: Option<Begin>,
    pub(super) end: Option<End>,
    /// How it will have ended once nothing is owed any more.
    pub(super) ending: Option<(RunStatus, Option<ActionError>)>,
    /// Subscriptions that are to be ended.
    pub(super) owed: BTreeSet<ActionPath>,
    pub(super) response: Option<Response>,
    pub(super) records: BTreeMap<ActionPath, Record>,
    pub(super) active: BTreeSet<ActionPath>,
    pub(super) frames: BTreeSet<Frame>,
    pub(super) variables: BTreeMap<String, Variable>,
}

impl State {
    /// A run that has not begun.
    pub fn new(plan: Arc<Plan>, run: RunId, flow: &str) -> Self {
        Self {
            plan,
            run,
            flow: flow.to_owned(),
            begin: None,
            end: None,
            ending: None,
            owed: BTreeSet::new(),
            response: None,
            records: BTreeMap::new(),
            active: BTreeSet::new(),
            frames: BTreeSet::new(),
            variables: BTreeMap::new(),
        }
    }

    /// How the run began, if it has.
    pub fn begin(&self) -> Option<&Begin> {
        self.begin.as_ref()
    }

    /// How the run ended, if it has.
    pub fn end(&self) -> Option<&End> {
        self.end.as_ref()
    }

    /// What the run answered to its caller, if it has.
    pub fn response(&self) -> Option<&Response> {
        self.response.as_ref()
    }

    /// Whether a subscription is to be ended, now or when what is under way ends.
    pub(super) fn owes(&self) -> bool {
        let mut active = self.active.iter().filter_map(|path| self.records.get(path));
        !self.owed.is_empty() || active.any(Record::owes)
    }

    /// The records of all executions, by name and iteration.
    pub fn records(&self) -> impl Iterator<Item = (&ActionPath, &Record)> {
        self.records.iter()
    }

    /// The variables, by name.
    pub fn variables(&self) -> impl Iterator<Item = &Variable> {
        self.variables.values()
    }

    /// The plan that the run follows.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// The same, to be kept.
    pub fn shared_plan(&self) -> Arc<Plan> {
        Arc::clone(&self.plan)
    }

    /// How many executions the run has recorded.
    pub fn record_count(&self) -> usize {
        self.records.len()
    }

    /// Takes in one fact.
    pub fn apply(&mut self, fact: &Fact) {
        match fact {
            Fact::RunStarted { at, trigger, deadline } => {
                let view = trigger_view(*at, trigger, self.run.as_str());
                self.begin = Some(Begin { at: *at, trigger: trigger.clone(), deadline: *deadline, view });
                self.frames.insert(Frame { owner: None, iteration: None, branch: ACTIONS.to_owned() });
            }
            Fact::ActionStarted { at, path, inputs, doing, deadline } => {
                let mut record = Record::started(&path.name, *at, inputs.as_ref(), doing.clone(), *deadline);
                self.identify(path, &mut record);
                self.start(path, record);
            }
            Fact::AttemptFailed { .. }
            | Fact::CallPostponed { .. }
            | Fact::CallContinues { .. }
            | Fact::Accepted { .. }
            | Fact::Unsubscribed { .. }
            | Fact::PropertiesTracked { .. } => self.apply_to_record(fact),
            Fact::Responded { at, path, response } => {
                let response = Response { at: *at, path: path.clone(), answer: response.clone() };
                self.response.get_or_insert(response);
            }
            Fact::ActionFinished { at, path, status, code, error, outputs } => {
                self.finish(path, *at, *status, code, error.as_ref(), outputs.as_ref());
            }
            Fact::ActionsSkipped { at, names, iterations, code, error } => {
                for name in names {
                    let path = ActionPath::new(name, iterations);
                    self.finish(&path, *at, ActionStatus::Skipped, code, Some(error), None);
                }
            }
            Fact::IterationOpened { path, index, .. } => self.open_iteration(path, *index),
            Fact::IterationClosed { path, index, status, .. } => self.close_iteration(path, *index, *status),
            Fact::VariableDeclared { name, kind, value } => {
                let variable =
                    Variable { name: name.clone(), kind: kind.clone(), value: value.value().clone() };
                self.variables.insert(name.to_lowercase(), variable);
            }
            Fact::VariableSet { name, value } => {
                if let Some(variable) = self.variables.get_mut(&name.to_lowercase()) {
                    variable.value = value.value().clone();
                }
            }
            Fact::VariableAppended { name, value } => self.append(name, value.value()),
            Fact::RunEnding { status, error, .. } => {
                self.ending = Some((*status, error.clone()));
                self.frames.clear();
                self.active.clear();
            }
            Fact::RunEnded { at, status, error } => {
                self.end = Some(End { at: *at, status: *status, error: error.clone() });
                self.ending = None;
                self.owed.clear();
                self.frames.clear();
                self.active.clear();
            }
        }
    }

    /// What happens to one execution between its start and its end, and after it.
    fn apply_to_record(&mut self, fact: &Fact) {
        match fact {
            Fact::AttemptFailed { at, path, error, next } => {
                if let Some(record) = self.records.get_mut(path) {
                    record.attempts.push(Attempt { at: *at, error: error.clone(), next: *next });
                    record.next = Some(*next);
                }
            }
            Fact::CallPostponed { path, next, .. } => {
                if let Some(record) = self.records.get_mut(path) {
                    record.next = Some(*next);
                }
            }
            Fact::CallContinues { path, next, request, items, .. } => {
                if let Some(record) = self.records.get_mut(path) {
                    record.go_on(*next, request, items.as_ref());
                }
            }
            Fact::Accepted { path, reference, .. } => {
                if let Some(record) = self.records.get_mut(path) {
                    record.accept(reference.as_deref());
                }
            }
            Fact::Unsubscribed { path, .. } => {
                self.owed.remove(path);
            }
            Fact::PropertiesTracked { path, properties } => {
                if let Some(record) = self.records.get_mut(path) {
                    record.track(properties);
                }
            }
            _ => {}
        }
    }

    /// What joins an execution with others, for expressions and the history.
    fn identify(&self, path: &ActionPath, record: &mut Record) {
        let Value::Object(view) = &mut record.view else { return };
        view.insert("trackingId".to_owned(), super::effect::idempotency_key(&self.run, path).into());
        let own = self.run.as_str();
        let joined = self.begin.as_ref().and_then(|begin| begin.trigger.caller.tracking_id.as_deref());
        view.insert("clientTrackingId".to_owned(), joined.unwrap_or(own).into());
    }

    fn start(&mut self, path: &ActionPath, record: Record) {
        if let Doing::Branch { branch } = &record.doing {
            self.frames.insert(Frame { owner: Some(path.clone()), iteration: None, branch: branch.clone() });
        }
        self.records.insert(path.clone(), record);
        self.active.insert(path.clone());
    }

    fn finish(
        &mut self,
        path: &ActionPath,
        at: Timestamp,
        status: ActionStatus,
        code: &str,
        error: Option<&ActionError>,
        outputs: Option<&Payload>,
    ) {
        if !self.records.contains_key(path) {
            let mut record = Record::started(&path.name, at, None, Doing::Value, None);
            self.identify(path, &mut record);
            self.records.insert(path.clone(), record);
        }
        let Some(record) = self.records.get_mut(path) else { return };
        // A subscription that was, or may have been, taken is to be ended; one that was refused is not.
        if record.owes() && (record.accepted || status != ActionStatus::Failed) {
            self.owed.insert(path.clone());
        }
        record.end(at, status, code, error, outputs);
        let container =
            matches!(record.doing, Doing::Branch { .. } | Doing::Foreach { .. } | Doing::Until { .. });
        self.active.remove(path);
        if container {
            self.frames.retain(|frame| frame.owner.as_ref() != Some(path));
        }
    }

    fn open_iteration(&mut self, path: &ActionPath, index: u32) {
        if let Some(record) = self.records.get_mut(path) {
            record.iterations.opened = record.iterations.opened.max(index.saturating_add(1));
        }
        self.frames.insert(Frame {
            owner: Some(path.clone()),
            iteration: Some(index),
            branch: ACTIONS.to_owned(),
        });
    }

    fn close_iteration(&mut self, path: &ActionPath, index: u32, status: ActionStatus) {
        if let Some(record) = self.records.get_mut(path) {
            let iterations = &mut record.iterations;
            iterations.closed = iterations.closed.saturating_add(1);
            iterations.last = Some(status);
            iterations.worst = Some(super::status::combine(iterations.worst.into_iter().chain([status])));
        }
        self.frames.remove(&Frame {
            owner: Some(path.clone()),
            iteration: Some(index),
            branch: ACTIONS.to_owned(),
        });
    }

    fn append(&mut self, name: &str, value: &Value) {
        let Some(variable) = self.variables.get_mut(&name.to_lowercase()) else { return };
        match (&mut variable.value, value) {
            (Value::Array(items), item) => items.push(item.clone()),
            (Value::String(text), Value::String(more)) => text.push_str(more),
            // A declared variable without a value is null; the first append gives it one.
            (slot @ Value::Null, Value::String(text)) if variable.kind == "string" => {
                *slot = Value::String(text.clone());
            }
            (slot @ Value::Null, item) => *slot = Value::Array(vec![item.clone()]),
            _ => {}
        }
    }

    /// What expressions outside any action see: the trigger, parameters and variables.
    pub fn place(&self, now: Timestamp) -> impl lang::expr::Context + '_ {
        super::scope::Scope::new(self, &[], &[], now, 0)
    }

    /// When, after `now`, something is to be done without any news: a wait or a gap ends, a limit is reached.
    pub fn next_due(&self, now: Timestamp) -> Option<Timestamp> {
        if self.end.is_some() {
            return None;
        }
        let actions = self.active.iter().filter_map(|path| self.records.get(path)).flat_map(Record::dues);
        actions.chain(self.begin.as_ref().map(|begin| begin.deadline)).filter(|due| *due > now).min()
    }
}

fn trigger_view(at: Timestamp, trigger: &Trigger, run: &str) -> Value {
    json!({
        "clientTrackingId": trigger.caller.tracking_id.as_deref().unwrap_or(run),
        "originHistoryName": run,
        "name": trigger.name,
        "status": "Succeeded",
        "code": "OK",
        "startTime": at.to_string(),
        "endTime": at.to_string(),
        "inputs": null,
        "outputs": trigger.outputs.value(),
    })
}

impl Record {
    pub(super) fn started(
        name: &str,
        at: Timestamp,
        inputs: Option<&Payload>,
        doing: Doing,
        deadline: Option<Timestamp>,
    ) -> Self {
        let waits = matches!(doing, Doing::Wait { .. });
        let status = if waits { ActionStatus::Waiting } else { ActionStatus::Running };
        let mut view = Map::new();
        view.insert("name".to_owned(), name.into());
        view.insert("status".to_owned(), status.name().into());
        view.insert("startTime".to_owned(), at.to_string().into());
        if let Some(inputs) = inputs {
            view.insert("inputs".to_owned(), inputs.value().clone());
        }
        Self {
            status,
            code: "Running".to_owned(),
            started: at,
            ended: None,
            view: Value::Object(view),
            error: None,
            attempts: Vec::new(),
            doing,
            deadline,
            iterations: Iterations::default(),
            tracked: None,
            reference: None,
            requests: 0,
            request: None,
            next: None,
            failed_before: 0,
            items: Vec::new(),
            polling: false,
            accepted: false,
        }
    }

    /// Another call follows the one that was answered.
    fn go_on(&mut self, next: Timestamp, request: &Payload, items: Option<&Payload>) {
        self.requests = self.requests.saturating_add(1);
        self.request = Some(request.clone());
        self.next = Some(next);
        self.failed_before = self.attempts.len();
        self.polling = items.is_none();
        let items = items.and_then(|items| items.value().as_array());
        self.items.extend(items.into_iter().flatten().cloned());
    }

    fn accept(&mut self, reference: Option<&str>) {
        self.accepted = true;
        self.status = ActionStatus::Waiting;
        self.reference = reference.map(str::to_owned);
        if let Value::Object(view) = &mut self.view {
            view.insert("status".to_owned(), self.status.name().into());
        }
    }

    fn track(&mut self, properties: &Payload) {
        self.tracked = Some(properties.clone());
        if let Value::Object(view) = &mut self.view {
            view.insert("trackedProperties".to_owned(), properties.value().clone());
        }
    }

    /// Whether a subscription is to be ended when this ends.
    fn owes(&self) -> bool {
        let unsubscribes = self.inputs().and_then(|inputs| inputs.get("unsubscribe"));
        matches!(self.doing, Doing::Subscription { .. }) && unsubscribes.is_some_and(|call| !call.is_null())
    }

    pub(super) fn end(
        &mut self,
        at: Timestamp,
        status: ActionStatus,
        code: &str,
        error: Option<&ActionError>,
        outputs: Option<&Payload>,
    ) {
        self.status = status;
        self.code = code.to_owned();
        self.ended = Some(at);
        self.error = error.cloned();
        let Value::Object(view) = &mut self.view else { return };
        view.insert("status".to_owned(), status.name().into());
        view.insert("code".to_owned(), code.into());
        view.insert("endTime".to_owned(), at.to_string().into());
        if let Some(outputs) = outputs {
            view.insert("outputs".to_owned(), outputs.value().clone());
        }
        if let Some(error) = error {
            view.insert("error".to_owned(), json!({"code": error.code, "message": error.message}));
        }
        if !self.attempts.is_empty() {
            view.insert("retryHistory".to_owned(), retry_history(&self.attempts, self.started));
        }
    }

    /// Its evaluated inputs.
    pub fn inputs(&self) -> Option<&Value> {
        self.view.get("inputs")
    }

    /// What it gave.
    pub fn outputs(&self) -> Option<&Value> {
        self.view.get("outputs")
    }

    /// The number of the attempt that is under way or due next, from 1; calls that follow others count on.
    pub fn attempt(&self) -> u32 {
        let failed = u32::try_from(self.attempts.len()).unwrap_or(u32::MAX);
        failed.saturating_add(self.requests).saturating_add(1)
    }

    /// How many attempts of the present call have failed when the one under way fails too.
    pub(super) fn failing(&self) -> u32 {
        let failed = self.attempts.len().saturating_sub(self.failed_before);
        u32::try_from(failed).unwrap_or(u32::MAX).saturating_add(1)
    }

    /// When the attempt that is under way or due next begins.
    pub(super) fn attempt_due(&self) -> Timestamp {
        self.next.unwrap_or(self.started)
    }

    fn dues(&self) -> impl Iterator<Item = Timestamp> {
        let own = match &self.doing {
            Doing::Wait { until } => Some(*until),
            Doing::Call { .. } | Doing::Subscription { .. } if !self.accepted => self.next,
            _ => None,
        };
        [own, self.deadline].into_iter().flatten()
    }
}

/// The attempts that failed, as records show them.
fn retry_history(attempts: &[Attempt], started: Timestamp) -> Value {
    let starts = std::iter::once(started).chain(attempts.iter().map(|attempt| attempt.next));
    let shown = attempts.iter().zip(starts).map(|(attempt, start)| {
        json!({
            "startTime": start.to_string(),
            "endTime": attempt.at.to_string(),
            "code": attempt.error.code,
            "error": {"code": attempt.error.code, "message": attempt.error.message},
        })
    });
    Value::Array(shown.collect())
}

/// The name of a container's first branch.
pub(super) const ACTIONS: &str = "actions";
