//! Made-up people with a known truth: two entities, with duplicates, slips of the pen and families.

use crate::input::Input;
use crate::tests::text_tables::input;

/// Numbers from a seed (splitmix64).
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % end as u64) as usize
    }

    fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    fn word(&mut self, syllables: usize) -> String {
        const SYLLABLES: [&str; 16] = [
            "ba", "ren", "to", "mil", "dor", "ka", "ves", "lin", "ga", "sto", "per", "un", "hol", "mar",
            "ti", "zek",
        ];
        let word: String = (0..syllables).map(|_| SYLLABLES[self.below(SYLLABLES.len())]).collect();
        word[..1].to_uppercase() + &word[1..]
    }
}

const FIRST: [&str; 24] = [
    "Anna", "Robert", "Maria", "William", "Deborah", "James", "Elena", "Peter", "Sofia", "Thomas", "Laura",
    "Daniel", "Irina", "Michael", "Julia", "Andrew", "Clara", "Martin", "Nadia", "Oscar", "Paula", "Simon",
    "Teresa", "Victor",
];
const NICKNAMES: [(&str, &str); 4] =
    [("Robert", "Bob"), ("William", "Bill"), ("Deborah", "Debbie"), ("Michael", "Mike")];

struct Person {
    first: String,
    last: String,
    email: String,
    phone: String,
    born: String,
    street: String,
    city: String,
}

fn people(random: &mut Random, count: usize) -> Vec<Person> {
    let mut people: Vec<Person> = Vec::new();
    let lasts: Vec<String> = (0..count / 3).map(|_| random.word(3)).collect();
    for number in 0..count {
        let first = FIRST[random.below(FIRST.len())].to_owned();
        let born =
            format!("{}-{:02}-{:02}", 1940 + random.below(65), 1 + random.below(12), 1 + random.below(28));
        let last = lasts[random.below(lasts.len())].clone();
        let street = format!("{} {} Street", 1 + random.below(200), random.word(2));
        let phone = format!("555{:07}", 1_000_000 + number * 7_919 % 8_000_000);
        let email = format!("{}.{}{number}@mail.org", first.to_lowercase(), last.to_lowercase());
        let city = format!("{} Town", FIRST[random.below(FIRST.len())]);
        let mut person = Person { first, last, email, phone, born, street, city };
        // Families share name, street and often the telephone; twins the date of birth too.
        if let Some(other) = people.last().filter(|_| number % 5 == 4) {
            person.last.clone_from(&other.last);
            person.street.clone_from(&other.street);
            person.city.clone_from(&other.city);
            if random.chance(50) {
                person.phone.clone_from(&other.phone);
            }
            if random.chance(20) {
                person.born.clone_from(&other.born);
            }
        }
        people.push(person);
    }
    people
}

/// A row as somebody wrote it. The key names the person: what stands before the dash.
fn row(random: &mut Random, number: usize, copy: usize, person: &Person) -> String {
    let mut first = person.first.clone();
    if let Some((_, nickname)) = NICKNAMES.iter().find(|it| it.0 == first).filter(|_| random.chance(30)) {
        first = (*nickname).to_owned();
    }
    let mut last = person.last.clone();
    if random.chance(5) {
        last.remove(1 + random.below(last.len() - 1));
    }
    if random.chance(10) {
        last = last.to_uppercase();
    }
    let email = match random.below(20) {
        0..3 => String::new(),
        3 => "noemail@example.com".to_owned(),
        4..7 => format!("{}@other.net", random.word(4)),
        _ => person.email.clone(),
    };
    let phone = match random.below(10) {
        0..3 => String::new(),
        3 => format!("+1 ({}) {}-{}", &person.phone[..3], &person.phone[3..6], &person.phone[6..]),
        _ => person.phone.clone(),
    };
    let born = if random.chance(90) { person.born.as_str() } else { "" };
    let (street, city) = (&person.street, &person.city);
    format!("p{number}-{copy},{first},{last},{email},{phone},{born},{street},{city}\n")
}

/// Two entities about so many people.
pub(super) fn entities(seed: u64, count: usize) -> Vec<Input> {
    let mut random = Random(seed);
    let people = people(&mut random, count);
    let mut shop = "Id,FirstName,LastName,Email,Phone,BirthDate,Street,City\n".to_owned();
    let mut club = "MemberId,GivenName,Surname,EMail,Mobile,DateOfBirth,StreetAddress,Town\n".to_owned();
    for (number, person) in people.iter().enumerate() {
        if random.chance(80) {
            shop.push_str(&row(&mut random, number, 1, person));
            if random.chance(20) {
                shop.push_str(&row(&mut random, number, 2, person));
            }
        }
        if random.chance(60) {
            club.push_str(&row(&mut random, number, 3, person));
        }
    }
    vec![input("Shop_Contacts", &shop), input("Club_Members", &club)]
}

/// Whether two rows are of one person.
pub(super) fn same(one: &str, other: &str) -> bool {
    one.split('-').next() == other.split('-').next()
}
