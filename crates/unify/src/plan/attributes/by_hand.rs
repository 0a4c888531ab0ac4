//! Attributes that the definition says by hand: single ones, and groups that are taken as a unit.

use arrow::datatypes::DataType;
use lang::attribute::QualifiedAttribute;

use super::super::recency;
use super::super::{AttributePlan, Policy, SourceAttribute};
use super::types::{common_type, plain};
use super::{Resolver, Use};
use crate::definition::{MergeAttribute, MergeGroup, MergePolicy};
use crate::error::Problem;

/// The most attributes of a group, as in Customer Insights.
const GROUP_ATTRIBUTES: usize = 10;
/// The most sources of a group, as in Customer Insights.
const GROUP_SOURCES: usize = 15;

impl Resolver<'_> {
    pub(super) fn by_hand(&mut self, problems: &mut Vec<Problem>) -> Vec<AttributePlan> {
        let attributes = &self.unification.merge.attributes;
        attributes.iter().filter_map(|attribute| self.attribute(attribute, problems)).collect()
    }

    fn attribute(
        &mut self,
        attribute: &MergeAttribute,
        problems: &mut Vec<Problem>,
    ) -> Option<AttributePlan> {
        self.take(&attribute.name, problems);
        if attribute.from.is_empty() {
            problems.push(Problem::MergedAttributeEmpty { name: attribute.name.clone() });
        }
        let mut plan = self.sources(&attribute.name, &attribute.from, problems)?;
        plan.policy = self.policy(&attribute.name, &attribute.policy, &mut [&mut plan.sources], problems);
        Some(plan)
    }

    pub(super) fn groups(&mut self, problems: &mut Vec<Problem>) -> Vec<AttributePlan> {
        let groups = self.unification.merge.groups.iter().enumerate();
        groups.flat_map(|(number, group)| self.group(number, group, problems)).collect()
    }

    fn group(
        &mut self,
        number: usize,
        group: &MergeGroup,
        problems: &mut Vec<Problem>,
    ) -> Vec<AttributePlan> {
        let name = || group.name.clone();
        if !(1..=GROUP_ATTRIBUTES).contains(&group.attributes.len()) {
            let (count, limit) = (group.attributes.len(), GROUP_ATTRIBUTES);
            problems.push(Problem::GroupAttributes { name: name(), count, limit });
        }
        if !(1..=GROUP_SOURCES).contains(&group.from.len()) {
            let (count, limit) = (group.from.len(), GROUP_SOURCES);
            problems.push(Problem::GroupSources { name: name(), count, limit });
        }
        for source in group.from.iter().filter(|source| source.attributes.len() != group.attributes.len()) {
            problems.push(Problem::GroupSourceDiffers {
                name: name(),
                entity: source.entity.clone(),
                wanted: group.attributes.len(),
                found: source.attributes.len(),
            });
        }
        let mut plans = Vec::new();
        for (at, attribute) in group.attributes.iter().enumerate() {
            self.take(attribute, problems);
            let from = group.from.iter().filter_map(|source| {
                let (entity, attribute) = (source.entity.clone(), source.attributes.get(at)?.clone());
                Some(QualifiedAttribute { entity, attribute })
            });
            let from: Vec<QualifiedAttribute> = from.collect();
            plans.extend(self.sources(attribute, &from, problems));
        }
        let mut sources: Vec<&mut Vec<SourceAttribute>> =
            plans.iter_mut().map(|plan| &mut plan.sources).collect();
        let policy = self.policy(&group.name, &group.policy, &mut sources, problems);
        for plan in &mut plans {
            (plan.policy, plan.group) = (policy, Some(number));
        }
        plans
    }

    /// An attribute with its sources, whose types must have a common one.
    fn sources(
        &mut self,
        name: &str,
        from: &[QualifiedAttribute],
        problems: &mut Vec<Problem>,
    ) -> Option<AttributePlan> {
        let place = format!("merged attribute {name}");
        let mut plan: Option<(AttributePlan, &QualifiedAttribute)> = None;
        for from in from {
            let Some((entity, column)) = self.context.qualified(from, &place, problems) else { continue };
            let Some(found) = self.context.find(entity, &from.attribute) else { continue };
            self.use_by_hand(name, from, (entity, column), problems);
            let source = SourceAttribute { entity, column, recency: None };
            let Some((so_far, first)) = &mut plan else {
                let plan_of = AttributePlan {
                    name: name.to_owned(),
                    data_type: plain(&found.data_type),
                    semantic_type: found.semantic_type.clone(),
                    sources: vec![source],
                    policy: Policy::Importance,
                    group: None,
                };
                plan = Some((plan_of, from));
                continue;
            };
            so_far.sources.push(source);
            if so_far.semantic_type.is_none() {
                so_far.semantic_type.clone_from(&found.semantic_type);
            }
            match common_type(&so_far.data_type, &found.data_type) {
                Some(wider) => so_far.data_type = wider,
                None => {
                    let found = found.data_type.clone();
                    problems.push(types_differ(name, (*first, &so_far.data_type), (from, found)));
                }
            }
        }
        plan.map(|(plan, _)| plan)
    }

    fn use_by_hand(
        &mut self,
        name: &str,
        from: &QualifiedAttribute,
        found: (usize, usize),
        problems: &mut Vec<Problem>,
    ) {
        let (name, attribute) = (name.to_owned(), from.to_string());
        match self.used.insert(found, Use::ByHand) {
            None => {}
            Some(Use::ByHand) => problems.push(Problem::MergedAttributeRepeated { name, attribute }),
            Some(Use::Excluded) => problems.push(Problem::MergedAttributeExcluded { name, attribute }),
        }
    }

    /// The policy; where it asks how recent rows are, the sources learn by which column.
    fn policy(
        &self,
        name: &str,
        policy: &MergePolicy,
        sources: &mut [&mut Vec<SourceAttribute>],
        problems: &mut Vec<Problem>,
    ) -> Policy {
        let (by, policy) = match policy {
            MergePolicy::Importance => return Policy::Importance,
            MergePolicy::MostFrequent => return Policy::MostFrequent,
            MergePolicy::MostRecent { by } => (by, Policy::MostRecent),
            MergePolicy::LeastRecent { by } => (by, Policy::LeastRecent),
        };
        // The attributes of a group have the same entities, so the first one's problems are those of all.
        for (at, sources) in sources.iter_mut().enumerate() {
            let mut again = Vec::new();
            let problems = if at == 0 { &mut *problems } else { &mut again };
            recency::resolve(name, by, self.context, sources, problems);
        }
        policy
    }
}

fn types_differ(
    name: &str,
    (first, first_type): (&QualifiedAttribute, &DataType),
    (second, second_type): (&QualifiedAttribute, DataType),
) -> Problem {
    Problem::MergedAttributeTypesDiffer {
        name: name.to_owned(),
        first: first.to_string(),
        first_type: first_type.clone(),
        second: second.to_string(),
        second_type,
    }
}
