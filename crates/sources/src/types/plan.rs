//! Which type a column gets, and why.

use super::dates::DateFormat;
use super::infer::{Looks, SEPARATORS};
use crate::definition::{AttributeOverride, AttributeType, SourceEntity};
use crate::error::SourceError;
use crate::report::{ColumnReport, Decided, KnownColumns, Tally};

/// How the cells of a column are read.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Plan {
    /// The column's name in the input.
    pub(crate) source: String,
    /// The attribute's name.
    pub(crate) name: String,
    pub(crate) attribute_type: AttributeType,
    /// How dates are written; ISO dates are read besides.
    pub(crate) format: Option<DateFormat>,
    pub(crate) decided: Decided,
}

impl Plan {
    pub(crate) fn report(&self, values: Option<u64>) -> ColumnReport {
        ColumnReport {
            name: self.name.clone(),
            attribute_type: self.attribute_type,
            decided: self.decided,
            date_format: self.format.as_ref().map(|format| format.text().to_owned()),
            values,
        }
    }
}

/// What is said about the columns of an entity before any row is read.
pub(crate) struct Said<'a> {
    entity: &'a SourceEntity,
    known: Option<&'a KnownColumns>,
    format: Option<DateFormat>,
}

fn parse(text: &str) -> Result<DateFormat, SourceError> {
    DateFormat::parse(text).map_err(|reason| SourceError::BadDateFormat { format: text.to_owned(), reason })
}

impl<'a> Said<'a> {
    /// Checks and keeps what is declared and known.
    pub(crate) fn new(
        entity: &'a SourceEntity,
        known: Option<&'a KnownColumns>,
    ) -> Result<Self, SourceError> {
        let format = entity.date_format.as_deref().map(parse).transpose()?;
        for attribute in &entity.attributes {
            attribute.date_format.as_deref().map(parse).transpose()?;
        }
        Ok(Self { entity, known, format })
    }

    /// The name of the attribute that a column becomes.
    pub(crate) fn attribute_name<'b>(&'b self, source: &'b str) -> &'b str {
        self.entity.attribute(source).and_then(|it| it.rename.as_deref()).unwrap_or(source)
    }

    /// The columns of the primary key, each by its attribute's name or its name in the input.
    pub(crate) fn is_key(&self, source: &str) -> bool {
        let name = self.attribute_name(source);
        self.entity.primary_key.iter().any(|key| key == name || key == source)
    }

    /// The date format that holds for a column.
    pub(crate) fn format(&self, source: &str) -> Result<Option<DateFormat>, SourceError> {
        match self.entity.attribute(source).and_then(|it| it.date_format.as_deref()) {
            Some(text) => parse(text).map(Some),
            None => Ok(self.format.clone()),
        }
    }

