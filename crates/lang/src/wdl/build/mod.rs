//! From the document to the checked form, collecting all mistakes on the way.

mod action;
mod calls;
mod condition;
mod facts;
mod trigger;
mod work;

pub(super) use facts::{ActionFact, ContainerFact, Facts, Use, VariableFact};

use super::definition::{Definition, Parameter, ParameterKind, StaticResult};
use super::json::{Kind, Node, offset_in_document};
use super::limits;
use crate::diagnose::{Diagnostic, Span, did_you_mean};
use crate::expr::{Expr, Template, Tree};

/// Reads one definition. Keeps what it learns about names and references for the checks that need the whole.
pub(super) struct Builder<'t> {
    document: &'t str,
    pub(super) diagnostics: Vec<Diagnostic>,
    pub(super) facts: Facts,
    /// The action being read, by its number in the facts; none in triggers and outputs.
    owner: Option<usize>,
}

impl<'t> Builder<'t> {
    pub(super) fn new(document: &'t str) -> Self {
        Self { document, diagnostics: Vec::new(), facts: Facts::default(), owner: None }
    }

    fn error(&mut self, code: &'static str, message: impl Into<String>, span: Span) {
        self.diagnostics.push(Diagnostic::error(code, message, span));
    }

    fn warning(&mut self, code: &'static str, message: impl Into<String>, span: Span) {
        self.diagnostics.push(Diagnostic::warning(code, message, span));
    }

    /// Reads the object that has `triggers` and `actions`.
    pub(super) fn definition(&mut self, root: &Node) -> Definition {
        let parameters = self.parameters(root.get("parameters"));
        let static_results = self.static_results(root.get("staticResults"));
        let triggers = self.triggers(root);
        let actions = self.block(root.get("actions"), None, 0);
        self.owner = None;
        let outputs = root.get("outputs").map(|node| self.tree(node)).unwrap_or_default();
        Definition { parameters, triggers, actions, outputs, static_results }
    }

    fn parameters(&mut self, node: Option<&Node>) -> Vec<Parameter> {
        let Some(node) = node else { return Vec::new() };
        self.must_be_object(node, "parameters");
        if node.members().len() > limits::PARAMETERS {
            let message = format!(
                "a flow may have {} parameters; this one has {}",
                limits::PARAMETERS,
                node.members().len()
            );
            self.error("tooManyParameters", message, node.span);
        }
        let mut parameters = Vec::new();
        for member in node.members() {
            if !self.facts.parameters.insert(member.key.to_lowercase()) {
                let message =
                    format!("there are two parameters '{}'; letter case does not count", member.key);
                self.error("duplicateName", message, member.key_span);
            }
            let kind = self.parameter_kind(member.value.get("type"), &member.key, member.key_span);
            parameters.push(Parameter {
                name: member.key.clone(),
                kind,
                default: member.value.get("defaultValue").map(Node::to_value),
                allowed: member
                    .value
                    .get("allowedValues")
                    .map(|values| values.items().iter().map(Node::to_value).collect())
                    .unwrap_or_default(),
            });
        }
        parameters
    }

    fn parameter_kind(&mut self, node: Option<&Node>, name: &str, span: Span) -> ParameterKind {
        const KINDS: [(&str, ParameterKind); 9] = [
            ("string", ParameterKind::String),
            ("securestring", ParameterKind::SecureString),
            ("int", ParameterKind::Int),
            ("integer", ParameterKind::Int),
            ("float", ParameterKind::Float),
            ("bool", ParameterKind::Bool),
            ("array", ParameterKind::Array),
            ("object", ParameterKind::Object),
            ("secureobject", ParameterKind::SecureObject),
        ];
        let Some(node) = node else {
            self.error("missingProperty", format!("the parameter '{name}' has no type"), span);
            return ParameterKind::String;
        };
        let word = node.as_text().unwrap_or_default();
        match KINDS.iter().find(|(kind, _)| kind.eq_ignore_ascii_case(word)) {
            Some((_, kind)) => *kind,
            None => {
                let names: Vec<&str> = KINDS.iter().map(|(kind, _)| *kind).collect();
                self.not_one_of("unknownType", "a parameter's type", node, &names);
                ParameterKind::String
            }
        }
    }

    fn static_results(&mut self, node: Option<&Node>) -> Vec<(String, StaticResult)> {
        let Some(node) = node else { return Vec::new() };
        self.must_be_object(node, "staticResults");
        let read = |node: &Node| StaticResult {
            status: node.get("status").and_then(Node::as_text).map(str::to_owned),
            outputs: node.get("outputs").map(Node::to_value).unwrap_or_default(),
            error: node.get("error").map(Node::to_value),
        };
        node.members().iter().map(|member| (member.key.clone(), read(&member.value))).collect()
    }

    // ---- helpers for all parts ----

