//! What fires a flow: one of the six events of the data side, a clock, or somebody.
//!
//! The six are written as triggers of Power Automate's Customer Insights connector
//! (`OpenApiConnectionWebhook`, api id `…/shared_customerinsights`). Microsoft's own operation ids are not
//! public; these are ours. A trigger's parameters narrow what it hears: each is compared with the field of the
//! same name in the event's data; an empty one counts as absent.

mod firing;
mod poll;
mod request;

pub use firing::{Firing, Load, Moment, NewRun, fire};
pub use poll::{NextPoll, Polled, polled};
pub use request::body_mismatch;

use std::collections::BTreeMap;

use jiff::{SignedDuration, Span, SpanRelativeTo};
use lang::wdl::{CdpEvent, Definition, Operation, Recurrence, TriggerKind};
use serde_json::Value;

/// The fields of an event's data that a trigger's parameters can ask for.
pub fn parameters_of(event: CdpEvent) -> &'static [&'static str] {
    match event {
        CdpEvent::DataSourceRefreshFailed | CdpEvent::DataSourceRefreshSucceeded => &["dataSource"],
        CdpEvent::SegmentThresholdCrossed => &["segment", "threshold", "direction"],
        CdpEvent::MeasureThresholdCrossed => {
            &["measure", "calculation", "dimension", "threshold", "direction"]
        }
        CdpEvent::RefreshCompleted => &["submissionKind", "status"],
        CdpEvent::UnificationCompleted => &["status"],
        CdpEvent::FlowPaused => &["flow"],
    }
}

/// What a flow wants to hear.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Want {
    /// The CloudEvents type: `weir.segment.thresholdCrossed`, ….
    pub event_type: &'static str,
    /// Field of the event's data → the text it must have.
    pub filter: BTreeMap<String, String>,
}

/// What fires a flow.
#[derive(Debug, Clone, PartialEq)]
pub enum FlowTrigger {
    /// An event.
    Event(Want),
    /// Somebody: by hand, by the API.
    Manual,
    /// The clock.
    Recurrence(Recurrence),
    /// The clock, once for each stretch of time; none is left out.
    SlidingWindow {
        /// When windows end.
        recurrence: Recurrence,
        /// How long after its end a window is looked at.
        delay: SignedDuration,
    },
    /// An address that is asked at each tick.
    Poll(Recurrence),
    /// Nothing here; the sentence says why.
    Unsupported(String),
}

/// What fires the flow of this definition.
pub fn trigger_of(definition: &Definition) -> FlowTrigger {
    let Some(trigger) = definition.triggers.first() else {
        return FlowTrigger::Unsupported("The flow has no trigger.".to_owned());
    };
    match &trigger.kind {
        TriggerKind::Request { .. } => FlowTrigger::Manual,
        TriggerKind::Recurrence(recurrence) => FlowTrigger::Recurrence(recurrence.clone()),
        TriggerKind::Event { event: Some(event), operation } => FlowTrigger::Event(want(*event, operation)),
        TriggerKind::Event { event: None, operation } => FlowTrigger::Unsupported(format!(
            "The trigger '{}' waits for '{}/{}', which does not fire here.",
            trigger.name,
            operation.connector.as_deref().unwrap_or_default(),
            operation.operation_id.as_deref().unwrap_or_default()
        )),
        TriggerKind::SlidingWindow { recurrence, delay } => FlowTrigger::SlidingWindow {
            recurrence: recurrence.clone(),
            delay: delay.as_ref().and_then(|delay| constant(delay.as_literal()?)).unwrap_or_default(),
        },
        TriggerKind::Poll { recurrence, .. } => FlowTrigger::Poll(recurrence.clone()),
        TriggerKind::Webhook { .. } => FlowTrigger::Unsupported(format!(
            "The trigger '{}' asks another system to call the flow, which does not happen here: let that system \
             call a Request trigger.",
            trigger.name
        )),
        TriggerKind::ConnectorPoll { operation, .. } => FlowTrigger::Unsupported(format!(
            "The trigger '{}' asks '{}' again and again, which does not happen here.",
            trigger.name,
            operation.connector.as_deref().unwrap_or_default()
        )),
        TriggerKind::Unknown { kind, .. } => FlowTrigger::Unsupported(format!(
            "The trigger '{}' is of the type '{kind}', which does not fire here.",
            trigger.name
        )),
    }
}

impl FlowTrigger {
    /// The clock of a flow that has one.
    pub fn clock(&self) -> Option<&Recurrence> {
        match self {
            Self::Recurrence(recurrence)
            | Self::SlidingWindow { recurrence, .. }
            | Self::Poll(recurrence) => Some(recurrence),
            Self::Event(_) | Self::Manual | Self::Unsupported(_) => None,
        }
    }
}

/// A duration that is written as a constant; days have 24 hours.
fn constant(text: &str) -> Option<SignedDuration> {
    text.parse::<Span>().ok()?.to_duration(SpanRelativeTo::days_are_24_hours()).ok()
}

fn want(event: CdpEvent, operation: &Operation) -> Want {
    let parameters = operation.parameters();
    let mut filter = BTreeMap::new();
    for field in parameters_of(event) {
        let given = parameters.get(field);
        let text = match given.as_ref().and_then(|tree| tree.as_value()) {
            Some(Value::String(text)) => text.clone(),
            Some(Value::Null) | None => continue,
            Some(other) => other.to_string(),
        };
        if !text.is_empty() {
            filter.insert((*field).to_owned(), text);
        }
    }
    Want { event_type: event.event_type(), filter }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn trigger(trigger: Value) -> FlowTrigger {
        let document = json!({"triggers": {"When": trigger}, "actions": {}});
        let checked = Definition::parse(&document.to_string());
        trigger_of(&checked.definition.unwrap_or_else(|| panic!("{:#?}", checked.diagnostics)))
    }

    fn event(operation: &str, parameters: Value) -> Value {
        json!({"type": "OpenApiConnectionWebhook", "inputs": {
            "host": {"apiId": "/providers/Microsoft.PowerApps/apis/shared_customerinsights",
                     "connectionName": "shared_customerinsights", "operationId": operation},
            "parameters": parameters}})
    }

    #[test]
    fn parameters_narrow_what_is_heard_and_empty_ones_do_not() {
        let parameters = json!({"measure": "Revenue", "dimension": "", "direction": null, "unknown": "x"});
        let FlowTrigger::Event(want) = trigger(event("onMeasureThresholdCrossed", parameters)) else {
            panic!("it is an event");
        };
        assert_eq!(want.event_type, "weir.measure.thresholdCrossed");
        assert_eq!(want.filter, BTreeMap::from([("measure".to_owned(), "Revenue".to_owned())]));
    }

    #[test]
    fn all_six_events_have_an_operation() {
        for known in CdpEvent::ALL {
            let FlowTrigger::Event(want) = trigger(event(known.operation_id(), json!({}))) else {
                panic!("{known:?} is an event");
            };
            assert_eq!((want.event_type, want.filter.len()), (known.event_type(), 0));
        }
    }

    #[test]
    fn a_trigger_that_does_not_fire_here_says_so() {
        let foreign = json!({"type": "OpenApiConnectionWebhook", "inputs": {
            "host": {"apiId": "/providers/Microsoft.PowerApps/apis/shared_sharepointonline",
                     "connectionName": "sp", "operationId": "OnNewItem"}, "parameters": {}}});
        let FlowTrigger::Unsupported(why) = trigger(foreign) else { panic!("it is not supported") };
        assert!(why.contains("shared_sharepointonline/OnNewItem"), "{why}");
    }
}
