//! Telephone numbers in one form: digits, the country code in front where one was written.

use super::text::push_numeral;

/// Words that begin an extension, in the languages of the program.
const EXTENSIONS: [&str; 20] = [
    "x",
    "ext",
    "extn",
    "extension",
    "poste",
    "доб",
    "добавочный",
    "вн",
    "внутр",
    "вътр",
    "вътрешен",
    "ішкі",
    "қос",
    "extensión",
    "anexo",
    "interno",
    "int",
    "interior",
    "luz",
    "luzapena",
];

/// Digits of a number that is complete: letters after them are a remark, not part of it.
const COMPLETE: usize = 7;

/// Writes the digits of a number and returns whether it has a country code.
///
/// An extension (`x123`, `ext. 123`, `доб. 5`, `內線 5`) is left out, and so are words before the number and after a
/// complete one. The zeros that lead a country code (`+01`, `001`) do not count, nor does the `(0)` after it; any other
/// leading zero belongs to the number. A number with a country code is not the same as one without. Letters inside a
/// number (`1-800-FLOWERS`) are the digits of their keys (ITU-T E.161).
pub(super) fn write(value: &str, to: &mut String) -> bool {
    let before = to.len();
    let mut plus = false;
    let mut at = 0;
    while let Some(byte) = value.as_bytes().get(at) {
        match byte {
            b'0'..=b'9' => to.push(char::from(*byte)),
            b'+' => plus |= to.len() == before,
            b'(' if plus && to.len() > before && value.get(at..).is_some_and(|it| it.starts_with("(0)")) => {
                at += 2
            }
            b'a'..=b'z' | b'A'..=b'Z' | 0x80.. => {
                let rest = value.get(at..).unwrap_or_default();
                plus |= rest.starts_with('＋') && to.len() == before;
                match push_other(rest, to.len() - before, to) {
                    0 => break,
                    read => at += read - 1,
                }
            }
            _ => {}
        }
        at += 1;
    }
    let number = to.get(before..).unwrap_or_default();
    let international = plus || number.starts_with("00");
    if international {
        let zeros = number.len() - number.trim_start_matches('0').len();
        to.drain(before..before + zeros);
    }
    international
}

/// Reads what a text begins with, a word or a character that is not ASCII, after some digits of a number. Returns its
/// length in bytes; 0 where the number has ended.
fn push_other(text: &str, digits: usize, to: &mut String) -> usize {
    let word = word(text);
    if word.is_empty() {
        let c = text.chars().next().unwrap_or_default();
        if c.is_numeric() {
            push_digits(c, to);
        }
        return c.len_utf8();
    }
    if digits > 0 && (is_extension(word) || digits >= COMPLETE) {
        return 0;
    }
    if digits > 0 {
        to.extend(word.chars().filter_map(key));
    }
    word.len()
}

/// The letters at the start of a text.
fn word(text: &str) -> &str {
    let end = text.find(|c: char| !c.is_alphabetic() || c.is_numeric()).unwrap_or(text.len());
    text.get(..end).unwrap_or_default()
}

fn is_extension(word: &str) -> bool {
    let same = |it: &&str| word.chars().flat_map(char::to_lowercase).eq(it.chars());
    EXTENSIONS.iter().any(same)
        || ["內線", "内线", "分機", "分机", "轉"].iter().any(|it| word.starts_with(it))
}

fn push_digits(c: char, to: &mut String) {
    let mut digits = String::new();
    push_numeral(c, &mut digits);
    if digits.bytes().all(|byte| byte.is_ascii_digit()) {
        to.push_str(&digits);
    }
}

/// The key of a letter on a telephone.
fn key(letter: char) -> Option<char> {
    Some(match letter.to_ascii_lowercase() {
        'a'..='c' => '2',
        'd'..='f' => '3',
        'g'..='i' => '4',
        'j'..='l' => '5',
        'm'..='o' => '6',
        'p'..='s' => '7',
        't'..='v' => '8',
        'w'..='z' => '9',
        _ => return None,
    })
}

/// Country codes of two digits (ITU-T E.164, annex: list of assigned country codes). Those that begin with 1 or 7 have
/// one digit, all others three.
const TWO_DIGITS: [&str; 44] = [
    "20", "27", "30", "31", "32", "33", "34", "36", "39", "40", "41", "43", "44", "45", "46", "47", "48",
    "49", "51", "52", "53", "54", "55", "56", "57", "58", "60", "61", "62", "63", "64", "65", "66", "81",
    "82", "84", "86", "90", "91", "92", "93", "94", "95", "98",
];

