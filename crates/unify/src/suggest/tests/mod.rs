//! Tests of suggestions as a whole.

mod people;

use proptest::prelude::*;
use serde_json::json;

use self::people::{entities, same};
use super::*;
use crate::explain::{Judge, Outcome};
use crate::tests::text_tables::{cell, input};
use crate::{Unified, run};

fn suggested_with(inputs: &[Input], wishes: &Wishes, threads: usize) -> Suggestions {
    let options = Options { threads, ..Options::default() };
    suggest(&draft(inputs), inputs, wishes, &options, &|_| {}, &CancellationToken::new()).unwrap()
}

fn suggested(inputs: &[Input]) -> Suggestions {
    suggested_with(inputs, &Wishes::default(), 2)
}

fn unified(suggestions: &Suggestions, inputs: &[Input]) -> Unified {
    let unification = suggestions.unification.as_ref().unwrap();
    run(unification, inputs.to_vec(), &|_| {}, &CancellationToken::new()).unwrap()
}

/// Every pair of keys that a rule takes for one customer, asked one by one.
fn naive(rule: &SuggestedRule, judge: &Judge, keys: &[(String, Vec<String>)]) -> Vec<(String, String)> {
    let of = |entity: &str| keys.iter().find(|(name, _)| name == entity).map(|(_, keys)| keys).unwrap();
    let mut pairs = Vec::new();
    for left in &rule.lefts {
        for (at, one) in of(left).iter().enumerate() {
            let skip = if *left == rule.on { at + 1 } else { 0 };
            for other in of(&rule.on).iter().skip(skip) {
                let judged = judge.judge((left, one), (&rule.on, other)).unwrap();
                let mut verdicts = judged.rules.iter();
                let verdict = verdicts.find(|it| it.stage == rule.stage && it.rule == rule.name);
                if verdict.is_some_and(|it| it.outcome == Outcome::Fulfilled) {
                    pairs.push((one.clone(), other.clone()));
                }
            }
        }
    }
    pairs
}

fn keys(inputs: &[Input]) -> Vec<(String, Vec<String>)> {
    let of = |input: &Input| {
        let column = |batch: &arrow::array::RecordBatch| batch.column(0).clone();
        let texts = input.batches.iter().map(column);
        let rows = texts.flat_map(|array| (0..array.len()).map(|row| cell(&array, row)).collect::<Vec<_>>());
        (input.entity.clone(), rows.collect())
    };
    inputs.iter().map(of).collect()
}

#[test]
fn the_numbers_of_a_suggestion_are_those_of_a_run() {
    let inputs = entities(1, 240);
    let suggestions = suggested(&inputs);
    assert!(suggestions.rules.len() >= 2, "{:#?}", suggestions.notes);
    let report = unified(&suggestions, &inputs).report;
    let judge = Judge::new(suggestions.unification.as_ref().unwrap(), &inputs, &[]).unwrap();
    let keys = keys(&inputs);
    for rule in &suggestions.rules {
        let reports = match rule.stage {
            RuleStage::Deduplication => &report.deduplication,
            RuleStage::Match => &report.rules,
        };
        let own = reports.iter().find(|it| it.on == rule.on && it.rule == rule.name).unwrap();
        assert_eq!(rule.matched, own.matched, "{}", rule.name);
        assert_eq!(rule.excepted, own.excepted, "{}", rule.name);
        assert_eq!(rule.pairs, naive(rule, &judge, &keys).len() as u64, "{}", rule.name);
    }
}

#[test]
fn suggested_rules_are_as_precise_as_they_promise_and_find_most() {
    let inputs = entities(2, 1_200);
    let suggestions = suggested(&inputs);
    let judge = Judge::new(suggestions.unification.as_ref().unwrap(), &inputs, &[]).unwrap();
    for rule in &suggestions.rules {
        assert!(rule.precision >= 0.97);
        // Every example that merges is one pair of the rule; the truth is known of each.
        for example in &rule.merged {
            let [one, other] = &example.rows;
            let judged = judge.judge((&one.entity, &one.key), (&other.entity, &other.key)).unwrap();
            let own = judged.rules.iter().find(|it| it.stage == rule.stage && it.rule == rule.name).unwrap();
            assert_eq!(own.outcome, Outcome::Fulfilled);
        }
        assert!(rule.merged.len() <= 12 && rule.not_merged.len() <= 5);
    }
    let (mut right, mut joined) = (0usize, 0usize);
    let mut customers: std::collections::BTreeMap<String, Vec<String>> = Default::default();
    for batch in &unified(&suggestions, &inputs).alternate_key.batches {
        let [customer, key] =
            ["CustomerId", "AlternateValue"].map(|name| batch.column_by_name(name).unwrap());
        for row in 0..batch.num_rows() {
            customers.entry(cell(customer, row)).or_default().push(cell(key, row));
        }
    }
    for rows in customers.values() {
        for (at, one) in rows.iter().enumerate() {
            joined += rows.len() - at - 1;
            right += rows.iter().skip(at + 1).filter(|other| same(one, other)).count();
        }
    }
    let all: Vec<String> = keys(&inputs).into_iter().flat_map(|(_, keys)| keys).collect();
    let pairs =
        |(at, one): (usize, &String)| all.iter().skip(at + 1).filter(|other| same(one, other)).count();
    let real: usize = all.iter().enumerate().map(pairs).sum();
    let (precision, recall) = (right as f64 / joined as f64, right as f64 / real as f64);
    assert!(precision >= 0.94, "{precision}");
    assert!(recall >= 0.75, "{recall}");
}

