//! The best that scored pairs can give: the threshold at which their connected components are most right.

use std::collections::HashMap;
use std::path::Path;

use anyhow::{Result, bail};
use serde::Serialize;

use super::{Pairs, Truth};

/// The most right of all thresholds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Best {
    /// Pairs with this score or a higher one are links.
    pub threshold: f64,
    /// Pairs within the connected components of the links.
    pub clusters: Pairs,
    /// The links themselves, without what follows from them, at their own best threshold.
    pub links: Pairs,
}

/// Clusters that grow by one link at a time, with their persons.
struct Growing<'a> {
    truth: &'a Truth,
    parents: Vec<usize>,
    sizes: Vec<u64>,
    people: Vec<HashMap<i64, u64>>,
    pairs: Pairs,
}

/// Reads scored pairs (`left`, `right`, `weight`) and finds the threshold with the best F1 of clusters. Pairs with the
/// same score stand or fall together.
///
/// # Errors
/// When the file cannot be read or names a record that the truth does not have.
pub fn best_threshold(truth: &Truth, path: &Path) -> Result<Best> {
    let mut scored = Vec::new();
    super::files::rows(path, &["left", "right", "weight"], |row| {
        let [left, right, weight] = row else { bail!("three columns are expected") };
        scored.push((weight.parse::<f64>()?, truth.place(left)?, truth.place(right)?));
        Ok(())
    })?;
    scored.sort_by(|a, b| b.0.total_cmp(&a.0));
    let mut growing = Growing::new(truth);
    let mut links = Pairs { wanted: growing.pairs.wanted, ..Pairs::default() };
    let mut best = Best { threshold: f64::INFINITY, clusters: growing.pairs, links };
    for same in scored.chunk_by(|a, b| a.0 == b.0) {
        for &(_, left, right) in same {
            links.found += 1;
            links.right += u64::from(truth.people.get(left) == truth.people.get(right));
            growing.join(left, right);
        }
        if growing.pairs.f1() > best.clusters.f1() {
            best.clusters = growing.pairs;
            best.threshold = same.first().map_or(best.threshold, |pair| pair.0);
        }
        if links.f1() > best.links.f1() {
            best.links = links;
        }
    }
    Ok(best)
}

impl<'a> Growing<'a> {
    fn new(truth: &'a Truth) -> Self {
        let count = truth.people.len();
        Self {
            truth,
            parents: (0..count).collect(),
            sizes: vec![1; count],
            people: vec![HashMap::new(); count],
            pairs: Pairs { wanted: truth.wanted(), ..Pairs::default() },
        }
    }

    fn root(&mut self, mut at: usize) -> usize {
        while self.parents[at] != at {
            self.parents[at] = self.parents[self.parents[at]];
            at = self.parents[at];
        }
        at
    }

    /// The persons of a cluster. Those of single records are made when they are first needed.
    fn take(&mut self, root: usize) -> HashMap<i64, u64> {
        let people = std::mem::take(&mut self.people[root]);
        if people.is_empty() { HashMap::from([(self.truth.people[root], 1)]) } else { people }
    }

    fn join(&mut self, left: usize, right: usize) {
        let (mut into, mut from) = (self.root(left), self.root(right));
        if into == from {
            return;
        }
        if self.sizes[into] < self.sizes[from] {
            std::mem::swap(&mut into, &mut from);
        }
        let (mut kept, moved) = (self.take(into), self.take(from));
        for (person, count) in moved {
            let there = kept.entry(person).or_default();
            self.pairs.right += *there * count;
            *there += count;
        }
        self.pairs.found += self.sizes[into] * self.sizes[from];
        self.sizes[into] += self.sizes[from];
        self.parents[from] = into;
        self.people[into] = kept;
    }
}
