//! Blocking: records can match only within a block, where the values of all exact conditions are equal.

use std::borrow::Cow;

use super::{Rule, Shown};
use crate::features::{NONE, number_pairs};

/// For every record its block; `NONE` for records that lack a value of a condition.
pub(crate) struct Blocks<'a> {
    /// The blocks of the records above, entity after entity. Empty within one entity.
    left: Vec<Cow<'a, [u32]>>,
    right: Cow<'a, [u32]>,
    /// Blocks are numbered below this.
    pub(crate) count: usize,
}

impl<'a> Blocks<'a> {
    pub(crate) fn new(rule: &Rule<'a>) -> Self {
        let mut exact = rule.exact();
        let mut blocks = match exact.next() {
            Some(first) => Self::of(rule, first),
            None => Self::one(rule),
        };
        for at in exact {
            blocks.refine(rule, at);
        }
        let fuzzy =
            (0..rule.plan.conditions).filter(|at| rule.comparisons.get(*at).is_some_and(|it| !it.exact));
        fuzzy.for_each(|at| blocks.drop_without(rule, at));
        blocks
    }

    /// A block for each value of a condition.
    fn of(rule: &Rule<'a>, at: usize) -> Self {
        let Some(compared) = rule.comparisons.get(at) else { return Self::one(rule) };
        let left = if rule.within { &[][..] } else { compared.left.as_slice() };
        Self {
            left: left.iter().map(|column| Cow::Borrowed(*column)).collect(),
            right: Cow::Borrowed(compared.right),
            count: compared.texts.len(),
        }
    }

    /// One block for all records.
    fn one(rule: &Rule<'a>) -> Self {
        let compared = rule.comparisons.first();
        let zeros = |column: &&[u32]| Cow::Owned(vec![0; column.len()]);
        let left = compared.filter(|_| !rule.within).map_or(&[][..], |compared| compared.left.as_slice());
        Self {
            left: left.iter().map(zeros).collect(),
            right: compared.map_or(Cow::Borrowed(&[]), |compared| zeros(&compared.right)),
            count: 1,
        }
    }

    /// Splits the blocks by the values of one more condition.
    fn refine(&mut self, rule: &Rule<'a>, at: usize) {
        let Some(compared) = rule.comparisons.get(at) else { return };
        let columns = self.left.iter().chain([&self.right]);
        let values = compared.left.iter().filter(|_| !rule.within).chain([&compared.right]);
        let pairs = columns.zip(values).flat_map(|(blocks, values)| blocks.iter().zip(values.iter()));
        let (mut numbers, count) = number_pairs(pairs.map(|(block, value)| (*block, *value)));
        let right = numbers.split_off(numbers.len() - self.right.len());
        for column in self.left.iter_mut().rev() {
            *column = Cow::Owned(numbers.split_off(numbers.len() - column.len()));
        }
        self.right = Cow::Owned(right);
        self.count = count as usize;
    }

    /// Takes records without a value of a condition out of all blocks.
    fn drop_without(&mut self, rule: &Rule<'a>, at: usize) {
        let Some(compared) = rule.comparisons.get(at) else { return };
        let columns = self.left.iter_mut().chain([&mut self.right]);
        let values = compared.left.iter().filter(|_| !rule.within).chain([&compared.right]);
        for (column, values) in columns.zip(values).filter(|(_, values)| values.contains(&NONE)) {
            for (block, value) in column.to_mut().iter_mut().zip(values.iter()) {
                if *value == NONE {
                    *block = NONE;
                }
            }
        }
    }

    /// The blocks of the records above, by their numbers in the rule's space.
    pub(crate) fn left(&self) -> impl Iterator<Item = u32> + Clone {
        self.left.iter().flat_map(|column| column.iter().copied())
    }

    /// The blocks of the records of the rule's own entity.
    pub(crate) fn right(&self) -> &[u32] {
        &self.right
    }

    /// The block of a record.
    pub(crate) fn of_shown(&self, rule: &Rule<'_>, shown: Shown) -> u32 {
        let block = match shown {
            Shown::Right(record) => self.right.get(record as usize),
            Shown::Left(number) if rule.within => self.right.get(number as usize),
            Shown::Left(number) => {
                let (entity, record) = rule.above.place(number);
                self.left.get(entity as usize).and_then(|column| column.get(record as usize))
            }
        };
        block.copied().unwrap_or(NONE)
    }
}
