//! What kinds of pairs there are, learned from how often each pattern of agreement occurs.
//!
//! Fellegi and Sunter (1969) know two classes, matches and others, and take the comparisons of a class as
//! independent. Pairs of one household break that: they share name, street and telephone together. So the classes
//! are five, independent within each: two of matches, two of people who have something in common, and unrelated
//! pairs. The last class is known beforehand from how often values agree by chance; the others are learned by
//! expectation and maximisation (Dempster, Laird, Rubin 1977) from the counts of the patterns.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::compare::{Comparison, EXACT, LEVELS, UNEQUAL};
use super::rarity::Rarity;

/// Where fewer matches than this part have quite different values, it is a fact that customers do not: two such
/// records are never one customer, however much else they share.
const FACT: f64 = 0.02;
/// So many matches are needed to know that.
const KNOWN: f64 = 100.0;

/// The classes: 0 and 1 are matches.
pub(crate) const CLASSES: usize = 5;
/// Matches whose address and telephone are still the same.
pub(crate) const SAME: usize = 0;
/// Matches who have moved.
pub(crate) const MOVED: usize = 1;
/// Different people of one household.
pub(crate) const HOUSEHOLD: usize = 2;
/// Different people of one name.
pub(crate) const NAMESAKE: usize = 3;
/// Pairs that have nothing in common.
pub(crate) const UNRELATED: usize = 4;

/// Most rounds of training.
const ROUNDS: usize = 100;
/// Rounds with all patterns, after those with the usual ones.
const LAST_ROUNDS: usize = 10;
/// So few patterns take part in all rounds.
const FEW: usize = 1_000;
/// Training ends when no class grows or shrinks by more than this part.
const SETTLED: f64 = 1e-4;
/// How firmly levels are held to their start: pairs that the start counts for, as a part of the class.
const PRIOR: f64 = 0.02;
/// The least probability of a level.
const LEAST: f64 = 1e-7;

/// How likely each level of each comparison is in each class, and how many pairs a class has.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Mixture {
    /// Expected pairs of each class; of the unrelated ones all pairs that there are.
    pub pairs: [f64; CLASSES],
    /// For each class, comparison and level its probability, given that no value is missing.
    pub levels: Vec<Vec<[f64; LEVELS]>>,
}

/// How likely levels are for pairs chosen at random: those of equal values from their counts, the others from a
/// sample of pairs.
pub(crate) fn by_chance(comparison: Comparison, rarity: &Rarity, sampled: &[u64; LEVELS]) -> [f64; LEVELS] {
    let mut levels = [0.0; LEVELS];
    let names = comparison.unequal();
    let equal: f64 = rarity.chance.iter().sum();
    for (level, chance) in levels.iter_mut().skip(usize::from(EXACT)).zip(&rarity.chance) {
        *level = chance.max(LEAST * LEAST);
    }
    let unequal = sampled.iter().skip(usize::from(UNEQUAL)).take(names.len());
    let total: f64 = unequal.clone().map(|count| *count as f64 + 0.5).sum();
    for (level, count) in levels.iter_mut().skip(usize::from(UNEQUAL)).zip(unequal) {
        *level = (1.0 - equal) * (*count as f64 + 0.5) / total;
    }
    levels
}

/// Where the training of matches starts: mostly equal.
fn of_matches(comparison: Comparison, rarity: &Rarity) -> [f64; LEVELS] {
    let mut levels = [0.0; LEVELS];
    let unequal = comparison.unequal();
    let apart: f64 = unequal.iter().map(|level| level.start).sum();
    for (level, share) in levels.iter_mut().skip(usize::from(EXACT)).zip(&rarity.share) {
        *level = ((1.0 - apart) * share).max(LEAST);
    }
    for (level, info) in levels.iter_mut().skip(usize::from(UNEQUAL)).zip(unequal) {
        *level = info.start;
    }
    levels
}

fn blend(a: &[f64; LEVELS], b: &[f64; LEVELS], part_of_a: f64) -> [f64; LEVELS] {
    let mut levels = [0.0; LEVELS];
    for ((level, a), b) in levels.iter_mut().zip(a).zip(b) {
        *level = a * part_of_a + b * (1.0 - part_of_a);
    }
    levels
}

