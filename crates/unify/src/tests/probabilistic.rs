//! Matching by probability inside a unification.

use super::*;

/// People of two sources: the same ones, some with slips, and their relatives.
fn people(entity: &str, from: usize) -> Input {
    const FIRST: [&str; 12] =
        ["Anna", "Bertha", "Carl", "Dora", "Emil", "Frida", "Georg", "Hanna", "Igor", "Jana", "Karl", "Lena"];
    const LAST: [&str; 11] =
        ["Adler", "Becker", "Conrad", "Dietz", "Engel", "Fuchs", "Graf", "Horn", "Ibsen", "Jung", "Koch"];
    let mut text = "Id,GivenName,Surname,Email,DateOfBirth".to_owned();
    for n in from..from + 120 {
        let (first, last) = (FIRST[n % 12], LAST[n % 11]);
        let slip = if n % 10 == from % 7 { "x" } else { "" };
        let birth = format!("19{:02}-0{}-1{}", 40 + n % 50, 1 + n % 9, n % 8);
        text.push_str(&format!("\n{n},{first},{last}{slip},{first}.{last}{n}@example.org,{birth}"));
    }
    text_tables::input(entity, &text)
}

pub(super) fn unification(more: &str) -> Unification {
    let text =
        format!(r#"{{"match": {{"order": ["A_A", "B_B"], "probabilistic": {{"threshold": 0.9}}}} {more}}}"#);
    serde_json::from_str(&text).unwrap()
}

pub(super) fn inputs() -> Vec<Input> {
    vec![people("A_A", 0), people("B_B", 60)]
}

#[test]
fn rows_of_one_person_are_one_profile_without_any_rule() {
    let unified = run_quietly(&unification(""), inputs()).unwrap();
    assert_eq!(unified.report.profiles, 180);
    assert_eq!(unified.report.matched_profiles, 60);
    let report = unified.report.probabilistic.unwrap();
    assert_eq!(report.records, 240);
    assert!(report.pairs >= 60 && report.rules.iter().any(|rule| rule.counts.matches > 50.0));
}

#[test]
fn what_people_decided_outweighs_probability() {
    let pair = |a: &str, b: &str| {
        format!(r#"[{{"entity1": "A_A", "entity1Key": "{a}", "entity2": "B_B", "entity2Key": "{b}"}}]"#)
    };
    let never = format!(r#", "custom": {{"neverMatch": {{"pairs": {}}}}}"#, pair("70", "70"));
    let unified = run_quietly(&unification(&never), inputs()).unwrap();
    assert_eq!(unified.report.profiles, 181);
    let always = format!(r#", "custom": {{"alwaysMatch": {{"pairs": {}}}}}"#, pair("1", "170"));
    let unified = run_quietly(&unification(&always), inputs()).unwrap();
    assert_eq!(unified.report.profiles, 179);
}

#[test]
fn the_order_of_rows_and_batches_changes_nothing() {
    let expected = run_quietly(&unification(""), inputs()).unwrap();
    let mut turned = inputs();
    for input in &mut turned {
        let whole = input.batches.remove(0);
        input.batches = vec![whole.slice(50, 70), whole.slice(0, 50)];
    }
    assert_eq!(run_quietly(&unification(""), turned).unwrap(), expected);
}

#[test]
fn a_pair_is_explained_by_what_the_run_learned() {
    let unified = run_quietly(&unification(""), inputs()).unwrap();
    let text = serde_json::to_string(&unified.learned.unwrap()).unwrap();
    let learned: crate::probabilistic::Learned = serde_json::from_str(&text).unwrap();
    // Two rows are enough to explain them.
    let row =
        |input: &Input, at: usize| Input { batches: vec![input.batches[0].slice(at, 1)], ..input.clone() };
    let [above, below] = [&inputs()[0], &inputs()[1]].map(Clone::clone);
    let judge =
        crate::explain::Judge::new(&unification(""), &[row(&above, 71), row(&below, 11)], &[]).unwrap();
    let same = judge.probability(&learned, ("A_A", "71"), ("B_B", "71")).unwrap();
    assert!(same.probability > 0.99, "{same:#?}");
    let sum: f64 = same.prior + same.signals.iter().map(|signal| signal.weight).sum::<f64>();
    assert!((sum - same.weight).abs() < 1e-9, "the weights add up: {same:#?}");
    let judge =
        crate::explain::Judge::new(&unification(""), &[row(&above, 70), row(&below, 11)], &[]).unwrap();
    let other = judge.probability(&learned, ("B_B", "71"), ("A_A", "70")).unwrap();
    assert!(other.probability < 0.5, "{other:#?}");
    assert_eq!(judge.probability(&learned, ("A_A", "70"), ("A_A", "70")), None);
}
