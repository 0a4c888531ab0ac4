//! The model, the pairs that it compared and what it says of each: learned once, asked by every rule.

use crate::definition::Signal;
use crate::input::Input;
use crate::probabilistic::{Candidates, Layout, Model, Prepared, probability, read};
use crate::records::Records;

/// A model over records, which are numbered as in their space: by match order, then by primary key.
#[derive(Debug)]
pub(crate) struct Trained {
    pub(crate) model: Model,
    pub(crate) prepared: Prepared,
    pub(crate) candidates: Candidates,
    /// For each pattern the probability of a match.
    pub(crate) probabilities: Vec<f64>,
}

impl Trained {
    /// Learns from the records of all entities.
    pub(crate) fn new(signals: &[Signal], inputs: &[&Input], records: &[Records], threads: usize) -> Self {
        let key = |input: &Input| input.primary_key.first().cloned().unwrap_or_default();
        let entities: Vec<_> = inputs.iter().map(|input| (input.entity.clone(), key(input))).collect();
        let layout = Layout::new(signals, &entities);
        let mut prepared = read(records, &layout, threads);
        let (model, candidates) = Model::learn(&layout, &mut prepared, threads);
        let scorer = model.mixture.scorer();
        let probabilities = candidates.codes.iter().map(|code| probability(scorer.weight(*code))).collect();
        Self { model, prepared, candidates, probabilities }
    }

    /// The code of a pair's pattern and its probability, by the numbers of two records.
    pub(crate) fn judge(&self, left: u32, right: u32) -> (u64, f64) {
        let Some(pair) = self.prepared.pair(left, right) else { return (0, 0.0) };
        let code = pair.code(&self.model.comparisons);
        (code, probability(self.model.mixture.weight(code)))
    }

    pub(crate) fn probability(&self, pattern: u32) -> f64 {
        self.probabilities.get(pattern as usize).copied().unwrap_or_default()
    }
}
