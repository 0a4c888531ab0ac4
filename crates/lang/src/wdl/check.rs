//! The checks that need to see the whole definition: names, references, order.

use super::build::Facts;
use super::limits;
use crate::diagnose::{Diagnostic, did_you_mean};
use std::collections::HashMap;

/// Actions up to which the order is looked at; the table of it grows with the square. Definitions with more
/// than [`limits::ACTIONS`] are refused anyway.
const ORDERED: usize = 2 * limits::ACTIONS;

/// Everything that can be said once all names are known.
pub(super) fn check(facts: &Facts) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    counts(facts, &mut found);
    duplicate_names(facts, &mut found);
    if facts.actions.len() > ORDERED {
        return found;
    }
    let order = Order::new(facts);
    predecessors(facts, &mut found);
    cycles(facts, &order, &mut found);
    places(facts, &mut found);
    changed_variables(facts, &order, &mut found);
    uses(facts, &order, &mut found);
    found
}

fn counts(facts: &Facts, found: &mut Vec<Diagnostic>) {
    if let Some(extra) = facts.actions.get(limits::ACTIONS) {
        let message =
            format!("a flow may have {} actions; this one has {}", limits::ACTIONS, facts.actions.len());
        found.push(Diagnostic::error("tooManyActions", message, extra.span));
    }
    if let Some(extra) = facts.variables.get(limits::VARIABLES).and_then(|extra| facts.actions.get(extra.by))
    {
        let message = format!(
            "a flow may have {} variables; this one has {}",
            limits::VARIABLES,
            facts.variables.len()
        );
        found.push(Diagnostic::error("tooManyVariables", message, extra.span));
    }
}

fn duplicate_names(facts: &Facts, found: &mut Vec<Diagnostic>) {
    let mut seen: HashMap<&str, &str> = HashMap::new();
    for action in &facts.actions {
        if let Some(first) = seen.insert(&action.lower, &action.name) {
            let message = format!(
                "there is another action '{first}' in this flow; names must differ in more than letter case"
            );
            let suggestion = Some("rename one of them".to_owned());
            found.push(Diagnostic::error("duplicateName", message, action.span).suggest(suggestion));
        }
    }
}

/// Who runs before whom, within each container.
struct Order {
    /// For each action, whether each other one runs before it, directly or not.
    all_before: Vec<Vec<bool>>,
}

impl Order {
    fn new(facts: &Facts) -> Self {
        let mut before = vec![Vec::new(); facts.actions.len()];
        for container in &facts.containers {
            let by_name: HashMap<&str, usize> = container
                .actions
                .iter()
                .filter_map(|number| {
                    facts.actions.get(*number).map(|action| (action.lower.as_str(), *number))
                })
                .collect();
            for number in &container.actions {
                let names =
                    facts.actions.get(*number).map(|action| action.run_after.as_slice()).unwrap_or_default();
                let numbers = names.iter().filter_map(|(name, _)| by_name.get(name.to_lowercase().as_str()));
                if let Some(list) = before.get_mut(*number) {
                    list.extend(numbers);
                }
            }
        }
        let all_before = (0..before.len()).map(|action| reach(&before, action)).collect();
        Self { all_before }
    }

    /// Whether `first` runs before `then` in the same container.
    fn is_before(&self, first: usize, then: usize) -> bool {
        self.all_before.get(then).and_then(|row| row.get(first)).copied().unwrap_or(false)
    }
}

/// What can be reached from an action by going to predecessors.
fn reach(before: &[Vec<usize>], action: usize) -> Vec<bool> {
    let mut seen = vec![false; before.len()];
    let mut open = vec![action];
    while let Some(next) = open.pop() {
        for predecessor in before.get(next).map(Vec::as_slice).unwrap_or_default() {
            if let Some(flag) = seen.get_mut(*predecessor)
                && !*flag
            {
                *flag = true;
                open.push(*predecessor);
            }
        }
    }
    seen
}

