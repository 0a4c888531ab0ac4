//! The attributes of the profile: those that the definition says by hand, then the others, combined where two
//! entities mean the same.
//!
//! Attributes of different entities are combined when they have the same semantic type, or the same name and no
//! different semantic types. At most one attribute of each entity takes part in a combination, and only types with a
//! common type combine. Every other attribute stays single. Where its name is taken it gets its entity's name in
//! front: `LoyaltyScheme_loyCustomers_CreatedOn`. Names that differ only in case count as the same, because SQL
//! cannot tell them apart.

use std::collections::HashSet;

use arrow::datatypes::{DataType, TimeUnit};

use super::entities::is_text;
use super::recency;
use super::{AttributePlan, Context, MappedAttribute, Policy, SourceAttribute};
use lang::attribute::QualifiedAttribute;

use crate::definition::{MergeAttribute, MergePolicy, Unification};
use crate::error::Problem;
use crate::names::{CUSTOMER_ID, Names, key_names};

pub(super) fn resolve(
    unification: &Unification,
    context: &Context<'_>,
    problems: &mut Vec<Problem>,
) -> Vec<AttributePlan> {
    let mut names = reserved(context);
    let mut used = HashSet::new();
    let mut attributes = Vec::new();
    for attribute in &unification.merge.attributes {
        if !names.take(&attribute.name) {
            problems.push(Problem::AttributeNameTaken { name: attribute.name.clone() });
        }
        attributes.extend(by_hand(attribute, context, &mut used, problems));
    }
    for group in groups(context, &used) {
        let name = names.free(&group.name, &group.entity);
        let (data_type, sources) = (group.data_type, group.sources);
        attributes.push(AttributePlan { name, data_type, sources, policy: Policy::Importance });
    }
    attributes
}

/// The names of the profile's keys, which no attribute may have.
fn reserved(context: &Context<'_>) -> Names {
    let mut names = Names::default();
    names.take(CUSTOMER_ID);
    for entity in context.entities {
        let schema = context.inputs.get(entity.input).map(|input| &input.schema);
        let key = schema.and_then(|schema| schema.fields().get(entity.key)).map_or("", |it| it.name());
        for name in key_names(&entity.name, key) {
            names.take(&name);
        }
    }
    names
}

fn by_hand(
    attribute: &MergeAttribute,
    context: &Context<'_>,
    used: &mut HashSet<(usize, usize)>,
    problems: &mut Vec<Problem>,
) -> Option<AttributePlan> {
    let name = attribute.name.clone();
    let place = format!("merged attribute {name}");
    let mut sources = Vec::new();
    let mut common: Option<(DataType, &QualifiedAttribute)> = None;
    for from in &attribute.from {
        let Some(entity) = context.entity(&from.entity, &place, problems) else { continue };
        let Some(found) = context.attribute(entity, &from.attribute, &place, problems) else { continue };
        if !used.insert((entity, found.column)) {
            let (name, attribute) = (name.clone(), from.to_string());
            problems.push(Problem::MergedAttributeRepeated { name, attribute });
        }
        common = match common {
            None => Some((found.data_type.clone(), from)),
            Some((so_far, first)) => match common_type(&so_far, &found.data_type) {
                Some(wider) => Some((wider, first)),
                None => {
                    problems.push(Problem::MergedAttributeTypesDiffer {
                        name: name.clone(),
                        first: first.to_string(),
                        first_type: so_far.clone(),
                        second: from.to_string(),
                        second_type: found.data_type.clone(),
                    });
                    Some((so_far, first))
                }
            },
        };
        sources.push(SourceAttribute { entity, column: found.column, recency: None });
    }
    if attribute.from.is_empty() {
        problems.push(Problem::MergedAttributeEmpty { name: name.clone() });
    }
    let policy = match &attribute.policy {
        MergePolicy::Importance | MergePolicy::MostFrequent => Policy::Importance,
        MergePolicy::MostRecent { by } => {
            recency::resolve(&name, by, context, &mut sources, problems);
            Policy::MostRecent
        }
        MergePolicy::LeastRecent { by } => {
            recency::resolve(&name, by, context, &mut sources, problems);
            Policy::LeastRecent
        }
    };
    common.map(|(data_type, _)| AttributePlan { name, data_type, sources, policy })
}

