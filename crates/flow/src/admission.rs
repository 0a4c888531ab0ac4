//! Which runs of a firing begin at once, and which wait until others end.

use std::sync::Arc;

use store::{Queue, RunId, Tx, from_micros, to_micros};

use crate::definitions::{self, Present};
use crate::limits::Limits;
use crate::machine::{Caller, Trigger};
use crate::runs::{NewRun, TriggerFired, id_of, seed};
use crate::triggers::{Firing, Load, Moment, fire};
use crate::{FlowError, Result};

/// What a firing of an active flow starts: its runs, or the one that records why there are none. `ahead` counts the flow's runs that are to be written before them.
///
/// # Errors
/// [`FlowError::Throttled`] when as many runs wait as may.
pub(crate) async fn judge(
    tx: &mut Tx,
    present: &Present,
    flow: &str,
    fired: TriggerFired,
    caller: Caller,
    ahead: &mut Load,
) -> Result<Vec<NewRun>> {
    let TriggerFired { name, outputs, key, origin } = fired;
    let id_for = |element: Option<usize>| match element {
        _ if key.is_empty() => RunId::fresh(),
        Some(index) => id_of(flow, &format!("{key} {index}")),
        None => id_of(flow, &key),
    };
    let id = id_for(None);
    let triggers = &present.compiled.definition.triggers;
    let named = triggers.iter().find(|trigger| trigger.name.eq_ignore_ascii_case(&name));
    let declared = named.or(triggers.first());
    let name = declared.map_or(name, |declared| declared.name.clone());
    let trigger = Trigger { name, outputs: outputs.into(), origin, caller };
    let at = from_micros(to_micros(tx.now()));
    let new = |id: RunId, trigger: Trigger, place: i64, skipped: Option<String>| NewRun {
        seed: seed(&id, at),
        id,
        flow: flow.to_owned(),
        version: present.version.clone(),
        compiled: Arc::clone(&present.compiled),
        trigger,
        at,
        skipped,
        place,
    };
    let Some(declared) = declared else { return Ok(vec![new(id, trigger, 0, None)]) };
    let limited = declared.concurrency.is_some() || declared.single_instance;
    let load = if limited { load(tx, flow, &id, &id_for(Some(0)), *ahead).await? } else { Load::default() };
    let limits = Limits::default();
    let moment = Moment { flow, run: &id, now: at, limits: &limits };
    match fire(&present.compiled.plan, declared, &trigger, load, &moment) {
        Firing::Runs { runs, .. } => {
            let place = |(index, run): (usize, crate::triggers::NewRun)| {
                let behind = to_micros(at).saturating_add(i64::try_from(index).unwrap_or(i64::MAX));
                ahead.waiting = ahead.waiting.saturating_add(usize::from(run.waits));
                ahead.running = ahead.running.saturating_add(usize::from(!run.waits));
                new(id_for(run.element), run.trigger, if run.waits { behind } else { 0 }, None)
            };
            Ok(runs.into_iter().enumerate().map(place).collect())
        }
        Firing::Skipped(why) => Ok(vec![new(id, trigger, 0, Some(why))]),
        Firing::Failed(error) => Ok(vec![new(id, trigger, 0, Some(error.message))]),
        Firing::Throttled(why) => Err(FlowError::Throttled { flow: flow.to_owned(), why }),
    }
}

/// How many runs of the flow there are. A firing that was stored before counts nothing: it brings nothing new.
async fn load(tx: &mut Tx, flow: &str, id: &RunId, first: &RunId, ahead: Load) -> Result<Load> {
    let known: Option<i64> = sqlx::query_scalar("SELECT 1 FROM run WHERE id IN ($1, $2) LIMIT 1")
        .bind(id.as_str())
        .bind(first.as_str())
        .fetch_optional(tx.conn())
        .await?;
    if known.is_some() {
        return Ok(Load::default());
    }
    let (running, waiting) = counts(tx, flow).await?;
    Ok(Load {
        running: running.saturating_add(ahead.running),
        waiting: waiting.saturating_add(ahead.waiting),
    })
}

/// Runs of the flow that may go on, and those that wait.
async fn counts(tx: &mut Tx, flow: &str) -> Result<(usize, usize)> {
    let (all, waiting): (i64, i64) = sqlx::query_as(
        "SELECT COUNT(*), COALESCE(SUM(CASE WHEN place > 0 THEN 1 ELSE 0 END), 0) FROM run \
         WHERE flow = $1 AND ended_at IS NULL",
    )
    .bind(flow)
    .fetch_one(tx.conn())
    .await?;
    let count = |number: i64| usize::try_from(number).unwrap_or(0);
    Ok((count(all.saturating_sub(waiting)), count(waiting)))
}

/// Lets in runs that wait, as far as there is room: to be called when runs end, and when a flow has changed.
pub(crate) async fn let_in(tx: &mut Tx) -> Result<()> {
    let flows: Vec<String> =
        sqlx::query_scalar("SELECT DISTINCT flow FROM run WHERE place > 0 ORDER BY flow")
            .fetch_all(tx.conn())
            .await?;
    for flow in flows {
        let present = definitions::present(tx, &flow).await?;
        let trigger = present.as_ref().and_then(|present| present.compiled.definition.triggers.first());
        let room = match trigger.and_then(|trigger| trigger.concurrency) {
            Some(at_most) => {
                let (running, _) = counts(tx, &flow).await?;
                i64::from(at_most).saturating_sub(i64::try_from(running).unwrap_or(i64::MAX)).max(0)
            }
            None => i64::MAX,
        };
        let next: Vec<String> = sqlx::query_scalar(
            "SELECT id FROM run WHERE flow = $1 AND place > 0 ORDER BY place, id LIMIT $2",
        )
        .bind(&flow)
        .bind(room)
        .fetch_all(tx.conn())
        .await?;
        let now = tx.now();
        for id in next {
            sqlx::query("UPDATE run SET place = 0 WHERE id = $1").bind(&id).execute(tx.conn()).await?;
            tx.enqueue_in(Queue::Run, &flow, &id, now).await?;
        }
    }
    Ok(())
}
