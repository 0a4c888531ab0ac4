//! The desk: runs that were just started, for the runner of the same process to take up without a look at the
//! disk.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use store::Lease;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};

use super::Listener;
use crate::runs::NewRun;

/// A run that was started in the name of the runner.
pub(crate) struct Taken {
    pub(crate) lease: Lease,
    pub(crate) run: NewRun,
    /// Its place among the runs that the runner holds.
    pub(crate) place: OwnedSemaphorePermit,
    /// Who wants to hear its Response.
    pub(crate) listener: Option<Listener>,
}

/// See the module.
pub(crate) struct Desk {
    /// Free places of the runner; none while no runner works.
    places: Arc<Semaphore>,
    started: mpsc::UnboundedSender<Taken>,
    taker: Mutex<Option<mpsc::UnboundedReceiver<Taken>>>,
    /// Whether runs wait in the queue: then new ones wait behind them.
    backlog: AtomicBool,
    /// The token of the leases of runs that are begun at once.
    pub(super) token: String,
    pub(super) lease_time: Duration,
}

impl Desk {
    pub(super) fn new(lease_time: Duration) -> Self {
        let (started, taker) = mpsc::unbounded_channel();
        Self {
            places: Arc::new(Semaphore::new(0)),
            started,
            taker: Mutex::new(Some(taker)),
            backlog: AtomicBool::new(false),
            token: store::RunId::fresh().as_str().to_owned(),
            lease_time,
        }
    }

    /// Opens the desk for a runner with so many places; nothing when another runner of this process has it.
    pub(crate) fn open(&self, places: usize) -> Option<mpsc::UnboundedReceiver<Taken>> {
        let taker = self.taker.lock().unwrap_or_else(PoisonError::into_inner).take()?;
        self.places.add_permits(places);
        Some(taker)
    }

    /// Closes the desk: no more runs are begun at once.
    pub(crate) fn close(&self) {
        self.places.close();
    }

    /// The runner's places.
    pub(crate) fn places(&self) -> &Arc<Semaphore> {
        &self.places
    }

    /// A place for a run that is about to be started, unless others wait for one.
    pub(super) fn place(&self) -> Option<OwnedSemaphorePermit> {
        if self.backlog.load(Ordering::Relaxed) {
            return None;
        }
        let place = Arc::clone(&self.places).try_acquire_owned().ok();
        if place.is_none() && !self.places.is_closed() {
            self.backlog.store(true, Ordering::Relaxed);
        }
        place
    }

    /// Whether runs wait in the queue.
    pub(crate) fn set_backlog(&self, backlog: bool) {
        self.backlog.store(backlog, Ordering::Relaxed);
    }

    /// Hands a run to the runner. When it has gone, the lease runs out and another takes it up.
    pub(super) fn hand_over(&self, taken: Taken) {
        let _ = self.started.send(taken);
    }
}
