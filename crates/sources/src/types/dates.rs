//! Dates and times in text: ISO 8601, declared formats, and day/month/year with an order to be found out.

/// A date, with a time and an offset when the text had them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Moment {
    /// Days since 1970-01-01.
    pub(crate) days: i32,
    /// Microseconds since midnight; none when the text had no time.
    pub(crate) time: Option<i64>,
    /// Seconds east of UTC; none when the text had no zone.
    pub(crate) offset: Option<i32>,
}

const DAY: i64 = 86_400_000_000;

impl Moment {
    /// Microseconds since 1970-01-01T00:00:00, of UTC when there is an offset, else of the wall clock.
    pub(crate) fn micros(self) -> i64 {
        i64::from(self.days) * DAY + self.time.unwrap_or(0) - i64::from(self.offset.unwrap_or(0)) * 1_000_000
    }
}

/// Days since 1970-01-01 of a day of the Gregorian calendar, years 1 to 9999.
///
/// The method is Howard Hinnant's `days_from_civil`.
fn days(year: u32, month: u32, day: u32) -> Option<i32> {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let last = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 => 28 + u32::from(leap),
        _ => return None,
    };
    if !(1..=9999).contains(&year) || day == 0 || day > last {
        return None;
    }
    // Years begin in March, so that the leap day is the last one.
    let shifted = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (shifted / 400, shifted % 400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let of_era = of_era * 365 + of_era / 4 - of_era / 100 + of_year;
    i32::try_from(era * 146_097 + of_era).ok().map(|count| count - 719_468)
}

/// What is left of a text being read.
#[derive(Clone, Copy)]
struct Scan<'a>(&'a [u8]);

impl Scan<'_> {
    /// `least` to `most` digits.
    fn digits(&mut self, least: usize, most: usize) -> Option<u32> {
        let (mut value, mut count) = (0_u32, 0);
        while let Some((digit @ b'0'..=b'9', rest)) = self.0.split_first()
            && count < most
        {
            value = value.checked_mul(10)?.checked_add(u32::from(digit - b'0'))?;
            count += 1;
            self.0 = rest;
        }
        (count >= least).then_some(value)
    }

    fn byte(&mut self, wanted: u8) -> Option<()> {
        let (first, rest) = self.0.split_first()?;
        (*first == wanted).then(|| self.0 = rest)
    }

    fn one_of(&mut self, wanted: &[u8]) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        wanted.contains(first).then(|| {
            self.0 = rest;
            *first
        })
    }

    fn word(&mut self, word: &str) -> Option<()> {
        let (start, rest) = self.0.split_at_checked(word.len())?;
        start.eq_ignore_ascii_case(word.as_bytes()).then(|| self.0 = rest)
    }

    /// Digits after the decimal sign, as microseconds; what is finer is cut off.
    fn fraction(&mut self) -> Option<i64> {
        let before = self.0.len();
        let value = self.digits(1, 6)?;
        let count = u32::try_from(before - self.0.len()).ok()?;
        let micros = i64::from(value) * 10_i64.pow(6_u32.saturating_sub(count));
        self.digits(0, 3)?;
        Some(micros)
    }

    /// `Z`, `±HH:MM`, `±HHMM` or `±HH`, as seconds east.
    fn offset(&mut self) -> Option<i32> {
        if self.one_of(b"Zz").is_some() {
            return Some(0);
        }
        let sign = if self.one_of(b"+-")? == b'-' { -1 } else { 1 };
        let hours = self.digits(2, 2)?;
        let colon = self.byte(b':').is_some();
        let minutes = match self.digits(2, 2) {
            Some(minutes) => minutes,
            None if colon => return None,
            None => 0,
        };
        let seconds = i32::try_from(hours * 3600 + minutes * 60).ok()?;
        (hours <= 23 && minutes <= 59).then_some(sign * seconds)
    }

    fn half_day(&mut self) -> Option<bool> {
        if self.word("am").is_some() || self.word("a.m.").is_some() {
            return Some(false);
        }
        (self.word("pm").is_some() || self.word("p.m.").is_some()).then_some(true)
    }

    /// `H:mm`, `H:mm:ss`, with a fraction, and with AM or PM.
    fn time(&mut self) -> Option<i64> {
        let hour = self.digits(1, 2)?;
        self.byte(b':')?;
        let minute = self.digits(2, 2)?;
        let mut second = 0;
        let mut micros = 0;
        if self.byte(b':').is_some() {
            second = self.digits(2, 2)?;
            if self.one_of(b".,").is_some() {
                micros = self.fraction()?;
            }
        }
        let mut half = *self;
        let _ = half.byte(b' ');
        let afternoon = half.half_day();
        if afternoon.is_some() {
            *self = half;
        }
        time_of_day(hour, minute, second, micros, afternoon)
    }
}

