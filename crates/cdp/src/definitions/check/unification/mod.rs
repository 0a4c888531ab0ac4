//! Map, deduplicate, match and merge: the entities and attributes that they name, and the order of the entities.

mod deduplication;
mod lists;
mod merge;

use super::super::gather::Parts;
use super::super::model::{Condition, MatchRule, QualifiedAttribute, Unification};
use super::super::node::Node;
use super::super::problem::Place;
use super::{Checker, near};
use lists::Lists;

pub(super) fn check(parts: &Parts, checker: &mut Checker<'_>) {
    let Some((node, Some(unification))) = parts.unification.as_ref().map(|part| (&part.node, &part.value))
    else {
        return;
    };
    order(unification, node, checker);
    let order: Vec<String> = unification.match_.order.iter().map(|item| item.entity.clone()).collect();
    let lists = Lists::of(unification);
    map(unification, node, &order, checker);
    deduplication::check(unification, node, &order, &lists, checker);
    for (index, rule) in unification.match_.rules.iter().enumerate() {
        self::rule(rule, node.at(&format!("match/rules/{index}")), &order, &lists, checker);
    }
    probabilistic(unification, node, &order, checker);
    lists::check(unification, node, &order, checker);
    merge::check(unification, node, &order, &lists, checker);
}

/// Notes when an attribute of an entity that takes part does not exist, or its entity takes no part.
fn attribute(from: &QualifiedAttribute, at: Place, order: &[String], checker: &mut Checker<'_>) {
    if in_order(&from.entity, at, order, checker) {
        checker.attribute_of(&from.entity, &from.attribute, at);
    }
}

fn probabilistic(unification: &Unification, node: &Node, order: &[String], checker: &mut Checker<'_>) {
    let Some(it) = &unification.match_.probabilistic else { return };
    let node = node.at("match/probabilistic");
    if it.threshold >= 1.0 {
        let message = "`threshold` must be below 1: no probability is ever certain";
        checker.problems.error(node.place_of("threshold"), "outOfRange", message);
    }
    for (number, signal) in it.signals.iter().enumerate() {
        for (index, from) in signal.attributes.iter().enumerate() {
            attribute(from, node.place_of(&format!("signals/{number}/attributes/{index}")), order, checker);
        }
    }
    if let Some(labels) = &it.labels {
        checker.source_entity(labels, node.place_of("labels"));
    }
}

fn order(unification: &Unification, node: &Node, checker: &mut Checker<'_>) {
    let items = &unification.match_.order;
    for (index, item) in items.iter().enumerate() {
        let at = node.place_of(&format!("match/order/{index}/entity"));
        checker.source_entity(&item.entity, at);
        if items.iter().take(index).any(|above| above.entity == item.entity) {
            let message = format!("`{}` stands in the match order twice", item.entity);
            checker.problems.error(at, "duplicateName", message);
        }
    }
}

fn map(unification: &Unification, node: &Node, order: &[String], checker: &mut Checker<'_>) {
    for (index, map) in unification.map.iter().enumerate() {
        let node = node.at(&format!("map/{index}"));
        let at = node.place_of("entity");
        if !in_order(&map.entity, at, order, checker) {
            continue;
        }
        for (index, attribute) in map.attributes.iter().enumerate() {
            let at = node.place_of(&format!("attributes/{index}/name"));
            checker.attribute_of(&map.entity, &attribute.name, at);
        }
    }
}

/// Notes when an entity does not take part in unification; says whether it does.
fn in_order(entity: &str, at: Place, order: &[String], checker: &mut Checker<'_>) -> bool {
    if order.iter().any(|item| item == entity) {
        return true;
    }
    if checker.source_entity(entity, at) {
        let message = format!("`{entity}` does not take part in unification");
        let suggestion = Some("add it to `match: order:`".to_owned());
        checker.problems.suggest(at, "notInMatchOrder", message, suggestion);
    }
    false
}

fn rule(rule: &MatchRule, node: &Node, order: &[String], lists: &Lists<'_>, checker: &mut Checker<'_>) {
    let at = node.place_of("on");
    if !in_order(&rule.on, at, order, checker) {
        return;
    }
    let above: Vec<String> = order.iter().take_while(|entity| **entity != rule.on).cloned().collect();
    if above.is_empty() {
        let message =
            format!("`{}` is the first of the match order: nothing is above that it could match", rule.on);
        checker.problems.error(at, "ruleOnFirst", message);
        return;
    }
    for (index, condition) in rule.conditions.iter().enumerate() {
        let node = node.at(&format!("conditions/{index}"));
        self::condition(condition, node, &rule.on, &above, checker);
        lists.used(condition.alias.as_deref(), condition.bypass.as_deref(), node, checker);
    }
    for (number, exception) in rule.exceptions.iter().enumerate() {
        for (index, condition) in exception.conditions.iter().enumerate() {
            let node = node.at(&format!("exceptions/{number}/conditions/{index}"));
            self::condition(condition, node, &rule.on, &above, checker);
            lists.used(condition.alias.as_deref(), condition.bypass.as_deref(), node, checker);
        }
    }
}

fn condition(condition: &Condition, node: &Node, on: &str, above: &[String], checker: &mut Checker<'_>) {
    let at = node.place_of("left");
    let name = &condition.left.attribute;
    match &condition.left.entity {
        Some(entity) if above.iter().any(|item| item == entity) => checker.attribute_of(entity, name, at),
        Some(entity) => {
            if checker.source_entity(entity, at) {
                let message = format!("`{entity}` does not stand above `{on}` in the match order");
                let suggestion = Some(format!("above it: {}", above.join(", ")));
                checker.problems.suggest(at, "notAbove", message, suggestion);
            }
        }
        None => {
            let all_known = above.iter().all(|entity| checker.known.attributes.contains_key(entity));
            let has =
                |entity: &String| checker.known.attributes.get(entity).is_some_and(|all| all.contains(name));
            if all_known && !above.iter().any(has) {
                let message = format!("no entity above `{on}` has an attribute `{name}`");
                let all: Vec<_> =
                    above.iter().filter_map(|e| checker.known.attributes.get(e)).flatten().collect();
                let near = near(name, &all.into_iter().cloned().collect::<Vec<_>>());
                checker.problems.suggest(at, "unknownAttribute", message, near);
            }
        }
    }
    checker.attribute_of(on, &condition.right, node.place_of("right"));
}
