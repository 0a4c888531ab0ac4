//! The connections that a flow needs, and their choice: a key of the document becomes the name of a connection.

use std::collections::{BTreeMap, BTreeSet};

use lang::diagnose::Span;
use lang::wdl::json::{self, Node};
use serde::Serialize;

use super::edit::{Edits, is_object, quoted};

/// A connection that a flow needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Need {
    /// What the flow's actions call it.
    pub key: String,
    /// The connector's id: `shared_teams`; none when the document does not say it.
    pub connector: Option<String>,
    /// What it is needed for, in the order of the document.
    pub uses: Vec<Use>,
}

/// An action or trigger that needs a connection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Use {
    /// Its name.
    pub action: String,
    /// The operation's id, when it is named.
    pub operation_id: Option<String>,
    /// Whether a static result answers in its place.
    pub answered: bool,
    /// Whether it is the trigger.
    pub is_trigger: bool,
}

/// Connectors of other systems that a connection of ours serves.
const SERVED: &[(&str, &str)] = &[
    ("teams", "teams"),
    ("office365", "email"),
    ("sendmail", "email"),
    ("smtp", "email"),
    ("email", "email"),
];

/// The kind of connection that serves a connector: `teams` for `shared_teams` and for `shared_teams_1`; none for
/// connectors that are unknown here or need no connection.
pub fn kind_of(connector: &str) -> Option<&'static str> {
    let lower = connector.to_ascii_lowercase();
    let bare = lower.strip_prefix("shared_").unwrap_or(&lower);
    // A second connection of the same connector gets a number.
    let base = bare.trim_end_matches(|c: char| c.is_ascii_digit());
    let base = base.strip_suffix(['_', '-']).unwrap_or(bare);
    let named = |name: &str| SERVED.iter().find(|(api, _)| *api == name).map(|(_, kind)| *kind);
    named(bare).or_else(|| named(base))
}

/// Where a document names a connection.
struct Place<'n> {
    key: String,
    connector: Option<String>,
    action: &'n str,
    node: &'n Node,
    is_trigger: bool,
    /// The text with the key in it, and whether the key is the whole text.
    written: (&'n Node, bool),
}

/// The connections that a document needs, by the first use of each.
pub fn needs(document: &str) -> Vec<Need> {
    let Some(root) = json::read(document).0 else { return Vec::new() };
    let known = references(&root);
    let mut needs: Vec<Need> = Vec::new();
    for place in places(&root) {
        let said = known.iter().find(|it| it.key == place.key).and_then(|it| connector(document, it.value));
        let host = place.node.get("inputs").and_then(|it| it.get("host"));
        let operation = host.and_then(|it| it.get("operationId")).and_then(Node::as_text);
        let used = Use {
            action: place.action.to_owned(),
            operation_id: operation.map(str::to_owned),
            answered: is_answered(place.node),
            is_trigger: place.is_trigger,
        };
        match needs.iter_mut().find(|need| need.key == place.key) {
            Some(need) => {
                need.connector = need.connector.take().or(place.connector).or(said);
                need.uses.push(used);
            }
            None => {
                needs.push(Need { connector: place.connector.or(said), key: place.key, uses: vec![used] })
            }
        }
    }
    needs
}

/// The connections that a document needs and that are not among `connections` (name and kind): those that a
/// connection could serve, and not only for actions that a static result answers.
pub fn missing(document: &str, connections: &[(&str, &str)]) -> Vec<String> {
    let open = needs(document).into_iter().filter(|need| {
        let kind = need.connector.as_deref().and_then(kind_of);
        let there = connections.iter().any(|(name, of)| *name == need.key && Some(*of) == kind);
        kind.is_some() && !there && need.uses.iter().any(|it| !it.answered)
    });
    open.map(|need| need.key).collect()
}

/// The document with other names for its connections: each key of `chosen` becomes what it is mapped to, in the
/// actions and in the references beside them. Says which keys it did not find.
pub fn map(document: &str, chosen: &BTreeMap<String, String>) -> (String, Vec<String>) {
    let Some(root) = json::read(document).0 else {
        return (document.to_owned(), chosen.keys().cloned().collect());
    };
    let mut edits = Edits::default();
    let mut found = BTreeSet::new();
    for place in places(&root) {
        let Some(name) = chosen.get(&place.key) else { continue };
        found.insert(place.key.clone());
        let (node, whole) = place.written;
        if whole {
            edits.replace(node.span, quoted(name));
            continue;
        }
        let old = format!("['{}']", place.key);
        let at = node.span.of(document).find(&old).map(|at| node.span.start + at);
        if let Some(at) = at {
            edits.replace(Span::new(at, at + old.len()), format!("['{name}']"));
        }
    }
    rename_references(&root, chosen, &mut found, &mut edits);
    let missing = chosen.keys().filter(|key| !found.contains(*key)).cloned().collect();
    (edits.apply(document), missing)
}

/// Two keys may become one name: the first reference stays then.
fn rename_references(
    root: &Node,
    chosen: &BTreeMap<String, String>,
    found: &mut BTreeSet<String>,
    edits: &mut Edits,
) {
    for table in tables(root) {
        let mut taken: BTreeSet<&str> = BTreeSet::new();
        let mut twice: BTreeSet<&str> = BTreeSet::new();
        for member in table.members() {
            let name = chosen.get(&member.key).map_or(member.key.as_str(), String::as_str);
            if !taken.insert(name) {
                twice.insert(member.key.as_str());
            } else if name != member.key {
                found.insert(member.key.clone());
                edits.replace(member.key_span, quoted(name));
            }
        }
        edits.remove(table, |member| twice.contains(member.key.as_str()));
    }
}

