//! Rows that always or never match: the pairs that people list, and rows that are pinned to customers.

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

/// What people decided, over records by their numbers in the space of all records.
#[derive(Debug, Default)]
pub(crate) struct Decisions {
    /// Pairs that always match, in order: those of pins, then those that are listed.
    pub(crate) always: Vec<(u32, u32)>,
    /// Pairs that never match.
    pub(crate) never: Vec<(u32, u32)>,
    /// Records that are pinned, each with a number for its customer.
    pub(crate) pins: Vec<(u32, u32)>,
    pub(crate) warnings: Vec<Warning>,
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

impl Decisions {
    /// Resolves the lists and the pins. Rows that do not exist are counted.
    pub(crate) fn new(
        unification: &Unification,
        plan: &Plan,
        records: &[Records],
        inputs: &[Input],
        pins: &[Pin],
    ) -> Self {
        let entities = plan.entities.iter().zip(0u32..).map(|(it, at)| (it.name.as_str(), at)).collect();
        let resolver = Resolver { entities, records, space: Space::new(records), inputs };
        let custom = &unification.custom;
        let mut decisions = Self::default();
        decisions.pin(&resolver, pins);
        let listed = [("alwaysMatch", &custom.always_match), ("neverMatch", &custom.never_match)];
        let [always, never] = listed.map(|(list, pairs)| match pairs {
            Some(pairs) => resolver.pairs(list, pairs, &mut decisions.warnings),
            None => Vec::new(),
        });
        decisions.always.extend(always);
        decisions.never = never;
        decisions
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.always.is_empty() && self.never.is_empty() && self.pins.is_empty()
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

    fn pin(&mut self, resolver: &Resolver<'_>, pins: &[Pin]) {
        let mut of: BTreeMap<CustomerId, Vec<u32>> = BTreeMap::new();
        let mut unknown = 0;
        for pin in pins {
            match resolver.record(&pin.entity, &pin.key) {
                Some(record) => of.entry(pin.customer).or_default().push(record),
                None => unknown += 1,
            }
        }
        for (customer, mut records) in (0u32..).zip(of.into_values()) {
            records.sort_unstable();
            self.pins.extend(records.iter().map(|record| (*record, customer)));
            if let Some((first, rest)) = records.split_first() {
                self.always.extend(rest.iter().map(|record| (*first, *record)));
            }
        }
        if unknown > 0 {
            self.warnings.push(Warning::PairsUnknown { list: "pins".to_owned(), pairs: unknown });
        }
    }
}

struct Resolver<'a> {
    entities: HashMap<&'a str, u32>,
    records: &'a [Records],
    space: Space,
    inputs: &'a [Input],
}

impl Resolver<'_> {
    fn record(&self, entity: &str, key: &str) -> Option<u32> {
        let entity = *self.entities.get(entity)?;
        let record = self.records.get(entity as usize)?.find(key.as_bytes())?;
        Some(self.space.number(entity, record))
    }

    /// The pairs of a list, each once, in order.
    fn pairs(&self, list: &str, pairs: &RowPairs, warnings: &mut Vec<Warning>) -> Vec<(u32, u32)> {
        let mut found = BTreeSet::new();
        let mut unknown = 0;
        let mut add = |one: (&str, &str), other: (&str, &str)| match (
            self.record(one.0, one.1),
            self.record(other.0, other.1),
        ) {
            (Some(one), Some(other)) if one != other => {
                found.insert((one.min(other), one.max(other)));
            }
            (Some(_), Some(_)) => {}
            _ => unknown += 1,
        };
        match pairs {
            RowPairs::Pairs(pairs) => {
                for pair in pairs {
                    add((&pair.entity1, &pair.entity1_key), (&pair.entity2, &pair.entity2_key));
                }
            }
            RowPairs::Entity(entity) => {
                let input = self.inputs.iter().find(|input| input.entity == *entity);
                if let Some((input, columns)) = input.and_then(|input| Some((input, columns(input)?))) {
                    listed::rows(input, &columns, |row| {
                        if let [entity1, key1, entity2, key2] = row {
                            add((entity1, key1), (entity2, key2));
                        }
                    });
                }
            }
        }
        if unknown > 0 {
            warnings.push(Warning::PairsUnknown { list: list.to_owned(), pairs: unknown });
        }
        found.into_iter().collect()
    }
}