/// Predecessors must stand in the same container.
fn predecessors(facts: &Facts, found: &mut Vec<Diagnostic>) {
    for container in &facts.containers {
        let here: Vec<_> = container.actions.iter().filter_map(|number| facts.actions.get(*number)).collect();
        for (name, span) in here.iter().flat_map(|action| &action.run_after) {
            let lower = name.to_lowercase();
            if here.iter().any(|action| action.lower == lower) {
                continue;
            }
            let diagnostic = if facts.find(name).is_some() {
                let message = format!("runAfter names '{name}', which stands in another container");
                let hint = "an action can run only after actions of its own container; let the container run \
                            after it";
                Diagnostic::error("otherContainer", message, *span).suggest(Some(hint.to_owned()))
            } else {
                let near = did_you_mean(name, here.iter().map(|action| action.name.as_str()));
                let message = format!("runAfter names '{name}', which is no action of this container");
                let suggestion = near.map(|near| format!("did you mean '{near}'?"));
                Diagnostic::error("unknownPredecessor", message, *span).suggest(suggestion)
            };
            found.push(diagnostic);
        }
    }
}

fn cycles(facts: &Facts, order: &Order, found: &mut Vec<Diagnostic>) {
    for (action, fact) in facts.actions.iter().enumerate() {
        if order.is_before(action, action) {
            let span = fact.run_after.first().map_or(fact.span, |(_, span)| *span);
            let message = format!(
                "'{}' runs after itself: the runAfter of its predecessors leads back to it",
                fact.name
            );
            found.push(Diagnostic::error("runAfterCycle", message, span));
        }
    }
}

/// What may stand only at certain places.
fn places(facts: &Facts, found: &mut Vec<Diagnostic>) {
    for (number, action) in facts.actions.iter().enumerate() {
        let in_loop = facts.ancestors(number).any(|outer| is_loop(facts, outer));
        let nested = facts.parent(number).is_some();
        let mistake = match action.kind.as_str() {
            "initializevariable" if nested => Some((
                "initializeNotAtTop",
                "variables can be initialized only at the top level of a flow",
                "initialize it at the top and use Set variable here",
            )),
            "terminate" if in_loop => Some((
                "terminateInLoop",
                "Terminate cannot stand in a loop",
                "set a variable in the loop and terminate after it",
            )),
            "response" if in_loop => {
                Some(("responseInLoop", "Response cannot stand in a loop", "answer after the loop"))
            }
            "response" if !facts.request_trigger => Some((
                "responseWithoutRequest",
                "Response answers the caller of a Request trigger; this flow has none",
                "use a Request trigger, or remove it",
            )),
            _ => None,
        };
        if let Some((code, message, suggestion)) = mistake {
            found.push(Diagnostic::error(code, message, action.span).suggest(Some(suggestion.to_owned())));
        }
    }
}

fn is_loop(facts: &Facts, action: usize) -> bool {
    facts.actions.get(action).is_some_and(|action| matches!(action.kind.as_str(), "foreach" | "until"))
}

fn changed_variables(facts: &Facts, order: &Order, found: &mut Vec<Diagnostic>) {
    for (number, action) in facts.actions.iter().enumerate() {
        let Some((name, span)) = &action.changes else { continue };
        let Some(variable) = facts.variable(name) else {
            found.push(unknown_variable(facts, name, *span));
            continue;
        };
        let wanted = match action.kind.as_str() {
            "incrementvariable" | "decrementvariable" => &["integer", "float"][..],
            "appendtoarrayvariable" => &["array"],
            "appendtostringvariable" => &["string"],
            _ => &[],
        };
        if !wanted.is_empty() && !wanted.contains(&variable.kind.as_str()) {
            let message = format!(
                "this needs a variable of type {}; '{}' is of type {}",
                wanted.join(" or "),
                variable.name,
                variable.kind.as_str()
            );
            found.push(Diagnostic::error("variableType", message, *span));
        }
        if !runs_before(facts, order, variable.by, number) {
            let message = format!("'{name}' may be changed here before it is initialized");
            found.push(Diagnostic::warning("notOnRunAfterPath", message, *span));
        }
    }
}

fn unknown_variable(facts: &Facts, name: &str, span: crate::diagnose::Span) -> Diagnostic {
    let near = did_you_mean(name, facts.variables.iter().map(|variable| variable.name.as_str()));
    let suggestion = near
        .map(|near| format!("did you mean '{near}'?"))
        .or_else(|| Some("initialize it with Initialize variable".to_owned()));
    Diagnostic::error("unknownVariable", format!("the variable '{name}' is never initialized"), span)
        .suggest(suggestion)
}

