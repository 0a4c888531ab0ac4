//! Data that would make a careless program slow, fat or wrong.

use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field, Schema};

use super::*;

/// A name and the value of each row.
type Column<'a> = (&'a str, &'a dyn Fn(usize) -> Option<String>);

/// An entity with whole numbers as keys and text attributes.
fn entity(name: &str, rows: usize, columns: &[Column<'_>]) -> Input {
    let mut fields = vec![Field::new("Id", DataType::Int64, false)];
    let mut arrays: Vec<ArrayRef> = vec![Arc::new((0..rows as i64).collect::<Int64Array>())];
    for (name, value) in columns {
        fields.push(Field::new(*name, DataType::Utf8, true));
        arrays.push(Arc::new((0..rows).map(value).collect::<StringArray>()));
    }
    let schema = Arc::new(Schema::new(fields));
    Input {
        data_source: name.split('_').next().unwrap().to_owned(),
        entity: name.to_owned(),
        primary_key: vec!["Id".to_owned()],
        schema: schema.clone(),
        batches: vec![RecordBatch::try_new(schema, arrays).unwrap()],
    }
}

fn definition(own: &str, match_: &str) -> Unification {
    let text = format!(
        r#"{{"deduplication": [{{"entity": "A_a", "rules": [{{"name": "own", "conditions": [{own}]}}]}}],
            "match": {{"order": ["A_a", "B_b"], "rules": [
                {{"on": "B_b", "name": "rule", "conditions": [{match_}]}}]}}}}"#
    );
    serde_json::from_str(&text).unwrap()
}

const OWN_MAIL: &str = r#"{"attribute": "Mail"}"#;
const MAIL: &str = r#"{"left": "Mail", "right": "Mail"}"#;

/// One e-mail for every row, but for a few people.
fn default_mail(row: usize) -> Option<String> {
    Some(if row < 10 { format!("person{row}@example.com") } else { "noemail@example.com".to_owned() })
}

#[test]
fn a_value_of_nearly_every_row_is_refused_and_the_warning_names_rule_attribute_and_count() {
    let entities = || ["A_a", "B_b"].map(|name| entity(name, 60_000, &[("Mail", &default_mail)])).to_vec();
    let unified = run_quietly(&definition(OWN_MAIL, MAIL), entities()).unwrap();
    assert_eq!(unified.report.profiles, 120_000 - 10);
    let warnings: Vec<String> = unified.report.warnings.iter().map(ToString::to_string).collect();
    for rule in ["rule own on A_a", "rule rule on B_b"] {
        let told = format!("{rule} refused to block on Mail: one value is shared by 59,990 rows");
        assert!(warnings.iter().any(|warning| warning.starts_with(&told)), "{warnings:?}");
    }
}

#[test]
fn another_exact_condition_tells_the_rows_of_a_frequent_value_apart() {
    let name = |row: usize| Some(format!("name {row}"));
    let entities =
        ["A_a", "B_b"].map(|it| entity(it, 5_000, &[("Mail", &default_mail), ("Name", &name)])).to_vec();
    let own = r#"{"attribute": "Mail"}, {"attribute": "Name"}"#;
    let both = r#"{"left": "Mail", "right": "Mail"}, {"left": "Name", "right": "Name"}"#;
    let unified = run_quietly(&definition(own, both), entities).unwrap();
    assert_eq!(unified.report.profiles, 5_000);
    assert!(unified.report.warnings.iter().all(|it| !matches!(it, Warning::ValuesTooFrequent { .. })));
}

#[test]
fn a_fuzzy_condition_does_not_rescue_a_default_value() {
    let name = |row: usize| Some(format!("name {}", row % 700));
    let mail = |row: usize| Some(if row < 4_000 { format!("{row}@example.com") } else { "none".to_owned() });
    let entities = ["A_a", "B_b"].map(|it| entity(it, 5_000, &[("Mail", &mail), ("Name", &name)])).to_vec();
    let own = r#"{"attribute": "Mail"}, {"attribute": "Name", "precision": "high"}"#;
    let both = r#"{"left": "Mail", "right": "Mail"}, {"left": "Name", "right": "Name", "precision": "high"}"#;
    let unified = run_quietly(&definition(own, both), entities).unwrap();
    assert_eq!(unified.report.profiles, 6_000);
    assert_eq!(unified.report.rules[0].bypassed, Bypassed { values: 1, records: 1_000, largest: 1_000 });
}

