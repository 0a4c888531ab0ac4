//! Numbers as they are written: exact decimals, never rounded.

use std::fmt;

/// Most decimal digits of a number, the width of a 128-bit decimal.
const MAX_DIGITS: usize = 38;

/// An exact decimal number: `unscaled` / 10^`scale`, without needless zeros at the end of the fraction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Number {
    unscaled: i128,
    scale: u8,
}

impl Number {
    /// A whole number.
    pub fn integer(value: i64) -> Self {
        Self { unscaled: i128::from(value), scale: 0 }
    }

    /// The number `unscaled` / 10^`scale`; nothing when it has more than 38 digits.
    pub fn new(unscaled: i128, scale: u8) -> Option<Self> {
        let limit = 10i128.checked_pow(MAX_DIGITS as u32)?;
        if usize::from(scale) > MAX_DIGITS || unscaled.checked_abs()? >= limit {
            return None;
        }
        let (mut unscaled, mut scale) = (unscaled, scale);
        while scale > 0 && unscaled % 10 == 0 {
            unscaled /= 10;
            scale -= 1;
        }
        Some(Self { unscaled, scale })
    }

    /// Reads `-12.50e3`. Nothing when the form is wrong or the number has more than 38 digits.
    pub fn parse(text: &str) -> Option<Self> {
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
            None => (text, 0),
        };
        let (negative, digits) = match mantissa.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, mantissa),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        if whole.is_empty() || !whole.bytes().chain(fraction.bytes()).all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let mut unscaled = 0i128;
        for byte in whole.bytes().chain(fraction.trim_end_matches('0').bytes()) {
            unscaled = unscaled.checked_mul(10)?.checked_add(i128::from(byte - b'0'))?;
        }
        let fraction_digits = i32::try_from(fraction.trim_end_matches('0').len()).ok()?;
        let mut scale = fraction_digits.checked_sub(exponent)?;
        if unscaled == 0 {
            scale = 0;
        }
        while scale < 0 {
            unscaled = unscaled.checked_mul(10)?;
            scale += 1;
        }
        let unscaled = if negative { -unscaled } else { unscaled };
        Self::new(unscaled, u8::try_from(scale).ok()?)
    }

    /// The digits without the decimal point.
    pub fn unscaled(self) -> i128 {
        self.unscaled
    }

    /// How many of the digits are behind the decimal point.
    pub fn scale(self) -> u8 {
        self.scale
    }

    /// The number as a whole number, when it is one and fits.
    pub fn as_i64(self) -> Option<i64> {
        if self.scale > 0 {
            return None;
        }
        i64::try_from(self.unscaled).ok()
    }

    /// The nearest binary floating-point number.
    pub fn as_f64(self) -> f64 {
        // The text form is rounded once, correctly; a division would round twice.
        self.to_string().parse().unwrap_or(f64::NAN)
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.unscaled < 0 {
            f.write_str("-")?;
        }
        let scale = usize::from(self.scale);
        let digits = format!("{:0>width$}", self.unscaled.unsigned_abs(), width = scale + 1);
        let (whole, fraction) = digits.split_at_checked(digits.len() - scale).unwrap_or((&digits, ""));
        f.write_str(whole)?;
        if !fraction.is_empty() {
            write!(f, ".{fraction}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_kept_exactly() {
        for (text, printed) in [
            ("0", "0"),
            ("-0", "0"),
            ("0.10", "0.1"),
            ("-12.50", "-12.5"),
            ("1e3", "1000"),
            ("1.5e-3", "0.0015"),
            ("0e99999", "0"),
            ("99999999999999999999999999999999999999", "99999999999999999999999999999999999999"),
        ] {
            assert_eq!(Number::parse(text).unwrap().to_string(), printed, "{text}");
        }
    }

    #[test]
    fn a_number_of_39_digits_is_refused() {
        assert_eq!(Number::parse("100000000000000000000000000000000000000"), None);
        assert_eq!(Number::parse("1e38"), None);
        assert_eq!(Number::parse("1e-39"), None);
        assert_eq!(Number::parse("1e2147483648"), None);
        assert_eq!(Number::new(i128::MIN, 0), None);
    }

    #[test]
    fn a_fraction_is_no_whole_number() {
        assert_eq!(Number::parse("2.0").unwrap().as_i64(), Some(2));
        assert_eq!(Number::parse("2.5").unwrap().as_i64(), None);
        assert_eq!(Number::parse("9223372036854775808").unwrap().as_i64(), None);
        assert_eq!(Number::parse("0.1").unwrap().as_f64(), 0.1);
    }
}
