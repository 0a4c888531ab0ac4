//! Why matching by probability left two rows with two customers.

use super::probabilistic::{inputs, unification};
use super::*;
use crate::explain::{Apart, Judge, RowKey};
use crate::probabilistic::Learned;

const ONE: RowKey<'_> = ("A_A", "71");
const OTHER: RowKey<'_> = ("B_B", "71");

fn learned() -> Learned {
    run_quietly(&unification(""), inputs()).unwrap().learned.unwrap()
}

fn judge(more: &str) -> Judge {
    Judge::new(&unification(more), &inputs(), &[]).unwrap()
}

fn apart(judge: &Judge, learned: &Learned, others: &[RowKey<'_>]) -> Apart {
    let other = others.first().copied().unwrap();
    judge.apart(learned, (ONE, other), (&[ONE], others)).unwrap()
}

#[test]
fn rows_that_are_not_alike_enough_are_below_the_threshold() {
    assert_eq!(apart(&judge(""), &learned(), &[("B_B", "72")]), Apart::BelowThreshold);
}

#[test]
fn other_rows_of_the_customers_speak_against_a_pair_that_is_alike() {
    let others = [OTHER, ("B_B", "75"), ("B_B", "80"), ("B_B", "91"), ("B_B", "100"), ("B_B", "110")];
    let others: Vec<_> = others.iter().chain(&[("B_B", "122"), ("B_B", "133")]).copied().collect();
    let learned = learned();
    let Apart::OtherRows { mean, needed, against, weight, .. } = apart(&judge(""), &learned, &others) else {
        panic!("not the other rows")
    };
    assert!(mean < needed && weight <= mean);
    assert_eq!((against[0].key.as_str(), against[1].entity.as_str()), ("71", "B_B"));
    assert_ne!(against[1].key, "71");
}

#[test]
fn the_better_partner_is_named() {
    let mut all = inputs();
    // One of the rows once more, as another customer.
    let twin = "Id,GivenName,Surname,Email,DateOfBirth\n1070,Karl,Engel,Karl.Engel70@example.org,1960-08-16";
    all[1].batches.extend(text_tables::input("B_B", twin).batches);
    let judge = Judge::new(&unification(""), &all, &[]).unwrap();
    let (one, other): (RowKey<'_>, RowKey<'_>) = (("B_B", "1070"), ("B_B", "70"));
    // A slip that both others lack says more than a name that many have.
    let own = ("A_A", "70");
    let unlike = ["75", "80", "91", "100", "110", "122", "133", "144", "155"].map(|key| ("B_B", key));
    let others: Vec<RowKey<'_>> = [other, own].into_iter().chain(unlike).collect();
    let answer = judge.apart(&learned(), (one, other), (&[one], &others));
    let Some(Apart::OtherRows { closer, .. }) = answer else { panic!("{answer:?}") };
    assert_eq!(closer, Some(own.into()));
}

#[test]
fn rows_without_a_common_key_were_never_compared() {
    let mut learned = learned();
    learned.model.rules.clear();
    assert_eq!(apart(&judge(""), &learned, &[OTHER]), Apart::NoSharedKey);
}

#[test]
fn rows_with_too_frequent_keys_were_never_compared() {
    let (mut learned, judge) = (learned(), judge(""));
    assert_eq!(apart(&judge, &learned, &[OTHER]), Apart::Cut);
    assert_eq!(judge.too_frequent(&learned, ONE, OTHER), None);
    learned.model.rules.iter_mut().for_each(|rule| rule.most = 1);
    let Some(Apart::TooFrequent { key }) = judge.too_frequent(&learned, ONE, OTHER) else {
        panic!("not too frequent")
    };
    assert!(key.records >= 2 && key.rule.most == 1, "{key:?}");
}

#[test]
fn decisions_about_other_rows_count() {
    let pair = r#"[{"entity1": "A_A", "entity1Key": "71", "entity2": "B_B", "entity2Key": "75"}]"#;
    let judge = judge(&format!(r#", "custom": {{"neverMatch": {{"pairs": {pair}}}}}"#));
    assert_eq!(apart(&judge, &learned(), &[OTHER, ("B_B", "75")]), Apart::NeverMatch);
}
