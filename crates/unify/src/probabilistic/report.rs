//! What matching by probability did, in numbers.

use serde::{Deserialize, Serialize};

/// What one blocking rule did.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RuleCounts {
    /// Records that may have one key.
    pub most: u32,
    /// Records that have a key.
    pub records: u64,
    /// Keys that more than one record has.
    pub blocks: u64,
    /// Records with the commonest key.
    pub largest: u64,
    /// Keys that too many records have: this rule compares none of their pairs.
    pub heavy: u64,
    /// Records with such a key.
    pub heavy_records: u64,
    /// Pairs that have such a key.
    pub heavy_pairs: u64,
    /// Pairs that the rule brought.
    pub pairs: u64,
    /// Expected matches among them.
    pub matches: f64,
    /// Expected matches that no other rule brought: what would be missed without it.
    pub only_matches: f64,
}

impl RuleCounts {
    pub(crate) fn add_block(&mut self, size: usize) {
        let size = size as u64;
        self.largest = self.largest.max(size);
        self.blocks += u64::from(size > 1);
        if size > u64::from(self.most) {
            self.heavy += 1;
            self.heavy_records += size;
            self.heavy_pairs += size * (size - 1) / 2;
        }
    }
}
