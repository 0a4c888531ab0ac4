//! A value of a YAML file with its place in the file.

use serde_json::{Map, Number, Value};

use super::problem::Place;

/// A value and where it stands.
#[derive(Debug, Clone)]
pub(super) struct Node {
    pub(super) value: NodeValue,
    pub(super) place: Place,
}

/// What a [`Node`] holds.
#[derive(Debug, Clone)]
pub(super) enum NodeValue {
    Null,
    Bool(bool),
    Number(Number),
    Text(String),
    List(Vec<Node>),
    /// In the order of the file; keys are unique.
    Map(Vec<Entry>),
}

/// One key and value of a mapping.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) key: String,
    pub(super) key_place: Place,
    pub(super) node: Node,
}

impl Node {
    /// What kind of value this is, in words.
    pub(super) fn what(&self) -> &'static str {
        match &self.value {
            NodeValue::Null => "nothing",
            NodeValue::Bool(_) => "true or false",
            NodeValue::Number(_) => "a number",
            NodeValue::Text(_) => "a text",
            NodeValue::List(_) => "a list",
            NodeValue::Map(_) => "a mapping",
        }
    }

    pub(super) fn text(&self) -> Option<&str> {
        match &self.value {
            NodeValue::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(super) fn entries(&self) -> &[Entry] {
        match &self.value {
            NodeValue::Map(entries) => entries,
            _ => &[],
        }
    }

    pub(super) fn items(&self) -> &[Node] {
        match &self.value {
            NodeValue::List(items) => items,
            _ => &[],
        }
    }

    pub(super) fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries().iter().find(|entry| entry.key == key)
    }

    pub(super) fn get(&self, key: &str) -> Option<&Node> {
        self.entry(key).map(|entry| &entry.node)
    }

    /// The node at a path such as `conditions/0/left`, or the nearest above it that is there. A step into a
    /// list that is a single value (a short form) stays where it is.
    pub(super) fn at(&self, path: &str) -> &Node {
        let mut here = self;
        for step in path.split('/') {
            let next = match &here.value {
                NodeValue::List(items) => step.parse::<usize>().ok().and_then(|index| items.get(index)),
                _ => here.get(step),
            };
            match next {
                Some(node) => here = node,
                None => break,
            }
        }
        here
    }

    /// The place of the node at `path`.
    pub(super) fn place_of(&self, path: &str) -> Place {
        self.at(path).head()
    }

    /// Where to point when something is said about the whole: the name or the first key of a mapping.
    pub(super) fn head(&self) -> Place {
        match &self.value {
            NodeValue::Map(entries) => {
                let named = entries.iter().find(|entry| entry.key == "name").map(|entry| entry.node.place);
                named.or(entries.first().map(|entry| entry.key_place)).unwrap_or(self.place)
            }
            NodeValue::List(items) => items.first().map_or(self.place, Node::head),
            _ => self.place,
        }
    }

    /// The value without places, and without keys that have no value.
    pub(super) fn to_json(&self) -> Value {
        match &self.value {
            NodeValue::Null => Value::Null,
            NodeValue::Bool(it) => Value::Bool(*it),
            NodeValue::Number(it) => Value::Number(it.clone()),
            NodeValue::Text(it) => Value::String(it.clone()),
            NodeValue::List(items) => Value::Array(items.iter().map(Node::to_json).collect()),
            NodeValue::Map(entries) => {
                let given = entries.iter().filter(|entry| !matches!(entry.node.value, NodeValue::Null));
                let pairs = given.map(|entry| (entry.key.clone(), entry.node.to_json()));
                Value::Object(pairs.collect::<Map<_, _>>())
            }
        }
    }
}
