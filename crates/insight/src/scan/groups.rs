//! Totals over groups of rows.

use super::aggregate::median_of;
use super::exact_sum::ExactSum;
use super::plan::{Function, Grouping, TRUE, Total};
use super::vector::Vector;
use crate::index::{Code, Codes, each_width};
use std::collections::HashMap;

/// The group of a row that does not count.
const NONE: u32 = u32::MAX;

/// Most keys that are looked up in a list instead of a hash table.
const DENSE: u64 = 1 << 16;

/// The groups found so far, numbered as they come, and their totals.
#[derive(Debug, Clone)]
pub(super) struct Groups {
    dense: Vec<u32>,
    sparse: HashMap<u64, u32>,
    pub(super) keys: Vec<u64>,
    /// With groups per customer, the customer of each.
    pub(super) customers: Vec<u32>,
    totals: Vec<Accumulator>,
}

/// The rows of a block that are grouped.
pub(super) struct Rows<'a> {
    /// The number of rows.
    pub(super) len: usize,
    /// The first customer of the block.
    pub(super) first: usize,
    /// Where each customer's rows start and end.
    pub(super) bounds: &'a [u32],
    /// The vectors of the block.
    pub(super) vectors: &'a [Option<Vector<'a>>],
}

/// How many keys there are, or nothing when their number has more than 64 bits.
pub(crate) fn key_space(grouping: &Grouping) -> Option<u64> {
    grouping.keys.iter().try_fold(1u64, |space, (_, most)| space.checked_mul(most.checked_add(1)?))
}

impl Groups {
    pub(super) fn new(grouping: &Grouping) -> Self {
        let space = key_space(grouping).unwrap_or(u64::MAX);
        let dense =
            if space <= DENSE && !grouping.per_customer { vec![NONE; space as usize] } else { Vec::new() };
        let totals = grouping.totals.iter().map(|total| Accumulator::new(total.function)).collect();
        let mut groups =
            Self { dense, sparse: HashMap::new(), keys: Vec::new(), customers: Vec::new(), totals };
        if grouping.keys.is_empty() && !grouping.per_customer {
            // Without keys there is one group, even of no rows.
            groups.slot(0);
            groups.totals.iter_mut().for_each(|total| total.grow(1));
        }
        groups
    }

    /// Adds the rows of a block.
    pub(super) fn add(&mut self, grouping: &Grouping, rows: &Rows<'_>) {
        let mut keys = vec![0u64; rows.len];
        for (key, most) in &grouping.keys {
            let Some(Some(Vector::Codes { codes, .. })) = rows.vectors.get(*key) else { continue };
            let factor = most.saturating_add(1);
            each_width!(codes, codes => {
                keys.iter_mut().zip(codes.iter()).for_each(|(key, code)| *key = *key * factor + code.wide());
            });
        }
        let when = grouping.when.and_then(|at| rows.truth(at));
        let mut slots = match grouping.per_customer {
            true => self.customer_slots(&keys, when, rows),
            false => self.slots(&keys, when),
        };
        for (total, accumulator) in grouping.totals.iter().zip(&mut self.totals) {
            accumulator.grow(self.keys.len());
            let Some(when) = total.when.and_then(|at| rows.truth(at)) else {
                accumulator.add(total, &slots, rows);
                continue;
            };
            let all = slots.clone();
            slots.iter_mut().zip(when).filter(|(_, when)| **when != TRUE).for_each(|(slot, _)| *slot = NONE);
            accumulator.add(total, &slots, rows);
            slots = all;
        }
    }

    fn slots(&mut self, keys: &[u64], when: Option<&[u8]>) -> Vec<u32> {
        let mut slots = vec![NONE; keys.len()];
        for (row, (slot, key)) in slots.iter_mut().zip(keys).enumerate() {
            if when.is_none_or(|when| when.get(row) == Some(&TRUE)) {
                *slot = self.slot(*key);
            }
        }
        slots
    }

    #[inline]
    fn slot(&mut self, key: u64) -> u32 {
        let next = self.keys.len() as u32;
        let slot = match self.dense.get_mut(key as usize) {
            Some(slot) => slot,
            None => self.sparse.entry(key).or_insert(NONE),
        };
        if *slot == NONE {
            *slot = next;
            self.keys.push(key);
        }
        *slot
    }

