//! The people behind the data: one each, with everything true about them.

use jiff::civil::Date;

use super::names::{CULTURES, Culture, MAIL_HOSTS};
use super::random::Random;

/// A made-up person.
#[derive(Debug, Clone)]
pub(super) struct Person {
    /// `P00001`, the key of the truth.
    pub(super) id: String,
    pub(super) given: &'static str,
    /// What friends call them; the given name when there is nothing shorter.
    pub(super) nickname: &'static str,
    pub(super) family: &'static str,
    pub(super) gender: &'static str,
    pub(super) born: Date,
    pub(super) email: String,
    /// A second address, used by some sources.
    pub(super) other_email: String,
    /// National number, digits only.
    pub(super) phone: String,
    pub(super) dialling: &'static str,
    pub(super) street: String,
    pub(super) postcode: String,
    pub(super) town: &'static str,
    pub(super) country: &'static str,
    /// In which sources the person is, from the first day or from the second.
    pub(super) shop: Joined,
    pub(super) loyalty: Joined,
    pub(super) partner: Joined,
}

/// Whether and since when a person is in a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Joined {
    Never,
    FirstDay,
    SecondDay,
}

impl Joined {
    fn first_day(is_in: bool) -> Self {
        if is_in { Self::FirstDay } else { Self::Never }
    }
}

/// How many people come on the second day, for `people` on the first.
pub(super) fn newcomers(people: usize) -> usize {
    people / 50
}

/// Everybody: first those of the first day, then the newcomers of the second.
pub(super) fn everybody(seed: u64, people: usize) -> Vec<Person> {
    let mut all: Vec<Person> = Vec::with_capacity(people + newcomers(people));
    for index in 0..people + newcomers(people) {
        let mut person = person(seed, index);
        if index >= people {
            (person.shop, person.loyalty, person.partner) = (Joined::SecondDay, Joined::Never, Joined::Never);
        }
        // Some couples share an address: the same e-mail is not always the same person.
        if let Some(partner) = all.last().filter(|_| Random::of(seed, "household", index).chance(1.5)) {
            person.email.clone_from(&partner.email);
            person.street.clone_from(&partner.street);
            (person.family, person.town) = (partner.family, partner.town);
            (person.country, person.postcode) = (partner.country, partner.postcode.clone());
        }
        all.push(person);
    }
    all
}

fn person(seed: u64, index: usize) -> Person {
    let mut random = Random::of(seed, "person", index);
    let culture = culture(&mut random);
    let woman = random.chance(52.0);
    let (given, nickname) = random.pick(if woman { culture.women } else { culture.men });
    let family = random.pick(culture.families);
    let handle = mail_name(given, family, index, &mut random);
    let host = format!("{}.{}", random.pick(&["mail", "post", "web"]), culture.domain);
    let other = format!("{}.{}@{}", mail_word(family), index, random.pick(MAIL_HOSTS));
    let (shop, loyalty, partner) = membership(&mut random);
    let digits = 600_000_000 + index * 7_919 % 300_000_000;
    Person {
        id: format!("P{:05}", index + 1),
        given,
        nickname: if nickname.is_empty() { given } else { nickname },
        family,
        gender: if woman { "Female" } else { "Male" },
        born: birthday(&mut random),
        email: format!("{handle}@{host}.example"),
        other_email: other,
        phone: digits.to_string(),
        dialling: culture.dialling,
        street: format!("{} {}", random.pick(culture.streets), random.between(1, 180)),
        postcode: format!("{:05}", random.between(1_000, 98_999)),
        town: random.pick(culture.towns),
        country: culture.country,
        shop,
        loyalty,
        partner,
    }
}

fn culture(random: &mut Random) -> &'static Culture {
    let mut ticket = random.below(CULTURES.iter().map(|culture| culture.share).sum());
    let drawn = CULTURES.iter().find(|culture| match ticket.checked_sub(culture.share) {
        Some(rest) => {
            ticket = rest;
            false
        }
        None => true,
    });
    drawn.unwrap_or(&FALLBACK)
}

/// Never drawn: the shares cover every ticket.
static FALLBACK: Culture = Culture {
    country: "",
    dialling: "",
    domain: "",
    women: &[],
    men: &[],
    families: &[],
    towns: &[],
    streets: &[],
    share: 0,
};

/// Everybody is somewhere; many are in two places, some in all three.
fn membership(random: &mut Random) -> (Joined, Joined, Joined) {
    let (shop, loyalty, partner) = (random.chance(70.0), random.chance(45.0), random.chance(28.0));
    let somewhere = shop || loyalty || partner;
    // Some who were elsewhere open an account in the shop on the second day.
    let late = somewhere && !shop && random.chance(3.0);
    let shop = if late { Joined::SecondDay } else { Joined::first_day(shop || !somewhere) };
    (shop, Joined::first_day(loyalty), Joined::first_day(partner))
}

fn birthday(random: &mut Random) -> Date {
    let (year, month, day) = (random.between(1942, 2006), random.between(1, 12), random.between(1, 28));
    let part = |number: i64| i8::try_from(number).unwrap_or(1);
    Date::new(i16::try_from(year).unwrap_or(1970), part(month), part(day)).unwrap_or(Date::ZERO)
}

fn mail_name(given: &str, family: &str, index: usize, random: &mut Random) -> String {
    let (given, family) = (mail_word(given), mail_word(family));
    let initial: String = given.chars().take(1).collect();
    match random.below(4) {
        0 => format!("{given}.{family}{}", index % 97),
        1 => format!("{initial}{family}{index}"),
        2 => format!("{family}.{given}.{}", index % 89),
        _ => format!("{given}{index}"),
    }
}

/// A name as it may stand in a mail address: lower-case ASCII letters; `x` when nothing is left.
fn mail_word(name: &str) -> String {
    let word: String = super::dirt::without_accents(name).chars().filter(char::is_ascii_alphabetic).collect();
    if word.is_empty() { "x".to_owned() } else { word.to_ascii_lowercase() }
}
