//! .NET date formats, standard (`D`, `o`, `s` …) and custom (`yyyy-MM-dd`).

use super::{Moment, ROUND_TRIP};
use crate::expr::culture::{Culture, default_culture};

/// A moment in a format.
///
/// # Errors
/// Why the format cannot be used, as a sentence that continues "the function …".
pub(crate) fn format(moment: Moment, format: &str, culture: &Culture) -> Result<String, String> {
    const LONGEST: usize = 1_000;
    if format.len() > LONGEST {
        return Err(format!("takes a date format of at most {LONGEST} characters"));
    }
    let (pattern, culture) = pattern(format, culture)?;
    custom(moment, &pattern, culture)
}

/// The custom pattern that a format stands for, and the culture in which it is used.
///
/// # Errors
/// That there is no standard format of this letter.
pub(super) fn pattern<'c>(format: &str, culture: &'c Culture) -> Result<(String, &'c Culture), String> {
    let mut chars = format.chars();
    let letter = match (chars.next(), chars.next()) {
        (None, _) => 'G',
        (Some(letter), None) => letter,
        _ => return Ok((format.to_owned(), culture)),
    };
    let both = |date: &str, time: &str| format!("{date} {time}");
    let local = match letter {
        'd' => culture.short_date().to_owned(),
        'D' => culture.long_date().to_owned(),
        't' => culture.short_time().to_owned(),
        'T' => culture.long_time().to_owned(),
        'f' => both(culture.long_date(), culture.short_time()),
        'F' | 'U' => both(culture.long_date(), culture.long_time()),
        'g' => both(culture.short_date(), culture.short_time()),
        'G' => both(culture.short_date(), culture.long_time()),
        'M' | 'm' => culture.month_day().to_owned(),
        'Y' | 'y' => culture.year_month().to_owned(),
        _ => String::new(),
    };
    if !local.is_empty() {
        return Ok((local, culture));
    }
    let everywhere = match letter {
        'O' | 'o' => ROUND_TRIP,
        's' => "yyyy-MM-ddTHH:mm:ss",
        'u' => "yyyy-MM-dd HH:mm:ss'Z'",
        'R' | 'r' => "ddd, dd MMM yyyy HH:mm:ss 'GMT'",
        other => {
            return Err(format!(
                "does not know the date format '{other}'; a format is one of d, D, f, F, g, G, M, O, R, s, t, T, \
                 u, U, Y or a pattern such as yyyy-MM-dd"
            ));
        }
    };
    Ok((everywhere.to_owned(), default_culture()))
}

fn custom(moment: Moment, pattern: &str, culture: &Culture) -> Result<String, String> {
    let wrong = |why: &str| Err(format!("was given the date format '{pattern}', which {why}"));
    let chars: Vec<char> = pattern.chars().collect();
    let mut text = String::new();
    let mut at = 0;
    while let Some(c) = chars.get(at).copied() {
        let run = chars.iter().skip(at).take_while(|other| **other == c).count();
        match c {
            '\\' => {
                match chars.get(at + 1) {
                    Some(next) => text.push(*next),
                    None => return wrong("ends with a backslash"),
                }
                at += 2;
            }
            '\'' | '"' => {
                let inner: String = chars.iter().skip(at + 1).take_while(|other| **other != c).collect();
                at += inner.chars().count() + 2;
                if at > chars.len() {
                    return wrong("has a quote without an end");
                }
                text.push_str(&inner);
            }
            // Only says that the next letter is a pattern by itself.
            '%' if run == 1 && at + 1 < chars.len() => at += 1,
            '%' => return wrong("has a '%' without a letter behind it"),
            'f' | 'F' if run > 7 => return wrong("asks for more than 7 digits of a second"),
            'M' if run >= 3 => {
                text.push_str(month(moment, run, stands_by_day(&chars, at, run), culture));
                at += run;
            }
            _ => {
                text.push_str(&field(moment, c, run, culture));
                at += if is_field(c) { run } else { 1 };
            }
        }
    }
    trim_fraction_point(&mut text);
    Ok(text)
}

