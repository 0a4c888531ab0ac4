//! One round: what can be done now without any news.
//!
//! A round looks at the state as it is and brings facts; the next round sees them. A round ends early when a
//! fact changes what others see (a variable) or ends the run, so that parallel branches never read a stale one.

use jiff::Timestamp;

use super::fact::{ActionError, ActionPath, Doing, Fact};
use super::plan::{Block, Node, NodeId};
use super::scope::Scope;
use super::start;
use super::state::{Frame, State};
use super::status::{ActionStatus, RunStatus, combine};
use super::{Inputs, codes};

/// The facts of one round; none when there is nothing to do.
pub(super) fn round(state: &State, inputs: &Inputs<'_>) -> Vec<Fact> {
    if state.end.is_some() {
        return Vec::new();
    }
    let Some(begin) = &state.begin else { return Vec::new() };
    if let Some((status, error)) = &state.ending {
        let over = Fact::RunEnded { at: inputs.now, status: *status, error: error.clone() };
        return if state.owed.is_empty() { vec![over] } else { Vec::new() };
    }
    if begin.deadline <= inputs.now {
        return ended_early(state, inputs.now, RunStatus::TimedOut, ActionStatus::TimedOut, run_timed_out());
    }
    if let Some(error) = too_large(state, inputs) {
        return ended_early(state, inputs.now, RunStatus::Failed, ActionStatus::Cancelled, error);
    }
    let due = timers(state, inputs.now);
    if !due.is_empty() {
        return due;
    }
    let mut facts = Vec::new();
    for path in &state.active {
        loop_progress(state, inputs, path, &mut facts);
    }
    for frame in &state.frames {
        if frame_progress(state, inputs, frame, &mut facts) {
            break;
        }
    }
    facts
}

fn run_timed_out() -> ActionError {
    ActionError::new("RunTimedOut", "The run took longer than a run may take.")
}

fn too_large(state: &State, inputs: &Inputs<'_>) -> Option<ActionError> {
    let limits = inputs.limits;
    if state.records.len() > limits.actions_per_run {
        let message = format!("The run did more than {} actions, the limit.", limits.actions_per_run);
        return Some(ActionError::new("ActionLimitExceeded", message));
    }
    if inputs.journal_bytes > limits.journal_bytes {
        let message = format!("The run's journal is larger than {} bytes, the limit.", limits.journal_bytes);
        return Some(ActionError::new("JournalLimitExceeded", message));
    }
    None
}

/// The run ends although actions are under way: they get `status`.
pub(super) fn ended_early(
    state: &State,
    at: Timestamp,
    run: RunStatus,
    status: ActionStatus,
    error: ActionError,
) -> Vec<Fact> {
    let mut facts: Vec<Fact> = state
        .active
        .iter()
        .map(|path| Fact::ActionFinished {
            at,
            path: path.clone(),
            status,
            code: error.code.clone(),
            error: Some(error.clone()),
            outputs: None,
        })
        .collect();
    facts.push(run_end(state, at, run, Some(error)));
    facts
}

/// The run ends, at once or when its subscriptions are ended too.
pub(super) fn run_end(state: &State, at: Timestamp, status: RunStatus, error: Option<ActionError>) -> Fact {
    if state.owes() { Fact::RunEnding { at, status, error } } else { Fact::RunEnded { at, status, error } }
}

/// Waits that are over, and actions that took too long.
fn timers(state: &State, now: Timestamp) -> Vec<Fact> {
    let mut facts = Vec::new();
    for path in &state.active {
        let Some(record) = state.records.get(path) else { continue };
        if record.deadline.is_some_and(|deadline| deadline <= now) {
            // The outermost is enough: what is inside ends with it.
            facts.extend(timed_out(state, path, now));
            return facts;
        }
        if matches!(record.doing, Doing::Wait { until } if until <= now) {
            facts.push(finished(path, now, ActionStatus::Succeeded, codes::OK, None));
        }
    }
    facts
}

