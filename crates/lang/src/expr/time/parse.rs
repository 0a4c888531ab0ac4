//! Times out of texts: liberally, as .NET reads them, or exactly by a format.

use super::Moment;
use super::format::pattern;
use crate::expr::culture::{Culture, default_culture};
use jiff::SignedDuration;
use jiff::civil::{Date, DateTime, Time};

/// Reads a time in any of the usual forms: ISO 8601, `3/15/2018 1:27 PM`, RFC 1123, `15 March 2018`. An offset
/// makes it UTC. What is missing of the date is taken from `today`.
pub(crate) fn parse(text: &str, culture: &Culture, today: Date) -> Option<Moment> {
    const LONGEST: usize = 100;
    if text.len() > LONGEST {
        return None;
    }
    read(text, culture, today).or_else(|| {
        // What the culture itself writes, with words and marks that the reader does not know.
        let own = ["D", "F", "f", "G", "g", "d", "d MMMM yyyy", "Y"];
        own.into_iter().find_map(|format| parse_exact(text, format, culture, today))
    })
}

fn read(text: &str, culture: &Culture, today: Date) -> Option<Moment> {
    let tokens = tokens(text);
    let mut reader = Reader { tokens: &tokens, at: 0, culture, parts: Parts::default() };
    while reader.at < tokens.len() {
        reader.step()?;
    }
    reader.parts.moment(culture, today)
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Token<'t> {
    Number(&'t str),
    Word(&'t str),
    Mark(char),
    Space,
}

fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut rest = text.trim();
    while let Some(first) = rest.chars().next() {
        let take = |wanted: fn(char) -> bool| rest.find(|c| !wanted(c)).unwrap_or(rest.len());
        let length = if first.is_ascii_digit() {
            take(|c| c.is_ascii_digit())
        } else if first.is_alphabetic() {
            take(char::is_alphabetic)
        } else if first.is_whitespace() {
            take(char::is_whitespace)
        } else {
            first.len_utf8()
        };
        let (piece, after) = rest.split_at(length);
        tokens.push(match first {
            c if c.is_ascii_digit() => Token::Number(piece),
            c if c.is_alphabetic() => Token::Word(piece),
            c if c.is_whitespace() => Token::Space,
            c => Token::Mark(c),
        });
        rest = after;
    }
    tokens
}

#[derive(Debug, Default)]
struct Parts {
    numbers: Vec<(i32, usize)>,
    month: Option<i8>,
    time: Option<Time>,
    /// Seconds east of UTC.
    offset: Option<i64>,
}

struct Reader<'t> {
    tokens: &'t [Token<'t>],
    at: usize,
    culture: &'t Culture,
    parts: Parts,
}

