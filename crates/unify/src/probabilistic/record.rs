//! One record as it is compared: 128 bytes, every value normalised and in its place.

use crate::definition::SignalKind;

use super::column::Value;
use super::text::{self, Joined, Plain};
use super::usual::{Usual, is_usual, nick};
use super::{hash, slot};
use crate::normalize::Variants;

/// A record in the form in which pairs are compared. Zeros are missing values.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
#[repr(C, align(64))]
pub(crate) struct Record {
    /// Given names, letters only.
    pub(crate) first: [u8; 16],
    /// Family name, letters only.
    pub(crate) last: [u8; 16],
    /// E-mail address before the `@`.
    pub(crate) user: [u8; 24],
    /// House number, then street.
    pub(crate) street: [u8; 32],
    /// Telephone number, four bits a digit.
    pub(crate) phone: u64,
    /// Postal code, letters and digits.
    pub(crate) postal: [u8; 8],
    /// How rare the record's values are: four bits for each comparison.
    pub(crate) rarity: u64,
    /// Hash of the e-mail address after the `@`.
    pub(crate) domain: u32,
    /// Hash of the town.
    pub(crate) city: u32,
    /// Year, month and day: `year * 16384 + month * 128 + day`.
    pub(crate) birth: u32,
    /// Hash of the name that the first given name stands for.
    pub(crate) nick: u32,
}

/// A value that is compared as a whole: identifiers, categories, other texts.
pub(crate) type Extra = [u8; 32];

/// Where a value goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Person(SignalKind),
    /// The number of an extra, and whether blanks are kept.
    Extra(usize, SignalKind),
}

/// Reads values into records.
#[derive(Debug)]
pub(crate) struct Reader {
    plain: Plain,
    joined: Joined,
    names: &'static Variants,
    addresses: &'static Variants,
    usual: Usual,
}

impl Reader {
    pub(crate) fn new() -> Self {
        Self {
            plain: Plain::new(),
            joined: Joined::new(),
            names: crate::normalize::name_variants(),
            addresses: crate::normalize::address_variants(),
            usual: Usual::new(),
        }
    }

    /// Values of a dictionary, where that saves work.
    pub(crate) fn usual(&mut self, place: Place) -> Option<(SignalKind, &mut Usual)> {
        match place {
            Place::Person(kind) if is_usual(kind) => Some((kind, &mut self.usual)),
            _ => None,
        }
    }

    /// Takes a value. Of several values for one place the first counts; parts of a street are put together.
    pub(crate) fn read(&mut self, place: Place, value: Value<'_>, to: &mut Record, extras: &mut [Extra]) {
        if value == Value::Missing {
            return;
        }
        match place {
            Place::Person(SignalKind::BirthDate) => to.birth = birth(value),
            Place::Person(kind) => with_text(value, |text| self.person(kind, text, to)),
            Place::Extra(number, kind) => {
                if let Some(extra) = extras.get_mut(number) {
                    with_text(value, |text| self.extra(kind, text, extra));
                }
            }
        }
    }

    fn person(&mut self, kind: SignalKind, text: &str, to: &mut Record) {
        match kind {
            SignalKind::Email => email(text, to),
            SignalKind::Phone => to.phone = text::phone(text),
            SignalKind::FullName => self.full_name(text, to),
            SignalKind::Street => self.street(text, to),
            _ if is_usual(kind) => self.usual.read(kind, text, to),
            _ => {}
        }
    }

    /// Splits a whole name: the last word, or what stands before a comma, is the family name.
    fn full_name(&mut self, text: &str, to: &mut Record) {
        let comma = text.bytes().take(64).position(|byte| byte == b',');
        if let Some((last, first)) = comma.and_then(|at| Some((text.get(..at)?, text.get(at + 1..)?))) {
            self.person(SignalKind::LastName, last, to);
            return self.person(SignalKind::FirstName, first, to);
        }
        self.plain.fold(text);
        let count = self.plain.words().count();
        let first = text::name(self.plain.words().take(count.saturating_sub(1)), &mut self.joined);
        to.nick = first.map_or(0, |first| nick(first, self.names));
        to.first = slot::slot(self.joined.get());
        text::name(self.plain.words().skip(count.saturating_sub(1)), &mut self.joined);
        to.last = slot::slot(self.joined.get());
    }

    fn street(&mut self, text: &str, to: &mut Record) {
        self.plain.fold(text);
        let before = to.street;
        let before = before.get(..slot::len(&before)).unwrap_or(&[]);
        let words = before.split(|byte| *byte == b' ').chain(self.plain.words()).filter(|it| !it.is_empty());
        text::street(words, self.addresses, &mut self.joined);
        to.street = slot::slot(self.joined.get());
    }

    fn extra(&mut self, kind: SignalKind, text: &str, to: &mut Extra) {
        self.plain.fold(text);
        self.joined.clear();
        for word in self.plain.words() {
            if kind == SignalKind::Text { self.joined.push_word(word) } else { self.joined.push(word) }
        }
        *to = slot::slot(self.joined.get());
    }
}

/// Numbers are compared by their digits, dates by theirs.
fn with_text(value: Value<'_>, mut take: impl FnMut(&str)) {
    match value {
        Value::Missing => {}
        Value::Text(text) => take(text),
        Value::Int(number) | Value::Date(number) => take(&number.to_string()),
    }
}

