//! The search for rules: the smallest sets of requirements whose pairs are surely matches.
//!
//! A set that is precise enough needs no more requirements, which could only lose matches; one that is not is tried
//! with each further requirement (levelwise search, Mannila and Toivonen 1997).

use super::groups::Group;
use super::requirements::{Mask, Requirements};

/// The most requirements of one rule.
const MOST: u32 = 4;
/// What each further requirement of a rule must be worth, as a part of all matches: simple rules are understood.
const SIMPLER: f64 = 0.002;
/// Sets for which exceptions are looked for.
const EXCEPTED: usize = 24;
/// Pairs below this probability, taken together, are worth an exception.
const EXCEPTION: f64 = 0.5;
/// The fewest pairs of an exception.
const EXCEPTION_PAIRS: u64 = 3;

/// A rule that can be chosen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Found {
    pub(crate) mask: Mask,
    /// Pairs that meet all of this are no match.
    pub(crate) exception: Option<Mask>,
    /// Expected matches that no earlier rule takes.
    pub(crate) added: f64,
}

/// What rules are looked for.
pub(crate) struct Search<'a> {
    pub(crate) requirements: &'a Requirements,
    /// The groups, and whether an earlier rule takes them.
    pub(crate) groups: &'a [(Group, bool)],
    /// The least precision.
    pub(crate) floor: f64,
    /// The least number of expected matches that a rule must add.
    pub(crate) least: f64,
    /// Expected matches in all.
    pub(crate) total: f64,
    /// Whether all pairs that meet a set were compared.
    pub(crate) covered: &'a dyn Fn(Mask) -> bool,
    /// What was tried already.
    pub(crate) banned: &'a [(Mask, Option<Mask>)],
}

/// The pairs of a set, and those of them that no earlier rule takes.
#[derive(Debug, Clone, Copy, Default)]
struct Sum {
    pairs: u64,
    matches: f64,
    added_pairs: u64,
    added: f64,
}

impl Sum {
    fn is_precise(&self, floor: f64) -> bool {
        self.matches >= floor * self.pairs as f64 && self.added >= floor * self.added_pairs as f64
    }

    fn without(&self, other: &Self) -> Self {
        Self {
            pairs: self.pairs - other.pairs,
            matches: self.matches - other.matches,
            added_pairs: self.added_pairs - other.added_pairs,
            added: self.added - other.added,
        }
    }
}

