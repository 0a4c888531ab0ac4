//! When a process is killed: a time after its start, or a time after it came so far.

use std::time::Duration;

use crate::support::PATIENCE;

use super::house::House;

/// Random choices that can be repeated (SplitMix64).
pub(super) struct Dice(u64);

impl Dice {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// From `low` up to `high`, both included.
    pub(super) fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.next() % (high - low + 1)
    }

    pub(super) fn millis(&mut self, low: u64, high: u64) -> Duration {
        Duration::from_millis(self.between(low, high))
    }
}

/// What must have happened before the clock of the kill runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum After {
    /// The process was started.
    Start,
    /// Its job runs.
    Job,
    /// Every task of its job is done: the publish is next.
    Tasks,
    /// The snapshot is published: events wait for dispatch.
    Publish,
    /// A flow run was started.
    Run,
    /// So many requests more came in.
    Requests(usize),
}

/// A moment to kill at.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moment {
    pub(super) after: After,
    pub(super) delay: Duration,
}

impl Moment {
    /// Every third is anywhere in the life of the process; the others are near a place where it hurts, however
    /// fast or slow this machine is.
    pub(super) fn any(number: u32, dice: &mut Dice) -> Self {
        let (after, delay) = match number % 9 {
            0 | 3 | 6 => (After::Start, dice.millis(5, 800)),
            1 => (After::Publish, dice.millis(0, 8)),
            2 => (After::Requests(dice.between(1, 3) as usize), dice.millis(0, 40)),
            4 => (After::Tasks, dice.millis(0, 10)),
            5 => (After::Run, dice.millis(0, 60)),
            7 => (After::Job, dice.millis(0, 250)),
            _ => (After::Requests(dice.between(4, 9) as usize), dice.millis(0, 1_200)),
        };
        Self { after, delay }
    }

    /// Waits for the moment; ends early when `ended` says that the process is gone.
    pub(super) async fn wait(self, house: &House, before: &Before, mut ended: impl FnMut() -> bool) {
        let started = std::time::Instant::now();
        let mut state = house.state().await;
        while !before.has_come(self.after, house, &mut state).await {
            assert!(started.elapsed() < PATIENCE, "{self:?} never came");
            if ended() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        tokio::time::sleep(self.delay).await;
    }
}

/// How things stood before the process was started.
pub(super) struct Before {
    snapshot: i64,
    runs: i64,
    requests: usize,
}

impl Before {
    pub(super) async fn of(house: &House) -> Self {
        let mut state = house.state().await;
        Self {
            snapshot: number(&mut state, "SELECT max(snapshot_id) FROM ducklake_snapshot").await,
            runs: number(&mut state, "SELECT count(*) FROM run").await,
            requests: house.receiver.count(),
        }
    }

    async fn has_come(&self, after: After, house: &House, state: &mut sqlx::SqliteConnection) -> bool {
        match after {
            After::Start => true,
            After::Job => number(state, "SELECT count(*) FROM job WHERE status = 'running'").await > 0,
            After::Tasks => {
                let sql = "SELECT count(*) FROM job WHERE status = 'running' AND EXISTS (SELECT 1 FROM task \
                    WHERE task.job_id = job.job_id) AND NOT EXISTS (SELECT 1 FROM task WHERE \
                    task.job_id = job.job_id AND task.status IN ('queued', 'processing', 'failedRetrying'))";
                number(state, sql).await > 0
            }
            After::Publish => {
                number(state, "SELECT max(snapshot_id) FROM ducklake_snapshot").await > self.snapshot
            }
            After::Run => number(state, "SELECT count(*) FROM run").await > self.runs,
            After::Requests(more) => house.receiver.count() >= self.requests + more,
        }
    }
}

/// The one number that a query gives.
pub(super) async fn number(state: &mut sqlx::SqliteConnection, sql: &'static str) -> i64 {
    sqlx::query_scalar(sql).fetch_one(state).await.unwrap()
}
