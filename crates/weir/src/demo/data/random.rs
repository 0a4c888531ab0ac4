//! Numbers that look random and are the same for the same seed, on every machine and in every version.

/// SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014). Small, well
/// mixed, and ours, so that a new version of a library never changes the demo's data. Not for secrets.
#[derive(Debug, Clone)]
pub(super) struct Random(u64);

impl Random {
    /// The stream `name` of thing number `index`. Streams do not depend on how much others were used, so a
    /// larger scale adds people and changes none.
    pub(super) fn of(seed: u64, name: &str, index: usize) -> Self {
        let mut state = Self(seed);
        for byte in name.bytes() {
            state.0 = state.next().wrapping_add(u64::from(byte));
        }
        state.0 = state.next().wrapping_add(index as u64);
        state.0 = state.next();
        state
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number from 0 up to, and without, `end`; 0 when `end` is 0.
    pub(super) fn below(&mut self, end: usize) -> usize {
        // The bias is below 2^-50 for the small ends used here.
        usize::try_from(self.next() % (end.max(1) as u64)).unwrap_or(0)
    }

    /// A number from `first` to `last`.
    pub(super) fn between(&mut self, first: i64, last: i64) -> i64 {
        let width = usize::try_from(last.saturating_sub(first)).unwrap_or(0).saturating_add(1);
        first.saturating_add(i64::try_from(self.below(width)).unwrap_or(0))
    }

    /// True in `percent` of 100 cases.
    pub(super) fn chance(&mut self, percent: f64) -> bool {
        (self.below(1_000_000) as f64) < percent * 10_000.0
    }

    /// One of `items`; the default when there is none.
    pub(super) fn pick<T: Copy + Default>(&mut self, items: &[T]) -> T {
        items.get(self.below(items.len())).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stream_is_the_same_in_every_version() {
        let mut zero = Random(0);
        // The published first outputs of SplitMix64 for the seed 0.
        assert_eq!([zero.next(), zero.next()], [0xe220_a839_7b1d_cdaf, 0x6e78_9e6a_a1b9_65f4]);
        let draw = |name, index| Random::of(7, name, index).next();
        assert_eq!(draw("person", 1), draw("person", 1));
        assert_ne!(draw("person", 1), draw("person", 2));
        assert_ne!(draw("person", 1), draw("order", 1));
    }

    #[test]
    fn numbers_stay_in_their_bounds() {
        let mut random = Random::of(1, "bounds", 0);
        for _ in 0..1000 {
            assert!(random.below(3) < 3);
            assert!((-2..=2).contains(&random.between(-2, 2)));
        }
        assert_eq!((random.below(0), random.between(5, 1)), (0, 5));
        assert!(!random.chance(0.0) && random.chance(100.0));
        assert_eq!(random.pick::<u8>(&[]), 0);
    }
}
