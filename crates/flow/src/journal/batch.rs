//! One batch of requests, in one transaction.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, PoisonError};

use store::{Lease, NewWork, Queue, Store, StoreError, Tx};
use tokio::sync::OwnedSemaphorePermit;

use super::desk::{Desk, Taken};
use super::{Accepted, Firing, Listener, Request, Step, write};
use crate::admission::{judge as judge_one, let_in};
use crate::definitions::{self, Present};
use crate::runs::NewRun;
use crate::triggers::Load;
use crate::{FlowError, Result, inbox};

/// Writes a batch and answers everybody. When the batch as a whole cannot be written, each request is tried by
/// itself: one that the database refuses does not keep the others from going on.
pub(super) async fn commit(store: &Store, desk: &Desk, mut batch: Vec<Request>) {
    batch.retain(|request| !request.is_given_up());
    if batch.is_empty() {
        return;
    }
    match written(store, desk, &batch).await {
        Ok(outcome) => outcome.answer(desk, batch),
        Err(error) if batch.len() > 1 => {
            tracing::warn!(%error, size = batch.len(), "a batch could not be written; each by itself now");
            for request in batch {
                let alone = vec![request];
                match written(store, desk, &alone).await {
                    Ok(outcome) => outcome.answer(desk, alone),
                    Err(error) => fail(alone, error),
                }
            }
        }
        Err(error) => fail(batch, error),
    }
}

impl Request {
    /// Nobody waits for it any more. A start is wanted all the same: its caller may have gone.
    fn is_given_up(&self) -> bool {
        matches!(self, Self::Step { done, .. } if done.is_closed())
    }
}

fn fail(batch: Vec<Request>, error: FlowError) {
    // There is one request: the others had errors of their own. Whoever does not wait any more needs no answer.
    match batch.into_iter().next() {
        Some(Request::Start { done, .. }) => drop(done.send(Err(error))),
        Some(Request::Step { done, .. }) => drop(done.send(Err(error))),
        None => {}
    }
}

/// What a transaction brought, request by request.
struct Outcome {
    starts: std::vec::IntoIter<Result<Accepted>>,
    steps: std::vec::IntoIter<Result<bool>>,
    taken: Vec<Taken>,
}

impl Outcome {
    fn answer(mut self, desk: &Desk, batch: Vec<Request>) {
        for taken in self.taken {
            desk.hand_over(taken);
        }
        for request in batch {
            // Whoever does not wait any more needs no answer.
            match request {
                Request::Start { done, .. } => {
                    drop(self.starts.next().map(|answer| done.send(answer)));
                }
                Request::Step { done, .. } => drop(self.steps.next().map(|answer| done.send(answer))),
            }
        }
    }
}

async fn written(store: &Store, desk: &Desk, batch: &[Request]) -> Result<Outcome> {
    let steps: Vec<&Step> = batch.iter().filter_map(Request::step).collect();
    let mut tx = store.write().await?;
    let stepped = write_steps(&mut tx, &steps).await?;
    let (accepted, taken) = write_starts(&mut tx, desk, batch).await?;
    tx.commit().await?;
    Ok(Outcome { starts: accepted.into_iter(), steps: stepped.into_iter(), taken })
}

impl Request {
    fn step(&self) -> Option<&Step> {
        match self {
            Self::Step { step, .. } => Some(step),
            Self::Start { .. } => None,
        }
    }
}

async fn write_steps(tx: &mut Tx, steps: &[&Step]) -> Result<Vec<Result<bool>>> {
    if steps.is_empty() {
        return Ok(Vec::new());
    }
    let settles: Vec<_> = steps.iter().map(|step| (&step.lease, step.settle)).collect();
    let kept = tx.settle(Queue::Run, &settles).await?;
    let own: Vec<&Step> = steps.iter().zip(&kept).filter(|(_, kept)| **kept).map(|(step, _)| *step).collect();
    let mut cancel = HashMap::new();
    if !own.is_empty() {
        write::add_facts(tx, &own).await?;
        cancel = write::update_runs(tx, &own).await?;
        write::remove_folded(tx, &own).await?;
        for step in own {
            inbox::forget(tx, &step.id, &step.taken).await?;
            if let Some((parent, key, news)) = &step.parent {
                inbox::post(tx, parent, key, news).await?;
            }
        }
    }
    if steps.iter().any(|step| step.end.is_some()) {
        let_in(tx).await?;
    }
    let answer = |(step, kept): (&&Step, bool)| match cancel.get(step.id.as_str()) {
        Some(cancel) if kept => Ok(*cancel),
        // Without its row the run is gone, too: somebody removed it.
        _ => Err(StoreError::LeaseLost { queue: Queue::Run.name(), key: step.lease.key.clone() }.into()),
    };
    Ok(steps.iter().zip(kept).map(answer).collect())
}

