//! Spans of time as .NET writes them: `[-][d.]hh:mm:ss[.fffffff]`, and formats for them.

use crate::expr::culture::Culture;

const SECOND: i64 = 10_000_000;
const DAY: i64 = 86_400 * SECOND;

/// `[-][d.]hh:mm:ss[.fffffff]`
pub(crate) fn span_text(ticks: i64) -> String {
    let parts = Parts::of(ticks);
    let days = if parts.days == 0 { String::new() } else { format!("{}.", parts.days) };
    let fraction = if parts.fraction == 0 { String::new() } else { format!(".{:07}", parts.fraction) };
    format!("{}{days}{:02}:{:02}:{:02}{fraction}", parts.sign(), parts.hours, parts.minutes, parts.seconds)
}

struct Parts {
    negative: bool,
    days: u64,
    hours: u64,
    minutes: u64,
    seconds: u64,
    /// 100-ns steps.
    fraction: u64,
}

impl Parts {
    fn of(ticks: i64) -> Self {
        let all = ticks.unsigned_abs();
        let (seconds, fraction) = (all / SECOND.unsigned_abs(), all % SECOND.unsigned_abs());
        Self {
            negative: ticks < 0,
            days: seconds / 86_400,
            hours: seconds / 3_600 % 24,
            minutes: seconds / 60 % 60,
            seconds: seconds % 60,
            fraction,
        }
    }

    fn sign(&self) -> &'static str {
        if self.negative { "-" } else { "" }
    }
}

/// Reads `d`, `[d.]hh:mm[:ss[.fffffff]]` or `d:hh:mm:ss`, with a sign in front; the result is in 100-ns steps.
pub(crate) fn parse_span(text: &str) -> Option<i64> {
    let text = text.trim();
    let (negative, rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let number = |text: &str, most: i64| {
        let digits = !text.is_empty() && text.len() <= 8 && text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse::<i64>().ok().filter(|value| digits && *value <= most)
    };
    const DAYS: i64 = 10_675_199; // the most that a .NET span can hold
    let pieces: Vec<&str> = rest.split(':').collect();
    let (first, others) = pieces.split_first()?;
    let (days, hours) = match (first.split_once('.'), others.len()) {
        (_, 0) => (number(first, DAYS)?, 0),
        (Some((days, hours)), 1 | 2) => (number(days, DAYS)?, number(hours, 23)?),
        (None, 3) => (number(first, DAYS)?, number(others.first()?, 23)?),
        (None, 1 | 2) => (0, number(first, 23)?),
        _ => return None,
    };
    let clock = if others.len() == 3 { others.get(1..)? } else { others };
    let minutes = clock.first().map_or(Some(0), |minutes| number(minutes, 59))?;
    let (seconds, fraction) = match clock.get(1) {
        None => (0, 0),
        Some(text) => {
            let (seconds, fraction) = text.split_once('.').unwrap_or((text, "0"));
            let width = fraction.len();
            let fraction = number(fraction, 9_999_999).filter(|_| width <= 7)?;
            (number(seconds, 59)?, fraction * 10_i64.pow(u32::try_from(7 - width).ok()?))
        }
    };
    let ticks =
        days.checked_mul(DAY)?.checked_add(((hours * 60 + minutes) * 60 + seconds) * SECOND + fraction)?;
    Some(if negative { -ticks } else { ticks })
}

/// A span in a .NET format: `c`, `g`, `G`, or a pattern of `d h m s f F` with everything else quoted or escaped.
///
/// # Errors
/// Why the format cannot be used, as a sentence that continues "the function …".
pub(crate) fn format_span(ticks: i64, format: &str, culture: &Culture) -> Result<String, String> {
    let parts = Parts::of(ticks);
    let (sign, point) = (parts.sign(), culture.decimal);
    let fraction = format!("{:07}", parts.fraction);
    match format {
        "" | "c" | "t" | "T" => Ok(span_text(ticks)),
        "g" => {
            let days = if parts.days == 0 { String::new() } else { format!("{}:", parts.days) };
            let short = fraction.trim_end_matches('0');
            let fraction = if short.is_empty() { String::new() } else { format!("{point}{short}") };
            Ok(format!("{sign}{days}{}:{:02}:{:02}{fraction}", parts.hours, parts.minutes, parts.seconds))
        }
        "G" => Ok(format!(
            "{sign}{}:{:02}:{:02}:{:02}{point}{fraction}",
            parts.days, parts.hours, parts.minutes, parts.seconds
        )),
        pattern => custom(&parts, pattern, &fraction),
    }
}

fn custom(parts: &Parts, pattern: &str, fraction: &str) -> Result<String, String> {
    let wrong = || {
        format!(
            "cannot use the format '{pattern}' for a time span; it is one of c, g, G or a pattern of d, h, m, s, f \
             and F, in which everything else is quoted or has \\ before it"
        )
    };
    let chars: Vec<char> = pattern.chars().collect();
    let mut text = String::new();
    let mut at = 0;
    while let Some(c) = chars.get(at).copied() {
        let run = chars.iter().skip(at).take_while(|other| **other == c).count();
        let field = |value: u64, most: usize| if run <= most { Some(format!("{value:0run$}")) } else { None };
        match c {
            'd' => text.push_str(&field(parts.days, 8).ok_or_else(wrong)?),
            'h' => text.push_str(&field(parts.hours, 2).ok_or_else(wrong)?),
            'm' => text.push_str(&field(parts.minutes, 2).ok_or_else(wrong)?),
            's' => text.push_str(&field(parts.seconds, 2).ok_or_else(wrong)?),
            'f' if run <= 7 => text.push_str(fraction.get(..run).unwrap_or_default()),
            'F' if run <= 7 => text.push_str(fraction.get(..run).unwrap_or_default().trim_end_matches('0')),
            '\\' => {
                text.push(*chars.get(at + 1).ok_or_else(wrong)?);
                at += 2;
                continue;
            }
            '\'' | '"' => {
                let inner: String = chars.iter().skip(at + 1).take_while(|other| **other != c).collect();
                at += inner.chars().count() + 2;
                if at > chars.len() {
                    return Err(wrong());
                }
                text.push_str(&inner);
                continue;
            }
            '%' if run == 1 && at + 1 < chars.len() => {}
            _ => return Err(wrong()),
        }
        at += run;
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_reads_back() {
        for text in [
            "00:00:00",
            "1.02:03:04",
            "-12:00:00",
            "1268.00:00:00",
            "00:00:00.2500000",
            "-3652058.23:59:59.9999999",
        ] {
            assert_eq!(parse_span(text).map(span_text).as_deref(), Some(text));
        }
        for (text, ticks) in [("6", 6 * DAY), ("1:2", 3_720 * SECOND), ("1:2:3:4", DAY + 7_384 * SECOND)] {
            assert_eq!(parse_span(text), Some(ticks), "{text}");
        }
        for text in ["", "-", "1:60", "24:00", "1.2", "a", "1:2:3:4:5", "1.2:3:4:5", "00:00:00.12345678"] {
            assert_eq!(parse_span(text), None, "{text}");
        }
    }
}
