//! Exact decimal numbers, as `decimal()` makes them: a whole number of up to 96 bits and a scale of 0–28.

use serde_json::{Map, Value};
use std::cmp::Ordering;
use std::fmt;

/// Digits behind the point at most.
const SCALE: u32 = 28;

/// The largest whole number: 2^96 − 1.
const MOST: i128 = (1 << 96) - 1;

/// The only property of the object that carries a decimal from function to function within one evaluation. It
/// never leaves the evaluation; the line break keeps it apart from what people name their properties.
const KEY: &str = "$decimal\n";

/// A decimal number: `units / 10^scale`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Decimal {
    units: i128,
    scale: u32,
}

impl Decimal {
    /// Reads digits with sign, point and exponent; more than 28 digits behind the point are rounded. None when it
    /// is no number or too large.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
            None => (text, 0),
        };
        let (negative, digits) = match mantissa.strip_prefix('-') {
            Some(digits) => (true, digits),
            None => (false, mantissa.strip_prefix('+').unwrap_or(mantissa)),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let all: Vec<u8> =
            whole.bytes().chain(fraction.bytes()).map(|byte| byte.wrapping_sub(b'0')).collect();
        if all.is_empty() || all.len() > 100 || all.iter().any(|digit| *digit > 9) {
            return None;
        }
        let scale = i64::try_from(fraction.len()).ok()?.checked_sub(i64::from(exponent))?;
        Self::from_digits(negative, all, scale, false)
    }

    /// The number of these digits with so many of them behind the point, rounded (halves to even) to what
    /// fits. `more` says that something other than zeros follows the last digit.
    fn from_digits(negative: bool, mut digits: Vec<u8>, mut scale: i64, mut more: bool) -> Option<Self> {
        const LONGEST: usize = 200;
        while scale < 0 {
            if digits.len() > LONGEST {
                return None;
            }
            digits.push(0);
            scale += 1;
        }
        let mut dropped = 0;
        loop {
            let units = units_of(&digits);
            if let Some(units) = units.filter(|_| scale <= i64::from(SCALE)) {
                let up = dropped > 5 || (dropped == 5 && (more || units % 2 != 0));
                let units = units + i128::from(up);
                if units <= MOST {
                    let units = if negative { -units } else { units };
                    return Some(Self { units, scale: u32::try_from(scale).ok()? });
                }
            }
            scale -= 1;
            if scale < 0 {
                return None;
            }
            more |= dropped != 0;
            dropped = digits.pop().unwrap_or(0);
        }
    }

    pub(crate) fn from_int(value: i64) -> Self {
        Self { units: i128::from(value), scale: 0 }
    }

    /// Both numbers with the same scale; none when that does not fit.
    fn aligned(self, other: Self) -> Option<(i128, i128, u32)> {
        let scale = self.scale.max(other.scale);
        let units = |number: Self| number.units.checked_mul(10_i128.checked_pow(scale - number.scale)?);
        Some((units(self)?, units(other)?, scale))
    }

    pub(crate) fn add(self, other: Self) -> Option<Self> {
        let (mut a, mut b) = (self, other);
        loop {
            if let Some((x, y, scale)) = a.aligned(b) {
                let sum = x.checked_add(y)?;
                return Self::from_digits(sum < 0, digits_of(sum), i64::from(scale), false);
            }
            // The scales are too far apart: the last digits of the finer one cannot be kept.
            if a.scale >= b.scale { a = a.coarser()? } else { b = b.coarser()? }
        }
    }

    /// The number with one digit less behind the point.
    fn coarser(self) -> Option<Self> {
        let scale = i64::from(self.scale.checked_sub(1)?);
        let mut digits = digits_of(self.units);
        let last = digits.pop().unwrap_or(0);
        let units = units_of(&digits)? + i128::from(last >= 5);
        Self::from_digits(self.units < 0, digits_of(units), scale, false)
    }

    pub(crate) fn negated(self) -> Self {
        Self { units: -self.units, ..self }
    }

    pub(crate) fn mul(self, other: Self) -> Option<Self> {
        let (a, b) = (digits_of(self.units), digits_of(other.units));
        // As on paper; 29 digits times 29 digits do not fit the machine's numbers.
        let mut sums = vec![0_u32; a.len() + b.len()];
        for (i, x) in a.iter().rev().enumerate() {
            for (j, y) in b.iter().rev().enumerate() {
                if let Some(sum) = sums.get_mut(i + j) {
                    *sum += u32::from(*x) * u32::from(*y);
                }
            }
        }
        let mut carry = 0;
        let mut digits: Vec<u8> = Vec::with_capacity(sums.len());
        for sum in sums {
            carry += sum;
            digits.push(u8::try_from(carry % 10).unwrap_or(0));
            carry /= 10;
        }
        digits.reverse();
        let negative = (self.units < 0) != (other.units < 0);
        Self::from_digits(negative, digits, i64::from(self.scale + other.scale), false)
    }

    /// The quotient to as many digits as fit; none for a zero divisor or when it is too large.
    pub(crate) fn div(self, other: Self) -> Option<Self> {
        let (a, b) = (self.units.unsigned_abs(), other.units.unsigned_abs());
        let mut digits: Vec<u8> = digits_of(i128::try_from(a.checked_div(b)?).ok()?);
        let mut rest = a % b;
        let mut scale = i64::from(self.scale) - i64::from(other.scale);
        let enough = i64::from(SCALE) + 2;
        while rest != 0 && scale < enough {
            rest *= 10; // below 10 · 2^96
            digits.push(u8::try_from(rest / b).unwrap_or(0));
            rest %= b;
            scale += 1;
        }
        let negative = (self.units < 0) != (other.units < 0);
        Self::from_digits(negative, digits, scale, rest != 0).map(Self::trimmed)
    }

    /// The rest of a division, with the sign of the first number.
    pub(crate) fn rem(self, other: Self) -> Option<Self> {
        let (a, b, scale) = self.aligned(other)?;
        let rest = a.checked_rem(b)?;
        Self::from_digits(rest < 0, digits_of(rest), i64::from(scale), false)
    }

    /// Without zeros at the end of the fraction.
    pub(crate) fn trimmed(self) -> Self {
        let mut number = self;
        while number.scale > 0 && number.units % 10 == 0 {
            number = Self { units: number.units / 10, scale: number.scale - 1 };
        }
        number
    }

    pub(crate) fn order(self, other: Self) -> Ordering {
        match self.aligned(other) {
            Some((a, b, _)) => a.cmp(&b),
            None => self.float().total_cmp(&other.float()),
        }
    }

    /// The nearest float.
    pub(crate) fn float(self) -> f64 {
        self.to_string().parse().unwrap_or(0.0)
    }

    pub(crate) fn is_zero(self) -> bool {
        self.units == 0
    }

    /// The number as JSON can hold it.
    pub(crate) fn json(self) -> Value {
        let whole = self.scale == 0;
        match i64::try_from(self.units) {
            Ok(units) if whole => Value::from(units),
            _ => Value::from(self.float()),
        }
    }

    /// The value that carries the number within an evaluation.
    pub(crate) fn carried(self) -> Value {
        Value::Object(Map::from_iter([(KEY.to_owned(), Value::String(self.to_string()))]))
    }

    /// The number in a value that carries one.
    pub(crate) fn of(value: &Value) -> Option<Self> {
        let map = value.as_object().filter(|map| map.len() == 1)?;
        Self::parse(map.get(KEY)?.as_str()?)
    }
}

