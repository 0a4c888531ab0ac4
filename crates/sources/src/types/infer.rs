//! What the values of a column look like, counted over all rows.

use super::dates::{self, DateFormat, Order};
use crate::files::cells::{Cell, CellKind};
use crate::limits::excerpt;

/// What one value looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Look {
    /// No value: empty, or only white space.
    Nothing,
    Integer,
    Number,
    /// Digits that are a name rather than a quantity: leading zeros, a leading plus, more than 15 digits.
    Identifier,
    Boolean,
    IsoDate,
    IsoDateTime,
    IsoMoment,
    /// Day, month and year as numbers.
    Numeric(dates::Numeric),
    Other,
}

/// More digits than these are no longer exact in the numbers of most other programs.
const EXACT_DIGITS: usize = 15;

/// Tells what a value looks like.
pub(crate) fn look(cell: Cell<'_>) -> Look {
    let text = cell.text.trim_ascii();
    let Some(first) = text.as_bytes().first() else {
        return Look::Nothing;
    };
    match cell.kind {
        CellKind::Null => Look::Nothing,
        CellKind::Nested => Look::Other,
        CellKind::Boolean => Look::Boolean,
        CellKind::Number => match number(text) {
            Look::Identifier if text.parse::<i64>().is_ok() => Look::Integer,
            look => look,
        },
        CellKind::String => date(text, *first),
        CellKind::Text => match first {
            b'0'..=b'9' => match number(text) {
                Look::Other => date(text, *first),
                look => look,
            },
            b'-' | b'+' | b'.' => number(text),
            b't' | b'T' if text.eq_ignore_ascii_case("true") => Look::Boolean,
            b'f' | b'F' if text.eq_ignore_ascii_case("false") => Look::Boolean,
            _ => Look::Other,
        },
    }
}

fn number(text: &str) -> Look {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let whole = digits.bytes().take_while(u8::is_ascii_digit).count();
    let (all, plus) = (whole == digits.len(), text.starts_with('+'));
    if all && whole > 0 {
        let zero = whole > 1 && digits.starts_with('0');
        return if zero || plus || whole > EXACT_DIGITS { Look::Identifier } else { Look::Integer };
    }
    let zero = whole > 1 && digits.starts_with('0');
    // Few digits around a point are a number without further proof.
    if is_short_decimal(digits, whole) {
        return if zero || plus { Look::Identifier } else { Look::Number };
    }
    let plain = digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'.' | b'e' | b'E' | b'+' | b'-'));
    if !plain || !text.parse::<f64>().is_ok_and(f64::is_finite) {
        return Look::Other;
    }
    if zero || plus { Look::Identifier } else { Look::Number }
}

/// Whether it is `whole` digits, a point, and digits.
fn is_short_decimal(text: &str, whole: usize) -> bool {
    let rest = text.as_bytes().get(whole..).unwrap_or_default();
    whole > 0
        && text.len() <= 32
        && matches!(rest, [b'.', fraction @ ..] if !fraction.is_empty() && fraction.iter().all(u8::is_ascii_digit))
}

fn date(text: &str, first: u8) -> Look {
    if !first.is_ascii_digit() || text.len() > 40 {
        return Look::Other;
    }
    if let Some(moment) = dates::iso(text) {
        return match (moment.time, moment.offset) {
            (None, _) => Look::IsoDate,
            (_, None) => Look::IsoDateTime,
            _ => Look::IsoMoment,
        };
    }
    dates::numeric(text).map_or(Look::Other, Look::Numeric)
}

/// A value of a column that does not look like the others.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Odd {
    pub(crate) file: String,
    pub(crate) line: u64,
    pub(crate) text: String,
}

/// How many dates written with numbers there are of one separator.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct NumericDates {
    pub(crate) either: u64,
    pub(crate) day_first: u64,
    pub(crate) month_first: u64,
    pub(crate) timed: u64,
}

impl NumericDates {
    pub(crate) fn count(&self) -> u64 {
        self.either + self.day_first + self.month_first
    }
}

/// What all values of a column look like.
#[derive(Clone, Debug, Default)]
pub(crate) struct Looks {
    pub(crate) values: u64,
    pub(crate) integers: u64,
    pub(crate) numbers: u64,
    pub(crate) identifiers: u64,
    pub(crate) booleans: u64,
    pub(crate) iso_dates: u64,
    pub(crate) iso_date_times: u64,
    pub(crate) iso_moments: u64,
    /// By separator: `/`, `-`, `.`.
    pub(crate) numeric: [NumericDates; 3],
    pub(crate) others: u64,
    pub(crate) first_other: Option<Odd>,
    /// Dates in the declared format: without a time, with one, with an offset.
    pub(crate) declared: [u64; 3],
}

/// The separators of [`Looks::numeric`], in its order.
pub(crate) const SEPARATORS: [u8; 3] = [b'/', b'-', b'.'];

