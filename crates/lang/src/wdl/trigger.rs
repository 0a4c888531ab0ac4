//! The checked form of a trigger.

use super::definition::{Operation, RetryPolicy, Secure};
use super::event::CdpEvent;
use super::recurrence::Recurrence;
use crate::diagnose::Span;
use crate::expr::{Template, Tree};
use serde_json::Value;

/// What fires a flow.
#[derive(Debug, Clone)]
pub struct Trigger {
    /// Its name.
    pub name: String,
    /// How it fires.
    pub kind: TriggerKind,
    /// All of these must be true, or the firing is skipped.
    pub conditions: Vec<Template>,
    /// The array of which each element starts a run of its own.
    pub split_on: Option<Template>,
    /// The most runs at a time; none when there is no limit.
    pub concurrency: Option<u32>,
    /// Firings that wait when [`Self::concurrency`] is reached; none for the default.
    pub maximum_waiting_runs: Option<u32>,
    /// Whether a firing that meets a running instance is skipped.
    pub single_instance: bool,
    /// What is hidden in the history.
    pub secure: Secure,
    /// The id that joins runs that belong together (`correlation.clientTrackingId`).
    pub tracking_id: Option<Template>,
    /// The same for each run of an array that is split (`splitOnConfiguration`).
    pub split_tracking_id: Option<Template>,
    /// Other `operationOptions`, as written.
    pub options: Vec<String>,
    /// Where its name stands in the document.
    pub span: Span,
}

impl Trigger {
    /// Whether an `operationOptions` word is set, ignoring letter case.
    #[must_use]
    pub fn has_option(&self, option: &str) -> bool {
        self.options.iter().any(|word| word.eq_ignore_ascii_case(option))
    }
}

/// How a trigger fires.
#[derive(Debug, Clone)]
pub enum TriggerKind {
    /// `Request`: called from outside or started by hand.
    Request {
        /// `Button`, `Http`, … as written.
        kind: Option<String>,
        /// JSON Schema of the body.
        schema: Option<Value>,
        /// The HTTP method, when only one is allowed.
        method: Option<String>,
        /// What follows the flow's address, with names in braces: `/customers/{id}`.
        relative_path: Option<String>,
    },
    /// `Recurrence`: by the clock.
    Recurrence(Recurrence),
    /// `SlidingWindow`: by the clock, one run for each stretch of time; none is left out.
    SlidingWindow {
        /// When windows end.
        recurrence: Recurrence,
        /// How long after its end a window is looked at, ISO 8601.
        delay: Option<Template>,
    },
    /// `Http`: an address is asked again and again; it fires when there is something.
    Poll {
        /// The call: as of the action `Http`.
        inputs: Tree,
        /// What happens when asking fails for a passing reason.
        retry: RetryPolicy,
        /// When it is asked.
        recurrence: Recurrence,
    },
    /// `HttpWebhook`: another system calls, after it was asked to.
    Webhook {
        /// The call that subscribes, when the flow is turned on; it holds `listCallbackUrl()`.
        subscribe: Tree,
        /// The call that unsubscribes, when the flow is turned off.
        unsubscribe: Option<Tree>,
        /// What happens when subscribing fails for a passing reason.
        retry: RetryPolicy,
    },
    /// `OpenApiConnection` or `ApiConnection`: an operation of a connector is asked again and again.
    ConnectorPoll {
        /// Which, and with what.
        operation: Operation,
        /// When it is asked.
        recurrence: Recurrence,
    },
    /// `OpenApiConnectionWebhook` or `ApiConnectionWebhook`: an event of a connector.
    Event {
        /// Which of Weir's own events, when the connector is Weir's own.
        event: Option<CdpEvent>,
        /// The operation, where it comes from and its parameters; `operationId` names the event.
        operation: Operation,
    },
    /// Kept, but it does not fire here.
    Unknown {
        /// The type as written.
        kind: String,
        /// The inputs as written.
        inputs: Value,
    },
}