fn time_of_day(hour: u32, minute: u32, second: u32, micros: i64, afternoon: Option<bool>) -> Option<i64> {
    let hour = match afternoon {
        Some(_) if !(1..=12).contains(&hour) => return None,
        Some(afternoon) => hour % 12 + if afternoon { 12 } else { 0 },
        None => hour,
    };
    // A leap second has no number of its own: it counts as the second before it.
    let second = second.min(if second == 60 { 59 } else { second });
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    Some(i64::from(hour * 3600 + minute * 60 + second) * 1_000_000 + micros)
}

/// An ISO 8601 date or date and time, as commonly written: `2024-02-29`, `2024-02-29T13:45:00.5+01:00`,
/// `2024-02-29 13:45`.
pub(crate) fn iso(text: &str) -> Option<Moment> {
    let mut scan = Scan(text.as_bytes());
    let year = scan.digits(4, 4)?;
    scan.byte(b'-')?;
    let month = scan.digits(2, 2)?;
    scan.byte(b'-')?;
    let days = days(year, month, scan.digits(2, 2)?)?;
    let mut moment = Moment { days, time: None, offset: None };
    if scan.one_of(b"T t").is_some() {
        moment.time = Some(scan.time()?);
        let _ = scan.byte(b' ');
        if !scan.0.is_empty() {
            moment.offset = Some(scan.offset()?);
        }
    }
    scan.0.is_empty().then_some(moment)
}

/// Which of the first two numbers of a date such as `3/4/2024` is the day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    /// Both orders make a date.
    Either,
    DayFirst,
    MonthFirst,
}

/// A date written with numbers for day, month and a four-digit year at the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Numeric {
    /// `/`, `-` or `.`.
    pub(crate) separator: u8,
    /// What the numbers allow.
    pub(crate) order: Order,
    /// Whether a time follows.
    pub(crate) timed: bool,
}

/// Recognises such a date.
pub(crate) fn numeric(text: &str) -> Option<Numeric> {
    let mut scan = Scan(text.as_bytes());
    let first = scan.digits(1, 2)?;
    let separator = scan.one_of(b"/-.")?;
    let second = scan.digits(1, 2)?;
    scan.byte(separator)?;
    let year = scan.digits(4, 4)?;
    let timed = scan.byte(b' ').is_some();
    if timed {
        scan.time()?;
    }
    if !scan.0.is_empty() {
        return None;
    }
    let order = match (days(year, second, first).is_some(), days(year, first, second).is_some()) {
        (true, true) => Order::Either,
        (true, false) => Order::DayFirst,
        (false, true) => Order::MonthFirst,
        (false, false) => return None,
    };
    Some(Numeric { separator, order, timed })
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    Year,
    ShortYear,
    /// A number of one or two digits; exactly two when another number follows at once.
    Month,
    MonthName,
    Day,
    Hour,
    HalfHour,
    Minute,
    Second,
    Fraction,
    HalfDay,
    Offset,
    Literal(u8),
}