    fn known(&self, name: &str) -> Option<&'a ColumnReport> {
        self.known?.0.iter().find(|column| column.name == name)
    }

    /// Known columns that are not among these attribute names.
    pub(crate) fn removed(&self, names: &[String]) -> Vec<String> {
        let known = self.known.map(|known| known.0.as_slice()).unwrap_or_default();
        known
            .iter()
            .filter(|column| !names.contains(&column.name))
            .map(|column| column.name.clone())
            .collect()
    }

    /// Attribute names that are not among the known columns; none when nothing is known.
    pub(crate) fn added(&self, names: &[String]) -> Vec<String> {
        match self.known {
            Some(_) => names.iter().filter(|name| self.known(name).is_none()).cloned().collect(),
            None => Vec::new(),
        }
    }

    /// Decides by what is said alone, when that is enough.
    pub(crate) fn settle(&self, source: &str) -> Result<Option<Plan>, SourceError> {
        let name = self.attribute_name(source).to_owned();
        let said = self.entity.attribute(source);
        let format = self.format(source)?;
        let plan = |attribute_type, format, decided| {
            Some(Plan { source: source.to_owned(), name: name.clone(), attribute_type, format, decided })
        };
        if let Some(attribute_type) = said.and_then(declared_type) {
            if format.is_none() && is_date(attribute_type) {
                return Ok(None);
            }
            return Ok(plan(attribute_type, format.filter(|_| is_date(attribute_type)), Decided::Declared));
        }
        if let Some(known) = self.known(&name) {
            let format = match (format.clone(), known.date_format.as_deref()) {
                (Some(format), _) => Some(format),
                (None, Some(text)) => Some(parse(text)?),
                (None, None) => None,
            };
            let format = format.filter(|_| is_date(known.attribute_type));
            // Text may be dates of a format that is declared by now; dates not understood are told every time.
            let open = known.attribute_type == AttributeType::String
                && (known.decided == Decided::AmbiguousDates || self.format.is_some())
                && !self.is_key(source);
            if !open {
                return Ok(plan(known.attribute_type, format, Decided::Known));
            }
            return Ok(None);
        }
        if self.is_key(source) {
            return Ok(plan(AttributeType::String, None, Decided::PrimaryKey));
        }
        if format.is_none() && names_an_identifier(source) {
            return Ok(plan(AttributeType::String, None, Decided::Name));
        }
        Ok(None)
    }

    /// Decides for a column whose format gives it a type.
    pub(crate) fn settle_typed(&self, source: &str, natural: AttributeType) -> Result<Plan, SourceError> {
        let name = self.attribute_name(source).to_owned();
        let declared = self.entity.attribute(source).and_then(declared_type);
        let (attribute_type, decided) = match (declared, self.known(&name)) {
            (Some(declared), _) => (declared, Decided::Declared),
            (None, Some(known)) => (known.attribute_type, Decided::Known),
            (None, None) => (natural, Decided::FileFormat),
        };
        let format = self.format(source)?.filter(|_| is_date(attribute_type));
        Ok(Plan { source: source.to_owned(), name, attribute_type, format, decided })
    }

    /// Decides for a column of a database: what is declared here goes first, then the database's own type. A type
    /// that has changed there has changed for all rows.
    pub(crate) fn settle_stored(
        &self,
        source: &str,
        natural: AttributeType,
        tally: &mut Tally,
    ) -> Result<Plan, SourceError> {
        let name = self.attribute_name(source).to_owned();
        let declared = self.entity.attribute(source).and_then(declared_type);
        let attribute_type = declared.unwrap_or(natural);
        if let Some(known) = self.known(&name)
            && known.attribute_type != attribute_type
        {
            let message = format!("{name} was {} and is {attribute_type} now", known.attribute_type);
            tally.warn("columnTypeChanged", Some(&name), message);
        }
        let decided = if declared.is_some() { Decided::Declared } else { Decided::FileFormat };
        let format = self.format(source)?.filter(|_| is_date(attribute_type) && attribute_type != natural);
        Ok(Plan { source: source.to_owned(), name, attribute_type, format, decided })
    }

    /// Decides by the values of the column.
    pub(crate) fn decide(&self, source: &str, looks: &Looks, tally: &mut Tally) -> Result<Plan, SourceError> {
        if let Some(plan) = self.settle(source)? {
            return Ok(plan);
        }
        let name = self.attribute_name(source).to_owned();
        let declared = self.entity.attribute(source).and_then(declared_type);
        let format = self.format(source)?;
        let (attribute_type, format, decided) = match by_format(looks, format) {
            Some(found) => found,
            None if names_an_identifier(source) && declared.is_none() => {
                (AttributeType::String, None, Decided::Name)
            }
            None => match self.known(&name).map(|known| known.decided) {
                Some(Decided::AmbiguousDates) => {
                    warn_of_order(&name, looks, tally);
                    (AttributeType::String, None, Decided::AmbiguousDates)
                }
                Some(_) if declared.is_none() => (AttributeType::String, None, Decided::Known),
                _ => by_looks(&name, looks, tally),
            },
        };
        let plan = Plan { source: source.to_owned(), name, attribute_type, format, decided };
        // Declared as a date without a format: the values say only how it is written.
        Ok(match declared {
            Some(attribute_type) => Plan { attribute_type, decided: Decided::Declared, ..plan },
            None => plan,
        })
    }
}

