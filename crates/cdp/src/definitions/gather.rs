//! From trees of several files to the parts of the model, each with the node that it was made from.

use serde::de::DeserializeOwned;

use super::model::{
    Activity, AutoDeactivation, Connection, DataSource, Export, FailingFlows, Measure, OwnSchedule,
    Relationship, Schedule, SearchDefinition, Segment, Threshold, Unification,
};
use super::node::{Entry, Node};
use super::problem::{Place, Problems};

/// A part of the definitions: its node, and its value when the node has the right shape.
pub(super) struct Part<T> {
    pub(super) node: Node,
    pub(super) value: Option<T>,
}

/// All parts of the definitions, from all files.
pub(super) struct Parts {
    pub(super) instance: Option<String>,
    pub(super) data_sources: Vec<Part<DataSource>>,
    pub(super) relationships: Vec<Part<Relationship>>,
    pub(super) unification: Option<Part<Unification>>,
    pub(super) activities: Vec<Part<Activity>>,
    pub(super) measures: Vec<Part<Measure>>,
    pub(super) segments: Vec<Part<Segment>>,
    pub(super) schedule: Option<Part<Schedule>>,
    pub(super) schedules: Vec<Part<OwnSchedule>>,
    pub(super) auto_deactivation: Option<Part<AutoDeactivation>>,
    pub(super) failing_flows: Option<Part<FailingFlows>>,
    pub(super) search: Option<Part<SearchDefinition>>,
    pub(super) exports: Vec<Part<Export>>,
    pub(super) connections: Vec<NamedPart<Connection>>,
    pub(super) thresholds: Vec<Part<Threshold>>,
}

/// A part that has its name from a key.
pub(super) struct NamedPart<T> {
    pub(super) name: String,
    pub(super) key_place: Place,
    pub(super) part: Part<T>,
}

/// Takes the parts out of the roots of all files. What has the wrong shape was noted before and has no value.
pub(super) fn gather(roots: &[Node], problems: &mut Problems) -> Parts {
    let instance = only(roots, "instance", problems);
    only(roots, "flows", problems);
    Parts {
        instance: instance.and_then(|entry| entry.node.text()).map(str::to_owned),
        data_sources: list(roots, "dataSources", problems),
        relationships: list(roots, "relationships", problems),
        unification: single(roots, "unification", problems),
        activities: list(roots, "activities", problems),
        measures: list(roots, "measures", problems),
        segments: list(roots, "segments", problems),
        schedule: single(roots, "schedule", problems),
        schedules: list(roots, "schedules", problems),
        auto_deactivation: single(roots, "autoDeactivation", problems),
        failing_flows: single(roots, "failingFlows", problems),
        search: single(roots, "search", problems),
        exports: list(roots, "exports", problems),
        connections: named(roots, "connections", problems),
        thresholds: list(roots, "thresholds", problems),
    }
}

fn list<T: DeserializeOwned>(roots: &[Node], key: &str, problems: &mut Problems) -> Vec<Part<T>> {
    let nodes = roots.iter().filter_map(|root| root.get(key)).flat_map(Node::items);
    nodes.map(|node| part(node, problems)).collect()
}

fn single<T: DeserializeOwned>(roots: &[Node], key: &str, problems: &mut Problems) -> Option<Part<T>> {
    let entry = only(roots, key, problems)?;
    (!entry.node.entries().is_empty()).then(|| part(&entry.node, problems))
}

fn named<T: DeserializeOwned>(roots: &[Node], key: &str, problems: &mut Problems) -> Vec<NamedPart<T>> {
    let entries = roots.iter().filter_map(|root| root.get(key)).flat_map(Node::entries);
    let named = entries.map(|entry| NamedPart {
        name: entry.key.clone(),
        key_place: entry.key_place,
        part: part(&entry.node, problems),
    });
    named.collect()
}

/// The entry of a key that only one file may have.
fn only<'n>(roots: &'n [Node], key: &str, problems: &mut Problems) -> Option<&'n Entry> {
    let mut entries = roots.iter().filter_map(|root| root.entry(key));
    let first = entries.next();
    for other in entries {
        let message = format!("`{key}` is already given in another file");
        problems.error(other.key_place, "duplicateKey", message);
    }
    first
}

fn part<T: DeserializeOwned>(node: &Node, problems: &mut Problems) -> Part<T> {
    let value = match serde_json::from_value(node.to_json()) {
        Ok(value) => Some(value),
        Err(error) => {
            // The table and the model say the same, so an error here was noted with its exact place before.
            if problems.errors() == 0 {
                problems.error(node.head(), "wrongShape", format!("this cannot be read: {error}"));
            }
            None
        }
    };
    Part { node: node.clone(), value }
}
