//! Connections: no secret stands in a file, and data sources use connections that are there.

use lang::diagnose::did_you_mean;

use super::super::gather::Parts;
use super::super::model::ConnectionKind;
use super::super::node::Node;
use super::super::problem::Problems;
use super::super::shape::text::is_secret_key;

/// The kind of connection that each kind of data source uses.
const USES: [(&str, ConnectionKind); 5] = [
    ("postgres", ConnectionKind::Postgres),
    ("mysql", ConnectionKind::Mysql),
    ("http", ConnectionKind::Http),
    ("objectStore", ConnectionKind::ObjectStore),
    ("delta", ConnectionKind::ObjectStore),
];

/// The connections of data sources are defined, and of the right kind.
fn check_sources(parts: &Parts, problems: &mut Problems) {
    for source in &parts.data_sources {
        let kind = source.node.get("kind").and_then(|node| node.text()).unwrap_or_default();
        let wanted = USES.iter().find(|(word, _)| *word == kind).map(|(_, wanted)| *wanted);
        let (Some(node), Some(wanted)) = (source.node.get("connection"), wanted) else { continue };
        check_use(parts, node, wanted, problems);
    }
}

/// Notes when the connection that a text names is not there, or of another kind.
pub(super) fn check_use(parts: &Parts, node: &Node, wanted: ConnectionKind, problems: &mut Problems) {
    let Some(name) = node.text() else { return };
    let Some(found) = parts.connections.iter().find(|connection| connection.name == name) else {
        let names = parts.connections.iter().map(|connection| connection.name.as_str());
        let suggestion = did_you_mean(name, names).map(|name| format!("did you mean `{name}`?"));
        let message = format!("there is no connection `{name}`");
        return problems.suggest(node.place, "unknownConnection", message, suggestion);
    };
    let kind = found.part.value.as_ref().map(|value| value.kind);
    if let Some(kind) = kind.filter(|kind| *kind != wanted) {
        let (kind, wanted) = (kind.as_str(), wanted.as_str());
        let message = format!("the connection `{name}` is of kind `{kind}`; here it must be `{wanted}`");
        problems.error(node.place, "wrongConnectionKind", message);
    }
}

/// Mails about failing flows need somebody to send them and somebody to read them.
fn check_notices(parts: &Parts, problems: &mut Problems) {
    let Some(part) = &parts.failing_flows else { return };
    match (part.node.get("connection"), part.node.get("to")) {
        (Some(connection), Some(_)) => check_use(parts, connection, ConnectionKind::Email, problems),
        (Some(_), None) => {
            problems.error(part.node.head(), "missingKey", "`connection` needs `to`: who gets the mails")
        }
        (None, Some(_)) => {
            problems.error(part.node.head(), "missingKey", "`to` needs `connection`: an `email` connection");
        }
        (None, None) => {}
    }
}

pub(super) fn check(parts: &Parts, problems: &mut Problems) {
    check_sources(parts, problems);
    check_notices(parts, problems);
    for connection in &parts.connections {
        let node = &connection.part.node;
        for header in node.get("headers").map(|headers| headers.entries()).unwrap_or_default() {
            let is_literal = header.node.text().is_some_and(|text| !text.contains("${"));
            if is_secret_key(&header.key) && is_literal {
                let message = format!("the header `{}` holds a secret; write a reference to it", header.key);
                let suggestion = Some("for example `Bearer ${env:NAME}` or `${secret:NAME}`".to_owned());
                problems.suggest(header.node.place, "literalSecret", message, suggestion);
            }
        }
        let kind = connection.part.value.as_ref().map(|value| value.kind);
        if kind == Some(ConnectionKind::Email)
            && node.get("username").is_some() != node.get("password").is_some()
        {
            let message = "`username` and `password` belong together";
            let given = node.entry("username").or(node.entry("password"));
            problems.error(given.map_or(node.head(), |entry| entry.key_place), "missingKey", message);
        }
    }
}
