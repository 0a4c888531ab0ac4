//! Normalizations of single characters: lower case, numerals, ASCII, symbols, white space, and Unicode's composed form.

use deunicode::deunicode_char;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

const SPACE: u8 = 1;
const SYMBOL: u8 = 2;

/// What each ASCII character is.
const CLASSES: [u8; 256] = {
    let mut classes = [0; 256];
    let mut at = 0;
    while at < 128 {
        let byte = at as u8;
        classes[at] = if matches!(byte, 9..=13 | b' ') {
            SPACE
        } else if byte.is_ascii_alphanumeric() {
            0
        } else {
            SYMBOL
        };
        at += 1;
    }
    classes
};

/// Whether an ASCII character is white space.
pub(super) fn is_ascii_space(byte: u8) -> bool {
    CLASSES[usize::from(byte)] == SPACE
}

/// Whether an ASCII character is neither letter nor digit nor white space.
pub(super) fn is_ascii_symbol(byte: u8) -> bool {
    CLASSES[usize::from(byte)] == SYMBOL
}

/// Takes symbols or white space out of an ASCII text, in place.
pub(super) fn strip_ascii(text: &mut String, symbols: bool, spaces: bool) {
    let out = if symbols { SYMBOL } else { 0 } | if spaces { SPACE } else { 0 };
    let goes = |byte: u8| CLASSES[usize::from(byte)] & out != 0;
    let Some(first) = text.bytes().position(goes) else { return };
    let mut bytes = std::mem::take(text).into_bytes();
    let mut kept = first;
    for at in first..bytes.len() {
        // Without a branch: what goes is overwritten by what follows.
        let byte = bytes[at];
        bytes[kept] = byte;
        kept += usize::from(!goes(byte));
    }
    bytes.truncate(kept);
    *text = String::from_utf8(bytes).unwrap_or_default();
}

/// Writes `from` in Unicode's composed form (NFC), in which texts that look and mean the same are the same.
pub(super) fn compose(from: &str, to: &mut String) {
    if is_composed(from) {
        to.push_str(from);
    } else {
        to.extend(from.nfc());
    }
}

/// Whether a text is surely in composed form, told by ranges of characters that never change and never combine.
pub(super) fn is_composed(text: &str) -> bool {
    text.is_ascii() || text.chars().all(is_settled)
}

fn is_settled(c: char) -> bool {
    matches!(c,
        '\0'..='\u{2FF}' // Latin
        | '\u{391}'..='\u{3FF}' // Greek
        | '\u{400}'..='\u{482}' | '\u{48A}'..='\u{556}' // Cyrillic, Armenian
        | '\u{2010}'..='\u{2027}' | '\u{20A0}'..='\u{20B5}' // punctuation, money
        | '\u{3001}'..='\u{3029}' | '\u{3041}'..='\u{3096}' | '\u{30A1}'..='\u{30FA}' // Kana
        | '\u{4E00}'..='\u{9FFF}' // Han
        | '\u{FF01}'..='\u{FF5E}' // full width
    )
}

/// Lower case, letter by letter. The Greek sigma has one form wherever it stands, and the dotted capital I becomes a
/// plain i, so that lower case never adds a character. The dotless i stays what it is.
pub(super) fn push_lower(from: &str, to: &mut String) {
    if from.is_ascii() {
        let start = to.len();
        to.push_str(from);
        if let Some(new) = to.get_mut(start..) {
            new.make_ascii_lowercase();
        }
        return;
    }
    for c in from.chars() {
        match c {
            'İ' => to.push('i'),
            'ς' => to.push('σ'),
            _ => to.extend(c.to_lowercase()),
        }
    }
}

/// A symbol is what is no letter, digit, mark on a letter, or white space. So an emoji is one.
pub(super) fn is_symbol(c: char) -> bool {
    if c.is_ascii() {
        return CLASSES[c as usize] == SYMBOL;
    }
    !(c.is_alphanumeric() || is_combining_mark(c) || c.is_whitespace())
}

