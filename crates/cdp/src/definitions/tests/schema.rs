//! The JSON Schema says the same as the checks.

use super::super::problem::Problems;
use super::super::yaml;
use super::validator::Validator;
use super::*;

fn json(path: &Path) -> serde_json::Value {
    let mut problems = Problems::default();
    let text = std::fs::read_to_string(path.join(MAIN_FILE)).unwrap();
    let file = problems.file(MAIN_FILE.into(), text.trim_start_matches('\u{feff}').to_owned());
    yaml::parse(file, &mut problems).unwrap().to_json()
}

#[test]
fn the_schema_is_as_it_was() {
    with_snapshots(|| insta::assert_json_snapshot!("schema", schema()));
}

#[test]
fn the_schema_accepts_what_is_right() {
    let validator = Validator::new(schema());
    for (name, path) in cases("good") {
        assert!(validator.is_valid(&json(&path)), "{name}");
        let canonical = to_yaml(&load(&path)).unwrap();
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join(MAIN_FILE), canonical).unwrap();
        assert!(validator.is_valid(&json(dir.path())), "{name}, as exported");
    }
    assert!(validator.is_valid(&serde_json::json!({"measures": null, "schedule": null})));
}

#[test]
fn the_schema_rejects_what_has_the_wrong_shape() {
    let validator = Validator::new(schema());
    let cases = [
        "unknown_keys",
        "wrong_types",
        "missing_keys",
        "names",
        "words_and_formats",
        "secrets",
        "not_a_mapping",
    ];
    for name in cases {
        assert!(!validator.is_valid(&json(&folder("bad").join(name))), "{name}");
    }
}

/// Every value of the example, made wrong: what the checks refuse for its shape, the schema refuses too.
#[test]
fn the_schema_refuses_what_the_checks_refuse() {
    let validator = Validator::new(schema());
    let good = json(&folder("good/contoso"));
    let mut paths = Vec::new();
    pointers(&good, String::new(), &mut paths);
    let mut refused = 0;
    for path in &paths {
        for wrong in [serde_json::json!({"x": 1}), serde_json::json!([[]]), serde_json::json!(true)] {
            let mut value = good.clone();
            *value.pointer_mut(path).unwrap() = wrong.clone();
            if shape_errors(&value) {
                refused += 1;
                assert!(!validator.is_valid(&value), "{path} = {wrong}");
            } else {
                assert!(validator.is_valid(&value), "{path} = {wrong}");
            }
        }
    }
    assert!(refused > 200, "{refused}");
}

fn shape_errors(value: &serde_json::Value) -> bool {
    let mut problems = Problems::default();
    let file = problems.file("x".into(), value.to_string());
    let node = yaml::parse(file, &mut problems).unwrap();
    let root = super::super::shape::Shape::Object(&super::super::shape::table::ROOT);
    super::super::shape::check::check(&root, &node, "x", &mut problems);
    problems.errors() > 0
}

fn pointers(value: &serde_json::Value, at: String, paths: &mut Vec<String>) {
    match value {
        serde_json::Value::Object(entries) => {
            entries.iter().for_each(|(key, value)| pointers(value, format!("{at}/{key}"), paths));
        }
        serde_json::Value::Array(items) => {
            items
                .iter()
                .enumerate()
                .for_each(|(index, value)| pointers(value, format!("{at}/{index}"), paths));
        }
        _ => {}
    }
    if !at.is_empty() {
        paths.push(at);
    }
}