impl Mixture {
    /// Where training starts.
    fn start(
        comparisons: &[Comparison],
        rarities: &[Rarity],
        chance: &[[f64; LEVELS]],
        records: usize,
    ) -> Self {
        let mut levels = vec![Vec::new(); CLASSES];
        for ((comparison, rarity), chance) in comparisons.iter().zip(rarities).zip(chance) {
            let equal = of_matches(*comparison, rarity);
            // How much of each class agrees as matches do; the rest as by chance.
            let parts = match comparison {
                Comparison::First => [1.0, 1.0, 0.02, 0.9],
                Comparison::Last => [1.0, 0.9, 0.85, 0.9],
                Comparison::Email => [1.0, 0.9, 0.1, 0.02],
                Comparison::Phone => [1.0, 0.3, 0.6, 0.02],
                Comparison::Address => [1.0, 0.1, 0.95, 0.05],
                Comparison::Birth => [1.0, 1.0, 0.02, 0.02],
                Comparison::Identifier(_) => [1.0, 1.0, 0.001, 0.001],
                Comparison::Text(_) | Comparison::Category(_) => [1.0, 1.0, 0.3, 0.3],
            };
            for (class, part) in parts.iter().enumerate() {
                if let Some(levels) = levels.get_mut(class) {
                    levels.push(blend(&equal, chance, *part));
                }
            }
            if let Some(levels) = levels.get_mut(UNRELATED) {
                levels.push(*chance);
            }
        }
        let n = records as f64;
        Self { pairs: [n * 0.3, n * 0.1, n * 0.3, n * 0.3, n * (n - 1.0) / 2.0], levels }
    }

    /// Learns the classes from the patterns and how often each occurs.
    pub(crate) fn learn(
        comparisons: &[Comparison],
        rarities: &[Rarity],
        chance: &[[f64; LEVELS]],
        records: usize,
        patterns: &[(u64, u64)],
    ) -> Self {
        let start = Self::start(comparisons, rarities, chance, records);
        // Most patterns occur once or twice, and few pairs have them: they take part only at the end.
        let mut usual: Vec<(u64, u64)> = patterns.iter().copied().filter(|(_, count)| *count > 2).collect();
        if usual.len() < FEW {
            usual = patterns.to_vec();
        }
        let mut now = start.clone();
        for (patterns, rounds) in [(usual.as_slice(), ROUNDS), (patterns, LAST_ROUNDS)] {
            for _ in 0..rounds {
                let next = now.round(&start, comparisons, patterns);
                let moved = now.pairs.iter().zip(&next.pairs).take(UNRELATED);
                let settled = moved.fold(0.0f64, |most, (a, b)| most.max((a - b).abs() / (a + 1.0)));
                now = next;
                if settled < SETTLED {
                    break;
                }
            }
        }
        now
    }

    /// One round: how much of each pattern belongs to each class, and the classes from that.
    fn round(&self, start: &Self, comparisons: &[Comparison], patterns: &[(u64, u64)]) -> Self {
        let (sums, pairs) = self.shares(comparisons.len(), patterns);
        let mut next = self.clone();
        next.explain(start, comparisons, &sums);
        let classes = next.pairs.iter_mut().zip(&mut next.levels).zip(&start.levels).zip(sums).zip(pairs);
        for (class, ((((own, levels), start), sums), pairs)) in classes.enumerate().take(UNRELATED) {
            *own = pairs.max(1.0);
            for (((levels, sums), start), comparison) in
                levels.iter_mut().zip(&sums).zip(start).zip(comparisons)
            {
                *levels = posterior(sums, start, PRIOR * pairs + 1.0);
                for (some, most) in bounds(class, *comparison).into_iter().flatten() {
                    keep_below(levels, some, most);
                }
            }
        }
        next
    }

