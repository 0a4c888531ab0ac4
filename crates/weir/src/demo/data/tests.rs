//! The generated files, read back.

use std::collections::{BTreeMap, BTreeSet};

use tempfile::TempDir;

use super::*;

struct Files {
    folder: TempDir,
    made: Made,
}

impl Files {
    fn of(day: Day, seed: u64, people: usize) -> Self {
        let folder = TempDir::new().expect("a folder");
        let make = if day == Day::First { generate } else { change };
        let made = make(folder.path(), seed, people).expect("written");
        Self { folder, made }
    }

    fn text(&self, file: &str) -> String {
        std::fs::read_to_string(self.folder.path().join(file)).expect(file)
    }

    fn all(&self) -> BTreeMap<&'static str, String> {
        FILES.iter().map(|file| (*file, self.text(file))).collect()
    }

    /// The rows of a file without quoted delimiters, header first.
    fn rows(&self, file: &str, delimiter: char) -> Vec<Vec<String>> {
        let split = |line: &str| line.split(delimiter).map(str::to_owned).collect();
        self.text(file).lines().map(split).collect()
    }
}

const FILES: [&str; 6] = [
    "shop/contacts.csv",
    "shop/orders.csv",
    "shop/returns.csv",
    "loyalty/members.csv",
    "partner/partners.jsonl",
    "truth.csv",
];

