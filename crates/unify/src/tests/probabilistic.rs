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

fn unification(more: &str) -> Unification {
    let text =
        format!(r#"{{"match": {{"order": ["A_A", "B_B"], "probabilistic": {{"threshold": 0.9}}}} {more}}}"#);
    serde_json::from_str(&text).unwrap()
}

fn inputs() -> Vec<Input> {
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
