//! Starting an action: its inputs are evaluated, once and for all, and what it does is decided.

use std::io;

use jiff::Timestamp;
use lang::expr::{EvalError, Template, Tree};
use lang::wdl::{Condition, Work};
use serde_json::{Value, json};

use super::fact::{ActionError, ActionPath, Doing, Fact, Payload};
use super::plan::{Node, case_branch};
use super::scope::Scope;
use super::state::{ACTIONS, Record, State};
use super::status::{ActionStatus, RunStatus};
use super::variables::{self, Change};
use super::{Inputs, advance, codes, outward, settings, values};
use crate::limits::{DEFAULT_REPETITIONS, DEFAULT_UNTIL_COUNT, Limits};

/// What a started action turned out to be.
pub(super) struct Started {
    /// Its evaluated inputs, for the record.
    pub(super) inputs: Option<Value>,
    pub(super) then: Then,
}

/// What follows the start.
pub(super) enum Then {
    /// It has ended: with outputs, or failed.
    Ends { code: &'static str, outputs: Result<Option<Value>, ActionError>, changes: Vec<Fact> },
    /// It has failed, but gives something.
    FailsWith { error: ActionError, outputs: Value },
    /// It goes on.
    Does(Doing),
    /// It is skipped after all: nobody wants what it does.
    Skips(ActionError),
    /// It ends the run.
    Terminates { status: RunStatus, error: Option<ActionError> },
}

impl Started {
    /// It has ended, with these outputs.
    pub(super) fn value(inputs: Option<Value>, outputs: Value) -> Self {
        Self { inputs, then: Then::Ends { code: codes::OK, outputs: Ok(Some(outputs)), changes: Vec::new() } }
    }

    /// It has failed, after its inputs were evaluated.
    pub(super) fn failed(inputs: Option<Value>, error: ActionError) -> Self {
        Self { inputs, then: Then::Ends { code: codes::OK, outputs: Err(error), changes: Vec::new() } }
    }

    /// It has failed, and shows why in its outputs.
    pub(super) fn failed_with(inputs: Option<Value>, error: ActionError, outputs: Value) -> Self {
        Self { inputs, then: Then::FailsWith { error, outputs } }
    }

