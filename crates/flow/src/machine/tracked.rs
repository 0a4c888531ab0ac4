//! Tracked properties: what a flow wants to find again, evaluated when an action ends.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::Inputs;
use super::fact::{ActionPath, Fact};
use super::scope::Scope;
use super::state::{Record, State};
use crate::limits::TRACKED_CHARACTERS;

/// Adds the tracked properties of the actions that end in `facts`. One that has no value does not fail its
/// action: the reason is recorded in its place.
pub(super) fn track(state: &State, inputs: &Inputs<'_>, facts: &mut Vec<Fact>) {
    let mut begun: BTreeMap<&ActionPath, Record> = BTreeMap::new();
    let mut found = Vec::new();
    for fact in facts.iter() {
        match fact {
            Fact::ActionStarted { at, path, inputs, doing, deadline } if tracks(state, path) => {
                let record = Record::started(&path.name, *at, inputs.as_ref(), doing.clone(), *deadline);
                begun.insert(path, record);
            }
            Fact::ActionFinished { at, path, status, code, error, outputs } if tracks(state, path) => {
                let record = begun.remove(path).or_else(|| state.records.get(path).cloned());
                let Some(mut record) = record else { continue };
                record.end(*at, *status, code, error.as_ref(), outputs.as_ref());
                found.extend(evaluate(state, inputs, path, &record));
            }
            _ => {}
        }
    }
    facts.extend(found);
}

fn tracks(state: &State, path: &ActionPath) -> bool {
    state.plan.find_node(&path.name).is_some_and(|(_, node)| node.action.tracked.is_some())
}

fn evaluate(state: &State, inputs: &Inputs<'_>, path: &ActionPath, record: &Record) -> Option<Fact> {
    let (_, node) = state.plan.find_node(&path.name)?;
    let tree = node.action.tracked.as_ref()?;
    let seed = inputs.seed_for(state, path);
    let scope = Scope::new(state, &node.loops, &path.at, inputs.now, seed).with_record(record);
    let problem = |message: String| json!({"error": {"code": "TrackedPropertiesFailed", "message": message}});
    let properties = match tree.evaluate(&scope) {
        Ok(value) if size(&value) > TRACKED_CHARACTERS => {
            problem(format!("They have more than {TRACKED_CHARACTERS} characters, the limit."))
        }
        Ok(value) => value,
        Err(error) => problem(error.in_action(&node.name).message),
    };
    Some(Fact::PropertiesTracked { path: path.clone(), properties: properties.into() })
}

fn size(value: &Value) -> usize {
    value.to_string().chars().count()
}
