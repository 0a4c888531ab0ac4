//! What the shape alone cannot say: names that are used twice, references to what is not there, settings that
//! contradict each other.

mod activities;
mod connections;
mod exports;
mod insights;
mod names;
mod paths;
mod queries;
mod schedules;
mod search;
mod thresholds;
mod unification;

pub(super) use paths::{calculated_paths, paths_of};

use std::collections::BTreeMap;

use lang::diagnose::did_you_mean;

use super::gather::Parts;
use super::model::{CUSTOMER, Unification};
use super::node::Node;
use super::problem::{Place, Problems};

/// What is known about entities besides the definitions: read from the files or from the last snapshot.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Known {
    /// The attributes of entities by the entities' full names. References to attributes of entities that are
    /// not here are not checked.
    pub attributes: BTreeMap<String, Vec<String>>,
    /// The attributes that customers had at the last refresh, when the same unification makes them now.
    pub profile: Option<Vec<String>>,
}

/// Notes everything that is wrong between the parts.
pub(super) fn check(parts: &Parts, known: &Known, problems: &mut Problems) {
    names::check(parts, problems);
    let mut checker = Checker { names: Names::of(parts), known, problems };
    for part in &parts.relationships {
        if let Some(relationship) = &part.value {
            let (from, to) = (part.node.place_of("from"), part.node.place_of("to"));
            checker.attribute(&relationship.from.entity, &relationship.from.attribute, from);
            checker.attribute(&relationship.to.entity, &relationship.to.attribute, to);
        }
    }
    unification::check(parts, &mut checker);
    activities::check(parts, &mut checker);
    insights::check(parts, &mut checker);
    queries::check(parts, &mut checker);
    schedules::check(parts, &mut checker);
    thresholds::check(parts, &mut checker);
    exports::check(parts, &mut checker);
    search::check(parts, &mut checker);
    connections::check(parts, checker.problems);
}

/// The names that may be referred to; names of parts with mistakes too, so that one mistake is told once.
struct Names {
    /// Full names of source entities.
    entities: Vec<String>,
    /// Entities that unification makes; Customer even without a unification.
    unified: Vec<String>,
    measures: Vec<String>,
    segments: Vec<String>,
}

impl Names {
    fn of(parts: &Parts) -> Self {
        let name = |node: &Node| node.get("name").and_then(Node::text).map(str::to_owned);
        let mut entities = Vec::new();
        for source in &parts.data_sources {
            let source_name = name(&source.node).unwrap_or_default();
            let items = source.node.get("entities").map(Node::items).unwrap_or_default();
            entities.extend(items.iter().filter_map(name).map(|entity| format!("{source_name}_{entity}")));
        }
        let unification = parts.unification.as_ref().and_then(|part| part.value.as_ref());
        let unified = unification.map_or_else(|| vec![CUSTOMER.to_owned()], Unification::makes);
        Self {
            entities,
            unified,
            measures: parts.measures.iter().filter_map(|part| name(&part.node)).collect(),
            segments: parts.segments.iter().filter_map(|part| name(&part.node)).collect(),
        }
    }
}

struct Checker<'a> {
    names: Names,
    known: &'a Known,
    problems: &'a mut Problems,
}

impl Checker<'_> {
    /// Notes when no source entity has this name; says whether one has.
    fn source_entity(&mut self, name: &str, at: Place) -> bool {
        let entities = &self.names.entities;
        if entities.iter().any(|entity| entity == name) {
            return true;
        }
        let by_end = entities.iter().find(|entity| entity.ends_with(&format!("_{name}")));
        let near =
            by_end.map(String::as_str).or_else(|| did_you_mean(name, entities.iter().map(String::as_str)));
        let suggestion = near.map(|name| format!("did you mean `{name}`?")).or_else(|| {
            (!entities.is_empty()).then(|| format!("the source entities are {}", entities.join(", ")))
        });
        self.problems.suggest(at, "unknownEntity", format!("there is no source entity `{name}`"), suggestion);
        false
    }

    /// Notes when there is no such source entity, or it is known not to have the attribute.
    fn attribute(&mut self, entity: &str, attribute: &str, at: Place) {
        if self.source_entity(entity, at) {
            self.attribute_of(entity, attribute, at);
        }
    }

    /// Notes when an entity is known not to have the attribute.
    fn attribute_of(&mut self, entity: &str, attribute: &str, at: Place) {
        let Some(attributes) = self.known.attributes.get(entity) else { return };
        if attributes.iter().any(|known| known == attribute) {
            return;
        }
        let near = did_you_mean(attribute, attributes.iter().map(String::as_str));
        let suggestion = match near {
            Some(name) => format!("did you mean `{name}`?"),
            None => format!("its attributes are {}", attributes.join(", ")),
        };
        let message = format!("the entity `{entity}` has no attribute `{attribute}`");
        self.problems.suggest(at, "unknownAttribute", message, Some(suggestion));
    }
}

/// A suggestion out of names.
fn near(word: &str, names: &[String]) -> Option<String> {
    let near = did_you_mean(word, names.iter().map(String::as_str));
    near.map(|name| format!("did you mean `{name}`?")).or_else(|| {
        (!names.is_empty() && names.len() <= 10).then(|| format!("there is {}", names.join(", ")))
    })
}
