//! The attributes of the profile: those that the definition says by hand, those of groups, then the others,
//! combined where two entities mean the same.
//!
//! Names that differ only in case count as the same, because SQL cannot tell them apart.

mod by_hand;
mod combined;
mod types;

use std::collections::HashMap;

use super::{AttributePlan, Context};
use crate::definition::Unification;
use crate::error::Problem;
use crate::names::{FIXED, Names, key_names};

/// Why a source attribute is not there for automatic combination: what uses it, or that it is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Use {
    ByHand,
    Excluded,
}

/// What is known while the attributes are resolved.
struct Resolver<'a> {
    unification: &'a Unification,
    context: &'a Context<'a>,
    names: Names,
    /// Source attributes by entity and column.
    used: HashMap<(usize, usize), Use>,
}

pub(super) fn resolve(
    unification: &Unification,
    context: &Context<'_>,
    problems: &mut Vec<Problem>,
) -> Vec<AttributePlan> {
    let mut resolver = Resolver { unification, context, names: reserved(context), used: HashMap::new() };
    for cluster in &unification.merge.clusters {
        resolver.take(&cluster.name, problems);
    }
    resolver.exclude(problems);
    let mut attributes = resolver.by_hand(problems);
    attributes.extend(resolver.groups(problems));
    attributes.extend(resolver.combined(problems));
    ordered(attributes, &unification.merge.order, problems)
}

/// The names that no attribute may have.
fn reserved(context: &Context<'_>) -> Names {
    let mut names = Names::default();
    for name in FIXED {
        names.take(name);
    }
    for entity in context.entities {
        let schema = context.inputs.get(entity.input).map(|input| &input.schema);
        let key = schema.and_then(|schema| schema.fields().get(entity.key)).map_or("", |it| it.name());
        for name in key_names(&entity.name, key) {
            names.take(&name);
        }
    }
    names
}

impl Resolver<'_> {
    fn take(&mut self, name: &str, problems: &mut Vec<Problem>) {
        if !self.names.take(name) {
            problems.push(Problem::AttributeNameTaken { name: name.to_owned() });
        }
    }

    fn exclude(&mut self, problems: &mut Vec<Problem>) {
        for attribute in &self.unification.merge.exclude {
            if let Some(found) = self.context.qualified(attribute, "merge.exclude", problems) {
                self.used.insert(found, Use::Excluded);
            }
        }
    }
}

/// The attributes that `order` names first, in that order, then the others as they are.
fn ordered(
    attributes: Vec<AttributePlan>,
    order: &[String],
    problems: &mut Vec<Problem>,
) -> Vec<AttributePlan> {
    for (at, name) in order.iter().enumerate() {
        if !attributes.iter().any(|attribute| attribute.name == *name) {
            problems.push(Problem::OrderedAttributeMissing { name: name.clone() });
        } else if order.iter().take(at).any(|before| before == name) {
            problems.push(Problem::OrderedAttributeRepeated { name: name.clone() });
        }
    }
    let place = |attribute: &AttributePlan| order.iter().position(|name| *name == attribute.name);
    let mut attributes = attributes;
    attributes.sort_by_key(|attribute| place(attribute).unwrap_or(order.len()));
    attributes
}
