//! Who is called what: long-tailed given names by sex and year of birth, surnames by culture, nicknames.

use super::lists::Lists;
use super::rng::{Rng, Weighted};

/// Cultures and their shares among households.
const CULTURES: [(&str, f64); 6] = [
    ("anglo", 0.70),
    ("hispanic", 0.10),
    ("south-asian", 0.05),
    ("east-asian", 0.04),
    ("european", 0.08),
    ("arabic", 0.03),
];
/// How many of a culture's people have a composed surname, that is a rare one.
const COMPOSED: f64 = 0.60;
/// How many of the composed English surnames are of the form Mc, Mac, O', Fitz.
const SCOTS: f64 = 0.12;
/// How many outside the majority give their children names of the majority.
const ADOPTED: f64 = 0.35;
/// Years over which a generation's names fade.
const FADE: f64 = 11.0;

/// All name lists.
#[derive(Debug)]
pub struct Names {
    given: Vec<GivenList>,
    surnames: Vec<SurnameList>,
}

/// A given name with what its bearers are called for short.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Given {
    /// The name in full.
    pub name: String,
    /// Short forms, most usual first.
    pub short: Vec<String>,
}

/// A drawn name with its share among people of the same culture (and sex and age).
#[derive(Debug, Clone)]
pub struct Drawn<T> {
    /// The name.
    pub name: T,
    /// Its share.
    pub share: f64,
}

#[derive(Debug)]
struct GivenList {
    culture: usize,
    female: bool,
    year: f64,
    names: Vec<Given>,
    weights: Weighted,
}

#[derive(Debug)]
struct SurnameList {
    names: Vec<String>,
    weights: Weighted,
    parts: Vec<[Vec<String>; 3]>,
}

impl Names {
    /// Reads the lists that come with the benchmark.
    #[must_use]
    pub fn read() -> Self {
        let given = Lists::read(include_str!("../../data/given-names.txt"));
        let surnames = Lists::read(include_str!("../../data/surnames.txt"));
        // Sections come in no order: chance must not depend on it.
        let mut sections: Vec<&str> = given.sections().collect();
        sections.sort_unstable();
        Self {
            given: sections.into_iter().filter_map(|section| given_list(&given, section)).collect(),
            surnames: CULTURES.iter().map(|(culture, _)| surname_list(&surnames, culture)).collect(),
        }
    }

    /// The culture of a household.
    pub fn culture(&self, rng: &mut Rng) -> usize {
        rng.weighted(&CULTURES.map(|(_, share)| share))
    }

    /// A given name of somebody born in a year.
    pub fn given(&self, rng: &mut Rng, culture: usize, female: bool, year: i32) -> Drawn<Given> {
        let culture = if culture != 0 && rng.chance(ADOPTED) { 0 } else { culture };
        let fits: Vec<&GivenList> =
            self.given.iter().filter(|list| list.culture == culture && list.female == female).collect();
        let weights: Vec<f64> =
            fits.iter().map(|list| (-((f64::from(year) - list.year) / FADE).powi(2)).exp() + 0.02).collect();
        let list = fits[rng.weighted(&weights)];
        let place = list.weights.sample(rng);
        Drawn { name: list.names[place].clone(), share: list.weights.share(place) }
    }

    /// A surname.
    pub fn surname(&self, rng: &mut Rng, culture: usize) -> Drawn<String> {
        let list = &self.surnames[culture];
        let share = CULTURES[culture].1;
        if !rng.chance(COMPOSED) {
            let place = list.weights.sample(rng);
            let within = list.weights.share(place) * (1.0 - COMPOSED);
            return Drawn { name: list.names[place].clone(), share: within * share };
        }
        let parts = if list.parts.len() > 1 && rng.chance(SCOTS) { &list.parts[1] } else { &list.parts[0] };
        let (mut name, mut within) = (String::new(), COMPOSED);
        for words in parts {
            let word = skewed(rng, words);
            within *= word.share;
            name += word.name.trim_matches('-');
        }
        Drawn { name, share: within * share }
    }
}

/// A word of a list in which the early ones are more likely (density falling as the root of the place).
fn skewed<'a>(rng: &mut Rng, words: &'a [String]) -> Drawn<&'a str> {
    let below = |place: f64| (place / words.len() as f64).powf(1.0 / 1.5);
    let place = (rng.unit().powf(1.5) * words.len() as f64).floor();
    let name = words.get(place as usize).map_or("", String::as_str);
    Drawn { name, share: below(place + 1.0) - below(place) }
}

fn given_list(lists: &Lists, section: &str) -> Option<GivenList> {
    let mut words = section.split(' ');
    let culture = words.next()?;
    let female = words.next()? == "female";
    let year = words.next()?.parse().ok()?;
    let names: Vec<Given> = lists
        .words(section)
        .iter()
        .map(|word| {
            let (name, short) = word.split_once(':').unwrap_or((word, ""));
            let short = short.split(',').filter(|name| !name.is_empty()).map(str::to_owned).collect();
            Given { name: name.to_owned(), short }
        })
        .collect();
    // The share of the place r among given names: flat at the top, then close to 1/r.
    let weights = Weighted::new((0..names.len()).map(|place| (1.0 + place as f64 / 8.0).powf(-1.0)));
    let culture = CULTURES.iter().position(|(name, _)| *name == culture)?;
    Some(GivenList { culture, female, year, names, weights })
}

fn surname_list(lists: &Lists, culture: &str) -> SurnameList {
    let parts =
        |kind: &str| ["start", "middle", "end"].map(|part| lists.words(&format!("{kind} {part}")).to_vec());
    let mut composed = vec![parts(culture)];
    if culture == "anglo" {
        composed.push(parts("scots"));
    }
    let names = lists.words(culture).to_vec();
    // The shape of surname counts in census tables: the tenth is half as frequent as the first, the hundredth a seventh.
    let weights = Weighted::new((0..names.len()).map(|place| (1.0 + place as f64 / 8.0).powf(-0.8)));
    SurnameList { names, weights, parts: composed }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    #[test]
    fn every_culture_has_names_of_both_sexes_and_parts_of_surnames() {
        let names = Names::read();
        for culture in 0..CULTURES.len() {
            for female in [false, true] {
                assert!(names.given.iter().any(|list| list.culture == culture && list.female == female));
            }
            let list = &names.surnames[culture];
            assert!(!list.names.is_empty() && list.parts.iter().flatten().all(|part| !part.is_empty()));
        }
    }

    #[test]
    fn surnames_have_a_long_tail() {
        let names = Names::read();
        let mut rng = Rng::stream(1, 1, 1);
        let mut counts = HashMap::<String, usize>::new();
        for _ in 0..100_000 {
            let culture = names.culture(&mut rng);
            *counts.entry(names.surname(&mut rng, culture).name).or_default() += 1;
        }
        let most = counts.values().max().copied().unwrap_or(0);
        assert!((400..1500).contains(&most), "{most}");
        assert!(counts.len() > 15_000, "{}", counts.len());
    }
}
