//! The entities of the match order, their keys and the attributes that take part.

use arrow::datatypes::DataType;

use super::{EntityPlan, MappedAttribute};
use crate::definition::{EntityMap, MatchOrder, Unification};
use crate::error::Problem;
use crate::input::Input;
use crate::limits::Limits;

pub(super) fn resolve(
    unification: &Unification,
    inputs: &[Input],
    limits: &Limits,
    problems: &mut Vec<Problem>,
) -> Vec<EntityPlan> {
    let order = &unification.match_.order;
    if order.is_empty() {
        problems.push(Problem::OrderEmpty);
    }
    if order.len() > limits.entities {
        problems.push(Problem::TooManyEntities { count: order.len(), limit: limits.entities });
    }
    for (at, ordered) in order.iter().enumerate() {
        if order.iter().take(at).any(|before| before.entity == ordered.entity) {
            problems.push(Problem::EntityRepeated { entity: ordered.entity.clone() });
        }
    }
    check_map(unification, problems);
    order.iter().filter_map(|ordered| entity(ordered, &unification.map, inputs, problems)).collect()
}

/// Finds what the map says twice, and entities that take no part.
fn check_map(unification: &Unification, problems: &mut Vec<Problem>) {
    for (at, map) in unification.map.iter().enumerate() {
        let entity = || map.entity.clone();
        if !unification.match_.order.iter().any(|ordered| ordered.entity == map.entity) {
            let place = "unification.map".to_owned();
            problems.push(Problem::EntityNotOrdered { place, entity: entity() });
        }
        if unification.map.iter().take(at).any(|before| before.entity == map.entity) {
            problems.push(Problem::MapRepeated { entity: entity() });
        }
        for (at, attribute) in map.attributes.iter().enumerate() {
            if map.attributes.iter().take(at).any(|before| before.name == attribute.name) {
                let attribute = attribute.name.clone();
                problems.push(Problem::MapAttributeRepeated { entity: entity(), attribute });
            }
        }
    }
}

fn entity(
    ordered: &MatchOrder,
    maps: &[EntityMap],
    inputs: &[Input],
    problems: &mut Vec<Problem>,
) -> Option<EntityPlan> {
    let name = ordered.entity.clone();
    let found = inputs.iter().enumerate().find(|(_, input)| input.entity == name);
    let Some((at, input)) = found else {
        problems.push(Problem::EntityMissing { entity: name });
        return None;
    };
    let key = key(input, problems)?;
    let map = maps.iter().find(|map| map.entity == name);
    let mapped = mapped(input, map, key, problems);
    Some(EntityPlan { input: at, name, key, include_all: ordered.include_all, mapped })
}

fn key(input: &Input, problems: &mut Vec<Problem>) -> Option<usize> {
    let entity = input.entity.clone();
    let [attribute] = input.primary_key.as_slice() else {
        problems.push(Problem::PrimaryKeyNotSingle { entity, count: input.primary_key.len() });
        return None;
    };
    let Ok(column) = input.schema.index_of(attribute) else {
        let (place, attribute) = (format!("primary key of {entity}"), attribute.clone());
        problems.push(Problem::AttributeMissing { place, entity, attribute });
        return None;
    };
    let found = input.schema.field(column).data_type();
    if !(is_text(found) || *found == DataType::Int64) {
        let (attribute, found) = (attribute.clone(), found.clone());
        problems.push(Problem::PrimaryKeyTypeUnsupported { entity, attribute, found });
        return None;
    }
    Some(column)
}

/// Whether values of this type are text.
pub(crate) fn is_text(data_type: &DataType) -> bool {
    match data_type {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => true,
        DataType::Dictionary(_, values) => is_text(values),
        _ => false,
    }
}

/// The attributes that take part: those that the map lists when it says so, otherwise all. The key always does.
fn mapped(
    input: &Input,
    map: Option<&EntityMap>,
    key: usize,
    problems: &mut Vec<Problem>,
) -> Vec<MappedAttribute> {
    let listed = map.map_or(&[][..], |map| &map.attributes);
    for attribute in listed {
        if input.schema.index_of(&attribute.name).is_err() {
            problems.push(Problem::AttributeMissing {
                place: "unification.map".to_owned(),
                entity: input.entity.clone(),
                attribute: attribute.name.clone(),
            });
        }
    }
    let only = map.is_some_and(|map| map.only);
    let mut attributes = Vec::new();
    for (column, field) in input.schema.fields().iter().enumerate() {
        let said = listed.iter().find(|attribute| attribute.name == *field.name());
        if said.is_none() && only && column != key {
            continue;
        }
        attributes.push(MappedAttribute {
            name: field.name().clone(),
            column,
            data_type: field.data_type().clone(),
            semantic_type: said.and_then(|attribute| attribute.semantic_type.clone()),
        });
    }
    attributes
}
