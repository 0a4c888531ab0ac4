//! The merge step: where attributes of the profile come from, and what the policies need.

use super::super::super::model::{MergeGroup, MergePolicy, QualifiedAttribute, Unification};
use super::super::super::node::Node;
use super::super::Checker;
use super::deduplication::conditions;
use super::lists::Lists;
use super::{attribute, in_order};

/// The most attributes of a group, as in Customer Insights.
const MAX_GROUP_ATTRIBUTES: usize = 10;
/// The most sources of a group, as in Customer Insights.
const MAX_GROUP_SOURCES: usize = 15;
/// The most attributes that make an id, as in Customer Insights.
const MAX_ID_ATTRIBUTES: usize = 5;

pub(super) fn check(
    unification: &Unification,
    node: &Node,
    order: &[String],
    lists: &Lists<'_>,
    checker: &mut Checker<'_>,
) {
    let (merge, node) = (&unification.merge, node.at("merge"));
    for (index, it) in merge.attributes.iter().enumerate() {
        let node = node.at(&format!("attributes/{index}"));
        each(&it.from, "from", node, order, checker);
        let entities: Vec<&str> = it.from.iter().map(|from| from.entity.as_str()).collect();
        policy(&it.policy, &entities, node, order, checker);
    }
    for (index, it) in merge.groups.iter().enumerate() {
        group(it, node.at(&format!("groups/{index}")), order, checker);
    }
    each(&merge.separate, "separate", node, order, checker);
    each(&merge.exclude, "exclude", node, order, checker);
    for (index, it) in merge.rename.iter().enumerate() {
        attribute(&it.from, node.place_of(&format!("rename/{index}/from")), order, checker);
    }
    each(&merge.customer_id, "customerId", node, order, checker);
    if merge.customer_id.len() > MAX_ID_ATTRIBUTES {
        let count = merge.customer_id.len();
        let message =
            format!("`customerId` has {count} attributes; at most {MAX_ID_ATTRIBUTES} are possible");
        checker.problems.error(node.place_of("customerId"), "tooMany", message);
    }
    for (index, it) in merge.clusters.iter().enumerate() {
        for (number, rule) in it.rules.iter().enumerate() {
            for (condition, node) in conditions(rule, node.at(&format!("clusters/{index}/rules/{number}"))) {
                lists.used(condition.alias.as_deref(), condition.bypass.as_deref(), node, checker);
            }
        }
    }
}

fn each(all: &[QualifiedAttribute], key: &str, node: &Node, order: &[String], checker: &mut Checker<'_>) {
    for (index, from) in all.iter().enumerate() {
        attribute(from, node.place_of(&format!("{key}/{index}")), order, checker);
    }
}

fn group(group: &MergeGroup, node: &Node, order: &[String], checker: &mut Checker<'_>) {
    let sizes = [
        ("attributes", group.attributes.len(), MAX_GROUP_ATTRIBUTES),
        ("from", group.from.len(), MAX_GROUP_SOURCES),
    ];
    for (key, count, most) in sizes.into_iter().filter(|(_, count, most)| count > most) {
        let message = format!("the group has {count} under `{key}`; at most {most} are possible");
        checker.problems.error(node.place_of(key), "tooMany", message);
    }
    for (index, source) in group.from.iter().enumerate() {
        let node = node.at(&format!("from/{index}"));
        let (wanted, found) = (group.attributes.len(), source.attributes.len());
        if wanted != found {
            let message = format!("the group has {wanted} attributes, but here are {found}");
            let suggestion = Some("name one for each attribute of the group, in the same order".to_owned());
            checker.problems.suggest(node.place_of("attributes"), "groupSourceDiffers", message, suggestion);
        }
        if in_order(&source.entity, node.place_of("entity"), order, checker) {
            for (index, name) in source.attributes.iter().enumerate() {
                checker.attribute_of(&source.entity, name, node.place_of(&format!("attributes/{index}")));
            }
        }
    }
    let entities: Vec<&str> = group.from.iter().map(|from| from.entity.as_str()).collect();
    policy(&group.policy, &entities, node, order, checker);
}

/// Whether `by` is there where it is needed, and for every entity.
fn policy(policy: &MergePolicy, from: &[&str], node: &Node, order: &[String], checker: &mut Checker<'_>) {
    let by = match policy {
        MergePolicy::Importance | MergePolicy::MostFrequent => {
            if let Some(by) = node.entry("by") {
                let message = "`by` is only read with the policies `mostRecent` and `leastRecent`";
                checker.problems.error(by.key_place, "keysExclude", message);
            }
            return;
        }
        MergePolicy::MostRecent { by } | MergePolicy::LeastRecent { by } => by,
    };
    if by.is_empty() {
        let message = "`by` is missing: the date or number that says which row is more recent";
        checker.problems.error(node.place_of("policy"), "missingKey", message);
    }
    for entity in from {
        let named = by.iter().any(|by| by.entity.as_ref().is_none_or(|named| named == entity));
        if !by.is_empty() && !named {
            let message = format!("`by` names no attribute of `{entity}`");
            checker.problems.error(node.place_of("by"), "missingReference", message);
        }
    }
    for (index, by) in by.iter().enumerate() {
        let at = node.place_of(&format!("by/{index}"));
        if let Some(entity) = &by.entity
            && in_order(entity, at, order, checker)
        {
            checker.attribute_of(entity, &by.attribute, at);
        }
    }
}
