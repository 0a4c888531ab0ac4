//! The bounds of a runner.

use std::time::Duration;

use crate::limits::{Limits, RUNS_HELD};

/// The bounds of runs that a runner uses.
#[derive(Debug, Clone)]
pub struct RunnerOptions {
    /// Runs that are held in memory at the same time.
    pub runs: usize,
    /// How long a run is claimed for; renewed while it is held.
    pub lease_time: Duration,
    /// How long a stop waits for calls that are under way. Calls that take longer are made again, under the
    /// same key, after the next start.
    pub stop_grace: Duration,
    /// The bounds of each run.
    pub limits: Limits,
    /// The address under which this instance can be called from outside (`https://weir.example`), for actions
    /// that wait to be called back.
    pub address: Option<String>,
}

impl Default for RunnerOptions {
    fn default() -> Self {
        Self {
            runs: RUNS_HELD,
            lease_time: Duration::from_secs(60),
            stop_grace: Duration::from_secs(10),
            limits: Limits::default(),
            address: None,
        }
    }
}
