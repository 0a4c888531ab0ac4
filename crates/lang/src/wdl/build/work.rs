//! What each type of action needs.

use super::{Builder, VariableFact};
use crate::diagnose::{Span, did_you_mean};
use crate::expr::{Template, Tree};
use crate::wdl::definition::{Block, Case, TableFormat, VariableInit, VariableKind, Wait, Work};
use crate::wdl::json::{Kind, Member, Node};
use crate::wdl::limits;
use serde_json::Value;

/// Types that are known in the language but have no engine here. They are kept.
const KNOWN_TYPES: &[&str] = &[
    "ApiManagement",
    "Function",
    "OpenApiConnectionNotification",
    "ApiConnectionNotification",
    "JavaScriptCode",
    "CSharpScriptCode",
    "PowerShellCode",
    "InvokeFunction",
    "Batch",
    "SendToBatch",
    "Xslt",
    "Liquid",
    "FlatFileDecoding",
    "FlatFileEncoding",
    "XmlValidation",
    "IntegrationAccountArtifactLookup",
    "RosettaNetEncode",
    "RosettaNetDecode",
    "RosettaNetWaitForResponse",
    "Agent",
    "ParseDocument",
    "ChunkText",
    "AS2Decode",
    "AS2Encode",
    "EdifactDecode",
    "X12Decode",
];

/// Types that are executed.
const TYPES: &[&str] = &[
    "Compose",
    "InitializeVariable",
    "SetVariable",
    "IncrementVariable",
    "DecrementVariable",
    "AppendToArrayVariable",
    "AppendToStringVariable",
    "ParseJson",
    "Query",
    "Select",
    "Join",
    "Table",
    "If",
    "Switch",
    "Foreach",
    "Until",
    "Scope",
    "Terminate",
    "Http",
    "Wait",
    "OpenApiConnection",
    "ApiConnection",
    "ServiceProvider",
    "OpenApiConnectionWebhook",
    "ApiConnectionWebhook",
    "HttpWebhook",
    "Workflow",
    "Expression",
    "Response",
];