/// Whether `first` (or a container around it) runs before `then` (or a container around it), or `first` stands
/// inside `then`, as for the condition of an Until.
fn runs_before(facts: &Facts, order: &Order, first: usize, then: usize) -> bool {
    let around_first: Vec<usize> = std::iter::once(first).chain(facts.ancestors(first)).collect();
    if first != then && around_first.contains(&then) {
        return true;
    }
    std::iter::once(then)
        .chain(facts.ancestors(then))
        .any(|outer| around_first.iter().any(|before| order.is_before(*before, outer)))
}

fn uses(facts: &Facts, order: &Order, found: &mut Vec<Diagnostic>) {
    for one in &facts.uses {
        if found.len() > limits::DIAGNOSTICS {
            return; // more would not be shown
        }
        match one.function.as_str() {
            "variables" => variable_use(facts, order, one, found),
            "parameters" => {
                let known = facts.parameters.contains(&one.name.to_lowercase());
                if !known && !one.name.starts_with('$') {
                    let near = did_you_mean(&one.name, facts.parameters.iter().map(String::as_str));
                    let message = format!("the parameter '{}' is not declared", one.name);
                    let suggestion = near.map(|near| format!("did you mean '{near}'?"));
                    found
                        .push(Diagnostic::warning("unknownParameter", message, one.span).suggest(suggestion));
                }
            }
            "items" | "iterationindexes" => loop_use(facts, one, found),
            _ => action_use(facts, order, one, found),
        }
    }
}

fn variable_use(facts: &Facts, order: &Order, one: &super::build::Use, found: &mut Vec<Diagnostic>) {
    let Some(variable) = facts.variable(&one.name) else {
        found.push(unknown_variable(facts, &one.name, one.span));
        return;
    };
    let Some(owner) = one.owner else { return };
    let changes = facts.actions.get(owner).and_then(|action| action.changes.as_ref());
    if changes.is_some_and(|(name, _)| name.eq_ignore_ascii_case(&one.name)) {
        let message = format!("an action cannot use the variable '{}' that it changes", one.name);
        let suggestion = Some("put the new value into a Compose action first".to_owned());
        found.push(Diagnostic::error("selfReference", message, one.span).suggest(suggestion));
    } else if owner == variable.by || !runs_before(facts, order, variable.by, owner) {
        let message = format!("'{}' may be used here before it is initialized", one.name);
        found.push(Diagnostic::warning("notOnRunAfterPath", message, one.span));
    }
}

fn loop_use(facts: &Facts, one: &super::build::Use, found: &mut Vec<Diagnostic>) {
    let lower = one.name.to_lowercase();
    let loops: Vec<&str> = one
        .owner
        .into_iter()
        .flat_map(|owner| std::iter::once(owner).chain(facts.ancestors(owner)))
        .filter(|outer| is_loop(facts, *outer))
        .filter_map(|outer| facts.actions.get(outer))
        .map(|action| action.name.as_str())
        .collect();
    if !loops.iter().any(|name| name.to_lowercase() == lower) {
        let message = format!("'{}' is no loop around this place", one.name);
        let near = did_you_mean(&one.name, loops.iter().copied()).or_else(|| loops.first().copied());
        let suggestion = near.map(|near| format!("did you mean '{near}'?"));
        found.push(Diagnostic::error("unknownLoop", message, one.span).suggest(suggestion));
    }
}

fn action_use(facts: &Facts, order: &Order, one: &super::build::Use, found: &mut Vec<Diagnostic>) {
    let Some(action) = facts.find(&one.name) else {
        let near = did_you_mean(&one.name, facts.actions.iter().map(|action| action.name.as_str()));
        let message = format!("there is no action '{}' in this flow", one.name);
        let suggestion = near.map(|near| format!("did you mean '{near}'?"));
        found.push(Diagnostic::error("unknownAction", message, one.span).suggest(suggestion));
        return;
    };
    if let Some(owner) = one.owner
        && !runs_before(facts, order, action, owner)
    {
        let message =
            format!("'{}' is not on a runAfter path to this action, so it may not have run yet", one.name);
        found.push(Diagnostic::warning("notOnRunAfterPath", message, one.span));
    }
}
