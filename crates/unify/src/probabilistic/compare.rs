//! How two records agree: one level for each comparison, four bits each, in one code.

use serde::{Deserialize, Serialize};

use super::hash;
use super::record::{Extra, Record, parts};
use super::slot::{is_empty, jaro_winkler, len, one_edit};

/// One thing that two records are compared by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Comparison {
    /// Given names.
    First,
    /// Family names.
    Last,
    /// E-mail addresses.
    Email,
    /// Telephone numbers.
    Phone,
    /// Street, town and postal code together: they agree together.
    Address,
    /// Dates of birth.
    Birth,
    /// An identifier, by its number among the extra values.
    Identifier(usize),
    /// A text, by its number among the extra values.
    Text(usize),
    /// A word of a short list, by its number among the extra values.
    Category(usize),
}

/// A value is missing on a side: the comparison says nothing.
pub(crate) const MISSING: u8 = 0;
/// Equal values: this level and the following ones, the commonest values first.
pub(crate) const EXACT: u8 = 1;
/// How many levels of equal values there are.
pub(crate) const RARITIES: u8 = 6;
/// The first level of values that are not equal.
pub(crate) const UNEQUAL: u8 = EXACT + RARITIES;
/// Levels that a comparison can have at most.
pub(crate) const LEVELS: usize = 16;

/// Similarity of names that are written differently by mistake (Winkler's usual limits).
const VERY_ALIKE: f64 = 0.92;
const ALIKE: f64 = 0.88;

/// What a level above `EXACT` means, and how much it looks like one person, 0 to 1: the start of training only.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LevelInfo {
    pub(crate) name: &'static str,
    pub(crate) start: f64,
}

const fn level(name: &'static str, start: f64) -> LevelInfo {
    LevelInfo { name, start }
}

impl Comparison {
    /// The levels of unequal values, from `UNEQUAL` on.
    pub(crate) fn unequal(self) -> &'static [LevelInfo] {
        const FIRST: [LevelInfo; 7] = [
            level("nickname", 0.05),
            level("very alike", 0.03),
            level("alike", 0.01),
            level("initial", 0.02),
            level("swapped", 0.01),
            level("same initial", 0.005),
            level("different", 0.02),
        ];
        const LAST: [LevelInfo; 5] = [
            level("very alike", 0.04),
            level("alike", 0.01),
            level("part", 0.01),
            level("given name of the other", 0.003),
            level("different", 0.03),
        ];
        const EMAIL: [LevelInfo; 6] = [
            level("same user", 0.02),
            level("same user, from the name", 0.02),
            level("typing error", 0.03),
            level("alike user", 0.02),
            level("alike user, from the name", 0.02),
            level("different", 0.3),
        ];
        const PHONE: [LevelInfo; 3] =
            [level("last seven digits", 0.02), level("typing error", 0.03), level("different", 0.3)];
        const ADDRESS: [LevelInfo; 8] = [
            level("alike", 0.1),
            level("same street, other postal code", 0.03),
            level("same postal code", 0.1),
            level("same postal code, other street", 0.05),
            level("same town", 0.05),
            level("same town, other street", 0.05),
            level("different street", 0.1),
            level("different", 0.1),
        ];
        const BIRTH: [LevelInfo; 6] = [
            level("day and month exchanged", 0.02),
            level("one part differs", 0.03),
            level("same year, first of January", 0.02),
            level("same year", 0.005),
            level("other year, first of January", 0.01),
            level("different", 0.01),
        ];
        const IDENTIFIER: [LevelInfo; 2] = [level("typing error", 0.04), level("different", 0.04)];
        const TEXT: [LevelInfo; 3] =
            [level("very alike", 0.1), level("alike", 0.05), level("different", 0.2)];
        const CATEGORY: [LevelInfo; 1] = [level("different", 0.05)];
        match self {
            Self::First => &FIRST,
            Self::Last => &LAST,
            Self::Email => &EMAIL,
            Self::Phone => &PHONE,
            Self::Address => &ADDRESS,
            Self::Birth => &BIRTH,
            Self::Identifier(_) => &IDENTIFIER,
            Self::Text(_) => &TEXT,
            Self::Category(_) => &CATEGORY,
        }
    }

    /// The level of values that have nothing in common.
    pub(crate) fn different(self) -> u8 {
        UNEQUAL + self.unequal().len().saturating_sub(1) as u8
    }

    /// A hash of the value whose equality is the exact level; none where it is missing.
    pub(crate) fn value(self, record: &Record, extras: &[Extra]) -> Option<u64> {
        match self {
            Self::First => filled(&record.first),
            Self::Last => filled(&record.last),
            Self::Email => Some(hash::pair(filled(&record.user)?, u64::from(record.domain))),
            Self::Phone => (record.phone != 0).then(|| hash::mix(record.phone)),
            Self::Address => {
                let street = filled(&record.street)?;
                let place = filled(&record.postal).or((record.city != 0).then_some(record.city.into()))?;
                Some(hash::pair(street, place))
            }
            Self::Birth => (record.birth != 0).then(|| hash::mix(record.birth.into())),
            Self::Identifier(at) | Self::Text(at) | Self::Category(at) => filled(extras.get(at)?),
        }
    }
}

