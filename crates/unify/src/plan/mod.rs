//! Map: a definition of unification, checked against the entities that it names. Every problem is found here,
//! before anything runs.

mod attributes;
mod clusters;
mod customer_id;
mod entities;
mod preferences;
mod recency;
mod rules;

use arrow::datatypes::DataType;
use lang::attribute::QualifiedAttribute;

use super::error::{Problem, UnifyError};
use super::input::Input;
use super::limits::Limits;
use super::normalize::Normalizer;
use crate::definition::{Custom, Unification};

pub(super) use clusters::ClusterPlan;
pub(super) use entities::is_text;

/// What a unification does, with every name resolved. Entities are numbered in match order.
#[derive(Debug, Default)]
pub(super) struct Plan {
    pub(super) entities: Vec<EntityPlan>,
    /// One for each entity.
    pub(super) winners: Vec<Winner>,
    /// The rules of deduplication, by entity, then as written. Their only entity above is their own.
    pub(super) deduplication: Vec<RulePlan>,
    /// The match rules, in the order in which they are tried: by entity, then as written.
    pub(super) rules: Vec<RulePlan>,
    /// The attributes of the profile after its keys.
    pub(super) attributes: Vec<AttributePlan>,
    /// The attributes that make the ids of customers, each with its sources in match order; none for ids of the
    /// system's own.
    pub(super) customer_id: Vec<Vec<SourceAttribute>>,
    pub(super) clusters: Vec<ClusterPlan>,
}

/// One entity of the match order.
#[derive(Debug)]
pub(super) struct EntityPlan {
    /// Its place among the inputs.
    pub(super) input: usize,
    /// Its full name.
    pub(super) name: String,
    /// The column of its primary key.
    pub(super) key: usize,
    /// Whether rows that match nothing become profiles.
    pub(super) include_all: bool,
    /// The columns that take part, in schema order.
    pub(super) mapped: Vec<MappedAttribute>,
}

/// One attribute that takes part.
#[derive(Debug, Clone)]
pub(super) struct MappedAttribute {
    pub(super) name: String,
    pub(super) column: usize,
    pub(super) data_type: DataType,
    pub(super) semantic_type: Option<String>,
}

/// One rule, of match or of deduplication.
#[derive(Debug)]
pub(super) struct RulePlan {
    pub(super) name: String,
    /// The entity whose rows look for a partner.
    pub(super) on: usize,
    /// The entities above in which they look, in match order.
    pub(super) lefts: Vec<usize>,
    /// The comparisons: first the conditions, then those of the exceptions.
    pub(super) comparisons: Vec<Comparison>,
    /// How many of the comparisons are conditions.
    pub(super) conditions: usize,
    /// For each exception its comparisons.
    pub(super) exceptions: Vec<std::ops::Range<usize>>,
    /// Whether it is used.
    pub(super) active: bool,
}

/// One comparison of a rule.
#[derive(Debug)]
pub(super) struct Comparison {
    /// The column in each of the rule's `lefts`; none where an exception speaks of an attribute that the entity
    /// does not have, so that the exception cannot apply.
    pub(super) left: Vec<Option<usize>>,
    /// The column of the rule's own entity.
    pub(super) right: usize,
    pub(super) form: Form,
    /// The lowest score that is a match; 1 compares for equality.
    pub(super) threshold: f64,
}

/// What is done to values before they are compared. Values are compared only in the same form.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Form {
    pub(super) normalizer: Normalizer,
    /// The list of aliases, by its place in the definition.
    pub(super) alias: Option<usize>,
    /// The list of values that are never used, by its place in the definition.
    pub(super) bypass: Option<usize>,
}

impl Comparison {
    pub(super) fn is_exact(&self) -> bool {
        self.threshold >= 1.0
    }
}

/// Which of several rows of one entity speaks.
#[derive(Debug)]
pub(super) struct Winner {
    pub(super) prefer: Prefer,
    /// Columns that are taken from another row, each at most once.
    pub(super) attributes: Vec<(usize, Prefer)>,
    /// Whether what deduplication found becomes a table.
    pub(super) deduplicated: bool,
}

/// Which row is preferred; the columns hold dates or numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Prefer {
    MostFilled,
    MostRecent(usize),
    LeastRecent(usize),
}

/// One attribute of the profile.
#[derive(Debug)]
pub(super) struct AttributePlan {
    pub(super) name: String,
    pub(super) data_type: DataType,
    /// Its meaning, where a source says it.
    pub(super) semantic_type: Option<String>,
    /// The most important first.
    pub(super) sources: Vec<SourceAttribute>,
    pub(super) policy: Policy,
    /// The group that is taken as a unit, by its place in the definition. All attributes of a group have the same
    /// policy, and sources of the same entities in the same order.
    pub(super) group: Option<usize>,
}

