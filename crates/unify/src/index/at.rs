//! Records of an index: they keep their numbers, whatever comes and goes.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasherDefault, Hasher};

/// A record of an entity. Numbers of records say nothing about the order of keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct At {
    pub(crate) entity: u32,
    pub(crate) record: u32,
}

impl At {
    pub(crate) fn new(entity: usize, record: u32) -> Self {
        Self { entity: entity as u32, record }
    }
}

/// A table by numbers that nobody outside chooses, so that a plain hash will do.
pub(crate) type Map<K, V> = HashMap<K, V, BuildHasherDefault<Mixed>>;

/// A set of such numbers.
pub(crate) type Set<K> = HashSet<K, BuildHasherDefault<Mixed>>;

/// Mixes whole numbers.
#[derive(Debug, Default)]
pub(crate) struct Mixed(u64);

impl Hasher for Mixed {
    fn finish(&self) -> u64 {
        self.0 ^ (self.0 >> 32)
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u64(u64::from(*byte));
        }
    }

    fn write_u32(&mut self, number: u32) {
        self.write_u64(u64::from(number));
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = (self.0.rotate_left(29) ^ number).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    }

    fn write_usize(&mut self, number: usize) {
        self.write_u64(number as u64);
    }
}
