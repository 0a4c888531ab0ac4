//! XML documents as trees: read without DTDs and with bounds, written back, and mapped to JSON and from it.
//!
//! The nodes stand in one list in document order, so that comparing two indexes compares two places. The model
//! is that of XPath 1.0: a root, elements, attributes, namespaces, texts, comments, instructions.

mod decode;
mod from_json;
mod name;
mod read;
mod to_json;
mod write;

pub(crate) use decode::decode;
pub(crate) use from_json::from_json;
pub(crate) use name::{decode as decode_name, encode as encode_name};
pub(crate) use read::read;
pub(crate) use to_json::to_json;
pub(crate) use write::write;

/// The content type of XML values.
pub(crate) const CONTENT_TYPE: &str = "application/xml;charset=utf-8";

/// The namespace of the prefix `xml`.
pub(crate) const XML_SPACE: &str = "http://www.w3.org/XML/1998/namespace";

/// What kind of node it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The document itself; always the first node.
    Root,
    /// An element; whether it was written `<a/>`.
    Element { closed: bool },
    /// An attribute.
    Attribute,
    /// A declaration `xmlns` or `xmlns:prefix`: the local name is the prefix, the value the namespace.
    Namespace,
    /// Text.
    Text,
    /// Text that was written as a CDATA section.
    Cdata,
    /// A comment.
    Comment,
    /// A processing instruction: the local name is its target.
    Instruction,
}

/// One node.
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) kind: Kind,
    pub(crate) parent: usize,
    pub(crate) prefix: String,
    pub(crate) local: String,
    /// The namespace; empty for none.
    pub(crate) space: String,
    /// The text of texts, attributes, comments and instructions.
    pub(crate) value: String,
    pub(crate) children: Vec<usize>,
    /// Attributes and namespace declarations as they were written.
    pub(crate) attributes: Vec<usize>,
}

impl Node {
    const fn new(kind: Kind) -> Self {
        Self {
            kind,
            parent: 0,
            prefix: String::new(),
            local: String::new(),
            space: String::new(),
            value: String::new(),
            children: Vec::new(),
            attributes: Vec::new(),
        }
    }

    pub(crate) fn is_element(&self) -> bool {
        matches!(self.kind, Kind::Element { .. })
    }

    pub(crate) fn is_text(&self) -> bool {
        matches!(self.kind, Kind::Text | Kind::Cdata)
    }

    /// The name with its prefix, as it was written.
    pub(crate) fn name(&self) -> String {
        if self.prefix.is_empty() { self.local.clone() } else { format!("{}:{}", self.prefix, self.local) }
    }
}

static NOTHING: Node = Node::new(Kind::Root);

/// The parts of `<?xml version="1.0" …?>`, those that were written.
pub(crate) type Declaration = Vec<(&'static str, String)>;

/// A document.
#[derive(Debug)]
pub(crate) struct Document {
    nodes: Vec<Node>,
    /// The outermost element.
    element: Option<usize>,
    pub(crate) declaration: Option<Declaration>,
}

impl Document {
    fn new() -> Self {
        Self { nodes: vec![Node::new(Kind::Root)], element: None, declaration: None }
    }

    /// The node of this number; an empty root for a number that is none.
    pub(crate) fn node(&self, id: usize) -> &Node {
        self.nodes.get(id).unwrap_or(&NOTHING)
    }

    /// The number of nodes.
    pub(crate) fn len(&self) -> usize {
        self.nodes.len()
    }

    /// The outermost element.
    pub(crate) fn element(&self) -> Option<usize> {
        self.element
    }

    /// Adds a node at the end of its parent.
    fn add(&mut self, node: Node) -> usize {
        let id = self.nodes.len();
        let declared = matches!(node.kind, Kind::Attribute | Kind::Namespace);
        if let Some(parent) = self.nodes.get_mut(node.parent) {
            if declared { parent.attributes.push(id) } else { parent.children.push(id) }
        }
        if node.parent == 0 && node.is_element() {
            self.element.get_or_insert(id);
        }
        self.nodes.push(node);
        id
    }

    /// The namespace of a prefix at the outermost element; none when it is not declared there.
    pub(crate) fn space_of(&self, prefix: &str) -> Option<&str> {
        if prefix == "xml" {
            return Some(XML_SPACE);
        }
        let mut declared = self.node(self.element?).attributes.iter().map(|id| self.node(*id));
        let found = declared.find(|node| node.kind == Kind::Namespace && node.local == prefix);
        found.map(|node| node.value.as_str())
    }

    /// The string value of a node (XPath 1.0, section 5): of elements and the root all text inside.
    pub(crate) fn text(&self, id: usize) -> String {
        let node = self.node(id);
        match node.kind {
            Kind::Root | Kind::Element { .. } => {
                let mut text = String::new();
                self.collect(id, &mut text);
                text
            }
            _ => node.value.clone(),
        }
    }

    /// Depth is bounded by that of documents.
    fn collect(&self, id: usize, text: &mut String) {
        for child in &self.node(id).children {
            let node = self.node(*child);
            if node.is_text() {
                text.push_str(&node.value);
            } else if node.is_element() {
                self.collect(*child, text);
            }
        }
    }
}

/// Whether XML 1.0 allows the character.
pub(crate) fn is_allowed(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}
