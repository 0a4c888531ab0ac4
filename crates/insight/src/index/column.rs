//! A column: codes whose order is that of the values, 0 for a missing value.

use super::codes::{Codes, Store};
use crate::conditions::Kind;

/// The values of an attribute, as numbers of 64 bits in the order of the values: whole numbers, the digits of decimals,
/// days, microseconds, 0 and 1, places in the sorted dictionary of texts, and doubles as [`double_key`].
///
/// A value is stored as its distance from `base`, the number below the smallest, so that it takes the fewest bytes and
/// 0 is free to mean a missing value.
#[derive(Debug, Clone)]
pub(crate) struct Column {
    pub(crate) name: String,
    pub(crate) kind: Kind,
    pub(crate) base: i64,
    /// The largest code.
    pub(crate) most: u64,
    /// Whether a value is missing.
    pub(crate) gaps: bool,
    pub(crate) codes: Store,
    /// The texts, sorted; value 0 is the first.
    pub(crate) dictionary: Option<Dictionary>,
}

impl Column {
    /// The value in a row.
    pub(crate) fn value(&self, row: usize) -> Option<i64> {
        value_of(self.base, self.codes.codes().get(row))
    }

    /// The smallest and the largest value; nothing when all are missing.
    pub(crate) fn limits(&self) -> Option<(i64, i64)> {
        (self.most > 0).then(|| (self.base.wrapping_add(1), self.base.wrapping_add(self.most as i64)))
    }

    /// Whether the bytes are those that were written.
    pub(crate) fn is_whole(&self) -> bool {
        let texts = self.dictionary.as_ref();
        self.codes.is_whole() && texts.is_none_or(|it| it.offsets.is_whole() && it.bytes.is_whole())
    }

    /// The same column with other rows.
    pub(crate) fn with_codes(&self, codes: Codes<'static>) -> Self {
        Self { codes: codes.into(), ..self.clone() }
    }
}

/// The value of a code.
#[inline]
pub(crate) fn value_of(base: i64, code: u64) -> Option<i64> {
    (code != 0).then(|| base.wrapping_add(code as i64))
}

/// Sorted texts.
#[derive(Debug, Clone)]
pub(crate) struct Dictionary {
    /// Where each text starts, and where the last one ends.
    pub(crate) offsets: Store,
    /// The texts, one behind the other.
    pub(crate) bytes: Store,
}

impl Dictionary {
    /// The number of texts.
    pub(crate) fn len(&self) -> usize {
        self.offsets.codes().len().saturating_sub(1)
    }

    /// A text; empty where there is none.
    pub(crate) fn text(&self, at: usize) -> String {
        let offsets = self.offsets.codes();
        let start = usize::try_from(offsets.get(at)).unwrap_or(0);
        let end = usize::try_from(offsets.get(at.saturating_add(1))).unwrap_or(0);
        match &self.bytes.codes() {
            Codes::U8(bytes) => {
                String::from_utf8_lossy(bytes.get(start..end).unwrap_or_default()).into_owned()
            }
            _ => String::new(),
        }
    }

    /// Where a text is, or would be.
    pub(crate) fn find(&self, text: &str) -> Result<usize, usize> {
        let (offsets, bytes) = (self.offsets.codes(), self.bytes.codes());
        let Codes::U8(bytes) = &bytes else { return Err(0) };
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = low.midpoint(high);
            let start = usize::try_from(offsets.get(middle)).unwrap_or(0);
            let end = usize::try_from(offsets.get(middle + 1)).unwrap_or(0);
            match bytes.get(start..end).unwrap_or_default().cmp(text.as_bytes()) {
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Equal => return Ok(middle),
                std::cmp::Ordering::Greater => high = middle,
            }
        }
        Err(low)
    }
}

/// A double as a whole number of the same order, -0 before 0 and no number behind all.
pub(crate) fn double_key(value: f64) -> i64 {
    let bits = value.to_bits() as i64;
    bits ^ ((((bits >> 63) as u64) >> 1) as i64)
}

/// The double of [`double_key`].
pub(crate) fn key_double(key: i64) -> f64 {
    f64::from_bits((key ^ ((((key >> 63) as u64) >> 1) as i64)) as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_of_doubles_have_their_order() {
        let values =
            [f64::NEG_INFINITY, -2.5, -f64::MIN_POSITIVE, -0.0, 0.0, 1e-300, 7.0, f64::INFINITY, f64::NAN];
        for pair in values.windows(2) {
            assert!(double_key(pair[0]) < double_key(pair[1]), "{pair:?}");
        }
        for value in values {
            assert_eq!(key_double(double_key(value)).to_bits(), value.to_bits());
        }
    }
}
