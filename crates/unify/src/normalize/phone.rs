//! Telephone numbers in one form: digits, the country code in front where one was written.

use super::push_numeral;

/// Words that begin an extension.
const EXTENSIONS: [&str; 5] = ["x", "ext", "extn", "extension", "poste"];

/// Writes the digits of a number.
///
/// An extension (`x123`, `ext. 123`) is left out, and so is everything before the number. The zeros that lead a
/// country code (`+01`, `001`) do not count; any other leading zero belongs to the number. A number with a country
/// code is not the same as one without. Letters inside a number (`1-800-FLOWERS`) are part of it, in lower case:
/// without them unlike numbers would become alike.
pub(super) fn write(value: &str, to: &mut String) {
    let mut plain = String::with_capacity(value.len());
    value.chars().for_each(|c| push_numeral(c, &mut plain));
    let Some(start) = plain.find(|c: char| c.is_ascii_digit() || c == '+') else { return };
    let number = plain.get(start..).unwrap_or_default();
    let before = to.len();
    let mut letters = String::new();
    for c in number.chars() {
        if c.is_alphabetic() {
            letters.extend(c.to_lowercase());
            continue;
        }
        if EXTENSIONS.contains(&letters.as_str()) {
            letters.clear();
            break;
        }
        to.push_str(&letters);
        letters.clear();
        if c.is_ascii_digit() {
            to.push(c);
        }
    }
    if !EXTENSIONS.contains(&letters.as_str()) {
        to.push_str(&letters);
    }
    let international = number.starts_with('+') || to.get(before..).is_some_and(|it| it.starts_with("00"));
    while international && to.get(before..).is_some_and(|it| it.starts_with('0')) {
        to.remove(before);
    }
    if !to.get(before..).is_some_and(|it| it.contains(|c: char| c.is_ascii_digit())) {
        to.truncate(before);
    }
}
