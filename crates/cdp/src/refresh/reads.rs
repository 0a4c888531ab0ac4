//! Which entities a measure or a rule reads: those it names, and those on the way between them.

use std::collections::BTreeSet;

use lang::rule::{Condition, Path, Term};

use super::queries::QueryReads;
use crate::definitions::{
    Activity, CUSTOMER, Definitions, Measure, MeasureKind, MeasureState, UNIFIED_ACTIVITY,
};
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
        if let Some(sql) = &measure.sql {
            entities.extend(self.query(&sql.0).entities);
            if measure.kind != MeasureKind::Business {
                entities.insert(CUSTOMER.to_owned());
            }
            return;
        }
        let mut named = BTreeSet::new();
        for calculation in &measure.calculations {
            for path in calculation.calculate.calculation().paths() {
                self.path(path, &mut named);
            }
        }
        if let Some(filter) = &measure.filter {
            filter.condition().paths().into_iter().for_each(|path| self.path(path, &mut named));
        }
        named.extend(measure.by.iter().filter_map(|by| by.attribute.entity.clone()));
        if measure.kind != MeasureKind::Business {
            named.insert(CUSTOMER.to_owned());
        }
        self.connect(&named, entities);
    }

    /// Adds the entities that an activity reads: its own, and those on the way to the customer.
    pub(super) fn activity(&self, activity: &Activity, entities: &mut BTreeSet<String>) {
        self.connect(&BTreeSet::from([activity.entity.clone(), CUSTOMER.to_owned()]), entities);
    }

    /// What a query reads.
    pub(super) fn query(&self, sql: &str) -> QueryReads {
        QueryReads::of(self.definitions, sql)
    }

    /// Adds the entities that a rule of a segment reads.
    pub(super) fn condition(&self, condition: &Condition, entities: &mut BTreeSet<String>) {
        let mut named = BTreeSet::from([CUSTOMER.to_owned()]);
        condition.paths().into_iter().for_each(|path| self.path(path, &mut named));
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

/// The measures that the formulas of a measure name.
pub(super) fn named_measures(measure: &Measure) -> Vec<&str> {
    let mut found = Vec::new();
    for term in measure.calculations.iter().flat_map(|it| it.calculate.calculation().leaves()) {
        if let Term::Measure(path) = term {
            found.push(path.name.value.as_str());
        }
    }
    found
}

/// The business measures that customer attributes read, each after those that it reads itself.
pub(super) fn read_by_attributes(definitions: &Definitions) -> Vec<&Measure> {
    let is_active = |measure: &&Measure| measure.state == MeasureState::Active;
    let attributes = definitions.measures.iter().filter(is_active);
    let attributes: Vec<&Measure> =
        attributes.filter(|it| it.kind == MeasureKind::CustomerAttribute).collect();
    let read = readable_first(&attributes, definitions);
    read.into_iter().filter(|measure| measure.kind == MeasureKind::Business).collect()
}

/// These measures and all business measures that they read, each after those that it reads.
pub(super) fn readable_first<'d>(measures: &[&'d Measure], definitions: &'d Definitions) -> Vec<&'d Measure> {
    let mut found: Vec<&Measure> = Vec::new();
    let mut open: Vec<(&Measure, bool)> = measures.iter().rev().map(|measure| (*measure, false)).collect();
    let mut seen = BTreeSet::new();
    while let Some((measure, needs_are_there)) = open.pop() {
        if needs_are_there {
            found.push(measure);
        } else if seen.insert(measure.name.as_str()) {
            open.push((measure, true));
            let needs = named_measures(measure).into_iter().filter_map(|name| definitions.measure(name));
            let readable =
                needs.filter(|it| it.kind == MeasureKind::Business && it.state == MeasureState::Active);
            open.extend(readable.map(|it| (it, false)));
        }
    }
    found
}
