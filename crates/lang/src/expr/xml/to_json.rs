//! XML to JSON as Newtonsoft's `XmlNodeConverter` maps it: attributes `@name`, text `#text`, repeated elements
//! an array, an empty element null.

use super::{Document, Kind, decode_name};
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// The namespace of the attribute `Array`, which makes a single element an array.
const JSON_SPACE: &str = "http://james.newtonking.com/projects/json";

/// The JSON object of a document.
pub(crate) fn to_json(document: &Document) -> Value {
    let mut map = Map::new();
    if let Some(declaration) = &document.declaration {
        let parts = declaration.iter().map(|(name, value)| (format!("@{name}"), Value::from(value.as_str())));
        map.insert("?xml".to_owned(), Value::Object(parts.collect()));
    }
    children(document, 0, &mut map);
    Value::Object(map)
}

/// Adds the children of a node, those of the same name as an array. Depth is bounded by that of documents.
fn children(document: &Document, id: usize, map: &mut Map<String, Value>) {
    let mut groups: Map<String, Value> = Map::new();
    let mut arrays: BTreeSet<String> = BTreeSet::new();
    for child in &document.node(id).children {
        let value = value_of(document, *child);
        let name = key(document, *child);
        if is_array(document, *child) {
            arrays.insert(name.clone());
        }
        match groups.get_mut(&name) {
            Some(Value::Array(items)) => items.push(value),
            _ => {
                groups.insert(name, Value::Array(vec![value]));
            }
        }
    }
    for (name, group) in groups {
        let Value::Array(mut items) = group else { continue };
        let single = items.len() == 1 && !arrays.contains(&name);
        let value = if single { items.pop().unwrap_or_default() } else { Value::Array(items) };
        map.insert(name, value);
    }
}

/// Whether an element says of itself that it is an array.
fn is_array(document: &Document, id: usize) -> bool {
    let mut attributes = document.node(id).attributes.iter().map(|id| document.node(*id));
    attributes.any(|node| {
        node.kind == Kind::Attribute
            && node.space == JSON_SPACE
            && node.local == "Array"
            && node.value == "true"
    })
}

fn key(document: &Document, id: usize) -> String {
    let node = document.node(id);
    match node.kind {
        Kind::Text => "#text".to_owned(),
        Kind::Cdata => "#cdata-section".to_owned(),
        Kind::Comment => "#comment".to_owned(),
        Kind::Instruction => format!("?{}", node.local),
        _ if node.prefix.is_empty() => decode_name(&node.local),
        _ => format!("{}:{}", node.prefix, decode_name(&node.local)),
    }
}

fn value_of(document: &Document, id: usize) -> Value {
    let node = document.node(id);
    let Kind::Element { closed } = node.kind else { return Value::from(node.value.as_str()) };
    let mut map = Map::new();
    for attribute in node.attributes.iter().map(|id| document.node(*id)) {
        let name = match attribute.kind {
            Kind::Namespace if attribute.value == JSON_SPACE => continue,
            Kind::Namespace if attribute.local.is_empty() => "@xmlns".to_owned(),
            Kind::Namespace => format!("@xmlns:{}", attribute.local),
            _ if attribute.space == JSON_SPACE => continue,
            _ if attribute.prefix.is_empty() => format!("@{}", decode_name(&attribute.local)),
            _ => format!("@{}:{}", attribute.prefix, decode_name(&attribute.local)),
        };
        map.insert(name, Value::from(attribute.value.as_str()));
    }
    match (node.children.as_slice(), map.is_empty()) {
        ([], true) => {
            if closed {
                Value::Null
            } else {
                Value::from("")
            }
        }
        ([only], true) if document.node(*only).kind == Kind::Text => {
            Value::from(document.node(*only).value.as_str())
        }
        _ => {
            children(document, id, &mut map);
            Value::Object(map)
        }
    }
}
