//! What the values of an attribute look like, told from a sample.

use std::collections::HashSet;
use std::sync::LazyLock;

use arrow::array::{Array, ArrayRef};
use arrow::compute::cast;
use arrow::datatypes::DataType;
use serde::Serialize;

use super::names::plain;
use crate::input::Input;
use crate::normalize::{email, is_default, name_variants};
use crate::plan::is_text;

/// What a value can look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Form {
    /// An e-mail address.
    Email,
    /// A telephone number.
    Phone,
    /// A telephone number with its `+`, or with signs between its digits.
    WrittenPhone,
    /// A day, with or without a time.
    Date,
    /// One to five words of letters.
    Words,
    /// Two to five words of letters.
    TwoWords,
    /// Words of letters, one of them a known given name.
    GivenName,
    /// A name or code of a place: letters, and no word such as `active`.
    Place,
    /// Words together with a number, as a street and a house.
    Address,
    /// A postal code.
    PostalCode,
    /// A word for a sex.
    Gender,
    /// A number of degrees, −180 to 180.
    Degrees,
    /// A code with at least five digits.
    Code,
    /// An address on the web.
    Url,
    /// Any text with a letter.
    Text,
}

/// The sampled values of one attribute.
#[derive(Debug)]
pub(super) struct Sample {
    texts: Vec<String>,
    data_type: DataType,
}

/// Values that are looked at.
const SAMPLE: usize = 1_000;

impl Sample {
    /// Takes filled values, evenly spread over the rows, that are no defaults such as `n/a`.
    pub(super) fn new(input: &Input, column: usize) -> Self {
        let data_type = input.schema.fields().get(column).map_or(DataType::Null, |it| it.data_type().clone());
        let rows: usize = input.batches.iter().map(|batch| batch.num_rows()).sum();
        // More rows than values are visited, because some are empty.
        let step = rows.div_ceil(SAMPLE * 4).max(1);
        let mut texts = Vec::new();
        let mut start = 0;
        for batch in &input.batches {
            let next = start + batch.num_rows();
            if let Some(array) = batch.columns().get(column).and_then(as_text) {
                let array = arrow::array::AsArray::as_string::<i32>(&array);
                let first = start.next_multiple_of(step);
                for row in (first..next).step_by(step).map(|row| row - start) {
                    texts.extend((array.is_valid(row)).then(|| array.value(row).trim().to_owned()));
                }
            }
            start = next;
        }
        texts.retain(|text| !is_default(text));
        let keep = texts.len().div_ceil(SAMPLE).max(1);
        let texts = texts.into_iter().step_by(keep).collect();
        Self { texts, data_type }
    }

    /// The number of values.
    pub(super) fn len(&self) -> usize {
        self.texts.len()
    }

    /// Whether the values are days or times by their data type.
    pub(super) fn is_time(&self) -> bool {
        matches!(self.data_type, DataType::Date32 | DataType::Date64 | DataType::Timestamp(..))
    }

    /// How many values look like this.
    pub(super) fn count(&self, form: Form) -> usize {
        if form == Form::Date && self.is_time() {
            return self.texts.len();
        }
        // Numbers that are not whole are amounts or degrees, booleans are neither.
        let possible = match form {
            Form::Degrees => !is_text(&self.data_type) || self.data_type == DataType::Utf8,
            Form::Phone | Form::PostalCode | Form::Code | Form::Gender => {
                is_text(&self.data_type) || self.data_type.is_integer()
            }
            _ => is_text(&self.data_type),
        };
        if possible { self.texts.iter().filter(|text| looks_like(text, form)).count() } else { 0 }
    }
}

fn as_text(array: &ArrayRef) -> Option<ArrayRef> {
    cast(array, &DataType::Utf8).ok()
}

/// Whether a value looks like this.
pub(super) fn looks_like(value: &str, form: Form) -> bool {
    match form {
        Form::Email => email(value).is_some(),
        Form::Phone => is_phone(value),
        Form::WrittenPhone => is_phone(value) && (value.starts_with('+') || value.contains(['(', '-', ' '])),
        Form::Date => is_date(value),
        Form::Words => (1..=5).contains(&name_words(value)),
        Form::TwoWords => (2..=5).contains(&name_words(value)) || is_chinese_name(value),
        Form::GivenName => name_words(value) > 0 && has_given_name(value),
        Form::Place => name_words(value) > 0 && !is_listed(value, &STATUSES),
        Form::Address => is_address(value),
        Form::PostalCode => is_postal_code(value),
        Form::Gender => is_listed(value, &GENDERS),
        Form::Degrees => value.parse::<f64>().is_ok_and(|degrees| (-180.0..=180.0).contains(&degrees)),
        Form::Code => {
            let digits = value.chars().filter(char::is_ascii_digit).count();
            (5..=20).contains(&digits) && value.chars().all(|c| c.is_alphanumeric() || " -()/.".contains(c))
        }
        Form::Url => is_url(value),
        Form::Text => value.chars().any(char::is_alphabetic) && !is_url(value),
    }
}

type List = LazyLock<HashSet<String>>;

static GENDERS: List = LazyLock::new(|| list(include_str!("../data/semantic/genders.txt")));
static STATUSES: List = LazyLock::new(|| list(include_str!("../data/semantic/statuses.txt")));

fn list(text: &'static str) -> HashSet<String> {
    text.lines().filter(|line| !line.starts_with('#')).flat_map(str::split_whitespace).map(plain).collect()
}

fn is_listed(value: &str, list: &List) -> bool {
    list.contains(&plain(value))
}

