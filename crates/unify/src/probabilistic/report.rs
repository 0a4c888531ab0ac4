//! What matching by probability did, in numbers. No value of any record stands in it.

use serde::{Deserialize, Serialize};

use super::blocking::BlockingRule;
use super::mixture::probability;
use super::pairs::Candidates;

/// What matching by probability did.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MatchReport {
    /// Records that were compared.
    pub records: u64,
    /// Pairs that were compared.
    pub pairs: u64,
    /// Different patterns of agreement among them.
    pub patterns: u64,
    /// Pairs that are expected to be matches.
    pub matches: f64,
    /// The blocking rules.
    pub rules: Vec<RuleReport>,
    /// What other thresholds would mean, lowest first.
    pub thresholds: Vec<ThresholdReport>,
}

/// One blocking rule with what it did.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RuleReport {
    /// The rule.
    pub rule: BlockingRule,
    /// Its counts.
    #[serde(flatten)]
    pub counts: RuleCounts,
}

/// What one blocking rule did.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RuleCounts {
    /// Records that may have one key.
    pub most: u32,
    /// Records that have a key.
    pub records: u64,
    /// Keys that more than one record has.
    pub blocks: u64,
    /// Records with the commonest key.
    pub largest: u64,
    /// Keys that too many records have: this rule compares none of their pairs.
    pub heavy: u64,
    /// Records with such a key.
    pub heavy_records: u64,
    /// Pairs that have such a key.
    pub heavy_pairs: u64,
    /// Pairs that the rule brought.
    pub pairs: u64,
    /// Expected matches among them.
    pub matches: f64,
    /// Expected matches that no other rule brought: what would be missed without it.
    pub only_matches: f64,
}

/// What a threshold means, judged by the model itself, pair by pair.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ThresholdReport {
    /// The lowest probability of a match.
    pub threshold: f64,
    /// Pairs that reach it.
    pub pairs: u64,
    /// Expected part of them that are matches.
    pub precision: f64,
    /// Expected part of all compared matches that reach it.
    pub recall: f64,
}

/// The thresholds that are reported.
const THRESHOLDS: [f64; 8] = [0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.99, 0.999];
/// Probabilities are added up in whole parts of this size, so that sums do not depend on an order.
const PARTS: f64 = 65_536.0;

impl RuleCounts {
    pub(crate) fn add_block(&mut self, size: usize) {
        let size = size as u64;
        self.largest = self.largest.max(size);
        self.blocks += u64::from(size > 1);
        if size > u64::from(self.most) {
            self.heavy += 1;
            self.heavy_records += size;
            self.heavy_pairs += size * (size - 1) / 2;
        }
    }
}

impl MatchReport {
    /// Adds up what the pairs say; `weights` are those of the patterns.
    pub(crate) fn new(records: usize, rules: &[BlockingRule], found: &Candidates, weights: &[f64]) -> Self {
        let likely: Vec<f64> = weights.iter().map(|weight| probability(*weight)).collect();
        let matches = likely.iter().zip(&found.counts).map(|(part, count)| part * *count as f64).sum();
        Self {
            records: records as u64,
            pairs: found.len() as u64,
            patterns: found.codes.len() as u64,
            matches,
            rules: rule_reports(rules, found, &likely),
            thresholds: THRESHOLDS.iter().map(|it| threshold_report(*it, matches, found, &likely)).collect(),
        }
    }
}

fn rule_reports(rules: &[BlockingRule], found: &Candidates, likely: &[f64]) -> Vec<RuleReport> {
    let parts: Vec<u64> = likely.iter().map(|part| (part * PARTS) as u64).collect();
    let mut sums = [[0u64; 3]; 32];
    for candidate in found.parts.iter().flatten() {
        let part = parts.get(candidate.pattern as usize).copied().unwrap_or_default();
        let only = if candidate.rules.is_power_of_two() { part } else { 0 };
        let mut rules = candidate.rules;
        while rules != 0 {
            if let Some([pairs, matches, only_matches]) = sums.get_mut(rules.trailing_zeros() as usize) {
                *pairs += 1;
                *matches += part;
                *only_matches += only;
            }
            rules &= rules - 1;
        }
    }
    let report = |((rule, counts), [pairs, matches, only]): ((&BlockingRule, &RuleCounts), [u64; 3])| {
        let (matches, only_matches) = (matches as f64 / PARTS, only as f64 / PARTS);
        RuleReport { rule: rule.clone(), counts: RuleCounts { pairs, matches, only_matches, ..*counts } }
    };
    rules.iter().zip(&found.rules).zip(sums).map(report).collect()
}

fn threshold_report(threshold: f64, all: f64, found: &Candidates, likely: &[f64]) -> ThresholdReport {
    let reached = || likely.iter().zip(&found.counts).filter(|(part, _)| **part >= threshold);
    let pairs: u64 = reached().map(|(_, count)| count).sum();
    let matches: f64 = reached().map(|(part, count)| part * *count as f64).sum();
    ThresholdReport {
        threshold,
        pairs,
        precision: if pairs == 0 { 1.0 } else { matches / pairs as f64 },
        recall: if all == 0.0 { 1.0 } else { matches / all },
    }
}
