//! Attributes of which the definition says nothing, or only that they are separate or have another name.
//!
//! Attributes of different entities are combined when they have the same semantic type, or the same name and no
//! different semantic types. At most one attribute of each entity takes part in a combination, and only types with a
//! common type combine. Every other attribute stays single. Where its name is taken it gets its entity's name in
//! front: `LoyaltyScheme_loyCustomers_CreatedOn`.

use std::collections::HashSet;

use arrow::datatypes::DataType;

use super::super::{AttributePlan, MappedAttribute, Policy, SourceAttribute};
use super::types::{common_type, plain};
use super::{Resolver, Use};
use crate::error::Problem;

/// Attributes of different entities that become one.
struct Combination {
    name: String,
    /// The entity of its first attribute.
    entity: String,
    /// Nothing joins it.
    separate: bool,
    /// Its name, where the definition gives one.
    renamed: Option<String>,
    semantic_type: Option<String>,
    data_type: DataType,
    sources: Vec<SourceAttribute>,
}

impl Resolver<'_> {
    pub(super) fn combined(&mut self, problems: &mut Vec<Problem>) -> Vec<AttributePlan> {
        let separate = self.separate(problems);
        let mut combinations = self.combinations(&separate);
        self.rename(&mut combinations, problems);
        let plan = |it: Combination| AttributePlan {
            name: it.renamed.unwrap_or_else(|| self.names.free(&it.name, &it.entity)),
            data_type: it.data_type,
            semantic_type: it.semantic_type,
            sources: it.sources,
            policy: Policy::Importance,
            group: None,
        };
        combinations.into_iter().map(plan).collect()
    }

    fn separate(&self, problems: &mut Vec<Problem>) -> HashSet<(usize, usize)> {
        let separate = self.unification.merge.separate.iter();
        separate.filter_map(|it| self.context.qualified(it, "merge.separate", problems)).collect()
    }

    fn combinations(&self, separate: &HashSet<(usize, usize)>) -> Vec<Combination> {
        let mut combinations: Vec<Combination> = Vec::new();
        for (entity, plan) in self.context.entities.iter().enumerate() {
            for attribute in &plan.mapped {
                if self.used.contains_key(&(entity, attribute.column)) {
                    continue;
                }
                let separate = separate.contains(&(entity, attribute.column));
                let source = SourceAttribute { entity, column: attribute.column, recency: None };
                match fitting(&mut combinations, entity, attribute).filter(|_| !separate) {
                    Some((combination, data_type)) => {
                        combination.data_type = data_type;
                        combination.sources.push(source);
                    }
                    None => combinations.push(Combination {
                        name: attribute.name.clone(),
                        entity: plan.name.clone(),
                        separate,
                        renamed: None,
                        semantic_type: attribute.semantic_type.clone(),
                        data_type: plain(&attribute.data_type),
                        sources: vec![source],
                    }),
                }
            }
        }
        combinations
    }

    fn rename(&mut self, combinations: &mut [Combination], problems: &mut Vec<Problem>) {
        for rename in &self.unification.merge.rename {
            let Some((entity, column)) = self.context.qualified(&rename.from, "merge.rename", problems)
            else {
                continue;
            };
            let attribute = rename.from.to_string();
            match self.used.get(&(entity, column)) {
                Some(Use::ByHand) => problems.push(Problem::RenamedByHand { attribute }),
                Some(Use::Excluded) => problems.push(Problem::RenamedExcluded { attribute }),
                None => {
                    let is_source = |it: &SourceAttribute| it.entity == entity && it.column == column;
                    let found = combinations.iter_mut().find(|it| it.sources.iter().any(is_source));
                    let Some(found) = found else { continue };
                    if let Some(first) = &found.renamed {
                        problems.push(Problem::RenamedTwice { attribute, first: first.clone() });
                        continue;
                    }
                    found.renamed = Some(rename.to.clone());
                    self.take(&rename.to, problems);
                }
            }
        }
    }
}

/// The combination that an attribute joins: by semantic type before by name.
fn fitting<'a>(
    combinations: &'a mut [Combination],
    entity: usize,
    attribute: &MappedAttribute,
) -> Option<(&'a mut Combination, DataType)> {
    let same_type =
        |it: &Combination| attribute.semantic_type.is_some() && it.semantic_type == attribute.semantic_type;
    let same_name = |it: &Combination| {
        it.name.to_lowercase() == attribute.name.to_lowercase()
            && (it.semantic_type.is_none() || attribute.semantic_type.is_none())
    };
    let open = |it: &Combination| !it.separate && it.sources.iter().all(|source| source.entity != entity);
    let by_type = combinations.iter().position(|it| open(it) && same_type(it));
    let at = by_type.or_else(|| combinations.iter().position(|it| open(it) && same_name(it)))?;
    let combination = combinations.get_mut(at)?;
    let data_type = common_type(&combination.data_type, &attribute.data_type)?;
    Some((combination, data_type))
}
