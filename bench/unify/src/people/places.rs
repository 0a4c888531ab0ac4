//! Where people live: towns with districts, postcodes, area codes and streets, all made up.

use super::contact::MailWords;
use super::lists::Lists;
use super::rng::{Rng, Weighted, mix};

/// Number of towns.
const TOWNS: usize = 890;
/// Streets of one postcode.
const STREETS: u64 = 90;

/// All places.
#[derive(Debug)]
pub struct Places {
    towns: Vec<Town>,
    weights: Weighted,
    streets: Vec<String>,
    types: Vec<String>,
    /// Words of mailboxes.
    pub mail: MailWords,
}

#[derive(Debug)]
struct Town {
    name: String,
    /// First three digits of its postcodes.
    prefix: usize,
    /// Postcodes it has.
    districts: usize,
    /// First three digits of its telephone numbers.
    area: usize,
}

/// One address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// House number.
    pub number: i32,
    /// Name of the street without its type.
    pub street: String,
    /// Street, Avenue, …
    pub kind: String,
    /// Flat, if the house has several.
    pub unit: Option<String>,
    /// Town.
    pub town: String,
    /// Five digits.
    pub postcode: String,
    /// Area code of telephones.
    pub area: usize,
}

impl Places {
    /// Composes the towns.
    #[must_use]
    pub fn read() -> Self {
        let lists = Lists::read(include_str!("../../data/places.txt"));
        let (starts, ends) = (lists.words("town start"), lists.words("town end"));
        let size = |place: usize| (1.0 + place as f64 / 4.0).powf(-0.9);
        let towns = (0..TOWNS)
            .map(|place| {
                // Two steps that share no divisor with the lists' lengths: no name comes twice soon.
                let end = &ends[(place * 5 + place / ends.len()) % ends.len()];
                let name = format!("{}{}", starts[place * 7 % starts.len()], end.replace('@', " "));
                let districts = (100.0 * size(place)).ceil() as usize;
                Town { name, prefix: 100 + place, districts, area: 200 + (place * 37) % 780 }
            })
            .collect();
        Self {
            towns,
            weights: Weighted::new((0..TOWNS).map(size)),
            streets: lists.words("street").to_vec(),
            types: lists.words("street type").to_vec(),
            mail: MailWords::read(&lists),
        }
    }

    /// An address anywhere.
    pub fn anywhere(&self, rng: &mut Rng) -> Address {
        let town = self.weights.sample(rng);
        self.address_in(rng, town)
    }

    /// A new address for those who move: half of them stay in their town.
    pub fn move_from(&self, rng: &mut Rng, old: &Address) -> Address {
        match self.towns.iter().position(|town| town.name == old.town) {
            Some(town) if rng.chance(0.5) => self.address_in(rng, town),
            _ => self.anywhere(rng),
        }
    }

    fn address_in(&self, rng: &mut Rng, place: usize) -> Address {
        let town = &self.towns[place];
        let district = rng.below(town.districts);
        // The streets of a postcode are fixed: neighbours share them.
        let number = mix((place * 1000 + district) as u64 * STREETS + rng.below(STREETS as usize) as u64);
        let street = self.streets[(number % self.streets.len() as u64) as usize].clone();
        // Streets and avenues are most of all streets.
        let kind = (((number >> 20) % 1000) as f64 / 1000.0).powi(2) * self.types.len() as f64;
        let unit = rng.chance(0.25).then(|| {
            let letter = ["", "", "A", "B", "C", "D"];
            format!("{}{}", 1 + rng.below(40), rng.pick(&letter))
        });
        Address {
            number: 1 + (rng.unit().powi(2) * 2400.0) as i32,
            street,
            kind: self.types[kind as usize].clone(),
            unit,
            town: town.name.clone(),
            postcode: format!("{:03}{:02}", town.prefix, district),
            area: town.area,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_complete() {
        let places = Places::read();
        let mut rng = Rng::stream(3, 1, 1);
        for _ in 0..1000 {
            let address = places.anywhere(&mut rng);
            assert!(!address.street.is_empty() && !address.kind.is_empty() && !address.town.is_empty());
            assert_eq!(address.postcode.len(), 5, "{}", address.postcode);
            let moved = places.move_from(&mut rng, &address);
            assert_eq!(moved.postcode.len(), 5);
        }
    }
}
