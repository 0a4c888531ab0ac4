//! .NET number formats: the standard ones (`C2`, `N0`, `P1` …) and the custom ones (`#,##0.00`).

use super::culture::Culture;
use super::value::{Num, float_text};

/// The most digits behind the point that a format may ask for.
const MOST_DIGITS: usize = 99;

/// The number in a format.
///
/// # Errors
/// Why the format cannot be used, as a sentence that continues "the function …".
pub(crate) fn format(value: Num, format: &str, culture: &Culture) -> Result<String, String> {
    let mut chars = format.chars();
    let letter = chars.next();
    let digits = chars.as_str();
    match letter {
        None => Ok(general(value, None, culture)),
        Some(letter)
            if letter.is_ascii_alphabetic()
                && digits.len() <= 2
                && digits.chars().all(|c| c.is_ascii_digit()) =>
        {
            standard(value, letter, digits.parse().ok(), culture)
        }
        Some(_) => super::number_custom::format(value, format, culture),
    }
}

/// The digits of a number without sign: before and behind the point. All digits of an integer are here, and
/// so many of a float that rounding to any allowed precision is exact.
#[derive(Debug, Clone)]
pub(crate) struct Digits {
    pub(crate) negative: bool,
    /// Without leading zeros; empty for 0.
    pub(crate) whole: String,
    pub(crate) fraction: String,
}

impl Digits {
    pub(crate) fn of(value: Num) -> Self {
        let (negative, text) = match value {
            Num::Int(value) => (value < 0, value.unsigned_abs().to_string()),
            Num::Decimal(value) => {
                let text = value.to_string();
                (text.starts_with('-'), text.trim_start_matches('-').to_owned())
            }
            Num::Float(value) => (value < 0.0, format!("{:.1$}", value.abs(), MOST_DIGITS + 60)),
        };
        let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
        Self { negative, whole: whole.trim_start_matches('0').to_owned(), fraction: fraction.to_owned() }
    }

    /// Rounded to so many digits from the first one on.
    pub(crate) fn significant(&self, count: i64) -> Self {
        let behind = count - 1 - self.exponent();
        match usize::try_from(behind) {
            Ok(places) => self.rounded(places),
            Err(_) => self.shifted(behind).rounded(0).shifted(-behind),
        }
    }

    pub(crate) fn is_zero(&self) -> bool {
        self.whole.is_empty() && self.fraction.bytes().all(|digit| digit == b'0')
    }

    /// The point moved to the right (left, when negative).
    pub(crate) fn shifted(&self, places: i64) -> Self {
        let mut moved = self.clone();
        for _ in 0..places.unsigned_abs().min(2_000) {
            if places > 0 {
                let first = if moved.fraction.is_empty() { '0' } else { moved.fraction.remove(0) };
                moved.whole.push(first);
            } else {
                moved.fraction.insert(0, moved.whole.pop().unwrap_or('0'));
            }
        }
        moved.whole = moved.whole.trim_start_matches('0').to_owned();
        moved
    }

    /// Rounded to so many digits behind the point, halves away from zero.
    pub(crate) fn rounded(&self, places: usize) -> Self {
        let up = self.fraction.as_bytes().get(places).is_some_and(|digit| *digit >= b'5');
        let mut fraction: String = self.fraction.chars().take(places).collect();
        while fraction.len() < places {
            fraction.push('0');
        }
        let mut whole = self.whole.clone();
        if up {
            let mut all: Vec<u8> = whole.bytes().chain(fraction.bytes()).collect();
            let mut carry = true;
            for digit in all.iter_mut().rev() {
                carry = *digit == b'9';
                *digit = if carry { b'0' } else { *digit + 1 };
                if !carry {
                    break;
                }
            }
            if carry || all.is_empty() {
                all.insert(0, b'1');
            }
            let point = all.len() - places;
            whole = all.iter().take(point).map(|digit| char::from(*digit)).collect();
            fraction = all.iter().skip(point).map(|digit| char::from(*digit)).collect();
        }
        Self { negative: self.negative, whole: whole.trim_start_matches('0').to_owned(), fraction }
    }

    /// The power of ten of the first digit; 0 for zero.
    pub(crate) fn exponent(&self) -> i64 {
        if !self.whole.is_empty() {
            return i64::try_from(self.whole.len()).unwrap_or(i64::MAX) - 1;
        }
        match self.fraction.bytes().position(|digit| digit != b'0') {
            Some(at) => -i64::try_from(at).unwrap_or(0) - 1,
            None => 0,
        }
    }
}

/// Whether a group separator stands before the last `left` digits.
pub(super) fn ends_group(left: usize, culture: &Culture) -> bool {
    left >= 3 && (left - 3).is_multiple_of(culture.group_size.max(1))
}

/// Digits with separators between the groups.
fn grouped(digits: &str, culture: &Culture) -> String {
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && ends_group(digits.len() - index, culture) {
            text.push(culture.group);
        }
        text.push(digit);
    }
    text
}

fn fixed(digits: &Digits, places: usize, groups: bool, culture: &Culture) -> String {
    let digits = digits.rounded(places);
    let whole = if digits.whole.is_empty() { "0" } else { &digits.whole };
    let mut text = if groups { grouped(whole, culture) } else { whole.to_owned() };
    if places > 0 {
        text.push(culture.decimal);
        text.push_str(&digits.fraction);
    }
    text
}

