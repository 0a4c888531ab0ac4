//! What three systems wrote down about the people: the shop, the loyalty scheme and a partner's list, each in
//! its own format and with its own mistakes. Every row carries the id of the person it is about.

use jiff::civil::{Date, date};

use super::dirt;
use super::names::COMPANIES;
use super::people::{Joined, Person};
use super::random::Random;

/// The rows of one file, and who they are about.
#[derive(Debug, Default)]
pub(super) struct Rows {
    /// Fields in the file's order; empty texts are missing values.
    pub(super) rows: Vec<Row>,
}

/// One row of one file.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) key: String,
    pub(super) person: String,
    pub(super) fields: Vec<String>,
    /// Whether it is there only from the second day on.
    pub(super) late: bool,
}

/// Columns of `shop/contacts.csv`.
pub(super) const CONTACT_COLUMNS: &[&str] = &[
    "ContactId",
    "FirstName",
    "LastName",
    "FullName",
    "Email",
    "Phone",
    "Gender",
    "BirthDate",
    "Street",
    "PostCode",
    "City",
    "Country",
    "CreatedOn",
];

/// Columns of `loyalty/members.csv`.
pub(super) const MEMBER_COLUMNS: &[&str] =
    &["MemberId", "FullName", "Email", "Phone", "BirthDate", "JoinedOn", "RewardPoints", "Tier"];

/// Columns of `partner/partners.jsonl`.
pub(super) const PARTNER_COLUMNS: &[&str] =
    &["PartnerRef", "FullName", "Email", "Phone", "BirthDate", "City", "Company", "Newsletter"];

/// A person's name, address and dates as one source has them.
struct Seen {
    given: String,
    family: String,
    email: String,
    birth: Option<Date>,
    phone: bool,
}

/// How careless a source is, in percent of its rows.
struct Care {
    nickname: f64,
    typo: f64,
    no_accents: f64,
    no_email: f64,
    other_email: f64,
    no_birth: f64,
    wrong_birth: f64,
    no_phone: f64,
}

const SHOP: Care = Care {
    nickname: 3.0,
    typo: 3.0,
    no_accents: 5.0,
    no_email: 4.0,
    other_email: 3.0,
    no_birth: 8.0,
    wrong_birth: 1.0,
    no_phone: 25.0,
};
const LOYALTY: Care = Care {
    nickname: 8.0,
    typo: 6.0,
    no_accents: 30.0,
    no_email: 14.0,
    other_email: 12.0,
    no_birth: 6.0,
    wrong_birth: 3.0,
    no_phone: 10.0,
};
const PARTNER: Care = Care {
    nickname: 12.0,
    typo: 9.0,
    no_accents: 40.0,
    no_email: 10.0,
    other_email: 18.0,
    no_birth: 22.0,
    wrong_birth: 4.0,
    no_phone: 30.0,
};

fn see(person: &Person, care: &Care, random: &mut Random) -> Seen {
    let given = if random.chance(care.nickname) { person.nickname } else { person.given };
    let (mut given, mut family) = (given.to_owned(), person.family.to_owned());
    if random.chance(care.typo) {
        let wrong = if random.chance(50.0) { &mut given } else { &mut family };
        *wrong = dirt::typo(wrong, random);
    }
    if random.chance(care.no_accents) {
        (given, family) = (dirt::without_accents(&given), dirt::without_accents(&family));
    }
    let address = if random.chance(care.other_email) { &person.other_email } else { &person.email };
    let email = if random.chance(care.no_email) { String::new() } else { dirt::email(address, random) };
    let birth =
        if random.chance(care.wrong_birth) { dirt::wrong_date(person.born, random) } else { person.born };
    let birth = (!random.chance(care.no_birth)).then_some(birth);
    Seen { given, family, email, birth, phone: !random.chance(care.no_phone) }
}

fn digits(phone: &str, from: usize, to: usize) -> &str {
    phone.get(from..to).unwrap_or(phone)
}

/// The shop's contacts. A few people have two accounts, the second with their other address.
pub(super) fn contacts(seed: u64, people: &[Person]) -> Rows {
    let mut rows = Rows::default();
    for (index, person) in people.iter().enumerate().filter(|(_, person)| person.shop != Joined::Never) {
        let mut random = Random::of(seed, "contact", index);
        rows.rows.push(contact(person, index, false, &mut random));
        if person.shop == Joined::FirstDay && random.chance(2.0) {
            rows.rows.push(contact(person, index, true, &mut random));
        }
    }
    rows
}