/// How dates of a column are written: `M/D/YYYY`, `DD.MM.YYYY HH:mm:ss`, `YYYYMMDD`, `D MMM YYYY h:mm A`.
///
/// `YYYY`/`yyyy` year, `YY` two-digit year (69–99 are 19xx, 00–68 are 20xx), `M`/`MM` month, `MMM`/`MMMM`
/// English month name, `D`/`DD`/`d`/`dd` day, `H`/`HH` hour 0–23, `h`/`hh` hour 1–12 with `A`/`a`/`tt` for AM
/// and PM, `m`/`mm` minute, `s`/`ss` second, `S…`/`f…` fraction, `Z` offset; all else stands for itself.
/// Numbers may have one or two digits whichever form is used. A format without a time also takes a time
/// that follows the date (`5/8/2024 13:45`, `5/8/2024 1:45 PM`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DateFormat {
    text: String,
    tokens: Vec<Token>,
}

impl DateFormat {
    /// Reads a format, or says why it is none.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut tokens = Vec::new();
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            let run = rest.len() - rest.trim_start_matches(first).len();
            let (token, used) = token(first, run / first.len_utf8(), rest)?;
            tokens.extend(token);
            rest = rest.get(used..).unwrap_or_default();
        }
        let has = |wanted: &[Token]| tokens.iter().filter(|token| wanted.contains(token)).count();
        for (name, wanted) in [
            ("year (YYYY)", &[Token::Year, Token::ShortYear][..]),
            ("month (M or MM; m is the minute)", &[Token::Month, Token::MonthName][..]),
            ("day (D or DD)", &[Token::Day][..]),
        ] {
            match has(wanted) {
                0 => return Err(format!("it has no {name}")),
                1 => {}
                _ => return Err(format!("it has more than one {name}")),
            }
        }
        if has(&[Token::HalfHour]) > 0 && has(&[Token::HalfDay]) == 0 {
            return Err("h is the hour of half a day and needs A for AM and PM; use H for 0 to 23".into());
        }
        Ok(Self { text: text.to_owned(), tokens })
    }

    /// The format as it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether it says where the time stands.
    pub fn has_time(&self) -> bool {
        self.tokens.iter().any(|token| matches!(token, Token::Hour | Token::HalfHour))
    }

    /// Whether it says where the offset from UTC stands.
    pub fn has_offset(&self) -> bool {
        self.tokens.contains(&Token::Offset)
    }

    /// Reads a date written this way.
    pub(crate) fn read(&self, text: &str) -> Option<Moment> {
        let mut scan = Scan(text.as_bytes());
        let (mut year, mut month, mut day) = (0, 0, 0);
        let (mut hour, mut minute, mut second, mut micros) = (None, 0, 0, 0);
        let (mut afternoon, mut offset) = (None, None);
        let mut before = None;
        let mut tokens = self.tokens.iter().peekable();
        while let Some(token) = tokens.next() {
            let tight = is_number(before) || is_number(tokens.peek().copied());
            let least = if tight { 2 } else { 1 };
            before = Some(token);
            match token {
                Token::Year => year = scan.digits(4, 4)?,
                Token::ShortYear => {
                    let short = scan.digits(2, 2)?;
                    year = if short < 69 { 2000 + short } else { 1900 + short };
                }
                Token::Month => month = scan.digits(least, 2)?,
                Token::MonthName => month = month_name(&mut scan)?,
                Token::Day => day = scan.digits(least, 2)?,
                Token::Hour | Token::HalfHour => hour = Some(scan.digits(least, 2)?),
                Token::Minute => minute = scan.digits(least, 2)?,
                Token::Second => second = scan.digits(least, 2)?,
                Token::Fraction => micros = scan.fraction()?,
                Token::HalfDay => afternoon = Some(scan.half_day()?),
                Token::Offset => offset = Some(scan.offset()?),
                Token::Literal(byte) => scan.byte(*byte)?,
            }
        }
        let time = match hour {
            Some(hour) => Some(time_of_day(hour, minute, second, micros, afternoon)?),
            None if scan.0.is_empty() => None,
            None => {
                scan.one_of(b" T")?;
                Some(scan.time()?)
            }
        };
        let days = days(year, month, day)?;
        scan.0.is_empty().then_some(Moment { days, time, offset })
    }
}