/// A reference beside the definition: a key and what it stands for.
pub(super) struct Reference<'n> {
    pub(super) key: &'n str,
    pub(super) value: &'n Node,
}

/// The references of a document, wherever its shape keeps them.
pub(super) fn references(root: &Node) -> Vec<Reference<'_>> {
    let mut all: Vec<Reference<'_>> = Vec::new();
    for table in tables(root) {
        for member in table.members() {
            if !all.iter().any(|it| it.key == member.key) {
                all.push(Reference { key: &member.key, value: &member.value });
            }
        }
    }
    all
}

/// The objects that map keys to connections.
fn tables(root: &Node) -> Vec<&Node> {
    let properties = root.get("properties");
    let definition = lang::wdl::locate(root);
    let connections = root.get("connections");
    let candidates = [
        properties.and_then(|it| it.get("connectionReferences")),
        root.get("connectionReferences"),
        properties.and_then(|it| it.get("parameters")?.get("$connections")?.get("value")),
        root.get("parameters").and_then(|it| it.get("$connections")?.get("value")),
        definition.and_then(|it| it.get("parameters")?.get("$connections")?.get("defaultValue")),
        connections.and_then(|it| it.get("managedApiConnections")),
        connections.and_then(|it| it.get("serviceProviderConnections")),
    ];
    candidates.into_iter().flatten().filter(|node| is_object(node)).collect()
}

/// The connector that a reference says: `shared_teams`.
pub(super) fn connector(document: &str, reference: &Node) -> Option<String> {
    let text = |node: Option<&Node>| node.and_then(Node::as_text).map(str::to_owned);
    let api = reference.get("api");
    let said = text(api.and_then(|it| it.get("name")))
        .or_else(|| text(reference.get("id")))
        .or_else(|| text(api.and_then(|it| it.get("id"))))
        .or_else(|| text(reference.get("serviceProvider").and_then(|it| it.get("id"))))
        .or_else(|| text(reference.get("apiName")));
    let said = said.unwrap_or_else(|| reference.span.of(document).to_owned());
    last_part(&said)
}

/// The last part of a path, also of one that a template composes: `concat('…/managedApis/', 'office365')`.
fn last_part(path: &str) -> Option<String> {
    let name = |text: &str| -> String {
        text.chars().take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-')).collect()
    };
    if let Some((_, after)) = path.rsplit_once("managedApis") {
        let after = after.trim_start_matches(|c: char| !c.is_ascii_alphanumeric());
        return Some(name(after)).filter(|name| !name.is_empty());
    }
    let last = path.rsplit('/').next().unwrap_or(path);
    Some(last).filter(|last| !last.is_empty() && name(last) == **last).map(str::to_owned)
}

fn is_answered(node: &Node) -> bool {
    let settings = node.get("runtimeConfiguration").and_then(|it| it.get("staticResult"));
    let option = settings.and_then(|it| it.get("staticResultOptions")).and_then(Node::as_text);
    settings.is_some() && option.is_none_or(|option| option.eq_ignore_ascii_case("Enabled"))
}

/// Every action and trigger that names a connection, in the order of the document.
fn places(root: &Node) -> Vec<Place<'_>> {
    let Some(definition) = lang::wdl::locate(root) else { return Vec::new() };
    let mut found = Vec::new();
    for member in definition.get("triggers").map(Node::members).unwrap_or_default() {
        found.extend(place(&member.key, &member.value, true));
    }
    walk_actions(definition, &mut |name, node| found.extend(place(name, node, false)));
    found
}

/// Calls `look` with every action of a definition or container, outer ones first.
///
/// Recursion ends: the reader bounds how deep a JSON value may be.
pub(super) fn walk_actions<'n>(container: &'n Node, look: &mut dyn FnMut(&'n str, &'n Node)) {
    let cases = container.get("cases").map(Node::members).unwrap_or_default();
    let inner = cases.iter().map(|case| &case.value);
    let others = [container.get("else"), container.get("default")].into_iter().flatten();
    for member in container.get("actions").map(Node::members).unwrap_or_default() {
        look(&member.key, &member.value);
        walk_actions(&member.value, look);
    }
    for node in inner.chain(others) {
        walk_actions(node, look);
    }
}

fn place<'n>(action: &'n str, node: &'n Node, is_trigger: bool) -> Option<Place<'n>> {
    let inputs = node.get("inputs")?;
    let host = inputs.get("host");
    let api = host.and_then(|it| it.get("apiId")).and_then(Node::as_text).and_then(last_part);
    let connection = host.and_then(|it| it.get("connection"));
    let provider = inputs.get("serviceProviderConfiguration");
    let direct = [
        host.and_then(|it| it.get("connectionName")),
        host.and_then(|it| it.get("connectionReferenceName")),
        connection.and_then(|it| it.get("referenceName")),
        provider.and_then(|it| it.get("connectionName")),
    ];
    let made = |key: &str, connector: Option<String>, written| Place {
        key: key.to_owned(),
        connector,
        action,
        node,
        is_trigger,
        written,
    };
    if let Some(written) =
        direct.into_iter().flatten().find(|it| it.as_text().is_some_and(|it| !it.is_empty()))
    {
        let provider = provider.and_then(|it| it.get("serviceProviderId")).and_then(Node::as_text);
        let connector = api.or_else(|| last_part(provider?));
        return Some(made(written.as_text()?, connector, (written, true)));
    }
    let written = connection?.get("name")?;
    let after = written.as_text()?.split_once("$connections')['")?.1;
    let key = after.split_once("']")?.0;
    Some(made(key, api, (written, false)))
}
