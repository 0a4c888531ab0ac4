//! Aggregates over the rows of each customer.

use super::exact_sum::ExactSum;
use super::plan::{FALSE, Function, TRUE};
use super::vector::{Vector, nearest};
use crate::index::{Code, Codes, each_width};

/// What an aggregate reads: the customers' first rows (and the end), values, the order, and which rows count.
pub(super) struct Input<'a> {
    pub(super) bounds: &'a [u32],
    pub(super) of: Option<&'a Vector<'a>>,
    pub(super) by: Option<&'a Vector<'a>>,
    pub(super) when: Option<&'a [u8]>,
}

impl Input<'_> {
    fn customers(&self) -> impl ExactSizeIterator<Item = std::ops::Range<usize>> {
        self.bounds.windows(2).map(|pair| match pair {
            [start, end] => *start as usize..*end as usize,
            _ => 0..0,
        })
    }

    fn counts_row(&self, row: usize) -> bool {
        self.when.is_none_or(|when| when.get(row) == Some(&TRUE))
    }

    /// The values of a customer that count, doubles as keys.
    fn keys(&self, rows: std::ops::Range<usize>) -> impl Iterator<Item = i64> {
        rows.filter(|row| self.counts_row(*row)).filter_map(|row| self.of.and_then(|of| of.key(row)))
    }
}

