//! Reading back what happened and who heard.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use store::{DeliveryId, EventId, Store, Tx, from_micros};

use crate::{Delivery, Event, EventType, EventsError, Result};

/// An event with the state of its deliveries.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct EventRecord {
    /// The event's id.
    pub id: EventId,
    /// What happened.
    #[serde(rename = "type")]
    pub kind: EventType,
    /// What it happened to.
    pub subject: String,
    /// When.
    pub time: Timestamp,
    /// The facts.
    pub data: Value,
    /// One per subscriber; none before dispatch.
    pub deliveries: Vec<DeliveryRecord>,
}

/// What became of one delivery.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DeliveryRecord {
    /// The delivery's id.
    pub id: DeliveryId,
    /// Which kind of receiver.
    pub receiver: String,
    /// To whom.
    pub target: String,
    /// `pending`, `delivered` or `failed`.
    pub status: String,
    /// What the last attempt said.
    pub detail: Option<String>,
}

type EventRow = (String, String, String, String, i64);

/// The newest `limit` events, newest first.
pub async fn list(store: &Store, limit: u32) -> Result<Vec<EventRecord>> {
    let rows: Vec<EventRow> = sqlx::query_as(
        "SELECT event_id, kind, subject, data, happened_at FROM event ORDER BY happened_at DESC, event_id LIMIT $1",
    )
    .bind(i64::from(limit))
    .fetch_all(store.pool())
    .await?;
    let mut records = Vec::with_capacity(rows.len());
    for row in rows {
        let event = parse_event(row)?;
        let deliveries = deliveries(store, &event.id).await?;
        let Event { id, kind, subject, data, at } = event;
        records.push(EventRecord { id, kind, subject, time: at, data, deliveries });
    }
    Ok(records)
}

/// The deliveries of one event.
pub async fn deliveries(store: &Store, event: &EventId) -> Result<Vec<DeliveryRecord>> {
    let rows: Vec<(String, String, String, String, Option<String>)> = sqlx::query_as(
        "SELECT delivery_id, receiver, target, status, detail FROM delivery WHERE event_id = $1 ORDER BY delivery_id",
    )
    .bind(event.as_str())
    .fetch_all(store.pool())
    .await?;
    rows.into_iter()
        .map(|(id, receiver, target, status, detail)| {
            Ok(DeliveryRecord { id: id.parse()?, receiver, target, status, detail })
        })
        .collect()
}

pub(crate) async fn event_row(tx: &mut Tx, id: &EventId) -> Result<Option<Event>> {
    let row: Option<EventRow> =
        sqlx::query_as("SELECT event_id, kind, subject, data, happened_at FROM event WHERE event_id = $1")
            .bind(id.as_str())
            .fetch_optional(tx.conn())
            .await?;
    row.map(parse_event).transpose()
}

/// A pending delivery with its event, and the name of its receiver.
pub(crate) async fn delivery_row(
    store: &Store,
    id: &str,
    attempt: u32,
) -> Result<Option<(Delivery, String)>> {
    let row: Option<(String, String, String, String, String, String, i64)> = sqlx::query_as(
        "SELECT delivery.receiver, delivery.target, event.event_id, event.kind, event.subject, event.data, \
         event.happened_at FROM delivery JOIN event ON event.event_id = delivery.event_id \
         WHERE delivery.delivery_id = $1 AND delivery.status = 'pending'",
    )
    .bind(id)
    .fetch_optional(store.pool())
    .await?;
    let Some((receiver, target, event_id, kind, subject, data, at)) = row else { return Ok(None) };
    let event = parse_event((event_id, kind, subject, data, at))?;
    Ok(Some((Delivery { id: id.parse()?, event, target, attempt }, receiver)))
}

fn parse_event((id, kind, subject, data, at): EventRow) -> Result<Event> {
    let corrupt = |detail: String| EventsError::Corrupt { what: "event", id: id.clone(), detail };
    Ok(Event {
        kind: kind.parse().map_err(|e: crate::kinds::UnknownEventType| corrupt(e.to_string()))?,
        data: serde_json::from_str(&data).map_err(|e| corrupt(e.to_string()))?,
        subject,
        at: from_micros(at),
        id: id.parse()?,
    })
}
