//! Map, match and merge: the entities they name, and the order of those.

use super::super::gather::Parts;
use super::super::model::{Condition, MatchRule, MergeAttribute, MergePolicy, Unification};
use super::super::node::Node;
use super::Checker;

pub(super) fn check(parts: &Parts, checker: &mut Checker<'_>) {
    let Some((node, Some(unification))) = parts.unification.as_ref().map(|part| (&part.node, &part.value))
    else {
        return;
    };
    order(unification, node, checker);
    let order: Vec<String> = unification.match_.order.iter().map(|item| item.entity.clone()).collect();
    map(unification, node, &order, checker);
    for (index, rule) in unification.match_.rules.iter().enumerate() {
        self::rule(rule, node.at(&format!("match/rules/{index}")), &order, checker);
    }
    for (index, attribute) in unification.merge.attributes.iter().enumerate() {
        merge(attribute, node.at(&format!("merge/attributes/{index}")), &order, checker);
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
fn in_order(
    entity: &str,
    at: super::super::problem::Place,
    order: &[String],
    checker: &mut Checker<'_>,
) -> bool {
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

fn rule(rule: &MatchRule, node: &Node, order: &[String], checker: &mut Checker<'_>) {
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
        self::condition(condition, node.at(&format!("conditions/{index}")), &rule.on, &above, checker);
    }
    for (number, exception) in rule.exceptions.iter().enumerate() {
        for (index, condition) in exception.conditions.iter().enumerate() {
            let node = node.at(&format!("exceptions/{number}/conditions/{index}"));
            self::condition(condition, node, &rule.on, &above, checker);
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
                let near = super::near(name, &all.into_iter().cloned().collect::<Vec<_>>());
                checker.problems.suggest(at, "unknownAttribute", message, near);
            }
        }
    }
    checker.attribute_of(on, &condition.right, node.place_of("right"));
}

fn merge(attribute: &MergeAttribute, node: &Node, order: &[String], checker: &mut Checker<'_>) {
    for (index, from) in attribute.from.iter().enumerate() {
        let at = node.place_of(&format!("from/{index}"));
        if in_order(&from.entity, at, order, checker) {
            checker.attribute_of(&from.entity, &from.attribute, at);
        }
    }
    let by = match &attribute.policy {
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
    for from in &attribute.from {
        let named =
            |by: &&super::super::model::AttributeRef| by.entity.as_ref().is_none_or(|e| *e == from.entity);
        if !by.is_empty() && !by.iter().any(|by| named(&by)) {
            let message = format!("`by` names no attribute of `{}`", from.entity);
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