fn timed_out(state: &State, path: &ActionPath, now: Timestamp) -> Vec<Fact> {
    let inner = ActionError::new(codes::ACTION_TIMED_OUT, format!("The action '{}' timed out.", path.name));
    let inside = |other: &&ActionPath| *other != path && is_inside(state, other, path);
    let mut facts: Vec<Fact> = state
        .active
        .iter()
        .filter(inside)
        .map(|other| {
            finished(other, now, ActionStatus::Cancelled, codes::ACTION_TIMED_OUT, Some(inner.clone()))
        })
        .collect();
    facts.push(finished(path, now, ActionStatus::TimedOut, codes::ACTION_TIMED_OUT, Some(inner)));
    facts
}

/// Whether `path` is an execution inside the execution `container`.
fn is_inside(state: &State, path: &ActionPath, container: &ActionPath) -> bool {
    let ids = state.plan.find(&path.name).zip(state.plan.find(&container.name));
    path.at.starts_with(&container.at) && ids.is_some_and(|(id, outer)| state.plan.is_inside(id, outer))
}

fn finished(
    path: &ActionPath,
    at: Timestamp,
    status: ActionStatus,
    code: &str,
    error: Option<ActionError>,
) -> Fact {
    Fact::ActionFinished { at, path: path.clone(), status, code: code.to_owned(), error, outputs: None }
}

/// Opens iterations of a loop, and ends it.
fn loop_progress(state: &State, inputs: &Inputs<'_>, path: &ActionPath, facts: &mut Vec<Fact>) {
    let Some(record) = state.records.get(path) else { return };
    let (opened, closed) = (record.iterations.opened, record.iterations.closed);
    match &record.doing {
        Doing::Foreach { items, repetitions } => {
            let count = items.value().as_array().map_or(0, Vec::len);
            let count = u32::try_from(count).unwrap_or(u32::MAX);
            if closed >= count {
                facts.push(container_end(path, inputs.now, record.iterations.worst));
                return;
            }
            let free = repetitions.saturating_sub(opened.saturating_sub(closed));
            for index in opened..count.min(opened.saturating_add(free)) {
                facts.push(Fact::IterationOpened { at: inputs.now, path: path.clone(), index });
            }
        }
        Doing::Until { count } if opened == closed => {
            facts.push(match until_is_done(state, inputs, path, closed, *count) {
                Ok(true) => container_end(path, inputs.now, record.iterations.last),
                Ok(false) => Fact::IterationOpened { at: inputs.now, path: path.clone(), index: opened },
                Err(error) => {
                    let code = error.code.clone();
                    finished(path, inputs.now, ActionStatus::Failed, &code, Some(error))
                }
            });
        }
        _ => {}
    }
}

fn until_is_done(
    state: &State,
    inputs: &Inputs<'_>,
    path: &ActionPath,
    closed: u32,
    count: u32,
) -> Result<bool, ActionError> {
    let Some(last) = closed.checked_sub(1) else { return Ok(false) };
    let Some((id, node)) = state.plan.find_node(&path.name) else { return Ok(true) };
    // The test sees the actions of the iteration that has just ended.
    let mut at = path.at.clone();
    at.push(last);
    let mut loops = node.loops.clone();
    loops.push(id);
    let scope = Scope::new(state, &loops, &at, inputs.now, inputs.seed_for(state, path)).of(path);
    if start::until_test(node, &scope)? {
        return Ok(true);
    }
    if closed >= count && node.action.has_option("FailWhenLimitsReached") {
        let message =
            format!("The loop '{}' did {count} iterations, its limit, without its condition.", node.name);
        return Err(ActionError::new(codes::ACTION_FAILED, message));
    }
    Ok(closed >= count)
}

/// A container ends with what its actions came to.
fn container_end(path: &ActionPath, at: Timestamp, status: Option<ActionStatus>) -> Fact {
    let status = status.unwrap_or(ActionStatus::Succeeded);
    let (code, error) = match status {
        ActionStatus::Failed => (codes::ACTION_FAILED, Some(codes::nothing_succeeded())),
        ActionStatus::TimedOut => (
            codes::ACTION_TIMED_OUT,
            Some(ActionError::new(
                codes::ACTION_TIMED_OUT,
                "An action timed out. No dependent actions succeeded.",
            )),
        ),
        _ => (codes::NOT_SPECIFIED, None),
    };
    finished(path, at, status, code, error)
}

