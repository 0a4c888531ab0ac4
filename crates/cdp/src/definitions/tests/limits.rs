//! Every limit, passed by one.

use std::fmt::Write;

use super::super::limits::{MAX_DEPTH, MAX_FILE_BYTES, MAX_NAME_CHARS, MAX_PROBLEMS};
use super::super::node::Node;
use super::super::problem::Problems;
use super::super::yaml;
use super::*;

fn report(text: &str) -> Report {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join(MAIN_FILE), text).unwrap();
    match Project::load(dir.path()) {
        Ok(_) => Report::default(),
        Err(report) => report,
    }
}

fn codes(text: &str) -> Vec<&'static str> {
    report(text).problems.iter().map(|problem| problem.code).collect()
}

fn parse(text: &str) -> (Option<Node>, Problems) {
    let mut problems = Problems::default();
    let file = problems.file("x".into(), text.into());
    (yaml::parse(file, &mut problems), problems)
}

#[test]
fn nesting_is_bounded() {
    let nested = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
    assert_eq!(parse(&nested(MAX_DEPTH)).1.errors(), 0);
    assert_eq!(codes(&nested(MAX_DEPTH + 1)), ["tooDeep"]);
    // The scanner reads ahead, and has a limit of its own.
    assert_eq!(codes(&nested(100_000)), ["yamlSyntax"]);
    assert_eq!(codes(&"- ".repeat(10_000)), ["tooDeep"]);
}

#[test]
fn aliases_cannot_make_a_small_file_large() {
    let mut text = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for level in 1..=9 {
        let aliases = vec![format!("*a{}", level - 1); 10].join(", ");
        writeln!(text, "a{level}: &a{level} [{aliases}]").unwrap();
    }
    assert_eq!(codes(&text), ["tooManyValues"]);
}

#[test]
fn aliases_cannot_make_a_shallow_file_deep() {
    let mut text = String::from("a0: &a0 [x]\n");
    for level in 1..=MAX_DEPTH {
        writeln!(text, "a{level}: &a{level} [*a{}]", level - 1).unwrap();
    }
    assert_eq!(codes(&text), ["tooDeep"]);
    assert_eq!(codes("a: &a [*a]"), ["yamlSyntax"]);
}

#[test]
fn large_files_are_not_read() {
    let text = format!("instance: x\n#{}", "x".repeat(usize::try_from(MAX_FILE_BYTES).unwrap()));
    assert_eq!(codes(&text), ["fileNotRead"]);
}

#[test]
fn names_are_bounded() {
    let name = |chars: usize| format!("instance: {}", "x".repeat(chars));
    assert!(codes(&name(MAX_NAME_CHARS)).is_empty());
    assert_eq!(codes(&name(MAX_NAME_CHARS + 1)), ["nameTooLong"]);
}

#[test]
fn a_list_of_problems_ends_and_says_how_many_more_there_are() {
    let mut text = String::from("instance: x\n");
    for index in 0..MAX_PROBLEMS + 5 {
        writeln!(text, "key{index}: 1").unwrap();
    }
    let report = report(&text);
    assert_eq!((report.problems.len(), report.more), (MAX_PROBLEMS, 5));
}

#[test]
fn places_count_characters_in_any_script_and_line_end() {
    let report = report("# Größe 🎉\r\ninstance: x\r\nконтоза: 1\r\n");
    let problem = &report.problems[0];
    assert_eq!((problem.line, problem.column, problem.text.as_str()), (3, 1, "контоза"));
}

proptest::proptest! {
    #[test]
    fn no_text_makes_the_reader_fail(text in "\\PC*|[\\[\\]{}:,&*!#\\-\"' \\n\ta-c]*") {
        report(&text);
    }

    #[test]
    fn any_text_written_as_yaml_reads_back(text in "(?s).*", key in "\\PC{1,8}") {
        let value = serde_json::json!({ "x": { key.clone(): [text.clone(), { "k": text }] } });
        let yaml = super::super::write_yaml::document(value.as_object().unwrap());
        let (node, problems) = parse(&yaml);
        proptest::prop_assert_eq!(problems.errors(), 0, "{}", yaml);
        proptest::prop_assert_eq!(node.unwrap().to_json(), value, "{}", yaml);
    }
}