fn contact(person: &Person, index: usize, again: bool, random: &mut Random) -> Row {
    let late = person.shop == Joined::SecondDay;
    let mut seen = see(person, &SHOP, random);
    if again {
        seen.email.clone_from(&person.other_email);
    }
    let phone = &person.phone;
    let shown = format!(
        "{} {} {} {}",
        person.dialling,
        digits(phone, 0, 3),
        digits(phone, 3, 6),
        digits(phone, 6, 9)
    );
    let created = if late { date(2026, 7, 1) } else { some_day(random, date(2023, 1, 2), 1_200) };
    // 1xxxx for the first account, 2xxxx for a second one: scales of up to 80,000 people keep them apart.
    let key = format!("C{}", if again { 200_000 + index } else { 100_000 + index });
    let fields = vec![
        key.clone(),
        seen.given.clone(),
        seen.family.clone(),
        format!("{} {}", seen.given, seen.family),
        seen.email,
        if seen.phone { shown } else { String::new() },
        if random.chance(6.0) { String::new() } else { person.gender.to_owned() },
        seen.birth.map(dirt::us).unwrap_or_default(),
        person.street.clone(),
        person.postcode.clone(),
        person.town.to_owned(),
        if random.chance(2.0) { String::new() } else { person.country.to_owned() },
        dirt::us(created),
    ];
    Row { key, person: person.id.clone(), fields, late }
}

/// The loyalty scheme: one field for the name, sometimes family name first, sometimes in capitals.
pub(super) fn members(seed: u64, people: &[Person]) -> Rows {
    let mut rows = Rows::default();
    for (index, person) in people.iter().enumerate().filter(|(_, person)| person.loyalty != Joined::Never) {
        let mut random = Random::of(seed, "member", index);
        let seen = see(person, &LOYALTY, &mut random);
        let name = match random.below(100) {
            0..=2 => format!("{} {}", seen.family, seen.given),
            3..=6 => format!("{} {}", seen.given, seen.family).to_uppercase(),
            _ => format!("{} {}", seen.given, seen.family),
        };
        let points = random.between(0, 400) * random.between(1, 12);
        let tier = match points {
            ..=999 => "Bronze",
            1_000..=2_499 => "Silver",
            _ => "Gold",
        };
        let key = format!("L{}", 500_000 + index);
        let fields = vec![
            key.clone(),
            name,
            seen.email,
            if seen.phone {
                format!("0{}/{}", digits(&person.phone, 0, 3), digits(&person.phone, 3, 9))
            } else {
                String::new()
            },
            seen.birth.map(|birth| birth.to_string()).unwrap_or_default(),
            some_day(&mut random, date(2022, 5, 1), 1_400).to_string(),
            points.to_string(),
            tier.to_owned(),
        ];
        rows.rows.push(Row { key, person: person.id.clone(), fields, late: false });
    }
    rows
}

/// The partner's list: nicknames, and first and last name in the wrong order more often than elsewhere.
pub(super) fn partners(seed: u64, people: &[Person]) -> Rows {
    let mut rows = Rows::default();
    for (index, person) in people.iter().enumerate().filter(|(_, person)| person.partner != Joined::Never) {
        let mut random = Random::of(seed, "partner", index);
        let seen = see(person, &PARTNER, &mut random);
        let swapped = random.chance(5.0);
        let (first, last) = if swapped { (&seen.family, &seen.given) } else { (&seen.given, &seen.family) };
        let phone = format!("{}{}", person.dialling.replace('+', "00"), person.phone);
        let key = format!("Q-{:06}", index + 1);
        let fields = vec![
            key.clone(),
            format!("{first} {last}"),
            seen.email,
            if seen.phone { phone } else { String::new() },
            seen.birth.map(|birth| birth.to_string()).unwrap_or_default(),
            if random.chance(15.0) { String::new() } else { person.town.to_owned() },
            random.pick(COMPANIES).to_owned(),
            random.chance(40.0).to_string(),
        ];
        rows.rows.push(Row { key, person: person.id.clone(), fields, late: false });
    }
    rows
}

/// A day of the `days` that begin with `first`.
pub(super) fn some_day(random: &mut Random, first: Date, days: i64) -> Date {
    let later = jiff::Span::new().try_days(random.between(0, days)).unwrap_or_default();
    first.checked_add(later).unwrap_or(first)
}