impl Search<'_> {
    /// The rule that adds most, preferring simple ones; of equally good ones the first.
    pub(crate) fn best(&self) -> Option<Found> {
        let (precise, rough) = self.levels();
        let mut all: Vec<Found> = precise;
        all.extend(rough.iter().take(EXCEPTED).filter_map(|(mask, sum)| self.excepted(*mask, sum)));
        all.retain(|found| !self.banned.contains(&(found.mask, found.exception)));
        all.into_iter().max_by(|a, b| self.worth(a).total_cmp(&self.worth(b)).then(b.mask.cmp(&a.mask)))
    }

    fn worth(&self, found: &Found) -> f64 {
        let size = found.mask.count_ones() + found.exception.map_or(0, |it| it.count_ones() + 1);
        found.added / self.total - SIMPLER * f64::from(size)
    }

    /// The smallest sets that are precise, and those that are not, the most matches first.
    fn levels(&self) -> (Vec<Found>, Vec<(Mask, Sum)>) {
        let count = self.requirements.all.len();
        let (mut precise, mut rough): (Vec<Found>, Vec<(Mask, Sum)>) = (Vec::new(), Vec::new());
        let mut level: Vec<Mask> = vec![0];
        for _ in 0..MOST {
            let mut next = Vec::new();
            for base in level {
                let first = Mask::BITS - base.leading_zeros();
                for mask in (first as usize..count).filter_map(|at| self.extended(base, at)) {
                    if precise.iter().any(|it| mask & it.mask == it.mask) {
                        continue;
                    }
                    let sum = self.sum(mask);
                    if sum.added < self.least {
                        continue;
                    }
                    let covered = (self.covered)(mask);
                    if covered && sum.is_precise(self.floor) {
                        precise.push(Found { mask, exception: None, added: sum.added });
                        continue;
                    }
                    if covered {
                        rough.push((mask, sum));
                    }
                    next.push(mask);
                }
            }
            level = next;
        }
        rough.sort_by(|a, b| b.1.added.total_cmp(&a.1.added).then(a.0.cmp(&b.0)));
        (precise, rough)
    }

    /// A set with one more requirement; none where it is of a signal that the set has already.
    fn extended(&self, base: Mask, at: usize) -> Option<Mask> {
        let signal = self.requirements.all.get(at)?.signal;
        let has = self.requirements.of(base).any(|(_, it)| it.signal == signal);
        (!has).then_some(base | 1 << at)
    }

    fn sum(&self, mask: Mask) -> Sum {
        let mut sum = Sum::default();
        for (group, taken) in self.groups.iter().filter(|(group, _)| group.mask & mask == mask) {
            sum.pairs += group.pairs;
            sum.matches += group.matches;
            if !taken {
                sum.added_pairs += group.pairs;
                sum.added += group.matches;
            }
        }
        sum
    }

    /// The exception that makes a set precise and loses least.
    fn excepted(&self, mask: Mask, sum: &Sum) -> Option<Found> {
        let count = self.requirements.all.len();
        let singles = (0..count).filter_map(|at| self.extended(mask, at)).map(|with| with & !mask);
        let singles: Vec<Mask> = singles.collect();
        let pairs = singles.iter().enumerate().flat_map(|(at, one)| {
            let later = singles.iter().skip(at + 1);
            later
                .filter(move |other| self.extended(mask | one, other.trailing_zeros() as usize).is_some())
                .map(move |other| one | other)
        });
        let mut best: Option<Found> = None;
        for exception in singles.iter().copied().chain(pairs) {
            let lost = self.sum(mask | exception);
            let rest = sum.without(&lost);
            let helps = lost.pairs >= EXCEPTION_PAIRS && lost.matches < EXCEPTION * lost.pairs as f64;
            if !helps || rest.added < self.least || !rest.is_precise(self.floor) {
                continue;
            }
            if best.is_none_or(|best| rest.added > best.added) {
                best = Some(Found { mask, exception: Some(exception), added: rest.added });
            }
        }
        best
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::definition::{Signal, SignalKind};

    fn best(groups: &[(Mask, u64, f64)], floor: f64) -> Option<Found> {
        let signal = |kind| Signal { kind, attributes: Vec::new() };
        let kinds = [SignalKind::Phone, SignalKind::City, SignalKind::BirthDate];
        let requirements = Requirements::new(&kinds.map(signal), &[]);
        let group = |(mask, pairs, matches): &(Mask, u64, f64)| {
            (Group { left: 0, right: 0, mask: *mask, pairs: *pairs, matches: *matches }, false)
        };
        let groups: Vec<(Group, bool)> = groups.iter().map(group).collect();
        let total = groups.iter().map(|(group, _)| group.matches).sum();
        let covered = |_| true;
        let search = Search {
            requirements: &requirements,
            groups: &groups,
            floor,
            least: 1.0,
            total,
            covered: &covered,
            banned: &[],
        };
        search.best()
    }

    #[test]
    fn the_smallest_set_that_is_precise_is_taken() {
        let found = best(&[(0b001, 100, 99.0), (0b011, 50, 50.0)], 0.9).unwrap();
        assert_eq!((found.mask, found.exception), (0b001, None));
        let found = best(&[(0b001, 100, 10.0), (0b011, 50, 50.0), (0b010, 100, 0.0)], 0.9).unwrap();
        assert_eq!((found.mask, found.exception), (0b011, None));
        assert_eq!(best(&[(0b111, 100, 10.0)], 0.9), None);
    }

    #[test]
    fn an_exception_is_taken_where_it_loses_less_than_a_further_condition() {
        // People who share telephone and date of birth are twins here; a further condition would lose most matches.
        let found = best(&[(0b001, 100, 99.0), (0b101, 40, 1.0), (0b011, 10, 10.0)], 0.95).unwrap();
        assert_eq!((found.mask, found.exception, found.added), (0b001, Some(0b100), 109.0));
    }
}