pub(crate) fn postal<'a>(words: impl Iterator<Item = &'a [u8]>) -> [u8; 8] {
    let mut joined = Joined::new();
    words.for_each(|word| joined.push(word));
    let code = joined.get();
    // The four digits after an American code say which side of the street.
    let short = if code.len() == 9 && code.iter().all(u8::is_ascii_digit) { code.get(..5) } else { None };
    slot::slot(short.unwrap_or(code))
}

fn email(text: &str, to: &mut Record) {
    let text = text.trim().as_bytes();
    let text = text.get(..text.len().min(128)).unwrap_or(&[]);
    let at = text.iter().rposition(|byte| *byte == b'@').unwrap_or(text.len());
    let (user, domain) = text.split_at_checked(at).unwrap_or((text, &[]));
    let mut joined = Joined::new();
    for byte in user.iter().take_while(|byte| **byte != b'+') {
        // Blanks are mistakes, and most services take no notice of full stops.
        if !matches!(byte, b'.' | b' ') {
            joined.push_byte(byte.to_ascii_lowercase());
        }
    }
    to.user = slot::slot(joined.get());
    let domain = domain.get(1..).unwrap_or(&[]);
    let hash = domain.iter().fold(0u64, |hash, byte| {
        (hash ^ u64::from(byte.to_ascii_lowercase())).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(23)
    });
    to.domain = if domain.is_empty() { 0 } else { hash::nonzero(hash::mix(hash)) };
}

/// Year, month and day in one number; 0 for what is no date. Parts that no calendar has are kept: a slip of the
/// pen still agrees with the other parts.
fn birth(value: Value<'_>) -> u32 {
    match value {
        Value::Date(days) => civil(days),
        Value::Int(number @ 10_000_101..=29_991_231) => packed(number as u32),
        Value::Text(text) => date_of_text(text),
        Value::Missing | Value::Int(_) => 0,
    }
}

fn packed(digits: u32) -> u32 {
    date(digits / 10_000, digits / 100 % 100, digits % 100)
}

fn date(year: u32, month: u32, day: u32) -> u32 {
    year * 16_384 + month * 128 + day
}

/// Digits in three groups, the year where four stand together; or eight digits. Between month and day the larger
/// than twelve is the day; if none is, the month comes first.
fn date_of_text(text: &str) -> u32 {
    let mut parts = [(0u32, 0u32); 3];
    let mut part = 0;
    let mut inside = false;
    for byte in text.bytes().take(32) {
        if byte.is_ascii_digit() {
            let Some((value, digits)) = parts.get_mut(part) else { break };
            *value = value.saturating_mul(10).saturating_add(u32::from(byte - b'0'));
            *digits += 1;
            inside = true;
        } else if inside {
            part += 1;
            inside = false;
        }
    }
    match parts {
        [(digits, 8), (0, 0), _] => packed(digits),
        [(year, 4), (month, 1..=2), (day, 1..=2)] => date(year, month, day),
        [(a, 1..=2), (b, 1..=2), (year, 4)] if a > 12 => date(year, b, a),
        [(a, 1..=2), (b, 1..=2), (year, 4)] => date(year, a, b),
        _ => 0,
    }
}

/// The day of the calendar from days since 1970 (Hinnant, "chrono-compatible low-level date algorithms").
fn civil(days: i64) -> u32 {
    let Some(days) = days.checked_add(719_468).filter(|days| (0..4_000_000).contains(days)) else { return 0 };
    let era = days / 146_097;
    let of_era = days % 146_097;
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    date(year as u32, month as u32, day as u32)
}

/// Year, month and day of a packed date.
pub(crate) fn parts(birth: u32) -> (u32, u32, u32) {
    (birth / 16_384, birth / 128 % 128, birth % 128)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_takes_two_cache_lines() {
        assert_eq!(size_of::<Record>(), 128);
    }

    #[test]
    fn dates_are_read_in_any_usual_form() {
        let expected = date(1984, 2, 29);
        assert_eq!(birth(Value::Date(5_172)), expected);
        for text in ["1984-02-29", "19840229", "29.2.1984", "2/29/1984", "1984-02-29T00:00:00Z"] {
            assert_eq!(birth(Value::Text(text)), expected, "{text}");
        }
        assert_eq!(birth(Value::Int(19_840_229)), expected);
        assert_eq!(birth(Value::Date(i64::MAX)), 0);
        assert_eq!(birth(Value::Text("29 February")), 0);
        assert_eq!(parts(expected), (1984, 2, 29));
    }

    #[test]
    fn values_come_in_plain_form() {
        let mut reader = Reader::new();
        let mut record = Record::default();
        let mut read =
            |kind, text: &str| reader.read(Place::Person(kind), Value::Text(text), &mut record, &mut []);
        read(SignalKind::FullName, "Dr. Debby K. O'Neil");
        read(SignalKind::Street, "Apt 4b, North Main Street 12");
        read(SignalKind::PostalCode, "01234-5678");
        read(SignalKind::Email, " Debby.ONeil+news@Example.org ");
        assert_eq!(record.first, slot::slot(b"debby"));
        assert_eq!(record.last, slot::slot(b"oneil"));
        assert_eq!(record.street, slot::slot(b"4b n main st 12"));
        assert_eq!(record.postal, slot::slot(b"01234"));
        assert_eq!(record.user, slot::slot(b"debbyoneil"));
        let nick = record.nick;
        reader.read(Place::Person(SignalKind::FirstName), Value::Text("Deborah"), &mut record, &mut []);
        assert_eq!(record.nick, nick);
    }
}