/// The number of words of a text that consists of letters; 0 for every other text.
fn name_words(value: &str) -> usize {
    let is_part = |c: char| {
        c.is_alphabetic() || "'’.-`,() ".contains(c) || unicode_normalization::char::is_combining_mark(c)
    };
    let words = value.split_whitespace().filter(|word| word.contains(char::is_alphabetic)).count();
    if value.chars().all(is_part) && value.chars().count() <= 80 { words } else { 0 }
}

fn has_given_name(value: &str) -> bool {
    value.to_lowercase().split_whitespace().any(|word| name_variants().find(word).is_some())
        || is_chinese_name(value)
}

/// Two to four Chinese characters: surname and given name without a space.
fn is_chinese_name(value: &str) -> bool {
    (2..=4).contains(&value.chars().count()) && value.chars().all(|c| ('\u{4E00}'..='\u{9FFF}').contains(&c))
}

/// 7 to 15 digits (E.164) and perhaps an extension, with the signs that people put between them, and no date.
fn is_phone(value: &str) -> bool {
    let number = value.find(['x', 'X', ';', '#']).map_or(value, |end| value.get(..end).unwrap_or_default());
    let number = number.to_lowercase();
    let number = number.trim_end_matches(|c: char| c.is_alphabetic() || c == '.' || c == ' ');
    let digits = number.chars().filter(char::is_ascii_digit).count();
    let signs = number.chars().all(|c| c.is_ascii_digit() || "+-./() ".contains(c) || c == '\u{a0}');
    let decimal = number.split_once('.').is_some_and(|(_, part)| part.len() > 4 && !part.contains('.'));
    (7..=15).contains(&digits) && signs && !decimal && !is_date(value)
}

/// A day such as `2024-01-31`, `31.1.2024`, `1/31/2024`, `2024年1月31日`, perhaps with a time behind it.
fn is_date(value: &str) -> bool {
    let day = value.split(['T', ' ']).next().unwrap_or_default();
    let parts: Vec<&str> =
        day.split(['-', '/', '.', '年', '月', '日']).filter(|part| !part.is_empty()).collect();
    let numbers: Vec<u32> = parts.iter().filter_map(|part| part.parse().ok()).collect();
    let [first, second, third] = numbers.as_slice() else { return false };
    if parts.len() != 3 {
        return false;
    }
    let year_is =
        |part: Option<&&str>, year: u32| part.is_some_and(|it| it.len() == 4) && (1..=9999).contains(&year);
    let day_and_month =
        |a: u32, b: u32| (1..=31).contains(&a) && (1..=31).contains(&b) && (a <= 12 || b <= 12);
    (year_is(parts.first(), *first) && day_and_month(*second, *third))
        || (year_is(parts.last(), *third) && day_and_month(*first, *second))
}

/// Letters and a digit, of more than one word or with an ending of an address in Chinese.
fn is_address(value: &str) -> bool {
    let words = value.split_whitespace().count();
    let letters = value.chars().filter(|c| c.is_alphabetic()).count();
    let chinese = value.contains(['道', '街', '路', '號', '号', '樓', '楼', '室']);
    letters >= 2
        && (chinese || words >= 2 && value.contains(|c: char| c.is_ascii_digit()))
        && email(value).is_none()
        && !is_url(value)
}

/// Three to ten letters and digits, most of them digits or in the British or Canadian way, and no word.
fn is_postal_code(value: &str) -> bool {
    let length = value.chars().filter(char::is_ascii_alphanumeric).count();
    let digits = value.chars().filter(char::is_ascii_digit).count();
    let plain = value.chars().all(|c| c.is_ascii_alphanumeric() || c == ' ' || c == '-');
    plain && (3..=10).contains(&length) && digits >= 2 && value.split_whitespace().count() <= 2
}

fn is_url(value: &str) -> bool {
    let rest = value.strip_prefix("https://").or_else(|| value.strip_prefix("http://"));
    rest.is_some_and(|rest| rest.contains('.') && !rest.contains(char::is_whitespace))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_look_like_what_they_are_and_not_like_something_else() {
        for (form, yes, no) in [
            (
                Form::Phone,
                &["+359 88 555 0100", "983.566.0706x9509", "(555) 010-0000", "2555 0100"][..],
                &["2018-10-19", "256414.1127086401", "12345", "4111-1111-1111-1111", "1/20/2019", "abc"][..],
            ),
            (
                Form::Date,
                &["2018-10-19", "5/8/1986", "31.12.1999", "2024年1月31日", "2019-01-01T10:00:00Z"],
                &["10.0.0.1", "1-800-5550100", "13/13/2020", "99999-1-1", "2018"],
            ),
            (Form::Words, &["Ann", "O'Neil", "Anne-Marie", "Иван", "陳", "Ng"], &["Ann3", "a@b.c", "", "1"]),
            (Form::TwoWords, &["Ann Moss", "陳大文", "Ion al Mariei"], &["Ann", "CNTID_1000"]),
            (
                Form::Address,
                &["129 Miller Plaza", "ул. Шипка 5", "彌敦道123號"],
                &["Fairfield", "10753", "a@b.c"],
            ),
            (
                Form::PostalCode,
                &["10753", "1000", "SW1A 1AA", "050000", "10753-1234"],
                &["Fairfield", "12", "a b c 1 2"],
            ),
            (Form::Gender, &["Female", "M", "ж", "Мъж", "Әйел", "Gizona", "女"], &["Ann", "high"]),
            (Form::Place, &["California", "CA", "USA"], &["active", "Closed", "5"]),
            (Form::Url, &["https://example.com/a.png"], &["example.com", "http://x y.z"]),
        ] {
            yes.iter().for_each(|value| assert!(looks_like(value, form), "{value} is no {form:?}"));
            no.iter().for_each(|value| assert!(!looks_like(value, form), "{value} is a {form:?}"));
        }
    }
}
