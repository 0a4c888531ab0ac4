//! Rules, ready to judge pairs of records: which pairs can match at all (blocks), and which do.

mod blocks;
mod crowd;
mod edits;
mod postings;
mod score;
mod segments;

pub(crate) use blocks::Blocks;
pub(crate) use crowd::{Counts, Crowd, Side};
pub(crate) use postings::{Heavy, Postings};
pub(crate) use score::{max_edits, score};

use self::edits::Pattern;
use self::segments::Precision;
use crate::features::{Features, NONE, Texts};
use crate::plan::RulePlan;
use crate::space::Space;

/// A rule with the columns that it compares.
pub(crate) struct Rule<'a> {
    pub(crate) plan: &'a RulePlan,
    comparisons: Vec<Compared<'a>>,
    /// The records of the entities above, in match order.
    pub(crate) above: Space,
    /// Whether the rule compares the records of one entity with each other.
    within: bool,
}

/// One comparison.
struct Compared<'a> {
    texts: &'a Texts,
    precision: Precision,
    exact: bool,
    /// For each entity above its column; empty where it has none.
    left: Vec<&'a [u32]>,
    right: &'a [u32],
}

/// Buffers for judging pairs: for each comparison the text asked for, prepared.
#[derive(Default)]
pub(crate) struct Scratch {
    patterns: Vec<Pattern>,
    /// Pairs that fulfilled all conditions, and an exception.
    pub(crate) excepted: u64,
}

/// The values that one record shows to a rule.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Shown {
    /// A record above, by its number in the rule's space.
    Left(u32),
    /// A record of the rule's own entity.
    Right(u32),
}

impl<'a> Rule<'a> {
    /// None where a column is missing, which a checked plan rules out.
    pub(crate) fn new(
        plan: &'a RulePlan,
        features: &'a Features,
        sizes: impl Fn(usize) -> usize,
        fuzzy_chars: u32,
    ) -> Option<Self> {
        let mut comparisons = Vec::with_capacity(plan.comparisons.len());
        for comparison in &plan.comparisons {
            let right = features.get(plan.on, comparison.right, &comparison.form)?;
            let left = |(entity, column): (&usize, &Option<usize>)| -> &'a [u32] {
                let feature = column.and_then(|column| features.get(*entity, column, &comparison.form));
                feature.map_or(&[], |feature| &feature.values)
            };
            comparisons.push(Compared {
                texts: features.texts(right.domain)?,
                precision: Precision::new(comparison.threshold, fuzzy_chars),
                exact: comparison.is_exact(),
                left: plan.lefts.iter().zip(&comparison.left).map(left).collect(),
                right: &right.values,
            });
        }
        let above = Space::of(plan.lefts.iter().map(|entity| sizes(*entity)));
        let within = plan.lefts.as_slice() == [plan.on];
        Some(Self { plan, comparisons, above, within })
    }

    /// The places of the conditions that compare for equality.
    fn exact(&self) -> impl Iterator<Item = usize> {
        let conditions = self.comparisons.iter().take(self.plan.conditions).enumerate();
        conditions.filter(|(_, compared)| compared.exact).map(|(at, _)| at)
    }

    /// Whether records of one block match without looking any further.
    pub(crate) fn is_plain(&self) -> bool {
        self.plan.exceptions.is_empty() && self.exact().count() == self.plan.conditions
    }

    /// When its blocks are too large.
    pub(crate) fn heavy(&self, sharing: u32) -> Heavy {
        Heavy::new(sharing, self.is_exact(), self.exact().next().is_some())
    }

    /// Whether all conditions compare for equality.
    fn is_exact(&self) -> bool {
        self.exact().count() == self.plan.conditions
    }

    /// A value of a record; `NONE` where it has none.
    fn value(&self, at: usize, of: Shown) -> u32 {
        let Some(compared) = self.comparisons.get(at) else { return NONE };
        let column = match of {
            Shown::Right(record) => compared.right.get(record as usize),
            Shown::Left(number) => {
                let (entity, record) = self.above.place(number);
                compared.left.get(entity as usize).and_then(|column| column.get(record as usize))
            }
        };
        column.copied().unwrap_or(NONE)
    }

    /// The mean score of a pair that fulfils the rule.
    pub(crate) fn judge(&self, left: Shown, right: Shown, scratch: &mut Scratch) -> Option<f64> {
        let mut total = 0.0;
        for at in 0..self.plan.conditions {
            total += self.compare(at, left, right, scratch)?;
        }
        for exception in &self.plan.exceptions {
            if exception.clone().all(|at| self.compare(at, left, right, scratch).is_some()) {
                scratch.excepted += 1;
                return None;
            }
        }
        Some(total / self.plan.conditions as f64)
    }

    /// The score of one comparison, if it is high enough.
    fn compare(&self, at: usize, left: Shown, right: Shown, scratch: &mut Scratch) -> Option<f64> {
        let (left, right) = (self.value(at, left), self.value(at, right));
        if left == NONE || right == NONE {
            return None;
        }
        if left == right {
            return Some(1.0);
        }
        let compared = self.comparisons.get(at).filter(|compared| !compared.exact)?;
        let (shape, other) = (compared.texts.shape(left), compared.texts.shape(right));
        // Within one entity neither record comes first, so that the longer value is the base.
        let base = if self.within { shape.chars.max(other.chars) } else { shape.chars };
        let edits = compared.precision.edits(base);
        if !other.may_be_within(shape, edits) {
            return None;
        }
        if scratch.patterns.len() < self.comparisons.len() {
            scratch.patterns.resize_with(self.comparisons.len(), Pattern::default);
        }
        let pattern = scratch.patterns.get_mut(at)?;
        pattern.prepare(right, compared.texts);
        let distance = pattern.distance(compared.texts.get(left), edits)?;
        Some(score(base, distance))
    }
}
