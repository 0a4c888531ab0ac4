//! The match rules: who is compared with whom, on which attributes, how strictly.

use super::entities::is_text;
use super::{Comparison, Context, Form, MappedAttribute, RulePlan};
use lang::attribute::AttributeRef;

use crate::definition::{Condition, Deduplication, Exception, MatchRule, OwnCondition, Unification};
use crate::error::Problem;
use crate::limits::Limits;
use crate::normalize::Normalizer;
use crate::values::kind;

/// The match rules, in the order in which they are tried.
pub(super) fn resolve(
    unification: &Unification,
    context: &Context<'_>,
    limits: &Limits,
    problems: &mut Vec<Problem>,
) -> Vec<RulePlan> {
    let written = &unification.match_.rules;
    let rules = rules(written, false, context, limits, problems);
    for (at, entity) in context.entities.iter().enumerate().skip(1) {
        let has_rule = written.iter().any(|rule| rule.on == entity.name);
        if !has_rule && unification.match_.probabilistic.is_none() {
            problems.push(Problem::RulesMissing { entity: context.name(at).to_owned() });
        }
    }
    rules
}

/// The rules of deduplication, by entity, then as written.
pub(super) fn deduplication(
    unification: &Unification,
    context: &Context<'_>,
    limits: &Limits,
    problems: &mut Vec<Problem>,
) -> Vec<RulePlan> {
    let written = &unification.deduplication;
    for (at, deduplication) in written.iter().enumerate() {
        let entity = &deduplication.entity;
        if written.iter().take(at).any(|before| before.entity == *entity) {
            problems.push(Problem::DeduplicationRepeated { entity: entity.clone() });
        }
        if deduplication.rules.is_empty() {
            context.entity(entity, "deduplication", problems);
        }
    }
    let written: Vec<MatchRule> = written.iter().flat_map(within).collect();
    rules(&written, true, context, limits, problems)
}

/// The rules of deduplication as match rules of an entity with itself.
fn within(deduplication: &Deduplication) -> impl Iterator<Item = MatchRule> {
    let condition = |own: &OwnCondition| Condition {
        left: AttributeRef { entity: None, attribute: own.attribute.clone() },
        right: own.attribute.clone(),
        normalize: own.normalize.clone(),
        alias: own.alias.clone(),
        bypass: own.bypass.clone(),
        precision: own.precision,
    };
    let conditions = move |own: &[OwnCondition]| -> Vec<Condition> { own.iter().map(condition).collect() };
    deduplication.rules.iter().map(move |rule| {
        let exceptions = rule.exceptions.iter();
        MatchRule {
            on: deduplication.entity.clone(),
            name: rule.name.clone(),
            conditions: conditions(&rule.conditions),
            exceptions: exceptions
                .map(|it| Exception { name: it.name.clone(), conditions: conditions(&it.conditions) })
                .collect(),
            active: rule.active,
        }
    })
}

fn rules(
    written: &[MatchRule],
    within: bool,
    context: &Context<'_>,
    limits: &Limits,
    problems: &mut Vec<Problem>,
) -> Vec<RulePlan> {
    let mut rules = Vec::new();
    for (at, rule) in written.iter().enumerate() {
        let repeated = |before: &MatchRule| before.on == rule.on && before.name == rule.name;
        if written.iter().take(at).any(repeated) {
            problems.push(Problem::RuleRepeated { rule: rule.name.clone(), on: rule.on.clone() });
        }
        let kind = if within { "deduplication" } else { "match" };
        let place = format!("{kind} rule {}", rule.name);
        let Some(on) = context.entity(&rule.on, &place, problems) else { continue };
        let resolver = Resolver { context, rule, on, place };
        resolver.check_sizes(limits, problems);
        let lefts = if within { Some(vec![on]) } else { resolver.lefts(problems) };
        if let Some(lefts) = lefts {
            rules.extend(resolver.rule(lefts, problems));
        }
    }
    rules.sort_by_key(|rule| rule.on);
    rules
}

struct Resolver<'a> {
    context: &'a Context<'a>,
    rule: &'a MatchRule,
    on: usize,
    place: String,
}

