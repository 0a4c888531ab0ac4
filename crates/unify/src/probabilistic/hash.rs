//! Hashes that are the same in every run and on every machine.

/// Mixes all bits (the finaliser of SplitMix64; Steele, Lea, Flood 2014).
pub(crate) fn mix(number: u64) -> u64 {
    let mut z = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// The hash of some bytes.
pub(crate) fn bytes(bytes: &[u8]) -> u64 {
    let mut hash = bytes.len() as u64;
    let mut words = bytes.chunks_exact(8);
    for word in &mut words {
        let mut eight = [0; 8];
        eight.copy_from_slice(word);
        hash = mix(hash ^ u64::from_le_bytes(eight));
    }
    let rest = words.remainder().iter().fold(0u64, |rest, byte| (rest << 8) | u64::from(*byte));
    mix(hash ^ rest)
}

/// A hash in 32 bits, of which 0 stands for no value.
pub(crate) fn nonzero(hash: u64) -> u32 {
    (hash as u32).max(1)
}

/// The hash of some bytes, 0 for none.
pub(crate) fn bytes_or_zero(text: &[u8]) -> u32 {
    if text.is_empty() { 0 } else { nonzero(bytes(text)) }
}

/// The hash of a slot: of its bytes up to the end, zeros included, which costs no look for the end.
pub(crate) fn slot<const N: usize>(slot: &[u8; N]) -> u64 {
    let (words, _) = slot.as_chunks::<8>();
    words.iter().fold(0, |hash, word| mix(hash ^ u64::from_le_bytes(*word)))
}

/// Two hashes as one; the order counts.
pub(crate) fn pair(a: u64, b: u64) -> u64 {
    mix(a.rotate_left(17) ^ b)
}

/// Takes numbers that are hashes already.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Hashed(u64);

impl std::hash::Hasher for Hashed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0 = self::bytes(bytes) ^ self.0.rotate_left(5);
    }

    fn write_u64(&mut self, number: u64) {
        // Keys of blocks have zeros at their end.
        self.0 = number.rotate_left(32).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ number >> 32;
    }
}

/// A map whose keys are hashes already.
pub(crate) type HashedMap<T> = std::collections::HashMap<u64, T, std::hash::BuildHasherDefault<Hashed>>;
