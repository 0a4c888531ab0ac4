//! Delivery → receiver, with every attempt on record.

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use store::{Lease, Store, Tx, to_micros};

use crate::history::delivery_row;
use crate::{Attempt, Delivery, Receiver, Result};

/// When a delivery that was not taken is tried again: the Standard Webhooks schedule.
const RETRY_AFTER: [Duration; 9] = [
    Duration::from_secs(5),
    Duration::from_secs(5 * 60),
    Duration::from_secs(30 * 60),
    Duration::from_secs(2 * 3600),
    Duration::from_secs(5 * 3600),
    Duration::from_secs(10 * 3600),
    Duration::from_secs(14 * 3600),
    Duration::from_secs(20 * 3600),
    Duration::from_secs(24 * 3600),
];

/// Tries the delivery that `lease` names, and records how it went.
pub(crate) async fn deliver(store: &Store, receivers: &[Arc<dyn Receiver>], lease: &Lease) -> Result<()> {
    let Some((delivery, receiver_name)) = delivery_row(store, &lease.key, lease.attempts).await? else {
        let mut tx = store.write().await?;
        tx.finish(lease).await?;
        return Ok(tx.commit().await?);
    };
    let receiver = receivers.iter().find(|receiver| receiver.name() == receiver_name);
    let attempt = match receiver {
        Some(receiver) => receiver.attempt(&delivery).await,
        None => {
            Attempt::Later { reason: format!("no receiver named {receiver_name:?} is running"), after: None }
        }
    };
    let mut tx = store.write().await?;
    let settled = match attempt {
        Attempt::Taken => {
            let detail = match receiver {
                Some(receiver) => receiver.accept(&mut tx, &delivery).await?,
                None => String::new(),
            };
            Settled { status: "delivered", detail, again: None }
        }
        Attempt::Refused(reason) => Settled { status: "failed", detail: reason, again: None },
        Attempt::Later { reason, after } => later(tx.now(), delivery.attempt, reason, after),
    };
    write_outcome(&mut tx, &delivery, &settled).await?;
    match settled.again {
        Some(due) => tx.reschedule(lease, due).await?,
        None => tx.finish(lease).await?,
    }
    tx.commit().await?;
    Ok(())
}

/// What becomes of a delivery after an attempt.
struct Settled {
    status: &'static str,
    detail: String,
    again: Option<Timestamp>,
}

fn later(now: Timestamp, attempt: u32, reason: String, after: Option<Duration>) -> Settled {
    let nth = usize::try_from(attempt.saturating_sub(1)).unwrap_or(usize::MAX);
    match RETRY_AFTER.get(nth) {
        Some(planned) => {
            let wait =
                after.unwrap_or(*planned).clamp(Duration::from_secs(1), Duration::from_secs(24 * 3600));
            let wait = SignedDuration::try_from(wait).unwrap_or(SignedDuration::from_hours(24));
            let due = now.checked_add(wait).unwrap_or(Timestamp::MAX);
            Settled { status: "pending", detail: reason, again: Some(due) }
        }
        None => Settled {
            status: "failed",
            detail: format!("gave up after {attempt} attempts: {reason}"),
            again: None,
        },
    }
}

async fn write_outcome(tx: &mut Tx, delivery: &Delivery, settled: &Settled) -> Result<()> {
    let now = to_micros(tx.now());
    let outcome = if settled.again.is_some() { "later" } else { settled.status };
    sqlx::query(
        "INSERT INTO delivery_attempt (delivery_id, attempt, attempted_at, outcome, detail) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT (delivery_id, attempt) DO UPDATE SET outcome = excluded.outcome, detail = excluded.detail",
    )
    .bind(delivery.id.as_str())
    .bind(i64::from(delivery.attempt))
    .bind(now)
    .bind(outcome)
    .bind(&settled.detail)
    .execute(tx.conn())
    .await?;
    sqlx::query("UPDATE delivery SET status = $2, detail = $3, ended_at = $4 WHERE delivery_id = $1")
        .bind(delivery.id.as_str())
        .bind(settled.status)
        .bind(&settled.detail)
        .bind(if settled.again.is_some() { None } else { Some(now) })
        .execute(tx.conn())
        .await?;
    Ok(())
}