/// Whether there are digits where the token stands.
fn is_number(token: Option<&Token>) -> bool {
    use Token as T;
    let other = [T::MonthName, T::HalfDay, T::Offset];
    token.is_some_and(|token| !matches!(token, T::Literal(_)) && !other.contains(token))
}

fn token(first: char, run: usize, rest: &str) -> Result<(Option<Token>, usize), String> {
    let whole = |token| Ok((Some(token), run));
    match (first, run) {
        ('Y' | 'y', 4) => whole(Token::Year),
        ('Y' | 'y', 2) => whole(Token::ShortYear),
        ('M', 1 | 2) => whole(Token::Month),
        ('M', 3 | 4) => whole(Token::MonthName),
        ('D' | 'd', 1 | 2) => whole(Token::Day),
        ('H', 1 | 2) => whole(Token::Hour),
        ('h', 1 | 2) => whole(Token::HalfHour),
        ('m', 1 | 2) => whole(Token::Minute),
        ('s', 1 | 2) => whole(Token::Second),
        ('S' | 'f', 1..=9) => whole(Token::Fraction),
        ('A' | 'a', 1) | ('t', 1 | 2) => whole(Token::HalfDay),
        ('Z' | 'z', 1..=3) => whole(Token::Offset),
        ('T', 1) => Ok((Some(Token::Literal(b'T')), 1)),
        ('\'' | '"', _) => Ok((None, 1)),
        (other, _) if other.is_ascii_alphabetic() => {
            let word: String = rest.chars().take(run).collect();
            Err(format!("{word:?} means nothing in it; use tokens such as YYYY, MM, DD, HH, mm, ss"))
        }
        (other, _) if other.is_ascii() && !other.is_ascii_digit() => {
            Ok((u8::try_from(other).ok().map(Token::Literal), 1))
        }
        (other, _) => Err(format!("{other:?} cannot stand in it")),
    }
}

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