    fn must_be_object(&mut self, node: &Node, what: &str) {
        if !matches!(node.kind, Kind::Object(_)) {
            let message = format!("{what} must be an object, found {}", node.kind_words());
            self.error("wrongJsonType", message, node.span);
        }
    }

    /// The text of a node that must be one.
    fn must_be_text(&mut self, node: &Node, what: &str) -> String {
        if let Some(text) = node.as_text() {
            return text.to_owned();
        }
        self.error("wrongJsonType", format!("{what} must be a text, found {}", node.kind_words()), node.span);
        String::new()
    }

    fn not_one_of(&mut self, code: &'static str, what: &str, node: &Node, words: &[&str]) {
        let found = node.span.of(self.document);
        let shown: String = found.chars().take(60).collect();
        let near = did_you_mean(node.as_text().unwrap_or_default(), words.iter().copied());
        let message = format!("{what} is one of {}; found {shown}", words.join(", "));
        let suggestion = near.map(|near| format!("did you mean {near}?"));
        self.diagnostics.push(Diagnostic::error(code, message, node.span).suggest(suggestion));
    }

    fn missing(&mut self, what: &str, needs: &str, span: Span) {
        self.error("missingProperty", format!("{what} needs {needs}"), span);
    }

    /// A place inside a text node as a place in the document.
    fn place(&self, text: Span, inner: Span) -> Span {
        let at = |offset| offset_in_document(self.document, text, offset);
        Span::new(at(inner.start), at(inner.end))
    }

    /// A text, compiled; an empty one when the text has a mistake (which is then told).
    fn compile(&mut self, text: &str, span: Span) -> Template {
        let compiled = Template::compile(text);
        for mut diagnostic in compiled.diagnostics {
            diagnostic.span = self.place(span, diagnostic.span);
            self.diagnostics.push(diagnostic);
        }
        let template = compiled.template.unwrap_or_else(|| Template::literal(""));
        let mut uses = Vec::new();
        for expr in template.exprs() {
            expr.walk(&mut |expr: &Expr| uses.extend(Use::of(expr)));
        }
        for mut found in uses {
            found.span = self.place(span, found.span);
            found.owner = self.owner;
            self.facts.uses.push(found);
        }
        template
    }

    /// A text or another scalar as a template; anything else is a mistake.
    fn template(&mut self, node: &Node, what: &str) -> Template {
        match &node.kind {
            Kind::Text(text) => self.compile(text, node.span),
            Kind::Number(number) => Template::literal(number.to_string()),
            _ => {
                let message = format!("{what} must be a text, found {}", node.kind_words());
                self.error("wrongJsonType", message, node.span);
                Template::literal("")
            }
        }
    }

    /// Any JSON value, with the texts and property names in it compiled.
    fn tree(&mut self, node: &Node) -> Tree {
        match &node.kind {
            Kind::Text(text) => Tree::text(self.compile(text, node.span)),
            Kind::Array(items) => Tree::array(items.iter().map(|item| self.tree(item)).collect()),
            Kind::Object(members) => {
                let mut compiled = Vec::with_capacity(members.len());
                for member in members {
                    let key = self.compile(&member.key, member.key_span);
                    compiled.push((key, self.tree(&member.value)));
                }
                Tree::object(compiled)
            }
            _ => Tree::Value(node.to_value()),
        }
    }

    /// An object without some of its properties.
    fn tree_without(&mut self, node: &Node, without: &[&str]) -> Tree {
        let mut compiled = Vec::new();
        for member in node.members() {
            if without.iter().any(|name| name.eq_ignore_ascii_case(&member.key)) {
                continue;
            }
            let key = self.compile(&member.key, member.key_span);
            compiled.push((key, self.tree(&member.value)));
        }
        Tree::object(compiled)
    }

    /// A whole number between two bounds, written as a constant.
    fn bounded(&mut self, node: &Node, what: &str, bounds: std::ops::RangeInclusive<u32>) -> Option<u32> {
        let number = match &node.kind {
            Kind::Number(number) => number.as_u64(),
            Kind::Text(text) => text.trim().parse().ok(),
            _ => None,
        };
        let number = number.and_then(|number| u32::try_from(number).ok()).filter(|n| bounds.contains(n));
        if number.is_none() {
            let message = format!(
                "{what} must be a whole number from {} to {}, found {}",
                bounds.start(),
                bounds.end(),
                node.span.of(self.document)
            );
            self.error("outOfRange", message, node.span);
        }
        number
    }
}

/// The name in a call such as `variables('name')`: a text, or nothing when it is computed.
fn literal_argument(expr: &Expr) -> Option<(&str, &str, Span)> {
    use crate::expr::Node as E;
    let E::Call { name, args, .. } = &expr.node else { return None };
    let first = args.first()?;
    match &first.node {
        E::Text(text) => Some((name, text, first.span)),
        _ => None,
    }
}
