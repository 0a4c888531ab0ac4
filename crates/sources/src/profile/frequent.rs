//! The most frequent values: Misra and Gries' counters (1982), thinned out when there are too many.

use std::collections::HashMap;

use super::TopValue;

/// Counters that are kept when they are thinned out.
const KEPT: usize = 1_000;

/// Values by their hashes, with their counts.
#[derive(Debug, Default)]
pub(super) struct Frequent {
    counters: HashMap<u64, (u64, String)>,
    repeats: bool,
    /// What was taken off every counter.
    thinned: u64,
}

impl Frequent {
    /// Counts a value.
    pub(super) fn add(&mut self, hash: u64, value: impl FnOnce() -> String) {
        if let Some((count, _)) = self.counters.get_mut(&hash) {
            *count += 1;
            self.repeats = true;
            return;
        }
        if self.counters.len() >= KEPT * 4 {
            self.thin();
        }
        self.counters.insert(hash, (1, value()));
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
