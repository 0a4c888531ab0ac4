//! Which customers each rule takes, kept by customer: an update visits some customers and all rules.

/// A bit for each customer and rule. Those of a customer lie together, so that an update touches one place in memory for
/// each of its customers, however many rules there are.
#[derive(Debug, Clone, Default)]
pub(super) struct RuleBits {
    /// The words of one customer.
    width: usize,
    words: Vec<u64>,
}

impl RuleBits {
    /// The bits of so many customers, given rule by rule.
    pub(super) fn new(rules: &[Vec<u64>], customers: usize) -> Self {
        let width = rules.len().div_ceil(64);
        let mut words = vec![0; customers * width];
        for (group, rules) in rules.chunks(64).enumerate() {
            for (at, customers) in words.chunks_mut(64 * width).enumerate() {
                let bits = turned(rules, at);
                for (customer, bits) in customers.chunks_mut(width).zip(bits) {
                    customer.get_mut(group).into_iter().for_each(|word| *word = bits);
                }
            }
        }
        Self { width, words }
    }

    /// Exchanges the bits of some customers: `rules` has the new ones, rule by rule, and then the old ones.
    pub(super) fn exchange(&mut self, customers: &[u32], rules: &mut [Vec<u64>]) {
        for (group, rules) in rules.chunks_mut(64).enumerate() {
            for (at, customers) in customers.chunks(64).enumerate() {
                let mut bits = turned(rules, at);
                for (customer, bits) in customers.iter().zip(&mut bits) {
                    if let Some(word) = self.words.get_mut(*customer as usize * self.width + group) {
                        std::mem::swap(word, bits);
                    }
                }
                transpose(&mut bits);
                for (rule, bits) in rules.iter_mut().zip(bits) {
                    rule.get_mut(at).into_iter().for_each(|word| *word = bits);
                }
            }
        }
    }
}

/// The bits of 64 customers, whose words are at a place of up to 64 rules: a word for each customer.
fn turned(rules: &[Vec<u64>], at: usize) -> [u64; 64] {
    let mut bits = [0; 64];
    for (word, rule) in bits.iter_mut().zip(rules) {
        *word = rule.get(at).copied().unwrap_or(0);
    }
    transpose(&mut bits);
    bits
}

/// Rows become columns: halves change places, then quarters, down to single bits (Warren, *Hacker's Delight*, 7-3).
fn transpose(bits: &mut [u64; 64]) {
    let (mut width, mut low) = (32, u64::from(u32::MAX));
    while width > 0 {
        for rows in bits.chunks_exact_mut(2 * width) {
            let (upper, lower) = rows.split_at_mut(width);
            for (upper, lower) in upper.iter_mut().zip(lower) {
                let swapped = ((*upper >> width) ^ *lower) & low;
                *upper ^= swapped << width;
                *lower ^= swapped;
            }
        }
        width /= 2;
        low ^= low << width;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The words of a rule that takes these customers.
    fn words(taken: &[bool]) -> Vec<u64> {
        let word = |chunk: &[bool]| {
            chunk.iter().enumerate().fold(0, |word, (at, taken)| word | u64::from(*taken) << at)
        };
        taken.chunks(64).map(word).collect()
    }

    proptest! {
        #[test]
        fn what_is_exchanged_comes_back_and_the_others_keep_theirs(
            rules in prop_oneof![Just(1usize), Just(64), Just(65), Just(130)],
            customers in prop_oneof![Just(1usize), Just(64), Just(150)],
            seed in any::<[bool; 37]>(),
            touched in proptest::collection::btree_set(0u32..150, 0..90),
        ) {
            let taken = |salt: usize, rule: usize, customer: usize| seed[(rule * 31 + customer * 7 + salt) % 37];
            let touched: Vec<u32> = touched.into_iter().filter(|it| (*it as usize) < customers).collect();
            let all = |salt: usize| -> Vec<Vec<u64>> {
                (0..rules).map(|rule| words(&(0..customers).map(|at| taken(salt, rule, at)).collect::<Vec<_>>())).collect()
            };
            let some = |salt: usize| -> Vec<Vec<u64>> {
                let of = |rule: usize| touched.iter().map(|at| taken(salt, rule, *at as usize)).collect::<Vec<_>>();
                (0..rules).map(|rule| words(&of(rule))).collect()
            };
            let mut bits = RuleBits::new(&all(0), customers);
            let mut exchanged = some(5);
            bits.exchange(&touched, &mut exchanged);
            prop_assert_eq!(&exchanged, &some(0));
            let mut expected = all(0);
            for (rule, words) in expected.iter_mut().enumerate() {
                for at in touched.iter().map(|at| *at as usize) {
                    let bit = 1u64 << (at % 64);
                    words[at / 64] = words[at / 64] & !bit | if taken(5, rule, at) { bit } else { 0 };
                }
            }
            let mut everything = vec![vec![0; customers.div_ceil(64)]; rules];
            let places: Vec<u32> = (0..customers as u32).collect();
            bits.exchange(&places, &mut everything);
            prop_assert_eq!(everything, expected);
        }
    }
}
