//! The journal: one writer per process that commits together what many runs want written.
//!
//! A commit costs a sync of the disk, however much it holds. So whoever wants something written asks here and
//! waits; what came together goes into one transaction, in a few statements, and everybody is answered after
//! it. What cannot be written for one run fails that run alone.
//!
//! What is on disk before an outgoing call begins: the row of its run, and every fact that came from outside or
//! follows from one that did (an answer, the end of a wait). The first step of a run needs no fact on disk: it
//! depends only on the document, the trigger, the seed and the moment in the run's row, so a process that dies
//! decides the same again, and its calls have the same content and the same keys. A short run is therefore two
//! commits: that it started, and how it ended.

mod batch;
mod desk;
mod read;
mod record;
mod write;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;
use store::{Lease, RunId, Settle, Store};
use tokio::sync::{mpsc, oneshot};

use crate::inbox::News;
use crate::machine::{Caller, RunStatus};
use crate::runs::TriggerFired;
use crate::{FlowError, Result};

pub(crate) use desk::{Desk, Taken};
pub(crate) use read::{Found, Loaded, apply, facts_of, load, read, trigger_of_record};
pub(crate) use record::Codec;
pub(crate) use write::{insert_all, lines, mark_begun, write_first};

/// Requests that one transaction holds at most. It bounds how long the others wait for it.
const AT_ONCE: usize = 512;

/// What became of a firing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Accepted {
    /// It started this run, which is on disk.
    Started(RunId),
    /// The run was started before, with the same key.
    Known(RunId),
    /// It started nothing, and this run says why: a condition was not met, or a single instance was busy.
    Skipped(RunId),
    /// It started nothing: the flow is turned off.
    Off,
}

/// What a run has to write.
pub(crate) struct Step {
    pub(crate) id: RunId,
    pub(crate) lease: Lease,
    pub(crate) settle: Settle,
    /// The number of the first of `facts`.
    pub(crate) seq: i64,
    /// Facts, one a line; empty for none.
    pub(crate) facts: String,
    pub(crate) status: RunStatus,
    pub(crate) end: Option<Ended>,
    /// News that was taken in, to be forgotten.
    pub(crate) taken: Vec<String>,
    /// What the run that waits for this one is told: the run, the key of the news, the news.
    pub(crate) parent: Option<(RunId, String, News)>,
}

/// How a run ended.
pub(crate) struct Ended {
    pub(crate) at: Timestamp,
    pub(crate) error: Option<crate::machine::ActionError>,
    /// All its facts; without, those that are there stay.
    pub(crate) record: Option<Vec<u8>>,
    /// Who started it: the trigger without what it brought, which is in the record.
    pub(crate) trigger: String,
    /// Whether there are facts to be removed.
    pub(crate) has_facts: bool,
}

/// A run that is to be started.
struct Firing {
    flow: String,
    fired: TriggerFired,
    caller: Caller,
    /// Who wants to hear the run's Response.
    listener: Mutex<Option<Listener>>,
}

/// Hears what a run answers, or nothing when it ended without, as soon as that is on disk. Dropped unheard when the
/// run is not held by this process: then the history tells.
pub(crate) type Listener = oneshot::Sender<Option<Value>>;

/// A wish to write, and whom to answer.
enum Request {
    Start {
        firing: Box<Firing>,
        done: oneshot::Sender<Result<Accepted>>,
    },
    /// The answer says whether somebody wants the run to be cancelled.
    Step {
        step: Box<Step>,
        done: oneshot::Sender<Result<bool>>,
    },
}

/// A handle to the journal. Cheap to clone; the writer ends with the last one.
#[derive(Clone)]
pub struct Journal {
    requests: mpsc::UnboundedSender<Request>,
    desk: Arc<Desk>,
}

impl Journal {
    /// A journal in `store`, and its writer. `lease_time` is how long runs are claimed for that are begun at once.
    pub fn new(store: Store, lease_time: Duration) -> Self {
        let (requests, wishes) = mpsc::unbounded_channel();
        let desk = Arc::new(Desk::new(lease_time));
        tokio::spawn(work(store, wishes, Arc::clone(&desk)));
        Self { requests, desk }
    }

    /// Starts a run. When this returns, it is on disk. An empty key is a firing of its own.
    ///
    /// # Errors
    /// [`FlowError::UnknownFlow`] when there is no such flow.
    pub async fn start(&self, flow: &str, fired: TriggerFired, caller: Caller) -> Result<Accepted> {
        let firing = Firing { flow: flow.to_owned(), fired, caller, listener: Mutex::default() };
        self.ask(|done| Request::Start { firing: Box::new(firing), done }).await
    }

    /// As [`Journal::start`], for a caller who waits for the run's Response.
    pub(crate) async fn start_heard(
        &self,
        flow: &str,
        fired: TriggerFired,
        caller: Caller,
    ) -> Result<(Accepted, oneshot::Receiver<Option<Value>>)> {
        let (listener, heard) = oneshot::channel();
        let listener = Mutex::new(Some(listener));
        let firing = Firing { flow: flow.to_owned(), fired, caller, listener };
        let accepted = self.ask(|done| Request::Start { firing: Box::new(firing), done }).await?;
        Ok((accepted, heard))
    }

    /// Writes a step; says whether somebody wants the run to be cancelled.
    pub(crate) async fn step(&self, step: Step) -> Result<bool> {
        self.ask(|done| Request::Step { step: Box::new(step), done }).await
    }

    pub(crate) fn desk(&self) -> &Arc<Desk> {
        &self.desk
    }

    async fn ask<T>(&self, request: impl FnOnce(oneshot::Sender<Result<T>>) -> Request) -> Result<T> {
        let (done, answer) = oneshot::channel();
        self.requests.send(request(done)).map_err(|_| FlowError::JournalClosed)?;
        answer.await.map_err(|_| FlowError::JournalClosed)?
    }
}

async fn work(store: Store, mut wishes: mpsc::UnboundedReceiver<Request>, desk: Arc<Desk>) {
    let mut batch = Vec::new();
    while wishes.recv_many(&mut batch, AT_ONCE).await > 0 {
        // Whoever is about to ask does so now: the transaction is as dear with them as without.
        tokio::task::yield_now().await;
        while batch.len() < AT_ONCE
            && let Ok(request) = wishes.try_recv()
        {
            batch.push(request);
        }
        batch::commit(&store, &desk, std::mem::take(&mut batch)).await;
    }
}
