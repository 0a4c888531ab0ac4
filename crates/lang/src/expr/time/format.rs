//! .NET date formats, standard (`D`, `o`, `s` …) and custom (`yyyy-MM-dd`).

use super::culture::Culture;
use super::{Moment, ROUND_TRIP};

/// A moment in a format.
///
/// # Errors
/// Why the format cannot be used, as a sentence that continues "the function …".
pub(crate) fn format(moment: Moment, format: &str, culture: &Culture) -> Result<String, String> {
    const LONGEST: usize = 1_000;
    if format.len() > LONGEST {
        return Err(format!("takes a date format of at most {LONGEST} characters"));
    }
    let mut chars = format.chars();
    match (chars.next(), chars.next()) {
        (None, _) => standard(moment, 'G', culture),
        (Some(letter), None) => standard(moment, letter, culture),
        _ => custom(moment, format, culture),
    }
}

fn standard(moment: Moment, letter: char, culture: &Culture) -> Result<String, String> {
    let pattern = match letter {
        'd' => culture.short_date.to_owned(),
        'D' => culture.long_date.to_owned(),
        't' => culture.short_time.to_owned(),
        'T' => culture.long_time.to_owned(),
        'f' => format!("{} {}", culture.long_date, culture.short_time),
        'F' | 'U' => format!("{} {}", culture.long_date, culture.long_time),
        'g' => format!("{} {}", culture.short_date, culture.short_time),
        'G' => format!("{} {}", culture.short_date, culture.long_time),
        'M' | 'm' => culture.month_day.to_owned(),
        'Y' | 'y' => culture.year_month.to_owned(),
        'O' | 'o' => ROUND_TRIP.to_owned(),
        's' => "yyyy-MM-ddTHH:mm:ss".to_owned(),
        'u' => "yyyy-MM-dd HH:mm:ss'Z'".to_owned(),
        'R' | 'r' => {
            return custom(moment, "ddd, dd MMM yyyy HH:mm:ss 'GMT'", &super::culture::EN_US);
        }
        other => {
            return Err(format!(
                "does not know the date format '{other}'; a format is one of d, D, f, F, g, G, M, O, R, s, t, T, \
                 u, U, Y or a pattern such as yyyy-MM-dd"
            ));
        }
    };
    custom(moment, &pattern, culture)
}

fn custom(moment: Moment, pattern: &str, culture: &Culture) -> Result<String, String> {
    let chars: Vec<char> = pattern.chars().collect();
    let mut text = String::new();
    let mut at = 0;
    while let Some(c) = chars.get(at).copied() {
        let run = chars.iter().skip(at).take_while(|other| **other == c).count();
        match c {
            '\\' => {
                text.extend(chars.get(at + 1));
                at += 2;
            }
            '\'' | '"' => {
                let inner: String = chars.iter().skip(at + 1).take_while(|other| **other != c).collect();
                at += inner.chars().count() + 2;
                if at > chars.len() {
                    return Err(format!(
                        "was given the date format '{pattern}', which has a quote without an end"
                    ));
                }
                text.push_str(&inner);
            }
            // Only says that the next letter is a pattern by itself.
            '%' => at += 1,
            _ => {
                text.push_str(&field(moment, c, run, culture));
                at += if is_field(c) { run } else { 1 };
            }
        }
    }
    trim_fraction_point(&mut text);
    Ok(text)
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
    let name = |names: &[&'static str], at: i8| {
        usize::try_from(at).ok().and_then(|at| names.get(at)).copied().unwrap_or_default().to_owned()
    };
    let weekday = local.weekday().to_sunday_zero_offset();
    match (letter, run) {
        ('d', 1 | 2) => two(local.day()),
        ('d', 3) => name(&culture.short_days, weekday),
        ('d', _) => name(&culture.days, weekday),
        ('M', 1 | 2) => two(local.month()),
        ('M', 3) => name(&culture.short_months, local.month() - 1),
        ('M', _) => name(&culture.months, local.month() - 1),
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
        ('/', _) => culture.separator.to_owned(),
        (other, _) => other.to_string(),
    }
}

fn day_half(moment: Moment, culture: &Culture) -> &'static str {
    if moment.local.hour() < 12 { culture.morning } else { culture.afternoon }
}

fn fraction(moment: Moment, letter: char, width: usize) -> String {
    let ticks = format!("{:07}", moment.local.subsec_nanosecond() / 100);
    let digits: String = ticks.chars().take(width.min(7)).collect();
    if letter == 'f' {
        return digits;
    }
    let trimmed = digits.trim_end_matches('0');
    if trimmed.is_empty() { NOTHING.to_string() } else { trimmed.to_owned() }
}