/// Starts and skips what is ready in a frame, and closes it. Says whether the round must end here.
fn frame_progress(state: &State, inputs: &Inputs<'_>, frame: &Frame, facts: &mut Vec<Fact>) -> bool {
    let Some(block) = block_of(state, frame) else { return false };
    let at = frame.at();
    let mut all_done = true;
    for id in &block.actions {
        let Some(node) = state.plan.node(*id) else { continue };
        let path = ActionPath::new(&node.name, &at);
        match state.records.get(&path) {
            Some(record) if record.status.is_terminal() => {}
            Some(_) => all_done = false,
            None => {
                all_done = false;
                let before = facts.len();
                match readiness(state, node, &at) {
                    Readiness::NotYet => {}
                    Readiness::Skip(error) => facts.push(skip(state, *id, &at, inputs.now, error)),
                    // A Terminate must see all that was started before it.
                    Readiness::Run if node.ends_the_run() && !facts.is_empty() => return true,
                    Readiness::Run => facts.extend(start::start(state, inputs, node, &path)),
                }
                if facts.get(before..).is_some_and(|new| new.iter().any(changes_others)) {
                    return true;
                }
            }
        }
    }
    if all_done {
        facts.push(close(state, frame, block, &at, inputs.now));
    }
    false
}

fn block_of<'s>(state: &'s State, frame: &Frame) -> Option<&'s Block> {
    let Some(owner) = &frame.owner else { return Some(&state.plan.root) };
    let (_, node) = state.plan.find_node(&owner.name)?;
    node.blocks.iter().find(|block| block.name == frame.branch)
}

/// Facts after which the rest of the round would read an old state.
fn changes_others(fact: &Fact) -> bool {
    matches!(
        fact,
        Fact::VariableDeclared { .. }
            | Fact::VariableSet { .. }
            | Fact::VariableAppended { .. }
            | Fact::Responded { .. }
            | Fact::RunEnding { .. }
            | Fact::RunEnded { .. }
    )
}

enum Readiness {
    NotYet,
    Run,
    Skip(ActionError),
}

/// An action is ready when all it runs after are terminal; it runs when each has a status that it names.
fn readiness(state: &State, node: &Node, at: &[u32]) -> Readiness {
    let mut refused = None;
    for after in &node.run_after {
        let Some(other) = state.plan.node(after.node) else { continue };
        let record = state.records.get(&ActionPath::new(&other.name, at));
        let Some(record) = record.filter(|record| record.status.is_terminal()) else {
            return Readiness::NotYet;
        };
        if !after.statuses.contains(&record.status) && refused.is_none() {
            refused = Some((other, record.status, &after.statuses));
        }
    }
    let Some((other, actual, expected)) = refused else { return Readiness::Run };
    let expected: Vec<&str> = expected.iter().map(|status| status.name()).collect();
    let message = format!(
        "The execution of template action '{}' is skipped: the 'runAfter' condition for action '{}' is not \
         satisfied. Expected status values '{}' and actual value '{}'.",
        node.name,
        other.name,
        expected.join(", "),
        actual.name()
    );
    let skipped = actual == ActionStatus::Skipped;
    let code = if skipped { codes::DEPENDENCY_FAILED } else { codes::CONDITION_FAILED };
    Readiness::Skip(ActionError::new(code, message))
}

/// An action is skipped, and with it all that is inside.
fn skip(state: &State, id: NodeId, at: &[u32], now: Timestamp, error: ActionError) -> Fact {
    Fact::ActionsSkipped {
        at: now,
        names: state.plan.names_from(id),
        iterations: at.to_vec(),
        code: codes::ACTION_SKIPPED.to_owned(),
        error,
    }
}