fn filled<const N: usize>(slot: &[u8; N]) -> Option<u64> {
    (!is_empty(slot)).then(|| hash::slot(slot))
}

/// The code of a pair as if no value were rarer than others: what agrees and differs alone.
pub(crate) fn without_rarity(code: u64) -> u64 {
    let level = |at: usize| code >> (4 * at) & 15;
    let plain = |level: u64| {
        let equal = u64::from(EXACT)..u64::from(UNEQUAL);
        if equal.contains(&level) { equal.start } else { level }
    };
    (0..16).fold(0, |rest, at| rest | plain(level(at)) << (4 * at))
}

/// Two records and what they are compared by.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pair<'a> {
    pub(crate) a: &'a Record,
    pub(crate) b: &'a Record,
    pub(crate) extras_a: &'a [Extra],
    pub(crate) extras_b: &'a [Extra],
}

impl Pair<'_> {
    /// The code of the pair: the level of the first comparison in the lowest four bits.
    pub(crate) fn code(&self, comparisons: &[Comparison]) -> u64 {
        let mut code = 0;
        for (at, comparison) in comparisons.iter().enumerate() {
            code |= u64::from(self.level(*comparison, at)) << (4 * at);
        }
        code
    }

    pub(crate) fn level(&self, comparison: Comparison, at: usize) -> u8 {
        match comparison {
            Comparison::First => self.first(at),
            Comparison::Last => self.last(at),
            Comparison::Email => self.email(at),
            Comparison::Phone => self.phone(at),
            Comparison::Address => self.address(at),
            Comparison::Birth => self.birth(at),
            Comparison::Identifier(extra) | Comparison::Text(extra) | Comparison::Category(extra) => {
                self.extra(comparison, extra, at)
            }
        }
    }

    fn exact(&self, at: usize) -> u8 {
        let rarity = |record: &Record| (record.rarity >> (4 * at)) as u8 & 15;
        EXACT + rarity(self.a).min(rarity(self.b)).min(RARITIES - 1)
    }

    /// Whether given name and family name stand in each other's place.
    fn swapped(&self) -> bool {
        let (a, b) = (self.a, self.b);
        let alike = |a: &[u8; 16], b: &[u8; 16]| a == b || jaro_winkler(a, b, VERY_ALIKE) >= VERY_ALIKE;
        a.first[0] == b.last[0]
            && a.last[0] == b.first[0]
            && a.last != b.last
            && alike(&a.first, &b.last)
            && alike(&a.last, &b.first)
    }

    fn first(&self, at: usize) -> u8 {
        let (a, b) = (&self.a.first, &self.b.first);
        if is_empty(a) || is_empty(b) {
            return MISSING;
        }
        if a == b {
            return self.exact(at);
        }
        let same_initial = a[0] == b[0];
        if self.a.nick == self.b.nick {
            return UNEQUAL;
        }
        if self.swapped() {
            return UNEQUAL + 4;
        }
        if same_initial && (a[1] == 0 || b[1] == 0) {
            return UNEQUAL + 3;
        }
        let alike = jaro_winkler(a, b, ALIKE);
        if alike >= VERY_ALIKE {
            UNEQUAL + 1
        } else if alike >= ALIKE {
            UNEQUAL + 2
        } else if same_initial {
            UNEQUAL + 5
        } else {
            UNEQUAL + 6
        }
    }

    fn last(&self, at: usize) -> u8 {
        let (a, b) = (&self.a.last, &self.b.last);
        if is_empty(a) || is_empty(b) {
            return MISSING;
        }
        if a == b {
            return self.exact(at);
        }
        if self.swapped() {
            // Said once, by the given names.
            return MISSING;
        }
        let alike = jaro_winkler(a, b, ALIKE);
        if alike >= VERY_ALIKE {
            UNEQUAL
        } else if alike >= ALIKE {
            UNEQUAL + 1
        } else if is_part(a, b) {
            UNEQUAL + 2
        } else if self.a.first == *b || self.b.first == *a {
            UNEQUAL + 3
        } else {
            UNEQUAL + 4
        }
    }

    fn email(&self, at: usize) -> u8 {
        let (a, b) = (&self.a.user, &self.b.user);
        if is_empty(a) || is_empty(b) {
            return MISSING;
        }
        let same_domain = self.a.domain == self.b.domain;
        // People of one name choose users alike; that is said by their names already.
        let from_name = u8::from(self.a.rarity & self.b.rarity & FROM_NAME != 0);
        if a == b {
            return if same_domain { self.exact(at) } else { UNEQUAL + from_name };
        }
        if same_domain && one_edit(a, b) && !differ_in_digits(a, b) {
            UNEQUAL + 2
        } else if jaro_winkler(a, b, VERY_ALIKE) >= VERY_ALIKE {
            UNEQUAL + 3 + from_name
        } else {
            UNEQUAL + 5
        }
    }

    fn phone(&self, at: usize) -> u8 {
        let (a, b) = (self.a.phone, self.b.phone);
        if a == 0 || b == 0 {
            return MISSING;
        }
        if a == b {
            return self.exact(at);
        }
        let differs = a ^ b;
        if differs & 0xfff_ffff == 0 {
            UNEQUAL
        } else if one_digit(a, b) {
            UNEQUAL + 1
        } else {
            UNEQUAL + 2
        }
    }

    fn address(&self, at: usize) -> u8 {
        let (a, b) = (self.a, self.b);
        let streets = !is_empty(&a.street) && !is_empty(&b.street);
        let postals = !is_empty(&a.postal) && !is_empty(&b.postal);
        let cities = a.city != 0 && b.city != 0;
        let same_postal = postals && a.postal == b.postal;
        let same_city = cities && a.city == b.city;
        let same_place = same_postal || (!postals && same_city);
        if !(streets || postals || cities) {
            return MISSING;
        }
        if streets && a.street == b.street {
            return if same_place { self.exact(at) } else { UNEQUAL + 1 };
        }
        if streets && (same_postal || same_city) && streets_alike(&a.street, &b.street) {
            return if same_place { UNEQUAL } else { UNEQUAL + 1 };
        }
        match (streets, same_postal, same_city) {
            (false, true, _) => UNEQUAL + 2,
            (true, true, _) => UNEQUAL + 3,
            (false, false, true) => UNEQUAL + 4,
            (true, false, true) => UNEQUAL + 5,
            (true, false, false) => UNEQUAL + 6,
            (false, false, false) => UNEQUAL + 7,
        }
    }

    fn birth(&self, at: usize) -> u8 {
        let (a, b) = (self.a.birth, self.b.birth);
        if a == 0 || b == 0 {
            return MISSING;
        }
        if a == b {
            return self.exact(at);
        }
        let ((year_a, month_a, day_a), (year_b, month_b, day_b)) = (parts(a), parts(b));
        let same_year = year_a == year_b;
        let new_year = (month_a, day_a) == (1, 1) || (month_b, day_b) == (1, 1);
        if same_year && month_a == day_b && day_a == month_b {
            UNEQUAL
        } else if same_year && new_year {
            UNEQUAL + 2
        } else if u8::from(same_year) + u8::from(month_a == month_b) + u8::from(day_a == day_b) == 2 {
            UNEQUAL + 1
        } else if same_year {
            UNEQUAL + 3
        } else if new_year {
            // Often what stands where nobody knew the date.
            UNEQUAL + 4
        } else {
            UNEQUAL + 5
        }
    }

    fn extra(&self, comparison: Comparison, extra: usize, at: usize) -> u8 {
        let (Some(a), Some(b)) = (self.extras_a.get(extra), self.extras_b.get(extra)) else { return MISSING };
        if is_empty(a) || is_empty(b) {
            return MISSING;
        }
        if a == b {
            return self.exact(at);
        }
        match comparison {
            Comparison::Identifier(_) if one_edit(a, b) => UNEQUAL,
            Comparison::Identifier(_) => UNEQUAL + 1,
            Comparison::Text(_) => {
                let alike = jaro_winkler(a, b, 0.85);
                UNEQUAL + if alike >= VERY_ALIKE { 0 } else { 1 + u8::from(alike < 0.85) }
            }
            _ => UNEQUAL,
        }
    }
}

