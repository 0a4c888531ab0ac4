//! Numbers in texts: how cultures write them, and reading them as liberally as the compatible host does.

/// How a culture writes numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Culture {
    /// Between the whole part and the fraction.
    pub(crate) decimal: char,
    /// Between groups of three digits.
    pub(crate) group: char,
    /// The sign of money.
    pub(crate) currency: &'static str,
    /// Where the sign of money stands.
    pub(crate) currency_first: bool,
}

const EN_US: Culture = Culture { decimal: '.', group: ',', currency: "$", currency_first: true };
const DE_DE: Culture = Culture { decimal: ',', group: '.', currency: "€", currency_first: false };

/// Cultures by lower-case name. French groups with U+202F since ICU 64.
const CULTURES: &[(&str, Culture)] = &[
    ("", Culture { currency: "¤", ..EN_US }),
    ("en", EN_US),
    ("en-us", EN_US),
    ("en-gb", Culture { currency: "£", ..EN_US }),
    ("de", DE_DE),
    ("de-de", DE_DE),
    ("es", DE_DE),
    ("es-es", DE_DE),
    ("fr", Culture { group: '\u{202f}', ..DE_DE }),
    ("fr-fr", Culture { group: '\u{202f}', ..DE_DE }),
    ("is", Culture { currency: "kr.", ..DE_DE }),
    ("is-is", Culture { currency: "kr.", ..DE_DE }),
];

/// The culture of a locale name.
pub(crate) fn culture(name: &str) -> Result<Culture, String> {
    let lower = name.to_ascii_lowercase();
    let found = CULTURES.iter().find(|(known, _)| *known == lower).map(|(_, culture)| *culture);
    found.ok_or_else(|| {
        let known: Vec<&str> =
            CULTURES.iter().map(|(name, _)| *name).filter(|name| name.contains('-')).collect();
        format!(
            "does not know how numbers are written in the locale '{name}'; known are {}",
            known.join(", ")
        )
    })
}

/// Digits with sign, group separators anywhere in the whole part, decimal separator and exponent; the sign may
/// trail. None when the text is anything else.
pub(crate) fn parse_float(text: &str, culture: Culture) -> Option<f64> {
    let plain = normalize(text, culture)?;
    plain.parse::<f64>().ok().filter(|value| value.is_finite())
}

/// The number in a text of en-US as plain digits with sign, point and exponent.
pub(crate) fn plain(text: &str) -> Option<String> {
    normalize(text, EN_US)
}

/// Like [`parse_float`], without a fraction other than zeros.
pub(crate) fn parse_integer(text: &str) -> Option<i64> {
    let plain = normalize(text, EN_US)?;
    if let Ok(value) = plain.parse::<i64>() {
        return Some(value);
    }
    if plain.contains('.') {
        return None;
    }
    let value: f64 = plain.parse().ok()?;
    #[allow(clippy::cast_possible_truncation)] // whole and inside the range, as just checked
    (value.fract() == 0.0 && value.abs() < 9.2e18).then_some(value as i64)
}

/// The text as Rust reads numbers: sign in front, `.`, no groups.
fn normalize(text: &str, culture: Culture) -> Option<String> {
    let mut text = text.trim();
    let mut negative = false;
    if let Some(rest) = text.strip_suffix('-') {
        (text, negative) = (rest, true);
    } else if let Some(rest) = text.strip_prefix('-') {
        (text, negative) = (rest, true);
    } else if let Some(rest) = text.strip_prefix('+') {
        text = rest;
    }
    let (mantissa, exponent) = match text.find(['e', 'E']) {
        Some(at) => (text.get(..at)?, Some(text.get(at + 1..)?)),
        None => (text, None),
    };
    let (whole, fraction) = match mantissa.split_once(culture.decimal) {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    let is_group =
        |c: char| c == culture.group || (culture.group == '\u{202f}' && matches!(c, ' ' | '\u{a0}'));
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
    if let Some(exponent) = exponent {
        let unsigned = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        if unsigned.is_empty() || !all_digits(unsigned) {
            return None;
        }
        plain.push('e');
        plain.push_str(exponent);
    }
    Some(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_may_stand_anywhere_and_the_sign_may_trail() {
        assert_eq!(parse_float("12,3,4,5678", EN_US), Some(12_345_678.0));
        assert_eq!(parse_float("12345,6,78,-", EN_US), Some(-12_345_678.0));
        assert_eq!(parse_float("10.000,333", DE_DE), Some(10_000.333));
        assert_eq!(parse_float("1e400", EN_US), None, "not finite");
        assert_eq!(parse_float("1.2.3", EN_US), None);
        assert_eq!(parse_float("", EN_US), None);
        assert_eq!(parse_float("-", EN_US), None);
        assert_eq!(parse_integer("1,000"), Some(1000));
        assert_eq!(parse_integer("1e3"), Some(1000));
        assert_eq!(parse_integer("1.5"), None);
    }
}