impl Looks {
    /// Counts a value.
    pub(crate) fn add(&mut self, cell: Cell<'_>, declared: Option<&DateFormat>, file: &str, line: u64) {
        let look = look(cell);
        if look == Look::Nothing {
            return;
        }
        self.values += 1;
        match look {
            Look::Nothing => {}
            Look::Integer => self.integers += 1,
            Look::Number => self.numbers += 1,
            Look::Identifier => self.identifiers += 1,
            Look::Boolean => self.booleans += 1,
            Look::IsoDate => self.iso_dates += 1,
            Look::IsoDateTime => self.iso_date_times += 1,
            Look::IsoMoment => self.iso_moments += 1,
            Look::Numeric(date) => self.add_numeric(date),
            Look::Other => {
                self.others += 1;
                if self.first_other.is_none() {
                    let text = excerpt(cell.text, 80);
                    self.first_other = Some(Odd { file: file.to_owned(), line, text });
                }
            }
        }
        // Without a digit it is no date in any format; this spares most texts the attempt.
        if let Some(format) = declared
            && matches!(cell.kind, CellKind::Text | CellKind::String)
            && cell.text.len() <= 64
            && cell.text.bytes().any(|byte| byte.is_ascii_digit())
            && let Some(moment) = format.read(cell.text.trim_ascii())
        {
            let [dates, timed, moments] = &mut self.declared;
            match (moment.time, moment.offset) {
                (None, _) => *dates += 1,
                (_, None) => *timed += 1,
                _ => *moments += 1,
            }
        }
    }

    /// Adds what the values of a later piece of the file look like. `line` is the line before the piece's first.
    pub(crate) fn merge(&mut self, other: Self, file: &str, line: u64) {
        self.values += other.values;
        self.integers += other.integers;
        self.numbers += other.numbers;
        self.identifiers += other.identifiers;
        self.booleans += other.booleans;
        self.iso_dates += other.iso_dates;
        self.iso_date_times += other.iso_date_times;
        self.iso_moments += other.iso_moments;
        self.others += other.others;
        for (mine, theirs) in self.numeric.iter_mut().zip(other.numeric) {
            mine.either += theirs.either;
            mine.day_first += theirs.day_first;
            mine.month_first += theirs.month_first;
            mine.timed += theirs.timed;
        }
        for (mine, theirs) in self.declared.iter_mut().zip(other.declared) {
            *mine += theirs;
        }
        if let Some(odd) = other.first_other
            && self.first_other.is_none()
        {
            self.first_other = Some(Odd { file: file.to_owned(), line: line + odd.line, ..odd });
        }
    }

    fn add_numeric(&mut self, date: dates::Numeric) {
        for (separator, counts) in SEPARATORS.into_iter().zip(&mut self.numeric) {
            if separator == date.separator {
                match date.order {
                    Order::Either => counts.either += 1,
                    Order::DayFirst => counts.day_first += 1,
                    Order::MonthFirst => counts.month_first += 1,
                }
                counts.timed += u64::from(date.timed);
            }
        }
    }

    /// Dates written with numbers, whatever their separator.
    pub(crate) fn numeric_dates(&self) -> u64 {
        self.numeric.iter().map(NumericDates::count).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_look_like_what_people_mean() {
        for (text, expected) in [
            ("", Look::Nothing),
            ("  ", Look::Nothing),
            ("0", Look::Integer),
            ("-12", Look::Integer),
            (" 12 ", Look::Integer),
            ("00123", Look::Identifier),
            ("-007", Look::Identifier),
            ("+49301234", Look::Identifier),
            ("4111111111111111", Look::Identifier),
            ("1.5", Look::Number),
            (".5", Look::Number),
            ("00.5", Look::Identifier),
            ("-1e-5", Look::Number),
            ("1e999", Look::Other),
            ("1,234", Look::Other),
            ("1.2.3", Look::Other),
            ("nan", Look::Other),
            ("inf", Look::Other),
            ("-", Look::Other),
            ("983.566.0706x9509", Look::Other),
            ("TRUE", Look::Boolean),
            ("false", Look::Boolean),
            ("yes", Look::Other),
            ("2024-02-29", Look::IsoDate),
            ("2024-02-29T10:00", Look::IsoDateTime),
            ("2024-02-29T10:00Z", Look::IsoMoment),
            ("2024-02-30", Look::Other),
        ] {
            assert_eq!(look(Cell { kind: CellKind::Text, text }), expected, "{text:?}");
        }
        let kinds = |kind, text| look(Cell { kind, text });
        assert_eq!(kinds(CellKind::String, "12"), Look::Other);
        assert_eq!(kinds(CellKind::String, "2024-02-29"), Look::IsoDate);
        assert_eq!(kinds(CellKind::Number, "4111111111111111"), Look::Integer);
        assert_eq!(kinds(CellKind::Number, "99999999999999999999"), Look::Identifier);
        assert_eq!(kinds(CellKind::Nested, "[1]"), Look::Other);
    }
}