fn is_date(attribute_type: AttributeType) -> bool {
    use AttributeType as T;
    matches!(attribute_type, T::Date | T::DateTime | T::DateTimeOffset)
}

/// The declared type; a date format alone declares a date, or a date and time when it has a time.
fn declared_type(said: &AttributeOverride) -> Option<AttributeType> {
    said.attribute_type.or_else(|| {
        let format = DateFormat::parse(said.date_format.as_deref()?).ok()?;
        Some(match (format.has_time(), format.has_offset()) {
            (false, _) => AttributeType::Date,
            (true, false) => AttributeType::DateTime,
            (true, true) => AttributeType::DateTimeOffset,
        })
    })
}

type Found = (AttributeType, Option<DateFormat>, Decided);

/// Dates in the declared format, when at least half of the values are: the others are then mistakes.
fn by_format(looks: &Looks, format: Option<DateFormat>) -> Option<Found> {
    let format = format?;
    let [dates, timed, moments] = looks.declared;
    let fitting = dates + timed + moments;
    if fitting == 0
        || fitting * 2 < looks.values
        || (looks.integers * 2 > looks.values && fitting < looks.values)
    {
        return None;
    }
    let attribute_type = match (timed, moments) {
        (0, 0) => AttributeType::Date,
        (_, 0) => AttributeType::DateTime,
        _ => AttributeType::DateTimeOffset,
    };
    Some((attribute_type, Some(format), Decided::DateFormat))
}

/// The type that all values fit.
fn by_looks(name: &str, looks: &Looks, tally: &mut Tally) -> Found {
    use AttributeType as T;
    let all = looks.values;
    let iso = looks.iso_dates + looks.iso_date_times;
    if all == 0 {
        return (T::String, None, Decided::NoValues);
    }
    let found = if looks.integers == all {
        Some(T::Int64)
    } else if looks.integers + looks.numbers == all {
        Some(T::Double)
    } else if looks.booleans == all {
        Some(T::Boolean)
    } else if looks.iso_dates == all {
        Some(T::Date)
    } else if iso == all {
        Some(T::DateTime)
    } else if looks.iso_moments == all {
        Some(T::DateTimeOffset)
    } else {
        None
    };
    if let Some(attribute_type) = found {
        return (attribute_type, None, Decided::AllValues);
    }
    if looks.identifiers > 0 && looks.identifiers + looks.integers + looks.numbers == all {
        return (T::String, None, Decided::Identifiers);
    }
    if looks.numeric_dates() == all
        && let Some(found) = by_order(name, looks, tally)
    {
        return found;
    }
    warn_of_few_others(name, looks, tally);
    (T::String, None, Decided::Text)
}

/// Dates written with numbers, all with the same separator: by the one order that fits them all.
fn by_order(name: &str, looks: &Looks, tally: &mut Tally) -> Option<Found> {
    let dates = looks.numeric.iter().zip(SEPARATORS).find(|(dates, _)| dates.count() == looks.values);
    let Some((dates, separator)) = dates else {
        let message = format!("{name} has dates written in several ways: kept as text");
        tally.warn("mixedDates", Some(name), message);
        return Some((AttributeType::String, None, Decided::Text));
    };
    let separator = char::from(separator);
    let text = match (dates.day_first, dates.month_first) {
        (0, 0) => {
            warn_of_order(name, looks, tally);
            return Some((AttributeType::String, None, Decided::AmbiguousDates));
        }
        (_, 0) => format!("D{separator}M{separator}YYYY"),
        (0, _) => format!("M{separator}D{separator}YYYY"),
        (days, months) => {
            let message = format!(
                "{name} has {days} dates with the day first and {months} with the month first: kept as text"
            );
            tally.warn("mixedDates", Some(name), message);
            return Some((AttributeType::String, None, Decided::Text));
        }
    };
    let only = dates.day_first + dates.month_first;
    let message = format!("{name} is read as {text}: {only} of its {} dates allow only that", looks.values);
    tally.note("dateOrder", Some(name), message);
    let attribute_type = if dates.timed > 0 { AttributeType::DateTime } else { AttributeType::Date };
    let format = DateFormat::parse(&text).ok()?;
    Some((attribute_type, Some(format), Decided::AllValues))
}

