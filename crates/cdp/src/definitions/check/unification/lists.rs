//! What people know better than rules: lists that conditions name, pairs of rows, and the entities that hold them.

use super::super::super::model::{AliasPairs, BypassValues, RowPairs, Unification};
use super::super::super::node::Node;
use super::super::{Checker, near};
use super::in_order;

/// The names of the lists of aliases and of bypassed values.
pub(super) struct Lists<'a> {
    aliases: Vec<&'a str>,
    bypass: Vec<&'a str>,
}

impl<'a> Lists<'a> {
    pub(super) fn of(unification: &'a Unification) -> Self {
        Self {
            aliases: unification.custom.aliases.iter().map(|list| list.name.as_str()).collect(),
            bypass: unification.custom.bypass.iter().map(|list| list.name.as_str()).collect(),
        }
    }

    /// Notes when a condition names a list that is not there.
    pub(super) fn used(
        &self,
        alias: Option<&str>,
        bypass: Option<&str>,
        node: &Node,
        checker: &mut Checker<'_>,
    ) {
        for (key, named, lists) in [("alias", alias, &self.aliases), ("bypass", bypass, &self.bypass)] {
            let Some(name) = named.filter(|name| !lists.contains(name)) else { continue };
            let what = if key == "alias" { "aliases" } else { "bypass" };
            let message = format!("there is no list `{name}` under `custom: {what}:`");
            let names: Vec<String> = lists.iter().map(|name| (*name).to_owned()).collect();
            checker.problems.suggest(node.place_of(key), "unknownList", message, near(name, &names));
        }
    }
}

pub(super) fn check(unification: &Unification, node: &Node, order: &[String], checker: &mut Checker<'_>) {
    let (custom, node) = (&unification.custom, node.at("custom"));
    for (key, pairs) in [("alwaysMatch", &custom.always_match), ("neverMatch", &custom.never_match)] {
        match pairs {
            None => {}
            Some(RowPairs::Entity(entity)) => {
                checker.source_entity(entity, node.place_of(&format!("{key}/entity")));
            }
            Some(RowPairs::Pairs(pairs)) => {
                for (index, pair) in pairs.iter().enumerate() {
                    let node = node.at(&format!("{key}/pairs/{index}"));
                    in_order(&pair.entity1, node.place_of("entity1"), order, checker);
                    in_order(&pair.entity2, node.place_of("entity2"), order, checker);
                }
            }
        }
    }
    for (index, list) in custom.aliases.iter().enumerate() {
        if let AliasPairs::Entity(entity) = &list.pairs {
            checker.source_entity(entity, node.place_of(&format!("aliases/{index}/entity")));
        }
    }
    for (index, list) in custom.bypass.iter().enumerate() {
        if let BypassValues::Entity(entity) = &list.values {
            checker.source_entity(entity, node.place_of(&format!("bypass/{index}/entity")));
        }
    }
}