    /// The groups of each customer, in the order of their keys.
    fn customer_slots(&mut self, keys: &[u64], when: Option<&[u8]>, rows: &Rows<'_>) -> Vec<u32> {
        let mut slots = vec![NONE; keys.len()];
        let mut found: Vec<(u64, usize)> = Vec::new();
        for (customer, pair) in rows.bounds.windows(2).enumerate() {
            let [start, end] = pair else { continue };
            let taken = (*start as usize..*end as usize)
                .filter(|row| when.is_none_or(|when| when.get(*row) == Some(&TRUE)))
                .filter_map(|row| Some((*keys.get(row)?, row)));
            found.clear();
            found.extend(taken);
            found.sort_unstable();
            let mut before = None;
            for (key, row) in &found {
                if before != Some(*key) {
                    before = Some(*key);
                    self.keys.push(*key);
                    self.customers.push((rows.first + customer) as u32);
                }
                if let Some(slot) = slots.get_mut(*row) {
                    *slot = self.keys.len() as u32 - 1;
                }
            }
        }
        slots
    }

    /// Adds the groups of other blocks.
    pub(super) fn merge(&mut self, other: Self) {
        let slots: Vec<u32> = match other.customers.is_empty() {
            true => other.keys.iter().map(|key| self.slot(*key)).collect(),
            false => {
                let first = self.keys.len() as u32;
                self.keys.extend(&other.keys);
                self.customers.extend(&other.customers);
                (first..self.keys.len() as u32).collect()
            }
        };
        for (total, other) in self.totals.iter_mut().zip(other.totals) {
            total.grow(self.keys.len());
            total.merge(other, &slots);
        }
    }

    /// The totals of each group.
    pub(super) fn finish(&self, grouping: &Grouping) -> Vec<Vector<'static>> {
        let pairs = self.totals.iter().zip(&grouping.totals);
        pairs
            .map(|(accumulator, total)| accumulator.clone().finish(total.function, self.keys.len()))
            .collect()
    }
}

impl<'a> Rows<'a> {
    fn truth(&self, at: usize) -> Option<&'a [u8]> {
        match self.vectors.get(at) {
            Some(Some(Vector::Truth(truth))) => Some(truth),
            _ => None,
        }
    }

    fn vector(&self, at: Option<usize>) -> Option<&'a Vector<'a>> {
        at.and_then(|at| self.vectors.get(at)).and_then(Option::as_ref)
    }
}

/// One total of all groups.
#[derive(Debug, Clone)]
enum Accumulator {
    /// Rows or values; `last` is the customer that was counted last, 1 for the first.
    Counts {
        counts: Vec<i64>,
        last: Vec<u32>,
    },
    Sums {
        sums: Vec<i64>,
        counts: Vec<i64>,
    },
    Doubles(Vec<ExactSum>),
    Extremes {
        best: Vec<Option<i64>>,
        function: Function,
        doubles: bool,
    },
    Picked {
        best: Vec<Option<(i64, i64)>>,
        function: Function,
        doubles: bool,
    },
    /// Every value, with its group.
    Lists {
        values: Vec<(u32, i64)>,
        doubles: bool,
    },
}

impl Accumulator {
    fn new(function: Function) -> Self {
        match function {
            Function::Exists | Function::Count | Function::Set => {
                Self::Counts { counts: Vec::new(), last: Vec::new() }
            }
            Function::Sum => Self::Sums { sums: Vec::new(), counts: Vec::new() },
            Function::Min | Function::Max => Self::Extremes { best: Vec::new(), function, doubles: false },
            Function::First | Function::Last => Self::Picked { best: Vec::new(), function, doubles: false },
            Function::Distinct | Function::Median { .. } => {
                Self::Lists { values: Vec::new(), doubles: false }
            }
        }
    }

    fn grow(&mut self, groups: usize) {
        match self {
            Self::Counts { counts, last } => {
                counts.resize(groups, 0);
                last.resize(groups, 0);
            }
            Self::Sums { sums, counts } => {
                sums.resize(groups, 0);
                counts.resize(groups, 0);
            }
            Self::Doubles(sums) => sums.resize(groups, ExactSum::default()),
            Self::Extremes { best, .. } => best.resize(groups, None),
            Self::Picked { best, .. } => best.resize(groups, None),
            Self::Lists { .. } => {}
        }
    }

