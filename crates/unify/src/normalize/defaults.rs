//! Values that stand where nothing is known (`noemail@example.com`, `n/a`, 1900-01-01): they say nothing about a person.

use std::collections::HashSet;
use std::sync::LazyLock;

use super::email::email;
use super::lists::lines;
use super::text::{is_space, is_symbol, push_lower};

const WORDS: &str = include_str!("../data/defaults/words.txt");
const EMAILS: &str = include_str!("../data/defaults/emails.txt");
const DATES: &str = include_str!("../data/defaults/dates.txt");

/// Whether a text is one that people and programs write where they know nothing.
pub(crate) fn is_default(value: &str) -> bool {
    static KNOWN: LazyLock<HashSet<String>> = LazyLock::new(|| lines(WORDS).map(bare).collect());
    let bare = bare(value);
    bare.is_empty() || KNOWN.contains(&bare) || is_filler(&bare) || is_default_email(value)
}

/// Whether a day, counted from 1970-01-01, is one that programs write where no date is known.
pub(crate) fn is_default_date(day: i32) -> bool {
    static KNOWN: LazyLock<HashSet<i32>> = LazyLock::new(|| lines(DATES).filter_map(day_number).collect());
    KNOWN.contains(&day)
}

/// Letters and digits in lower case.
fn bare(value: &str) -> String {
    let mut lower = String::new();
    push_lower(value, &mut lower);
    lower.retain(|c| !is_symbol(c) && !is_space(c));
    lower
}

/// One character again and again (`0000000`, `xxx`), or digits in their order (`123456789`).
fn is_filler(bare: &str) -> bool {
    let bytes = bare.as_bytes();
    let Some((first, rest)) = bytes.split_first() else { return true };
    let least = if first.is_ascii_digit() { 5 } else { 3 };
    let same = rest.iter().all(|byte| byte == first);
    let runs =
        bytes.windows(2).all(|pair| matches!(pair, [a @ b'0'..=b'9', b] if (a - b'0' + 1) % 10 + b'0' == *b));
    bare.is_ascii() && bytes.len() >= least && (same || bytes.len() >= 6 && runs)
}

/// Lines of the list are `name@` for a local part of any domain, or `@domain` for a domain whatever the local part.
fn is_default_email(value: &str) -> bool {
    static KNOWN: LazyLock<HashSet<String>> = LazyLock::new(|| lines(EMAILS).map(str::to_owned).collect());
    let Some(email) = email(value) else { return false };
    let (mut local, mut domain) = (String::new(), String::from("@"));
    email.write_mailbox(&mut local);
    local.retain(|c| !matches!(c, '-' | '_'));
    let filler = local.bytes().all(|byte| byte.is_ascii_digit()) && is_filler(&local);
    local.push('@');
    email.write_domain(&mut domain);
    filler || KNOWN.contains(&local) || KNOWN.contains(&domain)
}

/// The number of a day written `YYYY-MM-DD`, counted from 1970-01-01 in the Gregorian calendar (the algorithm of
/// days from civil: years begin in March, so that the leap day is the last).
fn day_number(date: &str) -> Option<i32> {
    let mut parts = date.splitn(3, '-').map(str::parse::<i32>);
    let (year, month, day) = (parts.next()?.ok()?, parts.next()?.ok()?, parts.next()?.ok()?);
    let year = if month <= 2 { year - 1 } else { year };
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let leaps = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    Some(365 * year + leaps + of_year - 719_468)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_says_nothing_is_known_in_every_language() {
        for value in [
            "",
            " ",
            "-",
            "--",
            "N/A",
            "n.a.",
            "None",
            "NULL",
            "unknown",
            "Неизвестно",
            "белгісіз",
            "няма",
            "desconocido",
            "ezezaguna",
            "不詳",
            "necunoscut",
            "0000000",
            "999-99-9999",
            "123456789",
            "0123456789",
            "(111) 111-1111",
            "xxx",
            "noemail@contoso.com",
            "no-email@a.org",
            "test@a.org",
            "a@example.com",
            "none@none.com",
            "1234567@a.org",
        ] {
            assert!(is_default(value), "{value:?}");
        }
    }

    #[test]
    fn what_may_be_a_value_is_one() {
        for value in [
            "Ann",
            "Nonato",
            "0",
            "1",
            "22",
            "10115",
            "4444",
            "55555555a",
            "987654321",
            "ann@a.org",
            "testa@a.org",
            "Null Island",
            "Xu",
            "李",
            "2000",
            "12345",
        ] {
            assert!(!is_default(value), "{value:?}");
        }
    }

    #[test]
    fn the_days_that_programs_write_for_no_date_are_known() {
        assert!(is_default_date(0));
        assert_eq!(day_number("2000-03-01"), Some(11_017));
        assert_eq!(day_number("1900-01-01"), Some(-25_567));
        assert_eq!(day_number("0001-01-01"), Some(-719_162));
        assert_eq!(lines(DATES).filter_map(day_number).count(), lines(DATES).count());
        assert!(!is_default_date(11_017));
    }
}
