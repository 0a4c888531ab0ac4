//! The kernel against a naive program that compares every pair of rows, on small random inputs.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::definition::{Condition, MatchRule, Normalization, Precision};

/// Rows of an entity: text columns, none for null. The key is the row's place.
type Rows = Vec<Vec<Option<String>>>;

const ENTITIES: [&str; 3] = ["A_a", "B_b", "C_c"];
const COLUMNS: [&str; 2] = ["X", "Y"];

fn normalized(value: &Option<String>, steps: &[Normalization]) -> Option<String> {
    let mut value = value.clone()?;
    if steps.contains(&Normalization::LowerCase) {
        value = value.to_lowercase();
    }
    if steps.contains(&Normalization::Symbols) {
        value.retain(|c| c.is_alphanumeric() || c.is_whitespace());
    }
    if steps.contains(&Normalization::Whitespace) {
        value.retain(|c| !c.is_whitespace());
    }
    (!value.trim().is_empty()).then_some(value)
}

fn score(condition: &Condition, left: &[Option<String>], right: &[Option<String>]) -> Option<f64> {
    let column = |name: &str| COLUMNS.iter().position(|column| *column == name).unwrap();
    let base = normalized(&left[column(&condition.left.attribute)], &condition.normalize)?;
    let other = normalized(&right[column(&condition.right)], &condition.normalize)?;
    let chars = base.chars().count() as f64;
    let score = (chars - strsim::levenshtein(&base, &other) as f64) / chars;
    (score >= condition.precision.score()).then_some(score)
}

fn rule_score(rule: &MatchRule, left: &[Option<String>], right: &[Option<String>]) -> Option<f64> {
    let scores: Option<Vec<f64>> = rule.conditions.iter().map(|it| score(it, left, right)).collect();
    let excepted = |conditions: &[Condition]| conditions.iter().all(|it| score(it, left, right).is_some());
    if rule.exceptions.iter().any(|exception| excepted(&exception.conditions)) {
        return None;
    }
    Some(scores?.iter().sum::<f64>() / rule.conditions.len() as f64)
}

/// For every profile, in order, the rows of each entity.
fn naive(unification: &Unification, entities: &[Rows]) -> Vec<Vec<Vec<usize>>> {
    let mut profile_of: Vec<Vec<usize>> = Vec::new();
    let mut profiles: Vec<Vec<Vec<usize>>> = Vec::new();
    for (entity, rows) in entities.iter().enumerate() {
        let mut own = Vec::new();
        for (row, values) in rows.iter().enumerate() {
            let rules = unification.match_.rules.iter().filter(|rule| rule.on == ENTITIES[entity]);
            let best = rules.filter_map(|rule| partner(rule, &entities[..entity], values)).next();
            let profile = best.map_or(profiles.len(), |(above, row)| profile_of[above][row]);
            if best.is_none() {
                profiles.push(vec![Vec::new(); entities.len()]);
            }
            profiles[profile][entity].push(row);
            own.push(profile);
        }
        profile_of.push(own);
    }
    profiles.retain(|profile| {
        let present: Vec<usize> = (0..entities.len()).filter(|it| !profile[*it].is_empty()).collect();
        present.len() > 1 || unification.match_.order[present[0]].include_all
    });
    profiles
}

fn partner(rule: &MatchRule, above: &[Rows], values: &[Option<String>]) -> Option<(usize, usize)> {
    let mut best: Option<(f64, (usize, usize))> = None;
    for (entity, rows) in above.iter().enumerate() {
        let named = rule.conditions.iter().find_map(|it| it.left.entity.as_deref());
        if named.is_some_and(|name| name != ENTITIES[entity]) {
            continue;
        }
        for (row, left) in rows.iter().enumerate() {
            let score = rule_score(rule, left, values);
            if let Some(score) = score.filter(|score| best.is_none_or(|(highest, _)| *score > highest)) {
                best = Some((score, (entity, row)));
            }
        }
    }
    best.map(|(_, at)| at)
}

