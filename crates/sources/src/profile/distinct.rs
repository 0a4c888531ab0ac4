//! How many different values there are: HyperLogLog (Flajolet et al., 2007) with 4,096 registers, within about 1.6 %.

/// Bits of the hash that choose the register.
const BITS: u32 = 12;

/// The registers: for each, the longest run of zeros that was seen.
#[derive(Clone, Debug)]
pub(super) struct Distinct {
    registers: Vec<u8>,
}

impl Default for Distinct {
    fn default() -> Self {
        Self { registers: vec![0; 1 << BITS] }
    }
}

impl Distinct {
    /// Counts a value by its hash.
    pub(super) fn add(&mut self, hash: u64) {
        let place = (hash >> (64 - BITS)) as usize;
        let rest = (hash << BITS) | (1 << (BITS - 1));
        let run = rest.leading_zeros() as u8 + 1;
        if let Some(register) = self.registers.get_mut(place) {
            *register = run.max(*register);
        }
    }

    /// About how many different values were counted.
    pub(super) fn estimate(&self) -> u64 {
        let count = self.registers.len() as f64;
        let sum: f64 = self.registers.iter().map(|run| 2_f64.powi(-i32::from(*run))).sum();
        let raw = 0.7213 / (1.0 + 1.079 / count) * count * count / sum;
        let empty = self.registers.iter().filter(|run| **run == 0).count();
        // Few values leave registers empty, which tells more than the runs do.
        let estimate =
            if raw <= 2.5 * count && empty > 0 { count * (count / empty as f64).ln() } else { raw };
        estimate.round() as u64
    }
}

/// A hash of 64 bits, the same on every machine and in every run: products of 128 bits, folded.
pub(super) fn hash(bytes: &[u8]) -> u64 {
    let mut state = 0x9e37_79b9_7f4a_7c15 ^ bytes.len() as u64;
    let mut chunks = bytes.chunks_exact(8);
    for chunk in &mut chunks {
        state = fold(state ^ chunk.try_into().map_or(0, u64::from_le_bytes));
    }
    let rest = chunks.remainder().iter().rev().fold(0, |rest, byte| (rest << 8) | u64::from(*byte));
    fold(fold(state ^ rest) ^ 0xe703_7ed1_a0b4_28db)
}

fn fold(value: u64) -> u64 {
    let product = u128::from(value ^ 0x8ebc_6af0_9c88_c6e3) * 0xa076_1d64_78bd_642f;
    (product >> 64) as u64 ^ product as u64
}