    /// Takes from the equal identifiers of unrelated pairs those that the other classes explain: records of one
    /// person do not agree by chance, and few others share what names one of them. Other values keep their counts:
    /// people do share names, addresses and telephones. At least half a pair always agrees by chance.
    fn explain(&mut self, start: &Self, comparisons: &[Comparison], sums: &[Vec<[f64; LEVELS]>]) {
        let all = self.pairs[UNRELATED].max(1.0);
        let (Some(own), Some(start)) = (self.levels.get_mut(UNRELATED), start.levels.get(UNRELATED)) else {
            return;
        };
        for (at, (own, start)) in own.iter_mut().zip(start).enumerate() {
            if !matches!(comparisons.get(at), Some(Comparison::Identifier(_))) {
                continue;
            }
            for level in usize::from(EXACT)..usize::from(UNEQUAL) {
                let of_class = |sums: &Vec<[f64; LEVELS]>| sums.get(at).map_or(0.0, |sums| sums[level]);
                let explained: f64 = sums.iter().take(UNRELATED).map(of_class).sum();
                own[level] = start[level].min((start[level] - explained / all).max(0.5 / all));
            }
        }
    }

    /// How many pairs with each level belong to each class, and how many pairs in all.
    fn shares(
        &self,
        comparisons: usize,
        patterns: &[(u64, u64)],
    ) -> (Vec<Vec<[f64; LEVELS]>>, [f64; CLASSES]) {
        let scorer = self.scorer();
        let mut sums = vec![[[0.0f64; CLASSES]; LEVELS]; comparisons];
        let mut pairs = [0.0; CLASSES];
        for (code, count) in patterns {
            let mut parts = scorer.expected(*code);
            let scale = *count as f64 / parts.iter().sum::<f64>();
            parts.iter_mut().for_each(|part| *part *= scale);
            pairs.iter_mut().zip(&parts).for_each(|(sum, part)| *sum += part);
            for (at, sums) in sums.iter_mut().enumerate() {
                let sums = &mut sums[(code >> (4 * at) & 15) as usize];
                sums.iter_mut().zip(&parts).for_each(|(sum, part)| *sum += part);
            }
        }
        let of = |class: usize| sums.iter().map(|sums| sums.map(|level| level[class])).collect();
        ((0..CLASSES).map(of).collect(), pairs)
    }

    /// The comparisons, with their places, that hardly any match contradicts: dates of birth and identifiers, unless
    /// the data has too many mistakes in them, or people have several.
    pub(crate) fn facts(&self, comparisons: &[Comparison]) -> Vec<(usize, Comparison)> {
        let matches: f64 = self.pairs.iter().take(HOUSEHOLD).sum();
        let contradicted = |at: usize, comparison: Comparison| {
            let of = |(pairs, levels): (&f64, &Vec<[f64; LEVELS]>)| {
                levels.get(at).map_or(1.0, |levels| levels[usize::from(comparison.different())]) * pairs
            };
            self.pairs.iter().zip(&self.levels).take(HOUSEHOLD).map(of).sum::<f64>() / matches
        };
        let is_fact = |(at, comparison): &(usize, Comparison)| {
            matches!(comparison, Comparison::Birth | Comparison::Identifier(_))
                && matches >= KNOWN
                && contradicted(*at, *comparison) < FACT
        };
        comparisons.iter().copied().enumerate().filter(is_fact).collect()
    }

    /// The binary logarithm of how much likelier a match is than no match, for one pattern; `scorer` for many.
    pub(crate) fn weight(&self, code: u64) -> f64 {
        self.scorer().weight(code)
    }

    /// The mixture in the form that is quick to use.
    pub(crate) fn scorer(&self) -> Scorer {
        let comparisons = self.levels.first().map_or(0, Vec::len);
        let mut likely = vec![[[1.0f64; CLASSES]; LEVELS]; comparisons];
        for (class, levels) in self.levels.iter().enumerate() {
            for (likely, levels) in likely.iter_mut().zip(levels) {
                // Level 0 stays 1: a missing value says nothing.
                for (likely, level) in likely.iter_mut().zip(levels).skip(1) {
                    likely[class] = level.max(LEAST * LEAST);
                }
            }
        }
        Scorer { pairs: self.pairs, likely }
    }
}

/// The likelihoods of levels, those of all classes together: so that one instruction works on several classes.
#[derive(Debug, Clone)]
pub(crate) struct Scorer {
    pairs: [f64; CLASSES],
    likely: Vec<[[f64; CLASSES]; LEVELS]>,
}

