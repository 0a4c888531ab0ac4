//! Deduplication: attributes of rules and preferences, and that each entity stands there once.

use super::super::super::model::{DeduplicationRule, OwnCondition, Preference, Unification};
use super::super::super::node::Node;
use super::super::Checker;
use super::in_order;
use super::lists::Lists;

pub(super) fn check(
    unification: &Unification,
    node: &Node,
    order: &[String],
    lists: &Lists<'_>,
    checker: &mut Checker<'_>,
) {
    let all = &unification.deduplication;
    for (index, it) in all.iter().enumerate() {
        let node = node.at(&format!("deduplication/{index}"));
        let at = node.place_of("entity");
        if all.iter().take(index).any(|before| before.entity == it.entity) {
            let message = format!("`{}` stands in the deduplication twice", it.entity);
            checker.problems.error(at, "duplicateName", message);
        }
        if !in_order(&it.entity, at, order, checker) {
            continue;
        }
        for (index, rule) in it.rules.iter().enumerate() {
            let node = node.at(&format!("rules/{index}"));
            for (condition, node) in conditions(rule, node) {
                checker.attribute_of(&it.entity, &condition.attribute, node.place_of("attribute"));
                lists.used(condition.alias.as_deref(), condition.bypass.as_deref(), node, checker);
            }
        }
        preference(&it.entity, &it.winner, node.at("winner"), checker);
        for (index, attribute) in it.attributes.iter().enumerate() {
            let node = node.at(&format!("attributes/{index}"));
            let at = node.place_of("name");
            checker.attribute_of(&it.entity, &attribute.name, at);
            if it.attributes.iter().take(index).any(|before| before.name == attribute.name) {
                let message = format!("`{}` stands here twice", attribute.name);
                checker.problems.error(at, "duplicateName", message);
            }
            preference(&it.entity, &attribute.preference, node, checker);
        }
    }
}

fn preference(entity: &str, preference: &Preference, node: &Node, checker: &mut Checker<'_>) {
    if let Preference::MostRecent { by } | Preference::LeastRecent { by } = preference {
        checker.attribute_of(entity, by, node.place_of("by"));
    }
}

/// Every condition of a rule, those of its exceptions too, with its node.
pub(super) fn conditions<'a>(
    rule: &'a DeduplicationRule,
    node: &'a Node,
) -> impl Iterator<Item = (&'a OwnCondition, &'a Node)> {
    let own = rule.conditions.iter().enumerate();
    let own = own.map(move |(index, condition)| (condition, node.at(&format!("conditions/{index}"))));
    let excepted = rule.exceptions.iter().enumerate().flat_map(move |(number, exception)| {
        exception.conditions.iter().enumerate().map(move |(index, condition)| {
            (condition, node.at(&format!("exceptions/{number}/conditions/{index}")))
        })
    });
    own.chain(excepted)
}
