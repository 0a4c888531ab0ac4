//! Taking over from a run that ended: what the new run's journal begins with.
//!
//! Some executions are done anew, and with them all that ran after them; whatever else the old run did is
//! copied, so that it is neither executed nor called again. The containers around a redone execution are open
//! again. A loop keeps its other iterations, except that those of an Until after the redone one go: they came
//! from it. A variable keeps the values that the copied actions gave it.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::fact::{ActionPath, Doing, Fact, Trigger};
use super::plan::{NodeId, Plan};
use super::state::{ACTIONS, State};
use super::status::ActionStatus;

/// Why a run cannot take over.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RestartError {
    /// The old run has nothing that failed, and no action was named.
    #[error("no action of the run failed; name the action to restart from")]
    NothingFailed,
    /// The action is not in the version that the new run follows.
    #[error("'{0}' is not an action of this version of the flow")]
    UnknownAction(String),
    /// The action was not reached: what is around it was not executed.
    #[error("the old run did not come to '{0}': '{1}' around it was not executed")]
    NotReached(ActionPath, String),
    /// What the old run did does not fit the version that the new run follows.
    #[error("'{0}' is built differently in this version of the flow; restart with the run's own version")]
    Changed(ActionPath),
}

/// The innermost executions of an ended run that failed, timed out or were cancelled.
pub fn failed(state: &State) -> Vec<ActionPath> {
    let bad =
        |status| matches!(status, ActionStatus::Failed | ActionStatus::TimedOut | ActionStatus::Cancelled);
    let all: Vec<&ActionPath> =
        state.records().filter(|(_, record)| bad(record.status)).map(|(path, _)| path).collect();
    let holds_another =
        |path: &ActionPath| all.iter().any(|other| *other != path && is_inside(state.plan(), other, path));
    all.iter().filter(|path| !holds_another(path)).map(|path| (*path).clone()).collect()
}

fn is_inside(plan: &Plan, path: &ActionPath, container: &ActionPath) -> bool {
    let ids = plan.find(&path.name).zip(plan.find(&container.name));
    path.at.starts_with(&container.at) && ids.is_some_and(|(id, outer)| plan.is_inside(id, outer))
}

/// The facts that a run begins with which follows `plan` and takes over from the run with the facts `old`,
/// doing the executions `from` anew.
///
/// # Errors
/// [`RestartError`] when `from` is empty, or the old run does not fit.
pub fn restart(
    plan: &Plan,
    old: &[Fact],
    from: &[ActionPath],
    trigger: Trigger,
    at: Timestamp,
    deadline: Timestamp,
) -> Result<Vec<Fact>, RestartError> {
    if from.is_empty() {
        return Err(RestartError::NothingFailed);
    }
    let mut redone = Redone::default();
    for path in from {
        redone.add(plan, path)?;
    }
    let taken: BTreeMap<&ActionPath, &str> = old.iter().filter_map(taken).collect();
    for (container, reopened) in &redone.reopened {
        if taken.get(container) != Some(&reopened.branch.as_str()) {
            return Err(RestartError::NotReached(reopened.by.clone(), container.name.clone()));
        }
    }
    let mut facts = vec![Fact::RunStarted { at, trigger, deadline }];
    let mut doing: Option<&ActionPath> = None;
    for fact in old {
        if let Fact::ActionStarted { path, doing: does, .. } = fact {
            fits(plan, path, does)?;
            doing = matches!(does, Doing::Value).then_some(path);
        }
        facts.extend(redone.kept(plan, fact, doing));
        if matches!(fact, Fact::ActionFinished { path, .. } if doing == Some(path)) {
            doing = None;
        }
    }
    Ok(facts)
}

/// The branch that a container took.
fn taken(fact: &Fact) -> Option<(&ActionPath, &str)> {
    let Fact::ActionStarted { path, doing, .. } = fact else { return None };
    Some((path, branch(doing)?))
}

fn branch(doing: &Doing) -> Option<&str> {
    match doing {
        Doing::Branch { branch } => Some(branch),
        Doing::Foreach { .. } | Doing::Until { .. } => Some(ACTIONS),
        _ => None,
    }
}

/// A branch that the old run took must be there, or the new one would wait in it for ever.
fn fits(plan: &Plan, path: &ActionPath, doing: &Doing) -> Result<(), RestartError> {
    let Some((_, node)) = plan.find_node(&path.name) else { return Ok(()) };
    let Some(branch) = branch(doing) else { return Ok(()) };
    let there = node.blocks.iter().any(|block| block.name == branch) && node.loops.len() == path.at.len();
    if there { Ok(()) } else { Err(RestartError::Changed(path.clone())) }
}

/// A container that is open again.
struct Reopened {
    /// The execution in it that is the reason.
    by: ActionPath,
    /// The branch that this execution stands in.
    branch: String,
}

/// Which executions are done anew.
#[derive(Default)]
struct Redone {
    /// Actions, each in these iterations; with all that is inside.
    actions: BTreeMap<NodeId, BTreeSet<Vec<u32>>>,
    /// Containers that are open again.
    reopened: BTreeMap<ActionPath, Reopened>,
    /// Iterations of loops that are open again.
    iterations: BTreeSet<(ActionPath, u32)>,
    /// Loops whose iterations after this one are gone.
    cut: BTreeMap<ActionPath, u32>,
}

