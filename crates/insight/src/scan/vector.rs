//! The vectors of a block, and the loops that make one from another.

use super::plan::{FALSE, Number, Operation, TRUE, Translation, UNKNOWN};
use crate::index::{Code, Codes, each_width, value_of};
use std::borrow::Cow;

/// One element for every customer, or row, of a block.
#[derive(Debug, Clone)]
pub(super) enum Vector<'i> {
    Truth(Vec<u8>),
    /// Numbers above `base`; code 0 is a missing one.
    Codes {
        codes: Codes<'i>,
        base: i64,
    },
    /// Whole numbers; missing where `known` is 0.
    Whole {
        values: Vec<i64>,
        known: Option<Vec<u8>>,
    },
    /// Doubles; missing where `known` is 0.
    Double {
        values: Vec<f64>,
        known: Option<Vec<u8>>,
    },
    Sets(Vec<u64>),
}

impl Vector<'_> {
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Truth(truth) => truth.len(),
            Self::Codes { codes, .. } => codes.len(),
            Self::Whole { values, .. } => values.len(),
            Self::Double { values, .. } => values.len(),
            Self::Sets(sets) => sets.len(),
        }
    }

    /// A number at a place; doubles as their keys of the same order.
    #[inline]
    pub(super) fn key(&self, at: usize) -> Option<i64> {
        let known = |known: &Option<Vec<u8>>| known.as_ref().is_none_or(|known| known.get(at) == Some(&1));
        match self {
            Self::Codes { codes, base } => value_of(*base, codes.get(at)),
            Self::Whole { values, known: it } => values.get(at).copied().filter(|_| known(it)),
            Self::Double { values, known: it } => {
                values.get(at).filter(|_| known(it)).map(|value| crate::index::double_key(*value))
            }
            Self::Truth(_) | Self::Sets(_) => None,
        }
    }

    /// All numbers; doubles as their keys.
    pub(super) fn whole(&self) -> (Cow<'_, [i64]>, Option<Cow<'_, [u8]>>) {
        match self {
            Self::Codes { codes, base } => each_width!(codes, codes => {
                let values = codes.iter().map(|code| base.wrapping_add(code.wide() as i64)).collect();
                let known: Vec<u8> = codes.iter().map(|code| u8::from(code.wide() != 0)).collect();
                (Cow::Owned(values), Some(Cow::Owned(known)))
            }),
            Self::Whole { values, known } => (Cow::Borrowed(values), known.as_deref().map(Cow::Borrowed)),
            Self::Double { values, known } => {
                let keys = values.iter().map(|value| crate::index::double_key(*value)).collect();
                (Cow::Owned(keys), known.as_deref().map(Cow::Borrowed))
            }
            Self::Truth(truth) => (Cow::Owned(truth.iter().map(|it| i64::from(*it)).collect()), None),
            Self::Sets(sets) => (Cow::Owned(sets.iter().map(|it| *it as i64).collect()), None),
        }
    }
}

/// Whether each value is in one of the ranges.
pub(super) fn in_ranges(of: &Vector<'_>, ranges: &[(i64, i64)]) -> Vec<u8> {
    if let Vector::Codes { codes, base } = of {
        return each_width!(codes, codes => codes_in(codes, *base, ranges));
    }
    let (values, known) = of.whole();
    let mut truth = vec![FALSE; values.len()];
    for (low, high) in ranges {
        for (truth, value) in truth.iter_mut().zip(values.iter()) {
            *truth |= u8::from((*value >= *low) & (*value <= *high)) << 1;
        }
    }
    if let Some(known) = known {
        truth
            .iter_mut()
            .zip(known.iter())
            .for_each(|(truth, known)| *truth = (*truth & (known << 1)) | (1 - known));
    }
    truth
}

fn codes_in<T: Code>(codes: &[T], base: i64, ranges: &[(i64, i64)]) -> Vec<u8> {
    let most = u64::MAX >> (64 - 8 * size_of::<T>());
    let mut truth: Vec<u8> = codes.iter().map(|code| u8::from(*code == T::default())).collect();
    for (low, high) in ranges {
        let low = i128::from(*low).saturating_sub(i128::from(base)).max(1);
        let high = i128::from(*high).saturating_sub(i128::from(base)).min(i128::from(most));
        let (Ok(low), Ok(high)) = (u64::try_from(low), u64::try_from(high)) else { continue };
        if low > high {
            continue;
        }
        let (low, high) = (T::cut(low), T::cut(high));
        for (truth, code) in truth.iter_mut().zip(codes) {
            *truth |= u8::from((*code >= low) & (*code <= high)) << 1;
        }
    }
    truth
}

/// The answer for each code; codes beyond the list have none.
pub(super) fn answers(of: &Vector<'_>, by_code: &[u8]) -> Vec<u8> {
    match of {
        Vector::Codes { codes, .. } => each_width!(codes, codes => {
            codes.iter().map(|code| by_code.get(code.wide() as usize).copied().unwrap_or(UNKNOWN)).collect()
        }),
        other => vec![UNKNOWN; other.len()],
    }
}

