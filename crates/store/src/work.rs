//! Work that is due: the one mechanism behind jobs, dispatch, deliveries and runs.
//!
//! A row says "look at `key` again, at `due_at`". It carries no news: the worker reads the truth from the
//! tables of its own room, does what is needed, and finishes or reschedules the row in the same transaction
//! as its results. A signal wakes workers early; without it they find the row at the next look.
//!
//! A lease keeps two workers from doing the same thing at the same time. It runs out when the worker dies.
//! Work that is enqueued again while it is leased gets a new `revision`, so finishing does not swallow it.

use std::collections::BTreeSet;
use std::time::Duration;

use jiff::Timestamp;

use crate::{Backend, Result, Store, StoreError, Tx, from_micros, to_micros};

/// The queues, one per kind of worker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Queue {
    /// Refresh jobs (`cdp::refresh`).
    Job,
    /// Events whose subscribers must be found (`events::dispatch`).
    Dispatch,
    /// Deliveries to subscribers (`events::deliver`).
    Delivery,
    /// Runs of flows with something to do (`flow::runner`).
    Run,
    /// Recurring flows, by the next time they fire (`flow::recurrence`).
    Recurrence,
    /// The refresh schedule, by its next tick (`cdp::refresh::schedule`).
    Schedule,
}

impl Queue {
    /// Every queue.
    pub const ALL: [Queue; 6] =
        [Queue::Job, Queue::Dispatch, Queue::Delivery, Queue::Run, Queue::Recurrence, Queue::Schedule];

    /// The name in the table.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Job => "job",
            Self::Dispatch => "dispatch",
            Self::Delivery => "delivery",
            Self::Run => "run",
            Self::Recurrence => "recurrence",
            Self::Schedule => "schedule",
        }
    }
}

/// A claim on one piece of work, until it is finished, rescheduled or runs out.
#[derive(Debug, Clone)]
pub struct Lease {
    /// The queue it came from.
    pub queue: Queue,
    /// What to look at.
    pub key: String,
    /// How often it was claimed, this time included.
    pub attempts: u32,
    pub(crate) revision: i64,
    pub(crate) token: String,
}

impl Lease {
    /// The lease of work that was enqueued with a holder ([`crate::NewWork`]) in a transaction that committed.
    pub fn of_new(queue: Queue, key: &str, token: &str) -> Self {
        Self { queue, key: key.to_owned(), attempts: 1, revision: 0, token: token.to_owned() }
    }
}

impl Tx {
    /// Asks for `key` to be looked at, at `due` or earlier if it was already due earlier.
    pub async fn enqueue(&mut self, queue: Queue, key: &str, due: Timestamp) -> Result<()> {
        self.enqueue_in(queue, "", key, due).await
    }

    /// Like [`Tx::enqueue`], in a lane: claims take turns over lanes.
    pub async fn enqueue_in(&mut self, queue: Queue, lane: &str, key: &str, due: Timestamp) -> Result<()> {
        sqlx::query(
            "INSERT INTO work (queue, key, due_at, lane) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (queue, key) DO UPDATE SET revision = work.revision + 1, \
             due_at = CASE WHEN excluded.due_at < work.due_at THEN excluded.due_at ELSE work.due_at END",
        )
        .bind(queue.name())
        .bind(key)
        .bind(to_micros(due))
        .bind(lane)
        .execute(self.conn())
        .await?;
        self.wake_on_commit(queue);
        Ok(())
    }

    /// Takes `key` off the queue, leased or not: nobody needs to look at it any more.
    pub async fn withdraw(&mut self, queue: Queue, key: &str) -> Result<()> {
        sqlx::query("DELETE FROM work WHERE queue = $1 AND key = $2")
            .bind(queue.name())
            .bind(key)
            .execute(self.conn())
            .await?;
        Ok(())
    }

    /// Ends a piece of work. If it was enqueued again meanwhile, it stays due.
    pub async fn finish(&mut self, lease: &Lease) -> Result<()> {
        let deleted = sqlx::query(
            "DELETE FROM work WHERE queue = $1 AND key = $2 AND lease_token = $3 AND revision = $4",
        )
        .bind(lease.queue.name())
        .bind(&lease.key)
        .bind(&lease.token)
        .bind(lease.revision)
        .execute(self.conn())
        .await?;
        if deleted.rows_affected() == 1 {
            return Ok(());
        }
        self.free(
            lease,
            "UPDATE work SET lease_token = NULL, lease_until = NULL, attempts = 0 \
             WHERE queue = $1 AND key = $2 AND lease_token = $3",
            None,
        )
        .await
    }

    /// Puts a piece of work back, to be looked at again at `due` (earlier if it was enqueued meanwhile).
    pub async fn reschedule(&mut self, lease: &Lease, due: Timestamp) -> Result<()> {
        self.free(
            lease,
            "UPDATE work SET lease_token = NULL, lease_until = NULL, \
             due_at = CASE WHEN revision = $4 THEN $5 ELSE due_at END \
             WHERE queue = $1 AND key = $2 AND lease_token = $3",
            Some(due),
        )
        .await
    }