fn inputs(entities: &[Rows]) -> Vec<Input> {
    let text = |rows: &Rows| {
        let mut text = "Id:int64,X,Y".to_owned();
        for (at, row) in rows.iter().enumerate() {
            let cells: Vec<&str> = row.iter().map(|cell| cell.as_deref().unwrap_or("")).collect();
            text.push_str(&format!("\n{at},{}", cells.join(",")));
        }
        text
    };
    ENTITIES.iter().zip(entities).map(|(name, rows)| text_tables::input(name, &text(rows))).collect()
}

/// The profiles of the kernel in the form of the naive program.
fn kernel(unified: &Unified) -> Vec<Vec<Vec<usize>>> {
    let keys =
        |cell: &String| cell.split(';').filter(|it| !it.is_empty()).map(|it| it.parse().unwrap()).collect();
    rows(&unified.customer, &["A_a_Id_Alternate", "B_b_Id_Alternate", "C_c_Id_Alternate"])
        .iter()
        .map(|row| row.iter().map(keys).collect())
        .collect()
}

fn entity(rows: usize) -> impl Strategy<Value = Rows> {
    let cell = proptest::option::weighted(0.9, "[abAB.é ]{0,6}".prop_map(|it| it.trim_end().to_owned()));
    let cell = cell.prop_map(|cell| cell.filter(|it| !it.is_empty()));
    proptest::collection::vec(proptest::collection::vec(cell, COLUMNS.len()), 0..rows)
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
    (0..COLUMNS.len(), 0..COLUMNS.len(), steps, precision).prop_map(|(left, right, normalize, precision)| {
        Condition {
            left: COLUMNS[left].parse().unwrap(),
            right: COLUMNS[right].to_owned(),
            normalize,
            precision,
            alias: None,
            bypass: None,
        }
    })
}

fn rule(on: usize) -> impl Strategy<Value = MatchRule> {
    let conditions = proptest::collection::vec(condition(), 1..=2);
    let exceptions = proptest::option::weighted(0.2, proptest::collection::vec(condition(), 1..=2));
    let above = proptest::option::weighted(0.3, 0..on);
    (conditions, exceptions, above).prop_map(move |(mut conditions, exceptions, above)| {
        if let Some(above) = above {
            conditions[0].left.entity = Some(ENTITIES[above].to_owned());
        }
        let exception = |conditions| crate::definition::Exception { name: None, conditions };
        let exceptions = exceptions.into_iter().map(exception).collect();
        MatchRule { on: ENTITIES[on].to_owned(), name: String::new(), conditions, exceptions, active: true }
    })
}

fn unification() -> impl Strategy<Value = Unification> {
    let rules = (proptest::collection::vec(rule(1), 1..=2), proptest::collection::vec(rule(2), 1..=3));
    (rules, proptest::array::uniform3(proptest::bool::weighted(0.7))).prop_map(|((b, c), include)| {
        let order = ENTITIES.iter().zip(include).map(|(entity, include_all)| crate::definition::MatchOrder {
            entity: (*entity).to_owned(),
            include_all,
        });
        let mut rules: Vec<MatchRule> = b.into_iter().chain(c).collect();
        for (at, rule) in rules.iter_mut().enumerate() {
            rule.name = format!("rule {at}");
        }
        let match_ = crate::definition::Match { order: order.collect(), rules, probabilistic: None };
        Unification {
            map: Vec::new(),
            deduplication: Vec::new(),
            match_,
            custom: Default::default(),
            merge: Default::default(),
        }
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, ..ProptestConfig::default() })]

    #[test]
    fn the_kernel_finds_what_comparing_every_pair_finds(
        unification in unification(),
        a in entity(40),
        b in entity(30),
        c in entity(30),
    ) {
        let entities = [a, b, c];
        let unified = run_quietly(&unification, inputs(&entities)).unwrap();
        prop_assert_eq!(kernel(&unified), naive(&unification, &entities));
        let report = &unified.report;
        for entity in &report.entities {
            let parts = entity.matched + entity.unmatched_kept + entity.unmatched_dropped;
            prop_assert_eq!(parts, entity.unique_records);
        }
        let mut ids = BTreeMap::new();
        for row in rows(&unified.customer, &["CustomerId"]) {
            *ids.entry(row).or_insert(0) += 1;
        }
        prop_assert!(ids.values().all(|count| *count == 1));
        prop_assert_eq!(ids.len() as u64, report.profiles);
    }
}
