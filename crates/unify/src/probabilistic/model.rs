//! A model: what was learned from data, enough to match the same way again.

use serde::{Deserialize, Serialize};

use super::blocking::{BlockingRule, candidates};
use super::compare::{Comparison, LEVELS, Pair};
use super::labels::{Correction, Label};
use super::mixture::{Mixture, Scorer, by_chance};
use super::pairs::Candidates;
use super::prepared::{Layout, Prepared};
use super::rarity::{self, Rarity};
use super::threads;

/// The version of the form in which models are written.
const VERSION: u32 = 3;
/// Records of the sample for agreement by chance, and with how many others each is compared.
const SAMPLE: usize = 100_000;
const PARTNERS: usize = 2;
/// Records of the sample in one piece of work.
const SAMPLED_AT_ONCE: usize = 4_096;

/// What was learned from data. With one model the same records always match the same way, and records that come
/// later match as they would have from the start.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Model {
    /// The version of this form; a model of another version cannot be read.
    #[serde(deserialize_with = "this_version")]
    pub version: u32,
    /// What pairs are compared by.
    pub comparisons: Vec<Comparison>,
    /// Which pairs are compared.
    pub rules: Vec<BlockingRule>,
    /// For each comparison, how rare values are.
    pub rarities: Vec<Rarity>,
    /// What the levels of agreement say.
    pub mixture: Mixture,
    /// What pairs that people judged have taught.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub correction: Option<Correction>,
}

/// Weighs pairs.
#[derive(Debug, Clone)]
pub(crate) struct Judge {
    comparisons: Vec<Comparison>,
    scorer: Scorer,
    correction: Option<Correction>,
    /// What records of one customer do not contradict, with their places among the comparisons.
    facts: Vec<(usize, Comparison)>,
}

impl Judge {
    /// The binary logarithm of the odds that a pair is one customer.
    pub(crate) fn weight(&self, pair: &Pair<'_>) -> f64 {
        self.weight_of_code(pair.code(&self.comparisons))
    }

    /// What says that a pair is never one customer, however much else it shares.
    pub(crate) fn contradiction(&self, pair: &Pair<'_>) -> Option<Comparison> {
        let differs =
            |(at, comparison): &&(usize, Comparison)| pair.level(*comparison, *at) == comparison.different();
        self.facts.iter().find(differs).map(|(_, comparison)| *comparison)
    }

    /// The same from the pattern of the pair.
    pub(crate) fn weight_of_code(&self, code: u64) -> f64 {
        let weight = self.scorer.weight(code);
        self.correction.as_ref().map_or(weight, |correction| correction.weight(code, weight))
    }
}

impl Model {
    /// The model in the form that is quick to use.
    pub(crate) fn judge(&self) -> Judge {
        Judge {
            comparisons: self.comparisons.clone(),
            scorer: self.mixture.scorer(),
            correction: self.correction.clone(),
            facts: self.mixture.facts(&self.comparisons),
        }
    }

    /// Makes every number one that is the same after the model was written down and read.
    pub(crate) fn settle(&mut self) {
        let Self { rarities, mixture, correction, .. } = self;
        let rarities = rarities.iter_mut().flat_map(|it| it.chance.iter_mut().chain(&mut it.share));
        let mixture = mixture.pairs.iter_mut().chain(mixture.levels.iter_mut().flatten().flatten());
        let correction = correction
            .iter_mut()
            .flat_map(|it| [&mut it.slope, &mut it.offset].into_iter().chain(it.terms.iter_mut().flatten()));
        rarities.chain(mixture).chain(correction).for_each(|number| *number = settled(*number));
    }

    /// Learns from pairs that people have judged.
    pub(crate) fn correct(&mut self, prepared: &Prepared, labels: &[(u32, u32, bool)]) {
        let scorer = self.mixture.scorer();
        let label = |(left, right, is_match): &(u32, u32, bool)| {
            let code = prepared.pair(*left, *right)?.code(&self.comparisons);
            Some(Label { code, weight: scorer.weight(code), is_match: *is_match })
        };
        let mut labels: Vec<Label> = labels.iter().filter_map(label).collect();
        // Sums of floating numbers depend on their order, which must not come from that of the rows.
        labels.sort_unstable_by_key(|label| (label.code, label.is_match));
        self.correction = Correction::fit(self.comparisons.len(), &labels);
    }

