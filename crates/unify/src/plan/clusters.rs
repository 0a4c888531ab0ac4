//! The clusters of profiles: rules over attributes of the profile.
//!
//! They are resolved twice: against the attributes that the profile will have, so that problems are found before
//! anything runs, and against the profiles themselves.

use arrow::datatypes::DataType;
use std::sync::Arc;

use arrow::datatypes::{Field, Schema, SchemaRef};

use super::{AttributePlan, Context, EntityPlan, MappedAttribute, Plan, Prefer, Winner, rules};
use crate::definition::{
    CUSTOMER, Cluster, Custom, Deduplication, DeduplicationRule, Match, Merge, Normalization, OwnCondition,
    Precision, Preference, Unification,
};
use crate::error::Problem;
use crate::input::Input;
use crate::limits::Limits;
use crate::names::CUSTOMER_ID;

/// The semantic type of family names.
const LAST_NAME: &str = "Person.LastName";
/// The semantic type of addresses, and the beginning of those of their parts.
const ADDRESS: &str = "Location.Address";
/// Other semantic types of parts of an address. Without them one street of two towns would be one address.
const PLACE: [&str; 2] = ["Location.City", "Location.PostalCode"];

/// One cluster.
#[derive(Debug)]
pub(crate) struct ClusterPlan {
    /// The attribute that holds the cluster's id.
    pub(crate) name: String,
    rules: Vec<DeduplicationRule>,
    custom: Custom,
}

pub(super) fn resolve(
    unification: &Unification,
    attributes: &[AttributePlan],
    limits: &Limits,
    problems: &mut Vec<Problem>,
) -> Vec<ClusterPlan> {
    let fields = attributes.iter().map(|it| Field::new(&it.name, it.data_type.clone(), true));
    let id = Field::new(CUSTOMER_ID, DataType::Utf8, false);
    let schema = Arc::new(Schema::new(std::iter::once(id).chain(fields).collect::<Vec<_>>()));
    let mut plans = Vec::new();
    for cluster in &unification.merge.clusters {
        let Some(rules) = rules_of(cluster, attributes, problems) else { continue };
        let plan = ClusterPlan { name: cluster.name.clone(), rules, custom: unification.custom.clone() };
        plan.over(&schema, limits, problems);
        plans.push(plan);
    }
    plans
}

/// The rules of a cluster; those of a household where it has none.
fn rules_of(
    cluster: &Cluster,
    attributes: &[AttributePlan],
    problems: &mut Vec<Problem>,
) -> Option<Vec<DeduplicationRule>> {
    if !cluster.rules.is_empty() {
        return Some(cluster.rules.clone());
    }
    let Some((last_name, address)) = household(attributes) else {
        problems.push(Problem::HouseholdAttributesMissing { name: cluster.name.clone() });
        return None;
    };
    let same = |attribute: &AttributePlan, words: Normalization| OwnCondition {
        attribute: attribute.name.clone(),
        normalize: vec![words, Normalization::LowerCase, Normalization::Whitespace],
        alias: None,
        bypass: None,
        precision: Precision::Exact,
    };
    let mut conditions = vec![same(last_name, Normalization::TypeName)];
    conditions.extend(address.into_iter().map(|part| same(part, Normalization::TypeAddress)));
    Some(vec![DeduplicationRule {
        name: "household".to_owned(),
        conditions,
        exceptions: Vec::new(),
        active: true,
    }])
}

/// The last name, and all parts of the address: the first attribute of each semantic type.
fn household(attributes: &[AttributePlan]) -> Option<(&AttributePlan, Vec<&AttributePlan>)> {
    fn of(attribute: &AttributePlan) -> &str {
        attribute.semantic_type.as_deref().unwrap_or_default()
    }
    let is = |found: &str, wanted: &str| {
        found.strip_prefix(wanted).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    let last_name = attributes.iter().find(|it| is(of(it), LAST_NAME))?;
    let mut parts: Vec<&AttributePlan> = Vec::new();
    for attribute in attributes {
        let found = of(attribute);
        let is_part = is(found, ADDRESS) || PLACE.contains(&found);
        if is_part && parts.iter().all(|part| part.semantic_type != attribute.semantic_type) {
            parts.push(attribute);
        }
    }
    parts.iter().any(|part| is(of(part), ADDRESS)).then_some((last_name, parts))
}

impl ClusterPlan {
    /// The plan of a deduplication of profiles with this schema.
    pub(crate) fn over(&self, schema: &SchemaRef, limits: &Limits, problems: &mut Vec<Problem>) -> Plan {
        let input = Input {
            data_source: String::new(),
            entity: CUSTOMER.to_owned(),
            primary_key: vec![CUSTOMER_ID.to_owned()],
            schema: schema.clone(),
            batches: Vec::new(),
        };
        let mapped = schema.fields().iter().enumerate().map(|(column, field)| MappedAttribute {
            name: field.name().clone(),
            column,
            data_type: field.data_type().clone(),
            semantic_type: None,
        });
        let entities = vec![EntityPlan {
            input: 0,
            name: CUSTOMER.to_owned(),
            key: schema.index_of(CUSTOMER_ID).unwrap_or_default(),
            include_all: true,
            mapped: mapped.collect(),
        }];
        let deduplication = Deduplication {
            entity: CUSTOMER.to_owned(),
            rules: self.rules.clone(),
            winner: Preference::MostFilled,
            attributes: Vec::new(),
        };
        let unification = Unification {
            map: Vec::new(),
            deduplication: vec![deduplication],
            match_: Match { order: Vec::new(), rules: Vec::new(), probabilistic: None },
            custom: Custom::default(),
            merge: Merge::default(),
        };
        let context = Context { inputs: &[input], entities: &entities, custom: &self.custom };
        let deduplication = rules::deduplication(&unification, &context, limits, problems);
        let winner = Winner { prefer: Prefer::MostFilled, attributes: Vec::new(), deduplicated: false };
        Plan { entities, winners: vec![winner], deduplication, ..Plan::default() }
    }
}
