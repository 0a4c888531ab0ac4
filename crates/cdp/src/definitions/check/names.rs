//! Names that are used twice. Names that differ only in letter case count as the same.

use std::collections::BTreeMap;

use super::super::gather::{Part, Parts};
use super::super::model::CUSTOMER;
use super::super::node::Node;
use super::super::problem::{Place, Problems};

pub(super) fn check(parts: &Parts, problems: &mut Problems) {
    let mut sources = Taken::new("a data source");
    // Source entities, measures and segments all become entities of the lake.
    let mut entities = Taken::new("an entity");
    entities.add(CUSTOMER, None, problems);
    for part in &parts.data_sources {
        let source = name_of(&part.node);
        if let Some((name, at)) = source {
            sources.add(name, Some(at), problems);
        }
        for entity in part.node.get("entities").map(Node::items).unwrap_or_default() {
            if let Some((name, at)) = name_of(entity) {
                let full = format!("{}_{name}", source.map_or("", |(source, _)| source));
                entities.add(&full, Some(at), problems);
            }
            each(entity.get("attributes"), "an attribute", problems);
        }
    }
    for node in nodes(&parts.measures).chain(nodes(&parts.segments)) {
        if let Some((name, at)) = name_of(node) {
            entities.add(name, Some(at), problems);
        }
    }
    let mut relationships = Taken::new("a relationship");
    for part in &parts.relationships {
        if let Some(relationship) = &part.value {
            relationships.add(&relationship.label(), Some(part.node.head()), problems);
        }
    }
    each_of(nodes(&parts.thresholds), "a threshold", problems);
    let mut connections = Taken::new("a connection");
    for connection in &parts.connections {
        connections.add(&connection.name, Some(connection.key_place), problems);
    }
    if let Some(unification) = &parts.unification {
        each(
            unification.node.get("merge").and_then(|merge| merge.get("attributes")),
            "an attribute",
            problems,
        );
        rules(&unification.node, problems);
    }
}

/// Rule names are unique per entity: counts are shown under them.
fn rules(unification: &Node, problems: &mut Problems) {
    let mut taken = BTreeMap::new();
    for rule in unification.get("match").and_then(|it| it.get("rules")).map(Node::items).unwrap_or_default() {
        let on = rule.get("on").and_then(Node::text).unwrap_or_default().to_owned();
        if let Some((name, at)) = name_of(rule) {
            taken.entry(on).or_insert_with(|| Taken::new("a match rule")).add(name, Some(at), problems);
        }
    }
}

fn nodes<T>(parts: &[Part<T>]) -> impl Iterator<Item = &Node> {
    parts.iter().map(|part| &part.node)
}

fn name_of(node: &Node) -> Option<(&str, Place)> {
    let name = node.get("name")?;
    name.text().map(|text| (text, name.place))
}

fn each(list: Option<&Node>, what: &'static str, problems: &mut Problems) {
    each_of(list.map(Node::items).unwrap_or_default().iter(), what, problems);
}

fn each_of<'n>(nodes: impl Iterator<Item = &'n Node>, what: &'static str, problems: &mut Problems) {
    let mut taken = Taken::new(what);
    for (name, at) in nodes.filter_map(name_of) {
        taken.add(name, Some(at), problems);
    }
}

/// The names of one kind so far.
struct Taken {
    what: &'static str,
    names: BTreeMap<String, String>,
}

impl Taken {
    fn new(what: &'static str) -> Self {
        Self { what, names: BTreeMap::new() }
    }

    fn add(&mut self, name: &str, at: Option<Place>, problems: &mut Problems) {
        let Some(first) = self.names.get(&name.to_lowercase()) else {
            self.names.insert(name.to_lowercase(), name.to_owned());
            return;
        };
        let what = self.what;
        let message = match first.as_str() {
            CUSTOMER => format!("the name `{name}` belongs to the entity that unification makes"),
            first if first == name => format!("there is already {what} with the name `{name}`"),
            first => {
                format!("`{name}` and `{first}` differ only in letter case: that counts as the same name")
            }
        };
        if let Some(at) = at {
            problems.suggest(at, "duplicateName", message, Some("choose another name".to_owned()));
        }
    }
}
