//! Values in one plain form: small ASCII letters and digits, one blank between words.

use deunicode::deunicode_char;

use super::words::stands_for;
use crate::normalize::Variants;

/// Bytes of a value that are looked at; a value that differs only beyond them counts as equal.
const READ: usize = 256;
/// Bytes that a plain form may have.
const ROOM: usize = 128;

/// A buffer for the plain form of one value after the other.
#[derive(Debug)]
pub(crate) struct Plain {
    bytes: [u8; ROOM],
    len: usize,
}

/// What becomes of an ASCII byte: 0 drops it, a blank separates words.
const ASCII: [u8; 128] = ascii();

const fn ascii() -> [u8; 128] {
    let mut table = [b' '; 128];
    let mut byte = 0;
    while byte < 128 {
        let at = byte as u8;
        if at.is_ascii_alphanumeric() {
            table[byte] = at.to_ascii_lowercase();
        } else if at == b'\'' || at == b'.' || at == b'`' {
            table[byte] = 0;
        }
        byte += 1;
    }
    table
}

impl Plain {
    pub(crate) fn new() -> Self {
        Self { bytes: [0; ROOM], len: 0 }
    }

    pub(crate) fn get(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or(&[])
    }

    /// The words of the plain form.
    pub(crate) fn words(&self) -> impl Iterator<Item = &[u8]> + Clone {
        self.get().split(|byte| *byte == b' ').filter(|word| !word.is_empty())
    }

    /// Takes the plain form of a value.
    pub(crate) fn fold(&mut self, text: &str) {
        self.len = 0;
        let bytes = text.as_bytes();
        let start = bytes.get(..bytes.len().min(READ)).unwrap_or(&[]);
        // As if a blank stood before: so none comes first.
        let mut last = b' ';
        let ascii = start.iter().position(|byte| !byte.is_ascii()).unwrap_or(start.len());
        for byte in start.iter().take(ascii) {
            let plain = ASCII.get(usize::from(*byte)).copied().unwrap_or(b' ');
            self.push(plain, &mut last);
        }
        for char in text.get(ascii..).unwrap_or_default().chars().take(READ - ascii) {
            for byte in deunicode_char(char).unwrap_or(" ").bytes() {
                self.push(ASCII.get(usize::from(byte)).copied().unwrap_or(b' '), &mut last);
            }
        }
        if last == b' ' {
            self.len = self.len.saturating_sub(1);
        }
    }

    /// Adds a byte of the plain form; blanks are neither first nor double.
    fn push(&mut self, byte: u8, last: &mut u8) {
        if byte == 0 || (byte == b' ' && *last == b' ') {
            return;
        }
        if let Some(room) = self.bytes.get_mut(self.len) {
            *room = byte;
            self.len += 1;
            *last = byte;
        }
    }
}

/// A few bytes put together from words.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Joined {
    bytes: [u8; ROOM],
    len: usize,
}

impl Joined {
    pub(crate) fn new() -> Self {
        Self { bytes: [0; ROOM], len: 0 }
    }

    pub(crate) fn clear(&mut self) {
        self.len = 0;
    }

    pub(crate) fn get(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or(&[])
    }

    pub(crate) fn push(&mut self, word: &[u8]) {
        let end = (self.len + word.len()).min(ROOM);
        if let Some(room) = self.bytes.get_mut(self.len..end) {
            room.copy_from_slice(word.get(..end - self.len).unwrap_or(&[]));
        }
        self.len = end;
    }

    pub(crate) fn push_byte(&mut self, byte: u8) {
        if let Some(room) = self.bytes.get_mut(self.len) {
            *room = byte;
            self.len += 1;
        }
    }

    pub(crate) fn push_word(&mut self, word: &[u8]) {
        if self.len > 0 {
            self.push(b" ");
        }
        self.push(word);
    }
}

/// Words that say nothing about who is meant.
fn is_title(word: &[u8]) -> bool {
    matches!(
        word,
        b"mr"
            | b"mrs"
            | b"ms"
            | b"miss"
            | b"mx"
            | b"dr"
            | b"prof"
            | b"sir"
            | b"jr"
            | b"sr"
            | b"ii"
            | b"iii"
            | b"iv"
            | b"phd"
            | b"md"
            | b"esq"
    )
}

