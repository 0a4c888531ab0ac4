//! Limits, and stopping.

use super::*;

const A: &str = "Id,Mail,Name\na1,m,ann\na2,m,bob\na3,m,carl";
const B: &str = "Id,Mail,Name\nb1,m,anne\nb2,x,bobo\nb3,y,carl";

fn inputs() -> Vec<Input> {
    vec![text_tables::input("A_a", A), text_tables::input("B_b", B)]
}

fn by(condition: &str) -> Unification {
    let text = format!(
        r#"{{"match": {{"order": ["A_a", "B_b"], "rules": [
            {{"on": "B_b", "name": "rule", "conditions": [{condition}]}}]}}}}"#
    );
    serde_json::from_str(&text).unwrap()
}

fn limited(unification: &Unification, change: impl Fn(&mut Limits)) -> Result<Unified, UnifyError> {
    let mut options = Options::default();
    change(&mut options.limits);
    run_with(unification, inputs(), &options, &Identity::default(), &|_| {}, &CancellationToken::new())
}

fn code(result: Result<Unified, UnifyError>) -> &'static str {
    match result {
        Ok(_) => "ok",
        Err(UnifyError::Invalid(problems)) => problems.first().map_or("none", Problem::code),
        Err(error) => error.code(),
    }
}

#[test]
fn one_more_than_a_limit_is_refused() {
    let mail = by(r#"{"left": "Mail", "right": "Mail"}"#);
    assert_eq!(code(limited(&mail, |it| it.rows = 3)), "ok");
    assert_eq!(code(limited(&mail, |it| it.rows = 2)), "sourceTooLarge");
    assert_eq!(code(limited(&mail, |it| it.entities = 2)), "ok");
    assert_eq!(code(limited(&mail, |it| it.entities = 1)), "tooManyEntities");
    assert_eq!(code(limited(&mail, |it| it.conditions = 1)), "ok");
    assert_eq!(code(limited(&mail, |it| it.conditions = 0)), "tooManyConditions");
}

#[test]
fn a_fuzzy_rule_without_exact_condition_is_refused_when_it_would_compare_too_much() {
    let name = by(r#"{"left": "Name", "right": "Name", "precision": "low"}"#);
    // Three values above times three below.
    assert_eq!(code(limited(&name, |it| it.comparisons = 9)), "ok");
    let error = limited(&name, |it| it.comparisons = 8).unwrap_err();
    assert_eq!(error.code(), "tooManyComparisons");
    let text = error.to_string();
    assert!(text.contains("rule on B_b") && text.contains("precision exact"), "{text}");
}

#[test]
fn values_that_too_many_rows_above_share_are_bypassed_and_counted() {
    let mail = by(r#"{"left": "Mail", "right": "Mail"}"#);
    let unified = limited(&mail, |it| it.sharing = 3).unwrap();
    assert_eq!(unified.report.profiles, 5);
    let unified = limited(&mail, |it| it.sharing = 2).unwrap();
    assert_eq!(unified.report.profiles, 6);
    let rule = unified.report.rules.first().unwrap();
    assert_eq!(rule.bypassed, Bypassed { values: 1, records: 3, largest: 3 });
    let warned = |it: &Warning| matches!(it, Warning::ValuesTooFrequent { values: 1, records: 3, .. });
    assert!(unified.report.warnings.iter().any(warned), "{:?}", unified.report.warnings);
}

#[test]
fn a_text_too_long_to_compare_fuzzily_matches_only_its_equal() {
    let name = by(r#"{"left": "Name", "right": "Name", "precision": "medium"}"#);
    assert_eq!(limited(&name, |it| it.fuzzy_chars = 3).unwrap().report.profiles, 3);
    assert_eq!(limited(&name, |it| it.fuzzy_chars = 2).unwrap().report.profiles, 5);
}

#[test]
fn a_run_that_is_cancelled_ends_without_a_result() {
    let cancel = CancellationToken::new();
    let at_match = |progress: Progress| {
        if matches!(progress.stage, Stage::Match { .. }) {
            cancel.cancel();
        }
    };
    let mail = by(r#"{"left": "Mail", "right": "Mail"}"#);
    assert!(matches!(run(&mail, inputs(), &at_match, &cancel), Err(UnifyError::Cancelled)));
}

#[test]
fn a_batch_that_does_not_fit_its_schema_is_refused() {
    let mail = by(r#"{"left": "Mail", "right": "Mail"}"#);
    let mut inputs = inputs();
    inputs[1].batches = text_tables::input("C_c", "Id,Mail:int64,Name\nb1,1,x").batches;
    assert_eq!(code(run_quietly(&mail, inputs)), "schemaMismatch");
}

#[test]
fn many_equal_values_are_no_pairs_to_compare() {
    let many = |prefix: &str| {
        let rows: String = (0..2_000).map(|n| format!("\n{prefix}{n},noemail@example.com,n")).collect();
        format!("Id,Mail,Name{rows}")
    };
    let inputs = vec![text_tables::input("A_a", &many("a")), text_tables::input("B_b", &many("b"))];
    let fuzzy = by(r#"{"left": "Mail", "right": "Mail", "precision": "high"}"#);
    let unified = run_quietly(&fuzzy, inputs).unwrap();
    let rule = unified.report.rules.first().unwrap();
    assert_eq!((rule.compared, rule.matched, rule.bypassed.records), (0, 0, 2_000));
}
