//! Deployment templates (ARM): texts in brackets are expressions of the template, filled in where its own
//! parameters and variables say enough.

use lang::expr::{JsonContext, Template};
use lang::wdl::json::{Kind, Node};
use serde_json::{Map, Value, json};

use super::edit::{Edits, quoted};

/// The texts of the template, filled in as far as can be.
#[derive(Debug, PartialEq)]
pub(super) struct Filled {
    /// The resource.
    pub(super) document: String,
    /// Its name, when the template says it.
    pub(super) name: Option<String>,
    /// The expressions that stay as they are.
    pub(super) left: Vec<String>,
}

/// What the expressions of a template see: defaults of its parameters, and its variables.
fn values(template: &Node) -> Value {
    let members = |key: &str| template.get(key).map(Node::members).unwrap_or_default();
    let mut parameters = Map::new();
    for member in members("parameters") {
        if let Some(default) = member.value.get("defaultValue") {
            parameters.insert(member.key.clone(), default.to_value());
        }
    }
    let mut variables = Map::new();
    for member in members("variables") {
        let value = member.value.to_value();
        let filled = value.as_str().and_then(expression).and_then(|inner| {
            let known = json!({"parameters": parameters, "variables": variables});
            filled(inner, &context(known)?)
        });
        variables.insert(member.key.clone(), filled.unwrap_or(value));
    }
    json!({"parameters": parameters, "variables": variables})
}

/// The inside of `[…]`; nothing for other texts and for `[[…]`, which stands for `[…]`.
fn expression(text: &str) -> Option<&str> {
    let inner = text.strip_prefix('[')?.strip_suffix(']')?;
    (!inner.starts_with('[')).then_some(inner)
}

fn context(values: Value) -> Option<JsonContext> {
    JsonContext::new(values, jiff::Timestamp::UNIX_EPOCH).ok()
}

/// The value of an expression. Templates and flows share the grammar and the functions that matter here.
fn filled(expression: &str, context: &JsonContext) -> Option<Value> {
    let template = Template::compile(&format!("@{expression}")).template?;
    template.evaluate(context).ok().filter(|value| !value.is_null())
}

/// The resource `node` of `text`, with the template's expressions in its definition filled in.
pub(super) fn fill(text: &str, template: &Node, node: &Node) -> Filled {
    let values = context(values(template));
    let fills = |inner: &str| filled(inner, values.as_ref()?);
    let mut edits = Edits::default();
    let mut left = Vec::new();
    let definition = node.get("properties").and_then(|it| it.get("definition")).unwrap_or(node);
    let mut pending = vec![definition];
    while let Some(node) = pending.pop() {
        pending.extend(node.items());
        pending.extend(node.members().iter().map(|member| &member.value));
        let Kind::Text(written) = &node.kind else { continue };
        if written.starts_with("[[") && written.ends_with(']') {
            edits.replace(node.span, quoted(written.get(1..).unwrap_or_default()));
        } else if let Some(inner) = expression(written) {
            match fills(inner) {
                Some(value) => edits.replace(node.span, value.to_string()),
                None => left.push(written.clone()),
            }
        }
    }
    let name = node.get("name").and_then(Node::as_text).and_then(|name| match expression(name) {
        Some(inner) => fills(inner)?.as_str().map(str::to_owned),
        None => Some(name.to_owned()),
    });
    left.sort();
    left.dedup();
    Filled { document: edits.apply_within(text, node.span), name, left }
}

/// The texts of a definition as a template must write them: those in brackets get a second one.
pub(super) fn escape(text: &str, node: &Node) -> String {
    let mut edits = Edits::default();
    let mut pending = vec![node];
    while let Some(node) = pending.pop() {
        pending.extend(node.items());
        pending.extend(node.members().iter().map(|member| &member.value));
        if let Kind::Text(written) = &node.kind
            && written.starts_with('[')
            && written.ends_with(']')
        {
            edits.replace(node.span, quoted(&format!("[{written}")));
        }
    }
    edits.apply_within(text, node.span)
}

#[cfg(test)]
mod tests {
    use lang::wdl::json;

    use super::*;

    const TEMPLATE: &str = r#"{"parameters": {"n": {"type": "string", "defaultValue": "orders"}, "secret": {"type": "securestring"}},
        "variables": {"v": "[concat(parameters('n'), '-x')]", "list": [1.50, 2]},
        "r": {"name": "[parameters('n')]", "location": "[resourceGroup().location]", "properties": {"definition": {
            "a": "[variables('v')]", "b": "[[x]", "c": "[variables('list')]", "d": "[parameters('secret')]", "e": "[not one", "f": 1.0}}}}"#;

    #[test]
    fn expressions_are_filled_in_where_the_template_says_enough() {
        let root = json::read(TEMPLATE).0.unwrap();
        let resource = root.get("r").unwrap();
        let filled = fill(TEMPLATE, &root, resource);
        assert_eq!(filled.name.as_deref(), Some("orders"));
        assert_eq!(filled.left, ["[parameters('secret')]"]);
        assert!(filled.document.starts_with("{\"name\": \"[parameters('n')]\""), "{}", filled.document);
        assert!(
            filled.document.contains(
                r#""a": "orders-x", "b": "[x]", "c": [1.5,2], "d": "[parameters('secret')]", "e": "[not one", "f": 1.0}}}"#
            ),
            "{}",
            filled.document
        );
    }

    #[test]
    fn brackets_that_are_escaped_come_back() {
        let text = r#"{"definition": {"a": ["[x]", "[[y]", "[z", "w]", "@{'[q]'}"]}}"#;
        let root = json::read(text).0.unwrap();
        let escaped = escape(text, root.get("definition").unwrap());
        assert_eq!(escaped, r#"{"a": ["[[x]", "[[[y]", "[z", "w]", "@{'[q]'}"]}"#);
        let template = format!("{{\"r\": {{\"properties\": {{\"definition\": {escaped}}}}}}}");
        let root = json::read(&template).0.unwrap();
        let filled = fill(&template, &root, root.get("r").unwrap());
        assert_eq!(filled.document, format!("{{\"properties\": {}}}", text));
    }
}
