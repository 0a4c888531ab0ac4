//! The cases of `testdata/expr`, one runner for all of them.

#![allow(clippy::unwrap_used, clippy::panic)] // a test that cannot go on says so

use lang::expr::{JsonContext, Template, functions};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

struct Case {
    place: String,
    template: String,
    expected: Result<Value, String>,
    context: Value,
}

fn cases() -> Vec<Case> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("testdata/expr");
    let mut cases = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "txt") {
            continue;
        }
        let mut context = json!({});
        for (number, line) in fs::read_to_string(&path).unwrap().lines().enumerate() {
            let place = format!("{}:{}", path.file_name().unwrap().display(), number + 1);
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            if let Some(json) = line.strip_prefix("context ") {
                context = serde_json::from_str(json).unwrap_or_else(|error| panic!("{place}: {error}"));
                continue;
            }
            let (template, expected) = if let Some((template, value)) = line.rsplit_once(" → ") {
                (template, Ok(serde_json::from_str(value).unwrap_or_else(|error| panic!("{place}: {error}"))))
            } else if let Some((template, message)) = line.rsplit_once(" ✗ ") {
                (template, Err(message.to_owned()))
            } else {
                panic!("{place}: neither → nor ✗");
            };
            let template = template.replace("\\n", "\n");
            cases.push(Case { place, template, expected, context: context.clone() });
        }
    }
    cases
}

fn evaluate(case: &Case) -> Result<Value, String> {
    let context = JsonContext::new(case.context.clone(), "2026-01-01T00:00:00Z".parse().unwrap()).unwrap();
    let compiled = Template::compile(&case.template);
    match compiled.template {
        Some(template) => template.evaluate(&context).map_err(|error| error.message),
        None => Err(compiled.diagnostics.iter().map(|found| format!("{found} ")).collect()),
    }
}

#[test]
fn every_case_gives_what_it_says() {
    let cases = cases();
    assert!(cases.len() > 300, "the cases were not found");
    let mut wrong = Vec::new();
    let text = |value: &Value| value.to_string();
    for case in &cases {
        let found = evaluate(case);
        let good = match (&found, &case.expected) {
            // As text: 5 and 5.0 differ, and so does the order of properties.
            (Ok(found), Ok(expected)) => text(found) == text(expected),
            (Err(found), Err(part)) => found.contains(part.as_str()),
            _ => false,
        };
        if !good {
            wrong.push(format!(
                "{} {}\n   gave {found:?}\n   not  {:?}",
                case.place, case.template, case.expected
            ));
        }
    }
    assert!(wrong.is_empty(), "{} cases:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_function_has_a_case_a_doc_line_and_an_example() {
    let mut called = BTreeSet::new();
    for case in cases() {
        for expr in Template::compile(&case.template).template.iter().flat_map(Template::exprs) {
            expr.walk(&mut |expr| {
                if let lang::expr::Node::Call { function: Some(function), .. } = &expr.node {
                    called.insert(function.name);
                }
            });
        }
    }
    for function in functions::all() {
        assert!(called.contains(function.name), "no case calls {}", function.name);
        assert!(function.doc.ends_with('.'), "{}", function.name);
        let (call, _) = function.example.split_once(" → ").unwrap_or_else(|| panic!("{}", function.example));
        let parsed = lang::expr::parse(call);
        let errors: Vec<_> = parsed.diagnostics.iter().filter(|found| found.is_error()).collect();
        assert!(errors.is_empty(), "{call}: {errors:?}");
    }
}

#[test]
fn the_examples_of_the_reference_are_true() {
    let mut checked = 0;
    for function in functions::all() {
        let Some((call, result)) = function.example.split_once(" → ") else { continue };
        let as_json = if result.starts_with('{') { result.to_owned() } else { result.replace('\'', "\"") };
        let Ok(expected) = serde_json::from_str::<Value>(&as_json) else { continue };
        let context = JsonContext::new(
            json!({"iterationIndexes": {"Until": 0}}),
            "2018-04-15T13:00:00Z".parse().unwrap(),
        );
        let context = context.unwrap();
        let random = ["guid", "listCallbackUrl", "actions", "result"].contains(&function.name);
        if random {
            continue;
        }
        let template = Template::compile(&format!("@{call}")).template.unwrap();
        assert_eq!(template.evaluate(&context).map_err(|error| error.message), Ok(expected), "{call}");
        checked += 1;
    }
    assert!(checked > 80, "only {checked} examples could be checked");
}
