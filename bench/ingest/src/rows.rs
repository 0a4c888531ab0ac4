//! The file: customers of a shop, the same bytes for the same seed and size.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use anyhow::{Context, Result};
use jiff::civil::{Date, date};
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{RngCore, SeedableRng};

const HEADER: &str = "customer_id,first_name,last_name,email,phone,street,postcode,city,country,birth_date,\
                      joined,orders,points,spent,discount,newsletter,note";

const FIRST: [&str; 24] = [
    "Anna", "Ben", "Clara", "David", "Eva", "Felix", "Greta", "Hugo", "Ida", "Jonas", "Klara", "Liam", "Mia",
    "Noah", "Olga", "Paul", "Quinn", "Rosa", "Søren", "Théo", "Ulla", "Viktor", "Wanda", "Zoë",
];
const SYLLABLES: [&str; 20] = [
    "ber", "dal", "en", "fel", "gar", "hol", "in", "kow", "lin", "man", "mül", "ner", "ost", "per", "ras",
    "sen", "ton", "ul", "vor", "wes",
];
const CITIES: [&str; 12] = [
    "Berlin",
    "Hamburg",
    "Köln",
    "London",
    "Lyon",
    "Madrid",
    "Milano",
    "München",
    "New York",
    "Paris",
    "São Paulo",
    "Wien",
];
const COUNTRIES: [&str; 8] = ["AT", "BR", "DE", "ES", "FR", "GB", "IT", "US"];
const DOMAINS: [&str; 5] = ["example.com", "example.org", "mail.example", "post.example", "web.example"];
const NOTES: [&str; 6] = [
    "prefers to be called in the evening",
    "\"moved, new address follows\"",
    "\"Company name:\nMiller, Smith & Sons\"",
    "\"asked for the \"\"big\"\" catalogue\"",
    "regular customer",
    "complained about a late delivery",
];

/// Chance that is the same on every machine.
struct Chance(Xoshiro256PlusPlus);

impl Chance {
    /// A number below `end`.
    fn below(&mut self, end: u64) -> u64 {
        ((u128::from(self.0.next_u64()) * u128::from(end)) >> 64) as u64
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from.get(self.below(from.len() as u64) as usize).copied().unwrap_or_default()
    }

    /// A day within so many days from another one.
    fn day(&mut self, from: Date, days: u64) -> Date {
        from.saturating_add(jiff::Span::new().days(self.below(days).cast_signed()))
    }
}

/// Writes rows until the file has so many bytes; returns how many rows there are.
///
/// # Errors
/// When the file cannot be written.
pub(crate) fn generate(path: &Path, bytes: u64, seed: u64) -> Result<u64> {
    let cannot = || format!("cannot write {}", path.display());
    let mut file = BufWriter::with_capacity(1 << 20, File::create(path).with_context(cannot)?);
    let mut chance = Chance(Xoshiro256PlusPlus::seed_from_u64(seed));
    let mut line = format!("{HEADER}\n");
    let (mut written, mut rows) = (0, 0);
    loop {
        file.write_all(line.as_bytes()).with_context(cannot)?;
        written += line.len() as u64;
        if written >= bytes {
            break;
        }
        line.clear();
        rows += 1;
        row(&mut line, rows, &mut chance)?;
    }
    file.flush().with_context(cannot)?;
    Ok(rows)
}

/// Adds one customer.
fn row(to: &mut String, number: u64, chance: &mut Chance) -> Result<()> {
    use std::fmt::Write;
    let first = chance.pick(&FIRST);
    let mut last = format!("{}{}", chance.pick(&SYLLABLES), chance.pick(&SYLLABLES));
    if chance.below(2) == 0 {
        last.push_str(chance.pick(&SYLLABLES));
    }
    write!(to, "C{number:08},{first},{last},")?;
    if chance.below(10) > 0 {
        let (name, domain) = (first.to_lowercase(), chance.pick(&DOMAINS));
        write!(to, "{name}.{last}{}@{domain}", chance.below(1000))?;
    }
    write!(to, ",+49 {} {}", 30 + chance.below(900), 100_000 + chance.below(9_900_000))?;
    let street = chance.pick(&SYLLABLES);
    let house = 1 + chance.below(200);
    // Every twentieth address has a comma, and so has quotes.
    match chance.below(20) {
        0 => write!(to, ",\"{street}straße {house}, apartment {}\"", 1 + chance.below(40))?,
        _ => write!(to, ",{street}straße {house}")?,
    }
    write!(to, ",{:05},{},{}", chance.below(100_000), chance.pick(&CITIES), chance.pick(&COUNTRIES))?;
    match chance.below(8) {
        0 => to.push(','),
        _ => write!(to, ",{}", chance.day(date(1935, 1, 1), 26_000))?,
    }
    let joined = chance.day(date(2010, 1, 1), 5_800);
    write!(to, ",{:02}/{:02}/{}", joined.day(), joined.month(), joined.year())?;
    write!(to, ",{},{}", chance.below(400), chance.below(2_000_000))?;
    write!(to, ",{}.{:02}", chance.below(20_000), chance.below(100))?;
    write!(to, ",0.{:03}", chance.below(1000))?;
    to.push_str(if chance.below(3) == 0 { ",true," } else { ",false," });
    if chance.below(4) == 0 {
        to.push_str(chance.pick(&NOTES));
    }
    to.push('\n');
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_seed_gives_one_file_of_the_wanted_size() {
        let folder = tempfile::tempdir().unwrap();
        let make = |name: &str, seed| {
            let path = folder.path().join(name);
            let rows = generate(&path, 100_000, seed).unwrap();
            (rows, std::fs::read(path).unwrap())
        };
        let (rows, bytes) = make("a.csv", 1);
        assert_eq!((rows, bytes.clone()), make("b.csv", 1));
        assert_ne!(bytes, make("c.csv", 2).1);
        assert!((100_000..101_000).contains(&bytes.len()) && rows > 400);
    }
}
