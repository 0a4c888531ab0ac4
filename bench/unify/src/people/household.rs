//! The truth: households of people, and how their names, addresses, mailboxes and telephones change over the years.

use jiff::civil::Date;

use super::contact::{self, Commonness};
use super::names::{Given, Names};
use super::places::{Address, Places};
use super::rates::LIVES;
use super::rng::Rng;

/// Purposes of streams of chance.
mod purpose {
    pub(super) const SIZE: u64 = 1;
    pub(super) const LIFE: u64 = 2;
}

/// First and last day on which records are made (days since 1970): 2017-01-01 to 2026-06-30.
pub const DAYS: (i32, i32) = (17_167, 20_634);

/// What something was from a day on.
pub type Since<T> = (i32, T);

/// People who live together.
#[derive(Debug)]
pub struct Household {
    /// Where they live, in order of time.
    pub homes: Vec<Since<Address>>,
    /// Their landline, if they have one.
    pub landline: Option<String>,
    /// A mailbox that they share, if they do.
    pub mailbox: Option<String>,
    /// Those of them who are customers.
    pub people: Vec<Person>,
}

/// A person.
#[derive(Debug)]
pub struct Person {
    /// Given name with short forms.
    pub given: Given,
    /// The short form that the person goes by, if any.
    pub goes_by: Option<String>,
    /// Surnames in order of time.
    pub surnames: Vec<Since<String>>,
    /// Day of birth in days since 1970.
    pub birth: i32,
    /// Main mailboxes in order of time.
    pub mailboxes: Vec<Since<String>>,
    /// A second mailbox, for work.
    pub work_mailbox: Option<String>,
    /// Mobile numbers in order of time.
    pub mobiles: Vec<Since<String>>,
    /// A home of their own in place of the household's: they moved out.
    pub own_homes: Option<Vec<Since<Address>>>,
    /// Number of records.
    pub records: usize,
}

/// The value that held on a day.
#[must_use]
pub fn at<T>(history: &[Since<T>], day: i32) -> Option<&T> {
    history.iter().rev().find(|(since, _)| *since <= day).or(history.first()).map(|(_, value)| value)
}

/// Everything that households are made from.
#[derive(Debug)]
pub struct World {
    /// Names of people.
    pub names: Names,
    /// Addresses.
    pub places: Places,
    /// What everything is drawn from.
    pub seed: u64,
    /// People expected in all; decides how soon a mailbox name is taken.
    pub population: f64,
}

impl World {
    /// A world for so many records.
    #[must_use]
    pub fn new(seed: u64, records: u64) -> Self {
        let mean: f64 = LIVES.records.iter().zip(1_u8..).map(|(share, count)| share * f64::from(count)).sum();
        Self { names: Names::read(), places: Places::read(), seed, population: records as f64 / mean }
    }

    /// The number of records of every customer of a household: all that is needed to count.
    #[must_use]
    pub fn sizes(&self, number: u64) -> Vec<usize> {
        let mut rng = Rng::stream(self.seed, purpose::SIZE, number);
        let people = 1 + rng.weighted(&LIVES.customers);
        (0..people).map(|_| 1 + rng.weighted(&LIVES.records)).collect()
    }

    /// A household. The same number always gives the same one.
    #[must_use]
    pub fn household(&self, number: u64) -> Household {
        let mut rng = Rng::stream(self.seed, purpose::LIFE, number);
        let sizes = self.sizes(number);
        let homes = self.homes(&mut rng);
        let area = homes.first().map_or(200, |(_, home)| home.area);
        let members = self.members(&mut rng, sizes.len());
        let landline = rng.chance(LIVES.landline).then(|| contact::telephone(&mut rng, area));
        let people: Vec<Person> = members
            .into_iter()
            .zip(sizes)
            .map(|(member, records)| self.person(&mut rng, member, records, area, &homes))
            .collect();
        let shares = people.len() > 1 && rng.chance(LIVES.shared_mailbox);
        let mailbox = people.first().filter(|_| shares).map(|first| {
            let surname = at(&first.surnames, DAYS.0).map_or("", String::as_str);
            contact::family_mailbox(&mut rng, &self.places, surname)
        });
        Household { homes, landline, mailbox, people }
    }

