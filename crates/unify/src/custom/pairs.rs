//! Rows that always or never match: the pairs that people list, and rows that are pinned to customers.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::listed;
use crate::definition::{RowPair, RowPairs, Unification};
use crate::error::Problem;
use crate::ids::{CustomerId, Pin};
use crate::input::Input;
use crate::plan::Plan;
use crate::records::Records;
use crate::report::Warning;
use crate::sets::Sets;
use crate::space::Space;

/// The words in front of the parts of a pair in the attributes of an entity that lists pairs.
const WORDS: [&str; 2] = ["Entity", "Table"];

/// A row: the entity, by its place in the match order, and the primary key.
pub(crate) type NamedRow = (u32, String);

/// What people decided, by the names of the rows.
#[derive(Debug, Default)]
pub(crate) struct Listed {
    /// Pairs that always match, and pairs that never do, each pair in order.
    pub(crate) always: BTreeSet<(NamedRow, NamedRow)>,
    pub(crate) never: BTreeSet<(NamedRow, NamedRow)>,
    /// The rows that are pinned to each customer.
    pub(crate) pins: BTreeMap<CustomerId, BTreeSet<NamedRow>>,
}

/// What people decided, over records of some kind; here by their numbers in the space of all records.
#[derive(Debug)]
pub(crate) struct Decisions<T = u32> {
    /// Pairs that always match, in order: those of pins, then those that are listed.
    pub(crate) always: Vec<(T, T)>,
    /// Pairs that never match.
    pub(crate) never: Vec<(T, T)>,
    /// Records that are pinned, each with a number for its customer.
    pub(crate) pins: Vec<(T, u32)>,
    pub(crate) warnings: Vec<Warning>,
}

impl<T> Default for Decisions<T> {
    fn default() -> Self {
        Self { always: Vec::new(), never: Vec::new(), pins: Vec::new(), warnings: Vec::new() }
    }
}

/// Finds what is wrong with the lists of a definition.
pub(crate) fn check(unification: &Unification, inputs: &[Input], problems: &mut Vec<Problem>) {
    let custom = &unification.custom;
    for entity in custom.entities() {
        if !inputs.iter().any(|input| input.entity == entity) {
            problems.push(Problem::EntityMissing { entity: entity.to_owned() });
        }
    }
    let ordered = |entity: &str| unification.match_.order.iter().any(|ordered| ordered.entity == entity);
    let mut inline = Vec::new();
    for (place, pairs) in
        [("custom.alwaysMatch", &custom.always_match), ("custom.neverMatch", &custom.never_match)]
    {
        match pairs {
            Some(RowPairs::Entity(entity)) => {
                let input = inputs.iter().find(|input| input.entity == *entity);
                if input.is_some_and(|input| columns(input).is_none()) {
                    problems.push(Problem::PairsAttributesMissing { entity: entity.clone() });
                }
                inline.push(BTreeSet::new());
            }
            Some(RowPairs::Pairs(pairs)) => {
                let named = pairs.iter().flat_map(|pair| [&pair.entity1, &pair.entity2]);
                for entity in named.collect::<BTreeSet<_>>().into_iter().filter(|entity| !ordered(entity)) {
                    let (place, entity) = (place.to_owned(), entity.clone());
                    problems.push(Problem::EntityNotOrdered { place, entity });
                }
                inline.push(pairs.iter().map(ordered_pair).collect());
            }
            None => inline.push(BTreeSet::new()),
        }
    }
    if let [always, never] = inline.as_slice() {
        for pair in always.intersection(never) {
            let [(entity1, key1), (entity2, key2)] =
                [&pair.0, &pair.1].map(|(entity, key)| (entity.clone(), key.clone()));
            problems.push(Problem::PairContradicts { entity1, key1, entity2, key2 });
        }
    }
}

type Named = (String, String);

fn ordered_pair(pair: &RowPair) -> (Named, Named) {
    let one = (pair.entity1.clone(), pair.entity1_key.clone());
    let other = (pair.entity2.clone(), pair.entity2_key.clone());
    if one <= other { (one, other) } else { (other, one) }
}

/// The columns of an entity that lists pairs: entity, key, entity, key.
fn columns(input: &Input) -> Option<Vec<usize>> {
    WORDS.iter().find_map(|word| {
        let names = [format!("{word}1"), format!("{word}1Key"), format!("{word}2"), format!("{word}2Key")];
        names.iter().map(|name| input.schema.index_of(name).ok()).collect()
    })
}