fn month_name(scan: &mut Scan<'_>) -> Option<u32> {
    for (number, name) in (1..).zip(MONTHS) {
        if scan.word(name).is_some() || scan.word(name.get(..3)?).is_some() {
            let _ = scan.byte(b'.');
            return Some(number);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(moment: Option<Moment>) -> String {
        let Some(moment) = moment else { return "–".into() };
        let instant = jiff::Timestamp::from_microsecond(moment.micros()).unwrap();
        match (moment.time, moment.offset) {
            (None, _) => instant.strftime("%F").to_string(),
            (_, None) => instant.strftime("%F %T%.f").to_string(),
            _ => instant.to_string(),
        }
    }

    #[test]
    fn days_agree_with_jiff_over_the_whole_calendar() {
        let epoch = jiff::civil::date(1970, 1, 1);
        for (year, months) in
            [(1_i16, 1..=12_i8), (1900, 1..=12), (2000, 1..=12), (2024, 1..=12), (9999, 1..=12)]
        {
            for month in months {
                for day in 0..=32_i8 {
                    let theirs =
                        jiff::civil::Date::new(year, month, day).ok().map(|date| (date - epoch).get_days());
                    let ours = days(year as u32, month as u32, day.max(0) as u32);
                    assert_eq!(ours, theirs, "{year}-{month}-{day}");
                }
            }
        }
    }

    #[test]
    fn iso_dates_are_read_as_people_write_them() {
        for (text, expected) in [
            ("2024-02-29", "2024-02-29"),
            ("2023-02-29", "–"),
            ("0000-01-01", "–"),
            ("2024-2-9", "–"),
            ("2024-02-29T13:45:01", "2024-02-29 13:45:01"),
            ("2024-02-29 13:45", "2024-02-29 13:45:00"),
            ("2024-02-29T13:45:01.1234567Z", "2024-02-29T13:45:01.123456Z"),
            ("2024-02-29T13:45:01+01:00", "2024-02-29T12:45:01Z"),
            ("2024-02-29T13:45:01 -0230", "2024-02-29T16:15:01Z"),
            ("2016-12-31T23:59:60Z", "2016-12-31T23:59:59Z"),
            ("2024-02-29T24:00:00", "–"),
            ("2024-02-29T", "–"),
            ("2024-02-29T13:45:01+1:00", "–"),
            ("2024-02-29x", "–"),
            ("", "–"),
        ] {
            assert_eq!(shown(iso(text)), expected, "{text}");
        }
    }

    #[test]
    fn declared_formats_are_read() {
        for (format, text, expected) in [
            ("M/D/YYYY", "5/8/1986", "1986-05-08"),
            ("M/D/YYYY", "13/8/1986", "–"),
            ("M/D/YYYY", "05/08/1986", "1986-05-08"),
            ("M/D/YYYY", "5/8/1986 13:45", "1986-05-08 13:45:00"),
            ("M/D/YYYY", "5/8/1986 1:45 PM", "1986-05-08 13:45:00"),
            ("M/D/YYYY", "5/8/1986x", "–"),
            ("DD.MM.YYYY HH:mm:ss", "08.05.1986 13:45:59", "1986-05-08 13:45:59"),
            ("DD.MM.YYYY HH:mm:ss", "08.05.1986", "–"),
            ("yyyy-MM-dd'T'HH:mm:ss.fffZ", "1986-05-08T13:45:59.5+02:00", "1986-05-08T11:45:59.5Z"),
            ("YYYYMMDD", "19860508", "1986-05-08"),
            ("YYYYMMDD", "1986058", "–"),
            ("DD-MMM-YY", "08-may-86", "1986-05-08"),
            ("MMMM D, YYYY", "September 3, 2020", "2020-09-03"),
            ("M/D/YY h:mm A", "5/8/06 12:05 am", "2006-05-08 00:05:00"),
            ("M/D/YY h:mma", "5/8/06 12:05PM", "2006-05-08 12:05:00"),
        ] {
            assert_eq!(shown(DateFormat::parse(format).unwrap().read(text)), expected, "{format} {text}");
        }
    }

    #[test]
    fn a_format_that_cannot_make_a_date_is_refused_with_the_reason() {
        for (format, reason) in [
            ("", "no year"),
            ("YYYY-mm-dd", "no month (M or MM; m is the minute)"),
            ("YYYY-MM", "no day"),
            ("YYYY YYYY-MM-DD", "more than one year"),
            ("YYYYY-MM-DD", "means nothing"),
            ("YYYY-MM-DD hh:mm", "use H"),
            ("Q YYYY", "means nothing"),
            ("YYYY年MM月DD", "cannot stand"),
        ] {
            let error = DateFormat::parse(format).unwrap_err();
            assert!(error.contains(reason), "{format}: {error}");
        }
    }

    #[test]
    fn the_order_of_day_and_month_is_what_the_numbers_allow() {
        let order = |text| numeric(text).map(|date| (char::from(date.separator), date.order, date.timed));
        assert_eq!(order("3/4/2024"), Some(('/', Order::Either, false)));
        assert_eq!(order("13/4/2024"), Some(('/', Order::DayFirst, false)));
        assert_eq!(order("4.13.2024 10:00"), Some(('.', Order::MonthFirst, true)));
        assert_eq!(order("30-2-2024"), None);
        assert_eq!(order("3/4-2024"), None);
        assert_eq!(order("3/4/24"), None);
    }
}