/// Whether the month at this place is beside a day of the month, so that languages with cases put it into the
/// genitive. As in .NET, the nearest `d` on either side counts, wherever it stands.
fn stands_by_day(pattern: &[char], at: usize, run: usize) -> bool {
    let before = pattern.iter().take(at).rev().skip_while(|c| **c != 'd').take_while(|c| **c == 'd').count();
    let after = pattern.iter().skip(at + run).skip_while(|c| **c != 'd').take_while(|c| **c == 'd').count();
    matches!(before, 1 | 2) || matches!(after, 1 | 2)
}

fn month(moment: Moment, run: usize, by_day: bool, culture: &Culture) -> &'static str {
    let names = match (run, by_day) {
        (3, false) => &culture.short_months,
        (3, true) => &culture.short_months_of,
        (_, false) => &culture.months,
        (_, true) => &culture.months_of,
    };
    name(names, moment.local.month() - 1)
}

fn name(names: &[&'static str], at: i8) -> &'static str {
    usize::try_from(at).ok().and_then(|at| names.get(at)).copied().unwrap_or_default()
}

/// Marks a fraction written by `F` that came out empty, so that the point before it goes too.
const NOTHING: char = '\u{f8ff}';

fn trim_fraction_point(text: &mut String) {
    if text.contains(NOTHING) {
        *text = text.replace(&format!(".{NOTHING}"), "").replace(NOTHING, "");
    }
}

fn is_field(c: char) -> bool {
    "dfFghHKmMstyz".contains(c)
}

/// One field of a custom format: a letter, repeated.
fn field(moment: Moment, letter: char, run: usize, culture: &Culture) -> String {
    let local = moment.local;
    let two = |number: i8| if run > 1 { format!("{number:02}") } else { number.to_string() };
    let weekday = local.weekday().to_sunday_zero_offset();
    match (letter, run) {
        ('d', 1 | 2) => two(local.day()),
        ('d', 3) => name(&culture.short_days, weekday).to_owned(),
        ('d', _) => name(&culture.days, weekday).to_owned(),
        ('M', _) => two(local.month()),
        ('y', 1) => (local.year() % 100).to_string(),
        ('y', 2) => format!("{:02}", local.year() % 100),
        ('y', width) => format!("{:0width$}", local.year()),
        ('h', _) => two(if local.hour() % 12 == 0 { 12 } else { local.hour() % 12 }),
        ('H', _) => two(local.hour()),
        ('m', _) => two(local.minute()),
        ('s', _) => two(local.second()),
        ('f' | 'F', width) => fraction(moment, letter, width),
        ('t', 1) => day_half(moment, culture).chars().take(1).collect(),
        ('t', _) => day_half(moment, culture).to_owned(),
        ('K', _) => if moment.utc { "Z" } else { "" }.to_owned(),
        ('z', 1) => "+0".to_owned(),
        ('z', 2) => "+00".to_owned(),
        ('z', _) => "+00:00".to_owned(),
        ('g', _) => "A.D.".to_owned(),
        ('/', _) => culture.date_separator().to_owned(),
        (':', _) => culture.time_separator().to_owned(),
        (other, _) => other.to_string(),
    }
}

fn day_half(moment: Moment, culture: &Culture) -> &'static str {
    culture.half(moment.local.hour() >= 12)
}

fn fraction(moment: Moment, letter: char, width: usize) -> String {
    let ticks = format!("{:07}", moment.local.subsec_nanosecond() / 100);
    let digits: String = ticks.chars().take(width).collect();
    if letter == 'f' {
        return digits;
    }
    let trimmed = digits.trim_end_matches('0');
    if trimmed.is_empty() { NOTHING.to_string() } else { trimmed.to_owned() }
}
