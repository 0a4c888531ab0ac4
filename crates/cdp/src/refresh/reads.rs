//! Which entities a measure or a rule reads: those it names, and those on the way between them.

use std::collections::BTreeSet;

use lang::rule::{Argument, Condition, Path};

use crate::definitions::{Activity, CUSTOMER, Definitions, Measure, MeasureKind, UNIFIED_ACTIVITY};
use crate::relationships::{Direction, Graph};

/// Finds what is read.
pub(super) struct Reads<'d> {
    definitions: &'d Definitions,
    relationships: Graph,
}

impl<'d> Reads<'d> {
    pub(super) fn of(definitions: &'d Definitions) -> Self {
        Self { definitions, relationships: crate::relationships::graph(definitions) }
    }

    /// Adds the entities that a measure reads.
    pub(super) fn measure(&self, measure: &Measure, entities: &mut BTreeSet<String>) {
        let mut named = BTreeSet::new();
        for calculation in &measure.calculations {
            if let Argument::Path(path) = &calculation.calculate.calculation().argument {
                self.path(path, &mut named);
            }
        }
        if let Some(filter) = &measure.filter {
            named_in(self, filter.condition(), &mut named);
        }
        named.extend(measure.by.iter().filter_map(|by| by.entity.clone()));
        if measure.kind != MeasureKind::Business {
            named.insert(CUSTOMER.to_owned());
        }
        self.connect(&named, entities);
    }

    /// Adds the entities that an activity reads: its own, and those on the way to the customer.
    pub(super) fn activity(&self, activity: &Activity, entities: &mut BTreeSet<String>) {
        self.connect(&BTreeSet::from([activity.entity.clone(), CUSTOMER.to_owned()]), entities);
    }

    /// Adds the entities that a rule of a segment reads.
    pub(super) fn condition(&self, condition: &Condition, entities: &mut BTreeSet<String>) {
        let mut named = BTreeSet::from([CUSTOMER.to_owned()]);
        named_in(self, condition, &mut named);
        self.connect(&named, entities);
    }

    /// `Entity.Attribute` names an entity; so does the `Entity` of `count(Entity)`.
    fn path(&self, path: &Path, named: &mut BTreeSet<String>) {
        match &path.entity {
            Some(entity) => {
                named.insert(entity.value.clone());
            }
            None if self.is_entity(&path.name.value) => {
                named.insert(path.name.value.clone());
            }
            None => {}
        }
    }

    fn is_entity(&self, name: &str) -> bool {
        let made = || self.definitions.unified_entities().iter().any(|made| made == name);
        self.definitions.source_entity(name).is_some() || name == UNIFIED_ACTIVITY || made()
    }

    /// Adds the named entities and every entity on a path from one to another.
    fn connect(&self, named: &BTreeSet<String>, entities: &mut BTreeSet<String>) {
        for from in named {
            for to in named.iter().filter(|to| *to != from) {
                // Without a path the measure or segment itself fails, and says so.
                if let Ok(path) = self.relationships.path(from, to, Direction::Any) {
                    entities.extend(path.steps.iter().map(|step| step.end().to_owned()));
                }
            }
        }
        entities.extend(named.iter().cloned());
    }
}

fn named_in(reads: &Reads<'_>, condition: &Condition, named: &mut BTreeSet<String>) {
    match condition {
        Condition::And(parts) | Condition::Or(parts) => {
            parts.iter().for_each(|part| named_in(reads, part, named));
        }
        Condition::Not(part) => named_in(reads, part, named),
        Condition::Test(test) => reads.path(&test.path, named),
    }
}