/// Digits from the first on, without a sign.
fn digits_of(units: i128) -> Vec<u8> {
    units.unsigned_abs().to_string().bytes().map(|byte| byte - b'0').collect()
}

/// The number of these digits, when it fits.
fn units_of(digits: &[u8]) -> Option<i128> {
    let add = |units: i128, digit: &u8| units.checked_mul(10)?.checked_add(i128::from(*digit));
    digits.iter().try_fold(0, add).filter(|units| *units <= MOST)
}

/// The value with all decimals in it turned into JSON numbers. Depth is bounded by that of values.
pub(crate) fn released(value: Value) -> Value {
    if let Some(decimal) = Decimal::of(&value) {
        return decimal.json();
    }
    match value {
        Value::Array(items) => Value::Array(items.into_iter().map(released).collect()),
        Value::Object(map) => {
            Value::Object(map.into_iter().map(|(key, item)| (key, released(item))).collect())
        }
        other => other,
    }
}

/// The JSON text of a value, decimals as numbers.
pub(crate) fn json_text(value: &Value) -> String {
    let text = value.to_string();
    if text.contains("$decimal\\n") { released(value.clone()).to_string() } else { text }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scale = usize::try_from(self.scale).unwrap_or(0);
        let digits = format!("{:0width$}", self.units.unsigned_abs(), width = scale + 1);
        let (whole, fraction) = digits.split_at(digits.len() - scale);
        let sign = if self.units < 0 { "-" } else { "" };
        let point = if scale > 0 { "." } else { "" };
        write!(f, "{sign}{whole}{point}{fraction}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dec(text: &str) -> Decimal {
        Decimal::parse(text).unwrap()
    }

    #[test]
    fn digits_are_kept_and_rounded_only_where_they_end() {
        for (found, expected) in [
            (Some(dec("1.10")), "1.10"),
            (Some(dec("-0.5e-3")), "-0.0005"),
            (Some(dec("1.5e3")), "1500"),
            (Decimal::parse("79228162514264337593543950335"), "79228162514264337593543950335"),
            (Decimal::parse("0.00000000000000000000000000005"), "0.0000000000000000000000000000"),
            (Decimal::parse("0.00000000000000000000000000015"), "0.0000000000000000000000000002"),
            (dec("0.1").add(dec("0.2")), "0.3"),
            (dec("79228162514264337593543950335").add(dec("0.4")), "79228162514264337593543950335"),
            (
                dec("1.2345678901234567890").mul(dec("1.2345678901234567890")),
                "1.5241578753238836750190519988",
            ),
            (dec("1").div(dec("3")), "0.3333333333333333333333333333"),
            (dec("2").div(dec("-3")), "-0.6666666666666666666666666667"),
            (dec("10").div(dec("4")), "2.5"),
            (dec("-7.5").rem(dec("2")), "-1.5"),
        ] {
            assert_eq!(found.map(|number| number.to_string()).as_deref(), Some(expected));
        }
        for too_large in ["79228162514264337593543950336", "1e29", "1e2000000000", "", "-", "1.2.3", "0x1"] {
            assert!(Decimal::parse(too_large).is_none(), "{too_large}");
        }
        assert!(dec("79228162514264337593543950335").add(dec("1")).is_none());
        assert!(dec("79228162514264337593543950335").mul(dec("2")).is_none());
        assert!(dec("1").div(dec("0")).is_none());
    }
}