    fn homes(&self, rng: &mut Rng) -> Vec<Since<Address>> {
        let mut homes = vec![(i32::MIN, self.places.anywhere(rng))];
        if rng.chance(LIVES.moves) {
            let next = self.places.move_from(rng, &homes[0].1);
            homes.push((rng.between(DAYS.0, DAYS.1), next));
        }
        homes
    }

    fn person(
        &self,
        rng: &mut Rng,
        member: Member,
        records: usize,
        area: usize,
        homes: &[Since<Address>],
    ) -> Person {
        let day = |rng: &mut Rng| rng.between(DAYS.0, DAYS.1);
        let goes_by = member.given.short.first().filter(|_| rng.chance(LIVES.goes_by_short)).cloned();
        let commonness = Commonness(member.share * self.population);
        let surname = member.surnames.last().map_or("", |(_, name)| name.as_str());
        let called = goes_by.as_deref().unwrap_or(&member.given.name);
        let mailbox = |rng: &mut Rng| {
            contact::mailbox(rng, &self.places, called, surname, member.birth_year(), commonness)
        };
        let mut mailboxes = vec![(i32::MIN, mailbox(rng))];
        if rng.chance(LIVES.new_mailbox) {
            mailboxes.push((day(rng), mailbox(rng)));
        }
        let work_mailbox = rng
            .chance(LIVES.work_mailbox)
            .then(|| contact::work_mailbox(rng, &self.names, &self.places, called, surname));
        let mut mobiles = vec![(i32::MIN, contact::telephone(rng, area))];
        if rng.chance(LIVES.new_mobile) {
            mobiles.push((day(rng), contact::telephone(rng, area)));
        }
        let own_homes = (member.child && rng.chance(LIVES.moved_out)).then(|| {
            let mut own = homes.get(..1).unwrap_or_default().to_vec();
            if let Some((_, home)) = homes.first() {
                own.push((day(rng), self.places.move_from(rng, home)));
            }
            own
        });
        Person {
            given: member.given,
            goes_by,
            surnames: member.surnames,
            birth: member.birth,
            mailboxes,
            work_mailbox,
            mobiles,
            own_homes,
            records,
        }
    }
}

/// What relatives have to agree on before the rest of a life is drawn.
#[derive(Debug)]
struct Member {
    given: Given,
    female: bool,
    surnames: Vec<Since<String>>,
    birth: i32,
    child: bool,
    /// Share of people who have both of its names.
    share: f64,
}

impl Member {
    fn birth_year(&self) -> i32 {
        1970 + self.birth.div_euclid(365)
    }
}

impl World {
    fn members(&self, rng: &mut Rng, count: usize) -> Vec<Member> {
        let culture = self.names.culture(rng);
        let first = self.adult(rng, culture);
        let mut members = vec![first];
        if count == 1 {
            return members;
        }
        if rng.chance(LIVES.flat_share) {
            while members.len() < count {
                let culture = self.names.culture(rng);
                members.push(self.adult(rng, culture));
            }
            return members;
        }
        if rng.chance(LIVES.couple) {
            let partner = self.partner(rng, culture, &members[0]);
            members.push(partner);
        }
        while members.len() < count {
            let child = self.child(rng, culture, &members);
            members.push(child);
        }
        members
    }

