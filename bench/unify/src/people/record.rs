//! What a source writes down of a person: the values of that day, and what went wrong with them.

use jiff::civil::Date;

use super::contact::without_accents;
use super::household::{DAYS, Household, Person, Since, at};
use super::places::Address;
use super::rates::{CRM, LOYALTY, SHOP, Slips};
use super::rng::Rng;
use super::slips;

/// Purpose of the streams of chance of records.
const PURPOSE: u64 = 3;
/// What staff type into a form that wants an e-mail address.
const DEFAULT_EMAIL: &str = "noemail@example.com";
/// What staff type into a form that wants a telephone number.
const DEFAULT_PHONES: [&str; 3] = ["0000000000", "9999999999", "1234567890"];
/// 1900-01-01 in days since 1970.
const DEFAULT_BIRTH: i32 = -25_567;

/// Where a record stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// Contacts of a web shop.
    Shop,
    /// Members of a loyalty scheme.
    Loyalty,
    /// Contacts of a CRM.
    Crm,
}

/// The sources in the order of their files.
pub const SOURCES: [Source; 3] = [Source::Shop, Source::Loyalty, Source::Crm];

impl Source {
    /// What happens to its data.
    #[must_use]
    pub fn slips(self) -> &'static Slips {
        match self {
            Self::Shop => &SHOP,
            Self::Loyalty => &LOYALTY,
            Self::Crm => &CRM,
        }
    }
}

/// Where and when a record was made.
#[derive(Debug, Clone, Copy)]
pub struct Moment {
    /// Where.
    pub source: Source,
    /// When, in seconds since 1970.
    pub created: i64,
}

/// The fields of a record; a source without a column ignores the field.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fields {
    /// Given name.
    pub first: Option<String>,
    /// Surname.
    pub last: Option<String>,
    /// E-mail address.
    pub email: Option<String>,
    /// Telephone number.
    pub phone: Option<String>,
    /// House number, street, flat.
    pub street: Option<String>,
    /// Town.
    pub city: Option<String>,
    /// Postcode.
    pub postcode: Option<String>,
    /// Birth date in days since 1970.
    pub birth: Option<i32>,
}

/// The chance of one record of a person.
#[must_use]
pub fn stream(seed: u64, person: u64, copy: usize) -> Rng {
    Rng::stream(seed, PURPOSE, person * 8 + copy as u64)
}

/// Where and when a record was made; the business grows, so late days are more likely.
pub fn moment(rng: &mut Rng) -> Moment {
    let source = SOURCES[rng.weighted(&SOURCES.map(|source| source.slips().share))];
    let days = f64::from(DAYS.1 - DAYS.0) * rng.unit().sqrt();
    let created = (f64::from(DAYS.0) + days) * 86_400.0;
    Moment { source, created: created as i64 }
}

/// What the source wrote down.
pub fn observe(rng: &mut Rng, household: &Household, person: &Person, moment: Moment) -> Fields {
    let day = i32::try_from(moment.created.div_euclid(86_400)).unwrap_or(DAYS.1);
    let of = moment.source.slips();
    let (first, last) = names(rng, of, person, day);
    let address = address(rng, of, household, person, day);
    let street = kept(rng, of.no_street, |rng| slips::street(rng, address));
    let mut fields = Fields {
        first,
        last,
        email: email(rng, of, household, person, day),
        phone: phone(rng, of, household, person, day),
        street: slipped(rng, of.street_slip, street),
        city: kept(rng, of.no_city, |_| address.town.clone()),
        postcode: kept(rng, of.no_postcode, |_| address.postcode.clone()),
        birth: birth(rng, of, person.birth),
    };
    if rng.chance(of.postcode_slip) {
        fields.postcode = fields.postcode.map(|code| slips::digit_slip(rng, &code));
    }
    handwriting(rng, of, &mut fields);
    fields
}

/// A value, unless it is missing.
fn kept<T>(rng: &mut Rng, missing: f64, value: impl FnOnce(&mut Rng) -> T) -> Option<T> {
    (!rng.chance(missing)).then(|| value(rng))
}

fn slipped(rng: &mut Rng, rate: f64, value: Option<String>) -> Option<String> {
    value.map(|text| if rng.chance(rate) { slips::slip(rng, &text) } else { text })
}

/// The value of the day, or the one before the last change.
fn value<'a, T>(rng: &mut Rng, old: f64, history: &'a [Since<T>], day: i32) -> Option<&'a T> {
    if rng.chance(old) { history.first().map(|(_, value)| value) } else { at(history, day) }
}