/// Whether there is a value.
pub(super) fn known(of: &Vector<'_>) -> Vec<u8> {
    match of {
        Vector::Codes { codes, .. } => {
            each_width!(codes, codes => codes.iter().map(|code| u8::from(code.wide() != 0) << 1).collect())
        }
        Vector::Whole { known: Some(known), .. } | Vector::Double { known: Some(known), .. } => {
            known.iter().map(|known| known << 1).collect()
        }
        other => vec![TRUE; other.len()],
    }
}

/// Other numbers.
pub(super) fn translated(of: &Vector<'_>, to: &Translation) -> Vector<'static> {
    let code = |at: i64| usize::try_from(at).ok().and_then(|at| to.codes.get(at)).copied().unwrap_or(0);
    let codes: Vec<u16> = match of {
        Vector::Codes { codes, base } if to.divisor == 1 => each_width!(codes, codes => {
            let shift = base.wrapping_sub(to.first);
            let of = |wide: u64| if wide == 0 { 0 } else { code(shift.wrapping_add(wide as i64)) };
            codes.iter().map(|it| of(it.wide())).collect()
        }),
        other => {
            let of = |at| other.key(at).map_or(0, |key| code(key.div_euclid(to.divisor.max(1)) - to.first));
            (0..other.len()).map(of).collect()
        }
    };
    Vector::Codes { codes: Codes::U16(codes.into()), base: to.base }
}

/// The doubles of keys.
pub(super) fn from_keys(of: &Vector<'_>) -> Vector<'static> {
    let (keys, known) = of.whole();
    let values = keys.iter().map(|key| crate::index::key_double(*key)).collect();
    Vector::Double { values, known: known.map(Cow::into_owned) }
}

/// Other numbers in place of some, and of missing ones.
pub(super) fn replaced(of: &Vector<'_>, missing: Option<i64>, values: &[(i64, i64)]) -> Vector<'static> {
    let replace = |value: i64| values.iter().find(|(from, _)| *from == value).map_or(value, |(_, to)| *to);
    let all = (0..of.len()).map(|at| of.key(at).map(replace).or(missing));
    let (values, known) = all.map(|it| (it.unwrap_or(0), u8::from(it.is_some()))).unzip();
    Vector::Whole { values, known: Some(known) }
}

/// 1 + how many of the cuts a value is at least, 0 for a missing one.
pub(super) fn ranked(of: &Vector<'_>, cuts: &[i64]) -> Vector<'static> {
    fn rank<T: Code>(values: &[i64], known: Option<&[u8]>, cuts: &[i64]) -> Vec<T> {
        let rank = |value: &i64| T::cut(cuts.partition_point(|cut| cut <= value) as u64 + 1);
        match known {
            None => values.iter().map(rank).collect(),
            Some(known) => {
                let pairs = values.iter().zip(known);
                pairs.map(|(value, known)| if *known == 1 { rank(value) } else { T::default() }).collect()
            }
        }
    }
    let (values, known) = of.whole();
    let codes = match cuts.len() {
        0..=253 => Codes::U8(rank::<u8>(&values, known.as_deref(), cuts).into()),
        _ => Codes::U32(rank::<u32>(&values, known.as_deref(), cuts).into()),
    };
    Vector::Codes { codes, base: 0 }
}

/// The elements of the customers, once for each of their rows.
pub(super) fn of_customers(of: &Vector<'_>, bounds: &[u32]) -> Vector<'static> {
    fn spread<T: Copy>(values: &[T], bounds: &[u32]) -> Vec<T> {
        let rows = bounds.last().copied().unwrap_or(0) as usize;
        let mut spread = Vec::with_capacity(rows);
        for (value, pair) in values.iter().zip(bounds.windows(2)) {
            if let [start, end] = pair {
                spread.extend(std::iter::repeat_n(*value, (end - start) as usize));
            }
        }
        spread
    }
    let flags = |known: &Option<Vec<u8>>| known.as_ref().map(|known| spread(known, bounds));
    match of {
        Vector::Truth(truth) => Vector::Truth(spread(truth, bounds)),
        Vector::Codes { codes, base } => {
            let codes = match codes {
                Codes::U8(codes) => Codes::U8(spread(codes, bounds).into()),
                Codes::U16(codes) => Codes::U16(spread(codes, bounds).into()),
                Codes::U32(codes) => Codes::U32(spread(codes, bounds).into()),
                Codes::U64(codes) => Codes::U64(spread(codes, bounds).into()),
            };
            Vector::Codes { codes, base: *base }
        }
        Vector::Whole { values, known } => {
            Vector::Whole { values: spread(values, bounds), known: flags(known) }
        }
        Vector::Double { values, known } => {
            Vector::Double { values: spread(values, bounds), known: flags(known) }
        }
        Vector::Sets(sets) => Vector::Sets(spread(sets, bounds)),
    }
}

/// The same number everywhere.
pub(super) fn constant(value: Number, len: usize) -> Vector<'static> {
    match value {
        Number::Missing => Vector::Whole { values: vec![0; len], known: Some(vec![0; len]) },
        Number::Whole(value) => Vector::Whole { values: vec![value; len], known: None },
    }
}

/// Both are known.
fn both(left: Option<Cow<'_, [u8]>>, right: Option<Cow<'_, [u8]>>) -> Option<Vec<u8>> {
    match (left, right) {
        (None, None) => None,
        (Some(one), None) | (None, Some(one)) => Some(one.into_owned()),
        (Some(left), Some(right)) => {
            Some(left.iter().zip(right.iter()).map(|(one, other)| one & other).collect())
        }
    }
}

/// Arithmetic over numbers of one form.
pub(super) fn arithmetic(left: &Vector<'_>, operation: Operation, right: &Vector<'_>) -> Vector<'static> {
    if let (Vector::Double { values: one, known: k1 }, Vector::Double { values: other, known: k2 }) =
        (left, right)
    {
        return doubles((one, k1), operation, (other, k2));
    }
    let ((one, k1), (other, k2)) = (left.whole(), right.whole());
    let mut known = both(k1, k2);
    let pairs = one.iter().copied().zip(other.iter().copied());
    let values: Vec<i64> = match operation {
        Operation::Add => pairs.map(|(one, other)| one.wrapping_add(other)).collect(),
        Operation::Subtract => pairs.map(|(one, other)| one.wrapping_sub(other)).collect(),
        Operation::Multiply => pairs.map(|(one, other)| one.wrapping_mul(other)).collect(),
        Operation::Remainder | Operation::Divide | Operation::Power => {
            let known = known.get_or_insert_with(|| vec![1; one.len()]);
            known.iter_mut().zip(other.iter()).for_each(|(known, other)| *known &= u8::from(*other != 0));
            pairs.map(|(one, other)| one.checked_rem(other).unwrap_or(0)).collect()
        }
    };
    Vector::Whole { values, known }
}

type Doubles<'a> = (&'a [f64], &'a Option<Vec<u8>>);

fn doubles((one, k1): Doubles<'_>, operation: Operation, (other, k2): Doubles<'_>) -> Vector<'static> {
    let mut known = both(k1.as_deref().map(Cow::Borrowed), k2.as_deref().map(Cow::Borrowed));
    let calculate = |(one, other): (&f64, &f64)| match operation {
        Operation::Add => one + other,
        Operation::Subtract => one - other,
        Operation::Multiply => one * other,
        Operation::Divide => one / other,
        Operation::Remainder => one % other,
        Operation::Power => one.powf(*other),
    };
    let mut values: Vec<f64> = one.iter().zip(other).map(calculate).collect();
    // What is no number, or without end, is missing.
    if values.iter().any(|value| !value.is_finite()) {
        let known = known.get_or_insert_with(|| vec![1; values.len()]);
        for (value, known) in values.iter_mut().zip(known).filter(|(value, _)| !value.is_finite()) {
            (*value, *known) = (0.0, 0);
        }
    }
    Vector::Double { values, known }
}

/// Sums divided by counts.
pub(super) fn averages(sum: &Vector<'_>, count: &Vector<'_>, scale: u8) -> Vector<'static> {
    let (counts, _) = count.whole();
    let sums = as_double(sum, scale);
    let Vector::Double { values, .. } = sums else { return sums };
    let known = counts.iter().map(|count| u8::from(*count > 0)).collect();
    let values = values.iter().zip(counts.iter()).map(|(sum, count)| sum / (*count).max(1) as f64).collect();
    Vector::Double { values, known: Some(known) }
}

/// The doubles nearest to whole numbers with `scale` digits behind the point.
pub(super) fn as_double(of: &Vector<'_>, scale: u8) -> Vector<'static> {
    if let Vector::Double { values, known } = of {
        return Vector::Double { values: values.clone(), known: known.clone() };
    }
    let (values, known) = of.whole();
    let values = values.iter().map(|value| nearest(i128::from(*value), scale)).collect();
    Vector::Double { values, known: known.map(Cow::into_owned) }
}

/// The double nearest to `digits` / 10^`scale`.
pub(crate) fn nearest(digits: i128, scale: u8) -> f64 {
    // Both sides of the division are exact below these limits, and a division is rounded once.
    if digits.unsigned_abs() < 1 << 53 && scale <= 22 {
        return digits as f64 / 10f64.powi(i32::from(scale));
    }
    format!("{digits}e-{scale}").parse().unwrap_or(f64::NAN)
}

/// Whole numbers times a power of ten.
pub(super) fn scaled(of: &Vector<'_>, digits: u8) -> Vector<'static> {
    let factor = 10i64.checked_pow(u32::from(digits)).unwrap_or(0);
    let (values, known) = of.whole();
    let values = values.iter().map(|value| value.wrapping_mul(factor)).collect();
    Vector::Whole { values, known: known.map(Cow::into_owned) }
}
