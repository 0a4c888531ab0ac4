//! Triggers: called from outside, by the clock, or by an event of a connector.

use super::Builder;
use crate::diagnose::{Diagnostic, did_you_mean};
use crate::expr::Template;
use crate::wdl::definition::{Trigger, TriggerKind};
use crate::wdl::event::{CONNECTOR, CdpEvent};
use crate::wdl::json::{Kind, Member, Node};
use crate::wdl::limits;
use crate::wdl::recurrence;
use std::collections::HashSet;

impl Builder<'_> {
    pub(super) fn triggers(&mut self, root: &Node) -> Vec<Trigger> {
        let Some(node) = root.get("triggers") else {
            self.missing("a flow", "triggers", root.span);
            return Vec::new();
        };
        self.must_be_object(node, "triggers");
        match node.members().len() {
            0 => self.error("noTrigger", "a flow needs a trigger; this one has none", node.span),
            count if count > limits::TRIGGERS => {
                let message = format!("a flow may have {} triggers; this one has {count}", limits::TRIGGERS);
                self.error("tooManyTriggers", message, node.span);
            }
            _ => {}
        }
        let mut triggers = Vec::new();
        let mut names = HashSet::new();
        for member in node.members() {
            self.owner = None;
            self.check_name("trigger", member);
            if !names.insert(member.key.to_lowercase()) {
                let message = format!("there are two triggers '{}'; letter case does not count", member.key);
                self.error("duplicateName", message, member.key_span);
            }
            triggers.push(self.trigger(member));
        }
        triggers
    }

    fn trigger(&mut self, member: &Member) -> Trigger {
        let node = &member.value;
        self.must_be_object(node, &format!("the trigger '{}'", member.key));
        let kind = self.trigger_kind(member);
        let runtime = node.get("runtimeConfiguration");
        let concurrency = runtime.and_then(|runtime| runtime.get("concurrency"));
        let mut bounded = |name: &str| {
            let value = concurrency.and_then(|concurrency| concurrency.get(name))?;
            self.bounded(value, &format!("concurrency.{name}"), 1..=limits::TRIGGER_CONCURRENCY)
        };
        let (runs, maximum_waiting_runs) = (bounded("runs"), bounded("maximumWaitingRuns"));
        let options = self.options(node.get("operationOptions"));
        let single_instance = options.iter().any(|option| option.eq_ignore_ascii_case("SingleInstance"));
        Trigger {
            name: member.key.clone(),
            kind,
            conditions: self.trigger_conditions(node),
            split_on: node.get("splitOn").map(|split| self.template(split, "splitOn")),
            concurrency: if single_instance { Some(1) } else { runs },
            maximum_waiting_runs,
            single_instance,
            secure: self.secure(runtime),
            options,
            span: member.key_span,
        }
    }

    fn trigger_conditions(&mut self, node: &Node) -> Vec<Template> {
        let mut conditions = Vec::new();
        for item in node.get("conditions").map(Node::items).unwrap_or_default() {
            match item.get("expression").unwrap_or(item) {
                expression @ Node { kind: Kind::Text(_), .. } => {
                    conditions.push(self.template(expression, "a trigger condition"));
                }
                other => self.missing("a trigger condition", "an expression", other.span),
            }
        }
        conditions
    }

    fn trigger_kind(&mut self, member: &Member) -> TriggerKind {
        let node = &member.value;
        let inputs = node.get("inputs");
        let type_name = match node.get("type") {
            Some(kind) => self.must_be_text(kind, "a trigger's type"),
            None => {
                self.missing(&format!("the trigger '{}'", member.key), "a type", member.key_span);
                String::new()
            }
        };
        match type_name.to_ascii_lowercase().as_str() {
            "request" | "manual" => {
                self.facts.request_trigger = true;
                let text = |node: Option<&Node>| node.and_then(Node::as_text).map(str::to_owned);
                TriggerKind::Request {
                    kind: text(node.get("kind")),
                    schema: inputs.and_then(|inputs| inputs.get("schema")).map(Node::to_value),
                    method: text(inputs.and_then(|inputs| inputs.get("method"))),
                }
            }
            "recurrence" => self.recurrence(member),
            "openapiconnectionwebhook" | "apiconnectionwebhook" => match inputs {
                Some(inputs) => self.event(member, inputs),
                None => {
                    self.missing(&format!("the trigger '{}'", member.key), "inputs", member.key_span);
                    TriggerKind::Unknown { kind: type_name, inputs: serde_json::Value::Null }
                }
            },
            _ => {
                if !type_name.is_empty() {
                    let span = node.get("type").map_or(member.key_span, |kind| kind.span);
                    let near =
                        did_you_mean(&type_name, ["Request", "Recurrence", "OpenApiConnectionWebhook"]);
                    let message = format!("triggers of type '{type_name}' are kept, but do not fire here");
                    let found = Diagnostic::warning("triggerNotAvailable", message, span);
                    self.diagnostics.push(found.suggest(near.map(|near| format!("did you mean {near}?"))));
                }
                let value = inputs.map(Node::to_value).unwrap_or_default();
                if let Some(inputs) = inputs {
                    self.tree(inputs);
                }
                TriggerKind::Unknown { kind: type_name, inputs: value }
            }
        }
    }

    fn recurrence(&mut self, member: &Member) -> TriggerKind {
        // In triggers it stands beside the inputs; older definitions have it inside.
        let node = member.value.get("recurrence");
        let node = node.or_else(|| member.value.get("inputs").and_then(|inputs| inputs.get("recurrence")));
        let Some(node) = node else {
            self.missing(&format!("the trigger '{}'", member.key), "a recurrence", member.key_span);
            return TriggerKind::Unknown { kind: "Recurrence".to_owned(), inputs: serde_json::Value::Null };
        };
        let (recurrence, found) = recurrence::read(node);
        self.diagnostics.extend(found);
        match recurrence {
            Some(recurrence) => TriggerKind::Recurrence(recurrence),
            None => TriggerKind::Unknown { kind: "Recurrence".to_owned(), inputs: node.to_value() },
        }
    }

    fn event(&mut self, member: &Member, inputs: &Node) -> TriggerKind {
        let operation = self.operation(member, inputs);
        let own = operation.connector.as_deref().is_some_and(|name| name.eq_ignore_ascii_case(CONNECTOR));
        let id = operation.operation_id.as_deref();
        let event = if own { id.and_then(CdpEvent::of_operation) } else { None };
        let span = inputs
            .get("host")
            .and_then(|host| host.get("operationId"))
            .map_or(member.key_span, |node| node.span);
        if own && event.is_none() {
            let ids = CdpEvent::ALL.map(CdpEvent::operation_id);
            let near = did_you_mean(id.unwrap_or_default(), ids);
            let message = format!(
                "the events of {CONNECTOR} are {}; found '{}'",
                ids.join(", "),
                id.unwrap_or_default()
            );
            let found = Diagnostic::error("unknownEvent", message, span);
            self.diagnostics.push(found.suggest(near.map(|near| format!("did you mean {near}?"))));
        }
        if !own {
            let name = operation.connector.as_deref().unwrap_or("this connector");
            let message = format!("events of {name} are kept, but do not fire here; those of {CONNECTOR} do");
            self.warning("triggerNotAvailable", message, span);
        }
        TriggerKind::Event { event, operation }
    }
}
