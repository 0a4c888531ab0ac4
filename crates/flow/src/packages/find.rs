//! Finding flows by their shape: an object with `triggers` and `actions`, wherever a JSON file keeps it.

use lang::diagnose::Span;
use lang::wdl::json::{Kind, Node};

use super::edit::is_object;

/// A flow in a JSON text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Piece {
    /// The part that is kept as the flow's document: the definition with what belongs to it.
    pub(super) document: Span,
    /// Whether the text is a deployment template (ARM), of which the document is one resource.
    pub(super) in_template: bool,
}

/// The flows of a text, in the order in which they stand.
pub(super) fn pieces(text: &str, root: &Node) -> Vec<Piece> {
    let mut found = Vec::new();
    search(root, &mut Vec::new(), &mut found);
    // A text that is about one flow is kept whole: what is not understood must not be lost.
    if let [only] = found.as_mut_slice()
        && !only.in_template
        && lang::wdl::locate(root).is_some()
    {
        only.document = Span::new(root.span.start, text.len());
    }
    found
}

/// Whether this is the object that has triggers and actions.
pub(super) fn is_definition(node: &Node) -> bool {
    let has = |key| node.get(key).is_some_and(is_object);
    has("triggers") && has("actions")
}

/// Recursion ends: the reader bounds how deep a JSON value may be.
fn search<'n>(node: &'n Node, above: &mut Vec<(&'n Node, &'n str)>, found: &mut Vec<Piece>) {
    if is_definition(node) {
        found.push(piece(node, above));
        return;
    }
    match &node.kind {
        Kind::Object(members) => {
            for member in members {
                above.push((node, &member.key));
                search(&member.value, above, found);
                above.pop();
            }
        }
        Kind::Array(items) => {
            for item in items {
                above.push((node, ""));
                search(item, above, found);
                above.pop();
            }
        }
        _ => {}
    }
}

/// The definition with the objects around it that belong to it: `{definition}` and `{properties: {definition}}`.
fn piece(definition: &Node, above: &[(&Node, &str)]) -> Piece {
    let mut document = definition;
    let mut wrappers = above.iter().rev();
    for wrapper in ["definition", "properties"] {
        match wrappers.clone().next() {
            Some((node, key)) if key.eq_ignore_ascii_case(wrapper) => {
                document = node;
                wrappers.next();
            }
            _ => break,
        }
    }
    let in_template = above.iter().any(|(node, key)| {
        key.eq_ignore_ascii_case("resources")
            && node.get("$schema").and_then(Node::as_text).is_some_and(|it| it.contains("deploymentTemplate"))
    });
    Piece { document: document.span, in_template }
}

/// The texts that stand inside of a text: rows of the table `workflow` keep a flow as text under `clientdata`.
pub(super) fn embedded(root: &Node) -> Vec<&str> {
    let mut found = Vec::new();
    let mut pending = vec![root];
    while let Some(node) = pending.pop() {
        for member in node.members() {
            match member.value.as_text() {
                Some(text) if member.key.eq_ignore_ascii_case("clientdata") => found.push(text),
                _ => pending.push(&member.value),
            }
        }
        pending.extend(node.items());
    }
    found
}

#[cfg(test)]
mod tests {
    use lang::wdl::json;

    use super::*;

    fn documents(text: &str) -> Vec<(&str, bool)> {
        let root = json::read(text).0.unwrap();
        let found = pieces(text, &root);
        found.into_iter().map(|piece| (piece.document.of(text), piece.in_template)).collect()
    }

    #[test]
    fn a_file_about_one_flow_is_kept_whole() {
        for text in [
            r#"{"triggers": {}, "actions": {}, "x": 1}"#,
            r#"{"Definition": {"Triggers": {}, "ACTIONS": {}}, "kind": "Stateful"}"#,
            r#"{"properties": {"definition": {"triggers": {}, "actions": {}}}, "schemaVersion": "1.0.0.0"}"#,
        ] {
            assert_eq!(documents(text), [(text, false)]);
        }
    }

    #[test]
    fn several_flows_are_cut_out_with_what_belongs_to_them() {
        let one = r#"{"name": "a", "properties": {"connectionReferences": {}, "definition": {"triggers": {}, "actions": {}}}}"#;
        let two = r#"{"triggers": {}, "actions": {"S": {"type": "Scope", "actions": {}}}}"#;
        assert_eq!(documents(&format!("[{one}, {{\"value\": {two}}}]")), [(one, false), (two, false)]);
    }

    #[test]
    fn a_resource_of_a_template_is_the_document() {
        let one = r#"{"type": "Microsoft.Logic/workflows", "properties": {"definition": {"triggers": {}, "actions": {}}}}"#;
        let text = format!(
            r#"{{"$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#", "resources": [{{}}, {one}]}}"#
        );
        assert_eq!(documents(&text), [(one, true)]);
    }

    #[test]
    fn other_json_holds_no_flow() {
        for text in ["[]", "{\"triggers\": [], \"actions\": {}}", "{\"actions\": {}}", "3"] {
            assert_eq!(documents(text), []);
        }
    }
}