/// The aggregate of each customer.
pub(super) fn aggregate(function: Function, input: &Input<'_>) -> Vector<'static> {
    match function {
        Function::Exists => Vector::Truth(exists(input)),
        Function::Count => Vector::Whole { values: counts(input), known: None },
        Function::Sum => sums(input),
        Function::Min | Function::Max => extremes(function == Function::Max, input),
        Function::Set => Vector::Sets(sets(input)),
        Function::Distinct => Vector::Whole { values: distinct(input), known: None },
        Function::First | Function::Last => picked(function == Function::Last, input),
        Function::Median { scale } => medians(input, scale),
    }
}

fn exists(input: &Input<'_>) -> Vec<u8> {
    let rows = |rows: std::ops::Range<usize>| match input.when {
        None => !rows.is_empty(),
        Some(when) => when.get(rows).unwrap_or_default().contains(&TRUE),
    };
    input.customers().map(|range| if rows(range) { TRUE } else { FALSE }).collect()
}

fn counts(input: &Input<'_>) -> Vec<i64> {
    let Some(Vector::Codes { codes, .. }) = input.of else {
        let known = |row: &usize| input.of.is_none_or(|of| of.key(*row).is_some());
        return match (input.when, input.of) {
            (None, None) => input.customers().map(|rows| rows.len() as i64).collect(),
            (Some(when), None) => {
                let count = |rows| i64::from(taken(when.get(rows).unwrap_or_default()));
                input.customers().map(count).collect()
            }
            _ => {
                let count = |rows: std::ops::Range<usize>| {
                    rows.filter(|row| input.counts_row(*row)).filter(known).count()
                };
                input.customers().map(|rows| count(rows) as i64).collect()
            }
        };
    };
    each_width!(codes, codes => coded(codes, input).1)
}

fn taken(when: &[u8]) -> u32 {
    when.iter().map(|it| u32::from(*it == TRUE)).sum()
}

/// Sums of codes, and how many there are.
fn coded<T: Code>(codes: &[T], input: &Input<'_>) -> (Vec<i64>, Vec<i64>) {
    let customers = input.customers();
    let (mut sums, mut counts) = (Vec::with_capacity(customers.len()), Vec::with_capacity(customers.len()));
    for rows in customers {
        let (mut sum, mut count) = (0u64, 0u32);
        let values = codes.get(rows.clone()).unwrap_or_default();
        match input.when {
            None => {
                for code in values {
                    sum = sum.wrapping_add(code.wide());
                    count += u32::from(*code != T::default());
                }
            }
            Some(when) => {
                for (code, when) in values.iter().zip(when.get(rows).unwrap_or_default()) {
                    let counts = u64::from(*when == TRUE);
                    sum = sum.wrapping_add(code.wide() & counts.wrapping_neg());
                    count += u32::from(*code != T::default()) & counts as u32;
                }
            }
        }
        sums.push(sum as i64);
        counts.push(i64::from(count));
    }
    (sums, counts)
}

fn sums(input: &Input<'_>) -> Vector<'static> {
    match input.of {
        Some(Vector::Codes { codes, base }) => {
            let (mut sums, counts) = each_width!(codes, codes => coded(codes, input));
            for (sum, count) in sums.iter_mut().zip(&counts) {
                *sum = sum.wrapping_add(base.wrapping_mul(*count));
            }
            Vector::Whole { values: sums, known: Some(counts.iter().map(|it| u8::from(*it > 0)).collect()) }
        }
        Some(Vector::Double { values, known }) => {
            let (mut sums, mut some) = (Vec::new(), Vec::new());
            for rows in input.customers() {
                let mut sum = ExactSum::default();
                for row in rows.filter(|row| input.counts_row(*row)) {
                    let known = known.as_ref().is_none_or(|known| known.get(row) == Some(&1));
                    values.get(row).filter(|_| known).into_iter().for_each(|value| sum.add(*value));
                }
                some.push(u8::from(sum.any()));
                sums.push(sum.total());
            }
            Vector::Double { values: sums, known: Some(some) }
        }
        _ => {
            let sum = |rows| input.keys(rows).fold((0i64, 0u8), |(sum, _), key| (sum.wrapping_add(key), 1));
            let (values, known) = input.customers().map(sum).unzip();
            Vector::Whole { values, known: Some(known) }
        }
    }
}

fn extremes(greatest: bool, input: &Input<'_>) -> Vector<'static> {
    match input.of {
        Some(Vector::Codes { codes, base }) => {
            let codes = match codes {
                Codes::U8(codes) => Codes::U8(extreme_codes(codes, greatest, input).into()),
                Codes::U16(codes) => Codes::U16(extreme_codes(codes, greatest, input).into()),
                Codes::U32(codes) => Codes::U32(extreme_codes(codes, greatest, input).into()),
                Codes::U64(codes) => Codes::U64(extreme_codes(codes, greatest, input).into()),
            };
            Vector::Codes { codes, base: *base }
        }
        _ => {
            let extreme = |rows| if greatest { input.keys(rows).max() } else { input.keys(rows).min() };
            from_keys(input, input.customers().map(extreme))
        }
    }
}

/// The least or greatest code but 0.
fn extreme_codes<T: Code>(codes: &[T], greatest: bool, input: &Input<'_>) -> Vec<T> {
    // One less than a code, so that a missing value is the greatest of all.
    let before = |code: T| code.wide().wrapping_sub(1);
    let extreme = |rows: std::ops::Range<usize>| {
        let values = codes.get(rows.clone()).unwrap_or_default().iter();
        match (input.when, greatest) {
            (None, true) => values.copied().max().unwrap_or_default(),
            (None, false) => {
                T::cut(values.map(|code| before(*code)).min().map_or(0, |it| it.wrapping_add(1)))
            }
            (Some(when), _) => {
                let when = when.get(rows).unwrap_or_default();
                let taken = values.zip(when).filter(|(_, when)| **when == TRUE).map(|(code, _)| *code);
                if greatest {
                    return taken.max().unwrap_or_default();
                }
                T::cut(taken.map(before).min().map_or(0, |it| it.wrapping_add(1)))
            }
        }
    };
    input.customers().map(extreme).collect()
}

/// Numbers in the form of the values that they are of.
fn from_keys(input: &Input<'_>, keys: impl Iterator<Item = Option<i64>>) -> Vector<'static> {
    let (values, known): (Vec<i64>, Vec<u8>) =
        keys.map(|key| (key.unwrap_or(0), u8::from(key.is_some()))).unzip();
    if let Some(Vector::Double { .. }) = input.of {
        let values = values.into_iter().map(crate::index::key_double).collect();
        return Vector::Double { values, known: Some(known) };
    }
    Vector::Whole { values, known: Some(known) }
}

fn sets(input: &Input<'_>) -> Vec<u64> {
    let Some(Vector::Codes { codes: Codes::U8(codes), .. }) = input.of else {
        let bit = |row| {
            input.of.and_then(|of| match of {
                Vector::Codes { codes, .. } => 1u64.checked_shl(codes.get(row) as u32),
                _ => None,
            })
        };
        let set = |rows: std::ops::Range<usize>| {
            rows.filter(|row| input.counts_row(*row)).filter_map(bit).fold(0, |set, bit| set | bit)
        };
        return input.customers().map(set).collect();
    };
    let set = |rows: std::ops::Range<usize>| {
        let codes = codes.get(rows.clone()).unwrap_or_default();
        match input.when {
            None => codes.iter().fold(0u64, |set, code| set | 1u64.wrapping_shl(u32::from(*code))),
            Some(when) => {
                let pairs = codes.iter().zip(when.get(rows).unwrap_or_default());
                pairs.fold(0u64, |set, (code, when)| set | (u64::from(*when == TRUE) << (code & 63)))
            }
        }
    };
    input.customers().map(set).collect()
}

fn distinct(input: &Input<'_>) -> Vec<i64> {
    let mut seen = Vec::new();
    let mut count = |rows| {
        seen.clear();
        seen.extend(input.keys(rows));
        seen.sort_unstable();
        seen.dedup();
        seen.len() as i64
    };
    input.customers().map(&mut count).collect()
}

fn picked(last: bool, input: &Input<'_>) -> Vector<'static> {
    if let Some(codes) = picked_codes(last, input) {
        return codes;
    }
    let by = |row| input.by.and_then(|by| by.key(row));
    let pick = |rows: std::ops::Range<usize>| {
        let mut best: Option<(i64, i64)> = None;
        for row in rows.filter(|row| input.counts_row(*row)) {
            let (Some(by), Some(value)) = (by(row), input.of.and_then(|of| of.key(row))) else { continue };
            let better = best.is_none_or(|best| if last { (by, value) > best } else { (by, value) < best });
            if better {
                best = Some((by, value));
            }
        }
        best.map(|(_, value)| value)
    };
    from_keys(input, input.customers().map(pick))
}

/// Of codes with at most 32 bits: both in one number, the order first, so that the greatest number has both.
fn picked_codes(last: bool, input: &Input<'_>) -> Option<Vector<'static>> {
    let (Some(Vector::Codes { codes: of, base }), Some(Vector::Codes { codes: by, .. })) =
        (input.of, input.by)
    else {
        return None;
    };
    if matches!(of, Codes::U64(_)) || matches!(by, Codes::U64(_)) {
        return None;
    }
    let mut both: Vec<u64> = each_width!(by, by => by.iter().map(|by| by.wide() << 32).collect());
    each_width!(of, of => {
        for (both, of) in both.iter_mut().zip(of.iter()) {
            let missing = (*both == 0) | (of.wide() == 0);
            *both = (*both | of.wide()) & (u64::from(missing).wrapping_sub(1));
        }
    });
    if let Some(when) = input.when {
        both.iter_mut().zip(when).for_each(|(both, when)| *both &= u64::from(*when == TRUE).wrapping_neg());
    }
    let every = Input { bounds: input.bounds, of: None, by: None, when: None };
    let picked = extreme_codes(&both, last, &every);
    let codes: Vec<u32> = picked.into_iter().map(|both| both as u32).collect();
    Some(Vector::Codes { codes: Codes::U32(codes.into()), base: *base })
}

fn medians(input: &Input<'_>, scale: u8) -> Vector<'static> {
    let mut keys = Vec::new();
    let mut median = |rows| {
        keys.clear();
        keys.extend(input.keys(rows));
        median_of(&mut keys, matches!(input.of, Some(Vector::Double { .. })), scale)
    };
    let medians: Vec<Option<f64>> = input.customers().map(&mut median).collect();
    let known = medians.iter().map(|it| u8::from(it.is_some())).collect();
    Vector::Double {
        values: medians.into_iter().map(Option::unwrap_or_default).collect(),
        known: Some(known),
    }
}

/// The middle value, or the mean of the two in the middle, as doubles.
pub(super) fn median_of(keys: &mut [i64], doubles: bool, scale: u8) -> Option<f64> {
    let middle = keys.len() / 2;
    if keys.is_empty() {
        return None;
    }
    let even = keys.len().is_multiple_of(2);
    let (below, upper, _) = keys.select_nth_unstable(middle);
    let upper = *upper;
    let lower = if even { below.iter().copied().max().unwrap_or(upper) } else { upper };
    let double = |key: i64| match doubles {
        true => crate::index::key_double(key),
        false => nearest(i128::from(key), scale),
    };
    Some(if even { (double(lower) + double(upper)) / 2.0 } else { double(upper) })
}
