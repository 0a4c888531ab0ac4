//! The records of each block, and which blocks say nothing about a person.

use crate::features::NONE;
use crate::report::Bypassed;

/// The records of every block, ascending.
pub(crate) struct Postings {
    /// Where each block starts in `members`, and at last where all end.
    starts: Vec<u32>,
    members: Vec<u32>,
    heavy: Heavy,
}

/// When a block is too large to tell persons apart.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Heavy {
    /// The most records that may share a value.
    sharing: u64,
    /// Whether all conditions are exact. Otherwise the others tell records of a block apart, and a block is only
    /// refused when it is also that many times larger than blocks are on average: a default value, not a town.
    exact: bool,
    /// Whether there are exact conditions at all.
    blocked: bool,
    records: u64,
    blocks: u64,
}

impl Heavy {
    pub(crate) fn new(sharing: u32, exact: bool, blocked: bool) -> Self {
        Self { sharing: u64::from(sharing), exact, blocked, records: 0, blocks: 0 }
    }

    /// Whether a block of so many records is too large.
    pub(crate) fn refuses(&self, size: usize) -> bool {
        let size = size as u64;
        let is_default = || size.saturating_mul(self.blocks) > self.sharing.saturating_mul(self.records);
        self.blocked && size > self.sharing && (self.exact || is_default())
    }

    /// The number of records that are in blocks, and of blocks.
    pub(crate) fn with(self, records: u64, blocks: u64) -> Self {
        Self { records, blocks, ..self }
    }
}

impl Postings {
    /// `blocks` gives for each record its block, below `count`.
    pub(crate) fn new(blocks: impl Iterator<Item = u32> + Clone, count: usize, heavy: Heavy) -> Self {
        let mut starts = vec![0u32; count + 1];
        for block in blocks.clone().filter(|block| *block != NONE) {
            if let Some(size) = starts.get_mut(block as usize) {
                *size += 1;
            }
        }
        let (mut end, mut filled) = (0, 0);
        for start in &mut starts {
            filled += u64::from(*start > 0);
            end += *start;
            *start = end;
        }
        // Filled from behind, each start ends where its block begins.
        let mut members = vec![0; end as usize];
        let records: Vec<u32> = blocks.collect();
        for (record, block) in records.iter().enumerate().rev().filter(|(_, block)| **block != NONE) {
            let Some(start) = starts.get_mut(*block as usize) else { continue };
            *start -= 1;
            if let Some(place) = members.get_mut(*start as usize) {
                *place = record as u32;
            }
        }
        Self { starts, members, heavy: heavy.with(u64::from(end), filled) }
    }

    /// The number of blocks, empty ones too.
    pub(crate) fn len(&self) -> usize {
        self.starts.len().saturating_sub(1)
    }

    /// The records of a block; none for `NONE`.
    pub(crate) fn members(&self, block: u32) -> &[u32] {
        if block == NONE {
            return &[];
        }
        let at = block as usize;
        match (self.starts.get(at), self.starts.get(at + 1)) {
            (Some(start), Some(end)) => self.members.get(*start as usize..*end as usize).unwrap_or(&[]),
            _ => &[],
        }
    }

    /// The records of a block, none when it is refused.
    pub(crate) fn used(&self, block: u32) -> &[u32] {
        let members = self.members(block);
        if self.heavy.refuses(members.len()) { &[] } else { members }
    }

    /// The number of blocks that have records, the size of the largest, and what is refused.
    pub(crate) fn sizes(&self) -> (u64, u64, Bypassed) {
        let (mut blocks, mut largest, mut bypassed) = (0, 0u64, Bypassed::default());
        for block in 0..self.len() as u32 {
            let size = self.members(block).len() as u64;
            blocks += u64::from(size > 0);
            largest = largest.max(size);
            if self.heavy.refuses(size as usize) {
                bypassed.add(size);
            }
        }
        (blocks, largest, bypassed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_stand_in_order_and_large_blocks_are_refused() {
        let blocks = [2, NONE, 0, 2, 2, 0];
        let postings = Postings::new(blocks.iter().copied(), 3, Heavy::new(2, true, true));
        assert_eq!(postings.members(2), [0, 3, 4]);
        assert_eq!(postings.members(0), [2, 5]);
        assert!(postings.members(1).is_empty() && postings.members(NONE).is_empty());
        assert!(postings.used(2).is_empty());
        assert_eq!(postings.used(0), [2, 5]);
        assert_eq!(postings.sizes(), (2, 3, Bypassed { values: 1, records: 3, largest: 3 }));
    }

    #[test]
    fn with_fuzzy_conditions_only_values_far_above_the_average_are_refused() {
        let heavy = Heavy::new(10, false, true).with(1_000, 100);
        assert!(!heavy.refuses(100));
        assert!(heavy.refuses(101));
        assert!(!Heavy::new(10, false, true).with(1_000, 2).refuses(600));
        assert!(!Heavy::new(10, false, false).with(1_000, 1).refuses(1_000));
    }
}
