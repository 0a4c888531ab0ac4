//! Why two records are one customer, or not: what each comparison says.

use serde::{Deserialize, Serialize};

use super::blocking::BlockingRule;
use super::compare::{Comparison, EXACT, MISSING, Pair, UNEQUAL};
use super::mixture::{CLASSES, Mixture, Scorer, probability};
use super::model::Model;
use super::prepared::Prepared;

/// What speaks for and against two records being one customer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Explanation {
    /// The probability that they are, 0 to 1.
    pub probability: f64,
    /// Its odds as binary logarithm: `prior`, `correction` and the weights of all signals together.
    pub weight: f64,
    /// What is known before anything is compared: that two records are seldom one customer.
    pub prior: f64,
    /// What pairs that people have judged add.
    pub correction: f64,
    /// What each comparison adds.
    pub signals: Vec<SignalWeight>,
    /// The rules that bring the pair to comparison, unless one of its values is too common; none when it would
    /// never be compared.
    pub rules: Vec<BlockingRule>,
}

/// What one comparison says, the ones before it being known.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SignalWeight {
    /// What was compared.
    pub comparison: Comparison,
    /// How the values agree: `missing`, `equal`, or a level of its own.
    pub level: String,
    /// The binary logarithm of the factor by which the odds change (Bayes factor).
    pub weight: f64,
    /// The part of the weight that comes from the value being rarer (or, below 0, commoner) than most.
    pub rarity: f64,
}

impl Model {
    /// Explains one pair of records, by their numbers.
    pub fn explain(&self, prepared: &Prepared, left: u32, right: u32) -> Option<Explanation> {
        Some(self.explain_pair(&prepared.pair(left, right)?))
    }

    pub(crate) fn explain_pair(&self, pair: &Pair<'_>) -> Explanation {
        let code = pair.code(&self.comparisons);
        let scorer = self.mixture.scorer();
        let prior = scorer.weight(0);
        let (mut known, mut before) = (0, prior);
        let mut signals = Vec::with_capacity(self.comparisons.len());
        for (at, comparison) in self.comparisons.iter().enumerate() {
            let level = (code >> (4 * at) & 15) as u8;
            known |= u64::from(level) << (4 * at);
            let after = scorer.weight(known);
            let usual = self.mixture.usual_weight(&scorer, known, at);
            signals.push(SignalWeight {
                comparison: *comparison,
                level: level_name(*comparison, level).to_owned(),
                weight: after - before,
                rarity: if is_equal(level) { after - usual } else { 0.0 },
            });
            before = after;
        }
        let weight = self.correction.as_ref().map_or(before, |correction| correction.weight(code, before));
        let brings = |rule: &&BlockingRule| {
            let key = rule.key(pair.a, pair.extras_a);
            key.is_some() && key == rule.key(pair.b, pair.extras_b)
        };
        Explanation {
            probability: probability(weight),
            weight,
            correction: weight - before,
            prior,
            signals,
            rules: self.rules.iter().filter(brings).cloned().collect(),
        }
    }
}

fn is_equal(level: u8) -> bool {
    (EXACT..UNEQUAL).contains(&level)
}

/// The name of a level, for people.
pub(crate) fn level_name(comparison: Comparison, level: u8) -> &'static str {
    match level {
        MISSING => "missing",
        level if is_equal(level) => "equal",
        level => comparison.unequal().get(usize::from(level - UNEQUAL)).map_or("missing", |info| info.name),
    }
}

impl Mixture {
    /// The weight of a pattern if the value of one comparison were neither rare nor common.
    fn usual_weight(&self, scorer: &Scorer, code: u64, at: usize) -> f64 {
        let mut parts: [f64; CLASSES] = scorer.expected(code & !(15 << (4 * at)));
        for (part, levels) in parts.iter_mut().zip(&self.levels) {
            let equal = levels.get(at).map(|it| it.iter().skip(1).take(usize::from(UNEQUAL - EXACT)).sum());
            *part *= equal.unwrap_or(1.0);
        }
        super::mixture::odds(&parts)
    }
}