/// Attributes of different entities that become one.
struct Group {
    name: String,
    /// The entity of its first attribute.
    entity: String,
    semantic_type: Option<String>,
    data_type: DataType,
    sources: Vec<SourceAttribute>,
}

fn groups(context: &Context<'_>, used: &HashSet<(usize, usize)>) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for (entity, plan) in context.entities.iter().enumerate() {
        for attribute in &plan.mapped {
            if used.contains(&(entity, attribute.column)) {
                continue;
            }
            let source = SourceAttribute { entity, column: attribute.column, recency: None };
            match fitting(&mut groups, entity, attribute) {
                Some((group, data_type)) => {
                    group.data_type = data_type;
                    group.sources.push(source);
                }
                None => groups.push(Group {
                    name: attribute.name.clone(),
                    entity: plan.name.clone(),
                    semantic_type: attribute.semantic_type.clone(),
                    data_type: plain(&attribute.data_type),
                    sources: vec![source],
                }),
            }
        }
    }
    groups
}

/// The group that an attribute joins: by semantic type before by name.
fn fitting<'a>(
    groups: &'a mut [Group],
    entity: usize,
    attribute: &MappedAttribute,
) -> Option<(&'a mut Group, DataType)> {
    let same_type =
        |group: &Group| attribute.semantic_type.is_some() && group.semantic_type == attribute.semantic_type;
    let same_name = |group: &Group| {
        group.name.to_lowercase() == attribute.name.to_lowercase()
            && (group.semantic_type.is_none() || attribute.semantic_type.is_none())
    };
    let open = |group: &Group| group.sources.iter().all(|source| source.entity != entity);
    let by_type = groups.iter().position(|group| open(group) && same_type(group));
    let at = by_type.or_else(|| groups.iter().position(|group| open(group) && same_name(group)))?;
    let group = groups.get_mut(at)?;
    let data_type = common_type(&group.data_type, &attribute.data_type)?;
    Some((group, data_type))
}

/// Text is `Utf8` in everything that a unification writes.
fn plain(data_type: &DataType) -> DataType {
    match data_type {
        text if is_text(text) => DataType::Utf8,
        other => other.clone(),
    }
}

/// The type that holds every value of two types without loss: of numbers the one with more room, of a date and a
/// time without zone the latter. Types that mean different things have none.
fn common_type(one: &DataType, other: &DataType) -> Option<DataType> {
    use DataType::{Date32, Decimal128, Float64, Int64, Timestamp};
    let (one, other) = (plain(one), plain(other));
    if one == other {
        return Some(one);
    }
    match (&one, &other) {
        (Int64, Float64) | (Float64, Int64) => Some(Float64),
        (Int64, Decimal128(digits, scale)) | (Decimal128(digits, scale), Int64) => {
            // 19 digits before the point hold every whole number of 64 bits.
            let digits = (*digits).max(u8::try_from(*scale).ok()?.checked_add(19)?);
            (digits <= 38).then_some(Decimal128(digits, *scale))
        }
        (Decimal128(p, s), Decimal128(q, t)) => {
            let (scale, whole) =
                (*s.max(t), (i16::from(*p) - i16::from(*s)).max(i16::from(*q) - i16::from(*t)));
            let digits = u8::try_from(whole + i16::from(scale)).ok()?;
            (digits <= 38).then_some(Decimal128(digits, scale))
        }
        (Date32, Timestamp(TimeUnit::Microsecond, None))
        | (Timestamp(TimeUnit::Microsecond, None), Date32) => Some(Timestamp(TimeUnit::Microsecond, None)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_widen_without_loss_and_unlike_types_do_not_combine() {
        use DataType::*;
        assert_eq!(common_type(&Int64, &Decimal128(10, 2)), Some(Decimal128(21, 2)));
        assert_eq!(common_type(&Decimal128(10, 2), &Decimal128(9, 4)), Some(Decimal128(12, 4)));
        assert_eq!(common_type(&Decimal128(38, 0), &Decimal128(38, 10)), None);
        assert_eq!(common_type(&Utf8View, &Utf8), Some(Utf8));
        assert_eq!(common_type(&Utf8, &Int64), None);
        let moment = Timestamp(TimeUnit::Microsecond, Some("UTC".into()));
        assert_eq!(common_type(&Date32, &moment), None);
    }
}
