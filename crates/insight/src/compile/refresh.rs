//! Results that can take in new rows, computed for the customers who have some.

use super::results::{self, MeasureColumn};
use super::rule_bits::RuleBits;
use super::{Program, Results, RuleCount, Unfit};
use crate::definition::{MeasureKind, SetOperator};
use crate::index::{Delta, Index};
use crate::measures::CheckedMeasure;
use crate::segments::{CheckedRule, CheckedSegment};

/// Results, and whom each rule took: what an update must know of how it was.
///
/// Memory beside the results: a bit for each customer and different rule.
#[derive(Debug, Clone)]
pub struct KeptResults {
    /// What a full run over the index with all rows gives.
    pub results: Results,
    /// For each rule of each segment, its place among the different rules.
    places: Vec<Vec<usize>>,
    rules: RuleBits,
}

impl KeptResults {
    /// Computes these definitions, all of which must fit the index.
    ///
    /// # Errors
    /// One does not fit.
    pub fn compute(
        index: &Index,
        segments: &[CheckedSegment],
        measures: &[CheckedMeasure],
        threads: usize,
    ) -> Result<Self, Unfit> {
        let places = places(segments);
        let (results, rules) = run(index, segments, measures, &places, threads)?;
        Ok(Self { results, places, rules: RuleBits::new(&rules, index.customers()) })
    }

    /// Takes in the new rows of a delta: members, rule counts and customer attributes become what a full run over an
    /// index with these rows gives, bit for bit. The definitions are those of the results, at the same moment. Measures
    /// with rows of their own are left as they are: they are about more customers than these.
    ///
    /// # Errors
    /// A definition does not fit any more; nothing has changed then.
    pub fn refresh(
        &mut self,
        delta: &Delta,
        segments: &[CheckedSegment],
        measures: &[CheckedMeasure],
        threads: usize,
    ) -> Result<(), Unfit> {
        let grouped = |it: &&CheckedMeasure| it.kind == MeasureKind::CustomerAttribute;
        let measures: Vec<CheckedMeasure> = measures.iter().filter(grouped).cloned().collect();
        let (new, mut rules) = run(&delta.after, segments, &measures, &self.places, threads)?;
        self.rules.exchange(&delta.touched, &mut rules);
        let counts: Vec<u64> = rules.iter().map(|bits| count(bits)).collect();
        let own = self.results.segments.iter_mut();
        for ((segment, new), places) in own.zip(&new.segments).zip(&self.places) {
            let mut before = Vec::new();
            for ((rule, new), place) in segment.rules.iter_mut().zip(&new.rules).zip(places) {
                let taken = rules.get(*place).map_or(&[][..], Vec::as_slice);
                combine(&mut before, rule.set, taken);
                let old = RuleCount {
                    own: counts.get(*place).copied().unwrap_or(0),
                    total: count(&before),
                    ..*rule
                };
                rule.own = rule.own.wrapping_add(new.own).wrapping_sub(old.own);
                rule.total = rule.total.wrapping_add(new.total).wrapping_sub(old.total);
            }
            segment.members.change(&delta.touched, &before, &new.members);
        }
        for (column, new) in self.results.attributes.iter_mut().zip(&new.attributes) {
            put(column, new, &delta.touched);
        }
        Ok(())
    }
}

/// Results, and the bits of the different rules.
fn run(
    index: &Index,
    segments: &[CheckedSegment],
    measures: &[CheckedMeasure],
    places: &[Vec<usize>],
    threads: usize,
) -> Result<(Results, Vec<Vec<u64>>), Unfit> {
    let mut program = Program::compile(index, segments, measures);
    if let Some(unfit) = program.unfit.first() {
        return Err(unfit.clone());
    }
    let members = program.plan.bits.len();
    let rules = program.segments.iter().zip(places).flat_map(|(plan, places)| plan.rules.iter().zip(places));
    // A place is new where it is the next one.
    let mut nodes = Vec::new();
    for ((_, own, _), place) in rules {
        if *place == nodes.len() {
            nodes.push(*own);
        }
    }
    program.plan.bits.extend(nodes);
    let mut scanned = crate::scan::run(&program.plan, index, threads);
    let rules = scanned.bits.split_off(members.min(scanned.bits.len()));
    Ok((results::results(&program, scanned), rules))
}

/// For each rule its place among the different ones, in the order in which they are met. Two rules are the same by what
/// they say: what the index has may let others take the same customers for now.
fn places(segments: &[CheckedSegment]) -> Vec<Vec<usize>> {
    let mut different: Vec<&CheckedRule> = Vec::new();
    let mut place = |rule| {
        let same = |it: &&CheckedRule| same_question(it, rule);
        different.iter().position(same).unwrap_or_else(|| {
            different.push(rule);
            different.len() - 1
        })
    };
    segments.iter().map(|segment| segment.rules.iter().map(&mut place).collect()).collect()
}

fn same_question(one: &CheckedRule, other: &CheckedRule) -> bool {
    one.condition == other.condition && one.tree == other.tree
}

fn count(bits: &[u64]) -> u64 {
    bits.iter().map(|word| u64::from(word.count_ones())).sum()
}

/// What a rule makes of the customers before it, of which there are none before the first one.
fn combine(before: &mut Vec<u64>, set: SetOperator, own: &[u64]) {
    if before.is_empty() || set == SetOperator::First {
        *before = own.to_vec();
        return;
    }
    let both = before.iter_mut().zip(own);
    match set {
        SetOperator::Intersect => both.for_each(|(all, own)| *all &= own),
        SetOperator::Except => both.for_each(|(all, own)| *all &= !own),
        SetOperator::First | SetOperator::Union => both.for_each(|(all, own)| *all |= own),
    }
}

/// Puts the values of some customers into a column of all.
fn put(column: &mut MeasureColumn, new: &MeasureColumn, touched: &[u32]) {
    let own = &mut column.numbers;
    for (place, value) in touched.iter().zip(&new.numbers.values) {
        own.values.get_mut(*place as usize).into_iter().for_each(|it| *it = *value);
    }
    for (place, known) in touched.iter().zip(&new.numbers.known) {
        own.known.get_mut(*place as usize).into_iter().for_each(|it| *it = *known);
    }
}
