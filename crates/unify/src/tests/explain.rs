//! What is said of a pair is what the rules do with it.

use proptest::prelude::*;
use serde_json::json;

use super::text_tables::input;
use super::*;
use crate::custom::Forms;
use crate::explain::{Decided, Judge, Outcome, Without};
use crate::features::Features;
use crate::rules::{Rule, Scratch, Shown};

fn definition(conditions: serde_json::Value, exceptions: serde_json::Value) -> Unification {
    serde_json::from_value(json!({
        "deduplication": [{"entity": "B_b", "rules": [
            {"name": "own", "conditions": [{"attribute": "Name", "normalize": ["lower-case"], "precision": 0.6}]},
        ]}],
        "match": {
            "order": ["A_a", "B_b"],
            "rules": [{"on": "B_b", "name": "rule", "conditions": conditions, "exceptions": exceptions}],
        },
        "custom": {
            "neverMatch": {"pairs": [{"entity1": "B_b", "entity1Key": "1", "entity2": "A_a", "entity2Key": "1"}]},
            "bypass": [{"name": "nothing", "values": ["NONE"]}],
            "aliases": [{"name": "towns", "values": [["nyc", "new york"]]}],
        },
    }))
    .unwrap()
}

fn name_and_town() -> Unification {
    definition(
        json!([
            {"left": "Name", "right": "Name", "normalize": ["lower-case"], "precision": 0.8, "bypass": "nothing"},
            {"left": "Town", "right": "Town", "normalize": ["lower-case"], "alias": "towns"},
        ]),
        json!([{"name": "twins", "conditions": [{"left": "Born", "right": "Born"}]}]),
    )
}

#[test]
fn a_judgement_says_what_was_compared_and_what_came_of_it() {
    let above = input("A_a", "Id,Name,Town,Born:date\n1,Anna Bell,NYC,\n2,none,Oslo,2001-02-03\n");
    let below = input(
        "B_b",
        "Id,Name,Town,Born:date\n1,anna bel,New York,\n2,,Oslo,\n3,ANNA BELL,nyc,2001-02-03\n4,x,x,2001-02-04\n",
    );
    let judge = Judge::new(&name_and_town(), &[above, below], &[]).unwrap();
    let of = |one: (&str, &str), other: (&str, &str)| judge.judge(one, other).unwrap();

    let near = of(("B_b", "1"), ("A_a", "1"));
    assert_eq!(near.decided, Some(Decided::NeverMatch));
    let [rule] = near.rules.as_slice() else { panic!("{near:#?}") };
    assert_eq!((rule.outcome, rule.score), (Outcome::Fulfilled, Some((8.0 / 9.0 + 1.0) / 2.0)));
    let town = &rule.conditions[1];
    assert_eq!((town.left.value.as_deref(), town.left.compared.as_deref()), (Some("NYC"), Some("new york")));

    let missing = of(("A_a", "2"), ("B_b", "2"));
    let failed = missing.rules[0].first_failure().unwrap();
    assert_eq!((missing.rules[0].outcome, failed.score), (Outcome::Failed, None));
    assert_eq!(
        (failed.left.without, failed.right.without),
        (Some(Without::Bypassed), Some(Without::Missing))
    );

    let own = of(("B_b", "3"), ("B_b", "1"));
    assert_eq!((own.rules[0].rule.as_str(), own.rules[0].score), ("own", Some(8.0 / 9.0)));
    let born = &of(("A_a", "2"), ("B_b", "3")).rules[0].exceptions[0];
    assert_eq!((born.name.as_deref(), born.applies), (Some("twins"), true));
    assert_eq!(born.conditions[0].right.compared.as_deref(), Some("2001-02-03"));
    let born = &of(("A_a", "2"), ("B_b", "4")).rules[0].exceptions[0].conditions[0];
    assert_eq!((born.score, born.holds), (Some(0.0), false), "dates are equal or not");
    assert_eq!(judge.judge(("A_a", "1"), ("A_a", "1")), None);
    assert_eq!(judge.judge(("A_a", "1"), ("B_b", "9")), None);
    assert_eq!(judge.judge(("A_a", "1"), ("C_c", "1")), None);
}

#[test]
fn rows_that_share_the_compared_values_are_counted() {
    let above = input("A_a", "Id,Name,Town,Born:date\n1,a,NYC,\n2,b,New York,\n3,c,oslo,\n4,d,,\n");
    let below = input("B_b", "Id,Name,Town,Born:date\n1,a,NYC,\n2,A,x,\n");
    let judge = Judge::new(&name_and_town(), &[above, below], &[]).unwrap();
    let rule = &judge.judge(("A_a", "1"), ("B_b", "1")).unwrap().rules[0];
    let shared = ["1", "2", "3", "4", "5"].map(|key| judge.sharing(rule, ("A_a", key)));
    assert_eq!(shared, [2, 2, 1, 0, 0], "of equal towns, one of them by an alias");
    let own = &judge.judge(("B_b", "1"), ("B_b", "2")).unwrap().rules[0];
    assert_eq!(judge.sharing(own, ("B_b", "1")), 2, "of equal names");
}

/// Whether the rules of a run find a pair, and with which score.
fn judged(unification: &Unification, inputs: &[Input], left: u32, right: u32) -> Option<f64> {
    let plan = Plan::new(unification, inputs, &Limits::default()).unwrap();
    let limits = Limits::default();
    let read =
        |entity: &crate::plan::EntityPlan| Records::read(&inputs[entity.input], entity, &limits).unwrap();
    let records: Vec<Records> = plan.entities.iter().map(read).collect();
    let forms = Forms::new(plan.rules.iter(), &unification.custom, inputs);
    let features = Features::read(plan.rules.iter(), &records, &forms, 1).unwrap();
    let rule =
        Rule::new(&plan.rules[0], &features, |entity| records[entity].len(), limits.fuzzy_chars).unwrap();
    rule.judge(Shown::Left(left), Shown::Right(right), &mut Scratch::default())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn a_judgement_agrees_with_the_run_to_the_last_bit(
        left in ["[abé ]{0,12}", "(nyc|new york|x)?", "(2001-02-03|2001-02-04)?"],
        right in ["[abé ]{0,12}", "(nyc|new york|x)?", "(2001-02-03|2001-02-04)?"],
        precision in 1u32..=100,
    ) {
        let table = |name: &str, row: &[String; 3]| {
            input(name, &format!("Id,Name,Town,Born:date\n1,{},{},{}\n", row[0], row[1], row[2]))
        };
        let mut unification = name_and_town();
        let precision = crate::definition::Precision::Custom(f64::from(precision) / 100.0);
        unification.match_.rules[0].conditions[0].precision = precision;
        let inputs = [table("A_a", &left), table("B_b", &right)];
        let judgement = Judge::new(&unification, &inputs, &[]).unwrap().judge(("A_a", "1"), ("B_b", "1")).unwrap();
        let rule = &judgement.rules[0];
        let expected = judged(&unification, &inputs, 0, 0);
        prop_assert_eq!(rule.score.filter(|_| rule.outcome == Outcome::Fulfilled), expected, "{:#?}", rule);
    }
}
