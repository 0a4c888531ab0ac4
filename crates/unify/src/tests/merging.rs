//! Merge against a naive program: winners, values of single attributes and of groups.

use proptest::prelude::*;

use super::*;
use crate::definition::{
    AttributePreference, Deduplication, DeduplicationRule, GroupSource, MergeAttribute, MergeGroup,
    MergePolicy, OwnCondition, Precision, Preference,
};

const ENTITIES: [&str; 3] = ["A_a", "B_b", "C_c"];

/// One row; its key is its place. Rows with the same person are one customer, rows without one stay alone.
#[derive(Debug, Clone)]
struct Row {
    person: Option<u32>,
    on: Option<i64>,
    name: Option<String>,
    city: Option<String>,
    zip: Option<i64>,
}

/// What an entity's winner is, and which row gives the name.
#[derive(Debug, Clone)]
struct Wishes {
    winner: Preference,
    name: Option<Preference>,
}

#[derive(Debug, Clone)]
struct Case {
    entities: Vec<Vec<Row>>,
    wishes: Vec<Wishes>,
    /// The order of the entities in `from`.
    order: Vec<usize>,
    name: MergePolicy,
    address: MergePolicy,
}

fn preference() -> impl Strategy<Value = Preference> {
    prop_oneof![
        Just(Preference::MostFilled),
        Just(Preference::MostRecent { by: "On".to_owned() }),
        Just(Preference::LeastRecent { by: "On".to_owned() }),
    ]
}

fn policy() -> impl Strategy<Value = MergePolicy> {
    let by = || vec!["On".parse().unwrap()];
    prop_oneof![
        Just(MergePolicy::Importance),
        Just(MergePolicy::MostFrequent),
        Just(MergePolicy::MostRecent { by: by() }),
        Just(MergePolicy::LeastRecent { by: by() }),
    ]
}

fn case() -> impl Strategy<Value = Case> {
    let text = || proptest::option::of("[ab]".prop_map(|it| it));
    let row = (proptest::option::weighted(0.9, 0u32..5), proptest::option::of(0i64..4), text(), text())
        .prop_flat_map(|(person, on, name, city)| {
            proptest::option::of(0i64..3).prop_map(move |zip| Row {
                person,
                on,
                name: name.clone(),
                city: city.clone(),
                zip,
            })
        });
    let wishes = (preference(), proptest::option::of(preference()));
    let wishes = wishes.prop_map(|(winner, name)| Wishes { winner, name });
    (
        proptest::collection::vec(proptest::collection::vec(row, 0..12), 3),
        proptest::collection::vec(wishes, 3),
        Just(vec![0, 1, 2]).prop_shuffle(),
        policy(),
        policy(),
    )
        .prop_map(|(entities, wishes, order, name, address)| Case {
            entities,
            wishes,
            order,
            name,
            address,
        })
}

impl Case {
    fn unification(&self) -> Unification {
        let mut unification: Unification = serde_json::from_str(
            r#"{"match": {"order": ["A_a", "B_b", "C_c"], "rules": [
                {"on": "B_b", "name": "p", "conditions": [{"left": "Person", "right": "Person"}]},
                {"on": "C_c", "name": "p", "conditions": [{"left": "Person", "right": "Person"}]}]}}"#,
        )
        .unwrap();
        let same = OwnCondition {
            attribute: "Person".to_owned(),
            normalize: Vec::new(),
            alias: None,
            bypass: None,
            precision: Precision::Exact,
        };
        let rule = DeduplicationRule {
            name: "p".to_owned(),
            conditions: vec![same],
            exceptions: Vec::new(),
            active: true,
        };
        let entities = ENTITIES.iter().zip(&self.wishes);
        unification.deduplication = entities
            .map(|(entity, wishes)| Deduplication {
                entity: (*entity).to_owned(),
                rules: vec![rule.clone()],
                winner: wishes.winner.clone(),
                attributes: wishes
                    .name
                    .iter()
                    .map(|it| AttributePreference { name: "Name".to_owned(), preference: it.clone() })
                    .collect(),
            })
            .collect();
        let named = |attribute: &str| {
            let from = self.order.iter().map(|entity| format!("{}.{attribute}", ENTITIES[*entity]));
            from.map(|it| it.parse().unwrap()).collect()
        };
        let merge = &mut unification.merge;
        merge.attributes =
            vec![MergeAttribute { name: "N".to_owned(), from: named("Name"), policy: self.name.clone() }];
        let source = |entity: &usize| GroupSource {
            entity: ENTITIES[*entity].to_owned(),
            attributes: vec!["City".to_owned(), "Zip".to_owned()],
        };
        merge.groups = vec![MergeGroup {
            name: "G".to_owned(),
            attributes: vec!["C".to_owned(), "Z".to_owned()],
            from: self.order.iter().map(source).collect(),
            policy: self.address.clone(),
        }];
        unification
    }

    fn inputs(&self) -> Vec<Input> {
        let input = |(name, rows): (&&str, &Vec<Row>)| {
            let mut text = "Id:int64,Person:int64,On:int64,Name,City,Zip:int64".to_owned();
            for (at, row) in rows.iter().enumerate() {
                let number = |it: Option<i64>| it.map_or(String::new(), |it| it.to_string());
                let (person, on, zip) = (row.person.map(i64::from), row.on, row.zip);
                text.push_str(&format!("\n{at},{},{}", number(person), number(on)));
                let text_of = |it: &Option<String>| it.clone().unwrap_or_default();
                text.push_str(&format!(",{},{},{}", text_of(&row.name), text_of(&row.city), number(zip)));
            }
            text_tables::input(name, &text)
        };
        ENTITIES.iter().zip(&self.entities).map(input).collect()
    }
}