    pub(super) fn does(inputs: Option<Value>, doing: Doing) -> Self {
        Self { inputs, then: Then::Does(doing) }
    }
}

/// The facts of starting an action, up to its end when it ends at once.
pub(super) fn start(state: &State, inputs: &Inputs<'_>, node: &Node, path: &ActionPath) -> Vec<Fact> {
    if let Some(name) = &node.action.static_result {
        let mut facts = static_result(state, name, path, inputs.now);
        facts.extend(advance::not_run(state, node, &path.at, inputs.now));
        return facts;
    }
    let scope = Scope::new(state, &node.loops, &path.at, inputs.now, inputs.seed_for(state, path)).of(path);
    let started = evaluate(state, node, path, &scope, inputs).and_then(|started| {
        let inputs_given =
            started.inputs.map(|value| within_limit(path, value, inputs.limits)).transpose()?;
        let deadline = settings::deadline(&node.action, &scope, inputs.now)?;
        Ok((inputs_given, deadline, started.then))
    });
    match started {
        Ok((given, deadline, then)) => begin(state, inputs, node, path, given, deadline, then),
        Err(error) => {
            let code = error.code.clone();
            let mut facts = vec![
                began(path, inputs.now, None, Doing::Value, None),
                ended(path, inputs.now, ActionStatus::Failed, &code, Some(error), None),
            ];
            facts.extend(advance::not_run(state, node, &path.at, inputs.now));
            facts
        }
    }
}

fn begin(
    state: &State,
    inputs: &Inputs<'_>,
    node: &Node,
    path: &ActionPath,
    given: Option<Payload>,
    deadline: Option<Timestamp>,
    then: Then,
) -> Vec<Fact> {
    let now = inputs.now;
    match then {
        Then::Ends { code, outputs, changes } => {
            let outputs = outputs
                .and_then(|value| value.map(|value| within_limit(path, value, inputs.limits)).transpose());
            let mut facts = vec![began(path, now, given, Doing::Value, None)];
            match outputs {
                Ok(outputs) => {
                    facts.extend(changes);
                    facts.push(ended(path, now, ActionStatus::Succeeded, code, None, outputs));
                }
                Err(error) => {
                    let code = error.code.clone();
                    facts.push(ended(path, now, ActionStatus::Failed, &code, Some(error), None));
                }
            }
            facts
        }
        Then::Does(doing) => {
            let taken = match &doing {
                Doing::Branch { branch } => Some(branch.clone()),
                _ => None,
            };
            let mut facts = vec![began(path, now, given, doing, deadline)];
            if let Some(branch) = taken {
                facts.extend(advance::not_taken(state, node, &branch, &path.at, now));
            }
            facts
        }
        Then::FailsWith { error, outputs } => {
            let outputs = within_limit(path, outputs, inputs.limits).ok();
            let code = error.code.clone();
            vec![
                began(path, now, given, Doing::Value, None),
                ended(path, now, ActionStatus::Failed, &code, Some(error), outputs),
            ]
        }
        Then::Skips(error) => {
            let code = error.code.clone();
            vec![
                began(path, now, given, Doing::Value, None),
                ended(path, now, ActionStatus::Skipped, &code, Some(error), None),
            ]
        }
        Then::Terminates { status, error } => {
            let mut facts = vec![began(path, now, given, Doing::Value, None)];
            facts.push(ended(path, now, ActionStatus::Succeeded, codes::OK, None, None));
            facts.extend(advance::terminated(state, path, now));
            facts.push(advance::run_end(state, now, status, error));
            facts
        }
    }
}

fn began(
    path: &ActionPath,
    at: Timestamp,
    inputs: Option<Payload>,
    doing: Doing,
    deadline: Option<Timestamp>,
) -> Fact {
    Fact::ActionStarted { at, path: path.clone(), inputs, doing, deadline }
}

fn ended(
    path: &ActionPath,
    at: Timestamp,
    status: ActionStatus,
    code: &str,
    error: Option<ActionError>,
    outputs: Option<Payload>,
) -> Fact {
    Fact::ActionFinished { at, path: path.clone(), status, code: code.to_owned(), error, outputs }
}

/// The action is not executed: it ends as the definition's static result says.
fn static_result(state: &State, name: &str, path: &ActionPath, now: Timestamp) -> Vec<Fact> {
    let begun = began(path, now, None, Doing::Value, None);
    let Some(result) = state.plan.static_result(name) else {
        let error = ActionError::new(
            codes::INVALID_TEMPLATE,
            format!("There is no static result '{name}' in the definition's staticResults."),
        );
        return vec![
            begun,
            ended(path, now, ActionStatus::Failed, codes::INVALID_TEMPLATE, Some(error), None),
        ];
    };
    let status = match result.status.as_deref().unwrap_or("Succeeded").to_ascii_lowercase().as_str() {
        "failed" => ActionStatus::Failed,
        "timedout" => ActionStatus::TimedOut,
        "skipped" => ActionStatus::Skipped,
        _ => ActionStatus::Succeeded,
    };
    let written = |key: &str| {
        result.error.as_ref().and_then(|error| error.get(key)).and_then(Value::as_str).map(str::to_owned)
    };
    let error = (status != ActionStatus::Succeeded || result.error.is_some()).then(|| ActionError {
        code: written("code").unwrap_or_else(|| codes::ACTION_FAILED.to_owned()),
        message: written("message").unwrap_or_else(|| "The static result says so.".to_owned()),
    });
    let code = error.as_ref().map_or(codes::OK, |error| error.code.as_str()).to_owned();
    let outputs = (!result.outputs.is_null()).then(|| result.outputs.clone().into());
    vec![begun, ended(path, now, status, &code, error, outputs)]
}

/// An evaluation that failed, in the words of the action's record.
pub(super) fn invalid(name: &str, error: &EvalError) -> ActionError {
    ActionError::new(error.code(), error.in_action(name).message)
}

fn evaluate(
    state: &State,
    node: &Node,
    path: &ActionPath,
    scope: &Scope<'_>,
    inputs: &Inputs<'_>,
) -> Result<Started, ActionError> {
    let value = |tree: &Tree| tree.evaluate(scope).map_err(|error| invalid(&node.name, &error));
    match &node.action.work {
        Work::Compose { value: tree } => {
            let value = value(tree)?;
            Ok(Started::value(Some(value.clone()), value))
        }
        Work::InitializeVariable { .. }
        | Work::SetVariable { .. }
        | Work::IncrementVariable { .. }
        | Work::DecrementVariable { .. }
        | Work::AppendToArrayVariable { .. }
        | Work::AppendToStringVariable { .. } => variable(state, node, scope),
        Work::ParseJson { content, schema } => values::parse_json(value(content)?, schema),
        Work::Query { from, condition } => values::filter(&node.name, value(from)?, condition, scope),
        Work::Select { from, select } => values::select(&node.name, value(from)?, select, scope),
        Work::Join { from, separator } => values::join(value(from)?, &value(separator)?),
        Work::Table { from, format, columns } => {
            values::table(&node.name, value(from)?, *format, columns.as_deref(), scope)
        }
        Work::Expression { formula, inputs: tree } => {
            values::helper(&node.name, value(tree)?, formula, scope)
        }
        Work::Http { .. }
        | Work::Connector { .. }
        | Work::HttpWebhook { .. }
        | Work::ConnectorWebhook { .. }
        | Work::Workflow { .. }
        | Work::Response { .. } => outward::start(state, inputs, node, path, scope),
        Work::Wait(wait) => {
            let (given, until) = settings::wait_until(&node.name, wait, scope, inputs.now)?;
            Ok(Started::does(Some(given), Doing::Wait { until }))
        }
        Work::Terminate { status, code, message } => {
            terminate(&node.name, status, code.as_ref(), message.as_ref(), scope)
        }
        Work::Unknown { .. } => Err(ActionError::new(
            codes::NOT_SUPPORTED,
            format!(
                "Actions of the type '{}' cannot be executed here. A static result \
                 (runtimeConfiguration.staticResult) makes the flow run without it.",
                node.action.type_name
            ),
        )),
        Work::If { .. }
        | Work::Switch { .. }
        | Work::Foreach { .. }
        | Work::Until { .. }
        | Work::Scope { .. } => container(node, scope, inputs.limits),
    }
}

fn container(node: &Node, scope: &Scope<'_>, limits: &Limits) -> Result<Started, ActionError> {
    let bad = |error: EvalError| invalid(&node.name, &error);
    match &node.action.work {
        Work::If { condition, .. } => {
            let holds = condition.evaluate(scope).map_err(bad)?;
            let branch = if holds { ACTIONS } else { "else" }.to_owned();
            Ok(Started::does(Some(json!({"expressionResult": holds})), Doing::Branch { branch }))
        }
        Work::Switch { on, cases, .. } => {
            let on = on.evaluate(scope).map_err(bad)?;
            let case = cases.iter().find(|case| lang::expr::equal(&case.value, &on));
            let branch = case.map_or_else(|| "default".to_owned(), |case| case_branch(&case.name));
            Ok(Started::does(Some(json!({"expression": on})), Doing::Branch { branch }))
        }
        Work::Foreach { over, concurrency, .. } => {
            let items = over.evaluate(scope).map_err(bad)?;
            foreach(node, items, *concurrency, limits)
        }
        Work::Until { count, .. } => {
            let count = match count {
                Some(tree) => {
                    settings::whole_number(&node.name, "count", &tree.evaluate(scope).map_err(bad)?)?
                }
                None => DEFAULT_UNTIL_COUNT,
            };
            Ok(Started::does(None, Doing::Until { count: count.clamp(1, limits.until_iterations) }))
        }
        _ => Ok(Started::does(None, Doing::Branch { branch: ACTIONS.to_owned() })),
    }
}

fn foreach(
    node: &Node,
    items: Value,
    concurrency: Option<u32>,
    limits: &Limits,
) -> Result<Started, ActionError> {
    let Some(count) = items.as_array().map(Vec::len) else {
        return Err(ActionError::new(
            "ExpressionEvaluationFailed",
            format!(
                "The execution of template action '{}' failed: the result of the evaluation of 'foreach' \
                 expression is of type '{}'. The result must be a valid array.",
                node.name,
                lang::expr::kind_name(&items)
            ),
        ));
    };
    if count > limits.foreach_items {
        return Err(ActionError::new(
            "ForeachItemsExceeded",
            format!("The loop '{}' has {count} elements; the limit is {}.", node.name, limits.foreach_items),
        ));
    }
    let sequential = node.action.has_option("Sequential");
    let repetitions = if sequential { 1 } else { concurrency.unwrap_or(DEFAULT_REPETITIONS) };
    let repetitions = repetitions.clamp(1, limits.foreach_repetitions);
    Ok(Started::does(None, Doing::Foreach { items: items.into(), repetitions }))
}

/// Whether an Until is done; evaluated in the iteration that has just ended.
pub(super) fn until_test(node: &Node, scope: &Scope<'_>) -> Result<bool, ActionError> {
    match &node.action.work {
        Work::Until { condition, .. } => {
            Condition::evaluate(condition, scope).map_err(|error| invalid(&node.name, &error))
        }
        _ => Ok(true),
    }
}

/// The outputs of a condition or a switch: what its expression gave.
pub(super) fn branch_outputs(record: &Record) -> Option<Payload> {
    record.inputs().cloned().map(Payload::from)
}

fn variable(state: &State, node: &Node, scope: &Scope<'_>) -> Result<Started, ActionError> {
    let value = |tree: &Tree| tree.evaluate(scope).map_err(|error| invalid(&node.name, &error));
    let (name, tree, change) = match &node.action.work {
        Work::SetVariable { name, value } => (name, value, Change::Set),
        Work::IncrementVariable { name, by } => (name, by, Change::Increment),
        Work::DecrementVariable { name, by } => (name, by, Change::Decrement),
        Work::AppendToArrayVariable { name, value } => (name, value, Change::AppendToArray),
        Work::AppendToStringVariable { name, value } => (name, value, Change::AppendToString),
        Work::InitializeVariable { variables } => {
            let mut shown = Vec::new();
            let mut changes = Vec::new();
            for one in variables {
                let first = one.value.as_ref().map(value).transpose()?;
                shown.push(json!({"name": one.name, "type": one.kind.as_str(), "value": first}));
                changes.push(variables::declare(state, &one.name, one.kind.as_str(), first)?);
            }
            let then = Then::Ends { code: codes::NOT_SPECIFIED, outputs: Ok(None), changes };
            return Ok(Started { inputs: Some(json!({"variables": shown})), then });
        }
        _ => return Err(ActionError::new(codes::NOT_SUPPORTED, "This is no action on a variable.")),
    };
    let given = value(tree)?;
    let inputs = Some(json!({"name": name, "value": given}));
    match variables::change(state, name, change, given) {
        Ok((fact, shown)) => {
            let outputs = Ok(Some(json!({"body": {"name": name, "value": shown}})));
            Ok(Started {
                inputs,
                then: Then::Ends { code: codes::NOT_SPECIFIED, outputs, changes: vec![fact] },
            })
        }
        Err(error) => Ok(Started::failed(inputs, error)),
    }
}

fn terminate(
    name: &str,
    status: &Template,
    code: Option<&Tree>,
    message: Option<&Tree>,
    scope: &Scope<'_>,
) -> Result<Started, ActionError> {
    let bad = |error: EvalError| invalid(name, &error);
    let written = status.evaluate(scope).map_err(bad)?;
    let written = written.as_str().unwrap_or_default();
    let status = match written.to_ascii_lowercase().as_str() {
        "succeeded" => RunStatus::Succeeded,
        "failed" => RunStatus::Failed,
        "cancelled" => RunStatus::Cancelled,
        _ => {
            let message =
                format!("'{written}' in the action '{name}' is not Succeeded, Failed or Cancelled.");
            return Err(ActionError::new(codes::INVALID_TEMPLATE, message));
        }
    };
    let text = |tree: Option<&Tree>| {
        let value = tree.map(|tree| tree.evaluate(scope)).transpose().map_err(bad)?;
        Ok::<_, ActionError>(value.map(|value| lang::expr::text_of(&value)).filter(|text| !text.is_empty()))
    };
    let (code, message) = (text(code)?, text(message)?);
    let inputs = json!({"runStatus": written, "runError": {"code": code, "message": message}});
    let error = (status == RunStatus::Failed).then(|| ActionError {
        code: code.unwrap_or_else(|| codes::TERMINATED.to_owned()),
        message: message.unwrap_or_else(|| format!("The Terminate action '{name}' ended the run.")),
    });
    Ok(Started { inputs: Some(inputs), then: Then::Terminates { status, error } })
}

/// Counts bytes without keeping them.
struct Count(usize);

impl io::Write for Count {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 = self.0.saturating_add(bytes.len());
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The value, if it is not larger than a payload may be.
pub(super) fn within_limit(path: &ActionPath, value: Value, limits: &Limits) -> Result<Payload, ActionError> {
    let mut count = Count(0);
    let written = serde_json::to_writer(&mut count, &value).is_ok();
    if written && count.0 <= limits.payload_bytes {
        return Ok(value.into());
    }
    Err(ActionError::new(
        codes::TOO_LARGE,
        format!(
            "The inputs or outputs of the action '{}' have {} bytes; the limit is {}.",
            path.name, count.0, limits.payload_bytes
        ),
    ))
}