impl<'t> Reader<'t> {
    fn peek(&self, ahead: usize) -> Option<Token<'t>> {
        self.tokens.get(self.at + ahead).copied()
    }

    fn step(&mut self) -> Option<()> {
        match self.peek(0)? {
            Token::Space => self.at += 1,
            Token::Number(_) if self.parts.time.is_none() && self.peek(1) == Some(Token::Mark(':')) => {
                self.time()?;
            }
            Token::Number(digits) => {
                // 12 AM, without minutes
                let half = self.half(1);
                if let (Some(half), None) = (half, self.parts.time) {
                    self.parts.time = Some(Time::new(twelve(digits.parse().ok()?, half)?, 0, 0, 0).ok()?);
                    self.at += 1 + self.half_length(1);
                } else {
                    self.parts.numbers.push((digits.parse().ok()?, digits.len()));
                    self.at += 1;
                }
            }
            Token::Word(word) => self.word(word)?,
            Token::Mark('+' | '-') if self.parts.time.is_some() => self.offset()?,
            Token::Mark(',' | '.' | '/' | '-') => self.at += 1,
            Token::Mark(_) => return None,
        }
        Some(())
    }

    /// `h:mm[:ss[.fffffff]] [AM|PM]`
    fn time(&mut self) -> Option<()> {
        let number = |token: Option<Token<'t>>| match token {
            Some(Token::Number(digits)) if digits.len() <= 2 => digits.parse::<i8>().ok(),
            _ => None,
        };
        let mut hour = number(self.peek(0))?;
        let minute = number(self.peek(2))?;
        self.at += 3;
        let (mut second, mut nanos) = (0, 0);
        if self.peek(0) == Some(Token::Mark(':')) {
            second = number(self.peek(1))?;
            self.at += 2;
            if let (Some(Token::Mark('.')), Some(Token::Number(digits))) = (self.peek(0), self.peek(1)) {
                let nine: String = digits.chars().chain("000000000".chars()).take(9).collect();
                nanos = nine.parse::<i32>().ok()?;
                self.at += 2;
            }
        }
        if let Some(half) = self.half(0) {
            self.at += self.half_length(0);
            hour = twelve(hour, half)?;
        }
        if (hour, minute, second, nanos) == (24, 0, 0, 0) {
            return None; // the end of a day is written as the start of the next
        }
        self.parts.time = Some(Time::new(hour, minute, second, nanos).ok()?);
        Some(())
    }

    /// Whether AM (false) or PM (true) stands `ahead`, a space before it allowed.
    fn half(&self, ahead: usize) -> Option<bool> {
        let ahead = if self.peek(ahead) == Some(Token::Space) { ahead + 1 } else { ahead };
        let Some(Token::Word(word)) = self.peek(ahead) else { return None };
        let is = |afternoon: bool| word.to_lowercase() == self.culture.half(afternoon).to_lowercase();
        match word.to_ascii_lowercase().as_str() {
            "am" | "a" => Some(false),
            "pm" | "p" => Some(true),
            _ if is(false) => Some(false),
            _ if is(true) => Some(true),
            _ => None,
        }
    }

    fn half_length(&self, ahead: usize) -> usize {
        if self.peek(ahead) == Some(Token::Space) { 2 } else { 1 }
    }

    /// `±hh`, `±hhmm` or `±hh:mm`
    fn offset(&mut self) -> Option<()> {
        let sign = if self.peek(0) == Some(Token::Mark('-')) { -1 } else { 1 };
        let Some(Token::Number(digits)) = self.peek(1) else { return None };
        self.at += 2;
        let (hours, minutes) = match digits.len() {
            4 => (digits.get(..2)?, digits.get(2..)?),
            1 | 2 => match (self.peek(0), self.peek(1)) {
                (Some(Token::Mark(':')), Some(Token::Number(minutes))) => {
                    self.at += 2;
                    (digits, minutes)
                }
                _ => (digits, "0"),
            },
            _ => return None,
        };
        let (hours, minutes): (i64, i64) = (hours.parse().ok()?, minutes.parse().ok()?);
        if hours > 14 || minutes > 59 || self.parts.offset.is_some() {
            return None;
        }
        self.parts.offset = Some(sign * (hours * 3_600 + minutes * 60));
        Some(())
    }

    fn word(&mut self, word: &str) -> Option<()> {
        let lower = word.to_lowercase();
        self.at += 1;
        let is =
            |names: &[&str]| names.iter().position(|name| name.to_lowercase().trim_end_matches('.') == lower);
        match lower.as_str() {
            "t" if !self.parts.numbers.is_empty() => return Some(()),
            "z" | "utc" | "gmt" if self.parts.time.is_some() => {
                self.parts.offset = Some(0);
                return Some(());
            }
            _ => {}
        }
        let culture = self.culture;
        let month = [&culture.months, &culture.months_of, &culture.short_months, &culture.short_months_of];
        // RFC 1123 and the like are English everywhere.
        let english = default_culture();
        let months = month.into_iter().chain([&english.months, &english.short_months]);
        if let Some(month) = months.into_iter().find_map(|names| is(names)) {
            if self.parts.month.is_some() {
                return None;
            }
            self.parts.month = i8::try_from(month + 1).ok();
            return Some(());
        }
        let days = [&culture.days, &culture.short_days, &english.days, &english.short_days];
        // Words between the fields, such as the "de" of Spanish and the 年 of Japanese.
        let patterns = [culture.long_date(), culture.year_month(), culture.month_day()];
        let quoted = patterns.iter().flat_map(|pattern| pattern.split('\'').skip(1).step_by(2));
        let plain = patterns.iter().flat_map(|pattern| pattern.split(|c: char| c.is_ascii()));
        let between = quoted.chain(plain).any(|literal| literal == lower);
        (days.into_iter().any(|names| is(names).is_some()) || between).then_some(())
    }
}

/// The hour of the 24-hour clock.
fn twelve(hour: i8, afternoon: bool) -> Option<i8> {
    if !(1..=12).contains(&hour) {
        return None;
    }
    Some(hour % 12 + if afternoon { 12 } else { 0 })
}

/// Two digits stand for 1950–2049.
fn full_year((year, digits): (i32, usize)) -> Option<i16> {
    let year = match digits {
        1 | 2 if year < 50 => year + 2_000,
        1 | 2 => year + 1_900,
        4 => year,
        _ => return None,
    };
    i16::try_from(year).ok().filter(|year| (1..=9_999).contains(year))
}