#[test]
fn near_misses_stay_apart_and_say_what_is_missing() {
    let inputs = entities(3, 600);
    let suggestions = suggested(&inputs);
    let judge = Judge::new(suggestions.unification.as_ref().unwrap(), &inputs, &[]).unwrap();
    let mut customers = std::collections::BTreeMap::new();
    for batch in &unified(&suggestions, &inputs).alternate_key.batches {
        let [entity, customer, key] =
            ["EntityName", "CustomerId", "AlternateValue"].map(|name| batch.column_by_name(name).unwrap());
        for row in 0..batch.num_rows() {
            customers.insert((cell(entity, row), cell(key, row)), cell(customer, row));
        }
    }
    let mut seen = 0;
    for rule in &suggestions.rules {
        for example in &rule.not_merged {
            let [one, other] = &example.rows;
            let of = |row: &ExampleRow| customers[&(row.entity.clone(), row.key.clone())].clone();
            assert_ne!(of(one), of(other), "{example:#?}");
            let judged = judge.judge((&one.entity, &one.key), (&other.entity, &other.key)).unwrap();
            let own = judged.rules.iter().find(|it| it.stage == rule.stage && it.rule == rule.name).unwrap();
            assert_eq!(own.first_failure().map(|it| it.right.attribute.clone()), example.fails);
            seen += 1;
        }
    }
    assert!(seen > 0);
}

#[test]
fn one_answer_whatever_the_threads_and_batches() {
    let inputs = entities(4, 300);
    let split = |input: &Input| {
        let slice = |batch: &arrow::array::RecordBatch| {
            let half = batch.num_rows() / 2;
            [batch.slice(0, half), batch.slice(half, batch.num_rows() - half)]
        };
        Input { batches: input.batches.iter().flat_map(slice).collect(), ..input.clone() }
    };
    let one = suggested_with(&inputs, &Wishes::default(), 1);
    let pieces: Vec<Input> = inputs.iter().map(split).collect();
    assert_eq!(one, suggested_with(&pieces, &Wishes::default(), 3));
}

#[test]
fn a_lower_precision_finds_no_less_and_one_entity_can_be_asked_about() {
    let inputs = entities(5, 500);
    let found = |precision: f64, entity: Option<&str>| {
        let wishes = Wishes { precision, entity: entity.map(str::to_owned) };
        suggested_with(&inputs, &wishes, 2)
    };
    let recall = |it: &Suggestions| it.rules.iter().map(|rule| rule.added_recall).sum::<f64>();
    assert!(recall(&found(0.9, None)) >= recall(&found(0.995, None)) - 0.01);
    let one = found(0.97, Some("Club_Members"));
    assert!(!one.rules.is_empty() && one.rules.iter().all(|rule| rule.on == "Club_Members"));
}

#[test]
fn rules_on_other_entities_stay_where_one_is_asked_about() {
    let inputs = entities(9, 400);
    let own = json!({"name": "own", "conditions": [{"attribute": "Email"}]});
    let rule = |on: &str, right: &str| json!({"on": on, "name": "old", "conditions": [{"left": "Phone", "right": right, "alias": "none"}]});
    let unification: Unification = serde_json::from_value(json!({
        "deduplication": [{"entity": "Shop_Contacts", "rules": [own]}],
        "match": {"order": ["Shop_Contacts", "Club_Members"], "rules": [rule("Club_Members", "Mobile")]},
        "custom": {"aliases": [{"name": "none", "values": []}]},
    }))
    .unwrap();
    let wishes = Wishes { entity: Some("Club_Members".into()), ..Wishes::default() };
    let options = Options::default();
    let answer =
        suggest(&unification, &inputs, &wishes, &options, &|_| {}, &CancellationToken::new()).unwrap();
    let ready = answer.unification.as_ref().unwrap();
    assert_eq!(ready.deduplication.first(), unification.deduplication.first());
    assert!(ready.match_.rules.iter().all(|rule| rule.name != "old"));
    assert!(unified(&answer, &inputs).report.matched_profiles > 0);
}