/// Says that dates stay text because nobody knows which number is the day.
fn warn_of_order(name: &str, looks: &Looks, tally: &mut Tally) {
    let separator = looks.numeric.iter().zip(SEPARATORS).find(|(dates, _)| dates.count() > 0);
    let separator = char::from(separator.map_or(b'/', |(_, separator)| separator));
    let message = format!(
        "{name} has dates whose day and month can not be told apart: kept as text until its `dateFormat` is \
         declared (D{separator}M{separator}YYYY or M{separator}D{separator}YYYY)"
    );
    tally.warn("ambiguousDates", Some(name), message);
}

/// A column that is text only because of very few values is probably not meant to be text.
fn warn_of_few_others(name: &str, looks: &Looks, tally: &mut Tally) {
    let Some(odd) = &looks.first_other else {
        return;
    };
    let few = looks.others * 50 <= looks.values || (looks.others == 1 && looks.values >= 10);
    let rest = looks.values - looks.others;
    let numbers = looks.integers + looks.numbers;
    let dates = looks.iso_dates + looks.iso_date_times + looks.iso_moments + looks.numeric_dates();
    let (what, kind) = match rest {
        rest if numbers == rest => ("numbers", if looks.numbers == 0 { "int64" } else { "double" }),
        rest if dates == rest => ("dates", "date"),
        rest if looks.booleans == rest => ("true or false", "boolean"),
        _ => return,
    };
    if few && rest > 0 {
        let message = format!(
            "{name} is kept as text though {rest} of {} values are {what}: {:?} in {} line {} is not; \
             declare `type: {kind}` to quarantine such rows, or `type: string`",
            looks.values, odd.text, odd.file, odd.line
        );
        tally.warn("mostlyOneType", Some(name), message);
    }
}

/// Words that end the name of a column whose digits are a name.
const LAST_WORDS: [&str; 18] = [
    "id",
    "ids",
    "guid",
    "uuid",
    "gid",
    "phone",
    "telephone",
    "tel",
    "mobile",
    "cell",
    "fax",
    "zip",
    "zipcode",
    "postcode",
    "postalcode",
    "plz",
    "ssn",
    "iban",
];

/// Pairs of words with that meaning.
const LAST_PAIRS: [(&str, &str); 6] = [
    ("post", "code"),
    ("postal", "code"),
    ("zip", "code"),
    ("phone", "number"),
    ("telephone", "number"),
    ("mobile", "number"),
];

/// Whether a name is that of an identifier, a phone number or a postal code: `ContactId`, `home_phone`,
/// `Post Code`, `ZIP`.
fn names_an_identifier(name: &str) -> bool {
    let words = words(name);
    let last = words.last().map(String::as_str).unwrap_or_default();
    let before = words.iter().nth_back(1).map(String::as_str).unwrap_or_default();
    LAST_WORDS.contains(&last) || LAST_PAIRS.contains(&(before, last))
}

/// The words of a name, in lower case: `homePhone_No` is `home`, `phone`, `no`.
fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut previous = ' ';
    for character in name.chars() {
        let starts = character.is_uppercase() && previous.is_lowercase();
        match words.last_mut() {
            Some(word) if previous.is_alphanumeric() && !starts && character.is_alphanumeric() => {
                word.extend(character.to_lowercase());
            }
            _ if character.is_alphanumeric() => words.push(character.to_lowercase().collect()),
            _ => {}
        }
        previous = character;
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_identifiers_are_told_by_their_last_words() {
        for name in
            ["ContactId", "ID", "customer_id", "CustomerID", "Telephone", "Home Phone", "PostCode", "ZIP"]
        {
            assert!(names_an_identifier(name), "{name}");
        }
        for name in ["Paid", "Valid", "Amount", "Rating", "Score", "Humidity", "PhoneCalls", "IdCount", ""] {
            assert!(!names_an_identifier(name), "{name}");
        }
    }
}