    fn add(&mut self, total: &Total, slots: &[u32], rows: &Rows<'_>) {
        if total.customers {
            return self.add_customers(slots, rows);
        }
        let of = rows.vector(total.of);
        if let (Self::Sums { sums, .. }, Some(Vector::Double { .. })) = (&*self, of) {
            *self = Self::Doubles(vec![ExactSum::default(); sums.len()]);
        }
        let is_double = matches!(of, Some(Vector::Double { .. }));
        let taken = slots.iter().enumerate().filter(|(_, slot)| **slot != NONE);
        match self {
            Self::Counts { counts, .. } => match of {
                None => taken.for_each(|(_, slot)| add_at(counts, *slot, 1)),
                Some(of) => taken
                    .filter(|(row, _)| of.key(*row).is_some())
                    .for_each(|(_, slot)| add_at(counts, *slot, 1)),
            },
            Self::Sums { sums, counts } => add_sums(sums, counts, of, slots),
            Self::Doubles(sums) => {
                for (row, slot) in taken {
                    let value = of.and_then(|of| of.key(row)).map(crate::index::key_double);
                    if let (Some(value), Some(sum)) = (value, sums.get_mut(*slot as usize)) {
                        sum.add(value);
                    }
                }
            }
            Self::Extremes { best, doubles, .. } => {
                *doubles = is_double;
                for (row, slot) in taken {
                    let Some(value) = of.and_then(|of| of.key(row)) else { continue };
                    if let Some(best) = best.get_mut(*slot as usize) {
                        *best = Some(extreme(total.function, *best, value));
                    }
                }
            }
            Self::Picked { best, doubles, .. } => {
                *doubles = is_double;
                let by = rows.vector(total.by);
                for (row, slot) in taken {
                    let pair = by.and_then(|by| by.key(row)).zip(of.and_then(|of| of.key(row)));
                    if let (Some(pair), Some(best)) = (pair, best.get_mut(*slot as usize)) {
                        *best = Some(picked(total.function, *best, pair));
                    }
                }
            }
            Self::Lists { values, doubles } => {
                *doubles = is_double;
                values.extend(taken.filter_map(|(row, slot)| Some((*slot, of.and_then(|of| of.key(row))?))));
            }
        }
    }

    /// Each customer counts once per group: their rows stand side by side.
    fn add_customers(&mut self, slots: &[u32], rows: &Rows<'_>) {
        if matches!(self, Self::Lists { .. }) {
            *self = Self::Counts { counts: Vec::new(), last: Vec::new() };
        }
        let most = slots.iter().filter(|slot| **slot != NONE).max().map_or(0, |slot| *slot as usize + 1);
        let Self::Counts { counts, last } = self else { return };
        let len = counts.len().max(most);
        counts.resize(len, 0);
        last.resize(len, 0);
        for (customer, pair) in rows.bounds.windows(2).enumerate() {
            let [start, end] = pair else { continue };
            let number = (rows.first + customer) as u32 + 1;
            for slot in slots.get(*start as usize..*end as usize).unwrap_or_default() {
                let (Some(count), Some(last)) =
                    (counts.get_mut(*slot as usize), last.get_mut(*slot as usize))
                else {
                    continue;
                };
                *count += i64::from(*last != number);
                *last = number;
            }
        }
    }

    fn merge(&mut self, other: Self, slots: &[u32]) {
        if matches!(
            (&*self, &other),
            (Self::Sums { .. }, Self::Doubles(_)) | (Self::Lists { .. }, Self::Counts { .. })
        ) {
            let groups = slots.iter().max().map_or(0, |slot| *slot as usize + 1);
            *self = match other {
                Self::Doubles(_) => Self::Doubles(Vec::new()),
                _ => Self::Counts { counts: Vec::new(), last: Vec::new() },
            };
            self.grow(groups);
        }
        match (self, other) {
            (Self::Counts { counts, .. }, Self::Counts { counts: other, .. }) => {
                slots.iter().zip(other).for_each(|(slot, count)| add_at(counts, *slot, count));
            }
            (Self::Sums { sums, counts }, Self::Sums { sums: other, counts: known }) => {
                slots.iter().zip(other).for_each(|(slot, sum)| add_at(sums, *slot, sum));
                slots.iter().zip(known).for_each(|(slot, count)| add_at(counts, *slot, count));
            }
            (Self::Doubles(sums), Self::Doubles(other)) => {
                for (slot, other) in slots.iter().zip(other) {
                    sums.get_mut(*slot as usize).into_iter().for_each(|sum| sum.merge(&other));
                }
            }
            (
                Self::Extremes { best, function, doubles },
                Self::Extremes { best: other, doubles: theirs, .. },
            ) => {
                *doubles |= theirs;
                merge_best(best, other, slots, |best, value| extreme(*function, best, value));
            }
            (Self::Picked { best, function, doubles }, Self::Picked { best: other, doubles: theirs, .. }) => {
                *doubles |= theirs;
                merge_best(best, other, slots, |best, pair| picked(*function, best, pair));
            }
            (Self::Lists { values, doubles }, Self::Lists { values: other, doubles: theirs }) => {
                *doubles |= theirs;
                let moved = |(slot, value): (u32, i64)| Some((*slots.get(slot as usize)?, value));
                values.extend(other.into_iter().filter_map(moved));
            }
            _ => {}
        }
    }

