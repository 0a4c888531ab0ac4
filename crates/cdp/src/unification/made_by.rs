//! What a unification was made by: kept with its result, so that it is explained by what it was, not by what is
//! applied now.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use unify::definition::Unification;

use super::{LinkStage, PairsQuery};
use crate::definitions::Definitions;

/// What stands in place of a rule's name where people decided that rows match.
pub(super) const ALWAYS_MATCH: &str = "alwaysMatch";

/// The definition of a unification, and the keys of the entities that it read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MadeBy {
    /// Map, deduplicate, match, merge.
    pub unification: Unification,
    /// The entities that it read: those of the match order, and those that hold lists.
    pub sources: Vec<SourceKey>,
}

/// Where an entity comes from and what identifies its rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SourceKey {
    /// The entity's full name.
    pub entity: String,
    /// Its data source.
    pub data_source: String,
    /// The attributes that identify a row.
    pub primary_key: Vec<String>,
}

impl MadeBy {
    /// What the definitions say now; none without a unification in them.
    pub fn of(definitions: &Definitions) -> Option<Self> {
        let unification = definitions.unification.clone()?;
        let key = |entity: &str| {
            let (source, found) = definitions.source_entity(entity)?;
            Some(SourceKey {
                entity: entity.to_owned(),
                data_source: source.name.clone(),
                primary_key: found.primary_key.clone(),
            })
        };
        let sources = unification.reads().into_iter().filter_map(key).collect();
        Some(Self { unification, sources })
    }

    /// Where an entity comes from; none for one outside the match order.
    pub fn source(&self, entity: &str) -> Option<&SourceKey> {
        self.sources.iter().find(|source| source.entity == entity && self.is_ordered(entity))
    }

    /// Whether an entity is in the match order.
    pub(super) fn is_ordered(&self, entity: &str) -> bool {
        self.unification.match_.order.iter().any(|ordered| ordered.entity == entity)
    }

    /// Whether a rule that is asked for was there.
    pub(super) fn knows_rule(&self, query: &PairsQuery) -> bool {
        let is_it = |stage: LinkStage, entity: &str, name: &str| {
            name == query.rule
                && query.entity.as_deref().is_none_or(|asked| asked == entity)
                && query.stage.is_none_or(|asked| asked == stage)
        };
        // Links that people decided are listed like those of a rule.
        if query.rule == ALWAYS_MATCH {
            return true;
        }
        let matching = self.unification.match_.rules.iter();
        let mut own =
            self.unification.deduplication.iter().flat_map(|it| it.rules.iter().map(move |rule| (it, rule)));
        matching.clone().any(|rule| is_it(LinkStage::Match, &rule.on, &rule.name))
            || own.any(|(it, rule)| is_it(LinkStage::Deduplication, &it.entity, &rule.name))
    }

    /// The attributes of an entity that any rule compares.
    pub(super) fn compared(&self, entity: &str) -> BTreeSet<String> {
        let mut compared = BTreeSet::new();
        for rule in &self.unification.match_.rules {
            let exceptions = rule.exceptions.iter().flat_map(|exception| &exception.conditions);
            for condition in rule.conditions.iter().chain(exceptions) {
                if rule.on == entity {
                    compared.insert(condition.right.clone());
                }
                if condition.left.entity.as_deref().is_none_or(|named| named == entity) {
                    compared.insert(condition.left.attribute.clone());
                }
            }
        }
        for own in self.unification.deduplication.iter().filter(|own| own.entity == entity) {
            let rules = own.rules.iter();
            let conditions = rules.flat_map(|rule| {
                rule.conditions
                    .iter()
                    .chain(rule.exceptions.iter().flat_map(|exception| &exception.conditions))
            });
            compared.extend(conditions.map(|condition| condition.attribute.clone()));
        }
        let signals = self.unification.match_.probabilistic.iter().flat_map(|it| &it.signals);
        let attributes = signals.flat_map(|signal| &signal.attributes);
        compared.extend(attributes.filter(|it| it.entity == entity).map(|it| it.attribute.clone()));
        compared
    }
}
