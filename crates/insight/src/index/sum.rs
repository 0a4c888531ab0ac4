//! Checksums of the sections of a file: as fast as memory is read, and only of what is used.

use std::sync::{Arc, OnceLock};

/// Words that are taken in side by side, so that none waits for the one before.
const LANES: usize = 8;
const WORD: usize = size_of::<u64>();

/// An odd number without a pattern: multiplication by it loses nothing.
const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;

/// A checksum that bytes should have.
#[derive(Debug, Clone)]
pub(crate) struct Sum {
    wanted: u64,
    is_right: Arc<OnceLock<bool>>,
}

impl Sum {
    pub(super) fn new(wanted: u64) -> Self {
        Self { wanted, is_right: Arc::default() }
    }

    /// Whether these bytes have it, as they were found the first time.
    pub(super) fn is_that_of(&self, bytes: &[u8]) -> bool {
        *self.is_right.get_or_init(|| checksum(bytes) == self.wanted)
    }
}

/// A changed bit anywhere changes it.
pub(super) fn checksum(bytes: &[u8]) -> u64 {
    let mut lanes = [FACTOR; LANES];
    let (blocks, rest) = bytes.as_chunks::<{ LANES * WORD }>();
    for block in blocks {
        let (words, _) = block.as_chunks::<WORD>();
        for (lane, word) in lanes.iter_mut().zip(words) {
            *lane = (*lane ^ u64::from_le_bytes(*word)).wrapping_mul(FACTOR).rotate_left(29);
        }
    }
    let mut sum = bytes.len() as u64;
    for lane in lanes {
        sum = (sum ^ lane).wrapping_mul(FACTOR).rotate_left(29);
    }
    rest.iter().fold(sum, |sum, byte| (sum ^ u64::from(*byte)).wrapping_mul(FACTOR).rotate_left(29))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_bit_anywhere_changes_the_sum() {
        let bytes: Vec<u8> = (0..200u8).collect();
        let whole = checksum(&bytes);
        for at in 0..bytes.len() {
            for bit in 0..8 {
                let mut changed = bytes.clone();
                changed[at] ^= 1 << bit;
                assert_ne!(checksum(&changed), whole, "bit {bit} of byte {at}");
            }
        }
        assert_ne!(checksum(&bytes[..199]), whole);
    }
}