/// The mark of a record whose e-mail address is made from its name, beside the rarities of its values.
pub(crate) const FROM_NAME: u64 = 1 << 63;

/// Whether the user of an e-mail address has the record's given name or family name in it.
pub(crate) fn is_user_from_name(record: &Record) -> bool {
    let user_len = len(&record.user);
    // Eight bytes from each place on; zeros follow the end, and no name has zeros.
    let mut user = [0; 32];
    let (room, _) = user.split_at_mut(record.user.len());
    room.copy_from_slice(&record.user);
    [&record.first, &record.last].into_iter().any(|name| {
        let name_len = len(name).min(6);
        if name_len < 3 || name_len > user_len {
            return false;
        }
        let mask = (1u64 << (8 * name_len)) - 1;
        let start = name.first_chunk::<8>().map_or(0, |start| u64::from_le_bytes(*start)) & mask;
        let parts = user.windows(8).filter_map(<[u8]>::first_chunk::<8>);
        parts.take(user_len + 1 - name_len).any(|part| u64::from_le_bytes(*part) & mask == start)
    })
}

/// Whether two texts have the same letters: they differ in digits only.
fn differ_in_digits<const N: usize>(a: &[u8; N], b: &[u8; N]) -> bool {
    let is_letter = |byte: &&u8| !byte.is_ascii_digit() && **byte != 0;
    a.iter().filter(is_letter).eq(b.iter().filter(is_letter))
}

