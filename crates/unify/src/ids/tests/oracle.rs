//! Random histories of merges, splits, deletes, returns and pins against the rules, written down naively.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::world::{Row, World};
use crate::ids::{CustomerId, Pin};

/// Rows of the histories.
const ROWS: usize = 9;
/// Profiles of one run, at most.
const PROFILES: usize = 5;

#[derive(Clone, Default)]
struct Life {
    created: i64,
    former: Vec<CustomerId>,
}

/// Who is who, as simply as it can be said.
#[derive(Default)]
struct Oracle {
    owner: BTreeMap<Row, CustomerId>,
    lives: BTreeMap<CustomerId, Life>,
    /// Retired ids with the rows that they had.
    retired: BTreeMap<CustomerId, (Life, BTreeSet<Row>)>,
    /// When each id was given first.
    ever: BTreeMap<CustomerId, i64>,
}

impl Oracle {
    fn had(&self, row: &Row) -> Option<CustomerId> {
        let retired = || self.retired.iter().find(|(_, (_, rows))| rows.contains(row)).map(|(id, _)| *id);
        self.owner.get(row).copied().or_else(retired)
    }

    fn run(&mut self, profiles: &[Vec<Row>], pins: &[Pin], at: i64) -> Vec<(CustomerId, Life)> {
        let claims = claims(profiles, pins);
        let homes = self.homes(profiles, &claims);
        let mut taken: BTreeSet<CustomerId> = self.ever.keys().copied().collect();
        taken.extend(pins.iter().map(|pin| pin.customer));
        let mut given = Vec::new();
        for (profile, rows) in profiles.iter().enumerate() {
            let mut own: Vec<CustomerId> =
                homes.iter().filter(|(_, home)| **home == profile).map(|(id, _)| *id).collect();
            own.sort_by_key(|id| {
                let part = rows.iter().filter(|row| self.had(row) == Some(*id)).count();
                (!self.lives.contains_key(id), self.life(*id).created, Reverse(part), *id)
            });
            let claimed = claims.iter().find(|(_, claimant)| **claimant == profile).map(|(id, _)| *id);
            let id = claimed.or(own.first().copied()).unwrap_or_else(|| fresh(rows, &taken));
            let mut former = self.life(id).former;
            for absorbed in own.into_iter().filter(|own| *own != id) {
                former.extend(self.life(absorbed).former);
                former.push(absorbed);
            }
            let mut seen = BTreeSet::from([id]);
            former.retain(|id| !claims.contains_key(id) && seen.insert(*id));
            let created = *self.ever.entry(id).or_insert(at);
            given.push((id, Life { created, former }));
        }
        self.remember(profiles, &given, &homes);
        // An id that a pin brings back is nobody's former id any more.
        for (life, _) in self.retired.values_mut() {
            life.former.retain(|id| !claims.contains_key(id));
        }
        given
    }

    fn life(&self, id: CustomerId) -> Life {
        let retired = || self.retired.get(&id).map(|(life, _)| life.clone());
        self.lives.get(&id).cloned().or_else(retired).unwrap_or_default()
    }

    /// The profile of every old id: its claimant, or the largest part of it, of equal ones that with the smallest row.
    fn homes(
        &self,
        profiles: &[Vec<Row>],
        claims: &BTreeMap<CustomerId, usize>,
    ) -> BTreeMap<CustomerId, usize> {
        let mut homes = BTreeMap::new();
        for id in self.lives.keys().chain(self.retired.keys()) {
            let part = |rows: &Vec<Row>| -> Vec<Row> {
                let mut part: Vec<Row> =
                    rows.iter().filter(|row| self.had(row) == Some(*id)).cloned().collect();
                part.sort();
                part
            };
            let parts = profiles.iter().map(part).enumerate().filter(|(_, part)| !part.is_empty());
            let largest = parts.min_by_key(|(_, part)| (Reverse(part.len()), part[0].clone()));
            if let Some(home) = claims.get(id).copied().or(largest.map(|(profile, _)| profile)) {
                homes.insert(*id, home);
            }
        }
        homes
    }

    fn remember(
        &mut self,
        profiles: &[Vec<Row>],
        given: &[(CustomerId, Life)],
        homes: &BTreeMap<CustomerId, usize>,
    ) {
        let lives: BTreeMap<CustomerId, Life> = given.iter().cloned().collect();
        for (id, life) in &self.lives {
            if !homes.contains_key(id) {
                let rows = self.owner.iter().filter(|(_, owner)| *owner == id).map(|(row, _)| row.clone());
                self.retired.insert(*id, (life.clone(), rows.collect()));
            }
        }
        self.retired.retain(|id, _| !homes.contains_key(id) && !lives.contains_key(id));
        self.owner.clear();
        for (rows, (id, _)) in profiles.iter().zip(given) {
            self.owner.extend(rows.iter().map(|row| (row.clone(), *id)));
        }
        self.lives = lives;
    }
}

fn fresh(rows: &[Row], taken: &BTreeSet<CustomerId>) -> CustomerId {
    let (entity, key) = rows.iter().min().unwrap();
    (0..).map(|attempt| CustomerId::of_record(entity, key, attempt)).find(|id| !taken.contains(id)).unwrap()
}

