//! Chance that is the same on every machine: numbered streams of one seed.

use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{RngCore, SeedableRng};

/// One stream of random numbers. Streams with different numbers or purposes do not depend on each other, so that
/// anything can be made again without what stands before it.
#[derive(Debug)]
pub struct Rng(Xoshiro256PlusPlus);

impl Rng {
    /// The stream of a thing: `purpose` tells streams of one number apart.
    #[must_use]
    pub fn stream(seed: u64, purpose: u64, number: u64) -> Self {
        Self(Xoshiro256PlusPlus::seed_from_u64(mix(mix(seed ^ mix(purpose)) ^ number)))
    }

    /// A number from 0 up to but not including `end`; 0 when `end` is 0. (Lemire's multiplication; its bias of
    /// `end / 2^64` is of no account.)
    pub fn below(&mut self, end: usize) -> usize {
        let product = u128::from(self.0.next_u64()) * (end as u128);
        usize::try_from(product >> 64).unwrap_or(0)
    }

    /// A whole number of a range, both ends included.
    pub fn between(&mut self, low: i32, high: i32) -> i32 {
        let span = usize::try_from(i64::from(high) - i64::from(low) + 1).unwrap_or(1);
        low + i32::try_from(self.below(span)).unwrap_or(0)
    }

    /// A number of [0, 1).
    pub fn unit(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// True with this probability.
    pub fn chance(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }

    /// One of some things, all equally likely. The slice is not empty.
    pub fn pick<'a, T: ?Sized>(&mut self, things: &[&'a T]) -> &'a T {
        things[self.below(things.len())]
    }

    /// The place of the weight that chance fell on.
    pub fn weighted(&mut self, weights: &[f64]) -> usize {
        let mut left = self.unit() * weights.iter().sum::<f64>();
        weights
            .iter()
            .position(|weight| {
                left -= weight;
                left < 0.0
            })
            .unwrap_or(0)
    }
}

/// Weights of a long list, added up once.
#[derive(Debug)]
pub struct Weighted {
    sums: Vec<f64>,
}

impl Weighted {
    /// From the weight of each place.
    pub fn new(weights: impl Iterator<Item = f64>) -> Self {
        let mut sum = 0.0;
        let sums = weights
            .map(|weight| {
                sum += weight;
                sum
            })
            .collect();
        Self { sums }
    }

    /// A place, as likely as its weight.
    pub fn sample(&self, rng: &mut Rng) -> usize {
        let target = rng.unit() * self.sums.last().copied().unwrap_or(0.0);
        self.sums.partition_point(|sum| *sum <= target).min(self.sums.len().saturating_sub(1))
    }

    /// How likely a place is.
    #[must_use]
    pub fn share(&self, place: usize) -> f64 {
        let before = place.checked_sub(1).and_then(|place| self.sums.get(place)).copied().unwrap_or(0.0);
        let total = self.sums.last().copied().unwrap_or(1.0);
        self.sums.get(place).map_or(0.0, |sum| (sum - before) / total)
    }
}

/// The finaliser of `SplitMix64` (Steele, Lea, Flood 2014): close numbers become far ones.
#[must_use]
pub fn mix(number: u64) -> u64 {
    let mut z = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_is_the_same_every_time_and_differs_from_its_neighbours() {
        let draw = |purpose, number| {
            let mut rng = Rng::stream(7, purpose, number);
            [rng.below(1 << 30), rng.below(1 << 30), rng.below(1 << 30)]
        };
        assert_eq!(draw(1, 5), draw(1, 5));
        assert_ne!(draw(1, 5), draw(1, 6));
        assert_ne!(draw(1, 5), draw(2, 5));
    }

    #[test]
    fn weights_are_kept() {
        let weighted = Weighted::new([1.0, 0.0, 3.0].into_iter());
        let mut rng = Rng::stream(1, 1, 1);
        let mut seen = [0; 3];
        for _ in 0..4000 {
            seen[weighted.sample(&mut rng)] += 1;
        }
        assert!((900..1100).contains(&seen[0]) && seen[1] == 0, "{seen:?}");
        assert!((weighted.share(2) - 0.75).abs() < 1e-12);
    }
}