    fn finish(self, function: Function, groups: usize) -> Vector<'static> {
        let whole = |values: Vec<Option<i64>>, doubles: bool| {
            let known = values.iter().map(|it| u8::from(it.is_some())).collect();
            let values = values.into_iter().map(Option::unwrap_or_default);
            match doubles {
                true => {
                    let values = values.map(crate::index::key_double).collect();
                    Vector::Double { values, known: Some(known) }
                }
                false => Vector::Whole { values: values.collect(), known: Some(known) },
            }
        };
        match self {
            Self::Counts { counts, .. } => Vector::Whole { values: counts, known: None },
            Self::Sums { sums, counts } => {
                let known = counts.iter().map(|count| u8::from(*count > 0)).collect();
                Vector::Whole { values: sums, known: Some(known) }
            }
            Self::Doubles(sums) => {
                let known = sums.iter().map(|sum| u8::from(sum.any())).collect();
                Vector::Double { values: sums.iter().map(ExactSum::total).collect(), known: Some(known) }
            }
            Self::Extremes { best, doubles, .. } => whole(best, doubles),
            Self::Picked { best, doubles, .. } => {
                whole(best.into_iter().map(|best| best.map(|(_, value)| value)).collect(), doubles)
            }
            Self::Lists { values, doubles } => lists(values, doubles, function, groups),
        }
    }
}

fn merge_best<T: Copy>(
    best: &mut [Option<T>],
    other: Vec<Option<T>>,
    slots: &[u32],
    better: impl Fn(Option<T>, T) -> T,
) {
    for (slot, other) in slots.iter().zip(other) {
        if let (Some(best), Some(other)) = (best.get_mut(*slot as usize), other) {
            *best = Some(better(*best, other));
        }
    }
}

#[inline]
fn add_at(values: &mut [i64], slot: u32, value: i64) {
    if let Some(place) = values.get_mut(slot as usize) {
        *place = place.wrapping_add(value);
    }
}

fn add_sums(sums: &mut [i64], counts: &mut [i64], of: Option<&Vector<'_>>, slots: &[u32]) {
    fn add<T: Code>(sums: &mut [i64], counts: &mut [i64], codes: &[T], base: i64, slots: &[u32]) {
        for (code, slot) in codes.iter().zip(slots) {
            let known = i64::from(*code != T::default());
            add_at(sums, *slot, (code.wide() as i64).wrapping_add(base).wrapping_mul(known));
            add_at(counts, *slot, known);
        }
    }
    match of {
        Some(Vector::Codes { codes: Codes::U32(codes), base }) => add(sums, counts, codes, *base, slots),
        Some(Vector::Codes { codes, base }) => {
            each_width!(codes, codes => add(sums, counts, codes, *base, slots));
        }
        Some(of) => {
            for (row, slot) in slots.iter().enumerate() {
                if let Some(value) = of.key(row) {
                    add_at(sums, *slot, value);
                    add_at(counts, *slot, 1);
                }
            }
        }
        None => {}
    }
}

fn extreme(function: Function, best: Option<i64>, value: i64) -> i64 {
    match (best, function) {
        (None, _) => value,
        (Some(best), Function::Min) => best.min(value),
        (Some(best), _) => best.max(value),
    }
}

fn picked(function: Function, best: Option<(i64, i64)>, pair: (i64, i64)) -> (i64, i64) {
    match (best, function) {
        (None, _) => pair,
        (Some(best), Function::First) => best.min(pair),
        (Some(best), _) => best.max(pair),
    }
}

/// Distinct counts or medians of the groups.
fn lists(mut values: Vec<(u32, i64)>, doubles: bool, function: Function, groups: usize) -> Vector<'static> {
    values.sort_unstable();
    if function == Function::Distinct {
        values.dedup();
    }
    let (mut counts, mut medians) = (vec![0i64; groups], vec![None; groups]);
    for group in values.chunk_by(|one, other| one.0 == other.0) {
        let Some((slot, _)) = group.first() else { continue };
        if let Function::Median { scale } = function {
            let mut keys: Vec<i64> = group.iter().map(|(_, key)| *key).collect();
            if let Some(place) = medians.get_mut(*slot as usize) {
                *place = median_of(&mut keys, doubles, scale);
            }
        }
        add_at(&mut counts, *slot, group.len() as i64);
    }
    if function == Function::Distinct {
        return Vector::Whole { values: counts, known: None };
    }
    let known = medians.iter().map(|it| u8::from(it.is_some())).collect();
    Vector::Double {
        values: medians.into_iter().map(Option::unwrap_or_default).collect(),
        known: Some(known),
    }
}
