//! Triggers: called from outside, by the clock, or by an event of a connector.

use super::Builder;
use crate::diagnose::{Diagnostic, did_you_mean};
use crate::expr::Template;
use crate::wdl::event::{CONNECTOR, CdpEvent};
use crate::wdl::json::{Kind, Member, Node};
use crate::wdl::limits;
use crate::wdl::recurrence::{self, Recurrence};
use crate::wdl::trigger::{Trigger, TriggerKind};
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
        let runs = runs.or(concurrency.map(|_| limits::DEFAULT_TRIGGER_CONCURRENCY));
        let options = self.options(node.get("operationOptions"));
        let single_instance = options.iter().any(|option| option.eq_ignore_ascii_case("SingleInstance"));
        Trigger {
            name: member.key.clone(),
            kind,
            conditions: self.trigger_conditions(node),
            split_on: node.get("splitOn").map(|split| self.template(split, "splitOn")),
            tracking_id: self.tracking_id(Some(node)),
            split_tracking_id: self.tracking_id(node.get("splitOnConfiguration")),
            concurrency: if single_instance { Some(1) } else { runs },
            maximum_waiting_runs,
            single_instance,
            secure: self.secure(runtime),
            options,
            span: member.key_span,
        }
    }

    /// `correlation.clientTrackingId` of a node.
    fn tracking_id(&mut self, node: Option<&Node>) -> Option<Template> {
        let id = node?.get("correlation")?.get("clientTrackingId")?;
        Some(self.template(id, "clientTrackingId"))
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
        let word = type_name.to_ascii_lowercase();
        let Some(inputs) = inputs.filter(|_| word != "recurrence" && word != "slidingwindow") else {
            return self.trigger_without_inputs(member, type_name, &word);
        };
        match word.as_str() {
            "request" | "manual" => self.request(node, Some(inputs)),
            "http" => self.poll(member, inputs),
            "httpwebhook" => {
                let (subscribe, unsubscribe, retry) = self.webhook(member, inputs);
                let message = "triggers of type 'HttpWebhook' are kept, but do not fire here";
                let found = Diagnostic::warning("triggerNotAvailable", message, member.key_span);
                let instead = "let the other system call a Request trigger".to_owned();
                self.diagnostics.push(found.suggest(Some(instead)));
                TriggerKind::Webhook { subscribe, unsubscribe, retry }
            }
            "openapiconnectionwebhook" | "apiconnectionwebhook" => self.event(member, inputs),
            "openapiconnectionnotification" | "apiconnectionnotification" => self.event(member, inputs),
            "openapiconnection" | "apiconnection" if node.get("recurrence").is_some() => {
                self.connector_poll(member, inputs)
            }
            _ => self.unknown_trigger(member, type_name, Some(inputs)),
        }
    }

    fn trigger_without_inputs(&mut self, member: &Member, type_name: String, word: &str) -> TriggerKind {
        match word {
            "request" | "manual" => self.request(&member.value, None),
            "recurrence" => match self.recurrence(member) {
                Ok(recurrence) => TriggerKind::Recurrence(recurrence),
                Err(inputs) => TriggerKind::Unknown { kind: type_name, inputs },
            },
            "slidingwindow" => {
                let delay = member.value.get("inputs").and_then(|inputs| inputs.get("delay"));
                let delay = delay.map(|delay| self.duration(delay, "inputs.delay"));
                match self.recurrence(member) {
                    Ok(recurrence) => TriggerKind::SlidingWindow { recurrence, delay },
                    Err(inputs) => TriggerKind::Unknown { kind: type_name, inputs },
                }
            }
            "http" | "httpwebhook" | "openapiconnectionwebhook" | "apiconnectionwebhook" => {
                self.missing(&format!("the trigger '{}'", member.key), "inputs", member.key_span);
                TriggerKind::Unknown { kind: type_name, inputs: serde_json::Value::Null }
            }
            _ => self.unknown_trigger(member, type_name, None),
        }
    }

    fn unknown_trigger(&mut self, member: &Member, type_name: String, inputs: Option<&Node>) -> TriggerKind {
        const TYPES: [&str; 6] =
            ["Request", "Recurrence", "OpenApiConnectionWebhook", "Http", "HttpWebhook", "SlidingWindow"];
        if !type_name.is_empty() {
            let span = member.value.get("type").map_or(member.key_span, |kind| kind.span);
            let near = did_you_mean(&type_name, TYPES);
            let message = format!("triggers of type '{type_name}' are kept, but do not fire here");
            let found = Diagnostic::warning("triggerNotAvailable", message, span);
            self.diagnostics.push(found.suggest(near.map(|near| format!("did you mean {near}?"))));
        }
        if let Some(inputs) = inputs {
            self.tree(inputs);
        }
        TriggerKind::Unknown { kind: type_name, inputs: inputs.map(Node::to_value).unwrap_or_default() }
    }

    fn request(&mut self, node: &Node, inputs: Option<&Node>) -> TriggerKind {
        self.facts.request_trigger = true;
        let text = |node: Option<&Node>| node.and_then(Node::as_text).map(str::to_owned);
        let input = |name: &str| text(inputs.and_then(|inputs| inputs.get(name)));
        TriggerKind::Request {
            kind: text(node.get("kind")),
            schema: inputs.and_then(|inputs| inputs.get("schema")).map(Node::to_value),
            method: input("method"),
            relative_path: input("relativePath"),
        }
    }

    fn poll(&mut self, member: &Member, inputs: &Node) -> TriggerKind {
        for name in ["method", "uri"] {
            if inputs.get(name).is_none() {
                let what = format!("the trigger '{}'", member.key);
                self.missing(&what, &format!("inputs.{name}"), inputs.span);
            }
        }
        let retry = self.retry(inputs.get("retryPolicy"));
        let call = self.tree_without(inputs, &["retryPolicy"]);
        match self.recurrence(member) {
            Ok(recurrence) => TriggerKind::Poll { inputs: call, retry, recurrence },
            Err(inputs) => TriggerKind::Unknown { kind: "Http".to_owned(), inputs },
        }
    }

    fn connector_poll(&mut self, member: &Member, inputs: &Node) -> TriggerKind {
        let operation = self.operation(member, inputs);
        let name = operation.connector.as_deref().unwrap_or("this connector");
        let message = format!("asking {name} again and again is kept, but does not fire here");
        self.warning("triggerNotAvailable", message, member.key_span);
        match self.recurrence(member) {
            Ok(recurrence) => TriggerKind::ConnectorPoll { operation, recurrence },
            Err(inputs) => TriggerKind::Unknown { kind: "OpenApiConnection".to_owned(), inputs },
        }
    }

    /// The recurrence; where there is none that has a meaning, what stands there.
    fn recurrence(&mut self, member: &Member) -> Result<Recurrence, serde_json::Value> {
        // In triggers it stands beside the inputs; older definitions have it inside.
        let node = member.value.get("recurrence");
        let node = node.or_else(|| member.value.get("inputs").and_then(|inputs| inputs.get("recurrence")));
        let Some(node) = node else {
            self.missing(&format!("the trigger '{}'", member.key), "a recurrence", member.key_span);
            return Err(serde_json::Value::Null);
        };
        let (recurrence, found) = recurrence::read(node);
        self.diagnostics.extend(found);
        recurrence.ok_or_else(|| node.to_value())
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