/// The profile that each pinned id is given to.
fn claims(profiles: &[Vec<Row>], pins: &[Pin]) -> BTreeMap<CustomerId, usize> {
    let mut pairs: BTreeMap<(usize, CustomerId), Vec<Row>> = BTreeMap::new();
    for pin in pins {
        let row = (pin.entity.clone(), pin.key.clone());
        if let Some(profile) = profiles.iter().position(|rows| rows.contains(&row)) {
            pairs.entry((profile, pin.customer)).or_default().push(row);
        }
    }
    let mut pairs: Vec<_> = pairs.into_iter().collect();
    pairs.sort_by_key(|(_, rows)| (Reverse(rows.len()), rows.iter().min().cloned()));
    let mut claims = BTreeMap::new();
    for ((profile, id), _) in pairs {
        if !claims.contains_key(&id) && !claims.values().any(|claimant| *claimant == profile) {
            claims.insert(id, profile);
        }
    }
    claims
}

/// A change of pins between runs.
#[derive(Debug, Clone)]
enum Decision {
    Nothing,
    /// A row to an id that nobody has.
    New(usize, u32),
    /// A row to the id that another row has, or had.
    To(usize, usize),
    /// No pin for a row.
    Free(usize),
}

fn row(number: usize) -> Row {
    (["A_a", "B_b"][number % 2].to_owned(), format!("{}", number / 2))
}

fn decision() -> impl Strategy<Value = Decision> {
    prop_oneof![
        6 => Just(Decision::Nothing),
        1 => (0..ROWS, 0u32..3).prop_map(|(row, id)| Decision::New(row, id)),
        1 => (0..ROWS, 0..ROWS).prop_map(|(row, other)| Decision::To(row, other)),
        1 => (0..ROWS).prop_map(Decision::Free),
    ]
}

/// The profile of each row in one run; rows without one are not there.
fn step() -> impl Strategy<Value = Vec<Option<usize>>> {
    proptest::collection::vec(proptest::option::weighted(0.8, 0..PROFILES), ROWS)
}

fn profiles(step: &[Option<usize>]) -> Vec<Vec<Row>> {
    let rows = |profile: usize| -> Vec<Row> {
        let own = step.iter().enumerate().filter(|(_, of)| **of == Some(profile));
        own.map(|(number, _)| row(number)).collect()
    };
    (0..PROFILES).map(rows).filter(|rows| !rows.is_empty()).collect()
}

fn pin((row, customer): (&Row, &CustomerId)) -> Pin {
    Pin { entity: row.0.clone(), key: row.1.clone(), customer: *customer }
}

fn decide(pins: &mut BTreeMap<Row, CustomerId>, decision: &Decision, last: &BTreeMap<Row, CustomerId>) {
    match decision {
        Decision::Nothing => {}
        Decision::New(number, id) => {
            pins.insert(row(*number), CustomerId::of_record("new", &id.to_string(), 0));
        }
        Decision::To(number, other) => {
            pins.extend(last.get(&row(*other)).map(|id| (row(*number), *id)));
        }
        Decision::Free(number) => {
            pins.remove(&row(*number));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn ids_are_those_of_the_rules_whatever_happened_before(
        steps in proptest::collection::vec((step(), decision(), any::<bool>()), 1..12),
    ) {
        let (mut world, mut oracle) = (World::default(), Oracle::default());
        let mut pins: BTreeMap<Row, CustomerId> = BTreeMap::new();
            let mut last = BTreeMap::new();
        for (step, decision, turn) in &steps {
            decide(&mut pins, decision, &last);
            if *turn {
                world.turn();
            }
            let profiles = profiles(step);
            let pins: Vec<Pin> = pins.iter().map(pin).collect();
            let made = world.run(&profiles, &pins, &[]);
            let expected = oracle.run(&profiles, &pins, world.at);
            for (profile, (id, life)) in expected.iter().enumerate() {
                let found = made.get(profile).unwrap();
                prop_assert_eq!(found.id, *id);
                prop_assert_eq!(found.former, &life.former[..]);
                prop_assert_eq!(found.created_on, life.created);
            }
            let different: BTreeSet<CustomerId> = (0..made.len()).map(|at| made.id(at).unwrap()).collect();
            prop_assert_eq!(different.len(), profiles.len());
            last.extend(oracle.owner.clone());
        }
    }

    #[test]
    fn every_id_leads_to_the_customers_of_its_rows(
        steps in proptest::collection::vec(step(), 1..12),
    ) {
        let (mut world, mut oracle) = (World::default(), Oracle::default());
        // The ids that each row has had since it was last away.
        let mut ids_of: BTreeMap<Row, BTreeSet<CustomerId>> = BTreeMap::new();
        for step in &steps {
            let profiles = profiles(step);
            world.run(&profiles, &[], &[]);
            oracle.run(&profiles, &[], world.at);
            ids_of.retain(|row, _| oracle.owner.contains_key(row));
            for (row, id) in &oracle.owner {
                ids_of.entry(row.clone()).or_default().insert(*id);
            }
            let lineage = world.lineage();
            for (row, ids) in &ids_of {
                for id in ids {
                    prop_assert!(lineage.redirect(*id).contains(&oracle.owner[row]));
                }
            }
            for (id, life) in &oracle.lives {
                prop_assert_eq!(lineage.redirect(*id).first().copied(), Some(*id));
                for former in &life.former {
                    prop_assert!(lineage.redirect(*former).contains(id));
                }
            }
            for id in oracle.retired.keys() {
                prop_assert!(!lineage.is_live(*id) && lineage.is_known(*id));
            }
        }
    }
}
