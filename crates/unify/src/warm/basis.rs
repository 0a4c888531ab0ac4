//! What a kept index depends on besides the rows of the entities.

use std::collections::BTreeSet;

use arrow::datatypes::DataType;
use serde::{Deserialize, Serialize};

use super::contents;
use crate::Settings;
use crate::definition::Unification;
use crate::ids::Pin;
use crate::limits::Limits;

/// Why a run looks at all rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Reason {
    /// Nothing was kept: the process has not unified yet, or its last result was not published.
    FirstRun,
    /// The definition of the unification has changed.
    Definition,
    /// People have pinned or released rows.
    Pins,
    /// The attributes of an entity have changed.
    Attributes,
    /// An entity that lists pairs, aliases or bypassed values has changed.
    Lists,
    /// The limits have changed.
    Limits,
    /// Matching by probability has learned a model anew, or another process has.
    Model,
    /// Too many rows have changed since the last run that looked at all.
    ManyChanges,
}

/// What a kept index depends on.
#[derive(Debug)]
pub(super) struct Basis {
    unification: Unification,
    pins: Vec<Pin>,
    limits: Limits,
    inputs: Vec<Shape>,
    /// The contents of entities that hold lists.
    lists: u128,
}

/// An entity without its rows.
#[derive(Debug, PartialEq, Eq)]
struct Shape {
    entity: String,
    data_source: String,
    primary_key: Vec<String>,
    attributes: Vec<(String, DataType)>,
}

impl Basis {
    pub(super) fn new(settings: Settings<'_>) -> Self {
        let shape = |input: &crate::Input| Shape {
            entity: input.entity.clone(),
            data_source: input.data_source.clone(),
            primary_key: input.primary_key.clone(),
            attributes: input
                .schema
                .fields()
                .iter()
                .map(|field| (field.name().clone(), field.data_type().clone()))
                .collect(),
        };
        let lists: BTreeSet<&str> = settings.unification.custom.entities().collect();
        let lists = settings.inputs.iter().filter(|input| lists.contains(input.entity.as_str()));
        Self {
            unification: settings.unification.clone(),
            pins: settings.identity.pins.clone(),
            limits: settings.options.limits.clone(),
            inputs: settings.inputs.iter().map(shape).collect(),
            lists: contents::of_lists(lists),
        }
    }

    /// In what another basis differs.
    pub(super) fn differs(&self, other: &Self) -> Option<Reason> {
        let parts = [
            (self.unification != other.unification, Reason::Definition),
            (self.pins != other.pins, Reason::Pins),
            (self.inputs != other.inputs, Reason::Attributes),
            (self.lists != other.lists, Reason::Lists),
            (self.limits != other.limits, Reason::Limits),
        ];
        parts.into_iter().find(|(differs, _)| *differs).map(|(_, reason)| reason)
    }
}