fn filled(row: &Row) -> usize {
    [row.person.is_some(), row.on.is_some(), row.name.is_some(), row.city.is_some(), row.zip.is_some()]
        .iter()
        .filter(|it| **it)
        .count()
}

/// The best of some rows by their keys: the last of equally good ones.
fn best(rows: &[Row], keys: &[usize], preference: &Preference) -> Option<usize> {
    let merit = |key: &usize| match preference {
        Preference::MostFilled => (true, filled(&rows[*key]) as i64),
        Preference::MostRecent { .. } => (rows[*key].on.is_some(), rows[*key].on.unwrap_or(0)),
        Preference::LeastRecent { .. } => (rows[*key].on.is_some(), -rows[*key].on.unwrap_or(0)),
    };
    keys.iter().copied().max_by_key(|key| (merit(key), *key))
}

/// Values that one source offers, and how recent they are.
type Offer<T> = (Option<T>, Option<i64>);

/// The values that a policy takes: `own` are those of the winners, `all` those of all rows, in the order of sources.
fn chosen<T: Clone + PartialEq>(policy: &MergePolicy, own: &[Offer<T>], all: &[T]) -> Option<T> {
    let filled: Vec<&Offer<T>> = own.iter().filter(|it| it.0.is_some()).collect();
    let by_age = |sign: i64| {
        let mut best: Option<&Offer<T>> = None;
        for offer in &filled {
            let merit = |it: &Offer<T>| it.1.map(|on| on * sign);
            if best.is_none_or(|best| merit(offer) > merit(best)) {
                best = Some(offer);
            }
        }
        best.and_then(|it| it.0.clone())
    };
    match policy {
        MergePolicy::Importance => filled.first().and_then(|it| it.0.clone()),
        MergePolicy::MostRecent { .. } => by_age(1),
        MergePolicy::LeastRecent { .. } => by_age(-1),
        MergePolicy::MostFrequent => {
            let count = |value: &T| all.iter().filter(|it| *it == value).count();
            let most = all.iter().map(count).max()?;
            all.iter().find(|value| count(value) == most).cloned()
        }
    }
}

fn naive(case: &Case) -> Vec<Vec<String>> {
    let mut people: Vec<Vec<Vec<usize>>> = vec![vec![Vec::new(); 3]; 5];
    for (entity, rows) in case.entities.iter().enumerate() {
        for (key, row) in rows.iter().enumerate() {
            match row.person {
                Some(person) => people[person as usize][entity].push(key),
                None => {
                    let mut alone = vec![Vec::new(); 3];
                    alone[entity].push(key);
                    people.push(alone);
                }
            }
        }
    }
    people.retain(|person| person.iter().any(|keys| !keys.is_empty()));
    let mut rows: Vec<Vec<String>> = people.iter().map(|person| profile(case, person)).collect();
    rows.sort();
    rows
}

/// The key columns, then `N`, `C` and `Z`.
fn profile(case: &Case, person: &[Vec<usize>]) -> Vec<String> {
    let shown = |it: Option<String>| it.unwrap_or_default();
    let mut cells = Vec::new();
    let mut winners = Vec::new();
    for (entity, keys) in person.iter().enumerate() {
        let winner = best(&case.entities[entity], keys, &case.wishes[entity].winner);
        winners.push(winner);
        cells.push(shown(winner.map(|it| it.to_string())));
        cells.push(keys.iter().map(ToString::to_string).collect::<Vec<_>>().join(";"));
    }
    let (mut own_names, mut own_places) = (Vec::new(), Vec::new());
    let (mut all_names, mut all_places) = (Vec::new(), Vec::new());
    for entity in &case.order {
        let (rows, keys) = (&case.entities[*entity], &person[*entity]);
        let winner = winners[*entity];
        let on = winner.and_then(|key| rows[key].on);
        let named: Vec<usize> = keys.iter().copied().filter(|key| rows[*key].name.is_some()).collect();
        let other = case.wishes[*entity].name.as_ref().and_then(|it| best(rows, &named, it));
        own_names.push((other.or(winner).and_then(|key| rows[key].name.clone()), on));
        let place = |key: usize| (rows[key].city.clone(), rows[key].zip);
        let is_there = |it: &(Option<String>, Option<i64>)| it.0.is_some() || it.1.is_some();
        own_places.push((winner.map(place).filter(is_there), on));
        let others = keys.iter().rev().copied().filter(|key| Some(*key) != winner);
        for key in winner.into_iter().chain(others) {
            all_names.extend(rows[key].name.clone());
            all_places.extend(Some(place(key)).filter(is_there));
        }
    }
    cells.push(shown(chosen(&case.name, &own_names, &all_names)));
    let (city, zip) = chosen(&case.address, &own_places, &all_places).unwrap_or_default();
    cells.extend([shown(city), shown(zip.map(|it| it.to_string()))]);
    cells
}

const COLUMNS: [&str; 9] =
    ["A_a_Id", "A_a_Id_Alternate", "B_b_Id", "B_b_Id_Alternate", "C_c_Id", "C_c_Id_Alternate", "N", "C", "Z"];

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, ..ProptestConfig::default() })]

    #[test]
    fn merge_chooses_what_comparing_every_row_chooses(case in case()) {
        let unified = run_quietly(&case.unification(), case.inputs()).unwrap();
        let mut found = rows(&unified.customer, &COLUMNS);
        found.sort();
        prop_assert_eq!(found, naive(&case));
        let ids = rows(&unified.customer, &["CustomerId"]);
        prop_assert!(ids.is_sorted());
    }
}