#[test]
fn one_value_for_every_row_is_no_pair_to_compare() {
    let same = |_: usize| Some("same".to_owned());
    let entities = ["A_a", "B_b"].map(|it| entity(it, 20_000, &[("Mail", &same)])).to_vec();
    let own = r#"{"attribute": "Mail", "precision": "low"}"#;
    let low = r#"{"left": "Mail", "right": "Mail", "precision": "low"}"#;
    let unified = run_quietly(&definition(own, low), entities).unwrap();
    assert_eq!(unified.report.profiles, 40_000);
    assert!(unified.report.rules.iter().chain(&unified.report.deduplication).all(|rule| rule.compared == 0));
}

#[test]
fn empty_values_and_nulls_match_nothing() {
    let nothing = |row: usize| [None, Some(String::new()), Some("  ".to_owned())][row % 3].clone();
    let entities = ["A_a", "B_b"].map(|it| entity(it, 30, &[("Mail", &nothing)])).to_vec();
    let unified = run_quietly(&definition(OWN_MAIL, MAIL), entities).unwrap();
    assert_eq!(unified.report.profiles, 60);
    assert_eq!((unified.report.rules[0].tried, unified.report.rules[0].with_values), (30, 0));
}

#[test]
fn long_texts_are_compared_for_equality() {
    let long = |row: usize| Some("ä".repeat(5_000_000) + &(row % 2).to_string());
    let entities = ["A_a", "B_b"].map(|it| entity(it, 3, &[("Mail", &long)])).to_vec();
    let own = r#"{"attribute": "Mail", "precision": "high"}"#;
    let high = r#"{"left": "Mail", "right": "Mail", "precision": "high"}"#;
    let unified = run_quietly(&definition(own, high), entities).unwrap();
    assert_eq!(unified.report.profiles, 2);
}

#[test]
fn texts_of_any_script_are_compared_by_their_characters() {
    let texts = ["محمد العلي", "山田太郎", "Μαρία", "😀👩‍👩‍👧", "e\u{301}te", "שלום עולם", "\u{202E}abc", "Ω≈ç√"];
    let one = |row: usize| Some(texts[row].to_owned());
    let other = |row: usize| Some(texts[texts.len() - 1 - row].to_owned() + "x");
    let entities =
        vec![entity("A_a", texts.len(), &[("Mail", &one)]), entity("B_b", texts.len(), &[("Mail", &other)])];
    let low = r#"{"left": "Mail", "right": "Mail", "precision": "low"}"#;
    let unified = run_quietly(&definition(OWN_MAIL, low), entities).unwrap();
    assert_eq!(unified.report.profiles, texts.len() as u64);
    assert!(unified.report.rules[0].matched == texts.len() as u64);
}

#[test]
fn entities_without_a_common_attribute_are_a_problem_that_names_it() {
    let one = |_: usize| Some("x".to_owned());
    let entities = vec![entity("A_a", 1, &[("Mail", &one)]), entity("B_b", 1, &[("Phone", &one)])];
    let phone = r#"{"left": "Phone", "right": "Phone"}"#;
    match run_quietly(&definition(OWN_MAIL, phone), entities) {
        Err(UnifyError::Invalid(problems)) => {
            assert_eq!(problems.iter().map(Problem::code).collect::<Vec<_>>(), ["noEntityAbove"]);
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn many_unlike_texts_in_one_block_are_looked_up_by_their_parts() {
    let name = |row: usize| Some(format!("{:x}{:x}{:x}", row * 7_919 % 4_096, row * 104_729 % 65_536, row));
    let entities = ["A_a", "B_b"].map(|it| entity(it, 3_000, &[("Mail", &name)])).to_vec();
    let own = r#"{"attribute": "Mail", "precision": 0.95}"#;
    let high = r#"{"left": "Mail", "right": "Mail", "precision": 0.95}"#;
    let unified = run_quietly(&definition(own, high), entities).unwrap();
    assert_eq!(unified.report.profiles, 3_000);
    let rule = &unified.report.rules[0];
    assert!(rule.indexed && rule.compared < 20_000, "{rule:?}");
}