    /// Extends a lease inside this transaction: what else is written here is written only by its holder.
    pub async fn keep(&mut self, lease: &Lease, lease_time: Duration) -> Result<()> {
        let until = self.until(lease_time);
        let kept = sqlx::query(
            "UPDATE work SET lease_until = $4 WHERE queue = $1 AND key = $2 AND lease_token = $3",
        )
        .bind(lease.queue.name())
        .bind(&lease.key)
        .bind(&lease.token)
        .bind(until)
        .execute(self.conn())
        .await?;
        if kept.rows_affected() == 0 {
            return Err(StoreError::LeaseLost { queue: lease.queue.name(), key: lease.key.clone() });
        }
        Ok(())
    }

    async fn free(&mut self, lease: &Lease, sql: &'static str, due: Option<Timestamp>) -> Result<()> {
        let mut query =
            sqlx::query(sql).bind(lease.queue.name()).bind(lease.key.as_str()).bind(lease.token.as_str());
        if let Some(due) = due {
            query = query.bind(lease.revision).bind(to_micros(due));
        }
        if query.execute(self.conn()).await?.rows_affected() == 0 {
            return Err(StoreError::LeaseLost { queue: lease.queue.name(), key: lease.key.clone() });
        }
        self.wake_on_commit(lease.queue);
        Ok(())
    }
}

/// Lanes that one claim serves at most; the next claim goes on behind them.
const LANES: usize = 32;

/// The next lane with free work after `$2`.
const NEXT_LANE: &str =
    "SELECT lane FROM work WHERE queue = $1 AND lease_token IS NULL AND lane > $2 ORDER BY lane LIMIT 1";
const CLAIM: &str = "UPDATE work SET lease_token = $1, lease_until = $2, attempts = attempts + 1 \
     WHERE queue = $3 AND key IN (SELECT key FROM work WHERE queue = $3 AND lane = $4 AND lease_token IS NULL \
       AND due_at <= $5 ORDER BY due_at, key LIMIT $6) RETURNING key, attempts, revision";
const CLAIM_SHARED: &str = "UPDATE work SET lease_token = $1, lease_until = $2, attempts = attempts + 1 \
     WHERE queue = $3 AND key IN (SELECT key FROM work WHERE queue = $3 AND lane = $4 AND lease_token IS NULL \
       AND due_at <= $5 ORDER BY due_at, key LIMIT $6 FOR UPDATE SKIP LOCKED) RETURNING key, attempts, revision";

impl Tx {
    /// Claims up to `limit` pieces of due work for `lease_time`. Lanes take turns: each gets the same share, the
    /// longest due of it first. Gives nothing when nothing is due.
    pub async fn claim(&mut self, queue: Queue, limit: u32, lease_time: Duration) -> Result<Vec<Lease>> {
        let now = to_micros(self.now());
        // Whoever had a lease that ran out is dead or too slow.
        sqlx::query("UPDATE work SET lease_token = NULL, lease_until = NULL WHERE queue = $1 AND lease_token IS NOT NULL AND lease_until <= $2")
            .bind(queue.name())
            .bind(now)
            .execute(self.conn())
            .await?;
        let lanes = self.due_lanes(queue, limit, now).await?;
        let token = uuid::Uuid::now_v7().simple().to_string();
        let until = self.until(lease_time);
        let mut rows: Vec<(String, i64, i64)> = Vec::new();
        for (index, lane) in lanes.iter().enumerate() {
            let left = limit.saturating_sub(u32::try_from(rows.len()).unwrap_or(u32::MAX));
            let waiting = u32::try_from(lanes.len().saturating_sub(index)).unwrap_or(u32::MAX);
            let share = left.div_ceil(waiting.max(1)); // what earlier lanes left over goes to later ones
            let sql = if self.backend() == Backend::Sqlite { CLAIM } else { CLAIM_SHARED };
            let claimed: Vec<(String, i64, i64)> = sqlx::query_as(sql)
                .bind(&token)
                .bind(until)
                .bind(queue.name())
                .bind(lane)
                .bind(now)
                .bind(i64::from(share))
                .fetch_all(self.conn())
                .await?;
            rows.extend(claimed);
        }
        rows.sort();
        let lease = |(key, attempts, revision)| Lease {
            queue,
            key,
            attempts: u32::try_from(attempts).unwrap_or(u32::MAX),
            revision,
            token: token.clone(),
        };
        Ok(rows.into_iter().map(lease).collect())
    }