fn close(state: &State, frame: &Frame, block: &Block, at: &[u32], now: Timestamp) -> Fact {
    let status = outcome(state, block, at);
    match (&frame.owner, frame.iteration) {
        (None, _) => {
            let (status, error) = match status {
                ActionStatus::Failed => (RunStatus::Failed, Some(codes::nothing_succeeded())),
                ActionStatus::TimedOut => (
                    RunStatus::TimedOut,
                    Some(ActionError::new(codes::ACTION_TIMED_OUT, "An action timed out.")),
                ),
                _ => (RunStatus::Succeeded, None),
            };
            run_end(state, now, status, error)
        }
        (Some(path), Some(index)) => Fact::IterationClosed { at: now, path: path.clone(), index, status },
        (Some(path), None) => {
            let mut end = container_end(path, now, Some(status));
            if let Fact::ActionFinished { outputs, .. } = &mut end {
                *outputs = state.records.get(path).and_then(start::branch_outputs);
            }
            end
        }
    }
}

/// What the actions of a block came to: its leaves count; a leaf that was skipped is replaced by those that
/// it runs after, and so on.
fn outcome(state: &State, block: &Block, at: &[u32]) -> ActionStatus {
    let mut pending: Vec<NodeId> = block.leaves.clone();
    let mut seen: Vec<NodeId> = Vec::new();
    let mut counted = Vec::new();
    while let Some(id) = pending.pop() {
        if seen.contains(&id) {
            continue;
        }
        seen.push(id);
        let Some(node) = state.plan.node(id) else { continue };
        match state.records.get(&ActionPath::new(&node.name, at)).map(|record| record.status) {
            Some(ActionStatus::Skipped) => pending.extend(node.run_after.iter().map(|after| after.node)),
            Some(status) => counted.push(status),
            None => {}
        }
    }
    combine(counted)
}

/// Everything that is not finished is skipped, with code `Terminated`.
pub(super) fn terminated(state: &State, by: &ActionPath, now: Timestamp) -> Vec<Fact> {
    let error = ActionError::new(
        codes::TERMINATED,
        format!("The run was ended by the Terminate action '{}'.", by.name),
    );
    let mut facts: Vec<Fact> = state
        .active
        .iter()
        .filter(|path| *path != by)
        .map(|path| finished(path, now, ActionStatus::Skipped, codes::TERMINATED, Some(error.clone())))
        .collect();
    for frame in &state.frames {
        let at = frame.at();
        let Some(block) = block_of(state, frame) else { continue };
        let mut names = Vec::new();
        for id in &block.actions {
            let Some(node) = state.plan.node(*id) else { continue };
            let path = ActionPath::new(&node.name, &at);
            if path != *by && !state.records.contains_key(&path) {
                names.extend(state.plan.names_from(*id));
            }
        }
        if !names.is_empty() {
            facts.push(Fact::ActionsSkipped {
                at: now,
                names,
                iterations: at,
                code: codes::TERMINATED.to_owned(),
                error: error.clone(),
            });
        }
    }
    facts
}

/// The branches of a container that are not taken: their actions are skipped.
pub(super) fn not_taken(state: &State, node: &Node, taken: &str, at: &[u32], now: Timestamp) -> Option<Fact> {
    let error = ActionError::new(
        codes::BRANCH_NOT_TAKEN,
        "The action was skipped: the branching condition for this action is not satisfied.",
    );
    skip_blocks(state, node.blocks.iter().filter(|block| block.name != taken), at, now, error)
}

/// The actions inside a container that could not begin: they are skipped.
pub(super) fn not_run(state: &State, node: &Node, at: &[u32], now: Timestamp) -> Option<Fact> {
    let message = format!("The action was skipped: the action '{}' around it did not begin.", node.name);
    skip_blocks(state, node.blocks.iter(), at, now, ActionError::new(codes::DEPENDENCY_FAILED, message))
}

fn skip_blocks<'b>(
    state: &State,
    blocks: impl Iterator<Item = &'b Block>,
    at: &[u32],
    now: Timestamp,
    error: ActionError,
) -> Option<Fact> {
    let names: Vec<String> =
        blocks.flat_map(|block| &block.actions).flat_map(|id| state.plan.names_from(*id)).collect();
    let code = codes::ACTION_SKIPPED.to_owned();
    (!names.is_empty()).then(|| Fact::ActionsSkipped { at: now, names, iterations: at.to_vec(), code, error })
}
