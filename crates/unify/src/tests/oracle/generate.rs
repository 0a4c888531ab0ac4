//! Random definitions and rows.

use proptest::prelude::*;

use super::{COLUMNS, ENTITIES, Rows};
use crate::definition::*;
use crate::ids::{CustomerId, Pin};

/// One unification.
#[derive(Debug, Clone)]
pub(crate) struct Case {
    pub(crate) unification: Unification,
    pub(crate) entities: [Rows; 3],
    pub(crate) pins: Vec<Pin>,
    /// The most rows that may share a value.
    pub(crate) sharing: u32,
    /// Decides the order of rows.
    pub(crate) shuffle: usize,
}

pub(crate) const ALIASES: [(&str, &str); 3] = [("a", "b"), ("AB", "é"), ("b.", "ab")];
pub(crate) const BYPASSED: [&str; 3] = ["aa", "B", "é"];

pub(crate) fn row() -> impl Strategy<Value = Vec<Option<String>>> {
    let cell = proptest::option::weighted(0.9, "[abAB.é ]{0,6}".prop_map(|it| it.trim_end().to_owned()));
    let cell = cell.prop_map(|cell| cell.filter(|it| !it.is_empty()));
    proptest::collection::vec(cell, COLUMNS.len())
}

fn entity(rows: usize) -> impl Strategy<Value = Rows> {
    proptest::collection::vec(row(), 0..rows)
}

fn condition() -> impl Strategy<Value = Condition> {
    let steps = proptest::sample::subsequence(
        vec![Normalization::LowerCase, Normalization::Whitespace, Normalization::Symbols],
        0..=3,
    );
    let precision = prop_oneof![
        3 => Just(Precision::Exact),
        1 => Just(Precision::Low),
        2 => Just(Precision::Medium),
        2 => Just(Precision::High),
        2 => (1u32..=100).prop_map(|it| Precision::Custom(f64::from(it) / 100.0)),
    ];
    let lists = (proptest::bool::weighted(0.1), proptest::bool::weighted(0.1));
    (0..COLUMNS.len(), 0..COLUMNS.len(), steps, precision, lists).prop_map(
        |(left, right, normalize, precision, (alias, bypass))| Condition {
            left: COLUMNS[left].parse().unwrap(),
            right: COLUMNS[right].to_owned(),
            normalize,
            precision,
            alias: alias.then(|| "aliases".to_owned()),
            bypass: bypass.then(|| "bypass".to_owned()),
        },
    )
}

fn conditions() -> impl Strategy<Value = (Vec<Condition>, Option<Vec<Condition>>, bool)> {
    let conditions = proptest::collection::vec(condition(), 1..=2);
    let exceptions = proptest::option::weighted(0.2, proptest::collection::vec(condition(), 1..=2));
    (conditions, exceptions, proptest::bool::weighted(0.9))
}

fn rule(on: usize) -> impl Strategy<Value = MatchRule> {
    let above = proptest::option::weighted(0.3, 0..on);
    (conditions(), above).prop_map(move |((mut conditions, exceptions, active), above)| {
        if let Some(above) = above {
            conditions[0].left.entity = Some(ENTITIES[above].to_owned());
        }
        let exception = |conditions| Exception { name: None, conditions };
        let exceptions = exceptions.into_iter().map(exception).collect();
        MatchRule { on: ENTITIES[on].to_owned(), name: String::new(), conditions, exceptions, active }
    })
}

fn own(condition: Condition) -> OwnCondition {
    OwnCondition {
        attribute: condition.right,
        normalize: condition.normalize,
        alias: condition.alias,
        bypass: condition.bypass,
        precision: condition.precision,
    }
}

fn deduplication(entity: usize) -> impl Strategy<Value = Deduplication> {
    let rule = conditions().prop_map(|(conditions, exceptions, active)| DeduplicationRule {
        name: String::new(),
        conditions: conditions.into_iter().map(own).collect(),
        exceptions: exceptions
            .into_iter()
            .map(|it| OwnException { name: None, conditions: it.into_iter().map(own).collect() })
            .collect(),
        active,
    });
    proptest::collection::vec(rule, 0..=2).prop_map(move |mut rules| {
        for (at, rule) in rules.iter_mut().enumerate() {
            rule.name = format!("own {at}");
        }
        Deduplication {
            entity: ENTITIES[entity].to_owned(),
            rules,
            winner: Preference::default(),
            attributes: Vec::new(),
        }
    })
}