    fn adult(&self, rng: &mut Rng, culture: usize) -> Member {
        // From 1934 to 2006, most in the middle.
        let year = 1934 + ((rng.unit() + rng.unit()) * 36.0) as i32;
        let female = rng.chance(0.5);
        let given = self.names.given(rng, culture, female, year);
        let surname = self.names.surname(rng, culture);
        let mut surnames = vec![(i32::MIN, surname.name)];
        if female && rng.chance(LIVES.new_surname) {
            surnames.push((rng.between(DAYS.0, DAYS.1), self.names.surname(rng, culture).name));
        }
        let birth = birthday(rng, year);
        let share = given.share * surname.share;
        Member { given: given.name, female, surnames, birth, child: false, share }
    }

    fn partner(&self, rng: &mut Rng, culture: usize, first: &Member) -> Member {
        let female = first.female == rng.chance(0.04);
        let year = first.birth_year() + rng.between(-6, 6);
        let given = self.names.given(rng, culture, female, year);
        let own = self.names.surname(rng, culture);
        let shared = at(&first.surnames, DAYS.1).cloned().unwrap_or_default();
        let surnames = if rng.chance(LIVES.separate_surnames) {
            vec![(i32::MIN, own.name)]
        } else if rng.chance(LIVES.wedding) {
            let day = rng.between(DAYS.0, DAYS.1);
            let joined = if rng.chance(0.15) { format!("{}-{shared}", own.name) } else { shared };
            vec![(i32::MIN, own.name), (day, joined)]
        } else {
            vec![(i32::MIN, shared)]
        };
        let birth = birthday(rng, year);
        Member { given: given.name, female, surnames, birth, child: false, share: given.share * first.share }
    }

    fn child(&self, rng: &mut Rng, culture: usize, family: &[Member]) -> Member {
        let parent = &family[0];
        let surnames = vec![(i32::MIN, at(&parent.surnames, DAYS.0).cloned().unwrap_or_default())];
        let sibling = family.last().filter(|last| last.child && rng.chance(LIVES.twins));
        let year = (parent.birth_year() + rng.between(20, 38)).min(2010);
        let birth = sibling.map_or_else(|| birthday(rng, year), |sibling| sibling.birth);
        let female = rng.chance(0.5);
        let namesake = !female
            && !parent.female
            && family.iter().all(|member| !member.child)
            && rng.chance(LIVES.named_after_father);
        if namesake {
            let given = parent.given.clone();
            return Member { given, female, surnames, birth, child: true, share: parent.share };
        }
        // Parents do not give one name twice, but like the same first letter for twins.
        let mut given = self.names.given(rng, culture, female, year);
        for _ in 0..12 {
            let letter = |name: &Given| name.name.chars().next();
            let taken = family.iter().any(|member| member.given == given.name);
            let apart = sibling.is_some_and(|twin| letter(&twin.given) != letter(&given.name));
            let passed_over = apart && rng.chance(0.3);
            if !taken && !passed_over {
                break;
            }
            given = self.names.given(rng, culture, female, year);
        }
        Member { given: given.name, female, surnames, birth, child: true, share: given.share * parent.share }
    }
}

/// A day of a year, as days since 1970.
fn birthday(rng: &mut Rng, year: i32) -> i32 {
    let first = Date::new(i16::try_from(year).unwrap_or(1970), 1, 1).unwrap_or_default();
    let since = first.since(Date::constant(1970, 1, 1)).map_or(0, |span| span.get_days());
    since + rng.between(0, 364)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_household_can_be_made_again() {
        let world = World::new(5, 10_000);
        for number in 0..200 {
            assert_eq!(format!("{:?}", world.household(number)), format!("{:?}", world.household(number)));
            assert_eq!(world.household(number).people.len(), world.sizes(number).len());
        }
    }

    #[test]
    fn a_birthday_lies_in_its_year() {
        let mut rng = Rng::stream(1, 1, 1);
        assert!((0..365).contains(&birthday(&mut rng, 1970)));
        assert!((7305..7670).contains(&birthday(&mut rng, 1990)));
        assert!((-13_149..-12_783).contains(&birthday(&mut rng, 1934)));
    }
}
