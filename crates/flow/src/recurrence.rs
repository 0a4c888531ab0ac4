//! Flows that fire by the clock.
//!
//! A flow has one row of work, due at its next tick. Ticks that passed while nobody looked are not replayed:
//! the earliest of them fires once, late, and the next is the first one after now (documented behaviour of a
//! Recurrence). Those of a SlidingWindow are replayed, one after the other. An Http trigger asks its address at
//! each tick. The run's key is the instance and the tick's time, so a tick never starts two runs.

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use lang::wdl::recurrence::{next_after, window_start};
use lang::wdl::{Recurrence, Schedule, TriggerKind};
use serde_json::{Value, json};
use store::{Lease, Queue, RunId, Store, Tx, from_micros, to_micros};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::definitions::Compiled;
use crate::machine::{ActionError, ActionPath, Call, Deed, Effect, State, Target};
use crate::runner::Caller;
use crate::runs::{TriggerFired, id_of, start};
use crate::triggers::{FlowTrigger, NextPoll, Polled, polled};
use crate::{FlowError, Result, definitions};

/// How long a poll may take: it must end while its tick is claimed.
const POLL: SignedDuration = SignedDuration::from_secs(45);
/// When a window is tried again that found no room.
const RETRY: SignedDuration = SignedDuration::from_secs(60);
/// How long a tick is claimed for.
const LEASE: Duration = Duration::from_secs(60);
/// Ticks that are claimed at once.
const CLAIMED: u32 = 16;
/// The longest sleep between two looks.
const LONGEST_SLEEP: Duration = Duration::from_secs(30);

/// Sets a flow's clock as its trigger says, from now on.
pub(crate) async fn schedule(tx: &mut Tx, flow: &str, trigger: &FlowTrigger) -> Result<()> {
    let before = next_tick(tx, flow).await?;
    unschedule(tx, flow).await?;
    let Some(recurrence) = trigger.clock() else { return Ok(()) };
    let now = tx.now();
    // Without a start time the first run is immediate; with one in the past, later times count from it.
    let immediate = recurrence.start.is_none() && recurrence.schedule == Schedule::default();
    let first = match (trigger, recurrence.start) {
        // A new version goes on where the old one was; otherwise no window since the start is left out.
        (FlowTrigger::SlidingWindow { .. }, _) if before.is_some() => before,
        (FlowTrigger::SlidingWindow { .. }, Some(start)) => next_after(recurrence, start),
        _ if immediate => Some(now),
        _ => next_after(recurrence, now),
    };
    match first {
        Some(first) => set_tick(tx, flow, Some(first)).await,
        None => Ok(()),
    }
}