impl Redone {
    fn add(&mut self, plan: &Plan, from: &ActionPath) -> Result<(), RestartError> {
        let unknown = || RestartError::UnknownAction(from.to_string());
        let (mut id, node) = plan.find_node(&from.name).ok_or_else(unknown)?;
        if node.loops.len() != from.at.len() {
            return Err(unknown());
        }
        let mut at = from.at.clone();
        self.actions.entry(id).or_default().insert(at.clone());
        loop {
            for follower in plan.followers(id) {
                self.actions.entry(follower).or_default().insert(at.clone());
            }
            let Some((parent, container)) = plan.parent(id) else { return Ok(()) };
            let outer = at.get(..container.loops.len()).unwrap_or_default().to_vec();
            let path = ActionPath::new(&container.name, &outer);
            if let Some(index) = at.get(container.loops.len()) {
                self.iterations.insert((path.clone(), *index));
                if container.repeats_until() {
                    let first = self.cut.entry(path.clone()).or_insert(*index);
                    *first = (*first).min(*index);
                }
            }
            let branch = container.blocks.iter().find(|block| block.actions.contains(&id));
            let branch = branch.map(|block| block.name.clone()).unwrap_or_default();
            self.reopened.insert(path, Reopened { by: from.clone(), branch });
            (id, at) = (parent, outer);
        }
    }

    /// Whether this execution is done anew, or belongs to an iteration that is gone.
    fn has(&self, plan: &Plan, path: &ActionPath) -> bool {
        // What the plan does not know, or has in other loops, cannot be taken over.
        let Some((id, node)) = plan.find_node(&path.name) else { return true };
        if node.loops.len() != path.at.len() {
            return true;
        }
        let listed = |id: NodeId| {
            self.actions.get(&id).is_some_and(|places| places.iter().any(|at| path.at.starts_with(at)))
        };
        let mut around = std::iter::successors(Some(id), |id| plan.parent(*id).map(|(parent, _)| parent));
        around.any(listed) || self.cut.iter().any(|(until, last)| is_after(plan, path, until, *last))
    }

    /// The fact as the new run has it; `doing` is the action that changes variables at this point.
    fn kept(&self, plan: &Plan, fact: &Fact, doing: Option<&ActionPath>) -> Option<Fact> {
        let keep = match fact {
            Fact::RunStarted { .. } | Fact::RunEnding { .. } | Fact::RunEnded { .. } => false,
            // Nobody waits for the new run.
            Fact::Responded { .. } => false,
            Fact::ActionFinished { path, .. } => !self.has(plan, path) && !self.reopened.contains_key(path),
            Fact::ActionStarted { path, .. }
            | Fact::AttemptFailed { path, .. }
            | Fact::CallPostponed { path, .. }
            | Fact::CallContinues { path, .. }
            | Fact::Accepted { path, .. }
            | Fact::Unsubscribed { path, .. }
            | Fact::PropertiesTracked { path, .. } => !self.has(plan, path),
            Fact::IterationOpened { path, index, .. } => {
                !self.has(plan, path) && self.cut.get(path).is_none_or(|last| index <= last)
            }
            Fact::IterationClosed { path, index, .. } => {
                !self.has(plan, path)
                    && self.cut.get(path).is_none_or(|last| index <= last)
                    && !self.iterations.contains(&(path.clone(), *index))
            }
            Fact::VariableDeclared { .. } | Fact::VariableSet { .. } | Fact::VariableAppended { .. } => {
                doing.is_none_or(|path| !self.has(plan, path))
            }
            Fact::ActionsSkipped { at, names, iterations, code, error } => {
                return self.still_skipped(plan, names, iterations).map(|names| Fact::ActionsSkipped {
                    at: *at,
                    names,
                    iterations: iterations.clone(),
                    code: code.clone(),
                    error: error.clone(),
                });
            }
        };
        keep.then(|| fact.clone())
    }

    fn still_skipped(&self, plan: &Plan, names: &[String], at: &[u32]) -> Option<Vec<String>> {
        let kept: Vec<String> = names.iter().filter(|name| !self.skip_has(plan, name, at)).cloned().collect();
        (!kept.is_empty()).then_some(kept)
    }

    /// Skipped actions inside a skipped loop have the iterations around that loop only.
    fn skip_has(&self, plan: &Plan, name: &str, at: &[u32]) -> bool {
        let Some((id, _)) = plan.find_node(name) else { return true };
        let listed = |id: NodeId| {
            self.actions.get(&id).is_some_and(|places| places.iter().any(|place| at.starts_with(place)))
        };
        let mut around = std::iter::successors(Some(id), |id| plan.parent(*id).map(|(parent, _)| parent));
        let path = ActionPath::new(name, at);
        around.any(listed) || self.cut.iter().any(|(until, last)| is_after(plan, &path, until, *last))
    }
}

fn is_after(plan: &Plan, path: &ActionPath, until: &ActionPath, last: u32) -> bool {
    is_inside(plan, path, until) && path.at.get(until.at.len()).is_some_and(|index| *index > last)
}
