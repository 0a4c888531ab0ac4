//! A node back to text, with the namespaces that it needs.

use super::{Document, Kind, Node};

/// The XML of a node, as .NET's `OuterXml` writes it.
pub(crate) fn write(document: &Document, id: usize) -> String {
    let mut text = String::new();
    if id == 0
        && let Some(declaration) = &document.declaration
    {
        text.push_str("<?xml");
        for (name, value) in declaration {
            text.push_str(&format!(" {name}=\"{value}\""));
        }
        text.push_str("?>");
    }
    write_node(document, id, &mut vec![(String::new(), String::new())], &mut text);
    text
}

/// The declarations in force, the innermost last.
type Scope = Vec<(String, String)>;

fn declares(scope: &Scope, prefix: &str, space: &str) -> bool {
    prefix == "xml"
        || scope.iter().rev().find(|(known, _)| known == prefix).is_some_and(|(_, is)| is == space)
}

fn write_node(document: &Document, id: usize, scope: &mut Scope, text: &mut String) {
    let node = document.node(id);
    match node.kind {
        Kind::Root => node.children.iter().for_each(|child| write_node(document, *child, scope, text)),
        Kind::Element { closed } => element(document, node, closed, scope, text),
        Kind::Attribute => attribute(&node.name(), &node.value, text),
        Kind::Namespace => attribute(&declared_name(&node.local), &node.value, text),
        Kind::Text => escape(&node.value, false, text),
        Kind::Cdata => {
            text.push_str("<![CDATA[");
            text.push_str(&node.value);
            text.push_str("]]>");
        }
        Kind::Comment => {
            text.push_str("<!--");
            text.push_str(&node.value);
            text.push_str("-->");
        }
        Kind::Instruction => {
            let space = if node.value.is_empty() { "" } else { " " };
            text.push_str(&format!("<?{}{space}{}?>", node.local, node.value));
        }
    }
}

fn declared_name(prefix: &str) -> String {
    if prefix.is_empty() { "xmlns".to_owned() } else { format!("xmlns:{prefix}") }
}

fn element(document: &Document, node: &Node, closed: bool, scope: &mut Scope, text: &mut String) {
    let outer = scope.len();
    let name = node.name();
    text.push('<');
    text.push_str(&name);
    let attributes = || node.attributes.iter().map(|id| document.node(*id));
    for declared in attributes().filter(|node| node.kind == Kind::Namespace) {
        scope.push((declared.local.clone(), declared.value.clone()));
    }
    let mut missing = Vec::new();
    for used in std::iter::once(node).chain(attributes().filter(|node| !node.prefix.is_empty())) {
        if !declares(scope, &used.prefix, &used.space) {
            scope.push((used.prefix.clone(), used.space.clone()));
            missing.push(used);
        }
    }
    for given in &node.attributes {
        text.push(' ');
        write_node(document, *given, scope, text);
    }
    for used in missing {
        text.push(' ');
        attribute(&declared_name(&used.prefix), &used.space, text);
    }
    if node.children.is_empty() && closed {
        text.push_str(" />");
    } else {
        text.push('>');
        node.children.iter().for_each(|child| write_node(document, *child, scope, text));
        text.push_str(&format!("</{name}>"));
    }
    scope.truncate(outer);
}

fn attribute(name: &str, value: &str, text: &mut String) {
    text.push_str(name);
    text.push_str("=\"");
    escape(value, true, text);
    text.push('"');
}

/// Writes a text with what XML reserves escaped; in attributes also quotes and line breaks.
pub(super) fn escape(value: &str, in_attribute: bool, text: &mut String) {
    for c in value.chars() {
        match c {
            '&' => text.push_str("&amp;"),
            '<' => text.push_str("&lt;"),
            '>' => text.push_str("&gt;"),
            '\r' => text.push_str("&#xD;"),
            '"' if in_attribute => text.push_str("&quot;"),
            '\n' if in_attribute => text.push_str("&#xA;"),
            '\t' if in_attribute => text.push_str("&#x9;"),
            c => text.push(c),
        }
    }
}