impl Listed {
    /// Reads the lists and the pins.
    pub(crate) fn new(unification: &Unification, plan: &Plan, inputs: &[Input], pins: &[Pin]) -> Self {
        let entities: HashMap<&str, u32> =
            plan.entities.iter().zip(0u32..).map(|(it, at)| (it.name.as_str(), at)).collect();
        // An entity that is not in the match order has no rows here.
        let row = |entity: &str, key: &str| -> NamedRow {
            (entities.get(entity).copied().unwrap_or(u32::MAX), key.to_owned())
        };
        let pairs = |pairs: &Option<RowPairs>| {
            let mut found = BTreeSet::new();
            each_pair(pairs.as_ref(), inputs, |one, other| {
                let (one, other) = (row(one.0, one.1), row(other.0, other.1));
                if one != other {
                    found.insert(if one <= other { (one, other) } else { (other, one) });
                }
            });
            found
        };
        let custom = &unification.custom;
        let mut listed = Self {
            always: pairs(&custom.always_match),
            never: pairs(&custom.never_match),
            pins: BTreeMap::new(),
        };
        for pin in pins {
            listed.pins.entry(pin.customer).or_default().insert(row(&pin.entity, &pin.key));
        }
        listed
    }

    /// Finds the rows among the records of all entities.
    pub(crate) fn among(&self, records: &[Records]) -> Decisions {
        let space = Space::new(records);
        let find = |row: &NamedRow| {
            let record = records.get(row.0 as usize)?.find(row.1.as_bytes())?;
            Some(space.number(row.0, record))
        };
        self.resolve(find, u32::cmp)
    }

    /// Finds the records. `order` says how they stand to each other; rows that do not exist are counted.
    pub(crate) fn resolve<T: Copy>(
        &self,
        find: impl Fn(&NamedRow) -> Option<T>,
        order: impl Fn(&T, &T) -> Ordering,
    ) -> Decisions<T> {
        let mut decisions = Decisions::default();
        let mut unknown = 0;
        for (customer, rows) in (0u32..).zip(self.pins.values()) {
            let mut records: Vec<T> = rows.iter().filter_map(&find).collect();
            unknown += (rows.len() - records.len()) as u64;
            records.sort_by(&order);
            decisions.pins.extend(records.iter().map(|record| (*record, customer)));
            if let Some((first, rest)) = records.split_first() {
                decisions.always.extend(rest.iter().map(|record| (*first, *record)));
            }
        }
        decisions.count("pins", unknown);
        for (list, pairs) in [("alwaysMatch", &self.always), ("neverMatch", &self.never)] {
            let found = pairs.iter().filter_map(|(one, other)| Some((find(one)?, find(other)?)));
            let mut found: Vec<(T, T)> =
                found.map(|(a, b)| if order(&a, &b).is_le() { (a, b) } else { (b, a) }).collect();
            decisions.count(list, (pairs.len() - found.len()) as u64);
            found.sort_by(|a, b| order(&a.0, &b.0).then_with(|| order(&a.1, &b.1)));
            match list {
                "alwaysMatch" => decisions.always.extend(found),
                _ => decisions.never = found,
            }
        }
        decisions
    }
}

impl<T> Decisions<T> {
    pub(crate) fn is_empty(&self) -> bool {
        self.always.is_empty() && self.never.is_empty() && self.pins.is_empty()
    }

    fn count(&mut self, list: &str, unknown: u64) {
        if unknown > 0 {
            self.warnings.push(Warning::PairsUnknown { list: list.to_owned(), pairs: unknown });
        }
    }
}

impl Decisions {
    /// Resolves the lists and the pins.
    pub(crate) fn new(
        unification: &Unification,
        plan: &Plan,
        records: &[Records],
        inputs: &[Input],
        pins: &[Pin],
    ) -> Self {
        Listed::new(unification, plan, inputs, pins).among(records)
    }

    /// Puts together what always matches. A pair that must also stay apart does, with a warning.
    pub(crate) fn join(&mut self, plan: &Plan, records: &[Records], space: &Space, sets: &mut Sets) {
        let name = |number: u32| -> Named {
            let (entity, record) = space.place(number);
            let entity_name = plan.entities.get(entity as usize).map(|entity| entity.name.clone());
            let key = records.get(entity as usize).map(|records| records.key(record).to_owned());
            (entity_name.unwrap_or_default(), key.unwrap_or_default())
        };
        for (one, other) in &self.always {
            if !sets.union(*one, *other) {
                let ((entity1, key1), (entity2, key2)) = (name(*one), name(*other));
                self.warnings.push(Warning::PairContradicts { entity1, key1, entity2, key2 });
            }
        }
    }
}

/// Calls `found` with the ends of every pair of a list.
fn each_pair(pairs: Option<&RowPairs>, inputs: &[Input], mut found: impl FnMut((&str, &str), (&str, &str))) {
    match pairs {
        None => {}
        Some(RowPairs::Pairs(pairs)) => {
            for pair in pairs {
                found((&pair.entity1, &pair.entity1_key), (&pair.entity2, &pair.entity2_key));
            }
        }
        Some(RowPairs::Entity(entity)) => {
            let input = inputs.iter().find(|input| input.entity == *entity);
            if let Some((input, columns)) = input.and_then(|input| Some((input, columns(input)?))) {
                listed::rows(input, &columns, |row| {
                    if let [entity1, key1, entity2, key2] = row {
                        found((entity1, key1), (entity2, key2));
                    }
                });
            }
        }
    }
}