async fn next_tick(tx: &mut Tx, flow: &str) -> Result<Option<Timestamp>> {
    let tick: Option<i64> = sqlx::query_scalar("SELECT next_tick FROM flow WHERE name = $1")
        .bind(flow)
        .fetch_optional(tx.conn())
        .await?
        .flatten();
    Ok(tick.map(from_micros))
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
pub(crate) async fn work(store: Store, caller: Arc<Caller>, stop: CancellationToken) {
    while !stop.is_cancelled() {
        if let Err(error) = fire_due(&store, &caller).await {
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

/// Fires every clock that is due. Addresses that are polled are asked at the same time.
pub(crate) async fn fire_due(store: &Store, caller: &Arc<Caller>) -> Result<()> {
    let mut polls = JoinSet::new();
    for lease in store.claim(Queue::Recurrence, CLAIMED, LEASE).await? {
        if let Some(poll) = fire(store, lease).await? {
            polls.spawn(poll.ask(store.clone(), Arc::clone(caller)));
        }
    }
    while let Some(asked) = polls.join_next().await {
        match asked {
            Ok(asked) => asked?,
            Err(error) => tracing::error!(error = %error, "a poll broke off"),
        }
    }
    Ok(())
}

/// Fires a clock that is due; gives the poll that is to be made, if the flow polls.
async fn fire(store: &Store, lease: Lease) -> Result<Option<Poll>> {
    let flow = lease.key.clone();
    let mut tx = store.write().await?;
    let present = definitions::present(&mut tx, &flow).await?;
    let tick = next_tick(&mut tx, &flow).await?;
    let clock = present.as_ref().and_then(|present| present.compiled.trigger.clock().cloned());
    let (Some(present), Some(tick), Some(recurrence)) = (present, tick, clock) else {
        tx.finish(&lease).await?;
        tx.commit().await?;
        return Ok(None);
    };
    let now = tx.now();
    let compiled = present.compiled;
    let (delay, replays) = match &compiled.trigger {
        FlowTrigger::SlidingWindow { delay, .. } => (*delay, present.active),
        _ => (SignedDuration::ZERO, false),
    };
    let due = tick.saturating_add(delay).unwrap_or(tick);
    if due > now {
        tx.reschedule(&lease, due).await?;
        tx.commit().await?;
        return Ok(None);
    }
    if present.active && matches!(compiled.trigger, FlowTrigger::Poll(_)) {
        tx.commit().await?;
        return Ok(Some(Poll { lease, compiled, recurrence, tick }));
    }
    if present.active {
        let outputs = outputs_of(&compiled.trigger, &recurrence, tick);
        let fired = firing(&mut tx, &compiled, "tick", tick, outputs).await?;
        match start(&mut tx, &flow, fired).await {
            // A window waits until there is room; another tick is gone.
            Err(FlowError::Throttled { .. }) if replays => {
                tx.reschedule(&lease, now.saturating_add(RETRY).unwrap_or(now)).await?;
                tx.commit().await?;
                return Ok(None);
            }
            Err(error @ FlowError::Throttled { .. }) => {
                tracing::warn!(flow, error = %error, "a tick started nothing");
            }
            started => drop(started?),
        }
    }
    let next = following(&recurrence, tick, if replays { tick } else { now });
    go_on(&mut tx, &lease, next, delay).await?;
    tx.commit().await?;
    Ok(None)
}

/// What the run sees of a tick: the time, or the window that ends then.
fn outputs_of(trigger: &FlowTrigger, recurrence: &Recurrence, tick: Timestamp) -> Value {
    if !matches!(trigger, FlowTrigger::SlidingWindow { .. }) {
        return json!({"headers": {}, "body": {"scheduledTime": tick.to_string()}});
    }
    let begin = window_start(recurrence, tick).unwrap_or(tick).to_string();
    let window = json!({"windowStartTime": begin, "windowEndTime": tick.to_string()});
    json!({"windowStartTime": begin, "windowEndTime": tick.to_string(), "headers": {}, "body": window})
}

/// The firing of a tick; its key is the instance and the tick's time, so that it never starts two runs.
async fn firing(
    tx: &mut Tx,
    compiled: &Compiled,
    what: &str,
    tick: Timestamp,
    outputs: Value,
) -> Result<TriggerFired> {
    let instance = tx.instance_id().await?;
    let trigger = compiled.definition.triggers.first();
    Ok(TriggerFired {
        name: trigger.map(|trigger| trigger.name.clone()).unwrap_or_default(),
        outputs,
        key: format!("{what} {instance} {}", to_micros(tick)),
        origin: "schedule".to_owned(),
    })
}

/// Sets the next tick and lets the row of work go.
async fn go_on(tx: &mut Tx, lease: &Lease, next: Option<Timestamp>, delay: SignedDuration) -> Result<()> {
    sqlx::query("UPDATE flow SET next_tick = $2 WHERE name = $1")
        .bind(&lease.key)
        .bind(next.map(to_micros))
        .execute(tx.conn())
        .await?;
    match next {
        Some(next) => tx.reschedule(lease, next.saturating_add(delay).unwrap_or(next)).await?,
        None => tx.finish(lease).await?,
    }
    Ok(())
}

/// An address that is to be asked.
struct Poll {
    lease: Lease,
    compiled: Arc<Compiled>,
    recurrence: Recurrence,
    tick: Timestamp,
}

impl Poll {
    /// Asks, and fires when there is something. What the other side says about the next time counts.
    async fn ask(self, store: Store, caller: Arc<Caller>) -> Result<()> {
        let flow = self.lease.key.as_str();
        let place_key = format!("flow poll {flow}");
        let Some(trigger) = self.compiled.definition.triggers.first() else { return Ok(()) };
        let now = store.clock().now();
        let later = store.setting(&place_key).await?.filter(|uri| !uri.is_empty());
        let (polled, next) = match self.request(trigger, flow, later, now) {
            Ok(call) => {
                let uri = call.parameters.get("uri").and_then(Value::as_str).unwrap_or_default().to_owned();
                let effect = Effect {
                    path: ActionPath::new(&trigger.name, &[]),
                    attempt: 1,
                    idempotency_key: id_of(flow, &format!("poll {}", to_micros(self.tick))).to_string(),
                    deadline: now.saturating_add(POLL).ok(),
                    deed: Deed::Call(call.clone()),
                };
                polled(
                    trigger,
                    &uri,
                    caller.call(&effect, &call, self.compiled.plan.marks()).await,
                    store.clock().now(),
                )
            }
            Err(error) => (Polled::Fails(error), NextPoll::default()),
        };
        let mut tx = store.write().await?;
        match polled {
            Polled::Fires(outputs) => {
                let fired = firing(&mut tx, &self.compiled, "poll", self.tick, outputs).await?;
                match start(&mut tx, flow, fired).await {
                    Err(error @ FlowError::Throttled { .. }) => {
                        tracing::warn!(flow, error = %error, "a poll started nothing");
                    }
                    started => drop(started?),
                }
            }
            Polled::Nothing => {}
            Polled::Fails(error) => {
                tracing::warn!(flow, code = error.code, "a poll failed: {}", error.message)
            }
        }
        tx.put_setting(&place_key, next.uri.as_deref().unwrap_or_default()).await?;
        let now = tx.now();
        let at = next.at.or_else(|| following(&self.recurrence, self.tick, now));
        go_on(&mut tx, &self.lease, at, SignedDuration::ZERO).await?;
        Ok(tx.commit().await?)
    }

    fn request(
        &self,
        trigger: &lang::wdl::Trigger,
        flow: &str,
        later: Option<String>,
        now: Timestamp,
    ) -> std::result::Result<Call, ActionError> {
        let TriggerKind::Poll { inputs, .. } = &trigger.kind else {
            return Err(ActionError::new("InvalidTemplate", "The trigger does not poll."));
        };
        let state = State::new(Arc::clone(&self.compiled.plan), RunId::fresh(), flow);
        let mut parameters = inputs
            .evaluate(&state.place(now))
            .map_err(|error| ActionError::new(error.code(), error.message.clone()))?;
        if let (Some(uri), Some(fields)) = (later, parameters.as_object_mut()) {
            fields.insert("uri".to_owned(), uri.into());
        }
        Ok(Call { target: Target::http(), parameters })
    }
}

/// The tick after `tick` that is not over yet. Without a start time, ticks count from each other.
fn following(recurrence: &Recurrence, tick: Timestamp, now: Timestamp) -> Option<Timestamp> {
    let mut counted = recurrence.clone();
    counted.start.get_or_insert(tick);
    next_after(&counted, now.max(tick))
}