/// Writes a name without titles and blanks; single letters are left out beside longer words. Gives the first word.
pub(crate) fn name<'a>(words: impl Iterator<Item = &'a [u8]> + Clone, to: &mut Joined) -> Option<&'a [u8]> {
    to.clear();
    let longest = words.clone().filter(|word| !is_title(word)).map(<[u8]>::len).max()?;
    let mut first = None;
    for word in words.filter(|word| !is_title(word) && (word.len() > 1 || longest == 1)) {
        first = first.or(Some(word));
        to.push(word);
    }
    first
}

/// Writes street and house number: usual words shortened, the number in front, no words for flats.
pub(crate) fn street<'a>(
    words: impl Iterator<Item = &'a [u8]> + Clone,
    variants: &'static Variants,
    to: &mut Joined,
) {
    to.clear();
    let is_number = |word: &[u8]| word.first().is_some_and(u8::is_ascii_digit);
    let number = words.clone().position(is_number);
    if let Some(number) = number.and_then(|at| words.clone().nth(at)) {
        to.push(number);
    }
    for (at, word) in words.enumerate() {
        let word = stands_for(variants, word).unwrap_or(word);
        let of_flat = matches!(word, b"apt" | b"unit" | b"flat" | b"ste" | b"no" | b"nr" | b"number");
        if Some(at) != number && !of_flat {
            to.push_word(word);
        }
    }
}

/// The last 16 digits of a telephone number, four bits each, the last digit lowest, without prefixes for countries
/// as far as they can be told: only the last ten digits count. 0 for what is no number.
pub(crate) fn phone(text: &str) -> u64 {
    let mut digits = 0u64;
    let (mut count, mut same) = (0u32, true);
    let mut last = None;
    for byte in text.bytes().take(READ) {
        match byte {
            b'0'..=b'9' => {
                same &= last.is_none_or(|last| last == byte);
                last = Some(byte);
                digits = (digits << 4) | u64::from(byte - b'0');
                count += 1;
            }
            b'x' | b'X' | b'e' | b'E' if count >= 7 => break,
            _ => {}
        }
    }
    if count < 6 || same {
        return 0;
    }
    // A first digit of ten may be a zero: the mark above keeps lengths apart.
    (digits & 0xff_ffff_ffff) | (1 << 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(text: &str) -> String {
        let mut plain = Plain::new();
        plain.fold(text);
        String::from_utf8(plain.get().to_vec()).unwrap()
    }

    #[test]
    fn values_of_any_script_become_small_ascii_letters() {
        assert_eq!(plain("  O'Neil-SMITH,  Jr. "), "oneil smith jr");
        assert_eq!(plain("Łódź Straße"), "lodz strasse");
        assert_eq!(plain("Мария"), "mariia");
        assert_eq!(plain("\u{1F600}\u{202E}"), "grinning");
        assert_eq!(plain(""), "");
        assert!(plain(&"ж".repeat(10_000_000)).len() <= ROOM);
    }

    #[test]
    fn telephone_numbers_are_their_last_ten_digits() {
        assert_eq!(phone("+1 (555) 010-0000 ext. 12"), phone("555.010.0000"));
        assert_eq!(phone("+44 20 7946 0958"), phone("020 7946 0958"));
        assert_ne!(phone("5550100001"), phone("5550100000"));
        assert_eq!(phone("0000000000"), 0);
        assert_eq!(phone("none"), 0);
    }

    #[test]
    fn names_lose_titles_and_middle_letters() {
        let name = |text: &str| {
            let mut plain = Plain::new();
            plain.fold(text);
            let mut joined = Joined::new();
            let first = name(plain.words(), &mut joined).map(<[u8]>::to_vec).unwrap_or_default();
            (String::from_utf8(joined.get().to_vec()).unwrap(), String::from_utf8(first).unwrap())
        };
        assert_eq!(name("Dr. Anna-Maria K."), ("annamaria".into(), "anna".into()));
        assert_eq!(name("J."), ("j".into(), "j".into()));
        assert_eq!(name("Mr"), (String::new(), String::new()));
    }
}
