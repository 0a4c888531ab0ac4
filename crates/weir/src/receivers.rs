//! Who receives events: flows. A run's row is written in the transaction that marks the delivery as delivered.

use async_trait::async_trait;
use events::{Attempt, Delivery, EventsError, Receiver};
use flow::TriggerFired;
use serde_json::json;
use store::Tx;

/// Starts flows.
pub(crate) struct FlowStart {
    /// The `source` of the CloudEvents that flows get.
    pub source: String,
}

/// The name of this receiver in subscriptions.
pub(crate) const FLOW: &str = "flow";

#[async_trait]
impl Receiver for FlowStart {
    fn name(&self) -> &'static str {
        FLOW
    }

    async fn attempt(&self, _: &Delivery) -> Attempt {
        Attempt::Taken
    }

    async fn accept(&self, tx: &mut Tx, delivery: &Delivery) -> events::Result<String> {
        let mut body = delivery.event.data.clone();
        let event = delivery.event.to_cloud_event(&self.source);
        if let Some(fields) = body.as_object_mut() {
            // The trigger's body is the event's data, as connectors give it; the envelope is beside it.
            fields.insert(
                "event".to_owned(),
                json!({"id": event["id"], "type": event["type"],
                "source": event["source"], "subject": event["subject"], "time": event["time"]}),
            );
        }
        let fired = TriggerFired {
            name: String::new(),
            outputs: json!({"headers": {"Content-Type": "application/json"}, "body": body}),
            key: delivery.event.id.to_string(),
            origin: delivery.event.id.to_string(),
        };
        let started = flow::start(tx, &delivery.target, fired).await;
        match started {
            Ok(Some(run)) => Ok(format!("started {run}")),
            Ok(None) => Ok("the flow is off".to_owned()),
            Err(flow::FlowError::UnknownFlow(name)) => Ok(format!("there is no flow {name:?} any more")),
            Err(error) => Err(EventsError::Receiver { receiver: FLOW, detail: error.to_string() }),
        }
    }
}