#[test]
fn entities_with_nothing_in_common_get_a_note_and_no_rule() {
    let one = entities(6, 200).remove(0);
    let mut rows = "Sku,Colour,Weight:int64\n".to_owned();
    (0..50).for_each(|number| rows.push_str(&format!("s{number},red,{number}\n")));
    let inputs = [one, input("Shop_Products", &rows)];
    assert_eq!(draft(&inputs).match_.order.len(), 1);
    let unification: Unification =
        serde_json::from_value(json!({"match": {"order": ["Shop_Contacts", "Shop_Products"]}})).unwrap();
    let options = Options::default();
    let answer =
        suggest(&unification, &inputs, &Wishes::default(), &options, &|_| {}, &CancellationToken::new())
            .unwrap();
    assert!(answer.rules.iter().all(|rule| rule.on == "Shop_Contacts"));
    assert!(answer.notes.contains(&Note::NoSignals { entity: "Shop_Products".into() }), "{:?}", answer.notes);
}

#[test]
fn values_that_are_too_common_are_shown_with_the_reason() {
    let suggestions = suggested(&entities(7, 2_500));
    let mut refused = suggestions.blocking.keys.iter().flat_map(|key| &key.refused.commonest);
    let email = refused.find(|it| it.values == ["noemail@example.com"]).unwrap();
    assert_eq!(email.reason, RefusedReason::Default);
    assert!(suggestions.blocking.missed < suggestions.blocking.matches / 4.0);
    assert!(suggestions.rules.iter().flat_map(|rule| &rule.merged).all(|it| it.rows[0].values.len() >= 6));
}

#[test]
fn nothing_comes_of_nothing() {
    for rows in ["Id,FirstName,LastName\n", "Id,FirstName,LastName\n1,Anna,Bell\n"] {
        let suggestions = suggested(&[input("A_a", rows), input("B_b", rows)]);
        assert!(suggestions.rules.is_empty() && suggestions.unification.is_none());
    }
    assert!(suggested(&[]).rules.is_empty());
}

#[test]
fn a_cancelled_search_ends() {
    let inputs = entities(8, 50);
    let cancel = CancellationToken::new();
    cancel.cancel();
    let answer = suggest(&draft(&inputs), &inputs, &Wishes::default(), &Options::default(), &|_| {}, &cancel);
    assert!(matches!(answer, Err(UnifyError::Cancelled)));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn whatever_the_values_are_an_answer_comes(
        values in proptest::collection::vec("[ -~é李\u{202e}\u{0}]{0,12}", 120),
        repeat in 1usize..4,
    ) {
        let clean = |value: &String| value.replace([',', '\n', '"', '\r'], " ");
        let mut rows = "Id,FirstName,LastName,Email,Phone,BirthDate\n".to_owned();
        for (number, five) in (0..).zip(values.chunks(5)) {
            for copy in 0..repeat {
                let five: Vec<String> = five.iter().map(clean).collect();
                rows.push_str(&format!("k{number}-{copy},{}\n", five.join(",")));
            }
        }
        let inputs = [input("A_a", &rows), input("B_b", &rows)];
        let unification: Unification = serde_json::from_value(json!({
            "match": {"order": ["A_a", "B_b"], "probabilistic": {"signals": [
                {"kind": "firstName", "attributes": ["A_a.FirstName", "B_b.FirstName"]},
                {"kind": "lastName", "attributes": ["A_a.LastName", "B_b.LastName"]},
                {"kind": "email", "attributes": ["A_a.Email", "B_b.Email"]},
                {"kind": "phone", "attributes": ["A_a.Phone"]},
                {"kind": "text", "attributes": ["B_b.BirthDate", "A_a.BirthDate"]},
            ]}},
        })).unwrap();
        let options = Options { threads: 1, ..Options::default() };
        let cancel = CancellationToken::new();
        let answer = suggest(&unification, &inputs, &Wishes::default(), &options, &|_| {}, &cancel).unwrap();
        serde_json::to_string(&answer).unwrap();
    }
}
