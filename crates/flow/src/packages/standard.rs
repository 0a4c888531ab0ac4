//! Projects of Logic Apps Standard, and the templates for them: what stands in files beside the workflow becomes
//! part of its document, so that nothing is lost and the flow is one file.

use lang::wdl::json::{self, Node};

use super::edit::{Edits, quoted};

/// The part of a template's names that stands for the flow's name.
const PLACEHOLDER: &str = "#workflowname#";

/// The files beside a workflow, as texts.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Beside<'t> {
    /// `connections.json`: kept in the document under `connections`.
    pub(super) connections: Option<&'t str>,
    /// `parameters.json`, by name: what the workflow reads becomes parameters of its definition.
    pub(super) parameters: Option<&'t str>,
    /// `manifest.json` of a template; it declares parameters in a list.
    pub(super) manifest: Option<&'t str>,
}

/// The document of a workflow with what stands beside it.
pub(super) fn join(document: &str, beside: Beside<'_>) -> String {
    let Some(root) = json::read(document).0 else { return document.to_owned() };
    let Some(definition) = lang::wdl::locate(&root) else { return document.to_owned() };
    let mut edits = Edits::default();
    declare(document, definition, beside, &mut edits);
    let is_bare = std::ptr::eq(definition, &root);
    if let Some(connections) = beside.connections
        && !is_bare
        && root.get("connections").is_none()
        && json::read(connections).0.is_some_and(|it| !it.members().is_empty())
    {
        edits.append(document, &root, &[("connections", connections.trim().to_owned())]);
    }
    edits.apply(document)
}

/// Declares the parameters that the workflow reads and that stand beside it.
fn declare(document: &str, definition: &Node, beside: Beside<'_>, edits: &mut Edits) {
    let declared = definition.get("parameters");
    let mut added: Vec<(String, String)> = Vec::new();
    let inside = definition.span.of(document).to_lowercase();
    let mut add = |name: &str, declaration: String| {
        let lower = name.to_lowercase();
        let is_read = inside.contains(&format!("parameters('{lower}')"));
        let is_new = declared.is_none_or(|it| it.get(name).is_none())
            && !added.iter().any(|(other, _)| other.to_lowercase() == lower);
        if is_read && is_new {
            added.push((name.to_owned(), declaration));
        }
    };
    if let Some((text, root)) = beside.parameters.and_then(|text| Some((text, json::read(text).0?))) {
        for member in root.members() {
            if let Some(declaration) = declaration(text, &member.value, "value") {
                add(&member.key, declaration);
            }
        }
    }
    if let Some((text, root)) = beside.manifest.and_then(|text| Some((text, json::read(text).0?))) {
        for parameter in root.get("parameters").map(Node::items).unwrap_or_default() {
            let name = parameter.get("name").and_then(Node::as_text);
            if let (Some(name), Some(declaration)) = (name, declaration(text, parameter, "default")) {
                add(name, declaration);
            }
        }
    }
    let added: Vec<(&str, String)> = added.iter().map(|(name, it)| (name.as_str(), it.clone())).collect();
    match declared {
        _ if added.is_empty() => {}
        Some(declared) => edits.append(document, declared, &added),
        None => {
            let all: Vec<String> =
                added.iter().map(|(name, declaration)| format!("{}:{declaration}", quoted(name))).collect();
            edits.append(document, definition, &[("parameters", format!("{{{}}}", all.join(",")))]);
        }
    }
}

/// A parameter's declaration: its type and, under `value`, what it is.
fn declaration(text: &str, node: &Node, value: &str) -> Option<String> {
    let kind = node.get("type")?.span.of(text);
    Some(match node.get(value) {
        Some(value) => format!("{{\"type\":{kind},\"defaultValue\":{}}}", value.span.of(text)),
        None => format!("{{\"type\":{kind}}}"),
    })
}

/// The document with the flow's name in the place of the placeholder; nothing when there is none.
pub(super) fn named(document: &str, name: &str) -> Option<String> {
    document.contains(PLACEHOLDER).then(|| document.replace(PLACEHOLDER, name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_beside_becomes_part_of_the_document() {
        let document = r#"{"definition": {"triggers": {}, "actions": {"a": {"type": "Compose", "inputs": "@parameters('Url')"}}}, "kind": "Stateful"}"#;
        let beside = Beside {
            connections: Some("{\n  \"managedApiConnections\": {\"t\": {}}\n}\n"),
            parameters: Some(
                r#"{"url": {"type": "String", "value": 1.50}, "other": {"type": "Int", "value": 1}}"#,
            ),
            manifest: None,
        };
        assert_eq!(
            join(document, beside),
            r#"{"definition": {"triggers": {}, "actions": {"a": {"type": "Compose", "inputs": "@parameters('Url')"}},"parameters": {"url":{"type":"String","defaultValue":1.50}}}, "kind": "Stateful","connections": {
  "managedApiConnections": {"t": {}}
}}"#
        );
        assert_eq!(join(document, Beside::default()), document);
    }

    #[test]
    fn a_template_gets_its_name_and_its_parameters() {
        let document = r##"{"triggers": {}, "parameters": {}, "actions": {"a": {"type": "Compose", "inputs": "@parameters('Url_#workflowname#')"}}}"##;
        let manifest = r##"{"title": "T", "parameters": [{"name": "Url_#workflowname#", "type": "String", "default": "x"}]}"##;
        let joined = join(document, Beside { manifest: Some(manifest), ..Beside::default() });
        let joined = named(&joined, "tell").unwrap();
        assert_eq!(
            joined,
            r#"{"triggers": {}, "parameters": {"Url_tell":{"type":"String","defaultValue":"x"}}, "actions": {"a": {"type": "Compose", "inputs": "@parameters('Url_tell')"}}}"#
        );
        assert_eq!(named(&joined, "again"), None);
    }
}