impl Resolver<'_> {
    fn names(&self) -> (String, String) {
        (self.rule.name.clone(), self.rule.on.clone())
    }

    fn all_conditions(&self) -> impl Iterator<Item = &Condition> {
        let exceptions = self.rule.exceptions.iter().flat_map(|exception| &exception.conditions);
        self.rule.conditions.iter().chain(exceptions)
    }

    fn check_sizes(&self, limits: &Limits, problems: &mut Vec<Problem>) {
        let (rule, on) = self.names();
        let count = self.all_conditions().count();
        if count > limits.conditions {
            let limit = limits.conditions;
            problems.push(Problem::TooManyConditions { rule: rule.clone(), on: on.clone(), count, limit });
        }
        if self.rule.exceptions.iter().any(|exception| exception.conditions.is_empty()) {
            let place = "an exception".to_owned();
            problems.push(Problem::ConditionsMissing { rule: rule.clone(), on: on.clone(), place });
        }
        if self.rule.conditions.is_empty() {
            problems.push(Problem::ConditionsMissing { rule, on, place: "conditions".to_owned() });
        }
    }

    /// The entities above in which partners are looked for: the one that the conditions name, or every one that has
    /// all attributes of the conditions.
    fn lefts(&self, problems: &mut Vec<Problem>) -> Option<Vec<usize>> {
        let (rule, on) = self.names();
        if self.on == 0 {
            problems.push(Problem::EntitiesOutOfOrder { rule, on: on.clone(), entity: on });
            return None;
        }
        let mut named: Option<usize> = None;
        for name in self.all_conditions().filter_map(|condition| condition.left.entity.as_ref()) {
            let entity = self.context.entity(name, &self.place, problems)?;
            if entity >= self.on {
                problems.push(Problem::EntitiesOutOfOrder { rule, on, entity: name.clone() });
                return None;
            }
            if let Some(first) = named.filter(|first| *first != entity) {
                let (first, second) = (self.context.name(first).to_owned(), name.clone());
                problems.push(Problem::LeftEntitiesDiffer { rule, on, first, second });
                return None;
            }
            named = Some(entity);
        }
        if let Some(entity) = named {
            return Some(vec![entity]);
        }
        let wanted = || self.rule.conditions.iter().map(|condition| condition.left.attribute.as_str());
        let has_all = |entity: &usize| wanted().all(|name| self.context.find(*entity, name).is_some());
        let lefts: Vec<usize> = (0..self.on).filter(has_all).collect();
        if lefts.is_empty() {
            let attributes = wanted().collect::<Vec<_>>().join(", ");
            problems.push(Problem::NoEntityAbove { rule, on, attributes });
            return None;
        }
        Some(lefts)
    }

    fn rule(&self, lefts: Vec<usize>, problems: &mut Vec<Problem>) -> Option<RulePlan> {
        let mut comparisons = Vec::new();
        for condition in &self.rule.conditions {
            comparisons.push(self.comparison(condition, &lefts, true, problems));
        }
        let conditions = comparisons.len();
        let mut exceptions = Vec::new();
        for exception in &self.rule.exceptions {
            let start = comparisons.len();
            for condition in &exception.conditions {
                comparisons.push(self.comparison(condition, &lefts, lefts.len() == 1, problems));
            }
            exceptions.push(start..comparisons.len());
        }
        let comparisons = comparisons.into_iter().collect::<Option<Vec<_>>>()?;
        let name = self.rule.name.clone();
        let active = self.rule.active;
        Some(RulePlan { name, on: self.on, lefts, comparisons, conditions, exceptions, active })
    }

    /// One comparison; `needed` when every entity above must have the attribute.
    fn comparison(
        &self,
        condition: &Condition,
        lefts: &[usize],
        needed: bool,
        problems: &mut Vec<Problem>,
    ) -> Option<Comparison> {
        let threshold = condition.precision.score();
        if !(threshold > 0.0 && threshold <= 1.0) {
            let (rule, on) = self.names();
            problems.push(Problem::PrecisionOutOfRange { rule, on, precision: threshold });
        }
        let right = self.context.attribute(self.on, &condition.right, &self.place, problems)?;
        let mut left = Vec::new();
        for entity in lefts {
            let name = &condition.left.attribute;
            let attribute = if needed {
                Some(self.context.attribute(*entity, name, &self.place, problems)?)
            } else {
                self.context.find(*entity, name)
            };
            if let Some(attribute) = attribute {
                self.check_types(condition, (*entity, attribute), right, problems);
            }
            left.push(attribute.map(|attribute| attribute.column));
        }
        let form = self.form(condition, problems)?;
        Some(Comparison { left, right: right.column, form, threshold })
    }

    /// What is done to the values of a condition, with the lists that it names.
    fn form(&self, condition: &Condition, problems: &mut Vec<Problem>) -> Option<Form> {
        let custom = self.context.custom;
        let mut missing = |list: &Option<String>, found: Option<usize>| {
            let list = list.as_ref().filter(|_| found.is_none())?;
            problems.push(Problem::ListMissing { place: self.place.clone(), list: list.clone() });
            Some(())
        };
        let named = |name: &str| custom.aliases.iter().position(|list| list.name == name);
        let alias = condition.alias.as_deref().and_then(named);
        let named = |name: &str| custom.bypass.iter().position(|list| list.name == name);
        let bypass = condition.bypass.as_deref().and_then(named);
        let missing = [missing(&condition.alias, alias), missing(&condition.bypass, bypass)];
        let form = Form { normalizer: Normalizer::new(&condition.normalize), alias, bypass };
        missing.iter().all(Option::is_none).then_some(form)
    }

    fn check_types(
        &self,
        condition: &Condition,
        (left_entity, left): (usize, &MappedAttribute),
        right: &MappedAttribute,
        problems: &mut Vec<Problem>,
    ) {
        let (rule, on) = self.names();
        let full = |entity: usize, name: &str| format!("{}.{name}", self.context.name(entity));
        let sides = [(left_entity, left), (self.on, right)];
        for (entity, attribute) in sides {
            let (rule, on) = self.names();
            let (found, attribute) = (attribute.data_type.clone(), full(entity, &attribute.name));
            let problem = if kind(&found).is_none() {
                Problem::TypeNotComparable { rule, on, attribute, found }
            } else if is_text(&found) {
                continue;
            } else if condition.precision.score() < 1.0 {
                Problem::FuzzyAttributeNotText { rule, on, attribute, found }
            } else if !condition.normalize.is_empty()
                || condition.alias.is_some()
                || condition.bypass.is_some()
            {
                Problem::NormalizedAttributeNotText { rule, on, attribute, found }
            } else {
                continue;
            };
            // The same right attribute is met once for each entity above.
            if !problems.contains(&problem) {
                problems.push(problem);
            }
        }
        if kind(&left.data_type) != kind(&right.data_type) {
            problems.push(Problem::MatchedAttributeTypesDiffer {
                rule,
                on,
                left: full(left_entity, &left.name),
                left_type: left.data_type.clone(),
                right: full(self.on, &right.name),
                right_type: right.data_type.clone(),
            });
        }
    }
}