fn named_row() -> impl Strategy<Value = (String, String)> {
    (0..ENTITIES.len(), 0usize..12).prop_map(|(entity, key)| (ENTITIES[entity].to_owned(), key.to_string()))
}

fn pairs(most: usize) -> impl Strategy<Value = Vec<RowPair>> {
    let pair = (named_row(), named_row()).prop_map(|((entity1, entity1_key), (entity2, entity2_key))| {
        RowPair { entity1, entity1_key, entity2, entity2_key }
    });
    proptest::collection::vec(pair, 0..=most)
}

fn custom() -> impl Strategy<Value = Custom> {
    let decided = prop_oneof![2 => Just((0, 0)), 1 => Just((3, 0)), 2 => Just((3, 8)), 1 => Just((0, 12))];
    decided.prop_flat_map(|(always, never)| (pairs(always), pairs(never))).prop_map(|(always, mut never)| {
        let same = |a: &RowPair, b: &RowPair| {
            let ends = |it: &RowPair| {
                let mut ends = [
                    (it.entity1.clone(), it.entity1_key.clone()),
                    (it.entity2.clone(), it.entity2_key.clone()),
                ];
                ends.sort();
                ends
            };
            ends(a) == ends(b)
        };
        never.retain(|pair| !always.iter().any(|other| same(pair, other)));
        let pair = |it: &(&str, &str)| (it.0.to_owned(), it.1.to_owned());
        let aliases = AliasPairs::Values(ALIASES.iter().map(pair).collect());
        let bypass = BypassValues::Values(BYPASSED.iter().map(|it| (*it).to_owned()).collect());
        Custom {
            always_match: Some(RowPairs::Pairs(always)),
            never_match: Some(RowPairs::Pairs(never)),
            aliases: vec![AliasList { name: "aliases".to_owned(), pairs: aliases }],
            bypass: vec![BypassList { name: "bypass".to_owned(), values: bypass }],
        }
    })
}

fn pins() -> impl Strategy<Value = Vec<Pin>> {
    prop_oneof![3 => Just(0), 1 => Just(6)].prop_flat_map(move |most| {
        proptest::collection::vec((named_row(), 1u128..4), 0..=most).prop_map(|all| {
            let mut pins: Vec<Pin> = Vec::new();
            for ((entity, key), customer) in all {
                let customer = CustomerId::from(uuid::Uuid::from_u128(customer));
                if !pins.iter().any(|pin| pin.entity == entity && pin.key == key) {
                    pins.push(Pin { entity, key, customer });
                }
            }
            pins
        })
    })
}

pub(crate) fn unification() -> impl Strategy<Value = Unification> {
    let rules = (proptest::collection::vec(rule(1), 1..=2), proptest::collection::vec(rule(2), 1..=3));
    let own = (deduplication(0), deduplication(1), deduplication(2));
    let include = proptest::array::uniform3(proptest::bool::weighted(0.7));
    (rules, own, custom(), include).prop_map(|((b, c), own, custom, include)| {
        let order = ENTITIES
            .iter()
            .zip(include)
            .map(|(entity, include_all)| MatchOrder { entity: (*entity).to_owned(), include_all });
        let mut rules: Vec<MatchRule> = b.into_iter().chain(c).collect();
        for (at, rule) in rules.iter_mut().enumerate() {
            rule.name = format!("rule {at}");
        }
        let match_ = Match { order: order.collect(), rules, probabilistic: None };
        let deduplication = vec![own.0, own.1, own.2];
        Unification { map: Vec::new(), deduplication, match_, custom, merge: Default::default() }
    })
}

pub(crate) fn case() -> impl Strategy<Value = Case> {
    let entities = (entity(30), entity(25), entity(25));
    let sharing = prop_oneof![2 => Just(100), 1 => 1u32..5];
    (unification(), entities, pins(), sharing, 0usize..20).prop_map(
        |(unification, rows, pins, sharing, shuffle)| Case {
            unification,
            entities: [rows.0, rows.1, rows.2],
            pins,
            sharing,
            shuffle,
        },
    )
}
