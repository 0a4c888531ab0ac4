//! Names that are used twice. Names that differ only in letter case count as the same.

use std::collections::BTreeMap;

use super::super::gather::{Part, Parts};
use super::super::model::{CUSTOMER, SEGMENT_MEMBERSHIP, UNIFIED_ACTIVITY, Unification};
use super::super::node::Node;
use super::super::problem::{Place, Problems};

pub(super) fn check(parts: &Parts, problems: &mut Problems) {
    let mut sources = Taken::new("a data source");
    // Source entities, measures and segments all become entities of the lake.
    let mut entities = Taken::new("an entity");
    entities.reserve(CUSTOMER);
    let unification = parts.unification.as_ref().and_then(|part| part.value.as_ref());
    unification.map(Unification::makes).iter().flatten().for_each(|name| entities.reserve(name));
    entities.reserve(UNIFIED_ACTIVITY);
    entities.reserve(SEGMENT_MEMBERSHIP);
    for part in &parts.data_sources {
        let source = name_of(&part.node);
        if let Some((name, at)) = source {
            sources.add(name, at, problems);
        }
        for entity in part.node.get("entities").map(Node::items).unwrap_or_default() {
            if let Some((name, at)) = name_of(entity) {
                let full = format!("{}_{name}", source.map_or("", |(source, _)| source));
                entities.add(&full, at, problems);
            }
            each(entity.get("attributes"), "an attribute", problems);
        }
    }
    for node in nodes(&parts.measures).chain(nodes(&parts.segments)) {
        if let Some((name, at)) = name_of(node) {
            entities.add(name, at, problems);
        }
    }
    let mut relationships = Taken::new("a relationship");
    for part in &parts.relationships {
        if let Some(relationship) = &part.value {
            relationships.add(&relationship.label(), part.node.head(), problems);
        }
    }
    each_of(nodes(&parts.activities), "an activity", problems);
    each_of(nodes(&parts.exports), "an export", problems);
    each_of(nodes(&parts.schedules), "a schedule", problems);
    each_of(nodes(&parts.thresholds), "a threshold", problems);
    let mut connections = Taken::new("a connection");
    for connection in &parts.connections {
        connections.add(&connection.name, connection.key_place, problems);
    }
    if let Some(unification) = &parts.unification {
        merge(unification.node.at("merge"), problems);
        rules(&unification.node, problems);
        each(unification.node.at("custom").get("aliases"), "a list of aliases", problems);
        each(unification.node.at("custom").get("bypass"), "a list", problems);
    }
}

/// Attributes of the profile and groups of them have names of their own; those of clusters are attributes too.
fn merge(merge: &Node, problems: &mut Problems) {
    let items = |key| merge.get(key).map(Node::items).unwrap_or_default();
    each_of(items("attributes").iter().chain(items("clusters")), "an attribute", problems);
    each(merge.get("groups"), "a group", problems);
    for cluster in items("clusters") {
        each(cluster.get("rules"), "a rule", problems);
    }
}

/// Rule names are unique per entity: counts are shown under them.
fn rules(unification: &Node, problems: &mut Problems) {
    let mut taken = BTreeMap::new();
    for rule in unification.get("match").and_then(|it| it.get("rules")).map(Node::items).unwrap_or_default() {
        let on = rule.get("on").and_then(Node::text).unwrap_or_default().to_owned();
        if let Some((name, at)) = name_of(rule) {
            taken.entry(on).or_insert_with(|| Taken::new("a match rule")).add(name, at, problems);
        }
    }
    for deduplication in unification.get("deduplication").map(Node::items).unwrap_or_default() {
        each(deduplication.get("rules"), "a rule", problems);
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
        taken.add(name, at, problems);
    }
}

/// The names of one kind so far.
struct Taken {
    what: &'static str,
    /// By their lower case; whether Weir itself makes what has the name.
    names: BTreeMap<String, (String, bool)>,
}

impl Taken {
    fn new(what: &'static str) -> Self {
        Self { what, names: BTreeMap::new() }
    }

    /// Takes the name of an entity that Weir makes.
    fn reserve(&mut self, name: &str) {
        self.names.insert(name.to_lowercase(), (name.to_owned(), true));
    }

    fn add(&mut self, name: &str, at: Place, problems: &mut Problems) {
        let Some((first, reserved)) = self.names.get(&name.to_lowercase()) else {
            self.names.insert(name.to_lowercase(), (name.to_owned(), false));
            return;
        };
        let what = self.what;
        let message = match first.as_str() {
            _ if *reserved => format!("the name `{name}` belongs to an entity that Weir makes"),
            first if first == name => format!("there is already {what} with the name `{name}`"),
            first => {
                format!("`{name}` and `{first}` differ only in letter case: that counts as the same name")
            }
        };
        problems.suggest(at, "duplicateName", message, Some("choose another name".to_owned()));
    }
}