impl Builder<'_> {
    pub(super) fn work(&mut self, member: &Member, type_name: &str, number: usize, depth: usize) -> Work {
        let node = &member.value;
        let known = TYPES.iter().find(|known| known.eq_ignore_ascii_case(type_name));
        match known.copied() {
            Some("Scope") => Work::Scope { actions: self.inner(node, "actions", number, depth) },
            Some("If") => self.if_work(member, number, depth),
            Some("Switch") => self.switch_work(member, number, depth),
            Some("Foreach") => self.foreach_work(member, number, depth),
            Some("Until") => self.until_work(member, number, depth),
            Some("Expression") => self.expression_work(member, type_name, number, depth),
            Some(known) => match node.get("inputs") {
                Some(inputs) => self.leaf_work(known, member, inputs, number),
                None => {
                    self.missing(&format!("the action '{}'", member.key), "inputs", member.key_span);
                    Work::Compose { value: Tree::default() }
                }
            },
            None => self.unknown_work(member, type_name, number, depth),
        }
    }

    pub(super) fn unknown_work(
        &mut self,
        member: &Member,
        type_name: &str,
        number: usize,
        depth: usize,
    ) -> Work {
        let node = &member.value;
        let span = node.get("type").map_or(member.key_span, |kind| kind.span);
        if !type_name.is_empty() {
            let listed = KNOWN_TYPES.iter().any(|known| known.eq_ignore_ascii_case(type_name));
            let (code, message) = if listed {
                (
                    "typeNotAvailable",
                    format!("actions of type '{type_name}' are kept, but cannot be executed here yet"),
                )
            } else {
                (
                    "unknownActionType",
                    format!("'{type_name}' is no type of action; it is kept, but cannot be executed"),
                )
            };
            let near = if listed { None } else { did_you_mean(type_name, TYPES.iter().copied()) };
            let suggestion = near
                .map(|near| format!("did you mean {near}?"))
                .or_else(|| Some("switch on a static result for it to try the flow".to_owned()));
            self.diagnostics
                .push(crate::diagnose::Diagnostic::warning(code, message, span).suggest(suggestion));
        }
        let inputs = node.get("inputs").map(|inputs| self.tree(inputs)).unwrap_or_default();
        let blocks = match node.get("actions") {
            Some(actions) => vec![self.block(Some(actions), Some(number), depth + 1)],
            None => Vec::new(),
        };
        Work::Unknown { inputs, blocks }
    }

    fn inner(&mut self, node: &Node, name: &str, number: usize, depth: usize) -> Block {
        let block = self.block(node.get(name), Some(number), depth + 1);
        self.owner = Some(number);
        block
    }

    /// The property of the inputs that an action cannot do without.
    pub(super) fn needed(&mut self, member: &Member, inputs: &Node, name: &str) -> Tree {
        match inputs.get(name) {
            Some(node) => self.tree(node),
            None => {
                self.missing(&format!("the action '{}'", member.key), &format!("inputs.{name}"), inputs.span);
                Tree::default()
            }
        }
    }

    pub(super) fn optional(&mut self, inputs: &Node, name: &str) -> Option<Tree> {
        inputs.get(name).map(|node| self.tree(node))
    }

    fn leaf_work(&mut self, kind: &str, member: &Member, inputs: &Node, number: usize) -> Work {
        match kind {
            "Compose" => Work::Compose { value: self.tree(inputs) },
            "InitializeVariable" => {
                Work::InitializeVariable { variables: self.initialize(member, inputs, number) }
            }
            "SetVariable"
            | "IncrementVariable"
            | "DecrementVariable"
            | "AppendToArrayVariable"
            | "AppendToStringVariable" => self.variable_work(kind, member, inputs, number),
            "ParseJson" => Work::ParseJson {
                content: self.needed(member, inputs, "content"),
                schema: inputs.get("schema").map(Node::to_value).unwrap_or_default(),
            },
            "Query" => Work::Query {
                from: self.needed(member, inputs, "from"),
                condition: match inputs.get("where") {
                    Some(node) => self.condition(node),
                    None => {
                        let what = format!("the action '{}'", member.key);
                        self.missing(&what, "inputs.where", inputs.span);
                        crate::wdl::Condition::Value(Tree::default())
                    }
                },
            },
            "Select" => Work::Select {
                from: self.needed(member, inputs, "from"),
                select: self.needed(member, inputs, "select"),
            },
            "Join" => Work::Join {
                from: self.needed(member, inputs, "from"),
                separator: self.needed(member, inputs, "joinWith"),
            },
            "Table" => self.table_work(member, inputs),
            "Terminate" => self.terminate_work(member, inputs),
            "Http" => {
                self.needed(member, inputs, "uri");
                self.needed(member, inputs, "method");
                Work::Http { inputs: self.tree_without(inputs, &["retryPolicy"]) }
            }
            "Wait" => self.wait_work(member, inputs),
            "Response" => Work::Response {
                status_code: self.optional(inputs, "statusCode").unwrap_or(Tree::Value(Value::from(200))),
                headers: self.optional(inputs, "headers"),
                body: self.optional(inputs, "body"),
            },
            "HttpWebhook" => self.webhook_work(member, inputs),
            "Workflow" => self.workflow_work(member, inputs),
            "ServiceProvider" => Work::Connector { operation: self.service_provider(member, inputs) },
            "OpenApiConnectionWebhook" | "ApiConnectionWebhook" => {
                Work::ConnectorWebhook { operation: self.operation(member, inputs) }
            }
            _ => Work::Connector { operation: self.operation(member, inputs) },
        }
    }

    fn initialize(&mut self, member: &Member, inputs: &Node, number: usize) -> Vec<VariableInit> {
        let Some(list) = inputs.get("variables") else {
            self.missing(&format!("the action '{}'", member.key), "inputs.variables", inputs.span);
            return Vec::new();
        };
        let mut variables = Vec::new();
        for node in list.items() {
            let Some(name) = node.get("name") else {
                self.missing("a variable", "a name", node.span);
                continue;
            };
            let name_text = self.must_be_text(name, "a variable's name");
            let kind = self.variable_kind(node);
            let value = node.get("value").map(|value| {
                let tree = self.tree(value);
                self.check_variable_type(&name_text, kind, &tree, value.span);
                tree
            });
            let place = self.facts.variables.len();
            let known = self.facts.variable_names.insert(name_text.to_lowercase(), place);
            if known.is_some() {
                let message =
                    format!("the variable '{name_text}' is initialized twice; letter case does not count");
                self.error("duplicateVariable", message, name.span);
            }
            self.facts.variables.push(VariableFact { name: name_text.clone(), kind, by: number });
            variables.push(VariableInit { name: name_text, kind, value });
        }
        if variables.is_empty() {
            let what = format!("the action '{}'", member.key);
            self.missing(&what, "an array of at least one variable in inputs.variables", list.span);
        }
        variables
    }

    fn variable_kind(&mut self, node: &Node) -> VariableKind {
        const KINDS: [VariableKind; 6] = [
            VariableKind::Boolean,
            VariableKind::Integer,
            VariableKind::Float,
            VariableKind::String,
            VariableKind::Object,
            VariableKind::Array,
        ];
        let Some(kind) = node.get("type") else {
            self.missing("a variable", "a type", node.span);
            return VariableKind::String;
        };
        let word = kind.as_text().unwrap_or_default();
        match KINDS.into_iter().find(|kind| kind.as_str().eq_ignore_ascii_case(word)) {
            Some(kind) => kind,
            None => {
                self.not_one_of("unknownType", "a variable's type", kind, &KINDS.map(VariableKind::as_str));
                VariableKind::String
            }
        }
    }

    /// Told only when the value is a constant, or an interpolation, which is always a text.
    fn check_variable_type(&mut self, name: &str, kind: VariableKind, value: &Tree, span: Span) {
        let fits = match value {
            Tree::Value(value) => kind.accepts(value),
            Tree::Template(Template::Text(_)) => kind == VariableKind::String,
            Tree::Template(_) => true,
            Tree::Array(_) => kind == VariableKind::Array,
            Tree::Object(_) => kind == VariableKind::Object,
        };
        if !fits {
            let message =
                format!("the variable '{name}' is of type {}; this value does not fit it", kind.as_str());
            self.error("variableType", message, span);
        }
    }

    fn variable_work(&mut self, kind: &str, member: &Member, inputs: &Node, number: usize) -> Work {
        let name = match inputs.get("name") {
            Some(node) => {
                let name = self.must_be_text(node, "a variable's name");
                if let Some(fact) = self.facts.actions.get_mut(number) {
                    fact.changes = Some((name.clone(), node.span));
                }
                name
            }
            None => {
                self.missing(&format!("the action '{}'", member.key), "inputs.name", inputs.span);
                String::new()
            }
        };
        if matches!(kind, "IncrementVariable" | "DecrementVariable") {
            let by = self.optional(inputs, "value").unwrap_or(Tree::Value(Value::from(1)));
            return if kind == "IncrementVariable" {
                Work::IncrementVariable { name, by }
            } else {
                Work::DecrementVariable { name, by }
            };
        }
        let value = self.needed(member, inputs, "value");
        match kind {
            "SetVariable" => Work::SetVariable { name, value },
            "AppendToArrayVariable" => Work::AppendToArrayVariable { name, value },
            _ => Work::AppendToStringVariable { name, value },
        }
    }

    fn table_work(&mut self, member: &Member, inputs: &Node) -> Work {
        let from = self.needed(member, inputs, "from");
        let format = match inputs.get("format") {
            Some(node) if node.as_text().is_some_and(|word| word.eq_ignore_ascii_case("html")) => {
                TableFormat::Html
            }
            Some(node) => {
                if !node.as_text().is_some_and(|word| word.eq_ignore_ascii_case("csv")) {
                    self.not_one_of("unknownFormat", "a table's format", node, &["CSV", "HTML"]);
                }
                TableFormat::Csv
            }
            None => {
                self.missing(&format!("the action '{}'", member.key), "inputs.format", inputs.span);
                TableFormat::Csv
            }
        };
        let columns = inputs.get("columns").map(|columns| {
            let mut read = Vec::new();
            for column in columns.items() {
                let header = self.optional(column, "header").unwrap_or_default();
                read.push((header, self.optional(column, "value").unwrap_or_default()));
            }
            read
        });
        Work::Table { from, format, columns }
    }

    fn terminate_work(&mut self, member: &Member, inputs: &Node) -> Work {
        const STATUSES: [&str; 3] = ["Succeeded", "Failed", "Cancelled"];
        let status = match inputs.get("runStatus") {
            Some(node) => {
                let template = self.template(node, "runStatus");
                let unknown = template
                    .as_literal()
                    .is_some_and(|word| !STATUSES.iter().any(|status| status.eq_ignore_ascii_case(word)));
                if unknown {
                    self.not_one_of("unknownStatus", "runStatus", node, &STATUSES);
                }
                template
            }
            None => {
                self.missing(&format!("the action '{}'", member.key), "inputs.runStatus", inputs.span);
                Template::literal("Failed")
            }
        };
        let error = inputs.get("runError");
        let code = error.and_then(|error| self.optional(error, "code"));
        let message = error.and_then(|error| self.optional(error, "message"));
        Work::Terminate { status, code, message }
    }

    fn wait_work(&mut self, member: &Member, inputs: &Node) -> Work {
        if let Some(interval) = inputs.get("interval") {
            let count = self.needed(member, interval, "count");
            let unit = match interval.get("unit") {
                Some(unit) => self.wait_unit(unit),
                None => {
                    self.missing("a wait", "interval.unit", interval.span);
                    Template::literal("Second")
                }
            };
            return Work::Wait(Wait::For { count, unit });
        }
        let timestamp = inputs.get("until").and_then(|until| until.get("timestamp"));
        match timestamp {
            Some(node) => Work::Wait(Wait::Until { timestamp: self.template(node, "until.timestamp") }),
            None => {
                let what = format!("the action '{}'", member.key);
                self.missing(&what, "inputs.interval or inputs.until.timestamp", inputs.span);
                Work::Wait(Wait::Until { timestamp: Template::literal("") })
            }
        }
    }

    fn wait_unit(&mut self, node: &Node) -> Template {
        const UNITS: [&str; 6] = ["Second", "Minute", "Hour", "Day", "Week", "Month"];
        let template = self.template(node, "interval.unit");
        let unknown = template
            .as_literal()
            .is_some_and(|word| !UNITS.iter().any(|unit| unit.eq_ignore_ascii_case(word)));
        if unknown {
            self.not_one_of("unknownUnit", "the unit of a wait", node, &UNITS);
        }
        template
    }

    fn expression(&mut self, member: &Member, name: &str) -> Option<Tree> {
        let node = member.value.get(name);
        if node.is_none() {
            self.missing(&format!("the action '{}'", member.key), name, member.key_span);
        }
        node.map(|node| self.tree(node))
    }

    fn if_work(&mut self, member: &Member, number: usize, depth: usize) -> Work {
        let node = &member.value;
        let condition = match node.get("expression") {
            Some(expression) => self.condition(expression),
            None => {
                self.missing(&format!("the action '{}'", member.key), "an expression", member.key_span);
                crate::wdl::Condition::Value(Tree::default())
            }
        };
        let actions = self.inner(node, "actions", number, depth);
        let otherwise = match node.get("else") {
            Some(other) => self.inner(other, "actions", number, depth),
            None => Block::default(),
        };
        Work::If { condition, actions, otherwise }
    }

    fn switch_work(&mut self, member: &Member, number: usize, depth: usize) -> Work {
        let node = &member.value;
        let on = self.expression(member, "expression").unwrap_or_default();
        let mut cases: Vec<Case> = Vec::new();
        let case_nodes = node.get("cases");
        let count = case_nodes.map_or(0, |cases| cases.members().len());
        if count > limits::SWITCH_CASES {
            let message = format!("a switch may have {} cases; this one has {count}", limits::SWITCH_CASES);
            self.error("tooManyCases", message, member.key_span);
        }
        for case in case_nodes.map(Node::members).unwrap_or_default() {
            let value = match case.value.get("case") {
                Some(value) if matches!(value.kind, Kind::Text(_) | Kind::Number(_) | Kind::Bool(_)) => {
                    if cases.len() <= limits::SWITCH_CASES
                        && cases.iter().any(|other| crate::expr::equal(&other.value, &value.to_value()))
                    {
                        let message =
                            format!("the value of the case '{}' stands at another case too", case.key);
                        self.error("duplicateCase", message, value.span);
                    }
                    value.to_value()
                }
                Some(value) => {
                    let message = format!("a case must be a text or a number, found {}", value.kind_words());
                    self.error("wrongJsonType", message, value.span);
                    Value::Null
                }
                None => {
                    self.missing(&format!("the case '{}'", case.key), "a value (case)", case.key_span);
                    Value::Null
                }
            };
            let actions = self.inner(&case.value, "actions", number, depth);
            cases.push(Case { name: case.key.clone(), value, actions });
        }
        let default = match node.get("default") {
            Some(default) => self.inner(default, "actions", number, depth),
            None => Block::default(),
        };
        Work::Switch { on, cases, default }
    }

    fn foreach_work(&mut self, member: &Member, number: usize, depth: usize) -> Work {
        let node = &member.value;
        let over = self.expression(member, "foreach").unwrap_or_default();
        let repetitions = node
            .get("runtimeConfiguration")
            .and_then(|runtime| runtime.get("concurrency"))
            .and_then(|concurrency| concurrency.get("repetitions"));
        let mut concurrency = repetitions.and_then(|repetitions| {
            self.bounded(repetitions, "concurrency.repetitions", 1..=limits::FOREACH_CONCURRENCY)
        });
        if node.get("operationOptions").and_then(Node::as_text).is_some_and(|options| {
            options.split(',').any(|word| word.trim().eq_ignore_ascii_case("Sequential"))
        }) {
            concurrency = Some(1);
        }
        let actions = self.inner(node, "actions", number, depth);
        Work::Foreach { over, actions, concurrency }
    }

    fn until_work(&mut self, member: &Member, number: usize, depth: usize) -> Work {
        let node = &member.value;
        let condition = match node.get("expression") {
            Some(expression) => self.condition(expression),
            None => {
                self.missing(&format!("the action '{}'", member.key), "an expression", member.key_span);
                crate::wdl::Condition::Value(Tree::default())
            }
        };
        let limit = node.get("limit");
        let count = limit.and_then(|limit| limit.get("count")).map(|count| self.tree(count));
        let timeout = limit.and_then(|limit| limit.get("timeout"));
        let timeout = timeout.map(|timeout| self.duration(timeout, "limit.timeout"));
        let actions = self.inner(node, "actions", number, depth);
        Work::Until { condition, actions, count, timeout }
    }
}
