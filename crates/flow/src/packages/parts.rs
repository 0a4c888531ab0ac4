//! A document taken apart for export: its definition, its connection references, and what else stands around them.

use lang::wdl::json::{self, Kind, Node};

use super::edit::{Edits, quoted};
use super::needs::{connector, needs, references};
use super::{is_guid, name_of};

/// A connection of a flow, as it will be written.
pub(super) struct Connection {
    /// What the actions call it.
    pub(super) key: String,
    /// The connector: `shared_teams`.
    pub(super) connector: String,
    /// The reference as the document has it: a JSON object.
    written: String,
}

impl Connection {
    /// The reference with these properties, where it has none of the name.
    pub(super) fn with(&self, added: &[(&str, String)]) -> String {
        let Some(root) = json::read(&self.written).0 else { return self.written.clone() };
        let added: Vec<(&str, String)> =
            added.iter().filter(|(key, _)| root.get(key).is_none()).cloned().collect();
        let mut edits = Edits::default();
        if !added.is_empty() {
            edits.append(&self.written, &root, &added);
        }
        edits.apply(&self.written)
    }

    /// The text at this path of the reference.
    pub(super) fn text(&self, path: &[&str]) -> Option<String> {
        let root = json::read(&self.written).0?;
        let node = path.iter().try_fold(&root, |node, key| node.get(key))?;
        node.as_text().map(str::to_owned)
    }

    /// The connector without the word that Power Automate puts before it: `teams`.
    pub(super) fn bare_connector(&self) -> &str {
        self.connector.strip_prefix("shared_").unwrap_or(&self.connector)
    }
}

/// A document, taken apart.
pub(super) struct Parts<'d> {
    pub(super) document: &'d str,
    pub(super) root: Node,
    /// What people call it.
    pub(super) title: String,
    /// An id of its own; the same name gives the same.
    pub(super) id: String,
    pub(super) connections: Vec<Connection>,
}

/// How a document is wrapped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wrapper {
    /// `{properties: {definition}}` of Power Automate.
    Package,
    /// The same with a `schemaVersion`.
    Solution,
    /// A resource of a deployment template.
    Resource,
    /// `{definition}`
    Project,
    /// Nothing around the definition, or something that no other system writes.
    Bare,
}

impl<'d> Parts<'d> {
    /// Takes a document apart; nothing when it is no JSON or has no definition.
    pub(super) fn of(name: &str, document: &'d str) -> Option<Self> {
        let root = json::read(document).0?;
        lang::wdl::locate(&root)?;
        let title = root.get("properties").and_then(|it| it.get("displayName")).and_then(Node::as_text);
        let title = title.filter(|title| !title.trim().is_empty()).unwrap_or(name).to_owned();
        let given = root.get("name").and_then(Node::as_text).filter(|id| is_guid(id));
        let id = given.map_or_else(|| guid(&["flow", name]), str::to_owned);
        let mut connections: Vec<Connection> = Vec::new();
        for it in references(&root) {
            connections.push(Connection {
                key: it.key.to_owned(),
                connector: connector(document, it.value).unwrap_or_else(|| it.key.to_owned()),
                written: it.value.span.of(document).to_owned(),
            });
        }
        for need in needs(document) {
            if !connections.iter().any(|it| it.key == need.key) {
                let connector = need.connector.unwrap_or_else(|| need.key.clone());
                connections.push(Connection { key: need.key, connector, written: "{}".to_owned() });
            }
        }
        Some(Self { document, root, title, id, connections })
    }

    pub(super) fn wrapper(&self) -> Wrapper {
        let root = &self.root;
        let properties = root.get("properties").and_then(|it| it.get("definition"));
        let kind = root.get("type").and_then(Node::as_text);
        match properties {
            Some(_) if kind == Some("Microsoft.Logic/workflows") => Wrapper::Resource,
            Some(_) if root.get("schemaVersion").is_some() => Wrapper::Solution,
            Some(_) => Wrapper::Package,
            None if root.get("definition").is_some() => Wrapper::Project,
            None => Wrapper::Bare,
        }
    }

    /// The definition.
    pub(super) fn definition(&self) -> &Node {
        lang::wdl::locate(&self.root).unwrap_or(&self.root)
    }

    /// The definition as it is written.
    pub(super) fn definition_text(&self) -> &str {
        self.definition().span.of(self.document)
    }

    /// What stands beside the definition and has no place of its own in another wrapper: `,"key":value` each.
    pub(super) fn others(&self) -> String {
        let around = match self.wrapper() {
            Wrapper::Bare => return String::new(),
            Wrapper::Project => Some(&self.root),
            _ => self.root.get("properties"),
        };
        let own = ["definition", "connectionReferences", "displayName", "apiId", "state"];
        let mut text = String::new();
        for member in around.map(Node::members).unwrap_or_default() {
            if !own.iter().any(|key| key.eq_ignore_ascii_case(&member.key)) {
                text.push_str(&format!(",{}:{}", quoted(&member.key), member.value.span.of(self.document)));
            }
        }
        text
    }

    /// The connections as one JSON object.
    pub(super) fn connections(&self, write: impl Fn(&Connection) -> String) -> String {
        let all: Vec<String> =
            self.connections.iter().map(|it| format!("{}:{}", quoted(&it.key), write(it))).collect();
        format!("{{{}}}", all.join(","))
    }

    /// The document's text, or one that `build` makes where it is wrapped in another way.
    pub(super) fn as_wrapped(&self, wrapper: Wrapper, build: impl FnOnce() -> String) -> String {
        if self.wrapper() == wrapper { self.document.trim().to_owned() } else { build() }
    }

    /// The description in the definition.
    pub(super) fn description(&self) -> String {
        match self.definition().get("description").map(|node| &node.kind) {
            Some(Kind::Text(text)) => text.clone(),
            _ => String::new(),
        }
    }
}

/// An id that follows from these words alone (version 8 of RFC 9562).
pub(super) fn guid(words: &[&str]) -> String {
    let hash = blake3::derive_key("weir 2026 flow export ids", words.join("\u{0}").as_bytes());
    let mut bytes = [0u8; 16];
    for (to, from) in bytes.iter_mut().zip(hash) {
        *to = from;
    }
    let number = u128::from_be_bytes(bytes);
    let number = (number & !(0xf << 76) | (8 << 76)) & !(3 << 62) | (2 << 62);
    let hex = format!("{number:032x}");
    let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default().to_owned();
    [part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32)].join("-")
}

/// A key as a part of a logical name of Dataverse: lower case letters, digits and `_`.
pub(super) fn logical(key: &str) -> String {
    format!("weir_{}", name_of(key).to_lowercase().replace('-', "_"))
}
