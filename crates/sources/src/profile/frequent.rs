//! The most frequent values: Misra and Gries' counters (1982), thinned out when there are too many.
//!
//! As long as there are few different values, all are counted. From the first thinning on, one in eight is counted,
//! and counts for eight, and after a million one in 32: which ones depends on their places in the column alone.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use super::TopValue;

/// Counters that are kept when they are thinned out.
const KEPT: usize = 1_000;

/// Of so many values one is counted, once they are too many to count all: at first, and after [`MANY`].
const SHARES: (u64, u64) = (8, 32);

/// Values after which a smaller share tells as much.
const MANY: u64 = 1_000_000;

/// Takes a hash for the hash of it.
#[derive(Debug, Default)]
struct Ready(u64);

impl Hasher for Ready {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0 = bytes.iter().fold(self.0, |hash, byte| (hash << 8) | u64::from(*byte));
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}

/// Values by their hashes, with their counts.
#[derive(Debug, Default)]
pub(super) struct Frequent {
    counters: HashMap<u64, (u64, String), BuildHasherDefault<Ready>>,
    repeats: bool,
    /// Values that came since the first thinning.
    since: u64,
    /// What was taken off every counter.
    thinned: u64,
}

impl Frequent {
    /// Counts a value.
    pub(super) fn add(&mut self, hash: u64, value: impl FnOnce() -> String) {
        let mut weight = 1;
        if self.thinned > 0 {
            // Multiples of the golden ratio are spread evenly, and have no period that a column could have, too.
            self.since += 1;
            weight = if self.since < MANY { SHARES.0 } else { SHARES.1 };
            if self.since.wrapping_mul(0x9e37_79b9_7f4a_7c15) >= u64::MAX / weight {
                return;
            }
        }
        if let Some((count, _)) = self.counters.get_mut(&hash) {
            *count += weight;
            self.repeats = true;
            return;
        }
        if self.counters.len() >= KEPT * 4 {
            self.thin();
        }
        self.counters.insert(hash, (weight, value()));
    }

    /// Takes so much off every counter that few are left.
    fn thin(&mut self) {
        let mut counts: Vec<u64> = self.counters.values().map(|(count, _)| *count).collect();
        counts.sort_unstable_by(|left, right| right.cmp(left));
        let off = counts.get(KEPT).copied().unwrap_or(1);
        self.thinned += off;
        self.counters.retain(|_, (count, _)| {
            *count = count.saturating_sub(off);
            *count > 0
        });
    }

    /// Whether some value was seen twice.
    pub(super) fn repeats(&self) -> bool {
        self.repeats
    }

    /// The most frequent values. Counts that are not more than what was thinned out say nothing and are left out.
    pub(super) fn top(self, most: usize) -> Vec<TopValue> {
        let thinned = self.thinned;
        let mut top: Vec<TopValue> = self
            .counters
            .into_values()
            .filter(|(count, _)| thinned == 0 || *count > thinned)
            .map(|(count, value)| TopValue { value, count: count + thinned / 2 })
            .collect();
        top.sort_by(|left, right| right.count.cmp(&left.count).then_with(|| left.value.cmp(&right.value)));
        top.truncate(most);
        top
    }
}