    /// Learns a model from records; gives also the pairs, so that they need not be found twice.
    pub(crate) fn learn(layout: &Layout, prepared: &mut Prepared, threads: usize) -> (Self, Candidates) {
        let comparisons = layout.comparisons.clone();
        let rarities = rarity::learn(prepared, &comparisons, threads);
        let sampled = sample(prepared, &comparisons, threads);
        let chance: Vec<[f64; LEVELS]> = comparisons
            .iter()
            .zip(&rarities)
            .zip(&sampled)
            .map(|((comparison, rarity), sampled)| by_chance(*comparison, rarity, sampled))
            .collect();
        let mut rules = candidates(&comparisons, prepared);
        let found = Candidates::find(prepared, &comparisons, &mut rules, true, threads);
        let patterns: Vec<(u64, u64)> =
            found.codes.iter().copied().zip(found.counts.iter().copied()).collect();
        let mixture = Mixture::learn(&comparisons, &rarities, &chance, prepared.len(), &patterns);
        (Self { version: VERSION, comparisons, rules, rarities, mixture, correction: None }, found)
    }
}

/// The number with at most 15 digits, none of them behind the 22nd place: all that JSON is certain to bring back
/// without a slower reader of numbers (Clinger 1990: such digits and powers of ten are exact).
fn settled(number: f64) -> f64 {
    let text = if number.abs() < 1e-8 { format!("{number:.22}") } else { format!("{number:.14e}") };
    text.parse().unwrap_or(number)
}

/// Counts the levels of pairs chosen at random: records in the order of their ids, each with those that follow.
fn sample(prepared: &Prepared, comparisons: &[Comparison], threads: usize) -> Vec<[u64; LEVELS]> {
    let share = (SAMPLE as f64 / prepared.len().max(1) as f64 * 2f64.powi(64)) as u64;
    let mut chosen: Vec<(u64, u32)> =
        (0u32..).zip(&prepared.ids).filter(|(_, id)| **id <= share).map(|(at, id)| (*id, at)).collect();
    chosen.sort_unstable();
    let lefts: Vec<usize> = (0..chosen.len()).step_by(SAMPLED_AT_ONCE).collect();
    let record = |at: usize| chosen.get(at).map(|(_, record)| *record);
    let parts = threads::map(&lefts, threads, |first| {
        let mut counts = vec![[0; LEVELS]; comparisons.len()];
        for left in *first..*first + SAMPLED_AT_ONCE {
            for partner in 1..=PARTNERS {
                let pair = record(left).zip(record(left + partner));
                if let Some(pair) = pair.and_then(|(left, right)| prepared.pair(left, right)) {
                    count(&pair, comparisons, &mut counts);
                }
            }
        }
        counts
    });
    let mut sums = vec![[0; LEVELS]; comparisons.len()];
    for part in &parts {
        for (sums, counts) in sums.iter_mut().zip(part) {
            sums.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
        }
    }
    sums
}

fn count(pair: &Pair<'_>, comparisons: &[Comparison], counts: &mut [[u64; LEVELS]]) {
    let code = pair.code(comparisons);
    for (at, counts) in counts.iter_mut().enumerate() {
        counts[(code >> (4 * at) & 15) as usize] += 1;
    }
}

fn this_version<'de, D: serde::Deserializer<'de>>(from: D) -> Result<u32, D::Error> {
    let version = u32::deserialize(from)?;
    if version == VERSION {
        return Ok(version);
    }
    let text = format!("the model has version {version}, but version {VERSION} is needed: train it again");
    Err(serde::de::Error::custom(text))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_settled_number_is_the_same_after_it_was_written_and_read(
            digits in -1.0f64..1.0, power in -30i32..16,
        ) {
            let number = settled(digits * 10f64.powi(power));
            let text = serde_json::to_string(&number).unwrap();
            prop_assert_eq!(serde_json::from_str::<f64>(&text).unwrap(), number);
            prop_assert!((number - digits * 10f64.powi(power)).abs() <= 1e-14 * number.abs() + 1e-22);
        }
    }
}
