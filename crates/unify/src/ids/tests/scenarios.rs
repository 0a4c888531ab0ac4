//! Worked examples as data: `testdata/ids/<name>.txt`.
//!
//! `run` begins a run. `A:1 B:2 -> p (q r)` is a profile of it: its records, the id that it gets, and its former ids.
//! Ids have names; two names are two ids. `q mergedInto p` and `q retired` are events of the run; all events of a run
//! must be named. `redirect q -> p s` says where an id leads after the run. `pin A:1 p` and `unpin A:1` change pins
//! before the run; `unmerge p A:1 -> s` pins rows to a new id. `custom A:1 = p` makes the profile with that record
//! wish for an id. `forget` drops the lineage and all dates, as before an upgrade; `turn` turns the rows of the tables.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use super::world::{Row, World};
use crate::ids::{CustomerId, Event, Pin, unmerge};

#[test]
fn every_worked_example_gives_the_ids_that_it_names() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/ids");
    let mut files: Vec<_> = fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(!files.is_empty());
    for file in files {
        let mut told = Told { file: file.display().to_string(), ..Told::default() };
        let text = fs::read_to_string(&file).unwrap();
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
            told.line(line);
        }
        told.finish_run();
    }
}

#[derive(Default)]
struct Told {
    file: String,
    world: World,
    pins: BTreeMap<Row, CustomerId>,
    custom: BTreeMap<Row, CustomerId>,
    names: BTreeMap<String, CustomerId>,
    /// The profiles of the run that is being told, with what they should be called.
    profiles: Vec<(Vec<Row>, String)>,
    events: Vec<String>,
    last: Vec<(Vec<Row>, CustomerId)>,
}

impl Told {
    fn line(&mut self, line: &str) {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.as_slice() {
            ["run"] => self.finish_run(),
            ["forget"] => {
                self.finish_run();
                self.world.forget();
            }
            ["turn"] => {
                self.finish_run();
                self.world.turn();
            }
            ["pin", row, name] => {
                self.finish_run();
                let id = self.id(name);
                self.pins.insert(named(row), id);
            }
            ["unpin", row] => {
                self.finish_run();
                self.pins.remove(&named(row));
            }
            ["custom", row, "=", name] => {
                self.finish_run();
                let id = self.id(name);
                self.custom.insert(named(row), id);
            }
            ["unmerge", name, rows @ .., "->", fresh] => self.unmerge(name, rows, fresh),
            ["redirect", name, "->", to @ ..] => {
                self.finish_run();
                let found = self.world.lineage().redirect(self.names[*name]);
                let expected: Vec<CustomerId> = to.iter().map(|name| self.names[*name]).collect();
                assert_eq!(found, expected, "{}: {line}", self.file);
            }
            [rows @ .., "->", _] if rows.iter().all(|row| row.contains(':')) => self.profile(rows, line),
            _ if line.contains("->") => {
                let rows: Vec<&str> = words.iter().copied().take_while(|word| *word != "->").collect();
                self.profile(&rows, line);
            }
            _ => self.events.push(line.to_owned()),
        }
    }

    fn profile(&mut self, rows: &[&str], line: &str) {
        let (_, expected) = line.split_once("->").unwrap();
        self.profiles.push((rows.iter().map(|row| named(row)).collect(), expected.trim().to_owned()));
    }

    /// The id with a name; an id of nobody for a name that was not heard before.
    fn id(&mut self, name: &str) -> CustomerId {
        *self.names.entry(name.to_owned()).or_insert_with(|| CustomerId::of_record("name", name, 0))
    }

    fn unmerge(&mut self, name: &str, rows: &[&str], fresh: &str) {
        self.finish_run();
        let customer = self.names[name];
        let own = self.last.iter().find(|(_, id)| *id == customer).map(|(rows, _)| rows.clone()).unwrap();
        let apart: Vec<Row> = rows.iter().map(|row| named(row)).collect();
        let lineage = self.world.lineage();
        let taken = |id| lineage.is_known(id) || self.pins.values().any(|pin| *pin == id);
        let (id, pins) = unmerge(customer, &own, &apart, taken).unwrap();
        assert!(self.names.insert(fresh.to_owned(), id).is_none(), "{}: {fresh} is not new", self.file);
        self.pins.extend(pins.into_iter().map(|pin| ((pin.entity, pin.key), pin.customer)));
    }

    fn finish_run(&mut self) {
        if self.profiles.is_empty() {
            return;
        }
        let told = std::mem::take(&mut self.profiles);
        let profiles: Vec<Vec<Row>> = told.iter().map(|(rows, _)| rows.clone()).collect();
        let pins = self.pins.iter().map(|((entity, key), customer)| Pin {
            entity: entity.clone(),
            key: key.clone(),
            customer: *customer,
        });
        let wish = |rows: &Vec<Row>| rows.iter().find_map(|row| self.custom.get(row).copied());
        let custom: Vec<Option<CustomerId>> = profiles.iter().map(wish).collect();
        let made = self.world.run(&profiles, &pins.collect::<Vec<_>>(), &custom);
        let ids: Vec<CustomerId> = (0..made.len()).map(|profile| made.id(profile).unwrap()).collect();
        for ((_, expected), id) in told.iter().zip(&ids) {
            let name = expected.split_whitespace().next().unwrap();
            let known = self.names.values().any(|known| known == id);
            let named = *self.names.entry(name.to_owned()).or_insert(*id);
            assert!(
                named == *id,
                "{} run {}: {expected} is {named}, got {}",
                self.file,
                self.world.at,
                self.name(*id)
            );
            let is_old = self.names.values().filter(|known| *known == id).count() == 1;
            assert!(is_old, "{} run {}: {name} is not new (known: {known})", self.file, self.world.at);
        }
        for (profile, (_, expected)) in told.iter().enumerate() {
            let former: Vec<String> = made.former(profile).iter().map(|id| self.name(*id)).collect();
            let text = if former.is_empty() { String::new() } else { format!(" ({})", former.join(" ")) };
            let found = format!("{}{text}", self.name(ids[profile]));
            assert_eq!(&found, expected, "{} run {}", self.file, self.world.at);
        }
        let mut found: Vec<String> = made.events.iter().map(|event| self.sentence(event)).collect();
        let mut expected = std::mem::take(&mut self.events);
        found.sort();
        expected.sort();
        assert_eq!(found, expected, "{} run {}", self.file, self.world.at);
        self.last = profiles.into_iter().zip(ids).collect();
    }

    fn name(&self, id: CustomerId) -> String {
        let known = self.names.iter().find(|(_, known)| **known == id);
        known.map_or_else(|| id.to_string(), |(name, _)| name.clone())
    }

    fn sentence(&self, event: &Event) -> String {
        let other = event.other.map(|id| format!(" {}", self.name(id))).unwrap_or_default();
        format!("{} {}{other}", self.name(event.customer), event.kind.as_str())
    }
}

fn named(row: &str) -> Row {
    let (entity, key) = row.split_once(':').unwrap();
    (entity.to_owned(), key.to_owned())
}
