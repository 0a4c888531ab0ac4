//! Mailboxes and telephone numbers that people choose.

use super::lists::Lists;
use super::names::Names;
use super::places::Places;
use super::rng::Rng;

/// How many people are expected to have the same given name and surname.
#[derive(Debug, Clone, Copy)]
pub struct Commonness(pub f64);

/// How a mailbox is named after its owner.
#[derive(Debug, Clone, Copy)]
enum Style {
    FirstDotLast,
    FirstLast,
    InitialLast,
    LastDotFirst,
    FirstOnly,
    Handle,
}

/// Styles and how popular they are.
const STYLES: [(Style, f64); 6] = [
    (Style::FirstDotLast, 0.30),
    (Style::FirstLast, 0.16),
    (Style::InitialLast, 0.16),
    (Style::LastDotFirst, 0.06),
    (Style::FirstOnly, 0.12),
    (Style::Handle, 0.20),
];

/// Words that mailboxes are made of.
#[derive(Debug)]
pub struct MailWords {
    hosts: Vec<String>,
    work_ends: Vec<String>,
    handles: Vec<String>,
}

impl MailWords {
    /// Takes the words from the list of places.
    #[must_use]
    pub fn read(lists: &Lists) -> Self {
        let words = |section| lists.words(section).to_vec();
        Self { hosts: words("mail host"), work_ends: words("work host end"), handles: words("handle") }
    }
}

/// A private mailbox. Rare names are still free; common ones need digits.
pub fn mailbox(
    rng: &mut Rng,
    places: &Places,
    first: &str,
    last: &str,
    year: i32,
    common: Commonness,
) -> String {
    let (first, last) = (plain(first), plain(last));
    let style = STYLES[rng.weighted(&STYLES.map(|(_, share)| share))].0;
    let initial = first.get(..1).unwrap_or("x");
    let (name, taken) = match style {
        Style::FirstDotLast => (format!("{first}.{last}"), common.0),
        Style::FirstLast => (format!("{first}{last}"), common.0),
        Style::InitialLast => (format!("{initial}{last}"), common.0 * 12.0 + 2.0),
        Style::LastDotFirst => (format!("{last}.{first}"), common.0),
        Style::FirstOnly => (first, 1000.0),
        Style::Handle => {
            let words = &places.mail.handles;
            (format!("{}{}", words[rng.below(words.len())], words[rng.below(words.len())]), 300.0)
        }
    };
    format!("{name}{}@{}", digits(rng, taken, year), host(rng, places))
}

/// Digits that make a mailbox name unique when so many others want it.
fn digits(rng: &mut Rng, taken: f64, year: i32) -> String {
    if rng.chance(0.9 / (1.0 + taken)) {
        return String::new();
    }
    if rng.chance(20.0 / (20.0 + taken)) {
        return format!("{:02}", year.rem_euclid(100));
    }
    if rng.chance(200.0 / (200.0 + taken)) {
        return format!("{:03}", rng.below(1000));
    }
    format!("{:05}", rng.below(100_000))
}

/// A mailbox at an employer.
pub fn work_mailbox(rng: &mut Rng, names: &Names, places: &Places, first: &str, last: &str) -> String {
    let company = plain(&names.surname(rng, 0).name);
    let ends = &places.mail.work_ends;
    format!("{}.{}@{company}{}.example", plain(first), plain(last), ends[rng.below(ends.len())])
}

/// A mailbox of a family.
pub fn family_mailbox(rng: &mut Rng, places: &Places, last: &str) -> String {
    let form = rng.pick(&["family", "the", "team", "home"]);
    format!("{form}.{}{:03}@{}", plain(last), rng.below(1000), host(rng, places))
}

fn host<'a>(rng: &mut Rng, places: &'a Places) -> &'a str {
    let hosts = &places.mail.hosts;
    &hosts[(rng.unit().powi(3) * hosts.len() as f64) as usize]
}

/// A telephone number of ten digits: area, exchange, line. A fifth of them come from elsewhere.
pub fn telephone(rng: &mut Rng, area: usize) -> String {
    let area = if rng.chance(0.2) { 200 + rng.below(780) } else { area };
    format!("{area:03}{:03}{:04}", 200 + rng.below(800), rng.below(10_000))
}

/// Small letters without accents, and nothing else.
fn plain(name: &str) -> String {
    without_accents(name)
        .chars()
        .filter(char::is_ascii_alphabetic)
        .map(|char| char.to_ascii_lowercase())
        .collect()
}

/// A name as a form without accents takes it.
#[must_use]
pub fn without_accents(name: &str) -> String {
    name.chars()
        .map(|char| match char {
            'á' | 'à' | 'â' | 'ã' | 'ä' | 'å' | 'ą' => 'a',
            'é' | 'è' | 'ê' | 'ë' | 'ę' | 'ě' => 'e',
            'í' | 'ì' | 'î' | 'ï' | 'ı' => 'i',
            'ó' | 'ò' | 'ô' | 'õ' | 'ö' | 'ø' | 'ő' => 'o',
            'ú' | 'ù' | 'û' | 'ü' | 'ű' => 'u',
            'ñ' | 'ń' => 'n',
            'ç' | 'ć' | 'č' => 'c',
            'ş' | 'ś' | 'š' => 's',
            'ž' | 'ź' | 'ż' => 'z',
            'ł' => 'l',
            'ř' => 'r',
            'ğ' => 'g',
            'ý' => 'y',
            'Á' => 'A',
            'Å' => 'A',
            'Ç' => 'C',
            'É' => 'E',
            'Ö' | 'Ó' | 'Ø' => 'O',
            'Ş' | 'Š' | 'Ś' => 'S',
            'Ü' => 'U',
            'Z' | 'Ž' => 'Z',
            'Ł' => 'L',
            other => other,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mailboxes_are_plain() {
        let places = Places::read();
        let mut rng = Rng::stream(1, 2, 3);
        for _ in 0..500 {
            let mailbox = mailbox(&mut rng, &places, "Søren", "O'Wójcik", 1975, Commonness(0.1));
            assert!(mailbox.is_ascii() && mailbox.ends_with(".example"), "{mailbox}");
        }
    }

    #[test]
    fn telephone_numbers_have_ten_digits() {
        let mut rng = Rng::stream(1, 2, 3);
        for _ in 0..500 {
            assert_eq!(telephone(&mut rng, 415).len(), 10);
        }
    }
}
