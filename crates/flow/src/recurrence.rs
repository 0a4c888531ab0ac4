//! Flows that fire by the clock.
//!
//! A flow has one row of work, due at its next tick. Ticks that passed while nobody looked are not replayed:
//! the earliest of them fires once, late, and the next is the first one after now (documented behaviour of a
//! Recurrence). The run's key is the instance and the tick's time, so a tick never starts two runs.

use std::time::Duration;

use jiff::Timestamp;
use lang::wdl::recurrence::next_after;
use lang::wdl::{Recurrence, Schedule};
use serde_json::json;
use store::{Lease, Queue, Store, Tx, from_micros, to_micros};
use tokio_util::sync::CancellationToken;

use crate::runs::{TriggerFired, start};
use crate::triggers::FlowTrigger;
use crate::{Result, definitions};

/// How long a tick is claimed for.
const LEASE: Duration = Duration::from_secs(60);
/// Ticks that are claimed at once.
const CLAIMED: u32 = 16;
/// The longest sleep between two looks.
const LONGEST_SLEEP: Duration = Duration::from_secs(30);

/// Sets a flow's clock as its trigger says, from now on.
pub(crate) async fn schedule(tx: &mut Tx, flow: &str, trigger: &FlowTrigger) -> Result<()> {
    unschedule(tx, flow).await?;
    let FlowTrigger::Recurrence(recurrence) = trigger else { return Ok(()) };
    let now = tx.now();
    // Without a start time the first run is immediate; with one in the past, later times count from it.
    let first = if recurrence.start.is_none() && recurrence.schedule == Schedule::default() {
        Some(now)
    } else {
        next_after(recurrence, now)
    };
    match first {
        Some(first) => set_tick(tx, flow, Some(first)).await,
        None => Ok(()),
    }
}

/// Stops a flow's clock.
pub(crate) async fn unschedule(tx: &mut Tx, flow: &str) -> Result<()> {
    tx.withdraw(Queue::Recurrence, flow).await?;
    sqlx::query("UPDATE flow SET next_tick = NULL WHERE name = $1").bind(flow).execute(tx.conn()).await?;
    Ok(())
}

async fn set_tick(tx: &mut Tx, flow: &str, tick: Option<Timestamp>) -> Result<()> {
    sqlx::query("UPDATE flow SET next_tick = $2 WHERE name = $1")
        .bind(flow)
        .bind(tick.map(to_micros))
        .execute(tx.conn())
        .await?;
    if let Some(tick) = tick {
        tx.enqueue(Queue::Recurrence, flow, tick).await?;
    }
    Ok(())
}

/// Fires what is due until `stop`.
pub(crate) async fn work(store: Store, stop: CancellationToken) {
    while !stop.is_cancelled() {
        if let Err(error) = fire_due(&store).await {
            tracing::error!(error = %error, code = error.code(), "recurring flows could not be fired");
        }
        tokio::select! {
            () = stop.cancelled() => return,
            waited = store.wait(Queue::Recurrence, LONGEST_SLEEP) => {
                if waited.is_err() {
                    tokio::time::sleep(Duration::from_secs(1)).await;
                }
            }
        }
    }
}

/// Fires every clock that is due.
pub(crate) async fn fire_due(store: &Store) -> Result<()> {
    for lease in store.claim(Queue::Recurrence, CLAIMED, LEASE).await? {
        fire(store, &lease).await?;
    }
    Ok(())
}

async fn fire(store: &Store, lease: &Lease) -> Result<()> {
    let flow = lease.key.as_str();
    let mut tx = store.write().await?;
    let present = definitions::present(&mut tx, flow).await?;
    let tick: Option<i64> = sqlx::query_scalar("SELECT next_tick FROM flow WHERE name = $1")
        .bind(flow)
        .fetch_optional(tx.conn())
        .await?
        .flatten();
    let (Some(present), Some(tick)) = (present, tick.map(from_micros)) else {
        tx.finish(lease).await?;
        return Ok(tx.commit().await?);
    };
    let FlowTrigger::Recurrence(recurrence) = &present.compiled.trigger else {
        tx.finish(lease).await?;
        return Ok(tx.commit().await?);
    };
    let now = tx.now();
    if tick > now {
        tx.reschedule(lease, tick).await?;
        return Ok(tx.commit().await?);
    }
    if present.active {
        let instance = tx.instance_id().await?;
        let fired = TriggerFired {
            name: present
                .compiled
                .definition
                .triggers
                .first()
                .map(|trigger| trigger.name.clone())
                .unwrap_or_default(),
            outputs: json!({"headers": {}, "body": {"scheduledTime": tick.to_string()}}),
            key: format!("tick {instance} {}", to_micros(tick)),
            origin: "schedule".to_owned(),
        };
        start(&mut tx, flow, fired).await?;
    }
    let next = following(recurrence, tick, now);
    sqlx::query("UPDATE flow SET next_tick = $2 WHERE name = $1")
        .bind(flow)
        .bind(next.map(to_micros))
        .execute(tx.conn())
        .await?;
    match next {
        Some(next) => tx.reschedule(lease, next).await?,
        None => tx.finish(lease).await?,
    }
    Ok(tx.commit().await?)
}

/// The tick after `tick` that is not over yet. Without a start time, ticks count from each other.
fn following(recurrence: &Recurrence, tick: Timestamp, now: Timestamp) -> Option<Timestamp> {
    let mut counted = recurrence.clone();
    counted.start.get_or_insert(tick);
    next_after(&counted, now.max(tick))
}