    /// The lanes with due work, those first whose turn it is.
    async fn due_lanes(&mut self, queue: Queue, limit: u32, now: i64) -> Result<Vec<String>> {
        let more = i64::from(limit).saturating_add(1);
        let first: Vec<String> = sqlx::query_scalar(
            "SELECT lane FROM work WHERE queue = $1 AND lease_token IS NULL AND due_at <= $2 ORDER BY due_at LIMIT $3",
        )
        .bind(queue.name())
        .bind(now)
        .bind(more)
        .fetch_all(self.conn())
        .await?;
        if first.len() <= usize::try_from(limit).unwrap_or(usize::MAX) {
            let lanes: BTreeSet<String> = first.into_iter().collect(); // everybody is served
            return Ok(lanes.into_iter().collect());
        }
        let mut lanes: Vec<String> = Vec::new();
        let mut last = self.turn(queue);
        let mut wrapped = false;
        while lanes.len() < LANES {
            let next: Option<String> = match last.as_deref() {
                Some(last) => self.next_lane(queue, last).await?,
                None => Some(String::new()), // the empty lane is the first, and no other comes before it
            };
            match next {
                Some(lane) if lanes.contains(&lane) => break,
                Some(lane) => {
                    last = Some(lane.clone());
                    lanes.push(lane);
                }
                None if wrapped => break,
                None => (last, wrapped) = (None, true),
            }
        }
        self.set_turn(queue, lanes.last().cloned());
        Ok(lanes)
    }

    async fn next_lane(&mut self, queue: Queue, after: &str) -> Result<Option<String>> {
        Ok(sqlx::query_scalar(NEXT_LANE).bind(queue.name()).bind(after).fetch_optional(self.conn()).await?)
    }
}

impl Store {
    /// Claims up to `limit` pieces of due work for `lease_time` ([`Tx::claim`]), in a transaction of its own.
    pub async fn claim(&self, queue: Queue, limit: u32, lease_time: Duration) -> Result<Vec<Lease>> {
        if !self.has_due(queue).await? {
            return Ok(Vec::new()); // spares the writer a transaction at every idle look
        }
        let mut tx = self.write().await?;
        let leases = tx.claim(queue, limit, lease_time).await?;
        tx.commit().await?;
        Ok(leases)
    }

    /// Whether a claim would find something.
    pub async fn has_due(&self, queue: Queue) -> Result<bool> {
        let found: Option<i64> = sqlx::query_scalar(
            "SELECT 1 FROM work WHERE queue = $1 AND lease_token IS NULL AND due_at <= $2 UNION ALL \
             SELECT 1 FROM work WHERE queue = $1 AND lease_token IS NOT NULL AND lease_until <= $2 LIMIT 1",
        )
        .bind(queue.name())
        .bind(to_micros(self.clock().now()))
        .fetch_optional(&self.pool)
        .await?;
        Ok(found.is_some())
    }

    /// Extends a lease that is about to run out. Fails if somebody else has the work.
    pub async fn renew(&self, lease: &Lease, lease_time: Duration) -> Result<()> {
        let until = to_micros(self.clock().now())
            .saturating_add(i64::try_from(lease_time.as_micros()).unwrap_or(i64::MAX));
        let mut tx = self.write().await?;
        let renewed = sqlx::query(
            "UPDATE work SET lease_until = $4 WHERE queue = $1 AND key = $2 AND lease_token = $3",
        )
        .bind(lease.queue.name())
        .bind(&lease.key)
        .bind(&lease.token)
        .bind(until)
        .execute(tx.conn())
        .await?;
        tx.commit().await?;
        if renewed.rows_affected() == 0 {
            return Err(StoreError::LeaseLost { queue: lease.queue.name(), key: lease.key.clone() });
        }
        Ok(())
    }

    /// Frees every lease. Right after taking the lock of an embedded data folder: whoever had them is dead.
    pub async fn free_all_leases(&self) -> Result<()> {
        let mut tx = self.write().await?;
        sqlx::query("UPDATE work SET lease_token = NULL, lease_until = NULL WHERE lease_token IS NOT NULL")
            .execute(tx.conn())
            .await?;
        tx.commit().await
    }

    /// How much work is waiting in a queue, leased or not.
    pub async fn pending(&self, queue: Queue) -> Result<u64> {
        let n: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM work WHERE queue = $1")
            .bind(queue.name())
            .fetch_one(&self.pool)
            .await?;
        Ok(u64::try_from(n).unwrap_or(0))
    }

    /// When the next piece of work in a queue is due, if there is any that nobody has.
    pub async fn next_due(&self, queue: Queue) -> Result<Option<Timestamp>> {
        let due: Option<i64> = sqlx::query_scalar(
            "SELECT due_at FROM work WHERE queue = $1 AND lease_token IS NULL ORDER BY due_at LIMIT 1",
        )
        .bind(queue.name())
        .fetch_optional(&self.pool)
        .await?;
        Ok(due.map(from_micros))
    }

    /// Waits until a queue gets work, the next piece is due, or `at_most` has passed.
    pub async fn wait(&self, queue: Queue, at_most: Duration) -> Result<()> {
        let Some(notify) = self.wakes.get(&queue) else { return Ok(()) };
        let notified = notify.notified();
        tokio::pin!(notified);
        notified.as_mut().enable(); // a commit between this line and the query below is not missed
        let wait = match self.next_due(queue).await? {
            Some(due) => {
                let micros = to_micros(due).saturating_sub(to_micros(self.clock().now()));
                at_most.min(Duration::from_micros(u64::try_from(micros).unwrap_or(0)))
            }
            None => at_most,
        };
        let _ = tokio::time::timeout(wait, notified).await;
        Ok(())
    }
}