/// What each contact spent on orders whose price is a number, in cents.
fn spent(files: &Files) -> BTreeMap<String, i64> {
    let mut spent = BTreeMap::new();
    // Products may hold a quoted comma; contact and price are counted from the ends.
    for line in files.text("shop/orders.csv").lines().skip(1) {
        let contact = line.split(',').nth(1).expect("a contact").to_owned();
        let price = line.rsplit(',').next().expect("a price");
        if let Ok(cents) = price.replace('.', "").parse::<i64>() {
            *spent.entry(contact).or_insert(0) += cents;
        }
    }
    spent
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_seed_does_not() {
    let first = Files::of(Day::First, 1, 200);
    assert_eq!(first.all(), Files::of(Day::First, 1, 200).all());
    assert_ne!(first.all(), Files::of(Day::First, 2, 200).all());
}

#[test]
fn the_second_day_appends_to_the_first_and_nothing_else() {
    let folder = TempDir::new().expect("a folder");
    generate(folder.path(), SEED, 300).expect("written");
    let read = |file: &str| std::fs::read_to_string(folder.path().join(file)).expect(file);
    let before: BTreeMap<_, _> = FILES.iter().map(|file| (*file, read(file))).collect();
    let made = change(folder.path(), SEED, 300).expect("written");
    for file in ["shop/contacts.csv", "shop/orders.csv"] {
        let (was, is) = (&before[file], read(file));
        assert!(is.starts_with(was.as_str()) && is.len() > was.len(), "{file}");
    }
    for file in ["shop/returns.csv", "loyalty/members.csv", "partner/partners.jsonl"] {
        assert_eq!(before[file], read(file), "{file}");
    }
    let once: BTreeMap<_, _> = FILES.iter().map(|file| (*file, read(file))).collect();
    assert_eq!(change(folder.path(), SEED, 300).expect("again"), made);
    assert_eq!(once, FILES.iter().map(|file| (*file, read(file))).collect());
}

#[test]
fn the_change_lifts_the_big_spenders_over_the_level() {
    for (seed, people) in [(SEED, PEOPLE), (1, 100), (2, 1_000), (3, 20)] {
        let (first, second) = (Files::of(Day::First, seed, people), Files::of(Day::Second, seed, people));
        let big =
            |files: &Files| spent(files).values().filter(|cents| **cents > orders::BIG_SPENDER_CENTS).count();
        assert_eq!(
            (big(&first), big(&second)),
            (first.made.big_spenders, second.made.big_spenders),
            "{seed}"
        );
        assert_eq!(first.made.level, second.made.level);
        let level = first.made.level;
        assert!(first.made.big_spenders < level, "{:?}", first.made);
        // A scale of a handful of people may have nobody left to lift.
        if people >= 100 {
            assert!(second.made.big_spenders > level, "{:?}", second.made);
        }
    }
}

#[test]
fn the_default_demo_crosses_one_thousand() {
    let (first, second) = (Files::of(Day::First, SEED, PEOPLE), Files::of(Day::Second, SEED, PEOPLE));
    assert_eq!(first.made.level, 1_000, "{:?}", first.made);
    assert!((900..1_000).contains(&first.made.big_spenders), "{:?}", first.made);
    assert!((1_001..1_050).contains(&second.made.big_spenders), "{:?}", second.made);
}

#[test]
fn keys_are_unique_and_references_lead_somewhere() {
    let files = Files::of(Day::Second, SEED, PEOPLE);
    let keys = |file: &str, delimiter: char| {
        let rows = files.rows(file, delimiter);
        let keys: BTreeSet<String> = rows.iter().skip(1).map(|row| row[0].clone()).collect();
        assert_eq!(keys.len(), rows.len() - 1, "{file}");
        keys
    };
    let (contacts, orders) = (keys("shop/contacts.csv", ','), keys("shop/orders.csv", ','));
    keys("loyalty/members.csv", ';');
    keys("shop/returns.csv", ',');
    for row in files.rows("shop/orders.csv", ',').iter().skip(1) {
        assert!(contacts.contains(&row[1]), "{row:?}");
    }
    for row in files.rows("shop/returns.csv", ',').iter().skip(1) {
        assert!(orders.contains(&row[1]), "{row:?}");
    }
}

#[test]
fn counts_are_those_of_the_files_and_the_truth_knows_every_row() {
    for day in [Day::First, Day::Second] {
        let files = Files::of(day, SEED, 500);
        let lines = |file: &str| files.text(file).lines().count();
        let made = &files.made;
        assert_eq!(lines("shop/contacts.csv") - 1, made.contacts);
        assert_eq!(lines("loyalty/members.csv") - 1, made.members);
        assert_eq!(lines("partner/partners.jsonl"), made.partners);
        assert_eq!(lines("shop/orders.csv") - 1, made.orders);
        assert_eq!(lines("shop/returns.csv") - 1, made.returns);
        let truth = files.rows("truth.csv", ',');
        assert_eq!(truth.len() - 1, made.contacts + made.members + made.partners);
        let people: BTreeSet<_> = truth.iter().skip(1).map(|row| row[2].clone()).collect();
        assert_eq!(people.len(), made.people);
        let broken =
            files.text("shop/orders.csv").lines().filter(|line| line.ends_with("see invoice")).count();
        assert_eq!((broken, made.broken_orders), (orders::BROKEN_ORDERS, orders::BROKEN_ORDERS));
    }
}

#[test]
fn people_overlap_and_their_data_has_the_mistakes_of_real_data() {
    let files = Files::of(Day::First, SEED, PEOPLE);
    let truth = files.rows("truth.csv", ',');
    let mut sources: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for row in truth.iter().skip(1) {
        sources.entry(&row[2]).or_default().insert(&row[0]);
    }
    let in_several = sources.values().filter(|sources| sources.len() > 1).count();
    let in_all = sources.values().filter(|sources| sources.len() == 3).count();
    assert!(in_several > PEOPLE / 3 && in_all > PEOPLE / 25, "{in_several} {in_all}");
    let members = files.rows("loyalty/members.csv", ';');
    let column = |name: &str| sources::MEMBER_COLUMNS.iter().position(|column| *column == name).expect(name);
    let (name, email) = (column("FullName"), column("Email"));
    let missing = members.iter().filter(|row| row[email].is_empty()).count();
    assert!((members.len() / 12..members.len() / 5).contains(&missing), "{missing}");
    assert!(members.iter().any(|row| row[name] == row[name].to_uppercase()));
    // The same person is written in different ways in the shop and in the scheme.
    let of_member: BTreeMap<&str, &str> =
        truth.iter().map(|row| (row[1].as_str(), row[2].as_str())).collect();
    let contacts = files.rows("shop/contacts.csv", ',');
    let shop: BTreeMap<&str, &Vec<String>> =
        contacts.iter().skip(1).filter_map(|row| Some((*of_member.get(row[0].as_str())?, row))).collect();
    let pairs: Vec<_> = members
        .iter()
        .skip(1)
        .filter_map(|row| Some((row, *shop.get(of_member.get(row[0].as_str())?)?)))
        .collect();
    let same_name = pairs.iter().filter(|(member, contact)| member[name] == contact[3]).count();
    let same_email = pairs.iter().filter(|(member, contact)| member[email] == contact[4]).count();
    assert!(pairs.len() > 700, "{}", pairs.len());
    assert!((pairs.len() / 2..pairs.len() * 9 / 10).contains(&same_name), "{same_name} of {}", pairs.len());
    assert!((pairs.len() / 2..pairs.len() * 9 / 10).contains(&same_email), "{same_email} of {}", pairs.len());
}

#[test]
fn a_larger_scale_adds_people_and_changes_none() {
    let (small, large) = (Files::of(Day::First, SEED, 100), Files::of(Day::First, SEED, 200));
    let members = |files: &Files| files.text("loyalty/members.csv");
    assert!(members(&large).starts_with(&members(&small)));
}

#[test]
fn the_smallest_and_the_too_large_scale_are_made() {
    assert_eq!(Files::of(Day::Second, SEED, 0).made.people, 1);
    let world = World::new(SEED, usize::MAX);
    assert_eq!(world.people.len(), MAX_PEOPLE + people::newcomers(MAX_PEOPLE));
    let keys: BTreeSet<&str> = world.contacts.rows.iter().map(|row| row.key.as_str()).collect();
    assert_eq!(keys.len(), world.contacts.rows.len());
}

#[test]
fn the_shares_of_the_cultures_make_a_whole_and_their_lists_are_filled() {
    assert_eq!(names::CULTURES.iter().map(|culture| culture.share).sum::<usize>(), 100);
    for culture in names::CULTURES {
        let lists = [culture.women.len(), culture.men.len(), culture.families.len(), culture.towns.len()];
        assert!(lists.iter().all(|length| *length >= 3), "{}", culture.country);
    }
}