impl Parts {
    fn moment(&self, culture: &Culture, today: Date) -> Option<Moment> {
        let small = |(number, digits): (i32, usize)| {
            if digits <= 2 { i8::try_from(number).ok() } else { None }
        };
        let day_first = culture.day_first();
        let (year, month, day) = match (self.month, self.numbers.as_slice()) {
            (Some(month), [a, b]) if a.1 > 2 => (full_year(*a)?, month, small(*b)?),
            (Some(month), [a, b]) => (full_year(*b)?, month, small(*a)?),
            (Some(month), [year]) if year.1 == 4 => (full_year(*year)?, month, 1),
            (Some(month), [day]) => (today.year(), month, small(*day)?),
            (None, [year, month, day]) if year.1 == 4 => (full_year(*year)?, small(*month)?, small(*day)?),
            (None, [year, month, day]) if culture.short_date().starts_with('y') && day.1 < 3 => {
                (full_year(*year)?, small(*month)?, small(*day)?)
            }
            (None, [day, month, year]) if day_first => (full_year(*year)?, small(*month)?, small(*day)?),
            (None, [month, day, year]) => (full_year(*year)?, small(*month)?, small(*day)?),
            (None, [year, month]) if year.1 == 4 => (full_year(*year)?, small(*month)?, 1),
            (None, [month, year]) if year.1 == 4 => (full_year(*year)?, small(*month)?, 1),
            (None, [day, month]) if day_first => (today.year(), small(*month)?, small(*day)?),
            (None, [month, day]) => (today.year(), small(*month)?, small(*day)?),
            (None, []) if self.time.is_some() => (today.year(), today.month(), today.day()),
            _ => return None,
        };
        let date = Date::new(year, month, day).ok()?;
        let local = date.to_datetime(self.time.unwrap_or(Time::midnight()));
        from_offset(local, self.offset)
    }
}

fn from_offset(local: DateTime, offset: Option<i64>) -> Option<Moment> {
    let moment = Moment { local, utc: offset.is_some() }.with(local);
    match offset {
        None | Some(0) => Some(moment),
        Some(seconds) => moment.plus(SignedDuration::from_secs(-seconds)),
    }
}

/// Reads a time that has exactly this format, standard or custom. What is missing of the date is taken from
/// `today`.
pub(crate) fn parse_exact(text: &str, format: &str, culture: &Culture, today: Date) -> Option<Moment> {
    let (pattern, culture) = pattern(format, culture).ok()?;
    let mut exact = Exact { rest: text.trim(), culture, ..Exact::new() };
    let chars: Vec<char> = pattern.chars().collect();
    let mut at = 0;
    while let Some(c) = chars.get(at).copied() {
        let run = chars.iter().skip(at).take_while(|other| **other == c).count();
        match c {
            '\\' => {
                exact.literal(*chars.get(at + 1)?)?;
                at += 2;
            }
            '\'' | '"' => {
                let inner: Vec<char> =
                    chars.iter().skip(at + 1).take_while(|other| **other != c).copied().collect();
                inner.iter().try_for_each(|inner| exact.literal(*inner))?;
                at += inner.len() + 2;
            }
            '%' => at += 1,
            '/' | ':' => {
                exact.separator(c)?;
                at += 1;
            }
            c if "dfFgGhHKmMstyz".contains(c) => {
                exact.field(c, run)?;
                at += run;
            }
            c => {
                exact.literal(c)?;
                at += 1;
            }
        }
    }
    if !exact.rest.is_empty() {
        return None;
    }
    // As .NET fills what is missing: without any date, today; else the first of the month or year.
    let no_date = exact.year.is_none() && exact.month.is_none() && exact.day.is_none();
    let (month, day) = if no_date { (today.month(), today.day()) } else { (1, 1) };
    let year = exact.year.unwrap_or(today.year());
    let date = Date::new(year, exact.month.unwrap_or(month), exact.day.unwrap_or(day)).ok()?;
    let hour = match exact.afternoon {
        Some(afternoon) if exact.twelve => twelve(exact.hour, afternoon)?,
        _ => exact.hour,
    };
    let time = Time::new(hour, exact.minute, exact.second, exact.nanos).ok()?;
    from_offset(date.to_datetime(time), exact.offset)
}

struct Exact<'t> {
    rest: &'t str,
    culture: &'t Culture,
    year: Option<i16>,
    month: Option<i8>,
    day: Option<i8>,
    hour: i8,
    /// The hour is one of 1 to 12.
    twelve: bool,
    minute: i8,
    second: i8,
    nanos: i32,
    afternoon: Option<bool>,
    offset: Option<i64>,
}

