//! Recording an event inside the transaction that makes it true.

use jiff::Timestamp;
use serde_json::{Value, json};
use store::{EventId, Queue, Tx, to_micros};

use crate::{EventType, Result};

/// An event about to be recorded.
#[derive(Debug, Clone)]
pub struct NewEvent {
    /// What happened.
    pub kind: EventType,
    /// What made it happen, as stable text: its hash in this instance is the event's id, so the same cause is one
    /// event.
    pub cause: String,
    /// What it happened to: a data source, a threshold, a job.
    pub subject: String,
    /// The facts, by the type's documented payload.
    pub data: Value,
    /// When it happened.
    pub at: Timestamp,
}

/// A recorded event.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// The hash of its cause.
    pub id: EventId,
    /// What happened.
    pub kind: EventType,
    /// What it happened to.
    pub subject: String,
    /// The facts.
    pub data: Value,
    /// When it happened.
    pub at: Timestamp,
}

impl Event {
    /// The event as a CloudEvents 1.0 structured document; `source` names the instance.
    pub fn to_cloud_event(&self, source: &str) -> Value {
        json!({
            "specversion": "1.0",
            "id": self.id,
            "type": self.kind,
            "source": source,
            "subject": self.subject,
            "time": self.at,
            "datacontenttype": "application/json",
            "data": self.data,
        })
    }
}

/// Whether an event was new.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recorded {
    /// It is recorded now.
    New(EventId),
    /// It had been recorded before; nothing changed.
    Known(EventId),
}

/// Records an event, and the work of finding who must hear of it, in the caller's transaction.
pub async fn record(tx: &mut Tx, event: NewEvent) -> Result<Recorded> {
    // Receivers remember ids: two instances with the same definitions must not send the same ones.
    let instance = tx.instance_id().await?;
    let id = EventId::of_hash(&short_hash(&format!("{instance}\n{}", event.cause)));
    let inserted = sqlx::query(
        "INSERT INTO event (event_id, kind, subject, cause, data, happened_at) VALUES ($1, $2, $3, $4, $5, $6) \
         ON CONFLICT (event_id) DO NOTHING",
    )
    .bind(id.as_str())
    .bind(event.kind.name())
    .bind(&event.subject)
    .bind(&event.cause)
    .bind(event.data.to_string())
    .bind(to_micros(event.at))
    .execute(tx.conn())
    .await?;
    if inserted.rows_affected() == 0 {
        return Ok(Recorded::Known(id));
    }
    let now = tx.now();
    tx.enqueue(Queue::Dispatch, id.as_str(), now).await?;
    Ok(Recorded::New(id))
}

/// 128 bits of BLAKE3 as hexadecimal text: enough that causes never collide by chance.
pub(crate) fn short_hash(text: &str) -> String {
    blake3::hash(text.as_bytes()).to_hex().as_str().chars().take(32).collect()
}
