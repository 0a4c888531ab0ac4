//! Connections: no secret stands in a file.

use super::super::gather::Parts;
use super::super::model::ConnectionKind;
use super::super::problem::Problems;
use super::super::shape::text::is_secret_key;

pub(super) fn check(parts: &Parts, problems: &mut Problems) {
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
