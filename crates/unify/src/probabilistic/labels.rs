//! Learning from pairs that people have judged: a correction of what the model says about each level.
//!
//! The corrected weight is a sum: the model's weight times a slope, plus an offset, plus one term for each level of
//! each comparison. It is fitted by logistic regression, held to no correction at all by a penalty (ridge; Hoerl and
//! Kennard 1970), so that few labels change little.

use serde::{Deserialize, Serialize};

use super::compare::LEVELS;

/// How firmly the slope is held to 1, the offset to 0 and the terms to 0: in labels that speak against it.
const FIRM_SLOPE: f64 = 20.0;
const FIRM_OFFSET: f64 = 0.5;
const FIRM_TERM: f64 = 1.0;
/// Rounds over all parameters, one after the other (coordinate descent).
const ROUNDS: usize = 60;
/// Weights beyond this are as sure as can be.
const SURE: f64 = 30.0;
/// The longest step of one parameter.
const STEP: f64 = 2.0;

/// What labels add to the model's weights.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Correction {
    /// What the model's weight is multiplied by.
    pub slope: f64,
    /// What is added to every weight.
    pub offset: f64,
    /// For each comparison and level what is added.
    pub terms: Vec<[f64; LEVELS]>,
    /// Pairs that this was learned from.
    pub labels: u64,
}

/// A judged pair: its pattern, the model's weight, and whether it is one customer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Label {
    pub(crate) code: u64,
    pub(crate) weight: f64,
    pub(crate) is_match: bool,
}

/// One number that is fitted.
#[derive(Clone, Copy)]
enum Parameter {
    Slope,
    Offset,
    Term(usize, usize),
}

impl Correction {
    /// Fits a correction; none without labels of both kinds. The order of the labels must not depend on chance.
    pub(crate) fn fit(comparisons: usize, labels: &[Label]) -> Option<Self> {
        let matches = labels.iter().filter(|label| label.is_match).count();
        if matches == 0 || matches == labels.len() {
            return None;
        }
        let mut parameters = vec![Parameter::Slope, Parameter::Offset];
        for at in 0..comparisons {
            let seen = |level: &usize| labels.iter().any(|label| level_of(label.code, at) == *level);
            parameters.extend((0..LEVELS).filter(seen).map(|level| Parameter::Term(at, level)));
        }
        let terms = vec![[0.0; LEVELS]; comparisons];
        let mut fitted = Self { slope: 1.0, offset: 0.0, terms, labels: labels.len() as u64 };
        for _ in 0..ROUNDS {
            for parameter in &parameters {
                fitted.improve(*parameter, labels);
            }
        }
        Some(fitted)
    }

    /// The corrected weight of a pattern.
    pub(crate) fn weight(&self, code: u64, weight: f64) -> f64 {
        let terms: f64 = self.terms.iter().enumerate().map(|(at, terms)| terms[level_of(code, at)]).sum();
        self.slope * weight.clamp(-SURE, SURE) + self.offset + terms
    }

    /// One step of Newton's method for one parameter.
    fn improve(&mut self, parameter: Parameter, labels: &[Label]) {
        let (value, rest, firm) = match parameter {
            Parameter::Slope => (self.slope, 1.0, FIRM_SLOPE),
            Parameter::Offset => (self.offset, 0.0, FIRM_OFFSET),
            Parameter::Term(at, level) => {
                (self.terms.get(at).map_or(0.0, |terms| terms[level]), 0.0, FIRM_TERM)
            }
        };
        let (mut slope, mut curve) = (firm * (value - rest), firm);
        for label in labels {
            let input = match parameter {
                Parameter::Slope => label.weight.clamp(-SURE, SURE),
                Parameter::Offset => 1.0,
                Parameter::Term(at, level) => f64::from(u8::from(level_of(label.code, at) == level)),
            };
            if input != 0.0 {
                let likely = super::mixture::probability(self.weight(label.code, label.weight));
                slope += (likely - f64::from(u8::from(label.is_match))) * input;
                curve += likely * (1.0 - likely) * input * input * std::f64::consts::LN_2;
            }
        }
        let step = (slope / curve).clamp(-STEP, STEP);
        match parameter {
            Parameter::Slope => self.slope -= step,
            Parameter::Offset => self.offset -= step,
            Parameter::Term(at, level) => {
                if let Some(terms) = self.terms.get_mut(at) {
                    terms[level] -= step;
                }
            }
        }
    }
}

fn level_of(code: u64, at: usize) -> usize {
    (code >> (4 * at) & 15) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_turn_what_the_model_has_wrong() {
        // Level 2 of the second comparison makes a pair a match, which the model does not know.
        let labels: Vec<Label> = (0..200)
            .map(|n| {
                let level = 1 + n % 3;
                Label { code: 1 | level << 4, weight: 1.0, is_match: level == 2 }
            })
            .collect();
        let fitted = Correction::fit(2, &labels).unwrap();
        assert!(fitted.weight(1 | 2 << 4, 1.0) > 2.0);
        assert!(fitted.weight(1 | 1 << 4, 1.0) < -2.0);
    }

    #[test]
    fn few_labels_change_little_and_one_sided_ones_nothing() {
        let label = |is_match| Label { code: 1, weight: 4.0, is_match };
        let fitted = Correction::fit(1, &[label(true), label(true), label(false)]).unwrap();
        assert!((fitted.weight(0, 20.0) - 20.0).abs() < 3.0);
        assert_eq!(Correction::fit(1, &[label(true)]), None);
    }
}