impl Scorer {
    /// The expected number of pairs of each class with a pattern.
    pub(crate) fn expected(&self, code: u64) -> [f64; CLASSES] {
        let mut parts = self.pairs;
        for (at, likely) in self.likely.iter().enumerate() {
            let likely = &likely[(code >> (4 * at) & 15) as usize];
            parts.iter_mut().zip(likely).for_each(|(part, likely)| *part *= likely);
        }
        parts
    }

    /// The binary logarithm of how much likelier a match is than no match.
    pub(crate) fn weight(&self, code: u64) -> f64 {
        odds(&self.expected(code))
    }
}

/// The binary logarithm of how much likelier the classes of matches are than the others.
pub(crate) fn odds(parts: &[f64; CLASSES]) -> f64 {
    let matches = parts[SAME] + parts[MOVED];
    let others = parts[HOUSEHOLD] + parts[NAMESAKE] + parts[UNRELATED];
    (matches.max(f64::MIN_POSITIVE) / others.max(f64::MIN_POSITIVE)).log2()
}

/// Levels that a class may have only so often: what makes it the class that it is. Without this the classes could
/// change places where the data has no households, or no dates.
fn bounds(class: usize, comparison: Comparison) -> [Option<(Range<usize>, f64)>; 2] {
    let equal = usize::from(EXACT);
    let first = usize::from(UNEQUAL);
    let last = first + comparison.unequal().len();
    let alike = match comparison {
        Comparison::First => equal..first + 3,
        Comparison::Email => equal..first + 1,
        Comparison::Phone | Comparison::Address => equal..first + 2,
        _ => equal..first + 1,
    };
    let different = last - 1..last;
    match (class, comparison) {
        // One person seldom chooses a second address of the same form.
        (SAME | MOVED, Comparison::Email) => {
            [Some((first + 1..first + 2, 0.06)), Some((first + 4..first + 5, 0.03))]
        }
        // Together with the dates that stand for none.
        (SAME | MOVED, Comparison::Birth) => [Some((last - 2..last, 0.05)), None],
        (SAME | MOVED, Comparison::First) => [Some((different, 0.10)), None],
        (SAME | MOVED, Comparison::Identifier(_)) => [Some((different, 0.25)), None],
        (HOUSEHOLD, Comparison::First | Comparison::Birth) => [Some((alike, 0.05)), None],
        (HOUSEHOLD | NAMESAKE, Comparison::Identifier(_)) => [Some((alike, 0.002)), None],
        (NAMESAKE, Comparison::Birth | Comparison::Address) => [Some((alike, 0.02)), None],
        (NAMESAKE, Comparison::Email | Comparison::Phone) => [Some((alike, 0.005)), None],
        _ => [None, None],
    }
}

/// Takes from some levels what they have too much of, and gives it to the others.
fn keep_below(levels: &mut [f64; LEVELS], some: Range<usize>, most: f64) {
    let total: f64 = levels.iter().sum();
    let own: f64 =
        levels.iter().enumerate().filter(|(at, _)| some.contains(at)).map(|(_, level)| level).sum();
    if own <= most * total || own >= total {
        return;
    }
    for (at, level) in levels.iter_mut().enumerate() {
        *level *= if some.contains(&at) { most * total / own } else { (1.0 - most) * total / (total - own) };
    }
}

fn posterior(sums: &[f64; LEVELS], start: &[f64; LEVELS], firm: f64) -> [f64; LEVELS] {
    let seen: f64 = sums.iter().skip(1).sum();
    let first: f64 = start.iter().skip(1).sum::<f64>().max(LEAST);
    let mut levels = [0.0; LEVELS];
    for ((level, sum), start) in levels.iter_mut().zip(sums).zip(start).skip(1) {
        *level =
            ((sum + firm * start / first) / (seen + firm)).max(LEAST * f64::from(u8::from(*start > 0.0)));
    }
    levels
}

/// The probability of a match from the binary logarithm of its odds.
pub(crate) fn probability(weight: f64) -> f64 {
    1.0 / (1.0 + (-weight).exp2())
}

/// The binary logarithm of the odds of a probability.
pub(crate) fn weight_of(probability: f64) -> f64 {
    (probability / (1.0 - probability)).log2()
}
