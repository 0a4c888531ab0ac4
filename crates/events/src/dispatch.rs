//! Event → one delivery per subscriber.

use store::{DeliveryId, EventId, Lease, Queue, Store, to_micros};

use crate::history::event_row;
use crate::record::short_hash;
use crate::{Result, subscriptions};

/// Writes the deliveries of the event that `lease` names, and ends the lease, in one transaction.
pub(crate) async fn dispatch(store: &Store, lease: &Lease) -> Result<()> {
    let mut tx = store.write().await?;
    let id: EventId = lease.key.parse()?;
    if let Some(event) = event_row(&mut tx, &id).await? {
        let now = tx.now();
        for subscription in subscriptions::to_kind(&mut tx, event.kind).await? {
            if !subscription.want.takes(&event.data) {
                continue;
            }
            let delivery = DeliveryId::of_hash(&short_hash(&format!("{id}\n{}", subscription.id)));
            let inserted = sqlx::query(
                "INSERT INTO delivery (delivery_id, event_id, subscription_id, receiver, target, status, created_at) \
                 VALUES ($1, $2, $3, $4, $5, 'pending', $6) ON CONFLICT (delivery_id) DO NOTHING",
            )
            .bind(delivery.as_str())
            .bind(id.as_str())
            .bind(subscription.id.as_str())
            .bind(&subscription.receiver)
            .bind(&subscription.target)
            .bind(to_micros(now))
            .execute(tx.conn())
            .await?;
            if inserted.rows_affected() == 1 {
                tx.enqueue(Queue::Delivery, delivery.as_str(), now).await?;
            }
        }
        sqlx::query("UPDATE event SET dispatched_at = $2 WHERE event_id = $1")
            .bind(id.as_str())
            .bind(to_micros(now))
            .execute(tx.conn())
            .await?;
    }
    tx.finish(lease).await?;
    tx.commit().await?;
    Ok(())
}
