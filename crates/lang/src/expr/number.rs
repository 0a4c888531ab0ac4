//! Numbers in texts: how cultures write them, and reading them as liberally as the compatible host does.

use super::culture::{Culture, default_culture};

/// Digits with sign, group separators anywhere in the whole part, decimal separator and exponent; the sign may
/// trail. None when the text is anything else.
pub(crate) fn parse_float(text: &str, culture: &Culture) -> Option<f64> {
    let plain = normalize(text, culture)?;
    plain.parse::<f64>().ok().filter(|value| value.is_finite())
}

/// The number in a text of en-US as plain digits with sign, point and exponent.
pub(crate) fn plain(text: &str) -> Option<String> {
    normalize(text, default_culture())
}

/// Like [`parse_float`], without a fraction other than zeros. As in the compatible host the number goes through a
/// 64-bit float, so that digits beyond 2^53 are rounded.
pub(crate) fn parse_integer(text: &str, culture: &Culture) -> Option<i64> {
    let plain = normalize(text, culture)?;
    if plain.parse::<i128>().is_ok_and(|whole| i64::try_from(whole).is_err()) {
        return None;
    }
    let value: f64 = plain.parse().ok()?;
    #[allow(clippy::cast_possible_truncation)] // whole and inside the range, as just checked; 2^63 saturates
    (value.fract() == 0.0 && value.abs() <= 9_223_372_036_854_775_808.0).then_some(value as i64)
}

/// The text as Rust reads numbers: sign in front, `.`, no groups.
fn normalize(text: &str, culture: &Culture) -> Option<String> {
    const LONGEST: usize = 1_000; // no number that fits any type is written longer
    let mut text = text.trim();
    if text.len() > LONGEST {
        return None;
    }
    let mut negative = false;
    let before = text.strip_prefix('-').or_else(|| text.strip_prefix(culture.minus));
    let behind = text.strip_suffix('-').or_else(|| text.strip_suffix(culture.minus));
    if let Some(rest) = behind.or(before) {
        (text, negative) = (rest.trim(), true);
    } else if let Some(rest) = text.strip_prefix('+').or_else(|| text.strip_suffix('+')) {
        text = rest.trim();
    }
    let (mantissa, exponent) = match text.find(['e', 'E']) {
        Some(at) => (text.get(..at)?, Some(text.get(at + 1..)?)),
        None => (text, None),
    };
    let (whole, fraction) = match mantissa.split_once(culture.decimal) {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    let is_group = |c: char| c == culture.group || (culture.group.is_whitespace() && c.is_whitespace());
    let digits: String = whole.chars().filter(|c| !is_group(*c)).collect();
    let all_digits = |part: &str| part.chars().all(|c| c.is_ascii_digit());
    let some = digits.len() + fraction.map_or(0, str::len) > 0;
    if !some || !all_digits(&digits) || !fraction.is_none_or(all_digits) || whole.starts_with(is_group) {
        return None;
    }
    let mut plain = if negative { "-".to_owned() } else { String::new() };
    plain.push_str(if digits.is_empty() { "0" } else { &digits });
    if let Some(fraction) = fraction.filter(|fraction| !fraction.is_empty()) {
        plain.push('.');
        plain.push_str(fraction);
    }
    if let Some(exponent) = exponent.map(|exponent| exponent.replace(culture.minus, "-")) {
        let unsigned = exponent.strip_prefix(['+', '-']).unwrap_or(&exponent);
        if unsigned.is_empty() || !all_digits(unsigned) {
            return None;
        }
        plain.push('e');
        plain.push_str(&exponent);
    }
    Some(plain)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::culture::culture;

    fn float(text: &str) -> Option<f64> {
        parse_float(text, default_culture())
    }

    #[test]
    fn groups_may_stand_anywhere_and_the_sign_may_trail() {
        assert_eq!(float("12,3,4,5678"), Some(12_345_678.0));
        assert_eq!(float("12345,6,78,-"), Some(-12_345_678.0));
        assert_eq!(parse_float("10.000,333", culture("de-DE").unwrap()), Some(10_000.333));
        assert_eq!(float("1e400"), None, "not finite");
        assert_eq!(float("1.2.3"), None);
        assert_eq!(float(""), None);
        assert_eq!(float("-"), None);
        let integer = |text: &str| parse_integer(text, default_culture());
        assert_eq!(integer("1,000"), Some(1000));
        assert_eq!(integer("1e3"), Some(1000));
        assert_eq!(integer("1.0"), Some(1));
        assert_eq!(integer("1.5"), None);
        assert_eq!(integer("9007199254740993"), Some(9_007_199_254_740_992));
        assert_eq!(integer("9223372036854775807"), Some(i64::MAX));
        assert_eq!(integer("-9223372036854775808"), Some(i64::MIN));
        assert_eq!(integer("9223372036854775808"), None);
        assert_eq!(integer("1e30"), None);
    }

    #[test]
    fn what_every_culture_writes_it_reads_back() {
        use crate::expr::number_format::format;
        use crate::expr::value::Num;
        for (name, culture) in crate::expr::culture::all() {
            for value in [0.0, -0.5, 12.25, 1234.5, -1_234_567.25, 123_456_789_012.75] {
                for pattern in ["N2", "F2", "#,##0.00", "G", "E9"] {
                    let text = format(Num::Float(value), pattern, culture).unwrap();
                    let exact = pattern != "E9" || value.abs() < 1e7;
                    assert!(!exact || parse_float(&text, culture) == Some(value), "{name} {pattern}: {text}");
                }
            }
        }
    }
}
