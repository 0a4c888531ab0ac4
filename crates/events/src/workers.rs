//! The two workers, dispatch and deliver, and what start-up must put right.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use store::{Lease, Queue, Store};
use tokio_util::sync::CancellationToken;

use crate::deliver::deliver;
use crate::dispatch::dispatch;
use crate::{Receiver, Result};

/// How long a worker has one piece of work before another may take it.
const LEASE: Duration = Duration::from_secs(120);
/// How long a worker waits at most before it looks again without having been woken.
const LOOK_AGAIN: Duration = Duration::from_secs(5);
/// How much work is claimed at once.
const BATCH: u32 = 16;

/// Dispatch and delivery.
pub struct Workers {
    store: Store,
    receivers: Vec<Arc<dyn Receiver>>,
}

impl Workers {
    /// Workers that hand deliveries to `receivers`.
    pub fn new(store: Store, receivers: Vec<Arc<dyn Receiver>>) -> Self {
        Self { store, receivers }
    }

    /// Works until `stop`.
    pub async fn run(self, stop: CancellationToken) {
        let (store, receivers) = (&self.store, &self.receivers);
        let dispatching =
            drain(store, Queue::Dispatch, &stop, |lease| async move { dispatch(store, &lease).await });
        let delivering =
            drain(
                store,
                Queue::Delivery,
                &stop,
                |lease| async move { deliver(store, receivers, &lease).await },
            );
        tokio::join!(dispatching, delivering);
    }

    /// Does all the work that is due now, then returns: for commands that end.
    pub async fn run_until_idle(&self) -> Result<()> {
        loop {
            let mut found = false;
            for lease in self.store.claim(Queue::Dispatch, BATCH, LEASE).await? {
                found = true;
                dispatch(&self.store, &lease).await?;
            }
            for lease in self.store.claim(Queue::Delivery, BATCH, LEASE).await? {
                found = true;
                deliver(&self.store, &self.receivers, &lease).await?;
            }
            if !found {
                return Ok(());
            }
        }
    }
}

async fn drain<F, Fut>(store: &Store, queue: Queue, stop: &CancellationToken, handle: F)
where
    F: Fn(Lease) -> Fut,
    Fut: Future<Output = Result<()>>,
{
    while !stop.is_cancelled() {
        let claimed = match store.claim(queue, BATCH, LEASE).await {
            Ok(claimed) => claimed,
            Err(error) => {
                tracing::error!(queue = queue.name(), %error, "could not claim work");
                Vec::new()
            }
        };
        let idle = claimed.is_empty();
        for lease in claimed {
            let key = lease.key.clone();
            // The lease runs out and the work is tried again; nothing is lost.
            if let Err(error) = handle(lease).await {
                tracing::error!(queue = queue.name(), key, %error, "work failed and will be tried again");
            }
        }
        if idle {
            tokio::select! {
                () = stop.cancelled() => {}
                waited = store.wait(queue, LOOK_AGAIN) => {
                    if waited.is_err() {
                        tokio::time::sleep(LOOK_AGAIN).await;
                    }
                }
            }
        }
    }
}

/// Makes sure that every event that was not dispatched, and every delivery that is pending, has its work row.
///
/// They are written together, so this finds nothing; it is the second pair of eyes at start-up.
/// Returns how many rows were missing.
pub async fn reconcile(store: &Store) -> Result<u64> {
    let mut tx = store.write().await?;
    let now = tx.now();
    let mut missing = 0;
    for (queue, sql) in [
        (
            Queue::Dispatch,
            "SELECT event_id FROM event WHERE dispatched_at IS NULL \
            AND NOT EXISTS (SELECT 1 FROM work WHERE queue = 'dispatch' AND key = event_id)",
        ),
        (
            Queue::Delivery,
            "SELECT delivery_id FROM delivery WHERE status = 'pending' \
            AND NOT EXISTS (SELECT 1 FROM work WHERE queue = 'delivery' AND key = delivery_id)",
        ),
    ] {
        let keys: Vec<String> = sqlx::query_scalar(sql).fetch_all(tx.conn()).await?;
        for key in keys {
            tracing::warn!(queue = queue.name(), key, "work was missing its row");
            tx.enqueue(queue, &key, now).await?;
            missing += 1;
        }
    }
    tx.commit().await?;
    Ok(missing)
}