/// A place with the runner of this process, and who hears the Response.
type Place = (OwnedSemaphorePermit, Option<Listener>);

/// A firing, judged.
enum Judged {
    Refused(FlowError),
    Off,
    /// Its runs, with the place of those that begin at once.
    Runs(Vec<(NewRun, Option<Place>)>),
}

async fn write_starts(
    tx: &mut Tx,
    desk: &Desk,
    batch: &[Request],
) -> Result<(Vec<Result<Accepted>>, Vec<Taken>)> {
    let judged = judge(tx, desk, batch).await?;
    let new: Vec<(&NewRun, bool)> = judged.iter().flat_map(Judged::runs).collect();
    let mut fresh = write::insert_all(tx, &new).await?;
    let until = tx
        .now()
        .saturating_add(jiff::SignedDuration::try_from(desk.lease_time).unwrap_or(jiff::SignedDuration::MAX));
    let until = until.unwrap_or(jiff::Timestamp::MAX);
    let due = new.iter().filter(|(run, _)| run.begins() && fresh.contains(run.id.as_str()));
    let work: Vec<NewWork<'_>> = due
        .map(|(run, begun)| NewWork {
            key: run.id.as_str(),
            lane: &run.flow,
            due: run.at,
            holder: begun.then_some((desk.token.as_str(), until)),
        })
        .collect();
    tx.enqueue_all(Queue::Run, &work).await?;
    let (mut accepted, mut taken) = (Vec::new(), Vec::new());
    for one in judged {
        accepted.push(match one {
            Judged::Refused(error) => Err(error),
            Judged::Off => Ok(Accepted::Off),
            Judged::Runs(runs) => Ok(accept(runs, &mut fresh, desk, &mut taken)),
        });
    }
    Ok((accepted, taken))
}

/// What the caller is told of the runs of one firing: of several, the first. Those that have a place are handed
/// over.
fn accept(
    runs: Vec<(NewRun, Option<Place>)>,
    fresh: &mut HashSet<String>,
    desk: &Desk,
    taken: &mut Vec<Taken>,
) -> Accepted {
    let mut accepted = None;
    for (run, place) in runs {
        // Of two with the same key in one batch, the first is the one that was written.
        let one = match (fresh.remove(run.id.as_str()), run.skipped.is_some()) {
            (_, true) => Accepted::Skipped(run.id),
            (false, false) => Accepted::Known(run.id),
            (true, false) => {
                let id = run.id.clone();
                if let Some((place, listener)) = place {
                    let lease = Lease::of_new(Queue::Run, id.as_str(), &desk.token);
                    taken.push(Taken { lease, run, place, listener });
                }
                Accepted::Started(id)
            }
        };
        accepted.get_or_insert(one);
    }
    accepted.unwrap_or(Accepted::Off)
}

impl Judged {
    fn runs(&self) -> impl Iterator<Item = (&NewRun, bool)> {
        let runs = match self {
            Self::Runs(runs) => runs.as_slice(),
            _ => &[],
        };
        runs.iter().map(|(run, place)| (run, place.is_some()))
    }
}

async fn judge(tx: &mut Tx, desk: &Desk, batch: &[Request]) -> Result<Vec<Judged>> {
    let mut flows: HashMap<&str, Option<Arc<Present>>> = HashMap::new();
    // Runs of this batch are not in the table yet.
    let mut ahead: HashMap<&str, Load> = HashMap::new();
    let mut judged = Vec::new();
    for request in batch {
        let Request::Start { firing, .. } = request else { continue };
        let Firing { flow, fired, caller, listener } = &**firing;
        if !flows.contains_key(flow.as_str()) {
            let present = definitions::present(tx, flow).await?.map(Arc::new);
            flows.insert(flow, present);
        }
        let Some(Some(present)) = flows.get(flow.as_str()).cloned() else {
            judged.push(Judged::Refused(FlowError::UnknownFlow(flow.clone())));
            continue;
        };
        if !present.active {
            judged.push(Judged::Off);
            continue;
        }
        let ahead = ahead.entry(flow.as_str()).or_default();
        judged.push(match judge_one(tx, &present, flow, fired.clone(), caller.clone(), ahead).await {
            Ok(runs) => {
                // Of several runs, the first is heard.
                let mut listener = listener.lock().unwrap_or_else(PoisonError::into_inner).take();
                let mut place = |run: &NewRun| {
                    let place = if run.begins() { desk.place() } else { None };
                    place.map(|place| (place, listener.take()))
                };
                let placed = runs.into_iter().map(|run| (place(&run), run));
                Judged::Runs(placed.map(|(place, run)| (run, place)).collect())
            }
            Err(error @ FlowError::Throttled { .. }) => Judged::Refused(error),
            Err(error) => return Err(error),
        });
    }
    Ok(judged)
}
