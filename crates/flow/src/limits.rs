//! Everything about a flow that can grow, with its number.
//!
//! The defaults are the documented ones of Power Automate and Logic Apps, so that a flow that is accepted
//! there is accepted here; where those give none, the reason stands beside the number.

use std::time::Duration;

/// The bounds of one run. Each is a setting of the instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Elements of one Foreach (documented: 100,000).
    pub foreach_items: usize,
    /// Iterations of one Foreach at the same time (documented: at most 50).
    pub foreach_repetitions: u32,
    /// Iterations of one Until (documented: at most 5,000).
    pub until_iterations: u32,
    /// Action records of one run, iterations and skipped ones included. Ours: it bounds memory, and is ten
    /// times what the documented 100,000 actions in five minutes let a run do in that time.
    pub actions_per_run: usize,
    /// Bytes of one action's inputs or outputs, as JSON (documented message size: 100 MB).
    pub payload_bytes: usize,
    /// Bytes of the journal of one run. Ours: a run is held in memory while it has things to do.
    pub journal_bytes: usize,
    /// How long a run may take, waits included (documented: 30 days).
    pub run_duration: Duration,
    /// How long one attempt to call something may take (documented: 120 seconds).
    pub call_duration: Duration,
    /// Retries of one action (documented: at most 90).
    pub retries: u32,
    /// Items that one action collects from pages (documented: 100,000).
    pub page_items: u32,
    /// Elements of one array that a trigger splits (documented: 100,000).
    pub split_items: usize,
    /// How long a caller waits for a Response (documented: 120 seconds).
    pub response_duration: Duration,
    /// Calls of one run that are under way at the same time. Ours: one run must not take all sockets; it is
    /// the documented ceiling of parallel iterations.
    pub calls_per_run: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            foreach_items: 100_000,
            foreach_repetitions: 50,
            until_iterations: 5_000,
            actions_per_run: 1_000_000,
            payload_bytes: 104_857_600,
            journal_bytes: 268_435_456,
            run_duration: Duration::from_secs(30 * 24 * 3600),
            call_duration: Duration::from_secs(120),
            retries: 90,
            page_items: 100_000,
            split_items: 100_000,
            response_duration: Duration::from_secs(120),
            calls_per_run: 50,
        }
    }
}

/// Iterations of one Foreach at the same time when the flow does not say (documented for Logic Apps; Power
/// Automate's own default is 1, which a flow gets with `"operationOptions": "Sequential"`).
pub const DEFAULT_REPETITIONS: u32 = 20;

/// Iterations of one Until when the flow does not say (documented).
pub const DEFAULT_UNTIL_COUNT: u32 = 60;

/// How long one Until may take when the flow does not say (documented: PT1H).
pub const DEFAULT_UNTIL_TIMEOUT: Duration = Duration::from_secs(3600);

/// The smallest gap between two attempts (documented: 5 seconds).
pub const MIN_RETRY_GAP: Duration = Duration::from_secs(5);

/// The greatest gap between two attempts (documented: 1 day).
pub const MAX_RETRY_GAP: Duration = Duration::from_secs(86_400);

/// How long after an answer of 202 without a `Retry-After` the work is asked about. Ours.
pub const POLL_GAP: Duration = Duration::from_secs(20);

/// Characters of an action's tracked properties (documented: 16,000).
pub const TRACKED_CHARACTERS: usize = 16_000;

/// Flows that may wait for each other, each for the one that it started. Ours: a flow that calls itself ends.
pub const CHILD_DEPTH: u32 = 50;

/// Elements of one array that a trigger with a concurrency splits (documented: 100).
pub const SPLIT_WITH_CONCURRENCY: usize = 100;

/// Runs that wait at most (documented: 100).
pub const WAITING_RUNS: usize = 100;

/// Runs that may wait beyond the concurrency when the flow does not say (documented: 10).
pub const WAITING_BEYOND: usize = 10;

/// Facts that one step may bring before they are written. Ours: it keeps a transaction short.
pub const FACTS_PER_STEP: usize = 2_000;

/// Runs that a runner holds in memory at the same time. Ours: short ones take turns quickly, and ten thousand
/// waits cost nothing, as they are not held.
pub const RUNS_HELD: usize = 256;

/// Bytes of a run's journal that are kept in memory for its record. Ours: the journal of a longer run is read back
/// once, at its end.
pub const JOURNAL_KEPT: usize = 4 * 1024 * 1024;

/// Runs that are kept in the history (ours), beside their age.
pub const HISTORY_RUNS: u32 = 100_000;

/// Bytes that the records of the history have together (ours): runs with large bodies go before the others.
pub const HISTORY_BYTES: u64 = 1024 * 1024 * 1024;

/// How long ended runs are kept (documented: 30 days).
pub const HISTORY_AGE: Duration = Duration::from_secs(30 * 24 * 3600);

/// Versions of a flow's document that are kept when no run needs them. Ours.
pub const VERSIONS_KEPT: u32 = 50;