impl<'t> Exact<'t> {
    fn new() -> Self {
        Self {
            rest: "",
            culture: default_culture(),
            year: None,
            month: None,
            day: None,
            hour: 0,
            twelve: false,
            minute: 0,
            second: 0,
            nanos: 0,
            afternoon: None,
            offset: None,
        }
    }

    fn literal(&mut self, c: char) -> Option<()> {
        self.rest = self.rest.strip_prefix(c)?;
        Some(())
    }

    /// The separator of the culture, or the sign itself.
    fn separator(&mut self, c: char) -> Option<()> {
        let own = if c == '/' { self.culture.date_separator() } else { self.culture.time_separator() };
        self.rest = self.rest.strip_prefix(own).or_else(|| self.rest.strip_prefix(c))?;
        Some(())
    }

    fn digits(&mut self, least: usize, most: usize) -> Option<&'t str> {
        let count = self.rest.chars().take(most).take_while(char::is_ascii_digit).count();
        if count < least {
            return None;
        }
        let (digits, rest) = self.rest.split_at(count);
        self.rest = rest;
        Some(digits)
    }

    fn number(&mut self, run: usize) -> Option<i8> {
        self.digits(if run > 1 { 2 } else { 1 }, 2)?.parse().ok()
    }

    /// The longest name that the rest starts with.
    fn name(&mut self, names: &[&str]) -> Option<usize> {
        let lower = self.rest.to_lowercase();
        let fits = names.iter().enumerate().filter(|(_, name)| lower.starts_with(&name.to_lowercase()));
        let (at, name) = fits.max_by_key(|(_, name)| name.len())?;
        self.rest = self.rest.get(name.len()..)?;
        Some(at)
    }

    fn field(&mut self, letter: char, run: usize) -> Option<()> {
        match (letter, run) {
            ('y', 1 | 2) => {
                let digits = self.digits(run, 2)?;
                self.year = full_year((digits.parse().ok()?, 2));
            }
            ('y', _) => {
                let digits = self.digits(run, run)?;
                self.year = digits.parse().ok().filter(|year| (1..=9_999).contains(year));
            }
            ('M', 1 | 2) => self.month = Some(self.number(run)?),
            ('M', _) => {
                let (plain, beside) = if run == 3 {
                    (&self.culture.short_months, &self.culture.short_months_of)
                } else {
                    (&self.culture.months, &self.culture.months_of)
                };
                let names: Vec<&str> = plain.iter().chain(beside).copied().collect();
                self.month = i8::try_from(self.name(&names)? % 12 + 1).ok();
            }
            ('d', 1 | 2) => self.day = Some(self.number(run)?),
            ('d', 3) => drop(self.name(&self.culture.short_days)?),
            ('d', _) => drop(self.name(&self.culture.days)?),
            ('h', _) => (self.hour, self.twelve) = (self.number(run)?, true),
            ('H', _) => self.hour = self.number(run)?,
            ('m', _) => self.minute = self.number(run)?,
            ('s', _) => self.second = self.number(run)?,
            ('f' | 'F', _) => {
                let digits = self.digits(if letter == 'f' { run } else { 0 }, run)?;
                let nine: String = digits.chars().chain("000000000".chars()).take(9).collect();
                self.nanos = nine.parse().ok()?;
            }
            ('t', _) => {
                let halves = [self.culture.half(false), self.culture.half(true)];
                self.afternoon = Some(self.name(&halves)? == 1);
            }
            ('K', _) if self.rest.is_empty() => {}
            ('K', _) if self.rest.starts_with('Z') => {
                self.rest = self.rest.get(1..)?;
                self.offset = Some(0);
            }
            _ => self.offset()?,
        }
        Some(())
    }

    fn offset(&mut self) -> Option<()> {
        let sign = match self.rest.chars().next()? {
            '+' => 1,
            '-' => -1,
            _ => return None,
        };
        self.rest = self.rest.get(1..)?;
        let hours: i64 = self.digits(1, 2)?.parse().ok()?;
        let mut minutes = 0;
        if let Some(rest) = self.rest.strip_prefix(':') {
            self.rest = rest;
            minutes = self.digits(2, 2)?.parse().ok()?;
        }
        if hours > 14 || minutes > 59 {
            return None;
        }
        self.offset = Some(sign * (hours * 3_600 + minutes * 60));
        Some(())
    }
}