fn standard(value: Num, letter: char, precision: Option<usize>, culture: &Culture) -> Result<String, String> {
    let digits = Digits::of(value);
    let places = precision.unwrap_or(2).min(MOST_DIGITS);
    let minus = |zero: bool| digits.negative && !zero;
    let signed =
        |text: String, zero: bool| if minus(zero) { format!("{}{text}", culture.minus) } else { text };
    let zero = |digits: &Digits, places: usize| digits.rounded(places).is_zero();
    Ok(match letter.to_ascii_uppercase() {
        'C' => {
            let negative = minus(zero(&digits, places));
            let pattern = if negative { culture.negative_money } else { culture.money };
            let amount = fixed(&digits, places, true, culture);
            fill(pattern, &amount, culture)
        }
        'F' => signed(fixed(&digits, places, false, culture), zero(&digits, places)),
        'N' => signed(fixed(&digits, places, true, culture), zero(&digits, places)),
        'P' => {
            let hundred = digits.shifted(2);
            let amount = fixed(&hundred, places, true, culture);
            signed(fill(culture.percent, &amount, culture), zero(&hundred, places))
        }
        'E' => exponential(&digits, precision.unwrap_or(6), letter, culture),
        'G' => general(value, precision.filter(|precision| *precision > 0), culture),
        'R' => general(value, None, culture),
        'D' | 'X' => {
            return whole_number(value, letter, precision.unwrap_or(0)).map(|text| local(&text, culture));
        }
        _ => {
            return Err(format!(
                "does not know the number format '{letter}'; known are C, D, E, F, G, N, P, R, X"
            ));
        }
    })
}

/// A pattern of money or percent with the amount in it.
fn fill(pattern: &str, amount: &str, culture: &Culture) -> String {
    let mut text = String::new();
    for c in pattern.chars() {
        match c {
            '#' => text.push_str(amount),
            '¤' => text.push_str(culture.currency),
            '-' => text.push_str(culture.minus),
            c => text.push(c),
        }
    }
    text
}

fn whole_number(value: Num, letter: char, width: usize) -> Result<String, String> {
    let Num::Int(value) = value else {
        return Err(format!("can use the format '{letter}' only with integers"));
    };
    Ok(match letter {
        'X' => format!("{value:0width$X}"),
        'x' => format!("{value:0width$x}"),
        _ => {
            let sign = if value < 0 { "-" } else { "" };
            format!("{sign}{:0width$}", value.unsigned_abs())
        }
    })
}

fn exponential(digits: &Digits, places: usize, letter: char, culture: &Culture) -> String {
    let places = places.min(MOST_DIGITS);
    let mut exponent = digits.exponent();
    let mut mantissa = digits.shifted(-exponent).rounded(places);
    if mantissa.whole.len() > 1 {
        exponent += 1;
        mantissa = mantissa.shifted(-1).rounded(places);
    }
    let whole = if mantissa.whole.is_empty() { "0" } else { &mantissa.whole };
    let point = if places > 0 { format!(".{}", mantissa.fraction) } else { String::new() };
    let (sign, power) = (if exponent < 0 { '-' } else { '+' }, exponent.unsigned_abs());
    let minus = if digits.negative && !digits.is_zero() { "-" } else { "" };
    local(&format!("{minus}{whole}{point}{letter}{sign}{power:03}"), culture)
}

fn general(value: Num, precision: Option<usize>, culture: &Culture) -> String {
    let text = match (value, precision) {
        (Num::Int(value), None) => value.to_string(),
        (Num::Float(value), None) => float_text(value),
        (Num::Decimal(value), None) => value.to_string(),
        (value, Some(precision)) => significant(&Digits::of(value), precision),
    };
    local(&text, culture)
}

/// A number in plain digits with the signs of the culture.
fn local(text: &str, culture: &Culture) -> String {
    let mut local = String::new();
    for c in text.chars() {
        match c {
            '.' => local.push(culture.decimal),
            '-' => local.push_str(culture.minus),
            c => local.push(c),
        }
    }
    local
}

/// `Gn`: n significant digits, with an exponent when the number is longer than that or below 0.0001.
fn significant(digits: &Digits, precision: usize) -> String {
    let precision = precision.min(MOST_DIGITS);
    let places = i64::try_from(precision).unwrap_or(0) - 1;
    let mantissa = digits.shifted(-digits.exponent()).rounded(usize::try_from(places).unwrap_or(0));
    let exponent = digits.exponent() + i64::from(mantissa.whole.len() > 1);
    let minus = if digits.negative && !digits.is_zero() { "-" } else { "" };
    let trim = |whole: &str, fraction: &str| {
        let fraction = fraction.trim_end_matches('0');
        let whole = if whole.is_empty() { "0" } else { whole };
        if fraction.is_empty() { whole.to_owned() } else { format!("{whole}.{fraction}") }
    };
    if exponent > places || exponent < -5 {
        let mantissa = if mantissa.whole.len() > 1 { mantissa.shifted(-1) } else { mantissa };
        let sign = if exponent < 0 { '-' } else { '+' };
        let power = exponent.unsigned_abs();
        return format!("{minus}{}E{sign}{power:02}", trim(&mantissa.whole, &mantissa.fraction));
    }
    let rounded = digits.rounded(usize::try_from(places - exponent).unwrap_or(0));
    format!("{minus}{}", trim(&rounded.whole, &rounded.fraction))
}
