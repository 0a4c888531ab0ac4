//! The pairs that the model compared, grouped by what they meet: from here every possible rule is a sum.

use std::collections::HashMap;

use crate::probabilistic::{Candidate, map_with};
use crate::rules::Scratch;
use crate::space::Space;

use super::probe::Conditions;
use super::requirements::Mask;
use super::trained::Trained;

/// Pairs that meet the same, between the same entities.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Group {
    /// The entity above; within one entity that entity.
    pub(crate) left: u32,
    pub(crate) right: u32,
    pub(crate) mask: Mask,
    pub(crate) pairs: u64,
    /// Expected matches: the sum of the probabilities.
    pub(crate) matches: f64,
}

/// What every pair meets, in the order of the pairs, and the groups.
#[derive(Debug)]
pub(crate) struct Grouped {
    pub(crate) masks: Vec<Vec<Mask>>,
    pub(crate) groups: Vec<Group>,
}

type Counted = HashMap<(u32, u32, Mask, u32), u64>;

impl Grouped {
    /// Asks the rules of every pair.
    pub(crate) fn new(trained: &Trained, conditions: &Conditions<'_>, space: &Space, threads: usize) -> Self {
        let start = |_| (conditions.scratch(), Counted::new());
        let work = |(scratch, counted): &mut (Vec<Vec<Scratch>>, Counted), part: &Vec<Candidate>| {
            let met = |candidate: &Candidate| {
                let (left, right) = (space.place(candidate.left), space.place(candidate.right));
                let mask = conditions.met(left, right, scratch);
                *counted.entry((left.0, right.0, mask, candidate.pattern)).or_default() += 1;
                mask
            };
            part.iter().map(met).collect::<Vec<Mask>>()
        };
        let (masks, counted) = map_with(&trained.candidates.parts, threads, start, work);
        let mut all = Counted::new();
        for (place, pairs) in counted.into_iter().flat_map(|(_, counted)| counted) {
            *all.entry(place).or_default() += pairs;
        }
        Self { masks, groups: groups(all, trained) }
    }
}

/// Summed in a fixed order, so that the sums never differ.
fn groups(counted: Counted, trained: &Trained) -> Vec<Group> {
    let mut all: Vec<_> = counted.into_iter().collect();
    all.sort_unstable();
    let mut groups: Vec<Group> = Vec::new();
    for ((left, right, mask, pattern), pairs) in all {
        let matches = pairs as f64 * trained.probability(pattern);
        match groups.last_mut().filter(|it| (it.left, it.right, it.mask) == (left, right, mask)) {
            Some(group) => {
                group.pairs += pairs;
                group.matches += matches;
            }
            None => groups.push(Group { left, right, mask, pairs, matches }),
        }
    }
    groups
}