/// Whether one name begins or ends with the other, as half of a double name does.
fn is_part(a: &[u8; 16], b: &[u8; 16]) -> bool {
    let (a, b) = (a.get(..len(a)).unwrap_or(&[]), b.get(..len(b)).unwrap_or(&[]));
    let (short, long) = if a.len() < b.len() { (a, b) } else { (b, a) };
    short.len() >= 4 && (long.starts_with(short) || long.ends_with(short))
}

/// Whether two numbers differ in one digit, or in two neighbours that changed places.
fn one_digit(a: u64, b: u64) -> bool {
    let differs = a ^ b;
    let low = differs.trailing_zeros() / 4 * 4;
    let rest = differs >> low;
    if rest < 16 {
        return true;
    }
    let digits = |number: u64| (number >> low & 15, number >> (low + 4) & 15);
    let ((a0, a1), (b0, b1)) = (digits(a), digits(b));
    rest < 256 && a0 == b1 && a1 == b0
}

fn has_digit(street: &[u8; 32]) -> bool {
    street.iter().any(u8::is_ascii_digit)
}

/// Whether two streets have the same number, or both none, and names alike, or one goes on where the other ends.
fn streets_alike(a: &[u8; 32], b: &[u8; 32]) -> bool {
    let shared = a.iter().zip(b).take_while(|(a, b)| a == b && **a != 0).count();
    let end = |street: &[u8; 32]| street.get(shared).copied().unwrap_or(0);
    if (end(a) == 0 && end(b) == b' ') || (end(b) == 0 && end(a) == b' ') {
        return shared > 4;
    }
    let number = a.iter().position(|byte| *byte == b' ').filter(|_| a[0].is_ascii_digit());
    match number {
        Some(end) if shared > end => jaro_winkler(a, b, VERY_ALIKE) >= VERY_ALIKE,
        None if !has_digit(a) && !has_digit(b) => jaro_winkler(a, b, VERY_ALIKE) >= VERY_ALIKE,
        _ => one_edit(a, b),
    }
}

#[cfg(test)]
mod tests {
    use super::super::slot::slot;
    use super::*;

    #[test]
    fn streets_without_numbers_may_have_slips_as_those_with_numbers_may() {
        let alike = |a: &str, b: &str| streets_alike(&slot(a.as_bytes()), &slot(b.as_bytes()));
        assert!(alike("launceston st", "launcestonrstreet"));
        assert!(alike("12 launceston st", "12 launcestom st"));
        assert!(!alike("oak av", "elm av"));
    }

    #[test]
    fn a_family_name_in_the_place_of_a_given_name_is_a_level_of_its_own() {
        let record = |first: &str, last: &str| Record {
            first: slot(first.as_bytes()),
            last: slot(last.as_bytes()),
            ..Record::default()
        };
        let level = |a: &Record, b: &Record| {
            let level = Pair { a, b, extras_a: &[], extras_b: &[] }.level(Comparison::Last, 0);
            super::super::explain::level_name(Comparison::Last, level)
        };
        assert_eq!(level(&record("weller", "ebony"), &record("flynn", "weller")), "given name of the other");
        assert_eq!(level(&record("anna", "ebony"), &record("flynn", "weller")), "different");
    }

    #[test]
    fn dates_that_stand_for_none_do_not_contradict_others() {
        let record = |year: u32, month: u32, day: u32| Record {
            birth: year * 16_384 + month * 128 + day,
            ..Record::default()
        };
        let level =
            |a: &Record, b: &Record| Pair { a, b, extras_a: &[], extras_b: &[] }.level(Comparison::Birth, 0);
        let born = record(1984, 2, 29);
        assert!(level(&record(1900, 1, 1), &born) != Comparison::Birth.different());
        assert_eq!(level(&record(1971, 10, 12), &born), Comparison::Birth.different());
    }
}