fn names(rng: &mut Rng, of: &Slips, person: &Person, day: i32) -> (Option<String>, Option<String>) {
    let given = &person.given;
    let short = given.short.get(rng.below(given.short.len()));
    let called = match &person.goes_by {
        Some(name) if rng.chance(of.short_form) => name,
        _ => short.filter(|_| rng.chance(of.other_short_form)).unwrap_or(&given.name),
    };
    let mut first = called.clone();
    if rng.chance(of.initial) {
        first = first.chars().take(1).chain(rng.chance(0.5).then_some('.')).collect();
    } else if rng.chance(of.middle_letter) {
        let letter = char::from(b'A' + u8::try_from(rng.below(26)).unwrap_or(0));
        first = format!("{first} {letter}{}", rng.pick(&["", "."]));
    }
    let mut last = at(&person.surnames, day).cloned().unwrap_or_default();
    if rng.chance(of.accents_lost) {
        (first, last) = (without_accents(&first), without_accents(&last));
    }
    if rng.chance(of.swapped) {
        (first, last) = (last, first);
    }
    let first = kept(rng, of.no_first, |_| first);
    let last = kept(rng, of.no_last, |_| last);
    (slipped(rng, of.name_slip, first), slipped(rng, of.name_slip, last))
}

fn email(rng: &mut Rng, of: &Slips, household: &Household, person: &Person, day: i32) -> Option<String> {
    if rng.chance(of.default_email) {
        return Some(DEFAULT_EMAIL.to_owned());
    }
    if rng.chance(of.no_email) {
        return None;
    }
    let shared = household.mailbox.as_ref().filter(|_| rng.chance(of.shared_email));
    let work = person.work_mailbox.as_ref().filter(|_| rng.chance(of.work_email));
    let own = value(rng, of.old_email, &person.mailboxes, day);
    slipped(rng, of.email_slip, shared.or(work).or(own).cloned())
}

fn phone(rng: &mut Rng, of: &Slips, household: &Household, person: &Person, day: i32) -> Option<String> {
    if rng.chance(of.default_phone) {
        return Some(rng.pick(&DEFAULT_PHONES).to_owned());
    }
    if rng.chance(of.no_phone) {
        return None;
    }
    let landline = household.landline.as_ref().filter(|_| rng.chance(of.landline));
    let digits = landline.or(value(rng, of.old_phone, &person.mobiles, day))?;
    let digits = if rng.chance(of.phone_slip) { slips::digit_slip(rng, digits) } else { digits.clone() };
    Some(slips::telephone(rng, &digits))
}

fn address<'a>(
    rng: &mut Rng,
    of: &Slips,
    household: &'a Household,
    person: &'a Person,
    day: i32,
) -> &'a Address {
    let homes = person.own_homes.as_ref().unwrap_or(&household.homes);
    // A household always has a home.
    value(rng, of.old_address, homes, day).unwrap_or(&household.homes[0].1)
}

fn birth(rng: &mut Rng, of: &Slips, truth: i32) -> Option<i32> {
    if rng.chance(of.no_birth) {
        return None;
    }
    if rng.chance(of.default_birth) {
        return Some(DEFAULT_BIRTH);
    }
    let epoch = Date::constant(1970, 1, 1);
    let date = epoch.saturating_add(jiff::Span::new().days(truth));
    let (year, month, day) = (date.year(), date.month(), date.day());
    let wrong = if rng.chance(of.first_of_year) {
        Date::new(year, 1, 1).ok()
    } else if rng.chance(of.day_month) {
        Date::new(year, day, month).ok()
    } else if rng.chance(of.birth_slip) {
        match rng.below(3) {
            0 => Date::new(year + [-10, -1, 1, 10][rng.below(4)], month, day).ok(),
            1 => Date::new(year, (month % 12) + 1, day).ok(),
            _ => Date::new(year, month, (day + 8) % 28 + 1).ok(),
        }
    } else {
        None
    };
    let days = |date: Date| date.since(epoch).map_or(0, |span| span.get_days());
    Some(wrong.map_or(truth, days))
}

/// Capitals, small letters and blanks.
fn handwriting(rng: &mut Rng, of: &Slips, fields: &mut Fields) {
    let style = rng.weighted(&[of.capitals, of.small, 1.0 - of.capitals - of.small]);
    let texts = [&mut fields.first, &mut fields.last, &mut fields.street, &mut fields.city];
    for text in texts.into_iter().flatten() {
        match style {
            0 => *text = text.to_uppercase(),
            1 => *text = text.to_lowercase(),
            _ => {}
        }
        if rng.chance(of.blanks) {
            text.push(' ');
        }
    }
    if let Some(email) = fields.email.as_mut().filter(|_| style == 0 || rng.chance(0.04)) {
        *email = if style == 0 { email.to_uppercase() } else { capitalised(email) };
    }
}

fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::super::household::World;
    use super::*;

    #[test]
    fn the_default_birth_date_is_the_first_day_of_1900() {
        let date = Date::constant(1970, 1, 1).saturating_add(jiff::Span::new().days(DEFAULT_BIRTH));
        assert_eq!(date, Date::constant(1900, 1, 1));
    }

    #[test]
    fn sources_leave_out_what_they_do_not_have() {
        let world = World::new(2, 1000);
        for number in 0..300 {
            let household = world.household(number);
            for (place, person) in household.people.iter().enumerate() {
                let mut rng = stream(2, number, place);
                let moment = moment(&mut rng);
                let fields = observe(&mut rng, &household, person, moment);
                assert!(moment.source != Source::Shop || fields.birth.is_none());
                assert!(moment.source != Source::Loyalty || fields.street.is_none());
            }
        }
    }
}