/// Where a value of the profile may come from.
#[derive(Debug, Clone)]
pub(super) struct SourceAttribute {
    pub(super) entity: usize,
    pub(super) column: usize,
    /// The column that tells how recent the row is, where the policy asks.
    pub(super) recency: Option<usize>,
}

/// Which of several values the profile gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Policy {
    Importance,
    MostRecent,
    LeastRecent,
    MostFrequent,
}

impl Plan {
    /// The full name of an entity.
    pub(super) fn name(&self, entity: usize) -> &str {
        self.entities.get(entity).map_or("", |entity| &entity.name)
    }

    /// The attributes of a rule's own entity that its exact conditions compare; all, where it has none.
    pub(super) fn blocked_on(&self, rule: &RulePlan) -> Vec<String> {
        let conditions = || rule.comparisons.iter().take(rule.conditions);
        let exact = conditions().any(|comparison| comparison.is_exact());
        let used = conditions().filter(|comparison| !exact || comparison.is_exact());
        let mapped = self.entities.get(rule.on).map_or(&[][..], |entity| &entity.mapped);
        let name = |column: usize| mapped.iter().find(|it| it.column == column).map(|it| it.name.clone());
        used.filter_map(|comparison| name(comparison.right)).collect()
    }

    /// Checks `unification` against the entities with data.
    pub(super) fn new(
        unification: &Unification,
        inputs: &[Input],
        limits: &Limits,
    ) -> Result<Self, UnifyError> {
        let mut problems = Vec::new();
        let entities = entities::resolve(unification, inputs, limits, &mut problems);
        // Without the entities nothing that follows can be judged.
        if !problems.is_empty() {
            return Err(UnifyError::Invalid(problems));
        }
        let context = Context { inputs, entities: &entities, custom: &unification.custom };
        let deduplication = rules::deduplication(unification, &context, limits, &mut problems);
        let rules = rules::resolve(unification, &context, limits, &mut problems);
        crate::custom::check(unification, inputs, &mut problems);
        let winners = preferences::resolve(unification, &context, &mut problems);
        let attributes = attributes::resolve(unification, &context, &mut problems);
        let customer_id = customer_id::resolve(unification, &attributes, &context, &mut problems);
        let clusters = clusters::resolve(unification, &attributes, limits, &mut problems);
        if problems.is_empty() {
            Ok(Self { entities, winners, deduplication, rules, attributes, customer_id, clusters })
        } else {
            Err(UnifyError::Invalid(problems))
        }
    }
}

/// What names are resolved against.
struct Context<'a> {
    inputs: &'a [Input],
    entities: &'a [EntityPlan],
    custom: &'a Custom,
}

impl Context<'_> {
    fn entity(&self, name: &str, place: &str, problems: &mut Vec<Problem>) -> Option<usize> {
        let found = self.entities.iter().position(|entity| entity.name == name);
        if found.is_none() {
            problems.push(Problem::EntityNotOrdered { place: place.to_owned(), entity: name.to_owned() });
        }
        found
    }

    /// The mapped attribute of an entity; none when it has none, with the reason in `problems`.
    fn attribute(
        &self,
        entity: usize,
        name: &str,
        place: &str,
        problems: &mut Vec<Problem>,
    ) -> Option<&MappedAttribute> {
        let plan = self.entities.get(entity)?;
        let found = self.find(entity, name);
        if found.is_none() {
            let exists = self.inputs.get(plan.input).is_some_and(|it| it.schema.index_of(name).is_ok());
            let (place, entity, attribute) = (place.to_owned(), plan.name.clone(), name.to_owned());
            problems.push(if exists {
                Problem::AttributeNotMapped { place, entity, attribute }
            } else {
                Problem::AttributeMissing { place, entity, attribute }
            });
        }
        found
    }

    /// The entity and the column of an attribute that is named with its entity.
    fn qualified(
        &self,
        attribute: &QualifiedAttribute,
        place: &str,
        problems: &mut Vec<Problem>,
    ) -> Option<(usize, usize)> {
        let entity = self.entity(&attribute.entity, place, problems)?;
        let found = self.attribute(entity, &attribute.attribute, place, problems)?;
        Some((entity, found.column))
    }

    fn find(&self, entity: usize, name: &str) -> Option<&MappedAttribute> {
        self.entities.get(entity)?.mapped.iter().find(|attribute| attribute.name == name)
    }

    fn name(&self, entity: usize) -> &str {
        self.entities.get(entity).map_or("", |entity| &entity.name)
    }
}