/// Country codes that are also written without `+` or `00`, and how many digits then follow.
const BARE_CODES: [(&str, &[usize]); 7] =
    [("359", &[8, 9]), ("852", &[8]), ("40", &[9]), ("34", &[9]), ("44", &[10]), ("7", &[10]), ("1", &[10])];

/// Writes the digits of a number within its country, for comparisons in which a missing country code is no
/// difference: `+7 701 555 01 00`, `8 (701) 555-01-00` and `701 555 01 00` are the same. Numbers of two countries can
/// become the same, so it is one sign among others and no identity.
pub(crate) fn write_national(value: &str, to: &mut String) {
    let before = to.len();
    let international = write(value, to);
    let number = to.get(before..).unwrap_or_default();
    let kept = if international { after_code(number) } else { after_prefix(number) };
    to.drain(before..before + (number.len() - kept.len()));
}

fn after_code(number: &str) -> &str {
    let digits = match number.as_bytes().first() {
        Some(b'1' | b'7') => 1,
        _ if TWO_DIGITS.iter().any(|code| number.starts_with(code)) => 2,
        _ => 3,
    };
    number.get(digits..).map_or(number, |rest| rest.trim_start_matches('0'))
}

/// A number without the trunk prefix: `0` in most countries, `8` before ten digits in Kazakhstan and Russia.
fn after_prefix(number: &str) -> &str {
    let number = number.trim_start_matches('0');
    for (code, lengths) in BARE_CODES {
        if let Some(rest) = number.strip_prefix(code).filter(|rest| lengths.contains(&rest.len())) {
            return rest;
        }
    }
    number.strip_prefix('8').filter(|rest| rest.len() == 10).unwrap_or(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digits(value: &str) -> String {
        let mut to = String::new();
        write(value, &mut to);
        to
    }

    fn national(value: &str) -> String {
        let mut to = String::from("-");
        write_national(value, &mut to);
        to.split_off(1)
    }

    #[test]
    fn numbers_of_every_way_of_writing_become_digits() {
        for (value, expected) in [
            ("+1 (555) 010-0000", "15550100000"),
            ("+01-555-0100000", "15550100000"),
            ("001 555 0100000", "15550100000"),
            ("＋1 555 0100000", "15550100000"),
            ("555.010.0000", "5550100000"),
            ("020 7946 0958", "02079460958"),
            ("+44 (0)20 7946 0958", "442079460958"),
            ("Tel. +٣٣ 1 42", "33142"),
            ("tel:+1-555-010-0000;ext=7", "15550100000"),
            ("1-800-FLOWERS", "18003569377"),
            ("555 010 0000 (home)", "5550100000"),
            ("none", ""),
            ("+", ""),
            ("", ""),
        ] {
            assert_eq!(digits(value), expected, "{value:?}");
        }
    }

    #[test]
    fn an_extension_is_left_out_in_every_language() {
        for extension in [
            "x123",
            " X 123",
            " ext. 123",
            " extension 123",
            " доб. 123",
            " ДОБ 123",
            " вътр. 123",
            " ішкі 123",
            " luz. 123",
            " int. 123",
            " 內線 123",
            "轉123",
            " Extensión 123",
        ] {
            assert_eq!(digits(&format!("983.566.0706{extension}")), "9835660706", "{extension:?}");
            assert_eq!(digits(&format!("566 070{extension}")), "566070", "{extension:?}");
        }
    }

    #[test]
    fn numbers_of_one_country_are_the_same_with_and_without_its_code() {
        for group in [
            &["+7 701 555 01 00", "8 (701) 555-01-00", "701 555 01 00", "7 701 555 01 00", "007 701 5550100"]
                [..],
            &["+359 88 555 0100", "088 555 0100", "359885550100", "00359 (0)88 555 0100"],
            &["+40 721 555 010", "0721 555 010", "40721555010"],
            &["+34 945 555 010", "945 555 010", "0034945555010"],
            &["+852 2555 0100", "2555 0100", "85225550100"],
            &["+1 983 566 0706x9509", "983.566.0706", "1-983-566-0706", "+01 983 566 0706"],
            &["+44 (0)20 7946 0958", "020 7946 0958"],
        ] {
            let forms: Vec<String> = group.iter().map(|value| national(value)).collect();
            assert!(forms.windows(2).all(|pair| pair[0] == pair[1]), "{group:?}: {forms:?}");
        }
    }
}