/// White space, and the characters that take no room at all: joiners, marks of direction, soft hyphens.
pub(super) fn is_space(c: char) -> bool {
    c.is_whitespace()
        || matches!(c, '\u{AD}' | '\u{61C}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2064}')
        || matches!(c, '\u{2066}'..='\u{2069}' | '\u{FEFF}')
}

/// Number symbols (`٣`, `③`, `²`) and the characters for Roman numerals (`Ⅷ`) as digits. Letters that merely look
/// like a Roman numeral (`XIV`) stay, and so do numbers that are no whole number (`½`).
pub(super) fn push_numeral(c: char, to: &mut String) {
    if c.is_ascii() || !c.is_numeric() {
        to.push(c);
    } else if let Some(number) = roman(c) {
        to.push_str(number);
    } else {
        match deunicode_char(c) {
            Some(digits) if !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) => {
                to.push_str(digits);
            }
            _ => to.push(c),
        }
    }
}

/// The value of a character of Unicode's block of Roman numerals, U+2160 to U+217F.
fn roman(c: char) -> Option<&'static str> {
    const VALUES: [&str; 16] =
        ["1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "50", "100", "500", "1000"];
    let place = match c {
        '\u{2160}'..='\u{217F}' => u32::from(c) & 15,
        _ => return None,
    };
    VALUES.get(place as usize).copied()
}

/// Letters without accents and in plain form (`à`, `Ⓐ`, `Ａ`), other scripts in Latin letters. What has no ASCII form
/// stays as it is.
pub(super) fn push_ascii(from: &str, to: &mut String) {
    if from.is_ascii() {
        to.push_str(from);
        return;
    }
    for c in from.chars() {
        match plain(c) {
            Some(plain) if c.is_alphabetic() => push_letters(plain, to),
            Some(plain) => to.push_str(plain),
            None => to.push(c),
        }
    }
}

/// The ASCII form of a character: that of the table of `deunicode`, but in Kazakh and Bulgarian as these languages
/// write themselves in Latin letters.
fn plain(c: char) -> Option<&'static str> {
    match c {
        'Ә' | 'Ъ' | 'Ə' => Some("A"),
        'ә' | 'ъ' | 'ə' => Some("a"),
        'Ь' | 'ь' => Some(""),
        _ => deunicode_char(c),
    }
}

/// Writes what stands for a letter: signs beside letters (`k'`) are no part of a word.
fn push_letters(plain: &str, to: &mut String) {
    let is_sign = |c: char| !(c.is_ascii_alphanumeric() || c == ' ');
    if plain.contains(is_sign) && plain.contains(|c| !is_sign(c)) {
        to.extend(plain.chars().filter(|c| !is_sign(*c)));
    } else {
        to.push_str(plain);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use unicode_normalization::char::canonical_combining_class;
    use unicode_normalization::{IsNormalized, is_nfc_quick};

    #[test]
    fn settled_characters_are_composed_whatever_stands_beside_them() {
        for c in ('\0'..=char::MAX).filter(|c| is_settled(*c)) {
            assert_eq!(is_nfc_quick(std::iter::once(c)), IsNormalized::Yes, "{c:?}");
            assert_eq!(canonical_combining_class(c), 0, "{c:?}");
        }
    }

    #[test]
    fn the_classes_of_ascii_agree_with_unicode() {
        for byte in 0..128u8 {
            let c = char::from(byte);
            assert_eq!(is_ascii_space(byte), c.is_whitespace(), "{c:?}");
            assert_eq!(is_symbol(c), !(c.is_alphanumeric() || c.is_whitespace()), "{c:?}");
        }
    }

    #[test]
    fn dotted_and_dotless_i_and_both_sigmas_lower_to_one_letter_each() {
        let lower = |text| {
            let mut out = String::new();
            push_lower(text, &mut out);
            out
        };
        assert_eq!(lower("İIıi ẞß ΟΔΟΣ οδος"), "iiıi ßß οδοσ οδοσ");
    }
}
